"""Writing SVG by hand: elements with escaped text and attributes, short numbers."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def element(name: str, *children: str, **attributes: object) -> str:
    """Return an element; ``children`` are markup, attribute values are escaped.

    A trailing ``_`` of an attribute's name is dropped, other ``_`` become ``-``.
    """
    words = [name]
    for key, value in attributes.items():
        shown = number(value) if isinstance(value, float) else str(value)
        words.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    head = " ".join(words)
    return f"<{head}>{''.join(children)}</{name}>" if children else f"<{head}/>"


def text(x: float, y: float, content: object, **attributes: object) -> str:
    """Return a text element."""
    return element("text", escape(str(content)), x=float(x), y=float(y), **attributes)


def path_of(points: Iterable[tuple[float, float] | None], *, closed: bool = False) -> str:
    """Return the ``d`` of a line through points; None starts a new stretch."""
    words, pen_up = [], True
    for point in points:
        if point is None:
            pen_up = True
            continue
        words.append(f"{'M' if pen_up else 'L'}{number(point[0])} {number(point[1])}")
        pen_up = False
    return "".join(words) + ("Z" if closed and words else "")
