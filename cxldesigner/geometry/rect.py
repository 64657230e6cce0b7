"""Rectangles and sizes in canvas units; y grows downwards, positions are top-left corners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cxldesigner.document.model import Point

GRID = 8.0
"""Canvas grid. Every part size is a multiple of twice the grid, so that centres lie on it too."""


class Side(StrEnum):
    """The side of a part a port sits on; a link leaves it at a right angle."""

    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height."""

    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle with its top-left corner at ``x``, ``y``."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def at(cls, corner: Point, size: Size) -> Rect:
        """Return the rectangle of a size with a top-left corner."""
        return cls(corner.x, corner.y, size.w, size.h)

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.h

    @property
    def corner(self) -> Point:
        """Top-left corner."""
        return Point(self.x, self.y)

    @property
    def centre(self) -> Point:
        """Middle of the rectangle."""
        return Point(self.x + self.w / 2, self.y + self.h / 2)

    def grown(self, margin: float) -> Rect:
        """Return the rectangle with ``margin`` more on every side."""
        return Rect(self.x - margin, self.y - margin, self.w + 2 * margin, self.h + 2 * margin)

    def moved(self, dx: float, dy: float) -> Rect:
        """Return the rectangle shifted."""
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def contains(self, point: Point) -> bool:
        """Whether a point is inside or on the edge."""
        return self.x <= point.x <= self.right and self.y <= point.y <= self.bottom

    def overlaps(self, other: Rect) -> bool:
        """Whether both have area in common (touching edges do not count)."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def united(self, other: Rect) -> Rect:
        """Return the smallest rectangle around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


def bounding(rects: Iterable[Rect]) -> Rect | None:
    """Return the smallest rectangle around all, None when there is none."""
    found: Rect | None = None
    for rect in rects:
        found = rect if found is None else found.united(rect)
    return found


def snapped(point: Point, grid: float = GRID) -> Point:
    """Return the nearest point of the grid."""
    return Point(round(point.x / grid) * grid, round(point.y / grid) * grid)
