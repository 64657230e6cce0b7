"""How the address map is painted: lanes, blocks, cut-out stretches, axis, pointer line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from cxldesigner.document.units import format_address, format_size
from cxldesigner.gui.addressmap.ranges import AddressRange, Lane, lane_title
from cxldesigner.gui.addressmap.scale import AddressScale
from cxldesigner.gui.canvas.style import faded, mixed
from cxldesigner.gui.fonts import mono_font, ui_font
from cxldesigner.gui.sizes import rough_size
from cxldesigner.gui.theme import tokens

TITLES = 104.0
"""Width of the column with lane titles."""
TOP = 12.0
AXIS = 42.0
_ROW_GAP = 6.0
_TALLEST = 54.0
_LABEL_ROOM = 96.0
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


def lane_box(lane: Lane, height: float) -> QRectF:
    """Return a lane's box on a viewport of a height; its width is left 0."""
    room = (height - TOP - AXIS) / len(Lane) - _ROW_GAP
    row = max(14.0, min(room, _TALLEST))
    return QRectF(0, TOP + lane * (row + _ROW_GAP), 0, row)


def lanes(painter: QPainter, area: QRectF) -> None:
    """Paint the background of each lane and its title."""
    t = tokens()
    painter.fillRect(area, t.canvas)
    painter.setFont(ui_font(0.9))
    for lane in Lane:
        box = lane_box(lane, area.height())
        band = QRectF(TITLES - 4, box.y(), area.width() - TITLES - 4, box.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.surface_sunken)
        painter.drawRoundedRect(band, 5, 5)
        painter.setPen(t.text_muted)
        painter.drawText(QRectF(12, box.y(), TITLES - 20, box.height()), _LEFT, lane_title(lane))


def block(
    painter: QPainter,
    box: QRectF,
    item: AddressRange,
    *,
    selected: bool,
    hovered: bool,
    current: bool,
    clip_left: float,
) -> None:
    """Paint one range, with its name and size where they fit."""
    t = tokens()
    colours = t.parts[item.kind]
    fill = mixed(colours.fill, colours.edge, 0.25 if hovered else 0.0)
    edge = t.accent if selected else mixed(colours.edge, colours.fill, 0.25)
    painter.setPen(QPen(edge, 2.2 if selected else 1.0))
    painter.setBrush(fill)
    radius = 4.0 if box.width() > 10 else 1.0
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    if current:
        painter.setPen(QPen(t.focus, 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), radius + 2, radius + 2)
    visible = box.adjusted(max(0.0, clip_left - box.left()) + 6, 0, -4, 0)
    _name(painter, visible, item)


def _name(painter: QPainter, room: QRectF, item: AddressRange) -> None:
    t = tokens()
    strong, plain = ui_font(0.9, strong=True), ui_font(0.82)
    if room.height() < 13 or room.width() < 22:
        return
    wide = QFontMetricsF(strong).horizontalAdvance(item.label)
    if wide > room.width():
        return
    painter.setPen(t.parts[item.kind].text)
    painter.setFont(strong)
    size = format_size(item.size)
    if room.height() >= 34:
        upper = QRectF(room.x(), room.center().y() - 16, room.width(), 16)
        painter.drawText(upper, _LEFT, item.label)
        painter.setFont(plain)
        painter.setPen(t.text_muted)
        if QFontMetricsF(plain).horizontalAdvance(size) <= room.width():
            painter.drawText(upper.translated(0, 16), _LEFT, size)
        return
    painter.drawText(room, _LEFT, item.label)
    if wide + 8 + QFontMetricsF(plain).horizontalAdvance(size) <= room.width():
        painter.setFont(plain)
        painter.setPen(t.text_muted)
        painter.drawText(room.adjusted(wide + 8, 0, 0, 0), _LEFT, size)


def cuts(painter: QPainter, area: QRectF, scale: AddressScale, scrolled: int) -> None:
    """Paint stretches left out: a torn strip across all lanes with the size of what is missing."""
    t = tokens()
    bottom = area.height() - AXIS
    for s in scale.segments:
        left = TITLES + s.left - scrolled
        if not s.cut or left > area.right() or left + (s.right - s.left) < TITLES:
            continue
        strip = QRectF(left + 5, TOP - 4, s.right - s.left - 10, bottom - TOP + 2)
        painter.fillRect(strip, t.canvas)
        painter.setPen(QPen(t.border_strong, 1.2))
        for x in (strip.left(), strip.right()):
            steps = range(int(strip.height() // 6) + 1)
            zigzag = [QPointF(x + (2.5 if i % 2 else -2.5), strip.y() + i * 6) for i in steps]
            painter.drawPolyline(QPolygonF(zigzag))
        painter.save()
        painter.translate(strip.center())
        painter.rotate(-90)
        painter.setFont(ui_font(0.82))
        painter.setPen(t.text_muted)
        painter.drawText(
            QRectF(-strip.height() / 2, -9, strip.height(), 18),
            _CENTRE,
            rough_size(s.end - s.start),
        )
        painter.restore()


def axis(painter: QPainter, area: QRectF, scale: AddressScale, scrolled: int) -> None:
    """Paint addresses where stretches begin and end, as many as fit."""
    t = tokens()
    line = area.height() - AXIS + 4
    painter.setFont(mono_font(0.82))
    metrics = QFontMetricsF(painter.font())
    last = TITLES - 20.0
    marks = {a for s in scale.segments if not s.cut for a in (s.start, s.end)}
    for s in scale.segments:
        if not s.cut and s.right - s.left > 3 * _LABEL_ROOM:
            marks.update(_round_addresses(s.start, s.end, (s.right - s.left) / _LABEL_ROOM))
    for address in sorted(marks):
        x = TITLES + scale.x(address) - scrolled
        painter.setPen(QPen(t.border_strong, 1.0))
        painter.drawLine(QPointF(x, line - 6), QPointF(x, line))
        words = format_address(address)
        wide = metrics.horizontalAdvance(words)
        left = max(TITLES - 2, min(x - wide / 2, area.right() - wide - 4))
        if left < last or x < TITLES - 1 or x > area.right():
            continue
        last = left + wide + 10
        painter.setPen(t.text_muted)
        painter.drawText(QRectF(left, line + 1, wide + 2, 16), _LEFT, words)


def _round_addresses(start: int, end: int, wanted: float) -> list[int]:
    step = 1 << max(12, (int((end - start) / max(wanted, 1.0))).bit_length())
    first = -(-start // step) * step
    return [first + i * step for i in range(max(0, -(-(end - first) // step)))][:200]


def pointer_line(painter: QPainter, area: QRectF, x: float, words: str) -> None:
    """Paint a line at the pointer with the exact address under it."""
    t = tokens()
    bottom = area.height() - AXIS + 4
    painter.setPen(QPen(faded(t.accent, 0.8), 1.0))
    painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
    painter.setFont(mono_font(0.85))
    wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 14
    left = max(TITLES - 2, min(x - wide / 2, area.right() - wide - 2))
    box = QRectF(left, bottom, wide, 19)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(t.accent)
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(t.on_accent)
    painter.drawText(box, _CENTRE, words)


def empty(painter: QPainter, area: QRectF, words: str) -> None:
    """Paint what the map says when there is nothing to show."""
    t = tokens()
    painter.fillRect(area, t.canvas)
    painter.setFont(ui_font())
    painter.setPen(t.text_muted)
    painter.drawText(area.adjusted(16, 8, -16, -8), _CENTRE | Qt.TextFlag.TextWordWrap, words)
