"""The drawing of a platform as SVG: parts, links, windows and what they target."""

from __future__ import annotations

from collections import defaultdict
from html import escape

from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    Link,
    MemoryDomain,
    Part,
    Point,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.document.ports import split_ref
from cxldesigner.document.units import format_link, format_size
from cxldesigner.exchange import svg
from cxldesigner.geometry.placement import item_rects
from cxldesigner.geometry.rect import Rect, bounding
from cxldesigner.geometry.routing import Path, link_routes, target_route

_MARGIN = 24.0


def platform_svg(document: Document) -> str:
    """Return the drawing; nothing for an empty platform."""
    rects = item_rects(document)
    frame = bounding(rects.values())
    if frame is None:
        return ""
    frame = frame.grown(_MARGIN)
    lines = [_line(path, "link") for path in _link_paths(document, rects)]
    lines += [_line(path, "link target") for path in _target_paths(document, rects)]
    boxes = [_box(rects[p.id], p.name or p.id, part_words(p)) for p in document.parts.values()]
    boxes += [_box(rects[w.id], w.name or w.id, window_words(w)) for w in document.windows.values()]
    return svg.element(
        "svg",
        svg.element("title", escape(document.name)),
        *lines,
        *boxes,
        viewBox=" ".join(svg.number(v) for v in (frame.x, frame.y, frame.w, frame.h)),
        role="img",
    )


def part_words(part: Part) -> tuple[str, ...]:
    """Return what a part is, in up to three short lines."""
    match part:
        case Socket():
            return (f"socket, {part.cpus} CPUs", f"{format_size(part.dram_bytes)} DRAM")
        case MemoryDomain():
            return ("memory", format_size(part.size_bytes))
        case HostBridge():
            return ("host bridge",)
        case RootPort():
            return (format_link(part.speed_gts, part.width),)
        case Switch():
            return (f"switch, {part.downstream} ports",)
        case Device():
            kinds = ((part.volatile_bytes, "volatile"), (part.persistent_bytes, "persistent"))
            sizes = (f"{format_size(size)} {kind}" for size, kind in kinds if size)
            return (f"Type {part.type} device", *sizes)


def window_words(window: Window) -> tuple[str, ...]:
    """Return what a window is."""
    ways = window.ways or len(window.targets)
    how = f"{ways} {'way' if ways == 1 else 'ways'} of {window.granularity} bytes"
    return (f"window, {format_size(window.size_bytes)}", how, " + ".join(window.targets))


def _link_paths(document: Document, rects: dict[str, Rect]) -> list[Path]:
    by_part: dict[str, list[Link]] = defaultdict(list)
    for link in document.links.values():
        by_part[split_ref(link.upstream)[0]].append(link)
    return [
        path
        for links in by_part.values()
        for path in link_routes(links, document.parts, rects).values()
    ]


def _target_paths(document: Document, rects: dict[str, Rect]) -> list[Path]:
    paths, slots = [], dict.fromkeys(rects, 0)
    for track, window in enumerate(document.windows.values()):
        for target in dict.fromkeys(window.targets):
            if target in document.parts:
                route = target_route(rects[window.id], rects[target], slots[target], track)
                paths.append(route)
                slots[target] += 1
    return paths


def _line(path: tuple[Point, ...], style: str) -> str:
    return svg.element("path", d=svg.path_of((p.x, p.y) for p in path), class_=style)


def _box(rect: Rect, name: str, words: tuple[str, ...]) -> str:
    parts = [
        svg.element("rect", x=rect.x, y=rect.y, width=rect.w, height=rect.h, rx=8.0, class_="part"),
        svg.text(rect.x + 10, rect.y + 20, name, class_="name", font_size=13),
    ]
    room = int((rect.h - 24) // 16)
    for row, text in enumerate(words[:room]):
        parts.append(svg.text(rect.x + 10, rect.y + 37 + 16 * row, text))
    return "".join(parts)
