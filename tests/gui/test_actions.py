"""Actions as data: complete, unique, and each does something."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from cxldesigner.assets import resource
from cxldesigner.document.edits import add_part
from cxldesigner.document.model import Device, Document, Socket
from cxldesigner.gui.actions import When, action_specs, menu_titles
from cxldesigner.gui.actionset import plain
from cxldesigner.gui.main_window import MainWindow

SPECS = action_specs()
EXAMPLE = Document(name="Example", parts={"s0": Socket(id="s0"), "mem0": Device(id="mem0")})


@pytest.fixture
def window(stand_ins: None, make_window: Callable[..., MainWindow]) -> MainWindow:
    return make_window(EXAMPLE)


def test_ids_and_keys_are_unique() -> None:
    assert max(Counter(s.id for s in SPECS).values()) == 1
    keys = Counter(QKeySequence(s.shortcut).toString() for s in SPECS if s.shortcut)
    assert [k for k, n in keys.items() if n > 1] == []
    assert "" not in keys


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.id)
def test_every_action_says_what_it_is_and_does(spec: object) -> None:
    assert spec in SPECS
    found = next(s for s in SPECS if s is spec)
    assert plain(found.text).strip()
    assert found.tip.strip()
    assert not found.tip.endswith(".")
    assert found.menu in menu_titles()
    assert found.icon
    assert resource("icons", f"{found.icon}.svg").exists()
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", found.run)
    assert {str(n) for n in found.needs} <= set(When)


def test_mnemonics_are_unique_within_a_menu() -> None:
    for menu in menu_titles():
        texts = [s.text for s in SPECS if s.menu == menu and "&" in s.text]
        marks = Counter(t[t.index("&") + 1].lower() for t in texts)
        assert [m for m, n in marks.items() if n > 1] == [], menu


def test_every_action_calls_something_that_is_there(window: MainWindow) -> None:
    for spec in window.action_set.specs:
        assert callable(window.action_set.target(spec)), spec.id


def test_every_action_is_in_a_menu(window: MainWindow) -> None:
    def reachable(menu: QMenu) -> Iterator[str]:
        for action in menu.actions():
            sub = action.menu()
            if isinstance(sub, QMenu):
                yield from reachable(sub)
            else:
                yield action.objectName()

    found: set[str] = set()
    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        found.update(reachable(menu))
    assert {s.id for s in SPECS} <= found


def test_menus_have_no_stray_separators(window: MainWindow) -> None:
    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        marks = [a.isSeparator() for a in menu.actions()]
        assert not marks[0]
        assert not marks[-1]
        assert not any(a and b for a, b in itertools.pairwise(marks))


def test_toolbar_buttons_have_names_for_screen_readers(window: MainWindow) -> None:
    buttons = [b for b in window.toolbar.findChildren(QToolButton) if b.isVisible()]
    assert len(buttons) >= 8
    assert [b for b in buttons if not b.accessibleName()] == []


def enabled(window: MainWindow) -> set[str]:
    return {k for k, a in window.action_set.actions.items() if a.isEnabled()}


def test_conditions_enable_actions(window: MainWindow) -> None:
    assert "edit.undo" not in enabled(window)
    assert "edit.delete" not in enabled(window)
    assert {"file.save", "edit.arrange", "add.socket"} <= enabled(window)
    assert "play.run" not in enabled(window)

    window.session.edit("Add", add_part, Device(id="mem1"))
    window.session.select(["mem1"])
    assert {"edit.undo", "edit.delete", "edit.connect"} <= enabled(window)
    window.action_set.actions["edit.undo"].trigger()
    assert "edit.redo" in enabled(window)
    assert "mem1" not in window.session.document.parts


def test_replay_forbids_editing_actions(window: MainWindow) -> None:
    window.session.enter_replay(Document(name="Other", parts={"s9": Socket(id="s9")}))
    held = enabled(window)

    assert not {"edit.arrange", "add.socket", "edit.undo"} & held
    assert window.action_set.actions["view.replay"].isChecked()
    assert not window.action_set.actions["view.edit"].isChecked()
    window.action_set.actions["view.edit"].trigger()
    assert "edit.arrange" in enabled(window)


def test_adding_by_action_puts_a_part_on_the_canvas(window: MainWindow) -> None:
    for spec in window.action_set.specs:
        if spec.id.startswith("add."):
            before = window.session.document
            window.action_set.actions[spec.id].trigger()
            after = window.session.document
            assert len(after.parts) + len(after.windows) == (
                len(before.parts) + len(before.windows) + 1
            ), spec.id


def test_keys_of_the_canvas_do_not_work_elsewhere(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select(["mem0"])
    window.activateWindow()
    window.docks["inspector"].reveal()
    panel = window.docks["inspector"].panel
    assert panel is not None
    qtbot.keyClick(panel, Qt.Key.Key_Delete)
    assert "mem0" in window.session.document.parts

    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Delete)
    assert "mem0" not in window.session.document.parts


def test_use_is_remembered(window: MainWindow) -> None:
    from cxldesigner.gui.settings import History

    window.action_set.actions["edit.arrange"].trigger()
    window.action_set.actions["view.zoom-in"].trigger()

    assert window.settings.read(History).commands[:2] == ("view.zoom-in", "edit.arrange")
