"""GUI tests: one application with the program's look, and nothing left behind by any test."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread
from PySide6.QtWidgets import QApplication, QWidget

from cxldesigner.gui.fonts import install_fonts
from cxldesigner.gui.theme import ThemeChoice, apply_theme


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["cxldesigner-tests"]


@pytest.fixture(scope="session", autouse=True)
def program_look(qapp: QApplication) -> None:
    """Style, fonts and animation as tests and pictures expect them."""
    install_fonts(qapp)
    apply_theme(ThemeChoice.LIGHT)


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
