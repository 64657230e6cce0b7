"""Pieces that several canvas items paint: cards, bars, badges, ports, elided text."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
)

from cxldesigner.gui.canvas.style import CORNER, PORT_RADIUS, Style, faded, mixed
from cxldesigner.gui.icons import part_icon, severity_icon

_NO_PEN = Qt.PenStyle.NoPen
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


class PortLight(Enum):
    """How a port is shown while a connection is being dragged."""

    PLAIN = 0
    LIT = 1
    TARGET = 2
    DIM = 3


def card(painter: QPainter, s: Style, kind: str, rect: QRectF) -> None:
    """Paint the box of a part with a soft shadow."""
    colours = s.part(kind)
    painter.setPen(_NO_PEN)
    painter.setBrush(s.shadow)
    painter.drawRoundedRect(rect.translated(0, 1.5).adjusted(-0.5, 0, 0.5, 0.5), CORNER, CORNER)
    painter.drawRoundedRect(rect.translated(0, 3), CORNER, CORNER)
    fill = QLinearGradient(rect.topLeft(), rect.bottomLeft())
    fill.setColorAt(0.0, mixed(colours.fill, s.tokens.surface, 0.0 if s.tokens.dark else 0.35))
    fill.setColorAt(1.0, mixed(colours.fill, s.tokens.surface, 0.25 if s.tokens.dark else 0.0))
    painter.setPen(s.edges[kind])
    painter.setBrush(QBrush(fill))
    painter.drawRoundedRect(rect, CORNER, CORNER)


def ring(painter: QPainter, pen: QPen, rect: QRectF) -> None:
    """Paint a frame just outside a box: selected or highlighted."""
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(-3.5, -3.5, 3.5, 3.5), CORNER + 3, CORNER + 3)


def glyph(painter: QPainter, kind: str, rect: QRectF, lod: float) -> None:
    """Paint the icon of a kind, sharp at the present zoom."""
    scale = min(4, max(1, ceil(lod)))
    side = round(rect.width()) * scale
    painter.drawPixmap(rect.toRect(), part_icon(kind).pixmap(QSize(side, side), 1.0))


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    font: QFont,
    metrics: QFontMetricsF,
    colour: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Paint one line of text, shortened with an ellipsis where it does not fit."""
    if metrics.horizontalAdvance(words) > rect.width():
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, align | _MIDDLE, words)


def bar(
    painter: QPainter, s: Style, rect: QRectF, shares: Iterable[tuple[float, QColor, bool]]
) -> None:
    """Paint a bar filled from the left with shares (0 … 1, colour, hatched), rest empty."""
    clip = QPainterPath()
    clip.addRoundedRect(rect, 4, 4)
    painter.setPen(_NO_PEN)
    painter.setBrush(s.tokens.pages["free"])
    painter.drawPath(clip)
    painter.save()
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    x = rect.x()
    for share, colour, hatched in shares:
        piece = QRectF(x, rect.y(), rect.width() * max(0.0, min(share, 1.0)), rect.height())
        painter.fillRect(piece, colour)
        if hatched:
            painter.fillRect(
                piece, QBrush(faded(s.tokens.surface, 0.35), Qt.BrushStyle.BDiagPattern)
            )
        x = piece.right()
    painter.restore()
    painter.setPen(QPen(faded(s.tokens.border_strong, 0.6), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, 4, 4)


def pill(
    painter: QPainter,
    s: Style,
    centre: QPointF,
    words: str,
    fill: QColor,
    ink: QColor,
    edge: QColor,
) -> QRectF:
    """Paint a small label around a point and return its box."""
    width = max(18.0, s.badge_metrics.horizontalAdvance(words) + 11)
    box = QRectF(centre.x() - width / 2, centre.y() - 8.5, width, 17)
    painter.setPen(QPen(edge, 1.0))
    painter.setBrush(fill)
    painter.drawRoundedRect(box, 8.5, 8.5)
    painter.setFont(s.badge)
    painter.setPen(ink)
    painter.drawText(box, _CENTRE, words)
    return box


def node_badges(painter: QPainter, s: Style, right: QPointF, nodes: Iterable[int]) -> None:
    """Paint NUMA node badges leftwards from a point on the upper edge of a part."""
    x = right.x()
    for node in nodes:
        words = f"N{node}"
        width = max(18.0, s.badge_metrics.horizontalAdvance(words) + 11)
        centre = QPointF(x - width / 2, right.y())
        pill(painter, s, centre, words, s.tokens.node(node), s.tokens.surface, s.tokens.canvas)
        x -= width + 4


def severity_badge(painter: QPainter, s: Style, severity: str, centre: QPointF, lod: float) -> None:
    """Paint the sign of an error or warning around a point."""
    scale = min(4, max(1, ceil(lod)))
    painter.setPen(_NO_PEN)
    painter.setBrush(s.tokens.severity_fill(severity))
    painter.drawEllipse(centre, 11, 11)
    box = QRectF(centre.x() - 9, centre.y() - 9, 18, 18)
    painter.drawPixmap(box.toRect(), severity_icon(severity).pixmap(QSize(18, 18) * scale, 1.0))


def port(painter: QPainter, s: Style, centre: QPointF, kind: str, light: PortLight) -> None:
    """Paint one port."""
    colours, t = s.part(kind), s.tokens
    radius, pen, fill = PORT_RADIUS, QPen(colours.edge, 1.6), t.surface
    match light:
        case PortLight.LIT:
            painter.setPen(_NO_PEN)
            painter.setBrush(faded(t.good, 0.25))
            painter.drawEllipse(centre, radius + 6, radius + 6)
            radius, pen, fill = radius + 1, QPen(t.good, 2.0), t.good_fill
        case PortLight.TARGET:
            painter.setPen(_NO_PEN)
            painter.setBrush(faded(t.good, 0.35))
            painter.drawEllipse(centre, radius + 9, radius + 9)
            radius, pen, fill = radius + 2, QPen(t.good, 2.0), t.good
        case PortLight.DIM:
            pen, fill = QPen(faded(colours.edge, 0.3), 1.2), mixed(t.canvas, t.surface, 0.5)
            radius -= 1
        case PortLight.PLAIN:
            pass
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawEllipse(centre, radius, radius)
