"""Files that are not what they say: one error naming file, place and reason; never more."""

import contextlib
import json
import shutil
import sqlite3
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from cxldesigner.recording import schema
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.reader import RecordingReader
from tests.recording.make_recording import make

FUZZ = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("good") / "good.cxlrec", 300)


def read_everything(path: Path) -> None:
    with RecordingReader(path) as reader:
        reader.refresh()
        ticks = min(reader.ticks, 1000)
        for tick in range(0, ticks, 37):
            reader.row(tick)
            reader.page_maps(tick)
        for column in list(reader.columns)[:4]:
            reader.series(column, 0, reader.ticks, 3)
            reader.series(column, 0, reader.ticks, 300)
        reader.events(limit=1000)
        reader.migrations(limit=1000)
        reader.moved()
        reader.digest()


def refusal(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        read_everything(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert caught.value.reason
    return text


def refuse_or_read(path: Path) -> None:
    started = time.process_time()
    with contextlib.suppress(RecordingError):
        read_everything(path)
    assert time.process_time() - started < 5


def changed(good: Path, tmp_path: Path, *statements: str, values: tuple[object, ...] = ()) -> Path:
    path = tmp_path / "changed.cxlrec"
    shutil.copy(good, path)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA writable_schema=ON")
    for statement in statements:
        db.execute(statement, values if "?" in statement else ())
    db.close()
    return path


def test_the_good_file_is_good(good: Path) -> None:
    read_everything(good)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a recording"),
        (b"\x89PNG\r\n" * 100, "not a recording"),
        (b"SQLite format 3\0", "not a recording"),
        (b"SQLite format 3\0" + bytes(4080), "not a recording"),
    ],
)
def test_other_files_are_named_as_such(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.cxlrec"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.cxlrec")
    assert "directory" in refusal(tmp_path)


def test_a_newer_format_is_refused_with_its_number(good: Path, tmp_path: Path) -> None:
    text = refusal(changed(good, tmp_path, "PRAGMA user_version=7"))
    assert "format 7" in text
    assert f"up to {schema.FORMAT}" in text


def test_every_truncation_is_refused_or_read(good: Path, tmp_path: Path) -> None:
    whole = good.read_bytes()
    path = tmp_path / "short.cxlrec"
    for size in range(0, len(whole), 1531):
        path.write_bytes(whole[:size])
        refusal(path)


@FUZZ
@given(data=st.data())
def test_any_changed_bytes_are_refused_or_read(good: Path, tmp_path: Path, data) -> None:
    content = bytearray(good.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(min_size=1, max_size=8))
        content[at : at + len(piece)] = piece
    path = tmp_path / "fuzzed.cxlrec"
    path.write_bytes(content)
    refuse_or_read(path)


COLUMNS = {
    "meta": ("value",),
    "block": ("t0", "n", "crc", "data"),
    "envelope": ("id", "n", "crc", "data"),
    "event": ("tick", "kind", "text", "process", "node"),
    "migration": ("tick", "cause", "source", "target", "pages"),
    "pagemap": ("tick", "base", "layout", "crc", "data"),
}
VALUES = st.one_of(
    st.sampled_from([0, -1, 1, 16, 17, 64, 65, 2**31, 2**53, 2**63 - 1, -(2**63)]),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=40),
    st.sampled_from([b"[" * 100_000, b"{}", b"[]", b"null", b"1" * 5000, b'[["a", 1e999]]']),
    st.just(zlib.compress(bytes(50_000_000), 1)),
)


@FUZZ
@given(
    column=st.sampled_from([(t, c) for t, names in COLUMNS.items() for c in names]),
    value=VALUES,
    share=st.sampled_from(["1", "rowid % 2", "rowid = 64"]),
)
def test_any_value_in_any_column_is_refused_or_read(
    good: Path, tmp_path: Path, column: tuple[str, str], value: object, share: str
) -> None:
    table, name = column
    where = "1" if table == "meta" else share
    statement = f"UPDATE OR IGNORE {table} SET {name} = ? WHERE {where}"
    try:
        path = changed(good, tmp_path, statement, values=(value,))
    except sqlite3.IntegrityError:
        reject()  # SQLite itself keeps other than whole numbers out of a row's number
    refuse_or_read(path)


