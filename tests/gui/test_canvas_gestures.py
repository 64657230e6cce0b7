import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cxldesigner.document import edits
from cxldesigner.document.model import Device, HostBridge, RootPort, Window
from cxldesigner.document.ports import parent_of
from cxldesigner.geometry.rect import GRID
from cxldesigner.gui.canvas.paintkit import PortLight
from tests.build import platform
from tests.gui.canvas_stage import LEFT, Stage


@pytest.fixture
def stage(qtbot):
    document = platform(bridges=2, devices=2)
    document = edits.add_part(document, RootPort(id="rp9"))
    document = edits.add_part(document, Device(id="mem9", volatile_bytes=1 << 30))
    return Stage(qtbot, edits.add_window(document, Window(id="w9", size_bytes=1 << 30)))


def lights(stage, ref):
    part, _, name = ref.partition(":")
    return stage.view.canvas.parts[part]._lights.get(name, PortLight.PLAIN)


def test_dragging_from_port_to_port_connects_in_one_named_step(stage):
    stage.drag(stage.port("mem9:up"), stage.port("rp9:down"))

    assert parent_of(stage.document, "mem9") == "rp9"
    assert stage.session.undo_stack.undoText() == "Connect mem9 to rp9"
    stage.session.undo_stack.undo()
    assert parent_of(stage.document, "mem9") is None


def test_the_direction_of_the_drag_does_not_matter(stage):
    stage.drag(stage.port("rp9:down"), stage.port("mem9:up"))

    assert parent_of(stage.document, "mem9") == "rp9"


def test_legal_ports_are_lit_and_all_others_dimmed_while_dragging(stage):
    start = stage.port("mem9:up")
    stage.press(start)
    stage.move(start, start + QPoint(0, -40))

    assert lights(stage, "rp9:down") is PortLight.LIT
    assert lights(stage, "rp0:down") is PortLight.DIM
    assert lights(stage, "s0:io") is PortLight.DIM
    stage.key(Qt.Key.Key_Escape)
    assert lights(stage, "rp9:down") is PortLight.PLAIN


def test_a_refused_drop_says_why_and_changes_nothing(stage):
    before = stage.document
    start, end = stage.port("mem9:up"), stage.port("rp0:down")
    stage.press(start)
    stage.move(start, end)

    assert stage.view.bubble.isVisible()
    assert "already in use" in stage.view.bubble.text()
    stage.release(end)

    assert stage.document is before
    assert [r.code for r in stage.refused] == ["port-taken"]
    assert stage.view.bubble.isVisible()


def test_the_reason_goes_away_after_a_moment(stage, qtbot):
    stage.view.bubble._timer.setInterval(10)
    stage.drag(stage.port("mem9:up"), stage.port("s0:io"))

    qtbot.waitUntil(lambda: not stage.view.bubble.isVisible())
    assert stage.refused[0].code == "port-types"


def test_dropping_a_link_on_nothing_is_silent(stage):
    before = stage.document
    stage.drag(stage.port("mem9:up"), stage.empty())

    assert stage.document is before
    assert not stage.refused
    assert not stage.view.bubble.isVisible()


def test_dropping_on_the_body_of_a_part_takes_its_fitting_port(stage):
    stage.drag(stage.port("mem9:up"), stage.part("rp9") + QPoint(20, 0))

    assert parent_of(stage.document, "mem9") == "rp9"


def test_escape_cancels_a_connection(stage):
    before = stage.document
    start, end = stage.port("mem9:up"), stage.port("rp9:down")
    stage.press(start)
    stage.move(start, end)
    stage.key(Qt.Key.Key_Escape)
    stage.release(end)

    assert stage.document is before
    assert not stage.view.bubble.isVisible()


def test_a_window_takes_bridges_in_the_order_they_are_dragged(stage):
    stage.drag(stage.port("w9:targets"), stage.part("hb1"))
    stage.drag(stage.port("w9:targets"), stage.part("hb0"))

    assert stage.document.windows["w9"].targets == ("hb1", "hb0")
    assert ("w9", 0) in stage.view.canvas.targets
    assert stage.session.undo_stack.undoText() == "Target hb0 from w9"


def test_a_window_refuses_a_bridge_twice_and_what_is_no_bridge(stage):
    stage.drag(stage.port("w9:targets"), stage.part("hb1"))
    stage.drag(stage.port("w9:targets"), stage.part("hb1"))
    stage.drag(stage.port("w9:targets"), stage.part("rp9"))

    assert stage.document.windows["w9"].targets == ("hb1",)
    assert [r.code for r in stage.refused] == ["target-repeated", "target-not-bridge"]


def test_moving_a_part_is_one_step_on_the_grid(stage):
    before = stage.view.canvas.rects["mem9"]
    start = stage.part("mem9")
    stage.drag(start, start + QPoint(70, 55))

    at = stage.document.layout["mem9"]
    assert (at.x, at.y) != (before.x, before.y)
    assert stage.view.canvas.parts["mem9"].pos().toTuple() == (at.x, at.y)
    assert stage.session.undo_stack.count() == 1
    assert stage.session.undo_stack.undoText() == "Move mem9"
    stage.session.undo_stack.undo()
    assert stage.view.canvas.rects["mem9"] == before


def test_a_free_move_lands_on_the_grid(stage):
    start = stage.part("mem9")
    end = start + QPoint(61, 47)
    stage.press(start)
    alt = Qt.KeyboardModifier.AltModifier
    QTest.mouseMove(stage.view.viewport(), end)
    stage.release(end, alt)

    at = stage.document.layout["mem9"]
    assert at.x % GRID == 0
    assert at.y % GRID == 0


