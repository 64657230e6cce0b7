"""The canvas: shows the platform, lets the pointer and the keyboard edit it.

The view holds no truth: it follows the session and edits through
:class:`~cxldesigner.gui.canvas.editing.CanvasEditor`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from cxldesigner.document.model import Document, Part, Point, Window
from cxldesigner.document.ports import Refusal
from cxldesigner.geometry.rect import GRID, bounding
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.editing import below
from cxldesigner.gui.canvas.gestures.base import Pointer
from cxldesigner.gui.canvas.gestures.connect import wire_at
from cxldesigner.gui.canvas.hint import EmptyHint, ZoomBar
from cxldesigner.gui.canvas.marks import NO_MARKS, marks_of
from cxldesigner.gui.canvas.menu import canvas_menu, item_menu
from cxldesigner.gui.canvas.overlay import CanvasOverlay
from cxldesigner.gui.canvas.pointing import PointingView
from cxldesigner.gui.canvas.walk import walk_order
from cxldesigner.gui.session import Mode, Session
from cxldesigner.gui.theme import theme_changed

if TYPE_CHECKING:
    from cxldesigner.gui.canvas.connectpopup import Choice

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_FAR = 5
_SIMILAR = 0.7
"""Ratio of two sizes from which a zoom made in one is kept in the other."""


class CanvasView(PointingView):
    """The drawing surface for one session: follows it, and offers its commands by key and menu."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._hint = EmptyHint(self)
        self._bar = ZoomBar(self)
        self._size = QSize()  # when it was zoomed last, by hand or to fit
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Platform drawing"))
        self.setAccessibleDescription(
            self.tr("Tab walks the parts, C connects, arrow keys move, Enter shows the fields.")
        )
        self._connect()
        self._on_shown_changed(Document(), session.shown_document)
        self._on_derivation_changed()

    def _connect(self) -> None:
        self._session.shown_changed.connect(self._on_shown_changed)
        self._session.derivation_changed.connect(self._on_derivation_changed)
        self._session.selection_changed.connect(self._on_selection_changed)
        self._session.mode_changed.connect(self._on_mode_changed)
        theme_changed.connect(self._on_theme_changed)
        self._canvas.tip_asked.connect(self._on_tip_asked)
        self.zoom_changed.connect(self._bar.set_level)
        self._bar.zoom_in.connect(self.zoom_in)
        self._bar.zoom_out.connect(self.zoom_out)
        self._bar.zoom_reset.connect(self.zoom_reset)
        self._bar.fit.connect(self.fit)

    # --- following the session ----------------------------------------------------------------

    def _on_shown_changed(self, old: Document, new: Document) -> None:
        self._cancel_gesture()
        self._canvas.show_document(new)
        self._canvas.set_selection(self._session.selection)
        empty = not new.parts and not new.windows
        self._hint.setVisible(empty)
        if empty:
            self._hint.centre()
        if empty or _another(old, new):
            self._touched = False
            self.fit()

    def _on_selection_changed(self, ids: frozenset[str]) -> None:
        """Show what is selected; a highlight belongs to the choice that was before."""
        self._canvas.set_highlight(frozenset())
        self._canvas.set_selection(ids)

    def _on_derivation_changed(self) -> None:
        self._canvas.set_marks(marks_of(self._session.derivation))

    def _on_mode_changed(self, _mode: str) -> None:
        self._cancel_gesture()

    def _on_theme_changed(self) -> None:
        self._bar.retheme()
        self._hint.retheme()
        self.resetCachedContent()
        self._canvas.update()

    def set_overlay(self, overlay: CanvasOverlay | None) -> None:
        """Show a moment of a recording over the platform; None shows the platform alone."""
        self._canvas.set_overlay(overlay)

    def highlight(self, ids: Iterable[str]) -> None:
        """Frame parts, windows and links and fade all others; nothing shows all plainly."""
        self._canvas.set_highlight(frozenset(ids))

    # --- places on the screen -----------------------------------------------------------------

    def global_port_position(self, ref: str) -> QPoint:
        """Return where a port is on the screen; ``window:targets`` is a window's handle.

        Raises
        ------
        KeyError
            The shown platform has no such port.
        """
        return self._on_screen(self._canvas.ref_point(ref))

    def global_part_position(self, item_id: str) -> QPoint:
        """Return where the middle of a part or window is on the screen.

        Raises
        ------
        KeyError
            The shown platform has no such item.
        """
        middle = self._canvas.rects[item_id].centre
        return self._on_screen(QPointF(middle.x, middle.y))

    def _on_screen(self, at: QPointF) -> QPoint:
        return self.viewport().mapToGlobal(self.mapFromScene(at))

    # --- commands -----------------------------------------------------------------------------

    def add_at_centre(self, item: Part | Window) -> str | None:
        """Add a part or window in the middle of what is visible, beside what is there."""
        middle = self.mapToScene(self.viewport().rect().center())
        added = self._editor.add(item, Point(middle.x(), middle.y()))
        if added is not None:
            self._reveal(added)
            self._say_selected()
        return added

    def fit(self) -> None:
        """Show the whole platform, and go on doing so until it is zoomed or moved by hand."""
        self._touched = False
        area = bounding(self._canvas.rects.values())
        if area is None:
            self.resetTransform()
            self.centerOn(0, 0)
            self.zoom_changed.emit(self.zoom)
        elif self.viewport().width() > 1:
            self.show_area(QRectF(area.x, area.y, area.w, area.h))
            self._bar.settle(self._covers_something)

    def _covers_something(self, box: QRect) -> bool:
        area = self.mapToScene(box).boundingRect()
        return bool(self._canvas.ids_in(area))

    def zoom_in(self) -> None:
        self._touched = True
        super().zoom_in()

    def zoom_out(self) -> None:
        self._touched = True
        super().zoom_out()

    def zoom_reset(self) -> None:
        self._touched = True
        super().zoom_reset()

    def select_all(self) -> None:
        """Select every part and window."""
        shown = self._session.shown_document
        self._session.select((*shown.parts, *shown.windows))

    def select_below(self) -> None:
        """Select all that hangs below the selected parts."""
        self._session.select(below(self._session.shown_document, self._session.selection))

    def delete_selection(self) -> None:
        """Delete what is selected."""
        self._editor.remove(self._session.selection)

    def request_inspector(self) -> None:
        """Ask for the fields of the selected item."""
        only = self._only_selected()
        if only:
            self.inspector_requested.emit(only)

    def start_keyboard_connect(self) -> None:
        """List what the selected part can be connected to, filtered by typing."""
        only = self._only_selected()
        if self._session.mode is not Mode.EDIT:
            self._session.refused.emit(Refusal("replay-mode"))
        elif only and only in self._canvas.rects:
            from cxldesigner.gui.canvas.connectpopup import ConnectPopup  # noqa: PLC0415  by key only

            popup = ConnectPopup(self._session.document, only, self)
            popup.chosen.connect(self._on_chosen)
            popup.open_at(self.global_part_position(only))

    def _on_chosen(self, choice: Choice) -> None:
        if choice.own in self._session.document.windows:
            self._editor.target(choice.own, choice.other)
        else:
            self._editor.connect_ports(choice.own, choice.other)
        self._say_selected()

    def walk(self, step: int) -> bool:
        """Select the next part (or the one before it: -1); False at the end of the row."""
        order = walk_order(self._session.shown_document, self._canvas.rects)
        chosen = [k for k in order if k in self._session.selection]
        place = order.index(chosen[0]) + step if chosen else (0 if step > 0 else len(order) - 1)
        if not 0 <= place < len(order):
            return False
        self._session.select((order[place],))
        self._reveal(order[place])
        self._say_selected()
        return True

    def _only_selected(self) -> str:
        selection = self._session.selection
        return next(iter(selection)) if len(selection) == 1 else ""

    def _say_selected(self) -> None:
        only = self._only_selected()
        marks = self._canvas.marks.get(only, NO_MARKS)
        if only:
            self.announce(words.description(self._session.shown_document, only, marks))

    def _reveal(self, item_id: str) -> None:
        rect = self._canvas.rects[item_id]
        self.ensureVisible(QRectF(rect.x, rect.y, rect.w, rect.h), 24, 24)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._cancel_gesture()
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        only = self._only_selected()
        at = self.mapToScene(event.pos())
        item_id = only if by_key and only in self._canvas.rects else self._id_at(at)
        if item_id and item_id not in self._session.selection:
            self._session.select((item_id,))
        menu = (
            item_menu(self, self, item_id)
            if item_id
            else canvas_menu(self, self, Point(at.x(), at.y()))
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = self.global_part_position(item_id) if by_key and item_id else event.globalPos()
        menu.popup(place)

    # --- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        commands = {
            Qt.Key.Key_Delete: self.delete_selection,
            Qt.Key.Key_Backspace: self.delete_selection,
            Qt.Key.Key_Return: self.request_inspector,
            Qt.Key.Key_Enter: self.request_inspector,
            Qt.Key.Key_C: self.start_keyboard_connect,
            Qt.Key.Key_F: self.fit,
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.zoom_reset,
        }
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_Space:
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif key in _ARROWS:
            self._arrow(*_ARROWS[key], far=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        elif control and key == Qt.Key.Key_A:
            self.select_all()
        elif key in commands and not control:
            commands[key]()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            if event.key() == Qt.Key.Key_Space:
                self._space = False
                self.viewport().unsetCursor()
            elif Qt.Key(event.key()) in _ARROWS:
                self._editor.end_nudge()
        super().keyReleaseEvent(event)

    def _escape(self) -> None:
        if self._cancel_gesture():
            return
        if self._drop is not None:
            self._drop.left()
            self._drop = None
        self._bubble.hide()
        self.highlight(())
        self._session.select(())

    def _arrow(self, dx: int, dy: int, *, far: bool) -> None:
        step = GRID * (_FAR if far else 1)
        movable = self._session.selection & self._canvas.rects.keys()
        if movable:
            self._editor.nudge(movable, dx * step, dy * step)
        else:
            self.scroll_by(dx * step * _FAR, dy * step * _FAR)

    def focusNextPrevChild(self, forward: bool) -> bool:
        if self.walk(1 if forward else -1):
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._say_selected()

    # --- window -------------------------------------------------------------------------------

    def _on_tip_asked(self, scene: QPointF, screen: QPoint) -> None:
        pointer = Pointer(scene, self.mapFromScene(scene))
        wire = wire_at(self, pointer)
        item_id = self._id_at(scene)
        shown = self._session.shown_document
        text = ""
        if self._gesture is not None:
            return
        if wire is not None:
            text = words.port_words(shown, wire.origin)
        elif item_id:
            text = words.description(shown, item_id, self._canvas.marks.get(item_id, NO_MARKS))
        QToolTip.showText(screen, text, self.viewport())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._touched:
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.stay()
        self._hint.centre()
        if not self._touched or _drastic(self._size, event.size()):
            self._touched = False
            self.fit()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        super().zoom_by(factor, about)
        self._size = self.viewport().size()
        self._bar.stay()


def _drastic(old: QSize, new: QSize) -> bool:
    """Whether what was chosen to be seen in one size is no good choice in another."""
    pairs = ((old.width(), new.width()), (old.height(), new.height()))
    return any(min(pair) < _SIMILAR * max(pair) for pair in pairs)


def _another(old: Document, new: Document) -> bool:
    """Whether a document is another platform, not an edit of the one before."""
    if len(new.parts) + len(new.windows) < 2:
        return False
    return not any(old.parts.get(k) is part for k, part in new.parts.items())
