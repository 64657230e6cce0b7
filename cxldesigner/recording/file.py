"""Opening and querying a recording file that may be anything.

Nothing in the file is trusted: it is opened read-only, its header is judged before SQLite sees it,
its schema must be exactly ours (so no view, trigger or virtual table can run), values and results
are bounded, and a query that takes too long is stopped. Every failure is a :class:`RecordingError`.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cxldesigner.recording import schema, trailer
from cxldesigner.recording.errors import RecordingError

QUERY_SECONDS = 5.0
_STEPS_BETWEEN_LOOKS = 20_000
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100

Row = tuple[Any, ...]


class RecordingFile:
    """A read-only connection to a recording; bounded queries, errors with a place."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.name = str(path)
        self._deadline = 0.0
        self._lies_at = self.path
        self._folder: TemporaryDirectory[str] | None = None
        self._judge_header()
        try:
            self._db = self._open()
        except RecordingError:
            self._clean_up()
            raise

    def query(
        self,
        sql: str,
        args: tuple[Any, ...] = (),
        *,
        place: str,
        limit: int,
        seconds: float = QUERY_SECONDS,
    ) -> list[Row]:
        """Return at most ``limit`` rows; no read transaction stays open."""
        self._deadline = time.monotonic() + seconds
        try:
            cursor = self._db.execute(sql, args)
            try:
                return cursor.fetchmany(limit)
            finally:
                cursor.close()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise self.error(place, "takes too long to read; the file is damaged") from error
            raise self.error(place, f"cannot be read: {error}") from error
        except sqlite3.Error as error:
            raise self.error(place, f"is damaged: {error}") from error
        except (ValueError, OverflowError, MemoryError) as error:
            raise self.error(place, "has values no recording has") from error

    def error(self, place: str, reason: str) -> RecordingError:
        """Return the error that says ``reason`` of a place in this file."""
        return RecordingError(self.name, place, reason)

    def reopen(self, *, immutable: bool) -> None:
        """Open the file again: ``immutable`` as it lies, holding no lock; else as one growing."""
        self._db.close()
        try:
            self._db = self._connect(immutable=immutable)
        except sqlite3.Error as error:
            raise self.error("", f"cannot be opened: {error}") from error

    def close(self) -> None:
        """Close; further queries raise."""
        self._db.close()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _judge_header(self) -> None:
        try:
            with self.path.open("rb") as stream:
                header = stream.read(_HEADER_BYTES)
        except OSError as error:
            raise self.error("", f"cannot be opened: {error.strerror or error}") from error
        if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
            raise self.error("header", "is not a recording (no SQLite file)")
        user_version, application_id = struct.unpack_from(">I4xI", header, 60)
        if application_id != schema.APPLICATION_ID:
            raise self.error("header", "is an SQLite file, but not a recording")
        if user_version > schema.FORMAT:
            raise self.error(
                "header",
                f"is a recording of format {user_version}; this program reads up to"
                f" {schema.FORMAT}: use a newer one",
            )
        if user_version < 1:
            raise self.error("header", f"has no known format ({user_version})")

    def _open(self) -> sqlite3.Connection:
        # Without a write-ahead file nobody is writing: read the file as it lies, without locks and
        # without leaving files beside it. In a folder that cannot be written to, likewise.
        try:
            growing = Path(f"{self.path}-wal").exists() or self._is_mended()
            try:
                return self._connect(immutable=not growing)
            except sqlite3.OperationalError:
                if not growing:
                    raise
                return self._connect(immutable=True)
        except OSError as error:
            raise self.error("", f"cannot be opened: {error.strerror or error}") from error
        except sqlite3.OperationalError as error:
            raise self.error("", f"cannot be opened: {error}") from error
        except sqlite3.Error as error:
            raise self.error("schema", f"is damaged: {error}") from error

    def _is_mended(self) -> bool:
        """Mend a torn file in a temporary folder, to be read from there; False if it is whole."""
        place = trailer.found_in(self.path)
        if place is None:
            return False
        self._folder = TemporaryDirectory(prefix="cxldesigner-", ignore_cleanup_errors=True)
        mended = trailer.split(self.path, place, Path(self._folder.name))
        if mended is None:
            self._clean_up()
            return False
        self._lies_at = mended
        return True

    def _connect(self, *, immutable: bool) -> sqlite3.Connection:
        uri = f"{self._lies_at.resolve().as_uri()}?mode=ro" + "&immutable=1" * immutable
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0.25)
        try:
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, schema.MAX_VALUE_BYTES)
            db.set_progress_handler(self._too_long, _STEPS_BETWEEN_LOOKS)
            self._deadline = time.monotonic() + QUERY_SECONDS
            for pragma in (
                "trusted_schema=OFF",
                "query_only=ON",
                "cell_size_check=ON",
                "mmap_size=0",
            ):
                db.execute(f"PRAGMA {pragma}").close()
            found = db.execute("SELECT name, sql FROM sqlite_schema LIMIT 32").fetchall()
        except (ValueError, MemoryError) as error:
            db.close()
            raise self.error("schema", "has values no recording has") from error
        except sqlite3.Error:
            db.close()
            raise
        if dict(found) != schema.TABLES or len(found) != len(schema.TABLES):
            db.close()
            raise self.error("schema", "does not have the tables of a recording")
        return db

    def _too_long(self) -> int:
        return int(time.monotonic() > self._deadline)
