"""The order in which Tab walks the canvas: down each tree, then what is loose, then windows."""

from __future__ import annotations

from collections.abc import Mapping

from cxldesigner.document.model import Document
from cxldesigner.document.ports import split_ref
from cxldesigner.geometry.rect import Rect


def walk_order(document: Document, rects: Mapping[str, Rect]) -> list[str]:
    """Return ids of all parts and windows, each part before what hangs below it, left to right."""
    children: dict[str, list[str]] = {}
    hanging: set[str] = set()
    for link in document.links.values():
        up, down = split_ref(link.upstream)[0], split_ref(link.downstream)[0]
        children.setdefault(up, []).append(down)
        hanging.add(down)

    def place(item_id: str) -> tuple[float, float]:
        return rects[item_id].x, rects[item_id].y

    roots = sorted((k for k in document.parts if k not in hanging), key=place)
    rest = sorted((k for k in document.parts if k in hanging), key=place)
    order: list[str] = []
    seen: set[str] = set()
    todo = [*reversed(rest), *reversed(roots)]
    while todo:
        part_id = todo.pop()
        if part_id in seen or part_id not in document.parts:
            continue
        seen.add(part_id)
        order.append(part_id)
        below = (k for k in children.get(part_id, ()) if k in rects)
        todo.extend(sorted(below, key=place, reverse=True))
    return [*order, *sorted(document.windows, key=lambda k: (rects[k].y, rects[k].x))]
