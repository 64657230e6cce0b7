"""The window: what it shows, where its panels are, what it says when something goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QTranslator, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMenu,
    QPushButton,
    QTabBar,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from cxldesigner.document.edits import add_part
from cxldesigner.document.model import Device, Document, Socket
from cxldesigner.document.ports import Refusal
from cxldesigner.document.store import save_document
from cxldesigner.gui import dialogs
from cxldesigner.gui.dialogs import Unsaved
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.panels import panel_specs
from cxldesigner.gui.session import Mode
from cxldesigner.gui.settings import Appearance, Layout
from cxldesigner.gui.theme import ThemeChoice, apply_theme, tokens

EXAMPLE = Document(name="Example", parts={"s0": Socket(id="s0"), "mem0": Device(id="mem0")})
Maker = Callable[..., MainWindow]


@pytest.fixture
def window(stand_ins: None, make_window: Maker) -> MainWindow:
    return make_window(EXAMPLE)


def settle(qtbot: QtBot) -> None:
    qtbot.wait(30)


def test_the_title_has_the_name_and_the_mark_of_changes(window: MainWindow) -> None:
    assert window.windowTitle().startswith("Example[*]")
    assert not window.isWindowModified()
    window.session.edit("Add", add_part, Device(id="mem1"))
    assert window.isWindowModified()
    window.session.undo_stack.undo()
    assert not window.isWindowModified()


def visible(window: MainWindow) -> set[str]:
    return {k for k, dock in window.docks.items() if not dock.isHidden()}


def front(window: MainWindow) -> set[str]:
    return {k for k, dock in window.docks.items() if dock.in_front}


def test_each_mode_has_its_panels(qtbot: QtBot, window: MainWindow) -> None:
    settle(qtbot)
    assert visible(window) == {s.id for s in panel_specs() if Mode.EDIT in s.modes}
    assert front(window) == {"parts", "inspector", "linux"}

    window.session.enter_replay(Document(name="R"))
    settle(qtbot)
    assert visible(window) == {s.id for s in panel_specs() if Mode.REPLAY in s.modes}
    assert front(window) == {"charts"}
    window.resize(1280, 800)
    window.arrangement.size_default(Mode.REPLAY)
    settle(qtbot)
    assert window.docks["charts"].width() > 700
    assert window.docks["charts"].height() > 500
    assert window.canvas.width() > 450

    window.session.leave_replay()
    settle(qtbot)
    assert front(window) == {"parts", "inspector", "linux"}


def test_changing_modes_leaves_no_tab_bars_behind(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 800)
    for _ in range(2):
        for mode in (Mode.REPLAY, Mode.EDIT):
            if mode is Mode.REPLAY:
                window.session.enter_replay(Document(name="R"))
            else:
                window.session.leave_replay()
            settle(qtbot)
            bars = [b for b in window.findChildren(QTabBar) if b.parent() is window]
            shown = [b.tabText(i) for b in bars if b.isVisible() for i in range(b.count())]
            assert sorted(shown) == sorted(window.docks[k].spec.title for k in visible(window))
            assert window.size() == QSize(1280, 800)


def test_at_the_start_size_the_canvas_has_the_most_room(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 800)
    settle(qtbot)
    window.arrangement.size_default(Mode.EDIT)
    settle(qtbot)
    assert window.canvas.width() > 700
    assert window.canvas.height() > 340
    assert 190 <= window.docks["parts"].width() <= 260
    assert 280 <= window.docks["inspector"].width() <= 360


def test_the_window_fits_on_a_screen_of_1920_at_200_percent(window: MainWindow) -> None:
    assert window.minimumSizeHint().width() <= 960
    assert window.minimumSizeHint().height() <= 500


def test_what_the_user_did_to_the_layout_is_kept_per_mode(
    qtbot: QtBot, stand_ins: None, make_window: Maker
) -> None:
    window = make_window(EXAMPLE)
    window.docks["findings"].hide()
    window.resize(790, 640)
    settle(qtbot)
    window.close()

    again = make_window(EXAMPLE)
    settle(qtbot)
    assert "findings" not in visible(again)
    assert again.size() == QSize(790, 640)
    again.session.enter_replay(Document(name="R"))
    again.session.leave_replay()
    settle(qtbot)
    assert "findings" not in visible(again)


def test_reset_layout_brings_everything_back(qtbot: QtBot, window: MainWindow) -> None:
    for dock in window.docks.values():
        dock.hide()
    window.docks["linux"].setFloating(True)
    window.action_set.actions["view.reset-layout"].trigger()
    settle(qtbot)

    assert front(window) == {"parts", "inspector", "linux"}
    assert not window.docks["linux"].isFloating()
    assert window.settings.read(Layout).edit == b""


def test_a_kept_layout_that_is_no_layout_is_not_used(
    qtbot: QtBot, stand_ins: None, make_window: Maker
) -> None:
    from cxldesigner.gui.settings import Settings

    Settings().write(Layout(geometry=b"rubbish", edit=b"rubbish", replay=b"rubbish"))
    window = make_window(EXAMPLE)
    settle(qtbot)

    assert front(window) == {"parts", "inspector", "linux"}


def test_a_panels_action_shows_it_then_hides_it(qtbot: QtBot, window: MainWindow) -> None:
    action = window.action_set.actions["panel.findings"]
    action.trigger()
    settle(qtbot)
    assert "findings" in front(window)
    assert action.isChecked()
    action.trigger()
    settle(qtbot)
    assert "findings" not in visible(window)
    assert not action.isChecked()


def test_tabbed_panels_have_no_second_title(qtbot: QtBot, window: MainWindow) -> None:
    settle(qtbot)
    dock = window.docks["parts"]
    assert dock.titleBarWidget() is not None
    window.docks["outline"].hide()
    settle(qtbot)
    assert dock.titleBarWidget() is None


def test_a_refused_edit_is_worded(window: MainWindow) -> None:
    window.session.refused.emit(Refusal("same-part", ("mem0",)))
    assert window.message_bar.isVisible()
    assert "mem0" in window.message_bar.text


def test_an_edit_in_replay_offers_the_way_back(window: MainWindow) -> None:
    window.session.enter_replay(Document(name="R"))
    assert not window.session.edit("Add", add_part, Device(id="x"))
    button = next(b for b in window.message_bar.findChildren(QPushButton) if b.isVisible())
    button.click()
    assert window.session.mode is Mode.EDIT
    assert not window.message_bar.isVisible()


def test_a_failed_derivation_is_told_until_the_next_good_one(window: MainWindow) -> None:
    window.derivation.failed.emit("It went wrong.", "Traceback …")
    assert window.message_bar.text == "It went wrong."
    window.derivation.recovered.emit()
    assert not window.message_bar.isVisible()


def test_closing_asks_about_changes_and_can_be_stopped(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [Unsaved.CANCEL, Unsaved.DISCARD]
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: answers.pop(0))
    window.session.edit("Add", add_part, Device(id="mem1"))

    assert not window.close()
    assert window.isVisible()
    assert window.close()
    assert answers == []


def test_a_dropped_file_is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "dropped.cxld"
    save_document(Document(name="Dropped"), path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    button, modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    entered = QDragEnterEvent(QPoint(10, 10), copy, mime, button, modifier)
    QApplication.sendEvent(window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(10, 10), copy, mime, button, modifier))
    qtbot.waitUntil(lambda: window.session.document.name == "Dropped")


def test_the_theme_is_chosen_in_the_menu_and_kept(window: MainWindow) -> None:
    try:
        window.action_set.actions["theme.dark"].trigger()
        assert tokens().dark
        assert window.settings.read(Appearance).theme is ThemeChoice.DARK
        assert window.action_set.actions["theme.dark"].isChecked()
        assert not window.action_set.actions["theme.light"].isChecked()
    finally:
        apply_theme(ThemeChoice.LIGHT)


def test_reduced_motion_stops_sliding_docks(window: MainWindow) -> None:
    assert window.isAnimated()
    window.action_set.actions["view.reduced-motion"].trigger()
    assert not window.isAnimated()


def test_the_welcome_page_hides_panels_and_gives_them_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    settle(qtbot)
    before = front(window)
    window.action_set.actions["help.welcome"].trigger()
    settle(qtbot)
    assert visible(window) == set()
    assert not window.action_set.actions["file.save"].isEnabled()

    window.action_set.actions["file.new"].trigger()
    settle(qtbot)
    assert front(window) == before
    assert window.session.document.parts == {}


def test_f1_shows_help_and_the_key_table_has_every_action(qtbot: QtBot, window: MainWindow) -> None:
    window.action_set.actions["help.pages"].trigger()
    window.action_set.actions["help.keys"].trigger()
    help_window = window.commands._help
    assert help_window is not None
    text = help_window.text
    for spec in window.action_set.specs:
        assert window.action_set.actions[spec.id].text().replace("&", "").rstrip("…") in text


@pytest.mark.parametrize("page", ["first-steps", "drawing", "linux-view", "playing", "files"])
def test_help_pages_exist_and_link_to_pages_that_exist(window: MainWindow, page: str) -> None:
    from cxldesigner.assets import resource
    from cxldesigner.gui.helpwindow import page_titles

    source = resource("help", f"{page}.md").read_text()
    for target in re.findall(r"\]\(([^)]+)\)", source):
        if target.endswith(".png"):
            assert resource("help", target).is_file()
        else:
            assert target.removesuffix(".md") in page_titles()
    window.commands.show_help(page)
    assert window.commands._help is not None
    assert len(window.commands._help.text) > 300


def test_icon_only_buttons_have_names(qtbot: QtBot, window: MainWindow) -> None:
    settle(qtbot)
    nameless = [
        f"{type(b).__name__} {b.objectName()} in {type(b.parent()).__name__}"
        for b in window.findChildren(QAbstractButton)
        if not b.text()
        and not b.accessibleName()
        and b.isVisibleTo(window)
        and not b.objectName().startswith("qt_")
        and type(b.parent()).__module__.startswith("cxldesigner")
    ]
    assert nameless == []


class Pseudo(QTranslator):
    """Makes every sentence a third longer, with marks at both ends."""

    def translate(
        self,
        _context: str,
        text: str | None,
        _disambiguation: str | None = None,
        _n: int = -1,
    ) -> str:
        return f"[{text}{'~' * (len(text) // 3 + 1)}]" if text else ""

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def pseudo(qapp: QApplication) -> Iterator[None]:
    translator = Pseudo()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_longer_words_are_not_cut_off(
    qtbot: QtBot, pseudo: None, stand_ins: None, make_window: Maker
) -> None:
    window = make_window(EXAMPLE)
    settle(qtbot)
    texts = [a.text() for a in window.action_set.actions.values()]
    assert all(t.startswith("[") for t in texts)
    assert all(t.startswith("[") for t in (d.windowTitle() for d in window.docks.values()))
    cut = []
    for bar in window.findChildren(QTabBar):
        for n in range(bar.count()):
            needed = bar.fontMetrics().horizontalAdvance(bar.tabText(n))
            if bar.isVisible() and bar.tabRect(n).width() < needed and bar.elideMode() is None:
                cut.append(bar.tabText(n))
    for button in window.findChildren(QToolButton):
        shown = button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if button.isVisible() and shown and button.width() < button.sizeHint().width():
            cut.append(button.text())
    for menu in window.menuBar().findChildren(QMenu):
        cut += [
            action.text()
            for action in menu.actions()
            if not action.isSeparator()
            and menu.actionGeometry(action).width()
            < menu.fontMetrics().horizontalAdvance(action.text())
        ]
    assert cut == []


def test_every_panel_is_real(make_window: Maker, qtbot: QtBot) -> None:
    window = make_window(EXAMPLE)
    for dock in window.docks.values():
        assert type(dock.panel).__name__ == dock.spec.class_name
    window.derivation.start()
    qtbot.waitUntil(lambda: window.session.derivation is not None, timeout=10_000)


def test_debug_positions_name_what_can_be_clicked(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    import json

    from cxldesigner.gui.positions import PositionsFile

    path = tmp_path / "positions.json"
    PositionsFile(window, path)
    qtbot.waitUntil(path.exists)
    told = json.loads(path.read_text())

    assert set(told["parts"]) == {"s0", "mem0"}
    assert {"s0:io", "s0:mem", "mem0:up"} <= set(told["ports"])
    x, y, w, h = told["canvas"]
    for at in told["parts"].values():
        assert x <= at[0] <= x + w
        assert y <= at[1] <= y + h
    names = {w.get("name") for w in told["windows"]["main-window"]}
    assert {"canvas", "toolbar", "transport-bar"} <= names


def test_a_menu_action_runs_by_its_key(qtbot: QtBot, window: MainWindow) -> None:
    triggered: list[str] = []
    window.action_set.triggered.connect(triggered.append)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert triggered == ["view.zoom-in"]


def test_pictures_of_the_drawing_are_written(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtGui import QImage
    from PySide6.QtSvg import QSvgRenderer

    targets = [tmp_path / "p.svg", tmp_path / "p.png", tmp_path / "no" / "p.svg"]
    places = iter(targets)
    errors: list[str] = []
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: next(places))
    monkeypatch.setattr(dialogs, "show_error", lambda _w, title, _t, _d="": errors.append(title))
    done = [window.transfer.export_picture() for _ in targets]

    assert done == [True, True, False]
    assert "p.svg" in errors[0]
    assert QSvgRenderer(str(targets[0])).isValid()
    image = QImage(str(targets[1]))
    assert image.width() > 200
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, 200, 7)}
    assert len(colours) > 3
