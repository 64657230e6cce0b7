"""The lines of ``/proc/iomem`` that matter here: RAM, windows, regions, dax devices, kmem."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from cxldesigner.linux.live import Live
from cxldesigner.linux.machine import Machine


class _Rank(IntEnum):
    """Of equal ranges, which is outside: what ``insert_resource`` came later with.

    Persistent memory is inserted last, so it goes around a window that its region fills.
    """

    PERSISTENT = 0
    WINDOW = 1
    REGION = 2
    MAP = 3
    DAX = 4
    KMEM = 5


_Line = tuple[int, int, _Rank, str]
"""Start, end (exclusive), rank, name."""


def iomem_lines(machine: Machine, live: Live) -> tuple[str, ...]:
    """Return the resource tree as text, children indented by two blanks."""
    lines = sorted(_lines(machine, live), key=lambda line: (line[0], -line[1], line[2]))
    out: list[str] = []
    outer: list[int] = []
    for start, end, _, name in lines:
        while outer and outer[-1] < end:
            outer.pop()
        out.append(f"{'  ' * len(outer)}{start:08x}-{end - 1:08x} : {name}")
        outer.append(end)
    return tuple(out)


def _lines(machine: Machine, live: Live) -> Iterator[_Line]:
    for start, end in machine.ram:
        yield start, end, _Rank.MAP, "System RAM"
    for start, end in machine.soft_reserved:
        yield start, end, _Rank.MAP, "Soft Reserved"
    for root in machine.fabric.roots:
        yield root.entry.base, root.entry.end, _Rank.WINDOW, f"CXL Window {root.number}"
    for name, region in live.regions.items():
        if not region.size:
            continue
        yield region.start, region.end, _Rank.REGION, name
        if region.mode == "pmem" and region.enabled:
            yield region.start, region.end, _Rank.PERSISTENT, "Persistent Memory"
    block = machine.block
    for dax in live.dax.values():
        start, end = dax.start, dax.start + dax.size
        if dax.driver == "kmem":
            start, end = -(-start // block) * block, end // block * block
            yield start, end, _Rank.KMEM, "System RAM (kmem)"
        if dax.driver:
            yield start, end, _Rank.DAX, dax.name
    for hot in live.hot:
        if hot.leaked:
            start, end = hot.first * block, (hot.first + hot.count) * block
            yield start, end, _Rank.DAX, hot.leaked
            yield start, end, _Rank.KMEM, "System RAM (kmem)"
