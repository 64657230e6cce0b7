"""Region lines follow every edit, whichever view made it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cxldesigner.document import edits
from cxldesigner.document.model import (
    GIB,
    Device,
    Point,
    Restriction,
    RootPort,
    Window,
)
from cxldesigner.gui.canvas.editing import CanvasEditor
from cxldesigner.gui.inspector.panel import InspectorPanel
from cxldesigner.gui.outline import OutlinePanel
from cxldesigner.gui.regionactions import region_action, with_region_actions
from cxldesigner.gui.session import Session
from tests.build import platform


@pytest.fixture
def session(qapp):
    document = platform(bridges=2, devices=0)
    for n in range(3):
        document = edits.add_part(document, RootPort(id=f"rp{n}"))
    document = edits.connect(document, "hb0:rp", "rp0:up")
    document = edits.connect(document, "hb1:rp", "rp1:up")
    for n in range(2):
        document = edits.add_part(document, Device(id=f"mem{n}", volatile_bytes=GIB))
    return Session(document)


@pytest.fixture
def editor(session):
    return CanvasEditor(session)


def test_a_connected_device_gets_its_region_in_the_same_step(session, editor):
    assert editor.connect_ports("rp1:down", "mem0:up")

    line = "cxl create-region -m -t ram -d decoder0.1 -w 1 -g 256 mem0"
    assert session.document.actions == (line,)
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert session.document.actions == ()


def test_no_line_when_a_line_names_the_device_already(session, editor):
    mine = "cxl create-region -t ram -d decoder0.0 -w 2 -g 4096 mem0 mem1"
    session.edit("Act", edits.set_actions, (mine,))
    editor.connect_ports("rp0:down", "mem0:up")

    assert session.document.actions == (mine,)


def test_no_line_without_a_one_way_window_for_ram(session, editor):
    session.edit("Target", edits.set_field, "w0", "targets", ("hb0", "hb1"))
    kinds = (Restriction.TYPE3, Restriction.PERSISTENT)
    session.edit("Restrict", edits.set_field, "w1", "restrictions", kinds)
    editor.connect_ports("rp0:down", "mem0:up")
    editor.connect_ports("rp1:down", "mem1:up")

    assert session.document.actions == ()


def test_no_line_for_a_device_without_volatile_memory(session, editor):
    session.edit("Empty", edits.set_field, "mem0", "volatile_bytes", 0)
    editor.connect_ports("rp0:down", "mem0:up")

    assert session.document.actions == ()


def test_a_whole_tree_connected_at_once_gets_lines_for_all_its_devices(session, editor):
    session.edit("Link", edits.connect, "rp2:down", "mem0:up")
    editor.connect_ports("hb0:rp", "rp2:up")

    assert session.document.actions == (region_action(0, "mem0"),)


def test_targeting_a_bridge_gives_its_devices_their_regions(session, editor):
    session.edit("Drop", edits.remove, ("w0",))
    editor.connect_ports("rp0:down", "mem0:up")
    assert session.document.actions == ()

    new = editor.add(Window(id="new", size_bytes=GIB), Point(0, 0), "hb0")

    assert new == "w0"
    assert session.document.actions == (region_action(1, "mem0"),)


def test_disconnecting_and_deleting_take_our_line_back(session, editor):
    editor.connect_ports("rp0:down", "mem0:up")
    link = next(k.id for k in session.document.links.values() if k.downstream == "mem0:up")
    editor.remove((link,))
    assert session.document.actions == ()

    editor.connect_ports("rp0:down", "mem0:up")
    editor.remove(("mem0",))
    assert session.document.actions == ()


def test_our_line_follows_its_window_when_another_goes(session, editor):
    editor.connect_ports("rp1:down", "mem0:up")
    editor.remove(("w0",))

    assert session.document.actions == (region_action(0, "mem0"),)


def test_lines_a_person_wrote_are_left_alone(session, editor):
    mine = ("# moment: start", "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 512 mem0")
    session.edit("Act", edits.set_actions, mine)
    editor.remove(("mem0",))

    assert session.document.actions == mine


def test_a_full_window_is_passed_over(session):
    document = session.document
    document = edits.set_field(document, "w0", "size_bytes", GIB)
    document = edits.add_window(document, Window(id="w2", size_bytes=GIB, targets=("hb0",)))
    document = edits.add_part(document, RootPort(id="rp3"))
    document = edits.connect(document, "hb0:rp", "rp3:up")
    first = with_region_actions(document, edits.connect(document, "rp0:down", "mem0:up"))
    second = with_region_actions(first, edits.connect(first, "rp3:down", "mem1:up"))

    assert second.actions == (region_action(0, "mem0"), region_action(2, "mem1"))


def test_the_outline_takes_the_line_with_the_device_or_the_window(
    session: Session, qtbot: QtBot
) -> None:
    panel = OutlinePanel(session)
    qtbot.addWidget(panel)
    session.edit("Connect", edits.connect, "rp0:down", "mem0:up")
    session.edit("Connect", edits.connect, "rp1:down", "mem1:up")
    assert session.document.actions == (region_action(0, "mem0"), region_action(1, "mem1"))
    session.select(["mem0"])
    panel.delete_selection()
    assert session.document.actions == (region_action(1, "mem1"),)
    session.select(["w1"])
    panel.move_window(-1)
    assert session.document.actions == (region_action(0, "mem1"),)
    panel.delete_selection()
    assert session.document.actions == ()
    session.undo_stack.setIndex(2)
    assert session.document.actions == (region_action(0, "mem0"), region_action(1, "mem1"))


def test_the_inspector_keeps_the_lines_of_targets_and_capacities(
    session: Session, qtbot: QtBot
) -> None:
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    session.edit("Connect", edits.connect, "rp0:down", "mem0:up")
    session.select(["mem0"])
    (form,) = panel.forms
    form.editor("volatile capacity").committed.emit(0, "")
    assert session.document.actions == ()
    form.editor("volatile capacity").committed.emit(GIB, "")
    assert session.document.actions == (region_action(0, "mem0"),)
    session.select(["w0"])
    (form,) = panel.forms
    form.editor("targets").committed.emit(("hb1",), "")
    assert session.document.actions == ()


def test_other_edits_leave_every_line(session: Session) -> None:
    lines = (region_action(0, "elsewhere"), "daxctl offline-memory dax0.0")
    session.edit("Act", edits.set_actions, lines)
    session.edit("Name", edits.set_field, "mem0", "name", "first")
    session.edit("Connect", edits.connect, "rp0:down", "mem0:up")
    assert session.document.actions == (*lines, region_action(0, "mem0"))
