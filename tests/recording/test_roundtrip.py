"""What is written is read, at any length, finished or not."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from cxldesigner.recording import schema
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.model import Cause, Event
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.recording.writer import RecordingWriter
from tests.recording import make_recording as given


@pytest.mark.parametrize("ticks", [0, 1, 15, 16, 63, 64, 65, 256, 300])
def test_rows_come_back_exactly(tmp_path: Path, ticks: int) -> None:
    path = given.make(tmp_path / "a.cxlrec", ticks)

    with RecordingReader(path) as reader:
        assert reader.ticks == ticks
        for tick in range(ticks):
            np.testing.assert_array_equal(reader.row(tick), given.row(tick))
        for tick in (-1, ticks):
            with pytest.raises(IndexError, match=str(ticks)):
                reader.row(tick)


def test_meta_comes_back(tmp_path: Path) -> None:
    with RecordingReader(given.make(tmp_path / "a.cxlrec", 3)) as reader:
        assert reader.meta == given.meta(complete=True, summary={"ticks": 3.0})
        assert reader.document() == given.meta().document
        assert reader.value("node1.free", 2) == given.row(2)[1]
        with pytest.raises(KeyError):
            reader.value("node9.free", 2)


def test_events_and_migrations_come_back_by_range(tmp_path: Path) -> None:
    with RecordingReader(given.make(tmp_path / "a.cxlrec", 300)) as reader:
        assert reader.events() == [e for t in range(300) for e in given.events(t)]
        assert reader.events(40, 120) == [e for t in range(40, 120) for e in given.events(t)]
        assert reader.migrations(9, 31) == [m for t in range(9, 31) for m in given.migrations(t)]
        assert reader.migrations(0, 300, limit=3) == reader.migrations()[:3]


def test_moved_pages_are_summed_by_cause_and_nodes(tmp_path: Path) -> None:
    with RecordingReader(given.make(tmp_path / "a.cxlrec", 300)) as reader:
        moved = reader.moved()
    assert moved == {
        (Cause.DEMOTION_KSWAPD, 0, 1): sum(t + 1 for t in range(0, 300, 3)),
        (Cause.PROMOTION, 1, 0): 500,
    }


def test_page_maps_come_back_in_any_order(tmp_path: Path) -> None:
    order = np.random.default_rng(3).permutation(300)
    with RecordingReader(given.make(tmp_path / "a.cxlrec", 300)) as reader:
        for tick in [*order, *range(300)]:
            assert reader.page_maps(int(tick)) == given.maps(int(tick) // 4 * 4)


def test_page_maps_are_stored_as_differences(tmp_path: Path) -> None:
    path = given.make(tmp_path / "a.cxlrec", 600)

    with sqlite3.connect(path) as db:
        keyframes, samples = db.execute("SELECT sum(tick = base), count(*) FROM pagemap").fetchone()
    db.close()

    assert samples == 150
    assert keyframes == 1 + 1 + 4  # a process comes, it goes, and every 32 samples


def test_a_finished_recording_is_one_plain_file(tmp_path: Path) -> None:
    path = given.make(tmp_path / "a.cxlrec", 100)

    assert [p.name for p in tmp_path.iterdir()] == ["a.cxlrec"]
    header = path.read_bytes()[:100]
    assert header[18:20] == b"\x01\x01"  # rollback journal, not write-ahead
    assert int.from_bytes(header[60:64]) == schema.FORMAT
    assert header[68:72] == b"CXLR"


def test_reading_leaves_no_files_behind(tmp_path: Path) -> None:
    path = given.make(tmp_path / "a.cxlrec", 100)

    with RecordingReader(path) as reader:
        reader.digest()
        assert [p.name for p in tmp_path.iterdir()] == ["a.cxlrec"]


def test_the_digest_is_of_the_content_not_the_layout(tmp_path: Path) -> None:
    plain = given.make(tmp_path / "a.cxlrec", 200)
    with RecordingWriter(tmp_path / "b.cxlrec", given.meta()) as writer:
        for tick in range(200):
            given.fill(writer, tick, tick + 1)
            writer.commit()
    with RecordingWriter(tmp_path / "c.cxlrec", given.meta()) as writer:
        given.fill(writer, 0, 199)
        changed = given.row(199)
        changed[0] = np.nextafter(changed[0], 0)
        writer.tick(changed, given.events(199), given.migrations(199))
    with RecordingWriter(tmp_path / "d.cxlrec", given.meta()) as writer:
        given.fill(writer, 0, 200)
        writer.tick(given.row(200), [Event(3, "oom", "late")])

    digests = []
    for path in (plain, *(tmp_path / f"{name}.cxlrec" for name in "bcd")):
        with RecordingReader(path) as reader:
            digests.append(reader.digest())

    assert digests[0] == digests[1]
    assert len({*digests}) == 3


def test_an_old_recording_is_replaced(tmp_path: Path) -> None:
    path = given.make(tmp_path / "a.cxlrec", 500)
    given.make(path, 5)

    with RecordingReader(path) as reader:
        assert reader.ticks == 5


def test_a_row_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    with (
        RecordingWriter(tmp_path / "a.cxlrec", given.meta()) as writer,
        pytest.raises(ValueError, match="shape"),
    ):
        writer.tick([1.0, 2.0])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none/a\.cxlrec: cannot be written"):
        RecordingWriter(tmp_path / "none" / "a.cxlrec", given.meta())


def test_a_closed_writer_says_so(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.cxlrec", given.meta())
    writer.close()
    writer.close()
    with pytest.raises(RecordingError, match="closed"):
        writer.commit()
