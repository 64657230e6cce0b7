"""A recording is read while it grows, and survives its writer."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from cxldesigner.recording import trailer
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.recording.writer import RecordingWriter
from tests.recording import make_recording as given


def test_a_reader_follows_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.cxlrec"
    writer = RecordingWriter(path, given.meta())
    with RecordingReader(path) as reader:
        assert (reader.ticks, reader.meta.complete, reader.refresh()) == (0, False, False)
        done = 0
        for stop in (1, 17, 18, 64, 70, 255, 256, 300, 1030):
            given.fill(writer, done, stop)
            writer.commit()
            done = stop
            assert reader.refresh()
            assert reader.ticks == stop
            np.testing.assert_array_equal(reader.row(stop - 1), given.row(stop - 1))
            ticks, low, high = reader.series("node0.free", 0, stop, 4)
            values = np.array([given.row(t)[0] for t in range(stop)])
            for at, start in enumerate(ticks):
                part = values[start : ticks[at + 1] if at + 1 < len(ticks) else stop]
                assert (low[at], high[at]) == (part.min(), part.max())
            assert reader.page_maps(stop - 1) == given.maps((stop - 1) // 4 * 4)

        writer.commit()
        assert not reader.refresh()
        writer.close()


def test_finishing_under_a_live_reader_gives_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.cxlrec"
    child = subprocess.Popen([sys.executable, given.__file__, str(path), "2000"])
    reader = _open_when_there(path)
    until = time.monotonic() + 30
    while not reader.meta.complete and time.monotonic() < until:
        reader.refresh()
        if reader.ticks:
            reader.row(reader.ticks - 1)
        time.sleep(0.01)

    assert child.wait(30) == 0
    assert reader.meta.complete
    assert reader.ticks == 2000
    assert not list(tmp_path.glob("a.cxlrec-*"))
    np.testing.assert_array_equal(reader.row(1999), given.row(1999))
    reader.close()


def test_a_killed_writer_leaves_all_committed_ticks_in_the_main_file(tmp_path: Path) -> None:
    for attempt in range(10):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        path = folder / "a.cxlrec"
        child = subprocess.Popen(
            [sys.executable, given.__file__, str(path)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(2 + attempt // 3):
            safe = int(child.stdout.readline())
        time.sleep(0.0013 * attempt)
        child.kill()
        child.wait()
        for line in child.stdout.read().split():
            safe = int(line)
        child.stdout.close()
        alone = tmp_path / f"alone{attempt}.cxlrec"
        shutil.copy(path, alone)

        for copy in (alone, path):
            with RecordingReader(copy) as reader:
                assert reader.ticks >= safe
                assert not reader.meta.complete
                for tick in range(reader.ticks):
                    np.testing.assert_array_equal(reader.row(tick), given.row(tick))
                assert [e for t in range(reader.ticks) for e in given.events(t)] == reader.events()
                assert reader.digest()


def test_a_main_file_torn_at_any_page_is_whole(tmp_path: Path, monkeypatch) -> None:
    """Copy the main file before, and mix it with the one after, at every page of a checkpoint."""
    path = tmp_path / "a.cxlrec"
    with RecordingWriter(path, given.meta()) as writer:
        given.fill(writer, 0, 200)
        writer.commit()
        given.fill(writer, 200, 330)
        taken = {}
        append = trailer.append

        def keep_the_file_before_the_checkpoint(main, wal, database_bytes) -> None:
            append(main, wal, database_bytes)
            taken["before"] = path.read_bytes()

        monkeypatch.setattr(trailer, "append", keep_the_file_before_the_checkpoint)
        writer.commit()
        monkeypatch.undo()
        before, after = taken["before"], path.read_bytes()
        digest = _digest(path)

    assert len(before) > len(after)
    torn = tmp_path / "torn.cxlrec"
    for cut in range(0, len(after) + 1, 4096):
        torn.write_bytes(after[:cut] + before[cut:])
        assert _digest(torn) == digest
    assert _digest(torn) == digest
    torn.write_bytes(before[: len(before) - 5])  # killed while appending: the commit before
    with RecordingReader(torn) as reader:
        assert reader.ticks >= 200
        np.testing.assert_array_equal(reader.row(199), given.row(199))


def test_a_copy_in_a_folder_that_cannot_be_written_opens(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "a.cxlrec", given.meta()) as writer:
        given.fill(writer, 0, 100)
        writer.commit()
        folder = tmp_path / "fixed"
        folder.mkdir()
        shutil.copy(tmp_path / "a.cxlrec", folder)
        folder.chmod(0o500)
        try:
            with RecordingReader(folder / "a.cxlrec") as reader:
                assert reader.ticks == 100
        finally:
            folder.chmod(0o700)


def _digest(path: Path) -> str:
    with RecordingReader(path) as reader:
        return reader.digest()


def _open_when_there(path: Path) -> RecordingReader:
    until = time.monotonic() + 30
    while not (path.exists() and path.stat().st_size > 4096):
        assert time.monotonic() < until
        time.sleep(0.005)
    return RecordingReader(path)
