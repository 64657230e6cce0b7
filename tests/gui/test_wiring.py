"""What the window connects: panels that know nothing of each other act together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cxldesigner.gui.linuxview.panel import LinuxPanel
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.outline import OutlinePanel
from cxldesigner.gui.regionactions import region_action
from tests.build import platform

ACTIONS = (region_action(0, "mem0"), region_action(1, "mem1"))


@pytest.fixture
def window(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> MainWindow:
    window = make_window(platform(bridges=2, actions=ACTIONS))
    window.derivation.start()
    qtbot.waitUntil(lambda: window.session.derivation is not None, timeout=20_000)
    return window


def drawn(window: MainWindow, state: str) -> set[str]:
    """Return the parts and windows of the canvas that are drawn in a state."""
    return {card.item_id for card in window.canvas._canvas.cards() if getattr(card, state)}


def test_a_node_lights_up_its_windows_and_devices_and_back(window: MainWindow) -> None:
    linux = window.docks["linux"].panel
    assert isinstance(linux, LinuxPanel)
    everything = {*window.session.document.parts, *window.session.document.windows}
    linux.nodes.selectRow(1)
    assert drawn(window, "highlighted") == {"w0", "mem0"}
    assert drawn(window, "faded") == everything - {"w0", "mem0"}
    window.session.select(["mem1"])
    assert [i.row() for i in linux.nodes.selectionModel().selectedRows()] == [2]
    assert not drawn(window, "highlighted")
    assert not drawn(window, "faded")
    linux.nodes.selectRow(0)
    assert drawn(window, "highlighted") == {"s0"}
    linux.nodes.clearSelection()
    assert not drawn(window, "faded")


def test_return_in_the_outline_shows_the_fields(qtbot: QtBot, window: MainWindow) -> None:
    outline, inspector = window.docks["outline"], window.docks["inspector"]
    outline.reveal()
    inspector.hide()
    assert isinstance(outline.panel, OutlinePanel)
    window.session.select(["mem0"])
    qtbot.keyClick(outline.panel.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: inspector.in_front)
