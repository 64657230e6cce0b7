"""Starting the program: arguments, look, window, then everything that can wait.

The window is painted before the panels are imported. :func:`main` returns the exit code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from cxldesigner import __version__
from cxldesigner.gui.crash import CrashHandler, start_logging
from cxldesigner.gui.examples import DEFAULT, example
from cxldesigner.gui.folders import state_folder
from cxldesigner.gui.fonts import install_fonts
from cxldesigner.gui.i18n import install_translators
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.opening import Opening
from cxldesigner.gui.recovery import RecoveryKeeper
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import Appearance, Settings
from cxldesigner.gui.theme import apply_theme


def parser() -> argparse.ArgumentParser:
    """Return the parser of the window's own arguments."""
    result = argparse.ArgumentParser(
        prog="cxldesigner", description="Open the designer on platforms and recordings."
    )
    result.add_argument("files", nargs="*", type=Path, metavar="FILE", help="*.cxld or *.cxlrec")
    result.add_argument(
        "--example",
        nargs="?",
        const=DEFAULT,
        metavar="NAME",
        help="open a shipped example with its replay, paused at the start",
    )
    result.add_argument("--debug-positions", type=Path, metavar="PATH", help=argparse.SUPPRESS)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with arguments ``argv`` (without its name); return its exit code."""
    arguments = parser().parse_args(sys.argv[1:] if argv is None else argv)
    if arguments.example and example(arguments.example) is None:
        print(f"cxldesigner: there is no example {arguments.example}", file=sys.stderr)  # noqa: T201
        return 2
    app = _application()
    log_handler = start_logging(state_folder("log"))
    crash = CrashHandler(state_folder("log"), app)
    crash.install()
    try:
        return _run(app, crash, arguments)
    finally:
        crash.remove()
        log_handler.close()


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


def _run(app: QApplication, crash: CrashHandler, arguments: argparse.Namespace) -> int:
    settings = Settings()
    look = settings.read(Appearance)
    install_translators(app, look.language)
    install_fonts(app)
    apply_theme(look.theme)
    session = Session()
    window = MainWindow(session, settings)
    keeper = RecoveryKeeper(session, window.files, state_folder("recovery"), window)
    crash.save_copy = keeper.save_now
    opening = Opening(window, keeper.copy.parent)
    opening.begin(arguments.files, arguments.example or "")
    app.installEventFilter(_FileEvents(window))
    window.show()
    window.ready.connect(opening.finish)
    QTimer.singleShot(0, window, lambda: _after_first_paint(window, arguments.debug_positions))
    code = app.exec()
    opening.shutdown()
    keeper.shutdown()
    return code


def _after_first_paint(window: MainWindow, positions: Path | None) -> None:
    window.derivation.start()
    if positions is not None:
        from cxldesigner.gui.positions import PositionsFile  # noqa: PLC0415  only for tests

        PositionsFile(window, positions.absolute())
    window.load_panels()
