"""Deriving what Linux makes of the shown platform, off the GUI thread; the newest wins."""

from __future__ import annotations

import dataclasses
import logging
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from cxldesigner.document.model import Document
from cxldesigner.gui.session import Session

if TYPE_CHECKING:
    from cxldesigner.linux.model import Derivation

log = logging.getLogger(__name__)

Derive = Callable[[Document], "Derivation"]


def _derive(document: Document) -> Derivation:
    from cxldesigner.linux.derive import derive  # noqa: PLC0415  first used after the first paint

    return derive(document)


def _derives_same(a: Document, b: Document) -> bool:
    """Whether two documents differ only in what the derivation never looks at."""
    return dataclasses.replace(a, layout=b.layout, notes=b.notes) == b


class DerivationRunner(QObject):
    """Follows the session's shown document and gives it derivations.

    At most one derivation runs; edits made meanwhile replace each other and the last is derived
    next. ``busy_changed(bool)``; ``failed(text, details)``: the derivation met a bug in itself, the
    views keep the last good one.
    """

    busy_changed = Signal(bool)
    failed = Signal(str, str)
    recovered = Signal()
    _done = Signal(object, object, str)

    def __init__(
        self, session: Session, parent: QObject | None = None, *, derive: Derive = _derive
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._derive = derive
        self._thread: threading.Thread | None = None
        self._waiting: Document | None = None
        self._is_failed = False
        self._closed = False
        self._done.connect(self._on_done)
        # The thread begins once all views have followed: both at once would hold up each other.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._begin)
        session.shown_changed.connect(self._on_shown_changed)

    @property
    def busy(self) -> bool:
        """Whether a derivation is under way or about to begin."""
        return self._thread is not None or self._soon.isActive()

    def start(self) -> None:
        """Derive the shown document now (at the start of the program)."""
        self._request(self._session.shown_document)

    def shutdown(self) -> None:
        """Wait for the derivation under way and start no other."""
        self._closed = True
        self._waiting = None
        self._soon.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _on_shown_changed(self, _old: Document, new: Document) -> None:
        last = self._session.derivation
        if not self.busy and last is not None and _derives_same(last.document, new):
            self._session.set_derivation(dataclasses.replace(last, document=new))
            return
        self._request(new)

    def _request(self, document: Document) -> None:
        if self._closed:
            return
        idle = not self.busy
        self._waiting = document
        if self._thread is None:
            self._soon.start()
        if idle:
            self.busy_changed.emit(True)

    def _begin(self) -> None:
        document, self._waiting = self._waiting, None
        self._thread = threading.Thread(
            target=self._run, args=(document,), name="derivation", daemon=True
        )
        self._thread.start()

    def _run(self, document: Document) -> None:
        try:
            self._done.emit(document, self._derive(document), "")
        except Exception:  # any bug in the derivation: shown with its details, views stay
            self._done.emit(document, None, traceback.format_exc())

    def _on_done(self, document: Document, derivation: Derivation | None, details: str) -> None:
        if self._closed:
            return
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        if derivation is None:
            log.error("deriving %r failed\n%s", document.name, details)
            if document is self._session.shown_document:
                self._is_failed = True
                self.failed.emit(
                    self.tr("What Linux makes of this platform could not be worked out."), details
                )
        else:
            self._session.set_derivation(derivation)
            if self._is_failed:
                self._is_failed = False
                self.recovered.emit()
        if self._waiting is not None and self._waiting is not document:
            self._soon.start()
        else:
            self._waiting = None
            self.busy_changed.emit(False)