def test_dragging_one_of_several_selected_parts_moves_all(stage):
    stage.session.select(("mem9", "rp9", "w9"))
    rects = dict(stage.view.canvas.rects)
    start = stage.part("mem9")
    stage.drag(start, start + QPoint(60, 60))

    moves = {
        k: (stage.document.layout[k].x - rects[k].x, stage.document.layout[k].y - rects[k].y)
        for k in ("mem9", "rp9", "w9")
    }
    assert len(set(moves.values())) == 1
    assert stage.session.undo_stack.undoText() == "Move 3 items"


def test_links_follow_a_part_while_it_is_dragged(stage):
    link = next(k for k in stage.document.links.values() if k.downstream == "mem0:up")
    item = stage.view.canvas.links[link.id]
    before, start = item.path, stage.part("mem0")
    stage.press(start)
    stage.move(start, start + QPoint(90, 30))

    assert item.path != before
    stage.key(Qt.Key.Key_Escape)
    assert item.path == before
    stage.release(start)
    assert stage.session.undo_stack.count() == 0


def test_a_click_selects_and_with_control_adds(stage):
    stage.click(stage.part("mem0"))
    assert stage.session.selection == {"mem0"}

    stage.click(stage.part("mem1"), Qt.KeyboardModifier.ControlModifier)
    assert stage.session.selection == {"mem0", "mem1"}

    stage.click(stage.part("mem1"), Qt.KeyboardModifier.ControlModifier)
    assert stage.session.selection == {"mem0"}

    stage.click(stage.empty())
    assert stage.session.selection == frozenset()


def test_a_link_is_selected_by_a_click_on_it(stage):
    link = next(k for k in stage.document.links.values() if k.downstream == "mem0:up")
    up, down = stage.port(link.upstream), stage.port(link.downstream)
    stage.click((up + down) / 2)

    assert stage.session.selection == {link.id}


def test_a_rubber_band_selects_what_it_meets(stage):
    rects = [stage.part("mem0"), stage.part("mem1")]
    stage.drag(rects[0] + QPoint(-110, 60), rects[1] + QPoint(20, 5))

    assert {"mem0", "mem1"} <= stage.session.selection
    assert "s0" not in stage.session.selection


def test_escape_takes_a_rubber_band_back(stage):
    stage.session.select(("w9",))
    stage.press(stage.empty())
    stage.move(stage.empty(), QPoint(900, 700))
    assert len(stage.session.selection) > 1
    stage.key(Qt.Key.Key_Escape)

    assert stage.session.selection == {"w9"}


def test_double_click_asks_for_the_fields(stage, qtbot):
    with qtbot.waitSignal(stage.view.inspector_requested) as asked:
        QTest.mouseDClick(
            stage.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, stage.part("hb0")
        )

    assert asked.args == ["hb0"]


def test_the_middle_button_pans_without_changing_anything(stage):
    before = stage.view.mapToScene(QPoint(0, 0))
    middle, plain = Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(stage.view.viewport(), middle, plain, QPoint(300, 300))
    stage.move(QPoint(300, 300), QPoint(360, 330))
    QTest.mouseRelease(stage.view.viewport(), middle, plain, QPoint(360, 330))

    after = stage.view.mapToScene(QPoint(0, 0))
    assert after.x() < before.x()
    assert after.y() < before.y()
    assert stage.session.undo_stack.count() == 0


def test_in_replay_nothing_can_be_moved_or_connected(stage):
    stage.session.enter_replay(stage.document)
    start = stage.part("mem9")
    stage.drag(start, start + QPoint(60, 60))
    assert stage.session.selection == {"mem9"}
    stage.drag(stage.port("mem9:up"), stage.port("rp9:down"))

    assert stage.session.undo_stack.count() == 0
    assert not stage.document.links.keys() ^ stage.session.shown_document.links.keys()


def test_a_document_change_during_a_drag_ends_the_drag(stage):
    start = stage.part("mem9")
    stage.press(start)
    stage.move(start, start + QPoint(80, 80))
    stage.session.edit("Add hb9", edits.add_part, HostBridge(id="hb9"))
    stage.release(start + QPoint(80, 80))

    assert stage.session.undo_stack.count() == 1
    rect = stage.view.canvas.rects["mem9"]
    assert stage.view.canvas.parts["mem9"].rect == rect


def test_the_part_under_the_pointer_shows_it(stage):
    QTest.mouseMove(stage.view.viewport(), stage.part("mem0"))
    assert stage.view.canvas.parts["mem0"].hovered
    QTest.mouseMove(stage.view.viewport(), stage.part("mem1"))
    assert not stage.view.canvas.parts["mem0"].hovered
    assert stage.view.canvas.parts["mem1"].hovered


def test_dragging_to_the_border_scrolls_and_the_part_comes_along(stage, qtbot):
    start = stage.part("mem9")
    edge = QPoint(stage.view.viewport().width() - 2, start.y())
    stage.press(start)
    stage.move(start, edge)
    before = stage.view.mapToScene(QPoint(0, 0)).x()
    at = stage.view.canvas.parts["mem9"].rect.x
    qtbot.waitUntil(lambda: stage.view.mapToScene(QPoint(0, 0)).x() > before + 30)

    assert stage.view.canvas.parts["mem9"].rect.x > at
    stage.release(edge)
    qtbot.waitUntil(lambda: not stage.view._scroller.isActive())
