"""Items shown only while a gesture runs: rubber band, alignment lines, a link being drawn."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cxldesigner.geometry.placement import Guide
from cxldesigner.geometry.routing import Path
from cxldesigner.gui.canvas.linkitem import rounded_path
from cxldesigner.gui.canvas.style import faded, style

ABOVE_ALL = 10.0


class BandItem(QGraphicsItem):
    """The rectangle of a rubber-band selection."""

    def __init__(self) -> None:
        super().__init__()
        self.area = QRectF()
        self.setZValue(ABOVE_ALL)

    def set_area(self, area: QRectF) -> None:
        """Span another rectangle."""
        self.prepareGeometryChange()
        self.area = area

    def boundingRect(self) -> QRectF:
        return self.area.adjusted(-2, -2, 2, 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        s = style()
        painter.setPen(s.guide)
        painter.setBrush(faded(s.tokens.accent, 0.12))
        painter.drawRect(self.area)


class GuidesItem(QGraphicsItem):
    """Lines along which a dragged part is aligned with others."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[QLineF] = []
        self._bounds = QRectF()
        self.setZValue(ABOVE_ALL)

    def set_guides(self, guides: tuple[Guide, ...]) -> None:
        """Show other lines."""
        self.prepareGeometryChange()
        self._lines = [
            QLineF(g.at, g.start - 16, g.at, g.end + 16)
            if g.vertical
            else QLineF(g.start - 16, g.at, g.end + 16, g.at)
            for g in guides
        ]
        self._bounds = QRectF()
        for line in self._lines:
            box = QRectF(line.p1(), line.p2()).normalized().adjusted(-2, -2, 2, 2)
            self._bounds = self._bounds.united(box)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setPen(style().guide)
        painter.drawLines(self._lines)


class WireItem(QGraphicsItem):
    """A link that is being drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._path: Path = ()
        self._bounds = QRectF()
        self._accepted = self._refused = False
        self.setZValue(ABOVE_ALL)

    def set_path(self, path: Path, *, accepted: bool, refused: bool) -> None:
        """Run along other corner points, in the colour of what a drop would do."""
        self.prepareGeometryChange()
        self._path, self._accepted, self._refused = path, accepted, refused
        box = rounded_path(path).boundingRect() if path else QRectF()
        self._bounds = box.adjusted(-9, -9, 9, 9)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self._path:
            return
        t = style().tokens
        colour = t.link_refused if self._refused else t.good if self._accepted else t.accent
        pen = QPen(colour, 2.4)
        if not self._accepted:
            pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(rounded_path(self._path))
        painter.setBrush(colour)
        end = self._path[-1]
        painter.drawEllipse(QPointF(end.x, end.y), 3.5, 3.5)
