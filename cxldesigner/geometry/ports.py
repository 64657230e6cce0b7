"""Where ports are on a part, and which port a pointer means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import hypot

from cxldesigner.document.model import Document, Part, Point, Switch
from cxldesigner.document.ports import Port, ports_of
from cxldesigner.geometry.rect import Rect, Side
from cxldesigner.geometry.sizes import PORT_PITCH

HIT = 18.0
"""Edge of the square around a port that takes the pointer."""

_SIDES = {
    "io": Side.BOTTOM,
    "mem": Side.RIGHT,
    "rp": Side.BOTTOM,
    "down": Side.BOTTOM,
    "up": Side.TOP,
}


def port_side(part: Part, name: str) -> Side:
    """Return the side a port sits on: memory beside its socket, all else below what feeds it."""
    if name == "up" and ports_of(part)[0].type == "memory":
        return Side.LEFT
    return _SIDES.get(name, Side.BOTTOM)


def port_point(part: Part, name: str, at: Rect) -> Point:
    """Return the middle of a port of a part drawn at ``at``; unknown names sit below the part."""
    side = port_side(part, name)
    if isinstance(part, Switch) and name.startswith("d") and name[1:].isdigit():
        row = (part.downstream - 1) * PORT_PITCH
        return Point(at.centre.x - row / 2 + int(name[1:]) * PORT_PITCH, at.bottom)
    match side:
        case Side.TOP:
            return Point(at.centre.x, at.y)
        case Side.LEFT:
            return Point(at.x, at.centre.y)
        case Side.RIGHT:
            return Point(at.right, at.centre.y)
        case Side.BOTTOM:
            return Point(at.centre.x, at.bottom)


def port_hit_rect(part: Part, name: str, at: Rect) -> Rect:
    """Return the square around a port that takes the pointer."""
    point = port_point(part, name, at)
    return Rect(point.x - HIT / 2, point.y - HIT / 2, HIT, HIT)


def handle_point(at: Rect) -> Point:
    """Return where a window drawn at ``at`` is dragged from to take another host bridge."""
    return Point(at.right, at.centre.y)


def port_under(part: Part, at: Rect, point: Point) -> Port | None:
    """Return the port of a part whose hit square holds a point, the nearest if several do."""
    hit = [p for p in ports_of(part) if port_hit_rect(part, p.name, at).contains(point)]
    return nearest_port(part, hit, at, point)


def nearest_port(part: Part, ports: Iterable[Port], at: Rect, point: Point) -> Port | None:
    """Return the one of ``ports`` nearest to a point, None of none."""

    def distance(port: Port) -> float:
        middle = port_point(part, port.name, at)
        return hypot(middle.x - point.x, middle.y - point.y)

    return min(ports, key=distance, default=None)


def port_points(document: Document, rects: Mapping[str, Rect]) -> dict[str, Point]:
    """Return the middle of every port, by reference ``part:port``."""
    return {
        port.ref: port_point(part, port.name, rects[part.id])
        for part in document.parts.values()
        if part.id in rects
        for port in ports_of(part)
    }
