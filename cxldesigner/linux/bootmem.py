"""Boot memory: System RAM ranges, zones of every node, memory blocks (B1, B2, B13, B14, A17).

Pages are 4 KiB; pfn ranges are ``[start, end)``. Sources: ``mm/mm_init.c``,
``arch/x86/mm/init_64.c`` ``probe_memory_block_size``, ``drivers/base/memory.c``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cxldesigner.document.model import MemoryRange
from cxldesigner.linux.cmdline import CommandLine
from cxldesigner.linux.watermarks import ZONE_NAMES

PAGE = 4096
SECTION = 128 << 20
MAX_BLOCK = 2 << 30
LARGE_BLOCK_RAM = 64 << 30
DMA_END_PFN = 4096
DMA32_END_PFN = 1 << 20
LOW_RESERVED = (0xA0000, 0x100000)
"""The legacy video and BIOS hole, never RAM on a PC."""

MAX_ORDER_PAGES = 1024
LOW_MEMORY_PFN = 256
"""Pages below 1 MiB, which the kernel keeps for itself."""

KERNEL_PAGES = 10240
"""Estimate of kernel image, initrd and early allocations (40 MiB): not drawable."""

SWIOTLB_PAGES = 16384
"""Bounce buffer (64 MiB) of a machine with addresses above 4 GiB (estimate)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootZone:
    """A populated zone of boot memory; ``managed`` is an estimate."""

    node: int
    name: str
    start: int
    end: int
    present: int
    managed: int

    @property
    def spanned(self) -> int:
        """Pages from first to last, holes included."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class BootBlocks:
    """Consecutive boot memory blocks of a node with one ``valid_zones`` text."""

    node: int
    first: int
    count: int
    zone: str


def system_ram(memory_map: Sequence[MemoryRange]) -> tuple[tuple[int, int], ...]:
    """Return byte ranges of System RAM as the kernel keeps them: page 0 and the BIOS hole cut."""
    ranges: list[tuple[int, int]] = []
    for entry in memory_map:
        if entry.kind != "ram":
            continue
        start = max(entry.start, PAGE)
        pieces = [
            (start, min(entry.end, LOW_RESERVED[0])),
            (max(start, LOW_RESERVED[1]), entry.end),
        ]
        for low, high in pieces:
            if low >= high:
                continue
            if ranges and ranges[-1][1] == low:
                ranges[-1] = (ranges[-1][0], high)
            else:
                ranges.append((low, high))
    return tuple(ranges)


def block_bytes(ram: Sequence[tuple[int, int]], *, virtual_machine: bool) -> int:
    """Return the memory block size (B14)."""
    end = ram[-1][1] // PAGE * PAGE if ram else 0
    if end < LARGE_BLOCK_RAM:
        return SECTION
    if not virtual_machine:
        return MAX_BLOCK
    size = MAX_BLOCK
    while size > SECTION and end % size:
        size >>= 1
    return size


def _pfns(ram: Sequence[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
    """Return whole-page ranges by node."""
    found: dict[int, list[tuple[int, int]]] = {}
    for start, end, node in ram:
        low, high = -(-start // PAGE), end // PAGE
        if low < high:
            found.setdefault(node, []).append((low, high))
    return found


def _pages_in(ranges: Sequence[tuple[int, int]], start: int, end: int) -> int:
    return sum(max(0, min(e, end) - max(s, start)) for s, e in ranges)


def boot_zones(
    ram: Sequence[tuple[int, int, int]],
    hotplug: Sequence[tuple[int, int]],
    cmdline: CommandLine,
    *,
    addresses_above_4g: bool,
) -> tuple[BootZone, ...]:
    """Return the populated zones of boot memory, by node and index.

    Parameters
    ----------
    ram : (start, end, node) byte ranges of System RAM.
    hotplug : byte ranges the SRAT marks hot-pluggable.
    cmdline : ``kernelcore=``, ``movablecore=``, ``movable_node``.
    addresses_above_4g : whether any memory can be above 4 GiB (decides the bounce buffer).
    """
    by_node = _pfns(ram)
    if not by_node:
        return ()
    first = min(r[0] for ranges in by_node.values() for r in ranges)
    last = max(r[1] for ranges in by_node.values() for r in ranges)
    limits = {
        "DMA": (first, min(DMA_END_PFN, last)),
        "DMA32": (DMA_END_PFN, min(DMA32_END_PFN, last)),
        "Normal": (DMA32_END_PFN, last),
    }
    movable = _movable_starts(by_node, hotplug, cmdline, last)
    zones: list[BootZone] = []
    for node in sorted(by_node):
        ranges = by_node[node]
        node_start, node_end = ranges[0][0], max(r[1] for r in ranges)
        cut = movable.get(node, 0)
        for name in ZONE_NAMES:
            if name == "Movable":
                start, end = (cut, node_end) if cut else (0, 0)
            else:
                start, end = max(limits[name][0], node_start), min(limits[name][1], node_end)
                if cut:
                    end = min(end, cut)
            present = _pages_in(ranges, start, end) if start < end else 0
            if present:
                zones.append(
                    BootZone(
                        node=node,
                        name=name,
                        start=start,
                        end=end,
                        present=present,
                        managed=_managed(ranges, start, end, present),
                    )
                )
    return _less_kernel(zones, addresses_above_4g=addresses_above_4g)


def _managed(ranges: Sequence[tuple[int, int]], start: int, end: int, present: int) -> int:
    """Return present pages less the memory map (1/64) and what lies below 1 MiB (estimate)."""
    low = _pages_in(ranges, start, min(end, LOW_MEMORY_PFN))
    return max(present - low - (0 if low else present // 64), 0)


def _less_kernel(zones: list[BootZone], *, addresses_above_4g: bool) -> tuple[BootZone, ...]:
    """Take the kernel's own pages from the largest DMA32 or NORMAL zone of the first node."""
    if not zones:
        return ()
    pages = KERNEL_PAGES + (SWIOTLB_PAGES if addresses_above_4g else 0)
    home = max(
        (z for z in zones if z.node == zones[0].node and z.name != "DMA"),
        key=lambda z: z.managed,
        default=zones[0],
    )
    taken = min(pages, home.managed // 2)
    return tuple(
        BootZone(
            node=z.node,
            name=z.name,
            start=z.start,
            end=z.end,
            present=z.present,
            managed=z.managed - (taken if z is home else 0),
        )
        for z in zones
    )


def _movable_starts(
    by_node: Mapping[int, list[tuple[int, int]]],
    hotplug: Sequence[tuple[int, int]],
    cmdline: CommandLine,
    last: int,
) -> dict[int, int]:
    """Return the first pfn of boot ZONE_MOVABLE by node (``find_zone_movable_pfns_for_nodes``)."""
    if cmdline.movable_node:
        starts: dict[int, int] = {}
        for node, ranges in by_node.items():
            for low, high in ranges:
                inside = [
                    max(low, -(-s // PAGE))
                    for s, e in hotplug
                    if s < high * PAGE and low * PAGE < e
                ]
                if inside:
                    starts[node] = min([*inside, *([starts[node]] if node in starts else [])])
        return _aligned(starts, by_node)
    total = sum(high - low for ranges in by_node.values() for low, high in ranges)
    core = cmdline.kernelcore // PAGE
    if cmdline.kernelcore_percent:
        core = total * 100 * cmdline.kernelcore_percent // 10000
    movable = cmdline.movablecore // PAGE
    if cmdline.movablecore_percent:
        movable = total * 100 * cmdline.movablecore_percent // 10000
    if movable:
        movable = min(total, -(-movable // MAX_ORDER_PAGES) * MAX_ORDER_PAGES)
        core = max(core, total - movable)
    if not core or core >= total:
        return {}
    usable = DMA32_END_PFN if last > DMA32_END_PFN else DMA_END_PFN if last > DMA_END_PFN else 0
    return _aligned(_spread_kernelcore(by_node, core, usable), by_node)


def _spread_kernelcore(
    by_node: Mapping[int, list[tuple[int, int]]], core: int, usable: int
) -> dict[int, int]:
    """Spread ``kernelcore`` pages evenly; what a node cannot take goes to the others."""
    starts = dict.fromkeys(sorted(by_node), 0)
    nodes = len(starts)
    while True:
        share = core // nodes
        for node in starts:
            if core < share:
                share = core // nodes
            left = share
            for low, high in by_node[node]:
                start = max(low, starts[node])
                if start >= high:
                    continue
                if start < usable:
                    kernel = min(high, usable) - start
                    left -= min(kernel, left)
                    core -= min(kernel, core)
                    if high <= usable:
                        starts[node] = high
                        continue
                    start = usable
                size = min(high - start, left)
                starts[node] = start + size
                core -= min(core, size)
                left -= size
                if not left:
                    break
        nodes -= 1
        if not nodes or core <= nodes:
            return starts


def _aligned(
    starts: Mapping[int, int], by_node: Mapping[int, list[tuple[int, int]]]
) -> dict[int, int]:
    found = {n: -(-pfn // MAX_ORDER_PAGES) * MAX_ORDER_PAGES for n, pfn in starts.items()}
    return {n: pfn for n, pfn in found.items() if pfn < max(r[1] for r in by_node[n])}


def boot_blocks(
    ram: Sequence[tuple[int, int, int]], zones: Sequence[BootZone], block: int
) -> tuple[BootBlocks, ...]:
    """Return the boot memory blocks of every node, as runs of one ``valid_zones`` text.

    A block whose zones are several, or that belongs to several nodes, shows ``none``.
    """
    pages = block // PAGE
    spans: dict[int, list[tuple[int, int]]] = {}
    for start, end, node in ram:
        low, high = start // block, -(-end // block)
        runs = spans.setdefault(node, [])
        if runs and low <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], high))
        else:
            runs.append((low, high))
    result: list[BootBlocks] = []
    for node, runs in spans.items():
        others = [run for n, r in spans.items() if n != node for run in r]
        edges = sorted(
            {b for run in others for b in run}
            | {z.start // pages for z in zones if z.node == node}
            | {z.start // pages + 1 for z in zones if z.node == node}
            | {-(-z.end // pages) for z in zones if z.node == node}
            | {z.end // pages for z in zones if z.node == node}
        )
        for low, high in runs:
            cuts = [low, *(e for e in edges if low < e < high), high]
            for first, last in pairwise(cuts):
                shared = any(a < last and first < b for a, b in others)
                here = [
                    z.name
                    for z in zones
                    if z.node == node and z.start < (first + 1) * pages and first * pages < z.end
                ]
                zone = here[0] if len(here) == 1 and not shared else "none"
                result.append(BootBlocks(node, first, last - first, zone))
    return _merged(result)


def _merged(blocks: list[BootBlocks]) -> tuple[BootBlocks, ...]:
    merged: list[BootBlocks] = []
    for block in sorted(blocks, key=lambda b: (b.node, b.first)):
        before = merged[-1] if merged else None
        if (
            before
            and before.node == block.node
            and before.zone == block.zone
            and before.first + before.count == block.first
        ):
            merged[-1] = BootBlocks(
                block.node, before.first, before.count + block.count, block.zone
            )
        else:
            merged.append(block)
    return tuple(merged)
