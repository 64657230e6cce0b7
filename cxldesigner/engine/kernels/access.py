"""Touching pages, ageing their heat, pictures of them, and emptying a block."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cxldesigner.engine.kernels.faults import fault, settle
from cxldesigner.engine.kernels.hints import hint_fault
from cxldesigner.engine.kernels.layout import (
    ABSENT,
    GRANULE,
    MAYFAIL,
    MOVABLE,
    NORMAL,
    OFFLINED,
    PGMIGRATE_FAIL,
    PGMIGRATE_SUCCESS,
    PINNED,
    RECLAIM,
    REFERENCED,
    TABLE,
    TICK,
    WAKE,
    ZONES_PER_NODE,
    Memory,
)
from cxldesigner.engine.kernels.reclaim import allocate_from
from cxldesigner.engine.kernels.walk import drop, give, relocate

HEAT_STEP = 256
HEAT_MAX = 65535


@njit(nogil=True, cache=True)
def touch(
    m: Memory,
    task: int,
    visits: NDArray[np.int64],
    base: int,
    start_ms: int,
    tick_ms: int,
    hits: NDArray[np.int64],
) -> int:
    """Visit pages in turn, faulting absent ones in; count visits per node.

    Returns the number of visits made, or ``-1 - made`` when an allocation ended in OOM (or NULL).
    ``base`` is the first page of the area, whose page number is the interleave index.
    """
    count = len(visits)
    zone, marked, flags = m.pages.zone, m.pages.marked, m.pages.flags
    last, heat = m.pages.last, m.pages.heat
    tick = m.knobs[TICK]
    for i in range(count):
        page = visits[i]
        if zone[page] == ABSENT:
            if fault(m, task, page, page - base) < 0:
                return -1 - i
            settle(m)
        elif marked[page] >= 0:
            hint_fault(m, task, page, start_ms + tick_ms * i // count)
            settle(m)
        flags[page] |= REFERENCED
        last[page] = tick
        heat[page] = min(heat[page] + HEAT_STEP, HEAT_MAX)
        hits[zone[page] // ZONES_PER_NODE] += 1
    return count


@njit(nogil=True, cache=True)
def decay(heat: NDArray[np.uint16]) -> None:
    """Let the heat of all pages fall by one eighth."""
    for i in range(len(heat)):
        heat[i] -= np.uint16((heat[i] >> np.uint16(3)) + np.uint16(heat[i] != 0))


@njit(nogil=True, cache=True)
def picture(
    m: Memory,
    first: int,
    count: int,
    nodes: NDArray[np.uint8],
    heats: NDArray[np.uint8],
) -> None:
    """Bin an area: node of most pages of each bin (255: none mapped) and mean heat 0 … 255.

    Heat is shown on a scale of powers of two, as a page visited every tick is far hotter than one
    visited once a second.
    """
    bins = len(nodes)
    tally = np.zeros(len(m.nodes.has_memory), np.int64)
    for b in range(bins):
        start, end = first + b * count // bins, first + (b + 1) * count // bins
        tally[:] = 0
        heat = 0
        for page in range(start, end):
            if m.pages.zone[page] != ABSENT:
                tally[m.pages.zone[page] // ZONES_PER_NODE] += 1
                heat += m.pages.heat[page]
        mapped = tally.sum()
        nodes[b] = np.argmax(tally) if mapped else 255
        heats[b] = min(255, int(16.0 * np.log2(1.0 + heat / mapped))) if mapped else 0


@njit(nogil=True, cache=True)
def release(m: Memory, first: int, count: int) -> int:
    """Free every page of an area (it is unmapped); return the swap pages it held, too."""
    swapped = 0
    for page in range(first, first + count):
        if m.pages.zone[page] != ABSENT:
            drop(m, page, False)
        elif m.pages.flags[page]:
            swapped += m.knobs[GRANULE]
        m.pages.flags[page] = 0
        m.pages.heat[page] = 0
    return swapped


@njit(nogil=True, cache=True)
def release_tables(m: Memory, owner: int) -> None:
    """Free the page tables of a task that ended."""
    for table in range(len(m.tables)):
        zone = m.tables.zone[table]
        if m.tables.owner[table] == owner and zone != ABSENT:
            block = m.tables.block[table]
            give(m, zone, block, 1, TABLE)
            if block >= 0:
                m.blocks.kernel[block] -= 1
            m.tables.zone[table] = ABSENT
            m.tables.block[table] = -1


@njit(nogil=True, cache=True)
def evacuate(
    m: Memory, block: int, zone: int, others: NDArray[np.uint8], budget: int
) -> tuple[int, int]:
    """Migrate the pages of a block away; return simulated pages moved, and left (E4, E5).

    ``zone`` is the zone the block was taken from, ``others`` the nodes pages may go to. Stops for
    this time after ``budget`` pages, and at the first page there is no room for.
    """
    need = m.knobs[GRANULE]
    source = zone // ZONES_PER_NODE
    highest = MOVABLE if zone % ZONES_PER_NODE == MOVABLE else NORMAL
    gfp = highest | RECLAIM | WAKE | MAYFAIL
    moved, left = 0, 0
    stuck = False
    for page in range(len(m.pages.zone)):
        if m.pages.block[page] != block:
            continue
        if m.pages.flags[page] & PINNED or stuck or moved >= budget:
            left += 1
            continue
        target = allocate_from(m, source, gfp, others, m.everywhere, need)
        if target < 0:
            m.stats[PGMIGRATE_FAIL] += need
            stuck = True
            left += 1
            continue
        if m.pages.block[page] == block:
            relocate(m, page, target, OFFLINED)
            m.stats[PGMIGRATE_SUCCESS] += need
            moved += 1
        settle(m)
    return moved, left
