"""The recording of an example that is shipped without one: made once, kept in the cache."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from cxldesigner import __version__
from cxldesigner.document.model import Document
from cxldesigner.document.store import canonical_bytes
from cxldesigner.gui.folders import cache_folder
from cxldesigner.gui.player.files import discard
from cxldesigner.gui.player.live import Handle
from cxldesigner.runner import protocol

log = logging.getLogger(__name__)

POLL_MS = 100


def kept_recording(document: Document, scenario: str) -> Path:
    """Return where the recording of a platform's scenario is kept, made or not."""
    digest = hashlib.sha256(canonical_bytes(document))
    digest.update(f"{scenario}\0{__version__}".encode())
    return cache_folder("examples") / f"{digest.hexdigest()[:24]}.cxlrec"


def _start_worker(document: bytes, scenario: str, path: Path) -> Handle:
    from cxldesigner.runner.handle import RunHandle  # noqa: PLC0415  only when a run is needed

    return RunHandle(document, scenario, path)


class Rehearsal(QObject):
    """Runs a scenario in a worker process, unseen, and keeps its recording.

    ``progressed(ticks, total)``; ``finished(path)``; ``failed(text)``. It writes to a file beside
    the final one and renames it at the end, so a broken run leaves nothing that looks whole.
    """

    progressed = Signal(int, int)
    finished = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        scenario: str,
        parent: QObject | None = None,
        *,
        start_run: Callable[[bytes, str, Path], Handle] = _start_worker,
    ) -> None:
        super().__init__(parent)
        self._target = kept_recording(document, scenario)
        self._part = self._target.with_name(f"{self._target.stem}-{os.getpid()}.part")
        self._handle: Handle | None = start_run(canonical_bytes(document), scenario, self._part)
        self._handle.start(paused=False)
        self._handle.set_speed(0.0)
        self._complete = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start(POLL_MS)

    def shutdown(self) -> None:
        """End the worker; what it wrote is dropped unless it was whole."""
        self._timer.stop()
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.kill()
        discard(self._part)

    def _on_timeout(self) -> None:
        handle = self._handle
        if handle is None:
            return
        alive = handle.alive  # before the messages: the last ones must not be missed
        for message in handle.poll():
            match message:
                case protocol.Progress(ticks=ticks, total=total):
                    self.progressed.emit(ticks, total)
                case protocol.Finished():
                    self._complete = True
                case protocol.Failed(text=text, traceback=details):
                    log.error("the example's run failed: %s\n%s", text, details)
                    self._end(text)
                    return
                case _:
                    pass
        if not alive and self._complete:
            self._end("")
        elif not alive:
            self._end(self.tr("The run of the example ended without a result."))

    def _end(self, reason: str) -> None:
        if not reason:
            self._part.replace(self._target)
        self.shutdown()
        if reason:
            self.failed.emit(reason)
        else:
            self.finished.emit(self._target)
