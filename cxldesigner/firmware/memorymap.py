"""The firmware memory map of a drawn machine, as a PC's firmware hands it to the kernel (E820)."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import pairwise

from cxldesigner.document.model import GIB, MIB, MemoryDomain, MemoryRange, Socket
from cxldesigner.firmware.spans import Span

EBDA_START, EBDA_END = 0x9FC00, 0xA0000
"""Extended BIOS data area: the last KiB below 640 KiB."""
ROM_START, ROM_END = 0xF0000, MIB
TABLE_BYTES = 128 << 10
"""Kept at the top of memory below 4 GiB for the ACPI tables."""


def firmware_map(
    memory: Iterable[tuple[Socket | MemoryDomain, tuple[Span, ...]]],
) -> tuple[MemoryRange, ...]:
    """Return the memory map: ascending, without overlap.

    Specific-purpose memory (EFI_MEMORY_SP) becomes soft-reserved ranges. Where parts overlap, the
    later one is what the map says.
    """
    pieces: list[tuple[Span, str]] = []
    for part, spans in memory:
        special = isinstance(part, MemoryDomain) and part.specific_purpose
        pieces += ((span, "soft-reserved" if special else "ram") for span in spans)
    covers_low = any(span.start < EBDA_START < span.end for span, _ in pieces)
    low_top = max((s.end for s, kind in pieces if kind == "ram" and s.end <= 4 * GIB), default=0)
    if covers_low:
        pieces.append((Span(EBDA_START, EBDA_END), "reserved"))
        pieces.append((Span(EBDA_END, ROM_START), "hole"))
        pieces.append((Span(ROM_START, ROM_END), "reserved"))
    if low_top > ROM_END + TABLE_BYTES:
        pieces.append((Span(low_top - TABLE_BYTES, low_top), "acpi"))
    return tuple(
        MemoryRange(start=span.start, end=span.end, kind=kind)
        for span, kind in overlay(pieces)
        if kind != "hole"
    )


def with_regions(
    memory_map: Iterable[MemoryRange], regions: Iterable[tuple[Span, str]]
) -> tuple[MemoryRange, ...]:
    """Return a memory map with the regions firmware made; what was there before stays."""
    before = [(Span(r.start, r.end), r.kind) for r in memory_map]
    return tuple(
        MemoryRange(start=span.start, end=span.end, kind=kind)
        for span, kind in overlay((*regions, *before))
    )


def overlay(pieces: Iterable[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """Return ``pieces`` as ascending spans without overlap; later pieces cover earlier ones."""
    ordered = sorted(
        (span.start, span.end, rank, kind)
        for rank, (span, kind) in enumerate(pieces)
        if span.start < span.end
    )
    cuts = sorted({edge for start, end, _, _ in ordered for edge in (start, end)})
    out: list[tuple[Span, str]] = []
    active: list[tuple[int, int, str]] = []
    i = 0
    for start, end in pairwise(cuts):
        while i < len(ordered) and ordered[i][0] <= start:
            _, stop, rank, kind = ordered[i]
            heappush(active, (-rank, stop, kind))
            i += 1
        while active and active[0][1] <= start:
            heappop(active)
        if not active:
            continue
        kind = active[0][2]
        if out and out[-1][1] == kind and out[-1][0].end == start:
            out[-1] = (Span(out[-1][0].start, end), kind)
        else:
            out.append((Span(start, end), kind))
    return out
