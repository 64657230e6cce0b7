"""A window on the canvas: a band with its targets in order, and a handle to add one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from cxldesigner.document.model import Window
from cxldesigner.geometry.rect import Rect
from cxldesigner.geometry.sizes import chip_rect
from cxldesigner.gui.canvas import paintkit, words
from cxldesigner.gui.canvas.carditem import CardItem
from cxldesigner.gui.canvas.style import DETAIL_LOD, Style, faded

HANDLE_RADIUS = 9.0


class WindowItem(CardItem):
    """A fixed memory window."""

    def __init__(self, window: Window, rect: Rect) -> None:
        super().__init__(window.id, "window", rect)
        self.shown = window
        self._line = ""
        self._lit = False
        self.set_window(window)

    def set_window(self, window: Window) -> None:
        """Show another value of the window."""
        self.shown = window
        self._line = words.window_line(window)
        self.update()

    def set_handle_lit(self, *, lit: bool) -> None:
        """Light the handle, while a host bridge looks for a window."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def paint_body(self, painter: QPainter, s: Style, box: QRectF, lod: float) -> None:
        if lod >= DETAIL_LOD:
            self.paint_heading(painter, s, box, lod, self.shown.name, self._line, 9.0)
            self._paint_targets(painter, s)
        self._paint_handle(painter, s, box)

    def _paint_targets(self, painter: QPainter, s: Style) -> None:
        colours, t = s.part("window"), s.tokens
        own = Rect(0.0, 0.0, self.rect.w, self.rect.h)
        for index, target in enumerate(self.shown.targets):
            r = chip_rect(own, index)
            chip = QRectF(r.x, r.y, r.w, r.h)
            painter.setPen(QPen(faded(colours.edge, 0.5), 1.0))
            painter.setBrush(t.surface)
            painter.drawRoundedRect(chip, 6, 6)
            number_badge(painter, s, QPointF(chip.x() + 12, chip.center().y()), str(index))
            words_at = chip.adjusted(23, 0, -3, 0)
            paintkit.text(painter, words_at, target, s.small, s.small_metrics, t.text)
        if not self.shown.targets:
            r = chip_rect(own, 0)
            paintkit.text(
                painter,
                QRectF(r.x + 2, r.y, self.rect.w - 40, r.h),
                words.translate("Canvas", "Drag the handle to a host bridge"),
                s.body,
                s.body_metrics,
                t.text_muted,
            )

    def _paint_handle(self, painter: QPainter, s: Style, box: QRectF) -> None:
        colours = s.part("window")
        centre = QPointF(box.right(), box.center().y())
        if self._lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(s.tokens.good, 0.3))
            painter.drawEllipse(centre, HANDLE_RADIUS + 6, HANDLE_RADIUS + 6)
        painter.setPen(QPen(s.tokens.good if self._lit else colours.edge, 1.6))
        painter.setBrush(s.tokens.surface)
        painter.drawEllipse(centre, HANDLE_RADIUS, HANDLE_RADIUS)
        painter.drawLine(centre + QPointF(-4, 0), centre + QPointF(4, 0))
        painter.drawLine(centre + QPointF(0, -4), centre + QPointF(0, 4))


def number_badge(painter: QPainter, s: Style, centre: QPointF, number: str) -> None:
    """Paint the position of a target in its window's list."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(s.part("window").edge)
    box = QRectF(centre.x() - 8, centre.y() - 8, 16, 16)
    painter.drawEllipse(box)
    painter.setFont(s.badge)
    painter.setPen(s.tokens.surface)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number)
