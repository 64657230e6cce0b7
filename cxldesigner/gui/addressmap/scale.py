"""Addresses to pixels: to scale, with large unused stretches cut out to a fixed width."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

GAP_PIXELS = 34.0
_WORTH_CUTTING = 1 / 24
"""Share of all used bytes from which an unused stretch is cut out."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Addresses ``[start, end)`` drawn from ``left`` to ``right``; ``cut``: not to scale."""

    start: int
    end: int
    left: float
    right: float
    cut: bool


class AddressScale:
    """A fixed drawing of some address ranges on a width of pixels.

    Parameters
    ----------
    ranges : start and end (exclusive) of what is used, in any order.
    width : pixels for all of it.
    """

    def __init__(self, ranges: Iterable[tuple[int, int]], width: float) -> None:
        pieces = _pieces(ranges)
        cuts = sum(1 for p in pieces if p[2])
        bytes_to_scale = sum(end - start for start, end, cut in pieces if not cut)
        room = max(1.0, width - cuts * GAP_PIXELS)
        self.pixels_per_byte = room / bytes_to_scale if bytes_to_scale else 0.0
        self.segments: list[Segment] = []
        left = 0.0
        for start, end, cut in pieces:
            wide = GAP_PIXELS if cut else (end - start) * self.pixels_per_byte
            self.segments.append(Segment(start, end, left, left + wide, cut))
            left += wide
        self.width = left
        self._starts = [s.start for s in self.segments]
        self._lefts = [s.left for s in self.segments]

    def x(self, address: int) -> float:
        """Return where an address is drawn; outside the used ranges, the nearest end."""
        if not self.segments:
            return 0.0
        s = self.segments[max(0, bisect_right(self._starts, address) - 1)]
        share = (address - s.start) / (s.end - s.start)
        return s.left + (s.right - s.left) * max(0.0, min(share, 1.0))

    def address(self, x: float) -> int:
        """Return the address drawn at a pixel, to whole bytes."""
        if not self.segments:
            return 0
        s = self.segments[max(0, bisect_right(self._lefts, x) - 1)]
        wide = s.right - s.left
        share = max(0.0, min((x - s.left) / wide if wide else 0.0, 1.0))
        return min(s.start + int((s.end - s.start) * share), s.end - 1)


def _pieces(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """Return used and unused stretches in order, and which are cut; small gaps join."""
    used: list[list[int]] = []
    for start, end in sorted(r for r in ranges if r[1] > r[0]):
        if used and start <= used[-1][1]:
            used[-1][1] = max(used[-1][1], end)
        else:
            used.append([start, end])
    total = sum(end - start for start, end in used)
    pieces: list[tuple[int, int, bool]] = []
    for start, end in used:
        gap = start - pieces[-1][1] if pieces else 0
        if gap > total * _WORTH_CUTTING:
            pieces.append((pieces[-1][1], start, True))
        elif gap:
            start = pieces[-1][0]  # noqa: PLW2901
            pieces.pop()
        pieces.append((start, end, False))
    return pieces
