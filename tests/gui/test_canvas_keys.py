import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget

from cxldesigner.document import edits
from cxldesigner.document.model import GIB, Device, RootPort, Socket, Window
from cxldesigner.document.ports import parent_of
from cxldesigner.geometry.rect import GRID
from cxldesigner.gui.canvas.connectpopup import ConnectPopup, choices
from cxldesigner.gui.canvas.menu import canvas_menu, item_menu
from cxldesigner.gui.canvas.walk import walk_order
from tests.build import platform
from tests.gui.canvas_stage import Stage

OFFSCREEN = pytest.mark.qt_log_ignore("This plugin does not support grabbing", extend=True)
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def stage(qtbot):
    document = platform(bridges=2, devices=2)
    document = edits.add_part(document, RootPort(id="rp9"))
    document = edits.add_part(document, Device(id="mem9", volatile_bytes=GIB))
    return Stage(qtbot, edits.add_window(document, Window(id="w9", size_bytes=GIB)))


def popup_of(stage):
    popup = stage.view.findChild(ConnectPopup)
    assert popup is not None
    return popup


def test_delete_removes_the_selection_in_one_step(stage):
    stage.session.select(("mem0", "mem1"))
    stage.key(Qt.Key.Key_Delete)

    assert not {"mem0", "mem1"} & stage.document.parts.keys()
    assert stage.session.undo_stack.undoText() == "Delete 2 items"
    stage.session.undo_stack.undo()
    assert {"mem0", "mem1"} <= stage.document.parts.keys()


def test_deleting_a_link_is_called_disconnecting(stage):
    link = next(k for k in stage.document.links.values() if k.downstream == "mem0:up")
    stage.session.select((link.id,))
    stage.key(Qt.Key.Key_Backspace)

    assert stage.session.undo_stack.undoText() == "Disconnect mem0 from rp0"


def test_control_a_selects_every_part_and_window(stage):
    stage.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)

    assert stage.session.selection == {*stage.document.parts, *stage.document.windows}


def test_arrows_nudge_on_the_grid_and_a_row_of_them_is_one_step(stage):
    stage.session.select(("mem9",))
    before = stage.view.canvas.rects["mem9"]
    for _ in range(3):
        stage.view.keyPressEvent(_press(Qt.Key.Key_Right))
    stage.view.keyPressEvent(_press(Qt.Key.Key_Down, SHIFT))

    after = stage.view.canvas.rects["mem9"]
    assert after.x - before.x == 3 * GRID
    assert after.y - before.y == 5 * GRID
    assert stage.session.undo_stack.count() == 1


def test_letting_go_of_the_arrow_ends_the_step(stage):
    stage.session.select(("mem9",))
    stage.key(Qt.Key.Key_Right)
    stage.key(Qt.Key.Key_Right)

    assert stage.session.undo_stack.count() == 2


def _press(key, modifiers=Qt.KeyboardModifier.NoModifier):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers)


def test_arrows_scroll_when_nothing_is_selected(stage):
    before = stage.view.mapToScene(QPoint(0, 0))
    stage.key(Qt.Key.Key_Right)

    assert stage.view.mapToScene(QPoint(0, 0)).x() > before.x()
    assert stage.session.undo_stack.count() == 0


def test_tab_walks_from_socket_to_devices_and_back(stage):
    order = walk_order(stage.document, stage.view.canvas.rects)
    assert order[:4] == ["s0", "hb0", "rp0", "mem0"]
    assert set(order) == {*stage.document.parts, *stage.document.windows}

    for expected in order:
        assert stage.view.walk(1)
        assert stage.session.selection == {expected}
    assert not stage.view.walk(1)
    assert stage.view.walk(-1)
    assert stage.session.selection == {order[-2]}


def test_the_tab_key_walks_and_leaves_at_the_end(stage, qtbot):
    stage.view.setFocus()
    stage.key(Qt.Key.Key_Tab)
    assert stage.session.selection == {"s0"}
    stage.key(Qt.Key.Key_Backtab, SHIFT)
    assert stage.session.selection == {"s0"}


