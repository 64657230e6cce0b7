import pytest

from cxldesigner.document import edits
from cxldesigner.document.model import (
    GIB,
    Device,
    HostBridge,
    Point,
    Restriction,
    RootPort,
    Window,
)
from cxldesigner.gui.canvas.editing import CanvasEditor, add_target, below, pinned, target_refusal
from cxldesigner.gui.canvas.regionactions import region_action, with_region_actions
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


def test_no_line_when_the_property_is_off(session, editor):
    editor.write_region_actions = False
    editor.connect_ports("rp1:down", "mem0:up")

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


def test_moving_something_pins_what_had_no_position(session, editor):
    assert not session.document.layout
    editor.move({"s0": Point(8, 16)})

    layout = session.document.layout
    assert layout.keys() == {*session.document.parts, *session.document.windows}
    assert layout["s0"] == Point(8, 16)


def test_pinning_a_pinned_document_changes_nothing(session):
    once = pinned(session.document)

    assert pinned(once) is once


def test_targets_are_refused_with_a_reason(session):
    document = session.document

    assert target_refusal(document, "w0", "hb1") is None
    assert target_refusal(document, "w0", "hb0").code == "target-repeated"
    assert target_refusal(document, "w0", "rp0").code == "target-not-bridge"
    assert target_refusal(document, "w7", "hb0").args == ("w7",)
    with pytest.raises(edits.EditRefused):
        add_target(document, "w0", "hb0")


def test_below_survives_a_ring():
    from cxldesigner.document.model import Document, Link, Switch

    ring = Document(
        parts={"a": Switch(id="a"), "b": Switch(id="b")},
        links={
            "k0": Link(id="k0", upstream="a:d0", downstream="b:up"),
            "k1": Link(id="k1", upstream="b:d0", downstream="a:up"),
        },
    )

    assert below(ring, ("a",)) == {"a", "b"}
    assert with_region_actions(ring, ring) is ring


def test_adding_in_replay_is_refused(session, editor):
    session.enter_replay(session.document)
    codes = []
    session.refused.connect(lambda r: codes.append(r.code))

    assert editor.add(HostBridge(id="new"), Point(0, 0)) is None
    assert codes == ["replay-mode"]
