"""The value axis and the grid behind a chart."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from cxldesigner.gui.charts.quantity import Quantity, axis_ticks

AXIS_WIDTH = 70
TICK_SPACING_PX = 25


class ValueAxis(pg.AxisItem):
    """A left axis of fixed width, so that charts stand under each other, with units in labels."""

    def __init__(self, quantity: Quantity) -> None:
        super().__init__("left")
        self._quantity = quantity
        self._labels: dict[float, str] = {}
        self.setWidth(AXIS_WIDTH)
        self.setStyle(tickLength=0, tickTextOffset=6, hideOverlappingLabels=False)  # type: ignore[no-untyped-call]

    def restyle(self, text: QColor, font: QFont) -> None:
        """Take the theme's text colour and a font."""
        self.setPen(None)  # type: ignore[no-untyped-call]
        self.setTextPen(QPen(text))  # type: ignore[no-untyped-call]
        self.setTickFont(font)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        step, labels = axis_ticks(self._quantity, low, high, max(int(size / TICK_SPACING_PX), 1))
        self._labels = dict(labels)
        return [(step, [at for at, _ in labels])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        del scale, spacing
        return [self._labels.get(v, "") for v in values]


class Grid(pg.GraphicsObject):
    """Lines at the ticks of both axes, one device pixel wide; the zero line is stronger."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._rect = QRectF()
        self._lines: list[QLineF] = []
        self._zero: list[QLineF] = []
        self._pen, self._zero_pen = QPen(), QPen()

    def restyle(self, grid: QColor, zero: QColor) -> None:
        """Take the theme's colours."""
        self._pen, self._zero_pen = QPen(grid, 0), QPen(zero, 0)

    def place(self, rect: QRectF, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Set the visible rectangle and where lines stand, in chart units."""
        self.prepareGeometryChange()
        self._rect = rect
        upright = [QLineF(x, rect.top(), x, rect.bottom()) for x in xs]
        level = [QLineF(rect.left(), y, rect.right(), y) for y in ys if y]
        self._lines = upright + level
        self._zero = [QLineF(rect.left(), 0.0, rect.right(), 0.0)]

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        del option, widget
        painter.setPen(self._pen)
        painter.drawLines(self._lines)
        painter.setPen(self._zero_pen)
        painter.drawLines(self._zero)
