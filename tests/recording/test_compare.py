"""Two recordings on one time axis."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cxldesigner.recording.compare import Comparison, tick_at
from cxldesigner.recording.model import Column
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.recording.writer import RecordingWriter
from tests.recording.make_recording import meta


def ramp(path: Path, ticks: int, tick_ms: int, step: float, other: str) -> RecordingReader:
    """Return a recording of ``node0.free`` rising by ``step`` a tick, and another column."""
    columns = (Column(other, "pages"), Column("node0.free", "pages"))
    writer = RecordingWriter(path, replace(meta(), tick_ms=tick_ms, columns=columns))
    for tick in range(ticks):
        writer.tick([0.0, tick * step])
    writer.finish()
    return RecordingReader(path)


@pytest.fixture
def comparison(tmp_path: Path):
    with (
        ramp(tmp_path / "a.cxlrec", 100, 100, 1.0, "node1.free") as first,
        ramp(tmp_path / "b.cxlrec", 600, 50, 1.0, "node2.free") as second,
    ):
        yield Comparison(first, second)


def test_only_common_columns_are_compared(comparison: Comparison) -> None:
    assert [c.name for c in comparison.columns] == ["node0.free"]
    assert comparison.only_first == ("node1.free",)
    assert comparison.only_second == ("node2.free",)


def test_values_are_taken_at_the_same_time(comparison: Comparison) -> None:
    (difference,) = comparison.at(5_020)
    assert (difference.first, difference.second, difference.change) == (50.0, 100.0, 50.0)


def test_a_side_that_has_ended_keeps_its_last_values(comparison: Comparison) -> None:
    (difference,) = comparison.at(20_000)
    assert (difference.first, difference.second) == (99.0, 400.0)
    assert comparison.duration_ms == 30_000
    assert tick_at(comparison.first, -5) == 0


def test_series_share_the_axis(comparison: Comparison) -> None:
    first, second = comparison.series("node0.free", 1_000, 2_000)
    np.testing.assert_array_equal(first.ms, np.arange(1_000, 2_000, 100))
    np.testing.assert_array_equal(second.ms, np.arange(1_000, 2_000, 50))
    np.testing.assert_array_equal(second.low, np.arange(20.0, 40.0))

    first, second = comparison.series("node0.free", 12_000, 14_000)
    assert len(first.ms) == 0
    assert len(second.ms) == 40
