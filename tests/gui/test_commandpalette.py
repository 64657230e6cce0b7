"""The command palette: fuzzy, most recent first, runs what was chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cxldesigner.document.model import Document, Socket
from cxldesigner.gui.actions import action_specs
from cxldesigner.gui.commandpalette import CommandPalette, commands, ranked
from cxldesigner.gui.fuzzy import score
from cxldesigner.gui.main_window import MainWindow

COMMANDS = commands(action_specs())


def first(typed: str, recent: tuple[str, ...] = ()) -> str:
    return ranked(typed, COMMANDS, recent)[0].id


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("undo", "edit.undo"),
        ("sava", "file.save-as"),
        ("save as", "file.save-as"),
        ("ZOOMIN", "view.zoom-in"),
        ("arr aut", "edit.arrange"),
        ("dark", "theme.dark"),
        ("theme light", "theme.light"),
        ("kbd", "help.keys"),
        ("addr map", "panel.addressmap"),
    ],
)
def test_a_few_letters_find_an_action(typed: str, expected: str) -> None:
    assert first(typed) == expected


def test_nothing_typed_lists_all_with_the_recent_first() -> None:
    recent = ("view.fit", "file.save")
    found = [c.id for c in ranked("", COMMANDS, recent)]

    assert tuple(found[:2]) == recent
    assert len(found) == len(COMMANDS)
    assert found[2] == COMMANDS[0].id


def test_the_recently_used_wins_among_equals() -> None:
    assert first("zoom", ("view.zoom-out",)) == "view.zoom-out"


def test_what_does_not_occur_is_not_found() -> None:
    assert score("xyzzy", "Zoom In") is None
    assert ranked("qqqq", COMMANDS, ()) == ()


def test_beginnings_and_runs_of_letters_count_more() -> None:
    def value(typed: str, text: str) -> float:
        found = score(typed, text)
        assert found is not None
        return found

    assert value("sa", "Save As") > value("sa", "Leave Same")
    assert value("save", "Save") > value("save", "Save Recording As")
    assert value("fit", "Fit to Window") > value("fit", "Find it")


@pytest.fixture
def window(stand_ins: None, make_window: Callable[..., MainWindow]) -> MainWindow:
    return make_window(Document(parts={"s0": Socket(id="s0")}))


def open_palette(window: MainWindow) -> tuple[CommandPalette, QLineEdit]:
    window.action_set.actions["help.commands"].trigger()
    palette = window.findChild(CommandPalette)
    assert palette is not None
    line = palette.findChild(QLineEdit)
    assert line is not None
    return palette, line


def test_typing_and_enter_run_the_action(qtbot: QtBot, window: MainWindow) -> None:
    palette, line = open_palette(window)
    assert palette.isVisible()
    qtbot.keyClicks(line, "select all")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert not palette.isVisible()
    assert window.session.selection == {"s0"}


def test_disabled_actions_are_shown_but_cannot_be_run(qtbot: QtBot, window: MainWindow) -> None:
    palette, line = open_palette(window)
    qtbot.keyClicks(line, "undo")
    assert palette.shown[0] == "edit.undo"
    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert window.session.undo_stack.index() == 0
    palette.hide()


def test_arrows_walk_past_disabled_actions_and_around(qtbot: QtBot, window: MainWindow) -> None:
    palette, line = open_palette(window)
    qtbot.keyClicks(line, "zoom")
    rows = palette._list
    assert rows.currentRow() == 0
    qtbot.keyClick(line, Qt.Key.Key_Up)
    last = rows.currentRow()
    assert last > 0
    assert rows.item(last).flags() & Qt.ItemFlag.ItemIsEnabled
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert rows.currentRow() == 0
    palette.hide()
