"""Parts on the canvas: one item class for each family of kinds."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from cxldesigner.document.model import Device, MemoryDomain, Part, Socket, Switch
from cxldesigner.document.ports import Port, ports_of
from cxldesigner.geometry.ports import port_point
from cxldesigner.geometry.rect import Rect
from cxldesigner.gui.canvas import paintkit, words
from cxldesigner.gui.canvas.carditem import CardItem
from cxldesigner.gui.canvas.paintkit import PortLight
from cxldesigner.gui.canvas.style import DETAIL_LOD, Style, mixed
from cxldesigner.gui.tokens import PART_KINDS

PAGE_KINDS = ("anon", "file", "kernel")
"""Page kinds in the order bars stack them."""
_NO_FILL: Mapping[str, float] = {}


class PartItem(CardItem):
    """A part with ports and two lines of text."""

    heading_top = 12.0

    def __init__(self, part: Part, rect: Rect) -> None:
        super().__init__(part.id, PART_KINDS[type(part)], rect)
        self.part = part
        self.ports: tuple[Port, ...] = ()
        self._points: dict[str, QPointF] = {}
        self._lights: Mapping[str, PortLight] = {}
        self._line = ""
        self.set_part(part)

    def set_part(self, part: Part) -> None:
        """Show another value of the part."""
        self.part = part
        self.ports = ports_of(part)
        self._line = words.subtitle(part)
        self.set_rect(self.rect)
        self.update()

    def set_rect(self, rect: Rect) -> None:
        super().set_rect(rect)
        own = Rect(0.0, 0.0, rect.w, rect.h)
        points = {p.name: port_point(self.part, p.name, own) for p in self.ports}
        self._points = {name: QPointF(p.x, p.y) for name, p in points.items()}

    def set_lights(self, lights: Mapping[str, PortLight]) -> None:
        """Light or dim ports by name; ports not named are plain."""
        if lights != self._lights:
            self._lights = lights
            self.update()

    def paint_body(self, painter: QPainter, s: Style, box: QRectF, lod: float) -> None:
        if lod >= DETAIL_LOD:
            self.paint_heading(painter, s, box, lod, self.part.name, self._line, self.heading_top)
            self.paint_details(painter, s, box)
        for name, point in self._points.items():
            light = self._lights.get(name, PortLight.PLAIN)
            paintkit.port(painter, s, point, self.kind, light)

    def paint_details(self, painter: QPainter, s: Style, box: QRectF) -> None:
        """Paint what only some kinds have below the heading."""


class RootPortItem(PartItem):
    """A root port: lower than other parts."""

    heading_top = 5.0


class SwitchItem(PartItem):
    """A switch: numbers above its downstream ports."""

    heading_top = 8.0
    part: Switch

    def paint_details(self, painter: QPainter, s: Style, box: QRectF) -> None:
        painter.setFont(s.small)
        painter.setPen(s.tokens.text_muted)
        for name, point in self._points.items():
            if name != "up":
                label = QRectF(point.x() - 14, point.y() - 24, 28, 16)
                painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name[1:])


class MemoryPartItem(PartItem):
    """A socket, memory domain or device: its capacity as a bar that replay fills."""

    heading_top = 8.0

    def __init__(self, part: Part, rect: Rect) -> None:
        self._fill: Mapping[str, float] | None = None
        self._label = ""
        self._capacity = ""
        super().__init__(part, rect)

    def set_part(self, part: Part) -> None:
        self._capacity = words.capacity(part)
        super().set_part(part)

    def set_fill(self, fill: Mapping[str, float] | None, label: str) -> None:
        """Show shares of the capacity in use by page kind; None shows the capacity itself."""
        if (fill, label) != (self._fill, self._label):
            self._fill, self._label = fill, label
            self.update(QRectF(0, 44, self.rect.w, self.rect.h - 44))

    def paint_body(self, painter: QPainter, s: Style, box: QRectF, lod: float) -> None:
        if lod < DETAIL_LOD:
            tank = QRectF(10, box.height() - 24, box.width() - 20, 16)
            paintkit.bar(painter, s, tank, self._shares(s))
        super().paint_body(painter, s, box, lod)

    def paint_details(self, painter: QPainter, s: Style, box: QRectF) -> None:
        tank = QRectF(12, 50, box.width() - 24, 18)
        caption = QRectF(12, 71, box.width() - 24, 17)
        t = s.tokens
        paintkit.bar(painter, s, tank, self._shares(s))
        if self._fill is None:
            paintkit.text(
                painter, caption, self._capacity, s.body, s.body_metrics, s.part(self.kind).text
            )
            return
        fill = self._fill
        used = words.translate("Canvas", "{} % used").format(round(100 * sum(fill.values())))
        label = self._label or (used if fill else "")
        right = Qt.AlignmentFlag.AlignRight
        paintkit.text(painter, caption, label, s.body, s.body_metrics, t.text, right)
        rest = caption.adjusted(0, 0, -s.body_metrics.horizontalAdvance(label) - 6, 0)
        if s.body_metrics.horizontalAdvance(self._capacity) <= rest.width():
            paintkit.text(painter, rest, self._capacity, s.body, s.body_metrics, t.text_muted)

    def _shares(self, s: Style) -> list[tuple[float, QColor, bool]]:
        """Return what the bar is made of: pages in replay, else the kinds of capacity."""
        if self._fill is not None:
            return [(self._fill.get(k, 0.0), s.tokens.pages[k], False) for k in PAGE_KINDS]
        colours = s.part(self.kind)
        colour = mixed(colours.edge, colours.fill, 0.35)
        match self.part:
            case Device(volatile_bytes=volatile, persistent_bytes=persistent):
                total = max(volatile + persistent, 1)
                return [(volatile / total, colour, False), (persistent / total, colour, True)]
            case Socket(dram_bytes=size) | MemoryDomain(size_bytes=size):
                return [(1.0 if size else 0.0, colour, False)]
            case _:
                return []

    def _paint_shape(self, painter: QPainter, s: Style, box: QRectF) -> None:
        super()._paint_shape(painter, s, box)
        if self._fill is not None:
            used = min(1.0, sum(self._fill.values()))
            painter.fillRect(box.adjusted(0, box.height() * used, 0, 0), s.tokens.pages["free"])


def part_item(part: Part, rect: Rect) -> PartItem:
    """Return a new item for a part."""
    match part:
        case Socket() | MemoryDomain() | Device():
            return MemoryPartItem(part, rect)
        case Switch():
            return SwitchItem(part, rect)
        case _ if PART_KINDS[type(part)] == "root-port":
            return RootPortItem(part, rect)
        case _:
            return PartItem(part, rect)
