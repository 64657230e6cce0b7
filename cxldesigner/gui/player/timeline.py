"""The scrub slider: where we are in the recording, what happened when, how much moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from cxldesigner.gui.charts.quantity import time_ticks
from cxldesigner.gui.fonts import ui_font
from cxldesigner.gui.theme import tokens
from cxldesigner.recording.model import Event

_HANDLE = 7.0
_TRACK = 6.0
_STRIP = 14.0
_MARK = 7.0
_REACH_PX = 6
_LABEL_SPACING_PX = 96
_SMALL = 0.85
_LEAST = 0.12
"""Height of the smallest bar that is drawn, as a share of the strip's."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Pages moved in equal stretches of the whole run, 0 … 1 of the busiest stretch."""

    promoted: tuple[float, ...] = ()
    demoted: tuple[float, ...] = ()


class Timeline(QAbstractSlider):
    """A slider over ticks. Value and range are ticks; the range is the whole run, also live.

    ``recorded`` is how many ticks there are so far: the part that can be reached. Above the track
    stand promotions (upwards) and demotions (downwards) and over them the events, below it the
    time.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recorded = 0
        self._tick_ms = 1
        self._events: Sequence[Event] = ()
        self._movement = Movement()
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Playhead"))
        self.setRange(0, 0)

    def sizeHint(self) -> QSize:
        return QSize(240, round(_STRIP + _TRACK + QFontMetricsF(ui_font(_SMALL)).height() + 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.sizeHint().height())

    def set_run(self, recorded: int, total: int, tick_ms: int) -> None:
        """Set how many ticks there are and will be."""
        self._recorded, self._tick_ms = recorded, tick_ms
        self.setRange(0, max(total - 1, 0))
        self.setSingleStep(1)
        self.setPageStep(max(total // 20, 1))
        self.update()

    def set_events(self, events: Sequence[Event]) -> None:
        """Set the events to mark."""
        self._events = events
        self.update()

    def set_movement(self, movement: Movement) -> None:
        """Set the strip of promotions and demotions."""
        if movement != self._movement:
            self._movement = movement
            self.update()

    def events_at(self, x: float) -> list[Event]:
        """Return the events marked near a pixel column."""
        return [e for e in self._events if abs(self._x(e.tick) - x) <= _REACH_PX]

    def _x(self, tick: float) -> float:
        width = self.width() - 2 * _HANDLE
        return _HANDLE + width * tick / max(self.maximum(), 1)

    def _tick(self, x: float) -> int:
        width = max(self.width() - 2 * _HANDLE, 1)
        share = min(max((x - _HANDLE) / width, 0.0), 1.0)
        return min(round(share * self.maximum()), max(self._recorded - 1, 0))

    def times(self) -> list[tuple[float, str]]:
        """Return the labelled ticks."""
        tick_s = self._tick_ms / 1000
        most = max(int(self.width() / _LABEL_SPACING_PX), 1)
        found = time_ticks(0.0, (self.maximum() + 1) * tick_s, most) if self.maximum() else []
        return [(seconds / tick_s, label) for seconds, label in found]

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        t, painter = tokens(), QPainter(self)
        top = _STRIP + 4
        self._draw_movement(painter, 1.0 + _STRIP / 2)
        self._draw_times(painter, top + _TRACK + 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for end, colour in (
            (self.width() - _HANDLE, t.border),
            (self._x(max(self._recorded - 1, 0)), t.border_strong),
            (self._x(self.value()), t.accent if self.isEnabled() else t.border_strong),
        ):
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(_HANDLE, top, end - _HANDLE, _TRACK), 3, 3)
        for marked in self._events:
            x = self._x(marked.tick)
            painter.setPen(t.window)
            painter.setBrush(t.error if marked.kind in {"oom", "error"} else t.warning)
            painter.drawPolygon(
                QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 1 + _MARK)])
            )
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isEnabled():
            middle = QPointF(self._x(self.value()), top + _TRACK / 2)
            painter.setBrush(t.accent)
            painter.drawEllipse(middle, _HANDLE, _HANDLE)
            painter.setBrush(t.focus if self.hasFocus() else t.surface)
            painter.drawEllipse(middle, _HANDLE / 2.2, _HANDLE / 2.2)
            if self.hasFocus():
                painter.setBrush(t.on_accent)
                painter.drawEllipse(middle, _HANDLE / 3.5, _HANDLE / 3.5)
        painter.end()

    def _draw_times(self, painter: QPainter, top: float) -> None:
        font = ui_font(_SMALL)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(tokens().text_muted)
        for tick, label in self.times():
            width = metrics.horizontalAdvance(label)
            left = min(max(self._x(tick) - width / 2, 0.0), self.width() - width)
            painter.drawText(QPointF(left, top + metrics.ascent()), label)

    def _draw_movement(self, painter: QPainter, middle: float) -> None:
        """Draw promotions upwards and demotions downwards from the middle of the strip."""
        t = tokens()
        for values, colour, sign in (
            (self._movement.promoted, t.promotion, -1),
            (self._movement.demoted, t.demotion, 1),
        ):
            self._draw_bars(painter, values, colour, middle, sign * _STRIP / 2)

    def _draw_bars(
        self, painter: QPainter, values: Sequence[float], colour: QColor, base: float, reach: float
    ) -> None:
        """Draw bars as high as the root of their values: one burst must not hide all others."""
        span = self._x(max(self._recorded - 1, 0)) - _HANDLE
        width = span / max(len(values), 1)
        for at, value in enumerate(values):
            if value > 0:
                height = reach * max(math.sqrt(value), _LEAST)
                left = _HANDLE + at * width
                bar = QRectF(left, base, max(width - 1.0, 1.0), height).normalized()
                painter.fillRect(bar, colour)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        self.setSliderDown(False)

    def _go_to(self, x: float) -> None:
        self.setSliderPosition(self._tick(x))
        self.triggerAction(QAbstractSlider.SliderAction.SliderMove)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            lines = [
                self.tr("{} s: {}").format(f"{e.tick * self._tick_ms / 1000:.1f}", e.text)
                for e in self.events_at(event.pos().x())[:8]
            ]
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)
