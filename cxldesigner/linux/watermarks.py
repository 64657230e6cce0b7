"""Zone watermarks, lowmem reserves and the automatic ``min_free_kbytes`` (C5-C7), as pure sums.

All counts are 4 KiB pages unless a name says kbytes. Source: ``mm/page_alloc.c``
``__setup_per_zone_wmarks``, ``calculate_min_free_kbytes``; ``mm/khugepaged.c``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt

ZONE_NAMES = ("DMA", "DMA32", "Normal", "Movable")
"""Zones of x86-64 in index order (B1, B3)."""

RESERVE_RATIO = {"DMA": 256, "DMA32": 256, "Normal": 32, "Movable": 0}
MIN_KBYTES, MAX_KBYTES = 128, 262144
PAGEBLOCK = 512
MIGRATE_PCPTYPES = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """Watermarks of one zone."""

    min: int = 0
    low: int = 0
    high: int = 0
    promo: int = 0


def zone_marks(
    managed: int, movable: bool, pages_min: int, lowmem: int, scale_factor: int = 10
) -> Marks:
    """Return the marks of one zone (C5).

    Parameters
    ----------
    managed : pages of the zone.
    movable : whether it is ZONE_MOVABLE.
    pages_min : ``min_free_kbytes`` in pages.
    lowmem : managed pages of all zones but MOVABLE, on all nodes.
    scale_factor : ``vm.watermark_scale_factor``.
    """
    share = pages_min * managed // lowmem if lowmem else 0
    low = max(min(managed // 1024, 128), 32) if movable else share
    step = max(share // 4, managed * scale_factor // 10000)
    return Marks(low, low + step, low + 2 * step, low + 3 * step)


def free_buffer_pages(zones: Iterable[tuple[int, int]]) -> int:
    """Return pages above the high mark over (managed, high) of all zones up to NORMAL (C6)."""
    return sum(managed - high for managed, high in zones if managed > high)


def automatic_min_kbytes(buffer_pages: int) -> int:
    """Return ``min_free_kbytes`` the kernel chooses for so many free-able pages (C6)."""
    return max(MIN_KBYTES, min(isqrt(buffer_pages * 4 * 16), MAX_KBYTES))


def recommended_min_kbytes(populated_lowmem_zones: int, buffer_pages: int) -> int:
    """Return what khugepaged asks for when transparent huge pages are on (C6)."""
    pages = PAGEBLOCK * populated_lowmem_zones * (2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES)
    return min(pages, buffer_pages // 20) * 4


def lowmem_reserves(managed: tuple[int, int, int, int]) -> dict[str, tuple[int, int, int, int]]:
    """Return lowmem_reserve by zone for one node (C7).

    ``managed`` are the pages of the node's DMA, DMA32, Normal and Movable zones; so is each value,
    by the class of the request.
    """
    result: dict[str, tuple[int, int, int, int]] = {}
    for index, name in enumerate(ZONE_NAMES):
        values = [0, 0, 0, 0]
        above = 0
        ratio = RESERVE_RATIO[name]
        for upper in range(index + 1, len(ZONE_NAMES)):
            above += managed[upper]
            if ratio and managed[index] and managed[upper]:
                values[upper] = above // ratio
        result[name] = (values[0], values[1], values[2], values[3])
    return result
