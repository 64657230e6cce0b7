"""What happens when the program itself is wrong: log it, save a copy, tell, and carry on.

One handler serves exceptions from slots, virtual overrides (``paintEvent``), ``QThread.run`` and
Python threads; ``faulthandler`` writes what Python cannot catch; Qt's messages go to the log.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from cxldesigner import __version__
from cxldesigner.gui import dialogs

log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def start_logging(folder: Path) -> logging.Handler:
    """Write the log to ``folder``, at most four files of half a megabyte; returns its handler."""
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415  costs as much as a dock

    handler = RotatingFileHandler(
        folder / "cxldesigner.log", maxBytes=512 << 10, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


def log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Pass a message of Qt on to Python's logging under its category."""
    name = context.category or "default"
    logging.getLogger(f"qt.{name}").log(_LEVELS.get(kind, logging.WARNING), "%s", text)


class CrashHandler(QObject):
    """Takes every uncaught exception of the program.

    ``save_copy`` writes a recovery copy of the open platform and returns its path, None when there
    is nothing unsaved. The message is shown once at a time: an error in painting comes back with
    every frame.
    """

    _raised = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.save_copy: Callable[[], Path | None] = lambda: None
        self._faults: TextIO = (folder / "faults.log").open("a", encoding="utf-8")
        self._showing = False
        self._told: set[str] = set()
        self._raised.connect(self._on_raised, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of the interpreter and of Qt."""
        faulthandler.enable(self._faults)
        sys.excepthook = self.handle
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(log_qt_message)

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)
        faulthandler.disable()
        self._faults.close()

    def handle(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Log an uncaught exception, save a copy, tell the user; any thread may call it."""
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        log.critical("uncaught exception\n%s", details)
        self._raised.emit(f"{kind.__name__}: {error}", details)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.handle(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_raised(self, summary: str, details: str) -> None:
        if self._showing or details in self._told:
            return
        self._showing = True
        self._told.add(details)
        try:
            copy = self._saved_copy()
            dialogs.show_error(
                None,
                self.tr("Something in CXL Designer went wrong: {}").format(summary),
                copy,
                self.tr("Version {}").format(__version__) + "\n\n" + details,
            )
        finally:
            self._showing = False

    def _saved_copy(self) -> str:
        try:
            path = self.save_copy()
        except Exception:
            log.exception("the recovery copy could not be written")
            return self.tr(
                "Your platform is still open, but a safety copy could not be written. "
                "Save it under another name, then start the program again."
            )
        if path is None:
            return self.tr("Nothing is lost: there are no unsaved changes. You can carry on.")
        return self.tr(
            "A safety copy of your platform is in {}. You can carry on; "
            "if the window misbehaves, start the program again and restore the copy."
        ).format(path)
