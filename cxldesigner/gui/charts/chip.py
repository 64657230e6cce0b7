"""The legend beside a chart: a row for each series with swatch, name and value; click to hide."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QStyle, QStyleOptionFocusRect, QWidget

from cxldesigner.gui.charts.palette import series_colour, series_pattern
from cxldesigner.gui.charts.specs import Series
from cxldesigner.gui.theme import tokens

_SWATCH = 12
_GAP = 6


class LegendChip(QAbstractButton):
    """One series in the legend; unchecked hides it. ``filled``: swatch as area, else as line."""

    def __init__(self, series: Series, *, filled: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series = series
        self._filled = filled
        self._value = ""
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(series.name)
        self.setAccessibleName(series.name)
        self.setToolTip(self.tr("{}: click to show or hide").format(series.column))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def value(self) -> str:
        """The text of the value shown."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show a value."""
        if value != self._value:
            self._value = value
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance("888.8 GB/s")
        return QSize(width + _SWATCH + 3 * _GAP, metrics.height() + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), tokens().hover)
        self.draw(painter)
        if self.hasFocus():
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            self.style().drawPrimitive(
                QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self
            )
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw swatch, name and value."""
        t = tokens()
        middle = self.height() / 2
        swatch = QRectF(2, middle - 5, _SWATCH, 10)
        colour = series_colour(self.series.colour)
        if not self.isChecked():
            painter.setPen(QPen(t.border_strong, 1))
            painter.drawRect(swatch.adjusted(0.5, 0.5, -0.5, -0.5))
        elif self._filled:
            painter.fillRect(swatch, colour)
            pattern = series_pattern(self.series.colour)
            if pattern is not None:
                painter.fillRect(swatch, pattern)
        else:
            dashed = self.series.colour.startswith("watermarks")
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, 2, style))
            painter.drawLine(QPointF(swatch.left(), middle), QPointF(swatch.right(), middle))
        painter.setPen(t.text if self.isChecked() else t.text_disabled)
        metrics = painter.fontMetrics()
        space = self.rect().adjusted(_SWATCH + 2 * _GAP, 0, -2, 0)
        value_width = metrics.horizontalAdvance(self._value) + _GAP
        name = metrics.elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, space.width() - value_width
        )
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(
            space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._value
        )
