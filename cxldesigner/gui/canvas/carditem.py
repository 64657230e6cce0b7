"""The common half of parts and windows on the canvas: a box with state, marks and a place."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cxldesigner.geometry.rect import Rect
from cxldesigner.gui.canvas import paintkit
from cxldesigner.gui.canvas.marks import NO_MARKS, Marks
from cxldesigner.gui.canvas.style import CORNER, DETAIL_LOD, SHAPE_LOD, Style, style

MARGIN = 17.0
"""Room around a box for ports, badges and the selection frame."""
_FADED = 0.32
_GHOST = 0.6


class CardItem(QGraphicsItem):
    """A box on the canvas. The scene sets its state; it repaints only when that changes."""

    def __init__(self, item_id: str, kind: str, rect: Rect) -> None:
        super().__init__()
        self.item_id = item_id
        self.kind = kind
        self.rect = rect
        self.marks = NO_MARKS
        self.selected = self.highlighted = self.faded = False
        self.hovered = self.ghost = self.refused = False
        self.setPos(rect.x, rect.y)
        self.setZValue(1.0)

    def set_rect(self, rect: Rect) -> None:
        """Move and size the box."""
        if (rect.w, rect.h) != (self.rect.w, self.rect.h):
            self.prepareGeometryChange()
        self.rect = rect
        self.setPos(rect.x, rect.y)

    def set_state(self, **state: bool) -> None:
        """Set ``selected``, ``highlighted``, ``faded``, ``hovered``, ``ghost`` or ``refused``."""
        for name, value in state.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.update()
        if "selected" in state:
            self.setZValue(2.0 if self.selected else 1.0)

    def set_marks(self, marks: Marks) -> None:
        """Set the badges."""
        if marks != self.marks:
            self.marks = marks
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-MARGIN, -MARGIN, self.rect.w + 2 * MARGIN, self.rect.h + 2 * MARGIN)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self.boundingRect())
        return path

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        s = style()
        box = QRectF(0, 0, self.rect.w, self.rect.h)
        lod = option.levelOfDetailFromTransform(painter.worldTransform())
        if self.faded:
            painter.setOpacity(_FADED)
        elif self.ghost:
            painter.setOpacity(_GHOST)
        if lod < SHAPE_LOD:
            self._paint_shape(painter, s, box)
            return
        paintkit.card(painter, s, self.kind, box)
        if lod < DETAIL_LOD:
            painter.setFont(s.large)
            painter.setPen(s.part(self.kind).text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.item_id)
        self.paint_body(painter, s, box, lod)
        if self.selected:
            paintkit.ring(painter, s.selected, box)
        elif self.highlighted:
            paintkit.ring(painter, s.highlighted, box)
        elif self.ghost:
            paintkit.ring(painter, s.refused if self.refused else s.ghost, box)
        elif self.hovered:
            painter.setPen(s.hovered[self.kind])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, CORNER, CORNER)
        if self.marks.nodes:
            right = box.topRight()
            right.setX(right.x() - 8)
            paintkit.node_badges(painter, s, right, self.marks.nodes)
        if self.marks.severity:
            paintkit.severity_badge(painter, s, self.marks.severity, box.topLeft(), lod)

    def paint_body(self, painter: QPainter, s: Style, box: QRectF, lod: float) -> None:
        """Paint what is inside the box."""
        raise NotImplementedError

    def _paint_shape(self, painter: QPainter, s: Style, box: QRectF) -> None:
        colours = s.part(self.kind)
        painter.fillRect(box, s.tokens.accent if self.selected else colours.edge)

    def paint_heading(
        self, painter: QPainter, s: Style, box: QRectF, lod: float, name: str, line: str, top: float
    ) -> None:
        """Paint icon, id, name and the second line, starting ``top`` below the box's edge."""
        ink = s.part(self.kind).text
        paintkit.glyph(painter, self.kind, QRectF(10, top + 1, 18, 18), lod)
        width = box.width() - 44
        row = QRectF(34, top, width, 20)
        used = s.title_metrics.horizontalAdvance(self.item_id)
        paintkit.text(painter, row, self.item_id, s.title, s.title_metrics, ink)
        muted = s.tokens.text_muted
        if name and name != self.item_id and used + 24 < width:
            rest = row.adjusted(used + 8, 0.5, 0, 0.5)
            paintkit.text(painter, rest, name, s.body, s.body_metrics, muted)
        below = QRectF(34, top + 19, width, 16)
        paintkit.text(painter, below, line, s.body, s.body_metrics, muted)
