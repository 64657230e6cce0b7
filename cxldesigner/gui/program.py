"""Starting the program: look, window, then everything that can wait.

The window is painted before the panels are imported.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from cxldesigner import __version__
from cxldesigner.gui.collector import Collector
from cxldesigner.gui.crash import CrashHandler, start_logging
from cxldesigner.gui.folders import state_folder
from cxldesigner.gui.fonts import install_fonts
from cxldesigner.gui.i18n import install_translators
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.opening import Opening
from cxldesigner.gui.recovery import RecoveryKeeper
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import Appearance, Settings
from cxldesigner.gui.theme import apply_theme

PAUSE_MS = 20
"""Time for the paint events of the window's children, which follow its own."""
SWITCH_S = 0.0005
"""How long a worker thread may keep the GUI thread from running Python, s. Qt asks models for each
cell by itself: with Python's 5 ms a table painted during a derivation took half a second."""
HIDDEN_MS = 2000
"""How long to wait for a first paint that does not come (a minimised window)."""


def _application() -> QApplication:
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["cxldesigner"])
    QCoreApplication.setApplicationName("cxldesigner")
    QCoreApplication.setApplicationVersion(__version__)
    app.setApplicationDisplayName("CXL Designer")
    app.setDesktopFileName("cxldesigner")
    return app


class _FileEvents(QObject):
    """Opens files that the desktop hands to a running program (macOS)."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            return self._window.files.open_path(Path(event.file()))
        return super().eventFilter(watched, event)


class _FirstPaint(QObject):
    """Calls a function once, when the window has been painted (or stays hidden for long)."""

    def __init__(self, window: MainWindow, function: Callable[[], None]) -> None:
        super().__init__(window)
        self._function = function
        self._watched = window
        window.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_due)
        self._timer.start(HIDDEN_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._timer.start(PAUSE_MS)
        return super().eventFilter(watched, event)

    def _on_due(self) -> None:
        self._watched.removeEventFilter(self)
        self._function()


class Program(QObject):
    """The running program: one window and what looks after it.

    ``arguments`` are those of :func:`cxldesigner.gui.app.parser`.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._app = _application()
        super().__init__(self._app)
        sys.setswitchinterval(SWITCH_S)
        self._positions: Path | None = arguments.debug_positions
        self._crash = CrashHandler(state_folder("log"), self)
        self._crash.install()
        settings = Settings()
        look = settings.read(Appearance)
        install_translators(self._app, look.language)
        install_fonts(self._app)
        apply_theme(look.theme)
        self.window = MainWindow(Session(), settings)
        folder = state_folder("recovery")
        self._keeper = RecoveryKeeper(self.window.session, self.window.files, folder, self)
        self._crash.save_copy = self._keeper.save_now
        self._opening = Opening(self.window, folder)
        self._opening.begin(arguments.files, arguments.example or "")
        if sys.platform == "darwin":  # a filter in Python sees every event: not for nothing
            self._app.installEventFilter(_FileEvents(self.window))
        self.window.ready.connect(self._opening.finish)
        _FirstPaint(self.window, self._after_first_paint)
        self.window.show()
        self._collector = Collector(self)
        self.window.ready.connect(self._collector.settle)

    def run(self) -> int:
        """Process events until the window is closed; return the exit code."""
        try:
            return self._app.exec()
        finally:
            self._opening.shutdown()
            self._keeper.shutdown()
            self._crash.remove()
            self._collector.remove()

    def _after_first_paint(self) -> None:
        start_logging(state_folder("log"))
        self.window.derivation.start()
        if self._positions is not None:
            from cxldesigner.gui.positions import PositionsFile  # noqa: PLC0415  only for tests

            PositionsFile(self.window, self._positions.absolute())
        self.window.load_panels()
