"""Address spans and the space they leave free."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

ADDRESSES = 1 << 64


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Addresses ``[start, end)``."""

    start: int
    end: int


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the union of spans as ascending spans that neither touch nor overlap."""
    out: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.end):
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


class FreeSpace:
    """The address space without some spans; asking does not take anything away."""

    def __init__(self, taken: Iterable[Span]) -> None:
        self._taken = merge(taken)
        self._starts = [s.start for s in self._taken]

    def take(self, start: int, size: int, alignment: int) -> int:
        """Return the lowest aligned address from ``start`` with ``size`` free bytes.

        When the address space is exhausted the answer is its last aligned address: a table
        cannot say more, and a finding tells.
        """
        at = -(-start // alignment) * alignment
        while at < ADDRESSES:
            blocker = self._first_after(at)
            if blocker is None or at + max(size, 1) <= blocker.start:
                return at
            at = -(-blocker.end // alignment) * alignment
        return ADDRESSES - alignment

    def fill(self, start: int, size: int) -> tuple[Span, ...]:
        """Return ``size`` bytes from ``start`` upwards, stepping over what is taken."""
        out: list[Span] = []
        at = start
        while size > 0 and at < ADDRESSES:
            blocker = self._first_after(at)
            limit = ADDRESSES if blocker is None else blocker.start
            if at < limit:
                end = min(at + size, limit)
                out.append(Span(at, end))
                size -= end - at
            at = ADDRESSES if blocker is None else max(at, blocker.end)
        return tuple(out)

    def _first_after(self, at: int) -> Span | None:
        """Return the first taken span that ends above ``at``."""
        i = bisect_right(self._starts, at)
        if i and self._taken[i - 1].end > at:
            return self._taken[i - 1]
        return self._taken[i] if i < len(self._taken) else None