@pytest.mark.parametrize("key", ["about", "columns", "document", "state"])
def test_a_missing_description_is_named(good: Path, tmp_path: Path, key: str) -> None:
    text = refusal(changed(good, tmp_path, f"DELETE FROM meta WHERE key = '{key}'"))
    assert f"meta: {key}: is missing" in text


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("about", [1], "not what a recording says"),
        ("about", {"scenario": 3}, "no text"),
        ("about", {"scenario": "", "engine": "", "seed": 1, "tick_ms": 0}, "no whole number"),
        ("about", {"scenario": "", "engine": "", "seed": True}, "no whole number"),
        ("columns", {"a": 1}, "not a list"),
        ("columns", ["a"], "wrong type"),
        ("columns", [{"name": "a", "unit": "", "label": ""}] * 2, "twice"),
        ("columns", [{"name": str(n), "unit": "", "label": ""} for n in range(5000)], "4096"),
        ("state", {"complete": 1, "summary": {}}, "wrong type"),
        ("state", {"complete": True, "summary": {"a": "b"}}, "no number"),
        ("state", {"complete": True, "summary": {"a": 10**400}}, "no number"),
    ],
)
def test_a_wrong_description_is_refused(
    good: Path, tmp_path: Path, key: str, value: object, reason: str
) -> None:
    statement = f"UPDATE meta SET value = ? WHERE key = '{key}'"
    path = changed(good, tmp_path, statement, values=(json.dumps(value).encode(),))
    assert reason in refusal(path)


def test_a_damaged_block_is_named_and_the_others_are_read(good: Path, tmp_path: Path) -> None:
    path = changed(good, tmp_path, "UPDATE block SET crc = crc + 1 WHERE t0 = 64")
    assert "ticks 64-127: is damaged: checksum differs" in refusal(path)
    with RecordingReader(path) as reader:
        reader.row(63)
        reader.row(128)


def test_a_decompression_bomb_inflates_to_no_more_than_its_place(good: Path, tmp_path) -> None:
    crc, data = schema.pack(bytes(500_000_000))
    path = changed(
        good, tmp_path, f"UPDATE block SET crc = {crc}, data = ? WHERE t0 = 0", values=(data,)
    )
    started = time.process_time()
    assert "does not hold" in refusal(path)
    assert time.process_time() - started < 1


def test_a_giant_tick_number_does_not_make_a_giant_array(good: Path, tmp_path: Path) -> None:
    path = changed(good, tmp_path, f"UPDATE block SET t0 = {2**40 - 64} WHERE t0 = 256")
    refusal(path)
    with RecordingReader(path) as reader:
        for points in (1, 1000):
            with pytest.raises(RecordingError):
                reader.series("node0.free", 0, reader.ticks, points)


ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)"
    " SELECT i * 64 AS t0, 64 AS n, 0 AS crc, x'' AS data FROM n"
)


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE block", f"CREATE VIEW block AS {ENDLESS}"),
        ("CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END",),
        ("DROP TABLE pagemap",),
        ("CREATE TABLE more (a)",),
        ("DROP INDEX event_tick", "CREATE INDEX event_tick ON event (tick) WHERE tick > 3"),
        ("DROP TABLE event", "CREATE VIRTUAL TABLE event USING fts5(kind)"),
        (
            "ALTER TABLE block ADD COLUMN more AS (zeroblob(1000000000))",
        ),
    ],
)  # fmt: skip
def test_other_tables_than_a_recording_has_are_refused(
    good: Path, tmp_path: Path, statements: tuple[str, ...]
) -> None:
    started = time.process_time()
    assert "does not have the tables" in refusal(changed(good, tmp_path, *statements))
    assert time.process_time() - started < 1


def test_a_view_under_a_table_s_text_is_refused(good: Path, tmp_path: Path) -> None:
    text = schema.TABLES["block"].replace("'", "''")
    path = changed(
        good,
        tmp_path,
        f"CREATE VIEW v AS {ENDLESS}",
        "DELETE FROM sqlite_schema WHERE name = 'block'",
        f"UPDATE sqlite_schema SET name = 'block', tbl_name = 'block', sql = '{text}'"
        " WHERE name = 'v'",
    )
    refusal(path)


def test_a_slow_query_is_stopped(good: Path) -> None:
    sql = f"SELECT max(t0) FROM ({ENDLESS})"
    with RecordingReader(good) as reader, pytest.raises(RecordingError, match="takes too long"):
        reader._file.query(sql, place="blocks", limit=1, seconds=0.1)


def test_a_write_ahead_file_of_garbage_changes_nothing(good: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(good, tmp_path / "a.cxlrec"))
    Path(f"{path}-wal").write_bytes(b"7\x7f\x06\x82" + bytes(range(256)) * 200)
    with RecordingReader(path) as reader, RecordingReader(good) as whole:
        assert reader.digest() == whole.digest()
