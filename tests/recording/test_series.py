"""Series from envelopes: never wrong, never too many points."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxldesigner.recording import schema
from cxldesigner.recording.envelope import bounds, top_level
from cxldesigner.recording.reader import RecordingReader
from tests.recording.make_recording import COLUMNS, make, row

TICKS = 5000


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory):
    with RecordingReader(make(tmp_path_factory.mktemp("series") / "a.cxlrec", TICKS)) as reader:
        yield reader


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.array([row(tick) for tick in range(TICKS)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    column=st.sampled_from(COLUMNS),
    ends=st.tuples(st.integers(-10, TICKS + 10), st.integers(-10, TICKS + 10)),
    points=st.integers(1, 700),
)
def test_points_bound_the_values_they_stand_for(reader, rows, column, ends, points) -> None:
    t0, t1 = sorted(ends)
    ticks, low, high = reader.series(column, t0, t1, points)

    t0, t1 = max(0, t0), min(t1, TICKS)
    assert len(ticks) == len(low) == len(high) <= points
    if t0 >= t1:
        assert not len(ticks)
        return
    assert ticks[0] == t0
    assert np.all(np.diff(ticks) > 0)
    values = rows[:, COLUMNS.index(column)]
    whole = t1 - t0 <= 8 * points  # below that, exactly these ticks; above, whole buckets
    for at, start in enumerate(ticks):
        stop = ticks[at + 1] if at + 1 < len(ticks) else t1
        part = values[start:stop]
        lowest, highest = np.fmin.reduce(part), np.fmax.reduce(part)
        if whole:
            np.testing.assert_equal((low[at], high[at]), (lowest, highest))
        elif not np.isnan(lowest):
            assert low[at] <= lowest <= highest <= high[at]


def test_inner_points_of_a_coarse_series_are_exact(reader, rows) -> None:
    ticks, low, high = reader.series("node0.free", 0, TICKS, 20)

    cuts = [*ticks, TICKS]
    for at, (start, stop) in enumerate(pairwise(cuts)):
        assert (low[at], high[at]) == (rows[start:stop, 0].min(), rows[start:stop, 0].max())
    assert 10 <= len(ticks) <= 20


def test_a_fine_series_is_the_values_themselves(reader, rows) -> None:
    ticks, low, high = reader.series("node1.free", 100, 400, 1000)

    np.testing.assert_array_equal(ticks, np.arange(100, 400))
    np.testing.assert_array_equal(low, rows[100:400, 1])
    np.testing.assert_array_equal(high, low)


def test_every_level_is_the_bounds_of_the_rows(reader, rows) -> None:
    assert top_level(TICKS) == 3
    for level in (1, 2, 3):
        size = schema.FACTOR**level
        stored = reader._column_chunks(level, 0, 0, -(-TICKS // size))
        np.testing.assert_array_equal(stored, bounds(rows, size)[:, :, 0])


def test_blocks_do_not_cross_chunks() -> None:
    assert schema.FACTOR**2 % schema.BLOCK_TICKS == 0
    assert schema.BLOCK_TICKS % schema.FACTOR == 0
