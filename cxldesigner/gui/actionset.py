"""The ``QAction`` objects of the window, and menus and toolbar made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QWidget

from cxldesigner.gui.actions import ActionSpec, action_specs, menu_titles
from cxldesigner.gui.icons import icon, part_icon
from cxldesigner.gui.tokens import PART_KINDS

_PARTS = frozenset(PART_KINDS.values())
_MORE_KEYS = {
    "edit.redo": ("Ctrl+Y",),
    "edit.delete": ("Backspace",),
    "view.zoom-in": ("Ctrl+=",),
    "play.step": (".",),
    "play.step-back": (",",),
}


class ActionSet(QObject):
    """All actions. ``targets`` gives the objects that the ``run`` names begin with.

    A target may come later (the player is made after the first paint): names are looked up when an
    action is triggered. ``triggered(id)`` follows every use.
    """

    triggered = Signal(str)

    def __init__(self, targets: Mapping[str, QObject], window: QWidget, canvas: QWidget) -> None:
        super().__init__(window)
        self._targets = targets
        self.specs = action_specs()
        self.actions: dict[str, QAction] = {}
        for spec in self.specs:
            action = self._make(spec)
            self.actions[spec.id] = action
            (canvas if spec.scope == "canvas" else window).addAction(action)

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.id)
        action.setStatusTip(spec.tip)
        keys = [QKeySequence(k) for k in (spec.shortcut, *_MORE_KEYS.get(spec.id, ())) if k]
        action.setShortcuts(keys)
        shown = f"  ({keys[0].toString(QKeySequence.SequenceFormat.NativeText)})" if keys else ""
        action.setToolTip(f"{plain(spec.text)}{shown}\n{spec.tip}")
        if spec.scope == "canvas":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        if spec.icon:
            action.setIcon(_icon(spec.icon))
        action.setCheckable(bool(spec.checked))
        action.setMenuRole(_ROLES.get(spec.id, QAction.MenuRole.NoRole))
        action.triggered.connect(partial(self._on_triggered, spec))
        return action

    def target(self, spec: ActionSpec) -> Callable[..., object]:
        """Return what an action calls.

        Raises
        ------
        KeyError, AttributeError
            There is no such object (yet) or it has no such method.
        """
        name, _, method = spec.run.partition(".")
        found: Callable[..., object] = getattr(self._targets[name], method)
        return found

    def _on_triggered(self, spec: ActionSpec, _checked: bool = False) -> None:
        self.target(spec)(*spec.args)
        self.triggered.emit(spec.id)

    def update(self, conditions: frozenset[str]) -> None:
        """Enable and check actions by the conditions that hold."""
        for spec in self.specs:
            action = self.actions[spec.id]
            action.setEnabled(spec.needs <= conditions)
            if spec.checked:
                action.setChecked(spec.checked in conditions)

    def fill_menu_bar(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by path, those without actions too (recent, examples)."""
        menus: dict[str, QMenu] = {}
        for path, title in menu_titles().items():
            parent = path.rpartition("/")[0]
            if not parent:
                menus[path] = bar.addMenu(title)
        last: dict[str, int] = {}
        for spec in self.specs:
            menu = self._menu(menus, spec.menu)
            if last.setdefault(spec.menu, spec.group) != spec.group:
                last[spec.menu] = spec.group
                self._end_group(menus, spec.menu)
            menu.addAction(self.actions[spec.id])
            for path in _SUBMENUS_AFTER.get(spec.id, ()):
                self._menu(menus, path)
        return menus

    def _menu(self, menus: dict[str, QMenu], path: str) -> QMenu:
        if path not in menus:
            parent = menus[path.rpartition("/")[0]]
            menus[path] = parent.addMenu(menu_titles()[path])
            menus[path].setToolTipsVisible(True)
        return menus[path]

    @staticmethod
    def _end_group(menus: dict[str, QMenu], path: str) -> None:
        menus[path].addSeparator()

    def fill_toolbar(self, bar: QToolBar) -> None:
        """Put the actions with a toolbar group on the bar."""
        last = 0
        for spec in sorted((s for s in self.specs if s.toolbar), key=lambda s: s.toolbar):
            if last and spec.toolbar != last:
                bar.addSeparator()
            last = spec.toolbar
            bar.addAction(self.actions[spec.id])
            button = bar.widgetForAction(self.actions[spec.id])
            button.setAccessibleName(plain(spec.text))


_ROLES = {
    "file.quit": QAction.MenuRole.QuitRole,
    "help.about": QAction.MenuRole.AboutRole,
}

_SUBMENUS_AFTER = {
    "file.open": ("file/recent", "file/examples"),
    "file.import-folder": ("file/export",),
}
"""Menus that come after an action instead of where their own first action would put them."""


def _icon(name: str) -> QIcon:
    return part_icon(name) if name in _PARTS else icon(name)


def plain(text: str) -> str:
    """Return a menu text without its mnemonic mark and dots."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