def test_enter_asks_for_the_fields(stage, qtbot):
    stage.session.select(("mem0",))
    with qtbot.waitSignal(stage.view.inspector_requested) as asked:
        stage.key(Qt.Key.Key_Return)

    assert asked.args == ["mem0"]


@OFFSCREEN
def test_c_lists_what_is_possible_and_typing_chooses(stage, qtbot):
    stage.session.select(("mem9",))
    stage.key(Qt.Key.Key_C)
    popup = popup_of(stage)
    field, rows = popup.findChild(QLineEdit), popup.findChild(QListWidget)
    assert [c.other for c in choices(stage.document, "mem9")] == ["rp9:down"]
    assert rows.count() == 1

    qtbot.keyClicks(field, "nothing of this kind")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert parent_of(stage.document, "mem9") is None

    field.clear()
    qtbot.keyClicks(field, "rp9")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert parent_of(stage.document, "mem9") == "rp9"
    assert stage.session.undo_stack.undoText() == "Connect mem9 to rp9"


@OFFSCREEN
def test_c_on_a_window_lists_bridges_and_arrows_choose(stage, qtbot):
    stage.session.select(("w9",))
    stage.key(Qt.Key.Key_C)
    field = popup_of(stage).findChild(QLineEdit)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert stage.document.windows["w9"].targets == ("hb1",)


def test_zoom_keys(stage):
    stage.key(Qt.Key.Key_0)
    assert stage.view.zoom == pytest.approx(1.0)
    stage.key(Qt.Key.Key_Plus)
    assert stage.view.zoom > 1.0
    stage.key(Qt.Key.Key_Minus)
    assert stage.view.zoom == pytest.approx(1.0)
    for _ in range(60):
        stage.key(Qt.Key.Key_Minus)
    assert stage.view.zoom > 0.05
    stage.key(Qt.Key.Key_F)
    area = stage.view.viewport().rect()
    assert all(area.contains(stage.part(k)) for k in stage.view.canvas.rects)


def test_escape_clears_selection_and_highlighting(stage):
    stage.session.select(("mem0",))
    stage.view.highlight(("mem1",))
    stage.key(Qt.Key.Key_Escape)

    assert not stage.session.selection
    assert not stage.view.canvas.parts["mem0"].faded


def test_select_below_takes_the_whole_tree(stage):
    stage.session.select(("hb0",))
    stage.view.select_below()

    assert stage.session.selection == {"hb0", "rp0", "rp1", "mem0", "mem1"}


def test_menus_offer_what_fits_the_item(stage):
    stage.session.edit("Target", edits.set_field, "w9", "targets", ("hb1", "hb0"))
    texts = [a.text() for a in item_menu(stage.view, stage.view, "w9").actions()]
    assert "Remove target 1: hb0" in texts

    stage.session.enter_replay(stage.document)
    texts = [a.text() for a in item_menu(stage.view, stage.view, "mem0").actions()]
    assert texts == ["Show in inspector", "Select all below"]


def test_menu_entries_do_what_they_say(stage):
    from cxldesigner.document.model import Point

    stage.session.edit("Target", edits.set_field, "w9", "targets", ("hb1", "hb0"))
    menu = item_menu(stage.view, stage.view, "w9")
    next(a for a in menu.actions() if a.text() == "Remove target 0: hb1").trigger()
    assert stage.document.windows["w9"].targets == ("hb0",)

    menu = canvas_menu(stage.view, stage.view, Point(0, 900))
    next(a for a in menu.actions() if a.text() == "Arrange automatically").trigger()
    assert stage.document.layout.keys() == {*stage.document.parts, *stage.document.windows}
    adds = next(a for a in menu.actions() if a.menu()).menu()
    adds.actions()[0].trigger()
    assert any(k != "s0" for k, p in stage.document.parts.items() if isinstance(p, Socket))


def test_focus_is_shown_and_the_canvas_has_a_name(stage):
    assert stage.view.accessibleName()
    assert stage.view.accessibleDescription()
    assert stage.view.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert QApplication.instance() is not None
