"""The physical address space: where DRAM, hot-plug range, register blocks and windows lie.

Boot memory is laid out as PC firmware does it (and QEMU's q35): from 0 upwards with a hole below
4 GiB for devices, the hole at 640 KiB cut out. Then the hot-plug range at the next GiB, the host
bridges' register blocks, and the windows, each at the next 256 MiB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cxldesigner.document.model import (
    GIB,
    MIB,
    Document,
    HostBridge,
    MemoryDomain,
    MemoryRange,
    Socket,
)
from cxldesigner.firmware.domains import Domains
from cxldesigner.firmware.memorymap import firmware_map, with_regions
from cxldesigner.firmware.spans import FreeSpace, Span

FOUR_GIB = 4 * GIB
LOW_IF_SMALL = 0xB000_0000
"""Memory up to here stays below 4 GiB in one piece (2.75 GiB)."""
LOW_IF_LARGE = 2 * GIB
"""More memory than that is cut here, to keep the rest of the first 4 GiB for devices."""
HOLE_START, HOLE_END = 640 << 10, MIB
WINDOW_ALIGNMENT = 256 * MIB
BLOCK_ALIGNMENT = 2 * GIB
LARGE_MACHINE = 64 * GIB
"""From this end of RAM on Linux has blocks of 2 GiB (B14): good firmware aligns to them."""
REGISTER_BYTES = 64 << 10
REGISTER_AREA = MIB
ADDRESSES = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Addresses of everything.

    Attributes
    ----------
    memory : SRAT ranges of each socket and memory domain with memory, sockets first.
    hotplug : the hot-plug range, None when there is none.
    registers : base of the CHBS register block of each host bridge.
    windows : base of each window.
    memory_map : what the firmware tells the kernel of RAM.
    """

    memory: Mapping[str, tuple[Span, ...]]
    hotplug: Span | None
    registers: Mapping[str, int]
    windows: Mapping[str, int]
    memory_map: tuple[MemoryRange, ...]


def lay_out(document: Document, domains: Domains) -> Layout:
    """Return the addresses of all memory of a document."""
    owners = _memory_owners(document)
    whole = _place_memory(owners, domains)
    memory = {part.id: _cut_hole(whole[part.id]) for part in owners if whole[part.id]}
    end = max((s.end for spans in whole.values() for s in spans), default=0)
    memory_map = document.host.memory_map
    if memory_map is None:
        memory_map = firmware_map((part, whole[part.id]) for part in owners)
    large = max((r.end for r in memory_map if r.kind == "ram"), default=0) >= LARGE_MACHINE
    end = max(end, FOUR_GIB)
    hotplug = None
    if document.host.hotplug_bytes and domains.last is not None:
        start = _align(end, GIB)
        if start < ADDRESSES:
            hotplug = Span(start, min(start + document.host.hotplug_bytes, ADDRESSES))
            end = hotplug.end
    fixed = [
        Span(w.base, min(w.base + w.size_bytes, ADDRESSES))
        for w in document.windows.values()
        if w.base is not None
    ]
    free = FreeSpace((*fixed, *(s for spans in memory.values() for s in spans)))
    bridges = [p.id for p in document.parts.values() if isinstance(p, HostBridge)]
    area = max(REGISTER_AREA, len(bridges) * REGISTER_BYTES)
    first = free.take(end, area, REGISTER_BYTES)
    registers = {
        bridge: (first + (len(bridges) - 1 - i) * REGISTER_BYTES) % ADDRESSES
        for i, bridge in enumerate(bridges)
    }
    windows = _place_windows(document, free, first + area, large)
    if document.host.memory_map is None and document.host.committed:
        memory_map = with_regions(memory_map, _committed_spans(document, windows))
    return Layout(
        memory=memory,
        hotplug=hotplug,
        registers=registers,
        windows=windows,
        memory_map=memory_map,
    )


def _committed_spans(document: Document, windows: Mapping[str, int]) -> Iterable[tuple[Span, str]]:
    for region in document.host.committed:
        if region.window in windows:
            start = windows[region.window] + region.offset
            yield Span(start, min(start + region.size_bytes, ADDRESSES)), region.memory


def _memory_owners(document: Document) -> tuple[Socket | MemoryDomain, ...]:
    parts = document.parts.values()
    return (
        *(p for p in parts if isinstance(p, Socket)),
        *(p for p in parts if isinstance(p, MemoryDomain)),
    )


def boot_bytes(part: Socket | MemoryDomain) -> int:
    """Return the boot memory of a part."""
    return part.dram_bytes if isinstance(part, Socket) else part.size_bytes


def _place_memory(
    owners: Iterable[Socket | MemoryDomain], domains: Domains
) -> dict[str, tuple[Span, ...]]:
    """Place boot memory: explicit bases as told, the rest by domain number into what is free."""
    owners = tuple(owners)
    total = sum(boot_bytes(p) for p in owners if p.base is None or p.base < FOUR_GIB)
    low = LOW_IF_LARGE if total >= LOW_IF_SMALL else LOW_IF_SMALL
    placed: dict[str, tuple[Span, ...]] = {}
    for part in owners:
        if part.base is not None:
            placed[part.id] = _run(part.base, boot_bytes(part), low)
    free = FreeSpace([s for spans in placed.values() for s in spans] + [Span(low, FOUR_GIB)])
    at = 0
    for part in sorted(owners, key=lambda p: domains.memory[p.id]):
        if part.base is None:
            spans = free.fill(at, boot_bytes(part))
            placed[part.id] = spans
            at = spans[-1].end if spans else at
    return placed


def _run(base: int, size: int, low: int) -> tuple[Span, ...]:
    """Return ``size`` bytes from ``base`` upwards, stepping over the hole below 4 GiB."""
    if base < low < base + size:
        rest = base + size - low
        return (Span(base, low), Span(FOUR_GIB, min(FOUR_GIB + rest, ADDRESSES)))
    return (Span(base, min(base + size, ADDRESSES)),) if size else ()


def _cut_hole(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Leave out 640 KiB to 1 MiB, as the SRAT of a PC does."""
    out = []
    for span in spans:
        if span.start <= HOLE_START < span.end:
            out.append(Span(span.start, HOLE_START))
            span = Span(HOLE_END, span.end)  # noqa: PLW2901  the rest of it
        if span.start < span.end:
            out.append(span)
    return tuple(s for s in out if s.start < s.end)


def _place_windows(document: Document, free: FreeSpace, start: int, large: bool) -> dict[str, int]:
    alignment = BLOCK_ALIGNMENT if large and not document.host.virtual_machine else WINDOW_ALIGNMENT
    at = document.host.window_base if document.host.window_base is not None else start
    windows = {}
    for window in document.windows.values():
        if window.base is not None:
            windows[window.id] = window.base
            continue
        base = free.take(at, window.size_bytes, alignment)
        windows[window.id] = base
        at = min(base + window.size_bytes, ADDRESSES - 1)
    return windows


def _align(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
