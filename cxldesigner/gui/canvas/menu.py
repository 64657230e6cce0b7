"""The canvas' context menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QWidget

from cxldesigner.document.model import Part, Point, Window
from cxldesigner.gui.canvas.editing import CanvasEditor
from cxldesigner.gui.canvas.templates import basic_templates
from cxldesigner.gui.icons import icon, part_icon
from cxldesigner.gui.session import Mode, Session

translate = QCoreApplication.translate


class MenuTarget(Protocol):
    """What the menu's entries do."""

    @property
    def session(self) -> Session:
        """The open platform."""

    @property
    def editor(self) -> CanvasEditor:
        """Makes edits."""

    def request_inspector(self) -> None:
        """Show the selected item's fields."""

    def start_keyboard_connect(self) -> None:
        """List what the selected part can be connected to."""

    def select_below(self) -> None:
        """Select all that hangs below the selected parts."""

    def select_all(self) -> None:
        """Select every part and window."""

    def delete_selection(self) -> None:
        """Delete what is selected."""

    def fit(self) -> None:
        """Show the whole platform."""


def item_menu(parent: QWidget, target: MenuTarget, item_id: str) -> QMenu:
    """Return the menu for a part, window or link, which is selected."""
    menu = QMenu(parent)
    document, editing = target.session.shown_document, target.session.mode is Mode.EDIT
    _entry(
        menu, icon("inspector"), translate("Canvas", "Show in inspector"), target.request_inspector
    )
    if item_id in document.parts:
        _entry(menu, icon("outline"), translate("Canvas", "Select all below"), target.select_below)
    if not editing:
        return menu
    menu.addSeparator()
    if item_id not in document.links:
        words = translate("Canvas", "Connect to…")
        _entry(menu, icon("connect"), words, target.start_keyboard_connect)
    window = document.windows.get(item_id)
    for index, bridge in enumerate(window.targets if window else ()):
        words = translate("Canvas", "Remove target {}: {}").format(index, bridge)
        _entry(menu, icon("minus"), words, partial(_untarget, target.editor, item_id, index))
    words = translate("Canvas", "Disconnect") if item_id in document.links else ""
    _entry(menu, icon("delete"), words or translate("Canvas", "Delete"), target.delete_selection)
    return menu


def canvas_menu(parent: QWidget, target: MenuTarget, at: Point) -> QMenu:
    """Return the menu for the empty canvas at a place."""
    menu = QMenu(parent)
    if target.session.mode is Mode.EDIT:
        adds = menu.addMenu(icon("plus"), translate("Canvas", "Add"))
        for template in basic_templates():
            run = partial(_add, target.editor, template.item, at)
            _entry(adds, part_icon(template.kind), template.title, run)
        words = translate("Canvas", "Arrange automatically")
        _entry(menu, icon("arrange"), words, partial(_arrange, target.editor))
        menu.addSeparator()
    _entry(menu, icon("select-all"), translate("Canvas", "Select all"), target.select_all)
    _entry(menu, icon("zoom-fit"), translate("Canvas", "Fit the whole platform"), target.fit)
    return menu


def _entry(menu: QMenu, sign: QIcon, words: str, run: Callable[[], None]) -> None:
    menu.addAction(sign, words).triggered.connect(lambda _checked=False: run())


def _untarget(editor: CanvasEditor, window_id: str, index: int) -> None:
    editor.untarget(window_id, index)


def _add(editor: CanvasEditor, item: Part | Window, at: Point) -> None:
    editor.add(item, at)


def _arrange(editor: CanvasEditor) -> None:
    editor.arrange()
