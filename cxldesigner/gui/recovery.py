"""Safety copies of unsaved work, and finding those a dead program left.

Beside a copy ``PID-HASH.cxld`` lie ``….json`` (where it came from, when) and ``….lock``, held by
the program that writes it.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer

from cxldesigner.document.atomic import write_atomically
from cxldesigner.document.store import DocumentError, canonical_bytes
from cxldesigner.gui.files import Files
from cxldesigner.gui.session import Session

log = logging.getLogger(__name__)

QUIET_MS = 2_000
LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Orphan:
    """A safety copy whose program is gone. ``origin`` None: it was never saved anywhere."""

    copy: Path
    origin: Path | None
    name: str
    saved_at: float

    def discard(self) -> None:
        """Remove the copy and what lies beside it."""
        _remove(self.copy)


def _remove(copy: Path) -> None:
    for suffix in (".cxld", ".json", ".lock"):
        with suppress(FileNotFoundError):
            copy.with_suffix(suffix).unlink()


def orphans(folder: Path) -> list[Orphan]:
    """Return the safety copies in ``folder`` that no running program owns, newest first."""
    found = []
    for copy in folder.glob("*.cxld"):
        lock = QLockFile(str(copy.with_suffix(".lock")))
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            continue
        lock.unlock()
        orphan = _described(copy)
        if orphan is not None:
            found.append(orphan)
    return sorted(found, key=lambda o: o.saved_at, reverse=True)


def _described(copy: Path) -> Orphan | None:
    try:
        saved_at = copy.stat().st_mtime
        told = json.loads(copy.with_suffix(".json").read_bytes())
        origin, name = told["origin"], told["name"]
    except OSError:
        origin, name = "", copy.stem
        if not copy.exists():
            return None
        saved_at = copy.stat().st_mtime
    except (ValueError, KeyError, TypeError):
        origin, name = "", copy.stem
    return Orphan(copy, Path(origin) if origin else None, str(name), saved_at)


class RecoveryKeeper(QObject):
    """Writes a safety copy two seconds after the last edit, and at least every half minute."""

    def __init__(
        self,
        session: Session,
        files: Files,
        folder: Path,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._session, self._files, self._clock = session, files, clock
        self.copy = folder / f"{os.getpid()}-{os.urandom(4).hex()}.cxld"
        self._lock = QLockFile(str(self.copy.with_suffix(".lock")))
        self._lock.setStaleLockTime(0)
        self._lock.tryLock(0)
        self._waiting_since: float | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self._on_timeout)
        session.document_changed.connect(self._on_document_changed)
        files.modified_changed.connect(self._on_modified_changed)

    def save_now(self) -> Path | None:
        """Write the copy; returns its path, None when there is nothing unsaved.

        Raises
        ------
        OSError
            It cannot be written.
        DocumentError
            The document cannot be held by a file.
        """
        self._timer.stop()
        self._waiting_since = None
        if not self._files.modified:
            return None
        document, origin = self._session.document, self._files.path
        told = {"origin": str(origin) if origin else "", "name": document.name}
        write_atomically(self.copy, canonical_bytes(document))
        write_atomically(self.copy.with_suffix(".json"), json.dumps(told).encode())
        return self.copy

    def shutdown(self) -> None:
        """Remove the copy: the program ends in good order."""
        self._timer.stop()
        self._lock.unlock()
        _remove(self.copy)

    def _on_document_changed(self) -> None:
        now = self._clock()
        if self._waiting_since is None:
            self._waiting_since = now
        if now - self._waiting_since < LONGEST_WAIT_S or not self._timer.isActive():
            self._timer.start()

    def _on_modified_changed(self, modified: bool) -> None:
        if not modified:
            self._timer.stop()
            self._waiting_since = None
            for suffix in (".cxld", ".json"):
                with suppress(FileNotFoundError):
                    self.copy.with_suffix(suffix).unlink()

    def _on_timeout(self) -> None:
        try:
            self.save_now()
        except (OSError, DocumentError):
            log.exception("the safety copy could not be written")
