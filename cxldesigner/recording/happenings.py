"""Events and migrations of a recording, read in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.recording import schema
from cxldesigner.recording.file import RecordingFile, Row
from cxldesigner.recording.model import Cause, Event, Migration

_BATCH = 10_000
_MAX_FLOWS = 10_000
_SUM_SECONDS = 60.0
_CAUSES = {cause.value: cause for cause in Cause}


def read_events(file: RecordingFile, t0: int, t1: int, limit: int) -> Iterator[list[Event]]:
    """Yield the events of ticks ``[t0, t1)`` in the order they happened, at most ``limit``."""
    columns = "id, tick, kind, text, process, node"
    for rows in _batches(file, "event", columns, t0, t1, limit):
        yield [_event(file, row) for row in rows]


def read_migrations(file: RecordingFile, t0: int, t1: int, limit: int) -> Iterator[list[Migration]]:
    """Yield the migrations of ticks ``[t0, t1)`` in the order they happened, at most ``limit``."""
    columns = "id, tick, cause, source, target, pages"
    for rows in _batches(file, "migration", columns, t0, t1, limit):
        yield [_migration(file, row) for row in rows]


def read_moved(file: RecordingFile) -> dict[tuple[Cause, int, int], int]:
    """Return pages moved in the whole run by cause, source and target node."""
    rows = file.query(
        "SELECT cause, source, target, sum(pages) FROM migration GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        place="migrations",
        limit=_MAX_FLOWS,
        seconds=_SUM_SECONDS,
    )
    moved: dict[tuple[Cause, int, int], int] = {}
    for row in rows:
        match row:
            case (str(cause), int(source), int(target), int(pages)) if cause in _CAUSES:
                moved[_CAUSES[cause], source, target] = pages
            case _:
                raise file.error("migrations", "has values of the wrong type")
    return moved


def _batches(
    file: RecordingFile, table: str, columns: str, t0: int, t1: int, limit: int
) -> Iterator[list[Row]]:
    at, last = max(0, min(t0, schema.MAX_TICKS)), -1
    end = max(0, min(t1, schema.MAX_TICKS))
    while limit > 0:
        count = min(_BATCH, limit)
        rows = file.query(
            f"SELECT {columns} FROM {table} WHERE (tick, id) > (?, ?) AND tick < ?"
            " ORDER BY tick, id LIMIT ?",
            (at, last, end, count),
            place=f"{table}s",
            limit=count,
        )
        yield rows
        if len(rows) < count:
            return
        limit -= count
        key = rows[-1][:2]
        if not all(isinstance(value, int) for value in key) or key <= (at, last):
            raise file.error(f"{table}s", "has values of the wrong type")
        last, at = key


def _event(file: RecordingFile, row: Row) -> Event:
    match row:
        case (int(), int(tick), str(kind), str(text), str(process), int(node)) if tick >= 0:
            return Event(tick, kind, text, process, node)
    raise file.error(f"event {row[0]}", "has values of the wrong type")


def _migration(file: RecordingFile, row: Row) -> Migration:
    match row:
        case (int(), int(tick), str(cause), int(source), int(target), int(pages)) if (
            tick >= 0 and cause in _CAUSES and pages >= 0
        ):
            return Migration(tick, _CAUSES[cause], source, target, pages)
    raise file.error(f"migration {row[0]}", "has values of the wrong type")
