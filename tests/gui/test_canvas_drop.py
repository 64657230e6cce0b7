import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt

from cxldesigner.document import edits
from cxldesigner.document.model import GIB, Device, HostBridge, RootPort, Socket, Switch, Window
from cxldesigner.document.ports import parent_link, parent_of
from cxldesigner.gui.canvas.templates import (
    MIME,
    NotATemplate,
    Template,
    basic_templates,
    from_mime,
    to_mime,
)
from cxldesigner.gui.partpalette import preset_templates
from tests.build import platform
from tests.gui.canvas_stage import Stage

DEVICE = Template("d", "", "", Device(id="new", volatile_bytes=GIB))


@pytest.fixture
def stage(qtbot):
    document = platform(devices=1)
    document = edits.add_part(document, RootPort(id="rp9"))
    document = edits.connect(document, "hb0:rp", "rp9:up")
    return Stage(qtbot, edits.add_part(document, Switch(id="sw9")))


@pytest.mark.parametrize("template", [*basic_templates(), *preset_templates()], ids=lambda t: t.key)
def test_a_template_survives_drag_and_drop(template):
    assert from_mime(to_mime(template)) == template.item


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"kind": "planet", "fields": {}}',
        b'{"kind": "device", "fields": {"volatile_bytes": "much"}}',
        b'{"kind": "device", "fields": {"wings": 2}}',
        b'{"kind": "device", "fields": {"perf": 3}}',
        b'{"kind": "device", "fields": 7}',
        b'{"kind": "window", "fields": {"restrictions": ["none at all"]}}',
        b'{"kind": "host", "fields": {}}',
        b"[" * 60_000,
        b'{"kind": "device", "fields": {"name": "' + b"x" * 70_000 + b'"}}',
    ],
    ids=range(13),
)
def test_what_is_no_template_is_refused(raw, stage):
    data = QMimeData()
    data.setData(MIME, raw)
    with pytest.raises(NotATemplate):
        from_mime(data)

    before = stage.document
    assert not stage.drop(data, stage.empty())
    assert stage.document is before
    assert stage.refused[0].code == "drop-unreadable"


def test_other_data_is_ignored(stage):
    data = QMimeData()
    data.setText("hello")

    assert not stage.hover(data, stage.empty())


def test_a_drop_on_the_empty_canvas_adds_the_part_there(stage):
    data, at = to_mime(DEVICE), QPoint(40, stage.view.viewport().height() - 40)
    assert stage.drop(data, at)

    assert stage.session.selection == {"mem1"}
    assert stage.session.undo_stack.undoText() == "Add mem1"
    middle = stage.part("mem1")
    assert (middle - at).manhattanLength() < 200
    assert parent_of(stage.document, "mem1") is None


def test_a_device_dropped_on_a_free_root_port_is_connected_in_the_same_step(stage):
    data = to_mime(DEVICE)
    assert stage.drop(data, stage.port("rp9:down"))

    assert parent_of(stage.document, "mem1") == "rp9"
    assert stage.session.undo_stack.count() == 1
    assert stage.session.undo_stack.undoText() == "Add mem1 at rp9:down"
    rects = stage.view.canvas.rects
    assert rects["mem1"].y > rects["rp9"].bottom


def test_a_device_dropped_on_a_switch_port_takes_that_port(stage):
    data = to_mime(DEVICE)
    assert stage.drop(data, stage.port("sw9:d2"))

    link = parent_link(stage.document, "mem1")
    assert link is not None
    assert link.upstream == "sw9:d2"


def test_a_device_dropped_on_the_body_of_a_switch_takes_a_free_port(stage):
    data = to_mime(DEVICE)
    assert stage.drop(data, stage.part("sw9"))

    assert parent_of(stage.document, "mem1") == "sw9"


def test_a_ghost_and_a_promise_are_shown_before_the_drop(stage):
    data = to_mime(DEVICE)
    items = len(stage.view.canvas.items())
    assert stage.hover(data, stage.port("rp9:down"))

    assert len(stage.view.canvas.items()) == items + 2
    assert "rp9:down" in stage.view.bubble.text()
    stage.leave()
    assert len(stage.view.canvas.items()) == items
    assert not stage.view.bubble.isVisible()


@pytest.mark.parametrize(
    ("part", "target", "code"),
    [
        (Device(id="new"), "rp0:down", "port-taken"),
        (Device(id="new"), "mem0", "port-types"),
        (Device(id="new"), "s0", "port-types"),
        (Socket(id="new"), "rp9", "port-types"),
        (Window(id="new"), "rp9", "target-not-bridge"),
        (Window(id="new"), "w0", "window-on-window"),
        (RootPort(id="new"), "w0", "target-not-bridge"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_refused_drop_says_why_and_changes_nothing(stage, part, target, code):
    before = stage.document
    data = to_mime(Template("x", "", "", part))
    at = stage.port(target) if ":" in target else stage.part(target)

    assert not stage.drop(data, at)
    assert stage.document is before
    assert [r.code for r in stage.refused] == [code]
    assert stage.view.bubble.isVisible()
    assert stage.view.bubble.text()


def test_a_window_dropped_on_a_bridge_targets_it(stage):
    data = to_mime(Template("w", "", "", Window(id="new", size_bytes=GIB)))
    assert stage.drop(data, stage.part("hb0"))

    assert stage.document.windows["w1"].targets == ("hb0",)


def test_a_bridge_dropped_on_a_window_becomes_its_target(stage):
    data = to_mime(Template("b", "", "", HostBridge(id="new")))
    assert stage.drop(data, stage.part("w0") + QPoint(-40, 0))

    assert stage.document.windows["w0"].targets == ("hb0", "hb1")


def test_escape_ends_a_drag_over_the_canvas(stage):
    data = to_mime(DEVICE)
    stage.hover(data, stage.port("rp9:down"))
    items = len(stage.view.canvas.items())
    stage.key(Qt.Key.Key_Escape)

    assert len(stage.view.canvas.items()) == items - 2


def test_a_drop_in_replay_is_refused(stage):
    stage.session.enter_replay(stage.document)
    data = to_mime(DEVICE)

    assert not stage.drop(data, stage.empty())
    assert stage.refused[0].code == "replay-mode"


def test_parts_added_one_after_another_do_not_overlap(stage):
    for _ in range(6):
        assert stage.view.add_at_centre(Device(id="new")) is not None

    rects = list(stage.view.canvas.rects.values())
    assert not any(a.overlaps(b) for i, a in enumerate(rects) for b in rects[i + 1 :])
