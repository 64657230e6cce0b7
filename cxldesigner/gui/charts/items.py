"""What is drawn in a chart: envelope lines and stacked areas, as pyqtgraph items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A stretch of one series in chart units: lowest and highest value of each bucket.

    ``x`` seconds at the start of a bucket, ``low`` / ``high`` float64 of the same length. Where a
    bucket is a single tick both are the recorded value.
    """

    x: Floats
    low: Floats
    high: Floats

    @property
    def exact(self) -> bool:
        """Whether every point is a recorded value."""
        return self.low is self.high or bool(np.array_equal(self.low, self.high, equal_nan=True))

    @property
    def middle(self) -> Floats:
        """The line through the middle of the band; the values themselves where exact."""
        return self.low if self.low is self.high else (self.low + self.high) / 2


EMPTY = Envelope(np.empty(0), np.empty(0), np.empty(0))


def polygon(x: Floats, y: Floats) -> QPolygonF:
    """Return a polyline of points; those without a value are left out."""
    known = np.isfinite(y)
    if not known.all():
        x, y = x[known], y[known]
    if not len(x):
        return QPolygonF()
    result: QPolygonF = pg.functions.arrayToQPolygonF(x, y)  # type: ignore[no-untyped-call]
    return result


def band(x: Floats, low: Floats, high: Floats) -> QPolygonF:
    """Return the closed area between two lines."""
    known = np.isfinite(low) & np.isfinite(high)
    x, low, high = x[known], low[known], high[known]
    return polygon(np.concatenate([x, x[::-1]]), np.concatenate([high, low[::-1]]))


class _Item(pg.GraphicsObject):
    """An item whose extent is the visible rectangle, so that it never makes the view search."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._rect = QRectF()

    def set_extent(self, rect: QRectF) -> None:
        """Set the visible rectangle in chart units."""
        self.prepareGeometryChange()
        self._rect = rect

    def boundingRect(self) -> QRectF:
        return self._rect


class LineItem(_Item):
    """One series: a line one pixel wide, and behind it the band where buckets hold a range."""

    def __init__(self) -> None:
        super().__init__()
        self._line, self._band = QPolygonF(), QPolygonF()
        self._pen, self._brush = QPen(), QBrush()

    def set_colour(self, colour: QColor) -> None:
        """Take the colour of the theme."""
        self._pen = QPen(colour, 1)
        self._pen.setCosmetic(True)
        faint = QColor(colour)
        faint.setAlphaF(0.35)
        self._brush = QBrush(faint)

    def set_data(self, data: Envelope) -> None:
        """Show an envelope."""
        self._line = polygon(data.x, data.middle)
        self._band = QPolygonF() if data.exact else band(data.x, data.low, data.high)
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        del option, widget
        if not self._band.isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._brush)
            painter.drawPolygon(self._band)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        painter.drawPolyline(self._line)


@dataclass(frozen=True, slots=True)
class Layer:
    """One filled part of a stack: its colour and the pattern over it."""

    colour: QColor
    pattern: QBrush | None


class StackItem(_Item):
    """Areas standing on each other, an outline on top of each, and level lines over them.

    ``set_data`` takes boundaries from the bottom up: layer ``i`` lies between ``edges[i]`` and
    ``edges[i + 1]``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._layers: Sequence[Layer] = ()
        self._areas: list[QPolygonF] = []
        self._outlines: list[QPolygonF] = []
        self._levels: list[tuple[QPolygonF, QPen]] = []
        self._spread, self._spread_brush = QPolygonF(), QBrush()

    def set_layers(self, layers: Sequence[Layer], spread: QColor) -> None:
        """Set colours from the bottom up, and that of the band around the uppermost edge."""
        self._layers = layers
        faint = QColor(spread)
        faint.setAlphaF(0.30)
        self._spread_brush = QBrush(faint)

    def set_data(
        self,
        x: Floats,
        edges: Sequence[Floats],
        spread: tuple[Floats, Floats] | None,
        levels: Sequence[tuple[Floats, QColor]],
    ) -> None:
        """Show boundaries, the range of the uppermost used one (None: exact), and level lines."""
        pairs = list(pairwise(edges))
        self._areas = [band(x, low, high) for low, high in pairs]
        # A part that is empty all along must not draw its line over the part below.
        self._outlines = [
            polygon(x, high) if np.any(high > low) else QPolygonF() for low, high in pairs
        ]
        self._spread = QPolygonF() if spread is None else band(x, *spread)
        self._levels = [(polygon(x, y), _level_pen(colour)) for y, colour in levels]
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        del option, widget
        painter.setPen(Qt.PenStyle.NoPen)
        for layer, area in zip(self._layers, self._areas, strict=False):
            fill = QColor(layer.colour)
            fill.setAlphaF(0.80)
            painter.setBrush(fill)
            painter.drawPolygon(area)
            if layer.pattern is not None:
                painter.setBrush(unscaled(layer.pattern, painter))
                painter.drawPolygon(area)
        if not self._spread.isEmpty():
            painter.setBrush(self._spread_brush)
            painter.drawPolygon(self._spread)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for layer, outline in zip(self._layers, self._outlines, strict=False):
            painter.setPen(QPen(layer.colour, 0))
            painter.drawPolyline(outline)
        for line, pen in self._levels:
            painter.setPen(pen)
            painter.drawPolyline(line)


def unscaled(pattern: QBrush, painter: QPainter) -> QBrush:
    """Return a pattern brush drawn in pixels, whatever the painter's scale."""
    brush = QBrush(pattern)
    inverse, possible = painter.worldTransform().inverted()
    if possible:
        brush.setTransform(inverse)
    return brush


def _level_pen(colour: QColor) -> QPen:
    pen = QPen(colour, 1, Qt.PenStyle.DashLine)
    pen.setCosmetic(True)
    return pen
