"""Recording files of the player: where unsaved ones lie, and saving a copy."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from cxldesigner.recording.errors import RecordingError

_numbers = itertools.count(1)


def scratch_path() -> Path:
    """Return a new path for a run nobody has saved yet; its folder exists."""
    root = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    folder = Path(root or tempfile.gettempdir()) / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"run-{os.getpid()}-{next(_numbers)}.cxlrec"


def discard(path: Path) -> None:
    """Remove a recording and the side files SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def copy_recording(source: Path, target: Path) -> None:
    """Write a consistent copy of a recording, also of one that is still growing.

    The copy is made beside the target under another name and renamed when complete, so the target
    is either the old file or the whole new one.

    Raises
    ------
    OSError
        The target cannot be written.
    sqlite3.Error
        The source cannot be read.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(part)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
        part.replace(target)
    finally:
        discard(part)


class FileJob:
    """A file being written on a thread of its own; ask :attr:`done`, then :attr:`error`."""

    def __init__(self, target: Path, work: Callable[[], None]) -> None:
        self.target = target
        self.error = ""
        self._work = work
        self._thread = threading.Thread(target=self._run, name="write file")
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the work ended, well or not."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait for the end (used when the program closes)."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except (OSError, sqlite3.Error, RecordingError) as error:
            self.error = str(error) or type(error).__name__
