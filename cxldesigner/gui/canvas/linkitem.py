"""Links between ports, and the lines from windows to the host bridges they target."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cxldesigner.document.model import Point
from cxldesigner.geometry.routing import Path, label_point
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.style import DETAIL_LOD, SHAPE_LOD, Style, faded, mixed, style
from cxldesigner.gui.canvas.windowitem import number_badge

_CORNER = 7.0
_MARGIN = 12.0
_PICK = 12.0
_LABEL = QRectF(-54, -9, 108, 18)
_BUSY = 0.9
"""Utilisation from which a link is shown as full."""


def rounded_path(points: Path) -> QPainterPath:
    """Return a painter path through corner points, with rounded corners."""
    path = QPainterPath(QPointF(points[0].x, points[0].y))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        a, b = _towards(corner, before), _towards(corner, after)
        path.lineTo(a)
        path.quadTo(QPointF(corner.x, corner.y), b)
    path.lineTo(points[-1].x, points[-1].y)
    return path


def _towards(corner: Point, other: Point) -> QPointF:
    dx, dy = other.x - corner.x, other.y - corner.y
    length = abs(dx) + abs(dy)
    reach = min(_CORNER, length / 2)
    return QPointF(
        corner.x + (dx / length * reach if length else 0),
        corner.y + (dy / length * reach if length else 0),
    )


class PathItem(QGraphicsItem):
    """A line along corner points."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._drawn = rounded_path(path)
        self.selected = self.faded = self.highlighted = False

    def set_path(self, path: Path) -> None:
        """Run along other corner points."""
        if path != self.path:
            self.prepareGeometryChange()
            self.path = path
            self._drawn = rounded_path(path)

    def set_state(self, **state: bool) -> None:
        """Set ``selected``, ``highlighted`` or ``faded``."""
        for name, value in state.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.update()

    def boundingRect(self) -> QRectF:
        return self._drawn.boundingRect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        stroker = QPainterPathStroker()
        stroker.setWidth(_PICK)
        return stroker.createStroke(self._drawn)


class LinkItem(PathItem):
    """A link: speed and width in edit mode, thickness and utilisation in replay."""

    def __init__(self, link_id: str, path: Path) -> None:
        super().__init__(path)
        self.item_id = link_id
        self._label, self._degraded = "", False
        self._use: float | None = None
        self._use_label = ""

    def set_label(self, label: str, *, degraded: bool) -> None:
        """Set speed and width in words, and whether the link is below its best."""
        if (label, degraded) != (self._label, self._degraded):
            self._label, self._degraded = label, degraded
            self.update()

    def set_use(self, use: float | None, label: str) -> None:
        """Show a utilisation, 0 … 1, with a text; None shows the link itself."""
        if (use, label) != (self._use, self._use_label):
            self._use, self._use_label = use, label
            self.update()

    def boundingRect(self) -> QRectF:
        middle = label_point(self.path)
        return super().boundingRect().united(_LABEL.translated(middle.x, middle.y))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        s = style()
        lod = option.levelOfDetailFromTransform(painter.worldTransform())
        if self.faded:
            painter.setOpacity(0.25)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if lod < SHAPE_LOD:
            painter.setPen(QPen(self._pen(s).color(), 0))
            painter.drawPolyline([QPointF(p.x, p.y) for p in self.path])
            return
        painter.setPen(self._pen(s))
        painter.drawPath(self._drawn)
        label = self._use_label if self._use is not None else self._label
        if lod >= DETAIL_LOD and label:
            self._paint_label(painter, s, label)

    def _pen(self, s: Style) -> QPen:
        if self.selected or self.highlighted:
            return s.link_selected
        if self._use is not None:
            pen = QPen(use_colour(s, self._use), 1.6 + 5.4 * min(self._use, 1.0))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            return pen
        return s.link_degraded if self._degraded else s.link

    def _paint_label(self, painter: QPainter, s: Style, label: str) -> None:
        middle = label_point(self.path)
        half = s.small_metrics.horizontalAdvance(label) / 2 + 6
        box = QRectF(middle.x - half, middle.y - 8, 2 * half, 16)
        painter.setPen(QPen(s.tokens.border, 1.0))
        painter.setBrush(s.tokens.canvas)
        painter.drawRoundedRect(box, 8, 8)
        painter.setFont(s.small)
        warns = self._degraded or (self._use or 0.0) >= _BUSY
        painter.setPen(s.tokens.warning if warns else s.tokens.text_muted)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)


def use_colour(s: Style, use: float) -> QColor:
    """Return the colour of a link at a utilisation: idle grey, then hot, then full."""
    if use >= _BUSY:
        return s.tokens.error
    return mixed(s.tokens.link, s.tokens.link_hot, min(1.0, use * 2))


class TargetItem(PathItem):
    """The line from a window to a host bridge it targets, numbered where it arrives."""

    def __init__(self, window: str, index: int, path: Path) -> None:
        super().__init__(path)
        self.window_id, self.index = window, index
        self.setZValue(3.0)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        s = style()
        lod = option.levelOfDetailFromTransform(painter.worldTransform())
        if self.faded:
            painter.setOpacity(0.25)
        strong = self.selected or self.highlighted
        edge = s.part("window").edge
        pen = QPen(edge if strong else faded(edge, 0.65), 2.2 if strong else 1.4)
        pen.setDashPattern([3.0, 3.0])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._drawn)
        if lod >= DETAIL_LOD:
            end = self.path[-1]
            number_badge(painter, s, QPointF(end.x, end.y), str(self.index))

    def words(self) -> str:
        """Return the tool tip."""
        return words.translate("Canvas", "{}: target {} of its interleave order").format(
            self.window_id, self.index
        )
