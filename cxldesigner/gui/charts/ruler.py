"""The time axis above the charts: labels, event flags, the playhead's handle."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from cxldesigner.gui.charts.quantity import time_text, time_ticks
from cxldesigner.gui.charts.timespan import TimeSpan
from cxldesigner.gui.theme import tokens
from cxldesigner.recording.model import Event

_LABEL_SPACING_PX = 84
_REACH_PX = 5
_TOOLTIP_EVENTS = 8


class TimeRuler(QWidget):
    """Draws the shown seconds between two pixel columns; drag anywhere in it to scrub."""

    seek_requested = Signal(float)
    zoom_requested = Signal(float, float)

    def __init__(self, span: TimeSpan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._span = span
        self._left, self._right = 0.0, 1.0
        self._playhead = 0.0
        self._crosshair: float | None = None
        self._events: Sequence[tuple[float, Event]] = ()
        self.setAccessibleName(self.tr("Time axis"))
        span.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, round(QFontMetricsF(self.font()).height() * 2 + 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def set_columns(self, left: float, right: float) -> None:
        """Set the pixel columns of the first and last shown second."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.update()

    def set_events(self, events: Sequence[tuple[float, Event]]) -> None:
        """Set the events with their seconds."""
        self._events = events
        self.update()

    def set_playhead(self, seconds: float) -> None:
        """Draw the playhead there."""
        self._playhead = seconds
        self.update()

    def set_crosshair(self, seconds: float | None) -> None:
        """Show the time under the mouse; None hides it."""
        if seconds != self._crosshair:
            self._crosshair = seconds
            self.update()

    def times(self) -> list[tuple[float, str]]:
        """Return the labelled seconds."""
        most = max(int((self._right - self._left) / _LABEL_SPACING_PX), 1)
        return time_ticks(self._span.start, self._span.end, most)

    def events_at(self, x: float) -> list[tuple[float, Event]]:
        """Return the events whose flags are near a pixel column."""
        return [e for e in self._events if abs(self._x(e[0]) - x) <= _REACH_PX]

    def _x(self, seconds: float) -> float:
        share = (seconds - self._span.start) / (self._span.length or 1.0)
        return self._left + share * (self._right - self._left)

    def _seconds(self, x: float) -> float:
        share = (x - self._left) / max(self._right - self._left, 1.0)
        return self._span.start + min(max(share, 0.0), 1.0) * self._span.length

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw the ruler."""
        t, metrics = tokens(), QFontMetricsF(self.font())
        bottom = float(self.height())
        painter.fillRect(self.rect(), t.surface_raised)
        painter.setPen(QPen(t.border, 0))
        painter.drawLine(QPointF(0, bottom - 0.5), QPointF(self.width(), bottom - 0.5))
        baseline = bottom - 5
        for at, label in self.times():
            x = round(self._x(at))
            painter.setPen(QPen(t.border_strong, 0))
            painter.drawLine(QPointF(x, bottom - 4), QPointF(x, bottom))
            painter.setPen(t.text_muted)
            width = metrics.horizontalAdvance(label)
            painter.drawText(QPointF(x - width / 2, baseline - metrics.descent()), label)
        self._draw_events(painter)
        if self._crosshair is not None:
            self._draw_tag(painter, self._crosshair, strong=False)
        if self._span.start <= self._playhead <= self._span.end:
            self._draw_tag(painter, self._playhead, strong=True)

    def _draw_events(self, painter: QPainter) -> None:
        t = tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for seconds, event in self._events:
            if self._span.start <= seconds <= self._span.end:
                x = round(self._x(seconds)) + 0.5
                bad = event.kind in {"oom", "error"}
                painter.setBrush(t.error if bad else t.warning)
                flag = [QPointF(x, 2), QPointF(x + 8, 5.5), QPointF(x, 9)]
                painter.drawPolygon(QPolygonF(flag))
                painter.drawRect(QRectF(x - 0.5, 2, 1, self.height() - 4))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _draw_tag(self, painter: QPainter, seconds: float, *, strong: bool) -> None:
        """Draw the time in a small box on its column."""
        t, metrics = tokens(), QFontMetricsF(self.font())
        x, text = self._x(seconds), time_text(seconds)
        width = metrics.horizontalAdvance(text) + 10
        left = min(max(x - width / 2, 0.0), self.width() - width)
        box = QRectF(left, 1, width, metrics.height() + 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.accent if strong else t.text_muted)
        painter.drawRoundedRect(box, 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.drawRect(QRectF(round(x), box.bottom(), 1, self.height() - box.bottom()))
        painter.setPen(t.on_accent if strong else t.surface)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.seek_requested.emit(self._seconds(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.seek_requested.emit(self._seconds(event.position().x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_requested.emit(0.8**steps, self._seconds(event.position().x()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            lines = [
                f"{time_text(at)}  {e.text}"
                for at, e in self.events_at(event.pos().x())[:_TOOLTIP_EVENTS]
            ]
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)
