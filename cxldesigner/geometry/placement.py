"""Where everything of a document is, and where something new finds room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cxldesigner.document.model import Document, Point
from cxldesigner.document.ports import split_ref
from cxldesigner.geometry.autolayout import auto_layout
from cxldesigner.geometry.ports import port_point, port_side
from cxldesigner.geometry.rect import GRID, Rect, Side, Size, snapped
from cxldesigner.geometry.sizes import part_size, window_size

MARGIN = 16.0
"""Room kept free around a part placed automatically."""
_BELOW = 64.0
_RINGS = 200


def sizes(document: Document) -> dict[str, Size]:
    """Return the size of every part and window by id."""
    return {
        **{k: part_size(p) for k, p in document.parts.items()},
        **{k: window_size(w) for k, w in document.windows.items()},
    }


def item_rects(document: Document) -> dict[str, Rect]:
    """Return where every part and window is drawn.

    What the layout does not hold is placed: all of it automatically when the layout holds nothing,
    single things where the automatic layout wants them, moved to the nearest free room.
    """
    size = sizes(document)
    rects = {k: Rect.at(document.layout[k], s) for k, s in size.items() if k in document.layout}
    missing = [k for k in size if k not in rects]
    if not missing:
        return rects
    wanted = auto_layout(document)
    for item_id in missing:
        at = wanted[item_id]
        if document.layout:
            at = free_spot(rects.values(), size[item_id], at)
        rects[item_id] = Rect.at(at, size[item_id])
    return {k: rects[k] for k in size}


def free_spot(taken: Iterable[Rect], size: Size, near: Point) -> Point:
    """Return the grid point nearest to ``near`` where a rectangle of ``size`` overlaps nothing."""
    obstacles = [r.grown(MARGIN) for r in taken]
    start = snapped(near)
    for ring in range(_RINGS):
        candidates = sorted(
            _ring(start, ring, GRID * 2), key=lambda p: abs(p.y - near.y) + abs(p.x - near.x)
        )
        for point in candidates:
            rect = Rect.at(point, size)
            if not any(rect.overlaps(o) for o in obstacles):
                return point
    lowest = max((r.bottom for r in obstacles), default=start.y)
    return snapped(Point(start.x, lowest + GRID))


def _ring(centre: Point, ring: int, step: float) -> Iterable[Point]:
    if ring == 0:
        yield centre
        return
    for i in range(-ring, ring + 1):
        yield Point(centre.x + i * step, centre.y - ring * step)
        yield Point(centre.x + i * step, centre.y + ring * step)
    for i in range(-ring + 1, ring):
        yield Point(centre.x - ring * step, centre.y + i * step)
        yield Point(centre.x + ring * step, centre.y + i * step)


def spot_at_port(document: Document, rects: Mapping[str, Rect], ref: str, size: Size) -> Point:
    """Return where a part of ``size`` goes that is to be connected to port ``ref``."""
    part_id, name = split_ref(ref)
    part, at = document.parts[part_id], rects[part_id]
    point = port_point(part, name, at)
    match port_side(part, name):
        case Side.BOTTOM:
            near = Point(point.x - size.w / 2, at.bottom + _BELOW)
        case Side.RIGHT:
            near = Point(at.right + _BELOW, point.y - size.h / 2)
        case Side.TOP:
            near = Point(point.x - size.w / 2, at.y - _BELOW - size.h)
        case Side.LEFT:
            near = Point(at.x - _BELOW - size.w, point.y - size.h / 2)
    return free_spot(rects.values(), size, near)


@dataclass(frozen=True, slots=True)
class Guide:
    """An alignment line shown while dragging: ``at`` its constant x or y, and its two ends."""

    vertical: bool
    at: float
    start: float
    end: float


def aligned(
    moving: Rect, others: Iterable[Rect], tolerance: float
) -> tuple[float, float, tuple[Guide, ...]]:
    """Return the shift that aligns ``moving`` with edges or centres of others, and its guides.

    Of each direction the smallest shift within ``tolerance`` is taken; 0 without one.
    """
    best_x = best_y = tolerance + 1.0
    near_x: Rect | None = None
    near_y: Rect | None = None
    line_x = line_y = 0.0
    for other in others:
        for mine, theirs in zip(_lines_x(moving), _lines_x(other), strict=True):
            if abs(theirs - mine) < abs(best_x):
                best_x, near_x, line_x = theirs - mine, other, theirs
        for mine, theirs in zip(_lines_y(moving), _lines_y(other), strict=True):
            if abs(theirs - mine) < abs(best_y):
                best_y, near_y, line_y = theirs - mine, other, theirs
    dx = best_x if near_x is not None and abs(best_x) <= tolerance else 0.0
    dy = best_y if near_y is not None and abs(best_y) <= tolerance else 0.0
    guides = []
    moved = moving.moved(dx, dy)
    if near_x is not None and abs(best_x) <= tolerance:
        both = moved.united(near_x)
        guides.append(Guide(vertical=True, at=line_x, start=both.y, end=both.bottom))
    if near_y is not None and abs(best_y) <= tolerance:
        both = moved.united(near_y)
        guides.append(Guide(vertical=False, at=line_y, start=both.x, end=both.right))
    return dx, dy, tuple(guides)


def _lines_x(rect: Rect) -> tuple[float, float, float]:
    return rect.centre.x, rect.x, rect.right


def _lines_y(rect: Rect) -> tuple[float, float, float]:
    return rect.centre.y, rect.y, rect.bottom
