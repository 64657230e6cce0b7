"""The outline: the same document as a tree, selected together with every other view."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cxldesigner.document import edits as e
from cxldesigner.document.model import Device, Document, MemoryDomain, Switch
from cxldesigner.document.store import canonical_bytes
from cxldesigner.gui.outline import OutlinePanel
from cxldesigner.gui.outlinemodel import LOOSE, WINDOWS, OutlineModel, branches_of
from cxldesigner.gui.session import Session
from tests.build import edited, edits, platform


def tree_of(model: QAbstractItemModel, parent: QModelIndex | None = None) -> dict[str, Any]:
    """Return the titles of a model as nested dictionaries."""
    parent = parent or QModelIndex()
    rows = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
    return {row.data(): tree_of(model, row) for row in rows}


@pytest.fixture
def session() -> Session:
    document = platform(bridges=2, devices=2, switch=True)
    return Session(e.add_part(document, Device(id="spare", volatile_bytes=1 << 30)))


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> OutlinePanel:
    panel = OutlinePanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_the_tree_is_the_platform(panel: OutlinePanel, qtmodeltester: Any) -> None:
    assert tree_of(panel.model) == {
        "s0": {
            "hb0": {"rp0": {"sw0": {"mem0": {}, "mem1": {}}}},
            "hb1": {"rp1": {"sw1": {"mem2": {}, "mem3": {}}}},
        },
        "Windows": {"w0": {}, "w1": {}},
        "Not connected": {"spare": {}},
    }
    device = panel.model.index_of("mem0")
    assert device.siblingAtColumn(1).data() == "4 GiB volatile"
    assert "connected to sw0" in device.data(Qt.ItemDataRole.AccessibleTextRole)
    qtmodeltester.check(panel.model)


def test_headings_come_and_go(panel: OutlinePanel, session: Session) -> None:
    session.edit("x", e.remove, ["w0", "w1", "spare"])
    assert set(tree_of(panel.model)) == {"s0"}
    session.edit("x", e.remove, ["s0"])
    assert set(tree_of(panel.model)) == {"Not connected"}
    session.open(Document())
    assert tree_of(panel.model) == {}


@given(edits(max_size=25))
@settings(max_examples=40)
def test_the_model_follows_any_edits(qapp: QApplication, sequence: list[Any]) -> None:
    document = platform(devices=2)
    model = OutlineModel(document, lambda _id, _name: False)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for edit in sequence:
        document = edited(document, [edit])
        model.show(document)
        fresh = OutlineModel(document, lambda _id, _name: False)
        assert tree_of(model) == tree_of(fresh)
    everything = {*document.parts, *document.windows}
    assert {key for key in model.all_keys() if not key.startswith("/")} == everything
    model.deleteLater()


def test_an_index_of_a_row_that_is_gone_is_no_row(qapp: QApplication) -> None:
    document = platform()
    model = OutlineModel(document, lambda _id, _name: False)
    stale = model.index_of("mem0")
    model.show(e.remove(document, ["mem0"]))
    assert (model.key(stale), model.item_id(stale), stale.data()) == ("", "", None)
    assert not model.parent(stale).isValid()
    assert (model.rowCount(stale), model.flags(stale)) == (0, Qt.ItemFlag.NoItemFlags)
    assert not model.setData(stale, "name")


def test_rows_that_stay_stay_expanded_or_collapsed(panel: OutlinePanel, session: Session) -> None:
    tree, model = panel.tree, panel.model
    tree.collapse(model.index_of("hb1"))
    session.edit("x", e.add_part, Switch(id="new"))
    session.edit("x", e.set_field, "mem0", "name", "first")
    session.edit("x", e.connect, "rp0:down", "new:up")
    assert tree.isExpanded(model.index_of("hb0"))
    assert not tree.isExpanded(model.index_of("hb1"))
    session.edit("x", e.remove, ["k2"])
    session.edit("x", e.connect, "rp0:down", "new:up")
    session.edit("x", e.add_part, Device(id="below"))
    session.edit("x", e.connect, "new:d0", "below:up")
    assert tree.isExpanded(model.index_of("new"))
    assert tree.isExpanded(model.index_of("sw0"))
    session.undo_stack.setIndex(0)
    assert tree.isExpanded(model.index_of("sw0"))
    assert not tree.isExpanded(model.index_of("hb1"))


def _selected(panel: OutlinePanel) -> set[str]:
    return {panel.model.item_id(i) for i in panel.tree.selectionModel().selectedRows()}


def test_selection_goes_both_ways(panel: OutlinePanel, session: Session, qtbot: QtBot) -> None:
    session.select(["mem0", "w1"])
    assert _selected(panel) == {"mem0", "w1"}
    rect = panel.tree.visualRect(panel.model.index_of("hb1"))
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert session.selection == {"hb1"}
    rect = panel.tree.visualRect(panel.model.index_of("mem2"))
    qtbot.mouseClick(
        panel.tree.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ControlModifier,
        rect.center(),
    )
    assert session.selection == {"hb1", "mem2"}
    session.select(["k0"])
    assert _selected(panel) == set()
    assert session.selection == {"k0"}
    session.select([])
    assert _selected(panel) == set()


def test_a_selected_row_is_shown(panel: OutlinePanel, session: Session) -> None:
    panel.tree.collapseAll()
    session.select(["mem3"])
    assert panel.tree.isExpanded(panel.model.index_of("sw1"))
    assert panel.tree.visualRect(panel.model.index_of("mem3")).isValid()


def test_the_selection_survives_changes(panel: OutlinePanel, session: Session) -> None:
    session.select(["mem0", "mem1"])
    session.edit("x", e.set_field, "mem0", "volatile_bytes", 1)
    session.edit("x", e.remove, ["mem1"])
    assert session.selection == {"mem0"}
    assert _selected(panel) == {"mem0"}
    session.select(["spare"])
    session.edit("x", e.set_field, "sw0", "downstream", 3)
    session.edit("x", e.connect, "sw0:d2", "spare:up")
    assert session.selection == {"spare"}
    assert _selected(panel) == {"spare"}


def test_the_keyboard_does_everything(panel: OutlinePanel, session: Session, qtbot: QtBot) -> None:
    tree = panel.tree
    tree.setFocus()
    session.select(["hb0"])
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert session.selection == {"rp0"}
    asked: list[str] = []
    panel.inspector_requested.connect(asked.append)
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert asked == ["rp0"]
    before = canonical_bytes(session.document)
    qtbot.keyClick(tree, Qt.Key.Key_F2)
    line = tree.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    qtbot.keyClicks(line, "Port A")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.document.parts["rp0"].name == "Port A")
    assert session.undo_stack.undoText() == "Rename rp0 to Port A"
    assert panel.model.index_of("rp0").data() == "Port A"
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert "rp0" not in session.document.parts
    assert session.undo_stack.undoText() == "Delete Port A"
    session.undo_stack.setIndex(0)
    assert canonical_bytes(session.document) == before


def _entry(panel: OutlinePanel, words: str) -> Any:
    return next(a for a in panel.menu().actions() if a.text() == words)


def test_the_menu_acts_on_the_selection(panel: OutlinePanel, session: Session) -> None:
    session.select(["mem0", "mem1"])
    assert not _entry(panel, "Rename").isEnabled()
    _entry(panel, "Delete").trigger()
    assert not {"mem0", "mem1"} & session.document.parts.keys()
    assert session.undo_stack.undoText() == "Delete 2 items"
    session.select([])
    assert not _entry(panel, "Delete").isEnabled()


def test_windows_change_their_order(panel: OutlinePanel, session: Session) -> None:
    session.select(["w1"])
    assert not _entry(panel, "Move down").isEnabled()
    _entry(panel, "Move up").trigger()
    assert list(session.document.windows) == ["w1", "w0"]
    assert session.undo_stack.undoText() == "Move window w1 up"
    assert list(tree_of(panel.model)["Windows"]) == ["w1", "w0"]
    assert session.selection == {"w1"}
    session.undo_stack.undo()
    assert list(session.document.windows) == ["w0", "w1"]
    assert list(tree_of(panel.model)["Windows"]) == ["w0", "w1"]


def test_replay_is_only_looked_at(panel: OutlinePanel, session: Session, qtbot: QtBot) -> None:
    replayed = platform()
    session.enter_replay(replayed)
    session.select(["mem0"])
    assert "hb1" not in set(panel.model.all_keys())
    assert not panel.model.flags(panel.model.index_of("mem0")) & Qt.ItemFlag.ItemIsEditable
    for words in ("Rename", "Delete"):
        assert not _entry(panel, words).isEnabled()
    panel.tree.setFocus()
    qtbot.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert session.shown_document is replayed


def test_memory_hangs_below_its_socket() -> None:
    document = e.add_part(platform(windows=False), MemoryDomain(id="hbm0"))
    assert [key for key, _ in branches_of(document)] == ["s0", LOOSE]
    document = e.connect(document, "s0:mem", "hbm0:up")
    ((key, below),) = branches_of(document)
    assert key == "s0"
    assert [child for child, _ in below] == ["hb0", "hbm0"]
    assert [key for key, _ in branches_of(platform())] == ["s0", WINDOWS]
