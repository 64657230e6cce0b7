"""Orthogonal paths of links and of windows' target lines.

Links leaving one part share a bus where they leave the same port; links leaving neighbouring ports
of a switch get tracks of their own, ordered so that they do not cross.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxldesigner.document.model import Link, Part, Point
from cxldesigner.document.ports import split_ref
from cxldesigner.geometry.ports import handle_point, port_point, port_side
from cxldesigner.geometry.rect import Rect, Side

STUB = 16.0
"""How far a link runs straight out of a port at least."""
TRACK = 8.0
"""Distance of neighbouring tracks."""

Path = tuple[Point, ...]

_OUT = {Side.TOP: (0, -1), Side.BOTTOM: (0, 1), Side.LEFT: (-1, 0), Side.RIGHT: (1, 0)}


def route(start: Point, leaves: Side, end: Point, enters: Side, track: int = 0) -> Path:
    """Return the corner points of a path, from ``start`` to ``end`` inclusive.

    Parameters
    ----------
    start, end : where the path begins and ends.
    leaves, enters : side of the part each end sits on; the path is perpendicular to it there.
    track : shifts the crossing stretch away from the start, to keep parallel links apart.
    """
    reach = STUB + TRACK * track
    a, b = _stub(start, leaves, reach), _stub(end, enters, STUB)
    vertical_out, vertical_in = leaves in _VERTICAL, enters in _VERTICAL
    if vertical_out and vertical_in:
        middle = _down(start, a, end, b) if a.y <= b.y else _around_y(a, b)
    elif not vertical_out and not vertical_in:
        middle = _across(start, a, end, b) if a.x <= b.x else _around_x(a, b)
    elif vertical_out:
        middle = (a, Point(b.x, a.y), b)
    else:
        middle = (a, Point(a.x, b.y), b)
    return simplified((start, *middle, end))


_VERTICAL = frozenset({Side.TOP, Side.BOTTOM})


def _stub(point: Point, side: Side, reach: float) -> Point:
    dx, dy = _OUT[side]
    return Point(point.x + dx * reach, point.y + dy * reach)


def _down(start: Point, a: Point, end: Point, b: Point) -> Path:
    return () if start.x == end.x else (Point(start.x, a.y), Point(end.x, a.y))


def _across(start: Point, a: Point, end: Point, b: Point) -> Path:
    return () if start.y == end.y else (Point(a.x, start.y), Point(a.x, end.y))


def _around_y(a: Point, b: Point) -> Path:
    x = (a.x + b.x) / 2 if abs(a.x - b.x) > 2 * STUB else max(a.x, b.x) + 6 * STUB
    return (a, Point(x, a.y), Point(x, b.y), b)


def _around_x(a: Point, b: Point) -> Path:
    y = (a.y + b.y) / 2 if abs(a.y - b.y) > 2 * STUB else max(a.y, b.y) + 5 * STUB
    return (a, Point(a.x, y), Point(b.x, y), b)


def simplified(points: Iterable[Point]) -> Path:
    """Return a path without repeated points and without points in the middle of a straight."""
    path: list[Point] = []
    for point in points:
        if path and path[-1] == point:
            continue
        if len(path) >= 2 and _straight(path[-2], path[-1], point):
            path[-1] = point
        else:
            path.append(point)
    return tuple(path)


def _straight(a: Point, b: Point, c: Point) -> bool:
    in_x = a.x == b.x == c.x and (b.y - a.y) * (c.y - b.y) >= 0
    in_y = a.y == b.y == c.y and (b.x - a.x) * (c.x - b.x) >= 0
    return in_x or in_y


def tracks(ends: Mapping[str, tuple[float, float]]) -> dict[str, int]:
    """Return a track number for each link leaving one part downwards.

    Parameters
    ----------
    ends : by link id, x where it leaves and x where it arrives.

    Links from one x share a track. Of links going left, the leftmost crosses nearest to the part;
    of links going right, the rightmost: then no two of them cross.
    """
    found: dict[str, int] = {}
    left = sorted({out for out, to in ends.values() if to < out})
    right = sorted({out for out, to in ends.values() if to > out}, reverse=True)
    for link_id, (out, to) in ends.items():
        found[link_id] = left.index(out) if to < out else right.index(out) if to > out else 0
    return found


def link_routes(
    links: Iterable[Link], parts: Mapping[str, Part], rects: Mapping[str, Rect]
) -> dict[str, Path]:
    """Return the path of each link that leaves one part; links with a missing end have none.

    ``links`` are all links whose upstream end is on the same part, because their tracks depend on
    each other.
    """
    ends: dict[str, tuple[Point, Side, Point, Side]] = {}
    for link in links:
        (up, up_port), (down, down_port) = split_ref(link.upstream), split_ref(link.downstream)
        if up in rects and down in rects and up in parts and down in parts:
            ends[link.id] = (
                port_point(parts[up], up_port, rects[up]),
                port_side(parts[up], up_port),
                port_point(parts[down], down_port, rects[down]),
                port_side(parts[down], down_port),
            )
    numbers = tracks({k: (e[0].x, e[2].x) for k, e in ends.items() if e[1] is Side.BOTTOM})
    return {k: route(*e, track=numbers.get(k, 0)) for k, e in ends.items()}


def target_slot(bridge: Rect, slot: int) -> Point:
    """Return where the ``slot``-th window line arriving at a host bridge ends: left half first."""
    return Point(bridge.x + 16.0 + slot * 16.0 + (32.0 if slot >= 4 else 0.0), bridge.y)


def target_route(window: Rect, bridge: Rect, slot: int, track: int) -> Path:
    """Return the path from a window's handle to a host bridge it targets.

    ``track`` is the window's number, so that lines of different windows run side by side.
    """
    start, end = handle_point(window), target_slot(bridge, slot)
    x, y = start.x + STUB + TRACK * track, end.y - STUB - TRACK * track
    return simplified((start, Point(x, start.y), Point(x, y), Point(end.x, y), end))


def label_point(path: Path) -> Point:
    """Return the middle of the last stretch of a path: where its label sits."""
    if len(path) < 2:
        return path[0]
    a, b = path[-2], path[-1]
    return Point((a.x + b.x) / 2, (a.y + b.y) / 2)
