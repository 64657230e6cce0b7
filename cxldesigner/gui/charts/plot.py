"""One chart's drawing area: rendered once into a picture, playhead and crosshair drawn over it.

Moving the playhead or the mouse repaints two lines, not the chart; the chart is rendered again only
when its data, range, size or theme change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsGridLayout, QWidget

from cxldesigner.gui.charts.axis import AXIS_WIDTH, TICK_SPACING_PX, Grid, ValueAxis
from cxldesigner.gui.charts.quantity import Quantity, axis_ticks
from cxldesigner.gui.theme import tokens

RIGHT_MARGIN = 46
_TOP, _BOTTOM = 8, 8
_GRAB_PX = 5
_ZOOM_STEP = 0.8


@dataclass(frozen=True, slots=True)
class EndMark:
    """Short text at the right end of a line, at its last value."""

    text: str
    value: float
    colour: QColor


class TimePlot(pg.GraphicsView):
    """A chart over the shared time axis.

    ``hovered(seconds)`` / ``hover_left()``; ``seek_requested(seconds)``: click, or drag of the
    playhead; ``pan_requested(seconds)``; ``zoom_requested(factor, at_seconds)``.
    """

    hovered = Signal(float)
    hover_left = Signal()
    seek_requested = Signal(float)
    pan_requested = Signal(float)
    zoom_requested = Signal(float, float)
    values_zoomed = Signal()

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        super().__init__(parent)  # type: ignore[no-untyped-call]
        self._quantity = quantity
        self._cache: QPixmap | None = None
        self._span, self._values = (0.0, 1.0), (0.0, 1.0)
        self._zoomed: tuple[float, float] | None = None
        self._playhead = 0.0
        self._crosshair: float | None = None
        self._marks: Sequence[EndMark] = ()
        self._time_lines: Sequence[float] = ()
        self._event_lines: Sequence[float] = ()
        self._press: QPointF | None = None
        self._dragging = ""
        self._build()
        self.restyle()

    def _build(self) -> None:
        axis = ValueAxis(self._quantity)
        self._box: Any = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)  # type: ignore[no-untyped-call]
        self._box.disableAutoRange()  # type: ignore[no-untyped-call]
        self._layout = QGraphicsGridLayout()
        self._layout.setContentsMargins(0, _TOP, RIGHT_MARGIN, _BOTTOM)
        self._layout.setSpacing(0)
        self._layout.addItem(axis, 0, 0)
        self._layout.addItem(self._box, 0, 1)
        self._frame: Any = pg.GraphicsWidget()  # type: ignore[no-untyped-call]
        self._frame.setLayout(self._layout)
        self.setCentralItem(self._frame)  # type: ignore[no-untyped-call]
        axis.linkToView(self._box)  # type: ignore[no-untyped-call]
        self._axis = axis
        self._grid = Grid()
        self._box.addItem(self._grid, ignoreBounds=True)  # type: ignore[no-untyped-call]
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(90)

    # --- content -----------------------------------------------------------------------------

    def add(self, item: pg.GraphicsObject) -> None:
        """Add a drawing item."""
        self._box.addItem(item, ignoreBounds=True)

    def set_range(
        self, span: tuple[float, float], values: tuple[float, float], times: Sequence[float]
    ) -> None:
        """Show these seconds and these values (unless zoomed); grid lines stand at ``times``."""
        self._span, self._values, self._time_lines = span, values, times
        self._apply_range()

    def set_marks(self, marks: Sequence[EndMark], events: Sequence[float]) -> None:
        """Set the texts at line ends and the seconds of events."""
        self._marks, self._event_lines = marks, events
        self.refresh()

    def set_playhead(self, seconds: float) -> None:
        """Draw the playhead there."""
        if seconds != self._playhead:
            self._damage(self._playhead)
            self._playhead = seconds
            self._damage(seconds)

    def set_crosshair(self, seconds: float | None) -> None:
        """Draw the crosshair there; None hides it."""
        if seconds != self._crosshair:
            for at in (self._crosshair, seconds):
                if at is not None:
                    self._damage(at)
            self._crosshair = seconds

    def restyle(self) -> None:
        """Take the colours of the theme."""
        t = tokens()
        self.setBackground(t.surface)  # type: ignore[no-untyped-call]
        self._axis.restyle(t.text_muted, self.font())
        self._grid.restyle(t.grid, t.border_strong)
        self.refresh()

    def refresh(self) -> None:
        """Render again at the next paint."""
        self._cache = None
        self.viewport().update()

    @property
    def shown_values(self) -> tuple[float, float]:
        """Lowest and highest value of the axis."""
        return self._zoomed or self._values

    @property
    def view_rect(self) -> QRectF:
        """The visible rectangle in chart units."""
        low, high = self.shown_values
        return QRectF(self._span[0], low, self._span[1] - self._span[0], high - low)

    def plot_rect(self) -> QRectF:
        """Return the drawing area in pixels of the viewport."""
        width = self.viewport().width() - AXIS_WIDTH - RIGHT_MARGIN
        height = self.viewport().height() - _TOP - _BOTTOM
        return QRectF(AXIS_WIDTH, _TOP, max(width, 1), max(height, 1))

    def x_of(self, seconds: float) -> float:
        """Return the pixel column of a time."""
        rect, (start, end) = self.plot_rect(), self._span
        return rect.left() + (seconds - start) / (end - start) * rect.width()

    def seconds_at(self, x: float) -> float:
        """Return the time at a pixel column, inside what is shown."""
        rect, (start, end) = self.plot_rect(), self._span
        share = min(max((x - rect.left()) / rect.width(), 0.0), 1.0)
        return start + share * (end - start)

    def y_of(self, value: float) -> float:
        """Return the pixel row of a value."""
        rect, (low, high) = self.plot_rect(), self.shown_values
        return rect.bottom() - (value - low) / (high - low) * rect.height()

    def reset_values(self) -> None:
        """Leave a zoom of the value axis."""
        if self._zoomed is not None:
            self._zoomed = None
            self._apply_range()
            self.values_zoomed.emit()

    def _apply_range(self) -> None:
        rect = self.view_rect
        self._box.setRange(
            xRange=self._span, yRange=self.shown_values, padding=0, disableAutoRange=False
        )
        most = max(int(self.plot_rect().height() / TICK_SPACING_PX), 1)
        ticks = axis_ticks(self._quantity, *self.shown_values, most)[1]
        self._grid.place(rect, self._time_lines, [at for at, _ in ticks])
        for item in self._box.addedItems:
            if item is not self._grid:
                item.set_extent(rect)
        self.refresh()

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._cache is None or self._cache.devicePixelRatio() != ratio:
            self._cache = self._rendered(ratio)
        painter = QPainter(self.viewport())
        painter.setClipRect(event.rect())
        painter.drawPixmap(0, 0, self._cache)
        self.draw_trackers(painter)
        painter.end()

    def draw_chart(self, painter: QPainter) -> None:
        """Draw all but playhead and crosshair, in pixels of the viewport."""
        self._layout.activate()
        size = self.viewport().rect()
        painter.save()
        self.render(painter, QRectF(size), QRect(size))  # type: ignore[no-untyped-call]
        painter.restore()
        self._draw_events(painter)
        self._draw_marks(painter)

    def draw_trackers(self, painter: QPainter) -> None:
        """Draw crosshair and playhead."""
        t, rect = tokens(), self.plot_rect()
        if self._crosshair is not None:
            painter.setPen(QPen(t.border_strong, 0))
            self._draw_upright(painter, self._crosshair, rect)
        painter.setPen(QPen(t.accent, 0))
        self._draw_upright(painter, self._playhead, rect)

    def _rendered(self, ratio: float) -> QPixmap:
        size = self.viewport().size()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(tokens().surface)
        painter = QPainter(picture)
        self.draw_chart(painter)
        painter.end()
        return picture

    def _draw_upright(self, painter: QPainter, seconds: float, rect: QRectF) -> None:
        if self._span[0] <= seconds <= self._span[1]:
            x = round(self.x_of(seconds))
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def _draw_events(self, painter: QPainter) -> None:
        pen = QPen(tokens().text_muted, 0, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        for at in self._event_lines:
            self._draw_upright(painter, at, self.plot_rect())

    def _draw_marks(self, painter: QPainter) -> None:
        """Draw the texts at line ends, pushed apart where they would overlap."""
        rect, metrics = self.plot_rect(), QFontMetricsF(self.font())
        height = metrics.height() * 0.92
        low, high = self.shown_values
        inside = [m for m in self._marks if low <= m.value <= high]
        inside.sort(key=lambda m: -m.value)
        previous = rect.top() - height
        for mark in inside:
            y = max(self.y_of(mark.value), previous + height)
            previous = y
            if y > rect.bottom() + height / 2:
                break
            painter.setPen(mark.colour)
            place = QRectF(rect.right() + 4, y - height / 2, RIGHT_MARGIN - 4, height)
            text = metrics.elidedText(mark.text, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _damage(self, seconds: float) -> None:
        x = round(self.x_of(min(max(seconds, self._span[0]), self._span[1])))
        self.viewport().update(x - 1, 0, 3, self.viewport().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        if hasattr(self, "_grid"):
            self._apply_range()

    # --- mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() is Qt.MouseButton.LeftButton
        if not left and event.button() is not Qt.MouseButton.MiddleButton:
            event.ignore()
            return
        self._press = event.position()
        near = abs(event.position().x() - self.x_of(self._playhead)) <= _GRAB_PX
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._dragging = "scrub" if left and near and not shift else "wait"
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._press is None:
            near = abs(x - self.x_of(self._playhead)) <= _GRAB_PX
            shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.CrossCursor
            self.viewport().setCursor(shape)
            self.hovered.emit(self.seconds_at(x))
            return
        if self._dragging == "wait" and abs(x - self._press.x()) > _GRAB_PX:
            self._dragging = "pan"
        if self._dragging == "scrub":
            self.seek_requested.emit(self.seconds_at(x))
        elif self._dragging == "pan":
            per_px = (self._span[1] - self._span[0]) / self.plot_rect().width()
            self.pan_requested.emit((self._press.x() - x) * per_px)
            self._press = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and self._dragging in {"wait", "scrub"}:
            self.seek_requested.emit(self.seconds_at(event.position().x()))
        self._press, self._dragging = None, ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() < AXIS_WIDTH:
            self.reset_values()

    def leaveEvent(self, event: QEvent) -> None:
        del event
        self.hover_left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        sideways = event.angleDelta().x() / 120
        modifiers = event.modifiers()
        length = self._span[1] - self._span[0]
        if event.position().x() < AXIS_WIDTH and steps:
            self._zoom_values(_ZOOM_STEP**steps, event.position().y())
        elif modifiers & Qt.KeyboardModifier.ControlModifier and steps:
            self.zoom_requested.emit(_ZOOM_STEP**steps, self.seconds_at(event.position().x()))
        elif sideways or modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.pan_requested.emit(-(sideways or steps) * length / 10)
        else:
            event.ignore()
            return
        event.accept()

    def _zoom_values(self, factor: float, y: float) -> None:
        """Zoom the value axis around the row under the mouse, never beyond the whole."""
        low, high = self.shown_values
        rect, (least, most) = self.plot_rect(), self._values
        at = low + (rect.bottom() - y) / rect.height() * (high - low)
        start, end = at + (low - at) * factor, at + (high - at) * factor
        zoomed = (max(start, least), min(end, most))
        self._zoomed = None if zoomed == self._values else zoomed
        self._apply_range()
        self.values_zoomed.emit()
