"""GUI tests: one application with the program's look, and nothing left behind by any test."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread, Signal
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cxldesigner.document.model import Document
from cxldesigner.gui.collector import Collector
from cxldesigner.gui.fonts import install_fonts
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.panels import PanelSpec
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import Settings
from cxldesigner.gui.theme import ThemeChoice, apply_theme


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["cxldesigner-tests"]


@pytest.fixture(scope="session", autouse=True)
def program_look(qapp: QApplication) -> None:
    """Style, fonts and animation as tests and pictures expect them."""
    install_fonts(qapp)
    apply_theme(ThemeChoice.LIGHT)


@pytest.fixture(scope="module", autouse=True)
def collected_as_in_the_program(qapp: QApplication) -> Iterator[None]:
    """Collect garbage on the GUI thread only, between events and after each test."""
    collector = Collector(qapp)
    yield
    collector.remove()
    collector.deleteLater()


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[QtBot]:
    """Hold the widgets of a test until they are closed, as a program holds its windows.

    pytest-qt only remembers them weakly: collected between test and closing, a window with the
    keyboard in it would be destroyed on screen, and take its last input with half of it gone.
    """
    held: list[QWidget] = []
    add = qtbot.addWidget

    def hold(widget: QWidget, **options: Any) -> None:
        held.append(widget)
        add(widget, **options)

    monkeypatch.setattr(qtbot, "addWidget", hold)
    yield qtbot
    held.clear()


def _children() -> set[str]:
    found: set[str] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(task.read_text().split())
        except OSError:  # a thread ended while we looked
            continue
    return found


def _windows() -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.parent() is None]


def _describe(widget: QWidget) -> str:
    return f"{type(widget).__name__}({widget.objectName()!r}, visible={widget.isVisible()})"


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication, own_folders: Path) -> Iterator[None]:
    """Fail a test that leaves a top-level widget, a thread or a child process."""
    windows, threads, children = set(_windows()), set(threading.enumerate()), _children()
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [_describe(w) for w in _windows() if w not in windows]
    running = [
        thread.objectName() or repr(thread)
        for window in (qapp, *_windows())
        for thread in window.findChildren(QThread)
        if thread.isRunning()
    ]
    started = [t.name for t in threading.enumerate() if t not in threads and not t.daemon]
    spawned = _children() - children
    assert not left, f"top-level widgets left: {left}"
    assert not running, f"threads left running: {running}"
    assert not started, f"threads left: {started}"
    assert not spawned, f"child processes left: {spawned}"


class StandIn(QLabel):
    """A panel that only says its name."""

    part_requested = Signal(object)
    inspector_requested = Signal(str)
    items_chosen = Signal(frozenset)


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let docks hold stand-ins instead of their panels (tests of the window itself are faster)."""

    def make(spec: PanelSpec, _sources: object) -> QWidget:
        return StandIn(spec.title)

    monkeypatch.setattr(PanelSpec, "make", make)


@pytest.fixture
def make_window(qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    """Return a function that opens a main window on a document; closes it without questions."""
    opened: list[MainWindow] = []

    def make(document: Document | None = None, *, loaded: bool = True) -> MainWindow:
        window = MainWindow(Session(), Settings())
        opened.append(window)
        if document is not None:
            window.files.show(document, None)
        window.show()
        qtbot.waitExposed(window)
        if loaded:
            with qtbot.waitSignal(window.ready, timeout=20_000):
                window.load_panels()
        return window

    yield make
    for window in opened:
        window.session.undo_stack.setClean()
        window.close()
        window.deleteLater()
