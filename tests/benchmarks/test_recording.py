"""What recording, scrubbing and charting cost, as processor time."""

import time
from pathlib import Path

import numpy as np
import pytest

from cxldesigner.recording.reader import RecordingReader
from cxldesigner.recording.writer import RecordingWriter
from tests.recording import make_recording as given

TICKS, COLUMNS = 6_000, 150
SCRUB_MS = 16.0
TICK_MS = 2.0


pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """Return a ten-minute recording and what a tick of it cost to write, ms."""
    path = tmp_path_factory.mktemp("bench") / "ten-minutes.cxlrec"
    random = np.random.default_rng(5)
    writer = RecordingWriter(path, given.meta(COLUMNS))
    rows = np.cumsum(random.integers(-50, 51, (TICKS, COLUMNS)), axis=0).astype(np.float64)
    started = time.process_time()
    for tick in range(TICKS):
        events, migrations = given.events(tick), given.migrations(tick)
        writer.tick(rows[tick], events, migrations, given.maps(tick))
    writer.finish()
    return path, (time.process_time() - started) / TICKS * 1000


def test_scrubbing_ten_minutes_takes_a_frame(written, figures) -> None:
    costs = []
    ticks = np.random.default_rng(1).integers(0, TICKS, 300)
    with RecordingReader(written[0]) as reader:
        names = list(reader.columns)[:12]
        for tick in map(int, ticks):
            started = time.process_time()
            reader.row(tick)
            reader.page_maps(tick)
            reader.events(max(0, tick - 50), tick + 50)
            for name in names:
                reader.series(name, tick - 300, tick + 300, 600)
            costs.append((time.process_time() - started) * 1000)
    figures.limit("recording, rows around a moment, p95", np.percentile(costs, 95), SCRUB_MS)


def test_a_whole_run_is_charted_within_a_frame(written, figures) -> None:
    with RecordingReader(written[0]) as reader:
        names = list(reader.columns)[:12]
        reader.series(names[0], 0, TICKS, 800)
        started = time.process_time()
        for name in names:
            reader.series(name, 0, TICKS, 800)
        cost = (time.process_time() - started) * 1000
    figures.limit("recording, 12 series of ten minutes", cost, SCRUB_MS)


def test_recording_a_tick_is_cheap(written, figures) -> None:
    figures.tell("recording, file of ten minutes", written[0].stat().st_size / 1e6, "MB")
    figures.limit("recording, write a tick", written[1], TICK_MS)
