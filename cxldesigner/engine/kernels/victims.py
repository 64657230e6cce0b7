"""Which pages reclaim takes first: the candidate list of a node in the order of M7 and D5.

Classes in order: inactive file, inactive anon, active file, active anon; inside a class the oldest
last access, then the lowest allocation sequence. A list holds only the front part; it is made anew
when used up. Pages that arrive on a node meanwhile wait for the next list, as the kernel puts
migrated pages at the far end of its lists.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cxldesigner.engine.kernels.layout import (
    ACTIVE,
    FILE,
    GRANULE,
    PINNED,
    REFERENCED,
    SEEN,
    TICK,
    ZONES_PER_NODE,
    Memory,
)

AGES = 1024
CLASSES = 4
RANKS = CLASSES * AGES
SEQUENCE_BITS = 44


@njit(nogil=True, cache=True)
def rank_of(m: Memory, page: int, node: int, highest: int, anon: bool) -> int:
    """Return a page's place by class and age, or -1 if reclaim may not look at it.

    Looked at are unpinned pages of ``node`` in zones up to ``highest``; anonymous ones if ``anon``.
    """
    zone = np.int64(m.pages.zone[page])
    flags = m.pages.flags[page]
    file = m.pages.kind[page] == FILE
    if zone // ZONES_PER_NODE != node or zone % ZONES_PER_NODE > highest or flags & PINNED:
        return -1
    if not (anon or file):
        return -1
    age = m.knobs[TICK] - m.pages.last[page]
    bin_ = AGES - 1 - min(max(age, 0), AGES - 1)
    kind = (2 if flags & ACTIVE else 0) + (0 if file else 1)
    return int(kind * AGES + bin_)


@njit(nogil=True, cache=True)
def histogram_of(m: Memory, node: int, highest: int, anon: bool) -> NDArray[np.int64]:
    """Return the number of candidates by rank."""
    histogram = np.zeros(RANKS, np.int64)
    for page in range(len(m.pages.zone)):
        rank = rank_of(m, page, node, highest, anon)
        if rank >= 0:
            histogram[rank] += 1
    return histogram


@njit(nogil=True, cache=True)
def front(histogram: NDArray[np.int64], first: int, end: int, room: int) -> int:
    """Return the first rank from ``first`` on that does not fit into ``room`` pages any more."""
    total = 0
    for rank in range(first, end):
        total += histogram[rank]
        if total > room:
            return rank
    return end


@njit(nogil=True, cache=True)
def refill_inactive(m: Memory, node: int, histogram: NDArray[np.int64], kind: int) -> int:
    """Deactivate the oldest active pages of a kind if its inactive list is short; return how many.

    Short means inactive < active / ratio, with the kernel's ratio ``isqrt(10 * GiB of the list)``,
    at least 1 (``inactive_is_low``).
    """
    start = (kind + 2) * AGES
    inactive, active = 0, 0
    for age in range(AGES):
        inactive += histogram[kind * AGES + age]
        active += histogram[start + age]
    gib = (inactive + active) * m.knobs[GRANULE] >> 18
    ratio = max(1, int(np.sqrt(10.0 * gib)))
    if inactive * ratio >= active:
        return 0
    quota = (active - inactive * ratio) // (1 + ratio) + 1
    limit = front(histogram, start, start + AGES, quota)
    moved = 0
    for page in range(len(m.pages.zone)):
        rank = rank_of(m, page, node, ZONES_PER_NODE, True)
        if start <= rank <= limit and moved < quota:
            m.pages.flags[page] &= 0xFF ^ (ACTIVE | REFERENCED | SEEN)
            moved += 1
    return moved


@njit(nogil=True, cache=True)
def fitting(m: Memory, node: int, highest: int, anon: bool, rank: int, bound: int) -> int:
    """Return how many candidates of a rank were allocated up to sequence number ``bound``."""
    count = 0
    for page in range(len(m.pages.zone)):
        if m.pages.sequence[page] <= bound and rank_of(m, page, node, highest, anon) == rank:
            count += 1
    return count


@njit(nogil=True, cache=True)
def sort_pairs(keys: NDArray[np.int64], values: NDArray[np.int64], size: int) -> None:
    """Sort ``keys`` ascending with ``values`` alongside (comb sort, in place)."""
    gap = size
    swapped = True
    while gap > 1 or swapped:
        gap = max(1, gap * 10 // 13)
        swapped = False
        for i in range(size - gap):
            if keys[i] > keys[i + gap]:
                keys[i], keys[i + gap] = keys[i + gap], keys[i]
                values[i], values[i + gap] = values[i + gap], values[i]
                swapped = True


@njit(nogil=True, cache=True)
def list_victims(m: Memory, node: int, highest: int, anon: bool) -> int:
    """Fill the candidate list of a node; return the number of candidates there are in all.

    When one rank alone overflows the list, its lowest sequence numbers are taken, found by halving
    the range of sequence numbers.
    """
    histogram = histogram_of(m, node, highest, anon)
    moved = 0
    for kind in range(2):
        moved += refill_inactive(m, node, histogram, kind)
    if moved:
        histogram = histogram_of(m, node, highest, anon)
    total = 0
    for rank in range(RANKS):
        total += histogram[rank]
    room = m.victims.shape[1]
    limit = front(histogram, 0, RANKS, room)
    bound = -1
    if limit < RANKS:
        before = 0
        for rank in range(limit):
            before += histogram[rank]
        if before < room // 2:
            low, high = 0, m.pages.sequence.max()
            while low < high:
                middle = (low + high) // 2
                count = fitting(m, node, highest, anon, limit, middle)
                if before + count > room:
                    high = middle
                else:
                    low = middle + 1
                    bound = middle
                    if before + count > room // 2:
                        break
    keys = np.empty(room, np.int64)
    size = 0
    for page in range(len(m.pages.zone)):
        rank = rank_of(m, page, node, highest, anon)
        if 0 <= rank < limit or (rank == limit and m.pages.sequence[page] <= bound):
            keys[size] = (np.int64(rank) << SEQUENCE_BITS) + m.pages.sequence[page]
            m.victims[node, size] = page
            size += 1
    sort_pairs(keys, m.victims[node], size)
    m.nodes.listed[node] = size
    m.nodes.position[node] = 0
    return total
