"""Where the memory map of hot-added memory lies, and which blocks it keeps from going offline.

The struct pages of a hot-added range come from the node itself or, while that has no kernel
memory, from the next node of its fallback list (``mm/sparse-vmemmap.c`` ``vmemmap_alloc_block``).
Taken from CXL memory in a kernel zone they are pages that cannot be moved: the block that holds
them goes offline only after the memory they describe is gone (``mm/page_isolation.c``). Recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.listing import listing_key
from cxldesigner.linux.live import MapHome

STRUCT_PAGE = 64
MAP_CHUNK = 2 << 20
"""The map is allocated in huge pages."""

_KERNEL_ZONES = ("Normal", "DMA32", "DMA")


def place_map(kernel: Kernel, node: int, blocks: int) -> tuple[MapHome, ...]:
    """Return the hot-added blocks that will hold the memory map of ``blocks`` new blocks.

    Nothing when boot memory holds it: there it is in nobody's way.
    """
    size = kernel.machine.block
    chunk = -(-(kernel.machine.block_pages * STRUCT_PAGE) // MAP_CHUNK) * MAP_CHUNK
    left = chunk * blocks
    homes: list[MapHome] = []
    used: dict[int, int] = {}
    for hot in kernel.hot:
        for home in hot.map_homes:
            used[home.block] = used.get(home.block, 0) + home.size
    for other in kernel.fallback.get(node, ()):
        for zone in _KERNEL_ZONES:
            span = kernel.zones.get((other, zone))
            if span is None or not span.present:
                continue
            if span.early:
                return tuple(homes)
            for block in _blocks_in(kernel, other, zone):
                taken = min(size - used.get(block, 0), left)
                if taken > 0:
                    homes.append(MapHome(block, taken))
                    left -= taken
                if left <= 0:
                    return tuple(homes)
    return tuple(homes)


def _blocks_in(kernel: Kernel, node: int, zone: str) -> Iterator[int]:
    """Yield the hot-added blocks of a zone as the allocator takes them: the oldest first."""
    for hot in kernel.hot:
        for run in hot.runs:
            if hot.node == node and run.zone == zone:
                yield from range(run.first, run.first + run.count)


def holding_blocks(kernel: Kernel) -> frozenset[int]:
    """Return the blocks that hold the memory map of other memory: none of them goes offline."""
    return frozenset(home.block for hot in kernel.hot for home in hot.map_homes)


def listing_order(blocks: Iterable[int]) -> list[int]:
    """Return memory blocks in the order their directory lists them, as tools go through them."""
    return sorted(blocks, key=lambda number: listing_key(f"memory{number}"))
