"""Host actions: the list, its undo steps, the region dialog, all memory online."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cxldesigner.document import edits as e
from cxldesigner.document.model import GIB, Document, Window
from cxldesigner.gui.bringonline import AUTO_ONLINE, bring_online
from cxldesigner.gui.hostactions import FIRST_COMMAND, HostActionsPanel
from cxldesigner.gui.regiondialog import RegionDialog
from cxldesigner.gui.session import Session
from cxldesigner.linux.derive import derive
from tests.build import platform

CREATE = "cxl create-region -m -t ram -d decoder0.{} -w {} -g 256 {}"


def interleaved(devices: int = 2) -> Document:
    """Two bridges with ``devices`` devices each, one window over both."""
    document = platform(bridges=2, devices=devices)
    document = e.remove(document, ["w0", "w1"])
    window = Window(id="both", size_bytes=64 * GIB, targets=("hb0", "hb1"))
    return e.add_window(document, window)


@pytest.fixture
def session() -> Session:
    session = Session(platform(devices=2, actions=(CREATE.format(0, 1, "mem0"), "# moment: one")))
    session.set_derivation(derive(session.document))
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> HostActionsPanel:
    session.document_changed.connect(lambda _old, new: session.set_derivation(derive(new)))
    panel = HostActionsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(900, 260)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def outcomes(panel: HostActionsPanel) -> list[str]:
    return [row.cells[2].text for row in panel.model.rows]


def test_each_command_has_its_outcome(panel: HostActionsPanel, qtmodeltester: Any) -> None:
    assert outcomes(panel) == ["done", "the moment “one”"]
    panel.append((CREATE.format(7, 1, "mem1"),), "x")
    assert outcomes(panel)[2].startswith("exit 1: cxl region:")
    failed = panel.model.index(2, 2)
    assert "created 0 regions" in failed.data(Qt.ItemDataRole.ToolTipRole)
    assert not failed.data(Qt.ItemDataRole.DecorationRole).isNull()
    qtmodeltester.check(panel.model)


def test_every_change_is_one_undo_step(panel: HostActionsPanel, session: Session) -> None:
    first, second = session.document.actions
    panel.add()
    assert session.document.actions == (first, second, FIRST_COMMAND)
    panel.replace(2, "echo online > /sys/x")
    panel.table.selectRow(2)
    panel.move_rows(-1)
    assert session.document.actions == (first, "echo online > /sys/x", second)
    panel.move_rows(-1)
    panel.move_rows(-1)
    assert session.document.actions[0] == "echo online > /sys/x"
    panel.remove()
    assert session.document.actions == (first, second)
    assert session.undo_stack.count() == 5
    while session.undo_stack.canUndo():
        session.undo_stack.undo()
    assert session.document.actions == (first, second)


def test_editing_in_place_and_removing_by_emptying(
    panel: HostActionsPanel, session: Session
) -> None:
    index = panel.model.index(1, 1)
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    assert panel.model.setData(index, "  # moment: two ")
    assert session.document.actions[1] == "# moment: two"
    assert panel.model.setData(index, "")
    assert len(session.document.actions) == 1


def test_keys(panel: HostActionsPanel, session: Session, qtbot: QtBot) -> None:
    panel.table.setFocus()
    panel.table.selectRow(1)
    qtbot.keyClick(panel.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert session.document.actions[0] == "# moment: one"
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert len(session.document.actions) == 1


def test_replay_is_read_only(panel: HostActionsPanel, session: Session) -> None:
    session.enter_replay(platform())
    assert not any(a.isEnabled() for a in panel.bar.actions() if not a.isSeparator())
    assert panel.stack.currentWidget() is panel.empty
    session.leave_replay()
    assert panel.model.rowCount() == 2


def test_all_memory_online_is_one_step_of_commands_that_work(
    panel: HostActionsPanel, session: Session
) -> None:
    before = session.undo_stack.count()
    assert panel.online()
    assert session.undo_stack.count() == before + 1
    derivation = session.derivation
    assert derivation is not None
    assert {d for r in derivation.current.regions for d in r.targets} == {"mem0", "mem1"}
    assert not panel.online()


def test_interleaved_windows_get_devices_by_turns() -> None:
    document = interleaved(2)
    derivation = derive(document)
    lines = bring_online(document, derivation.firmware, derivation.current)
    assert len(lines) == 1
    after = derive(e.set_actions(document, lines))
    (region,) = after.current.regions
    assert region.ways == 4
    bridge = {"mem0": "hb0", "mem1": "hb0", "mem2": "hb1", "mem3": "hb1"}
    assert [bridge[t] for t in region.targets] == ["hb0", "hb1", "hb0", "hb1"]


def test_three_devices_per_bridge_make_two_regions() -> None:
    document = interleaved(3)
    derivation = derive(document)
    lines = bring_online(document, derivation.firmware, derivation.current)
    after = derive(e.set_actions(document, lines))
    assert sorted(r.ways for r in after.current.regions) == [2, 4]


def test_memory_left_offline_is_onlined() -> None:
    offline = f"echo offline > {AUTO_ONLINE}"
    document = platform(actions=(offline, CREATE.format(0, 1, "mem0")))
    derivation = derive(document)
    lines = bring_online(document, derivation.firmware, derivation.current)
    assert lines == ("daxctl online-memory dax0.0",)
    document = platform(actions=(offline,))
    derivation = derive(document)
    lines = bring_online(document, derivation.firmware, derivation.current)
    assert lines[0] == f"echo online_movable > {AUTO_ONLINE}"
    after = derive(e.set_actions(document, (offline, *lines)))
    assert any(z.name == "Movable" for n in after.current.nodes.values() for z in n.zones)


def dialog_for(document: Document, qtbot: QtBot) -> RegionDialog:
    dialog = RegionDialog(derive(document))
    qtbot.addWidget(dialog)
    return dialog


def test_the_dialog_predicts_before_it_is_accepted(qtbot: QtBot) -> None:
    dialog = dialog_for(interleaved(1), qtbot)
    button = dialog.buttons.buttons()[0]
    assert dialog.command == ""
    assert not button.isEnabled()
    dialog.check("mem0")
    assert "refuse" in dialog.prediction.text()
    dialog.check("mem1")
    assert dialog.command == CREATE.format(0, 2, "mem0 mem1")
    assert "region0" in dialog.prediction.text()
    assert button.isEnabled()
    dialog.size_edit.setText("1 furlong")
    assert dialog.command == ""
    assert not button.isEnabled()
    dialog.size_edit.setText("2 GiB")
    assert "-s 2147483648 mem0 mem1" in dialog.command
    assert "2 GiB" in dialog.prediction.text()


def test_the_order_of_devices_is_that_of_positions(qtbot: QtBot) -> None:
    dialog = dialog_for(interleaved(1), qtbot)
    dialog.check("mem0")
    dialog.check("mem1")
    dialog.devices.setCurrentRow(1)
    dialog.move_device(-1)
    assert dialog.chosen == ("mem1", "mem0")
    assert dialog.command.endswith("mem1 mem0")


def test_persistent_memory_lists_devices_that_have_it(qtbot: QtBot) -> None:
    document = e.set_field(platform(devices=2), "mem1", "persistent_bytes", GIB)
    dialog = dialog_for(document, qtbot)
    assert dialog.devices.count() == 2
    dialog.type_box.setCurrentIndex(1)
    assert dialog.devices.count() == 1
    dialog.check("mem1")
    assert " -t pmem " in dialog.command


def test_accepting_the_dialog_adds_the_command(
    panel: HostActionsPanel, session: Session, qtbot: QtBot
) -> None:
    panel.create_region()
    (dialog,) = panel.findChildren(RegionDialog)
    dialog.check("mem1")
    with qtbot.waitSignal(dialog.accepted):
        dialog.accept()
    assert session.document.actions[-1] == CREATE.format(0, 1, "mem1")
    assert session.undo_stack.undoText() == "Create region"
