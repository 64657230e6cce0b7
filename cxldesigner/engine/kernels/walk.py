"""Taking pages from zones: the watermark test, the zonelist walk, waking kswapd, block accounts."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cxldesigner.engine.kernels.layout import (
    ABSENT,
    ANY_CPUSET,
    BALANCING,
    GONE,
    GRANULE,
    HIGH,
    HOPELESS,
    PGALLOC,
    RECLAIM,
    SEQUENCE,
    THISNODE,
    TICK,
    WAKES,
    ZONES_PER_NODE,
    Memory,
)


@njit(nogil=True, cache=True)
def passes(m: Memory, zone: int, mark: int, highest: int, need: int) -> bool:
    """Return whether ``zone`` may give ``need`` pages at ``mark`` (C4, strictly greater)."""
    return bool(m.zones.free[zone] - (need - 1) > mark + m.reserve[zone, highest])


@njit(nogil=True, cache=True)
def lowered(mark: int, gfp: int) -> int:
    """Return the min mark reduced by the rights of a request (C8)."""
    if gfp & HIGH:
        mark -= mark // 2
        if not gfp & RECLAIM:
            mark -= mark // 4
    return mark


@njit(nogil=True, cache=True)
def allowed(gfp: int, node: int, mask: NDArray[np.uint8], cpuset: NDArray[np.uint8]) -> bool:
    """Return whether a request may look at a node: policy nodemask and cpuset (C10, C25)."""
    return bool(mask[node] and (cpuset[node] or gfp & ANY_CPUSET))


@njit(nogil=True, cache=True)
def walk(
    m: Memory,
    start: int,
    gfp: int,
    mask: NDArray[np.uint8],
    cpuset: NDArray[np.uint8],
    to_min: bool,
    need: int,
) -> int:
    """Return the first zone of ``start``'s zonelist that passes at low (or min), or -1 (C10)."""
    highest = gfp & 3
    for k in range(m.nodes.zones[start]):
        zone = m.zonelist[start, k]
        node = zone // ZONES_PER_NODE
        if zone % ZONES_PER_NODE > highest or not allowed(gfp, node, mask, cpuset):
            continue
        if gfp & THISNODE and node != start:
            continue
        mark = lowered(m.zones.floor[zone], gfp) if to_min else m.zones.low[zone]
        if passes(m, zone, mark, highest, need):
            return int(zone)
    return -1


@njit(nogil=True, cache=True)
def balanced(m: Memory, node: int, highest: int) -> bool:
    """Return whether some zone of ``node`` passes at kswapd's mark: high, or promo (D2, D3).

    The request tested for is one simulated page: a remainder smaller than that serves nobody.
    """
    for index in range(highest + 1):
        zone = node * ZONES_PER_NODE + index
        if m.zones.managed[zone] == 0:
            continue
        mark = m.zones.promo[zone] if m.knobs[BALANCING] & 2 else m.zones.high[zone]
        if passes(m, zone, mark, highest, m.knobs[GRANULE]):
            return True
    return False


@njit(nogil=True, cache=True)
def wake(m: Memory, node: int, highest: int) -> None:
    """Wake the kswapd of a node unless it is balanced or hopeless (D1)."""
    if m.nodes.failures[node] >= HOPELESS or balanced(m, node, highest):
        return
    if not m.nodes.pending[node]:
        m.knobs[WAKES] += 1
        m.nodes.highest[node] = 0
    m.nodes.pending[node] = 1
    m.nodes.highest[node] = max(m.nodes.highest[node], highest)


@njit(nogil=True, cache=True)
def wake_all(
    m: Memory, start: int, gfp: int, mask: NDArray[np.uint8], cpuset: NDArray[np.uint8]
) -> None:
    """Wake the kswapd of every node a request may use, once each (C11.1)."""
    highest = gfp & 3
    last = -1
    for k in range(m.nodes.zones[start]):
        zone = m.zonelist[start, k]
        node = zone // ZONES_PER_NODE
        if node == last or zone % ZONES_PER_NODE > highest:
            continue
        if not allowed(gfp, node, mask, cpuset) or (gfp & THISNODE and node != start):
            continue
        last = node
        wake(m, node, highest)


@njit(nogil=True, cache=True)
def take(m: Memory, zone: int, need: int, kind: int) -> int:
    """Take pages from a zone that passed its test; return the block they are in.

    The lowest block with room is used. Single kernel pages may leave less than ``need`` in every
    block though the zone has enough: then the first block with any free page is overdrawn, which
    keeps the zone's sums exact.
    """
    m.zones.free[zone] -= need
    m.used[zone, kind] += need
    first = m.zones.cursor[zone]
    while first >= 0 and m.blocks.free[first] <= 0 and m.blocks.next[first] >= 0:
        first = m.blocks.next[first]
    m.zones.cursor[zone] = first
    block = first
    while block >= 0 and m.blocks.free[block] < need:
        block = m.blocks.next[block]
    if block < 0:
        block = first
    if block >= 0:
        m.blocks.free[block] -= need
    m.stats[PGALLOC + zone % ZONES_PER_NODE] += need
    return int(block)


@njit(nogil=True, cache=True)
def give(m: Memory, zone: int, block: int, need: int, kind: int) -> None:
    """Give pages of a block back to its zone, or nowhere when the block is being offlined."""
    m.used[zone, kind] -= need
    if block < 0:
        m.zones.free[zone] += need
        return
    m.blocks.free[block] += need
    if m.blocks.zone[block] == zone:
        m.zones.free[zone] += need
        if m.zones.cursor[zone] < 0 or block < m.zones.cursor[zone]:
            m.zones.cursor[zone] = block


@njit(nogil=True, cache=True)
def place(m: Memory, page: int, zone: int) -> None:
    """Put an absent page into a zone that passed its test."""
    need = m.knobs[GRANULE]
    m.pages.block[page] = take(m, zone, need, m.pages.kind[page])
    m.pages.zone[page] = zone
    m.pages.flags[page] = 0
    m.pages.marked[page] = -1
    m.pages.last[page] = m.knobs[TICK]
    m.pages.sequence[page] = m.knobs[SEQUENCE]
    m.knobs[SEQUENCE] += 1
    m.resident[m.pages.owner[page], zone // ZONES_PER_NODE] += need


@njit(nogil=True, cache=True)
def drop(m: Memory, page: int, gone: bool) -> None:
    """Take a page out of memory; ``gone``: its contents must be read back at the next access."""
    need = m.knobs[GRANULE]
    zone = m.pages.zone[page]
    give(m, zone, m.pages.block[page], need, m.pages.kind[page])
    m.resident[m.pages.owner[page], zone // ZONES_PER_NODE] -= need
    m.pages.zone[page] = ABSENT
    m.pages.block[page] = -1
    m.pages.marked[page] = -1
    m.pages.flags[page] = GONE if gone else 0


@njit(nogil=True, cache=True)
def relocate(m: Memory, page: int, zone: int, cause: int) -> None:
    """Move a page to a zone that passed its test, keeping its LRU state; count it by cause."""
    need = m.knobs[GRANULE]
    old = m.pages.zone[page]
    kind = m.pages.kind[page]
    source, target = old // ZONES_PER_NODE, zone // ZONES_PER_NODE
    block = take(m, zone, need, kind)
    give(m, old, m.pages.block[page], need, kind)
    m.pages.zone[page] = zone
    m.pages.block[page] = block
    m.pages.marked[page] = -1
    m.resident[m.pages.owner[page], source] -= need
    m.resident[m.pages.owner[page], target] += need
    m.moves[cause, source, target] += need
