"""From an edit of a platform with twenty devices to views that show what Linux makes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from cxldesigner.document.edits import add_part, add_window, connect, set_actions, set_field
from cxldesigner.document.model import (
    GIB,
    Device,
    Document,
    HostBridge,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.gui.fonts import install_fonts
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import Settings
from cxldesigner.gui.theme import apply_theme

LIMIT_MS = 50.0
DEVICES = 20


def platform() -> Document:
    """Two sockets; twenty devices, half of them behind switches; a region on each."""
    document, actions = Document(name="Twenty devices"), []
    for s in range(2):
        document = add_part(document, Socket(id=f"s{s}", cpus=16, dram_bytes=64 * GIB))
        for b in range(2):
            bridge = f"hb{2 * s + b}"
            document = add_part(document, HostBridge(id=bridge))
            document = connect(document, f"s{s}:io", f"{bridge}:up")
    for n in range(DEVICES):
        device = Device(id=f"mem{n}", volatile_bytes=16 * GIB, serial=n + 1)
        document = add_part(document, device)
    for b in range(4):
        first = 5 * b
        document = add_part(document, RootPort(id=f"rps{b}"))
        document = connect(document, f"hb{b}:rp", f"rps{b}:up")
        document = add_part(document, Switch(id=f"sw{b}", downstream=3))
        document = connect(document, f"rps{b}:down", f"sw{b}:up")
        for n in range(3):
            document = connect(document, f"sw{b}:d{n}", f"mem{first + n}:up")
        for n in (3, 4):
            document = add_part(document, RootPort(id=f"rp{first + n}"))
            document = connect(document, f"hb{b}:rp", f"rp{first + n}:up")
            document = connect(document, f"rp{first + n}:down", f"mem{first + n}:up")
        window = Window(id=f"w{b}", size_bytes=80 * GIB, targets=(f"hb{b}",))
        document = add_window(document, window)
        actions += [
            f"cxl create-region -m -t ram -d decoder0.{b} -w 1 -g 256 mem{first + n}"
            for n in range(5)
        ]
    return set_actions(document, actions)


@pytest.fixture
def window(own_folders: object) -> Iterator[MainWindow]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["bench"])
    install_fonts(app)
    apply_theme("light")
    opened = MainWindow(Session(), Settings())
    opened.files.show(platform(), None)
    opened.show()
    loop = QEventLoop()
    opened.ready.connect(loop.quit)
    opened.load_panels()
    loop.exec()
    yield opened
    opened.session.undo_stack.setClean()
    opened.close()
    opened.deleteLater()


@pytest.mark.bench
def test_views_are_current_within_fifty_milliseconds(window, figures) -> None:
    session, loop = window.session, QEventLoop()
    QTimer.singleShot(60_000, loop.quit)

    def wait() -> None:
        while session.derivation is None or session.derivation.document is not session.document:
            session.derivation_changed.connect(loop.quit)
            loop.exec()
            session.derivation_changed.disconnect(loop.quit)
        QApplication.processEvents()

    window.derivation.start()
    wait()
    taken = []
    for n in range(15):
        before = time.process_time()
        session.edit("Resize", set_field, f"mem{n}", "volatile_bytes", 8 * GIB)
        wait()
        taken.append(1000 * (time.process_time() - before))
    derivation = session.derivation
    assert derivation is not None
    assert len(derivation.current.regions) >= 4

    figures.tell("edit to views, 20 devices, worst", max(taken))
    figures.limit("edit to views, 20 devices, better quarter", sorted(taken)[3], LIMIT_MS)
