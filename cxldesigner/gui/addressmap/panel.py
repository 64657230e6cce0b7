"""The address map panel: what lies where, to scale, with exact addresses under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from cxldesigner.document.units import format_address, format_size
from cxldesigner.gui.addressmap import drawing
from cxldesigner.gui.addressmap.drawing import TITLES, lane_box
from cxldesigner.gui.addressmap.ranges import AddressRange, address_ranges
from cxldesigner.gui.addressmap.scale import AddressScale
from cxldesigner.gui.session import Session
from cxldesigner.gui.theme import theme_changed

_STEP = 1.25
_LARGEST = 5e5
_END = 14.0


class AddressMapPanel(QAbstractScrollArea):
    """Boot memory, windows, regions and devices' shares over the host's addresses.

    Wheel with Ctrl or + and - zoom, 0 shows all; arrow keys walk the ranges, Enter selects.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ranges: tuple[AddressRange, ...] = ()
        self._zoom = 1.0
        self._scale = AddressScale((), 1.0)
        self._hovered: AddressRange | None = None
        self._pointed: int | None = None
        self._current: AddressRange | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Address map"))
        session.derivation_changed.connect(self._on_derivation_changed)
        session.selection_changed.connect(self.viewport().update)
        session.shown_changed.connect(self._on_shown_changed)
        theme_changed.connect(self.viewport().update)
        self._on_derivation_changed()

    def sizeHint(self) -> QSize:
        return QSize(640, 220)

    @property
    def ranges(self) -> tuple[AddressRange, ...]:
        """What is shown, by lane and address."""
        return self._ranges

    @property
    def zoom(self) -> float:
        """1 shows all addresses in the width of the panel."""
        return self._zoom

    # --- following the session ----------------------------------------------------------------

    def _on_derivation_changed(self) -> None:
        derivation = self._session.derivation
        self._ranges = address_ranges(derivation) if derivation is not None else ()
        self._hovered = None
        if self._current not in self._ranges:
            self._current = None
        self._rescale()

    def _on_shown_changed(self) -> None:
        if not self._session.shown_document.parts and not self._session.shown_document.windows:
            self._ranges = ()
            self._rescale()

    def _rescale(self) -> None:
        room = max(1.0, self.viewport().width() - TITLES - _END)
        self._scale = AddressScale(((r.start, r.end) for r in self._ranges), room * self._zoom)
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, round(self._scale.width - room)))
        bar.setPageStep(round(room))
        bar.setSingleStep(40)
        self.viewport().update()

    # --- geometry -----------------------------------------------------------------------------

    def range_rect(self, item: AddressRange) -> QRectF:
        """Return where a range is drawn on the viewport."""
        left = TITLES + self._scale.x(item.start) - self.horizontalScrollBar().value()
        right = TITLES + self._scale.x(item.end - 1) - self.horizontalScrollBar().value()
        lane = lane_box(item.lane, self.viewport().height())
        row = lane.height() / item.parts
        top = lane.y() + row * item.part
        return QRectF(left, top, max(right - left, 2.0), row - (1.0 if item.parts > 1 else 0.0))

    def range_at(self, at: QPoint) -> AddressRange | None:
        """Return the range drawn at a point of the viewport, the smallest if several are."""
        if at.x() < TITLES:
            return None
        hit = [r for r in self._ranges if self.range_rect(r).adjusted(-1, 0, 1, 0).contains(at)]
        return min(hit, key=lambda r: r.size, default=None)

    def zoom_by(self, factor: float, about: float | None = None) -> None:
        """Zoom about an x of the viewport, which keeps its address; None: its middle."""
        x = (self.viewport().width() + TITLES) / 2 if about is None else about
        bar = self.horizontalScrollBar()
        address = self._scale.address(x - TITLES + bar.value())
        self._zoom = max(1.0, min(self._zoom * factor, _LARGEST))
        self._rescale()
        bar.setValue(round(self._scale.x(address) - (x - TITLES)))

    # --- input --------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(_STEP ** (turn / 120), event.position().x())
        else:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - turn)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        self._hovered = self.range_at(at)
        inside = at.x() >= TITLES and bool(self._ranges)
        x = at.x() - TITLES + self.horizontalScrollBar().value()
        self._pointed = self._scale.address(x) if inside else None
        hand = Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(hand if self._hovered else Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = self._pointed = None
        self.viewport().update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.range_at(event.position().toPoint())
        self._current = found
        self._session.select(found.items if found is not None else ())
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match Qt.Key(event.key()):
            case Qt.Key.Key_Right:
                self._walk(1)
            case Qt.Key.Key_Left:
                self._walk(-1)
            case Qt.Key.Key_Down:
                self._change_lane(1)
            case Qt.Key.Key_Up:
                self._change_lane(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                if self._current is not None:
                    self._session.select(self._current.items)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(_STEP)
            case Qt.Key.Key_Minus:
                self.zoom_by(1 / _STEP)
            case Qt.Key.Key_0:
                self.zoom_by(1 / self._zoom)
            case _:
                super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        if not self._ranges:
            return
        place = self._ranges.index(self._current) + step if self._current else 0
        self._go_to(self._ranges[max(0, min(place, len(self._ranges) - 1))])

    def _change_lane(self, step: int) -> None:
        if self._current is None:
            self._walk(0)
            return
        wanted = self._current.lane + step
        row = [r for r in self._ranges if r.lane == wanted]
        if row:
            at = self._current.start
            self._go_to(min(row, key=lambda r: abs(r.start - at)))

    def _go_to(self, item: AddressRange) -> None:
        self._current = item
        box, bar = self.range_rect(item), self.horizontalScrollBar()
        if box.left() < TITLES:
            bar.setValue(round(bar.value() + box.left() - TITLES - 20))
        elif box.left() > self.viewport().width() - 40:
            bar.setValue(round(bar.value() + box.left() - self.viewport().width() / 2))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.description(item)))
        self.viewport().update()

    def description(self, item: AddressRange) -> str:
        """Return a range in words: what it is, its addresses, its size."""
        return self.tr("{}: {}, {} to {} ({})").format(
            item.label,
            item.detail,
            format_address(item.start),
            format_address(item.end - 1),
            format_size(item.size),
        )

    # --- painting -----------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            text = self.description(self._hovered) if self._hovered else ""
            place: QPoint = event.globalPos()  # type: ignore[attr-defined]
            QToolTip.showText(place, text, self.viewport())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._rescale()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.viewport().rect())
        if not self._ranges:
            words = self.tr("Add a socket or a window to see where it lies in the address space.")
            drawing.empty(painter, area, words)
            return
        drawing.lanes(painter, area)
        painter.save()
        painter.setClipRect(area.adjusted(TITLES - 4, 0, 0, 0))
        drawing.cuts(painter, area, self._scale, self.horizontalScrollBar().value())
        selection = self._session.selection
        for item in self._ranges:
            box = self.range_rect(item)
            if box.right() >= TITLES and box.left() <= area.right():
                drawing.block(
                    painter,
                    box,
                    item,
                    selected=bool(selection.intersection(item.items)),
                    hovered=item == self._hovered,
                    current=item == self._current and self.hasFocus(),
                    clip_left=TITLES,
                )
        drawing.axis(painter, area, self._scale, self.horizontalScrollBar().value())
        if self._pointed is not None:
            x = TITLES + self._scale.x(self._pointed) - self.horizontalScrollBar().value()
            drawing.pointer_line(painter, area, x, format_address(self._pointed))
        painter.restore()
