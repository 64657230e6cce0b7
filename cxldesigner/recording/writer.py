"""Writing a recording while it happens.

One writer a file. Rows collect in blocks of 64 ticks; a commit (every 0.5 s or 60 ticks) also
writes the block under way, so a reader in another process sees the newest ticks. The file is in
write-ahead mode, in which readers never wait for the writer; every commit is copied into the main
file at once, so that the main file alone holds all committed ticks
(:mod:`cxldesigner.recording.trailer` sees to the time in between).
:meth:`RecordingWriter.finish` turns it into an ordinary single file.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from cxldesigner.recording import pagemaps, schema, trailer
from cxldesigner.recording.envelope import Chunk, Floats, Pyramid
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.model import Event, Meta, Migration, PageMap

COMMIT_SECONDS = 0.5
COMMIT_TICKS = 60
FINISH_SECONDS = 3.0
"""How long :meth:`RecordingWriter.finish` waits for live readers to let go of the side files."""

_PAGE_BYTES = 4096
SIDE_FILES = ("-wal", "-shm", "-journal")


class RecordingWriter:
    """The one writer of a new recording at ``path``; an old file there is replaced.

    Attributes
    ----------
    ticks : rows taken so far.
    committed : rows that survive the end of this process.

    Raises
    ------
    RecordingError
        From every method, when the file cannot be written (full disk, missing folder).
    """

    def __init__(self, path: Path, meta: Meta) -> None:
        self._path = Path(path)
        self.ticks = 0
        self.committed = 0
        self._meta = meta
        self._rows: Floats = np.zeros((schema.BLOCK_TICKS, len(meta.columns)))
        self._pyramid = Pyramid(len(meta.columns))
        self._events: list[Event] = []
        self._migrations: list[Migration] = []
        self._sample: tuple[bytes, bytes, int, int] | None = None
        self._last_commit = time.monotonic()
        self._db: sqlite3.Connection | None = None
        self._main: FileIO | None = None
        with self._reporting():
            for side in ("", *SIDE_FILES):
                Path(f"{self._path}{side}").unlink(missing_ok=True)
            self._db = sqlite3.connect(self._path, isolation_level=None, timeout=0.25)
            try:
                self._create(self._db)
            except (sqlite3.Error, OSError):
                self._let_go()
                raise

    def _create(self, db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        # The end of this process loses nothing either way; waiting for the disk ten times a second
        # would only guard against power cuts, and a run can be played again. finish() waits.
        db.execute("PRAGMA synchronous=OFF")
        self._main = FileIO(self._path, "r+")
        db.execute("BEGIN IMMEDIATE")
        db.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={schema.FORMAT}")
        for text in schema.TABLES.values():
            db.execute(text)
        meta = self._meta
        about = {
            "scenario": meta.scenario,
            "seed": meta.seed,
            "tick_ms": meta.tick_ms,
            "granule_pages": meta.granule_pages,
            "engine": meta.engine,
        }
        columns = [asdict(column) for column in meta.columns]
        self._put_meta("about", json.dumps(about).encode())
        self._put_meta("columns", json.dumps(columns, ensure_ascii=False).encode())
        self._put_meta("document", meta.document)
        self._put_meta("state", _state_bytes(complete=False, summary={}))
        db.execute("COMMIT")
        self._checkpoint()

    def tick(
        self,
        row: npt.NDArray[np.float64] | Sequence[float],
        events: Iterable[Event] = (),
        migrations: Iterable[Migration] = (),
        page_maps: Sequence[PageMap] = (),
    ) -> None:
        """Take the row of the next tick and what happened in it.

        ``row`` is float64 ``[columns]``. ``page_maps`` empty: not sampled in this tick. Events and
        migrations carry their own tick.
        """
        self._rows[self.ticks % schema.BLOCK_TICKS] = row
        self.ticks += 1
        self._events.extend(events)
        self._migrations.extend(migrations)
        with self._reporting():
            if page_maps:
                self._write_sample(page_maps)
            if self.ticks % schema.BLOCK_TICKS == 0:
                self._write_block()
        if (
            self.ticks - self.committed >= COMMIT_TICKS
            or time.monotonic() - self._last_commit >= COMMIT_SECONDS
        ):
            self.commit()

    def commit(self) -> None:
        """Make everything so far durable and visible to readers now."""
        with self._reporting():
            self._flush()
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
                self._checkpoint()
        self.committed = self.ticks
        self._last_commit = time.monotonic()

    def finish(self, summary: Mapping[str, float] | None = None) -> None:
        """Commit, mark the recording complete with its results, make it one plain file, close."""
        self.commit()
        with self._reporting():
            self._connection.execute("PRAGMA synchronous=FULL")
            # In a commit of its own, after all data is in the main file: a reader that sees the
            # mark may read the main file without locks.
            self._begin()
            self._put_meta("state", _state_bytes(complete=True, summary=dict(summary or {})))
            self._connection.execute("COMMIT")
            self._checkpoint()
            self._leave_write_ahead_mode()
            if self._main is not None:
                os.fsync(self._main.fileno())
        self.close()

    def close(self) -> None:
        """Commit what there is and close, without marking the recording complete."""
        if self._db is None:
            return
        try:
            self.commit()
        finally:
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise RecordingError(str(self._path), "", "cannot be written: it is closed")
        return self._db

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")

    def _flush(self) -> None:
        if self._events or self._migrations:
            self._begin()
        self._connection.executemany(
            "INSERT INTO event (tick, kind, text, process, node) VALUES (?, ?, ?, ?, ?)",
            [(e.tick, e.kind, e.text[: schema.MAX_TEXT], e.process, e.node) for e in self._events],
        )
        self._connection.executemany(
            "INSERT INTO migration (tick, cause, source, target, pages) VALUES (?, ?, ?, ?, ?)",
            [(m.tick, m.cause.value, m.source, m.target, m.pages) for m in self._migrations],
        )
        self._events.clear()
        self._migrations.clear()
        if self.ticks % schema.BLOCK_TICKS and self.ticks > self.committed:
            self._write_block()
        if self.ticks > self.committed:
            for chunk in self._pyramid.tail():
                self._write_chunk(chunk)

    def _write_block(self) -> None:
        t0 = (self.ticks - 1) // schema.BLOCK_TICKS * schema.BLOCK_TICKS
        rows = self._rows[: self.ticks - t0]
        self._begin()
        crc, data = schema.pack(np.ascontiguousarray(rows.T, "<f8").tobytes())
        self._connection.execute(
            "REPLACE INTO block (t0, n, crc, data) VALUES (?, ?, ?, ?)", (t0, len(rows), crc, data)
        )
        for chunk in self._pyramid.update(t0, rows):
            self._write_chunk(chunk)

    def _write_chunk(self, chunk: Chunk) -> None:
        crc, data = schema.pack(np.ascontiguousarray(chunk.values, "<f8").tobytes())
        self._connection.execute(
            "REPLACE INTO envelope (id, n, crc, data) VALUES (?, ?, ?, ?)",
            (schema.envelope_id(chunk.level, chunk.number), chunk.values.shape[1], crc, data),
        )

    def _write_sample(self, maps: Sequence[PageMap]) -> None:
        tick = self.ticks - 1
        layout, body = pagemaps.layout_bytes(maps), pagemaps.body_bytes(maps)
        old = self._sample
        if old is not None and old[0] == layout and old[3] < schema.KEYFRAME_SAMPLES:
            base, count, stored = old[2], old[3] + 1, pagemaps.xor(old[1], body)
        else:
            base, count, stored = tick, 1, body
        self._sample = (layout, body, base, count)
        crc, data = schema.pack(stored)
        self._begin()
        self._connection.execute(
            "INSERT INTO pagemap (tick, base, layout, crc, data) VALUES (?, ?, ?, ?, ?)",
            (tick, base, layout, crc, data),
        )

    def _put_meta(self, key: str, value: bytes) -> None:
        self._connection.execute("REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def _checkpoint(self) -> None:
        """Copy the commit into the main file; a reader in the middle of reading may defer it."""
        if self._main is not None:
            pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
            trailer.append(self._main, Path(f"{self._path}-wal"), pages * _PAGE_BYTES)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _let_go(self) -> None:
        # In this order: closing our stream first would drop the locks of SQLite's.
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._main is not None:
            self._main.close()
            self._main = None

    def _leave_write_ahead_mode(self) -> None:
        until = time.monotonic() + FINISH_SECONDS
        while True:
            # "database is locked": a live reader is there. It lets go when it sees the mark; if it
            # does not in time, the main file is whole all the same.
            with contextlib.suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA journal_mode=DELETE").fetchall()
                return
            if time.monotonic() > until:
                return
            time.sleep(0.05)

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RecordingError(str(self._path), "", f"cannot be written: {error}") from error


def _state_bytes(*, complete: bool, summary: Mapping[str, float]) -> bytes:
    return json.dumps({"complete": complete, "summary": summary}).encode()
