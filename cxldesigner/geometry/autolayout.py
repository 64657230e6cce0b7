"""Automatic layout: sockets on top, then bridges, root ports, switches and devices; windows left.

A tidy tree: every part is centred above what hangs below it. Memory domains stand beside their
socket. What is connected to nothing stands at the right, at the height of its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxldesigner.document.model import (
    Document,
    HostBridge,
    MemoryDomain,
    Part,
    Point,
    RootPort,
    Socket,
    Switch,
)
from cxldesigner.document.ports import split_ref
from cxldesigner.geometry.rect import GRID, Rect, bounding, snapped
from cxldesigner.geometry.sizes import part_size, window_size

ROW_GAP = 64.0
PART_GAP = 32.0
TREE_GAP = 64.0
LANE_GAP = 96.0
DEEPEST = 100


def auto_layout(document: Document) -> dict[str, Point]:
    """Return a position for every part and window, on the grid, without overlaps."""
    children = _children(document)
    tops = _row_tops(document, children)
    placed: dict[str, Rect] = {}
    left = 0.0
    for root in _roots(document):
        if root not in placed:
            left = _place(document, children, tops, root, left, placed) + TREE_GAP
    return {
        **{k: snapped(r.corner) for k, r in placed.items()},
        **_window_lane(document, placed),
    }


@dataclass(slots=True)
class _Children:
    """What hangs below a part (in port order), and memory domains beside a socket."""

    below: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def _children(document: Document) -> dict[str, _Children]:
    found = {k: _Children() for k in document.parts}
    taken: set[str] = set()
    ordered = sorted(document.links.values(), key=lambda k: _port_number(k.upstream))
    for link in ordered:
        up, down = split_ref(link.upstream)[0], split_ref(link.downstream)[0]
        if up not in found or down not in found or down in taken or up == down:
            continue
        taken.add(down)
        entry = found[up]
        beside = isinstance(document.parts[down], MemoryDomain)
        (entry.beside if beside else entry.below).append(down)
    return found


def _port_number(ref: str) -> int:
    name = split_ref(ref)[1]
    return int(name[1:]) if name.startswith("d") and name[1:].isdigit() else 0


def _rank(part: Part) -> int:
    match part:
        case Socket() | MemoryDomain():
            return 0
        case HostBridge():
            return 1
        case RootPort():
            return 2
        case _:
            return 3


def _roots(document: Document) -> list[str]:
    """Return parts nothing leads to, then all others (parts in a broken file may form a ring)."""
    below = {split_ref(k.downstream)[0] for k in document.links.values()}
    parts = sorted(document.parts.values(), key=_rank)
    free = [p.id for p in parts if p.id not in below]
    return [*free, *(p.id for p in parts if p.id in below)]


def _depths(document: Document, children: Mapping[str, _Children]) -> dict[str, int]:
    depth: dict[str, int] = {}
    todo = [(root, 0) for root in reversed(_roots(document))]
    while todo:
        part_id, above = todo.pop()
        if part_id in depth:
            continue
        depth[part_id] = max(_rank(document.parts[part_id]), above)
        entry = children[part_id]
        todo.extend((k, depth[part_id] + 1) for k in reversed(entry.below))
        todo.extend((k, depth[part_id]) for k in entry.beside)
    return depth


def _row_tops(document: Document, children: Mapping[str, _Children]) -> dict[str, float]:
    depth = _depths(document, children)
    heights: dict[int, float] = {}
    extra: dict[int, float] = {}
    for part_id, row in depth.items():
        part = document.parts[part_id]
        heights[row] = max(heights.get(row, 0.0), part_size(part).h)
        if isinstance(part, Switch):
            extra[row] = max(extra.get(row, 0.0), part.downstream * GRID / 2)
    if len(document.windows) > 2 and heights:
        extra[0] = (len(document.windows) - 2) * GRID
    top, tops = 0.0, {}
    for row in range(max(heights, default=-1) + 1):
        tops[row] = top
        if row in heights:
            top += heights[row] + ROW_GAP + round(extra.get(row, 0.0) / GRID) * GRID
    return {part_id: tops[row] for part_id, row in depth.items()}


def _place(
    document: Document,
    children: Mapping[str, _Children],
    tops: Mapping[str, float],
    part_id: str,
    left: float,
    placed: dict[str, Rect],
    level: int = 0,
) -> float:
    """Place a tree with its left edge at ``left``; return its right edge.

    Parts deeper than any real fabric (:data:`DEEPEST`) are left to stand on their own.
    """
    size = part_size(document.parts[part_id])
    placed[part_id] = Rect(left, tops[part_id], size.w, size.h)
    entry = children[part_id]
    right = left
    below = [k for k in entry.below if k not in placed] if level < DEEPEST else []
    for i, child in enumerate(below):
        start = left if i == 0 else right + PART_GAP
        right = _place(document, children, tops, child, start, placed, level + 1)
    if below:
        middle = (placed[below[0]].centre.x + placed[below[-1]].centre.x) / 2
        x = round((middle - size.w / 2) / GRID) * GRID
        if x < left:
            _shift(document, children, below, left - x, placed)
            right, x = right + left - x, left
        placed[part_id] = Rect(x, tops[part_id], size.w, size.h)
    right = max(right, placed[part_id].right)
    edge = placed[part_id].right
    for memory in (k for k in entry.beside if k not in placed):
        beside = part_size(document.parts[memory])
        top = tops[part_id] + (size.h - beside.h) / 2
        placed[memory] = Rect(edge + 2 * PART_GAP, top, beside.w, beside.h)
        edge = placed[memory].right
    return max(right, edge)


def _shift(
    document: Document,
    children: Mapping[str, _Children],
    roots: list[str],
    dx: float,
    placed: dict[str, Rect],
) -> None:
    todo, seen = list(roots), set[str]()
    while todo:
        part_id = todo.pop()
        if part_id in seen or part_id not in placed:
            continue
        seen.add(part_id)
        placed[part_id] = placed[part_id].moved(dx, 0.0)
        todo.extend((*children[part_id].below, *children[part_id].beside))


def _window_lane(document: Document, placed: Mapping[str, Rect]) -> dict[str, Point]:
    """Return positions of windows: a column left of everything, from the bridges' row down."""
    area = bounding(placed.values()) or Rect(0.0, 0.0, 0.0, 0.0)
    bridges = [placed[k].y for k, p in document.parts.items() if isinstance(p, HostBridge)]
    top = min(bridges, default=area.y)
    lane: dict[str, Point] = {}
    for window in document.windows.values():
        size = window_size(window)
        lane[window.id] = snapped(Point(area.x - LANE_GAP - size.w, top))
        top += size.h + PART_GAP
    return lane
