"""Pointer input of the canvas: one gesture at a time, and drops from the palette."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from cxldesigner.document.ports import Refusal
from cxldesigner.gui.canvas.bubble import Bubble
from cxldesigner.gui.canvas.editing import CanvasEditor
from cxldesigner.gui.canvas.gestures.base import Gesture, Pointer
from cxldesigner.gui.canvas.gestures.connect import wire_at
from cxldesigner.gui.canvas.gestures.drop import DropPreview
from cxldesigner.gui.canvas.gestures.select import BandGesture, PanGesture, PressGesture
from cxldesigner.gui.canvas.linkitem import LinkItem, TargetItem
from cxldesigner.gui.canvas.scene import CanvasScene
from cxldesigner.gui.canvas.templates import MIME, NotATemplate
from cxldesigner.gui.canvas.zooming import ZoomView
from cxldesigner.gui.session import Mode, Session

_LINK_REACH = 5.0
_EDGE = 26
"""Pixels from the border within which dragging scrolls."""
_SCROLL_MS = 25
_SCROLL_SHARE = 0.5


class PointingView(ZoomView):
    """A view of the scene that turns pointer input into gestures.

    ``inspector_requested`` carries the id of a double-clicked item, or of the one Enter was
    pressed on.
    """

    inspector_requested = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._canvas = CanvasScene()
        super().__init__(self._canvas, parent)
        self._canvas.setParent(self)
        self._session = session
        self._editor = CanvasEditor(session, self)
        self._gesture: Gesture | None = None
        self._drop: DropPreview | None = None
        self._space = self._touched = False
        self._hovered = ""
        self._last: tuple[QPoint, Qt.KeyboardModifier] | None = None
        self._scroller = QTimer(self)
        self._scroller.setInterval(_SCROLL_MS)
        self._scroller.timeout.connect(self._on_scroll_due)
        self._bubble = Bubble(self)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)

    # --- what gestures use --------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The open platform."""
        return self._session

    @property
    def editor(self) -> CanvasEditor:
        """Makes the canvas's edits."""
        return self._editor

    @property
    def canvas(self) -> CanvasScene:
        """The items."""
        return self._canvas

    @property
    def bubble(self) -> Bubble:
        """The text near the pointer."""
        return self._bubble

    def announce(self, message: str) -> None:
        """Say something to a screen reader."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message))

    # --- pointer ------------------------------------------------------------------------------

    def _pointer(self, at: QPointF | QPoint, modifiers: Qt.KeyboardModifier) -> Pointer:
        place = at.toPoint() if isinstance(at, QPointF) else at
        return Pointer(self.mapToScene(place), place, modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            return
        pointer = self._pointer(event.position(), event.modifiers())
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._gesture = PanGesture(self, pointer)
        elif left:
            self._gesture = self._gesture_at(pointer)
        if self._gesture is not None:
            self.viewport().setCursor(self._gesture.cursor)

    def _gesture_at(self, pointer: Pointer) -> Gesture:
        wire = wire_at(self, pointer) if self._session.mode is Mode.EDIT else None
        if wire is not None:
            return wire
        item_id = self._id_at(pointer.scene)
        return PressGesture(self, pointer, item_id) if item_id else BandGesture(self, pointer)

    def _id_at(self, at: QPointF) -> str:
        card = self._canvas.part_at(at)
        if card is not None:
            return card.item_id
        path = self._canvas.path_at(at, _LINK_REACH / self.zoom)
        if isinstance(path, LinkItem):
            return path.item_id
        return path.window_id if isinstance(path, TargetItem) else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event.position(), event.modifiers())
        if self._gesture is not None:
            self._touched = True
            self._gesture.moved(pointer)
            self._last = pointer.view, pointer.modifiers
            if self._gesture.dragging and self._gesture.scrolls and self._overshoot(pointer.view):
                self._scroller.start()
            return
        wire = self._session.mode is Mode.EDIT and wire_at(self, pointer) is not None
        cursor = Qt.CursorShape.CrossCursor if wire else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if self._space else cursor)
        card = self._canvas.part_at(pointer.scene)
        self._hover("" if card is None else card.item_id)

    def _hover(self, item_id: str) -> None:
        if item_id != self._hovered:
            for one in (self._hovered, item_id):
                card = self._canvas.card(one)
                if card is not None:
                    card.set_state(hovered=one == item_id)
            self._hovered = item_id

    def leaveEvent(self, event: QEvent) -> None:
        self._hover("")
        super().leaveEvent(event)

    def _overshoot(self, at: QPoint) -> QPoint:
        """Return how far a place is beyond the inner edge where dragging scrolls."""
        area = self.viewport().rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        x = min(0, at.x() - area.left()) + max(0, at.x() - area.right())
        y = min(0, at.y() - area.top()) + max(0, at.y() - area.bottom())
        return QPoint(x, y)

    def _on_scroll_due(self) -> None:
        if self._gesture is None or self._last is None:
            self._scroller.stop()
            return
        at, modifiers = self._last
        way = self._overshoot(at)
        if way.isNull():
            self._scroller.stop()
            return
        self.scroll_by(way.x() * _SCROLL_SHARE, way.y() * _SCROLL_SHARE)
        self._gesture.moved(self._pointer(at, modifiers))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.released(self._pointer(event.position(), event.modifiers()))
            self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item_id = self._id_at(self.mapToScene(event.position().toPoint()))
        if item_id and event.button() == Qt.MouseButton.LeftButton:
            self._session.select((item_id,))
            self.inspector_requested.emit(item_id)

    def _cancel_gesture(self) -> bool:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancelled()
            self.viewport().unsetCursor()
        return gesture is not None

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._touched = True
        super().wheelEvent(event)

    # --- drops --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not event.mimeData().hasFormat(MIME):
            event.ignore()
            return
        try:
            self._drop = DropPreview(self, event.mimeData())
        except NotATemplate:
            self._session.refused.emit(Refusal("drop-unreadable"))
            event.ignore()
            return
        self._drop.moved(self._pointer(event.position(), event.modifiers()))
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._drop is None:
            event.ignore()
            return
        self._drop.moved(self._pointer(event.position(), event.modifiers()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        drop, self._drop = self._drop, None
        if drop is not None:
            drop.left()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        drop, self._drop = self._drop, None
        if drop is None or not drop.dropped(self._pointer(event.position(), event.modifiers())):
            event.ignore()
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.acceptProposedAction()
