"""NUMA hint faults: marking pages, and what happens when a marked page is touched (D16-D23)."""

from __future__ import annotations

from numba import njit

from cxldesigner.engine.kernels.layout import (
    ABSENT,
    BALANCING,
    FAULTED,
    GRANULE,
    HINT_FAULTS,
    HINT_FAULTS_LOCAL,
    HOT_MS,
    MOVABLE,
    NUMA_MIGRATED,
    PGMIGRATE_FAIL,
    PGMIGRATE_SUCCESS,
    PGPROMOTE_CANDIDATE,
    PGPROMOTE_SUCCESS,
    PINNED,
    POLICY_DEFAULT,
    PROMOTED,
    PTE_UPDATES,
    RATE_LIMIT,
    THISNODE,
    ZONES_PER_NODE,
    Memory,
)
from cxldesigner.engine.kernels.walk import relocate, wake, walk

ENOUGH_PAGES = (1 << 30) >> 12
RATE_WINDOW_MS = 1000
THRESHOLD_PERIOD_MS = 60_000
STEPS = 16


@njit(nogil=True, cache=True)
def has_room(m: Memory, node: int, extra: int, mark_is_promo: bool) -> bool:
    """Return whether some zone of a node has more free than its mark plus ``extra`` pages."""
    for zone in range(node * ZONES_PER_NODE, (node + 1) * ZONES_PER_NODE):
        if m.zones.managed[zone] == 0:
            continue
        mark = m.zones.promo[zone] if mark_is_promo else m.zones.high[zone]
        if m.zones.free[zone] > mark + extra + m.reserve[zone, MOVABLE]:
            return True
    return False


@njit(nogil=True, cache=True)
def adjust_threshold(m: Memory, node: int, now_ms: int) -> None:
    """Steer the hot threshold of a target node once a minute (D20)."""
    n = m.nodes
    if now_ms - n.threshold_start[node] <= THRESHOLD_PERIOD_MS:
        return
    default = m.knobs[HOT_MS]
    reference = m.knobs[RATE_LIMIT] * THRESHOLD_PERIOD_MS // 1000
    seen = n.candidates[node] - n.threshold_base[node]
    unit = default * 2 // STEPS
    threshold = n.threshold[node] or default
    if seen > reference * 11 // 10:
        threshold = max(threshold - unit, unit)
    elif seen < reference * 9 // 10:
        threshold = min(threshold + unit, default * 2)
    n.threshold_start[node] = now_ms
    n.threshold_base[node] = n.candidates[node]
    n.threshold[node] = threshold


@njit(nogil=True, cache=True)
def rate_limited(m: Memory, node: int, now_ms: int) -> bool:
    """Count a candidate of a target node; return whether the limit refuses it (D19.4)."""
    n = m.nodes
    n.candidates[node] += m.knobs[GRANULE]
    m.stats[PGPROMOTE_CANDIDATE] += m.knobs[GRANULE]
    if now_ms - n.rate_start[node] > RATE_WINDOW_MS:
        n.rate_start[node] = now_ms
        n.rate_base[node] = n.candidates[node]
    return bool(n.candidates[node] - n.rate_base[node] >= m.knobs[RATE_LIMIT])


@njit(nogil=True, cache=True)
def should_promote(m: Memory, target: int, latency_ms: int, now_ms: int) -> bool:
    """Return whether a hint-faulted page of a slow tier may move to ``target`` (D19)."""
    if not m.nodes.has_memory[target]:
        return False
    if has_room(m, target, max(ENOUGH_PAGES, m.nodes.present[target] // 16), True):
        m.nodes.threshold[target] = 0
        return True
    adjust_threshold(m, target, now_ms)
    threshold = m.nodes.threshold[target] or m.knobs[HOT_MS]
    if latency_ms >= threshold:
        return False
    return not rate_limited(m, target, now_ms)


@njit(nogil=True, cache=True)
def migrate_hinted(m: Memory, page: int, target: int) -> bool:
    """Move a page to the faulting CPU's node if there is space (D21); wake its kswapd if not."""
    need = m.knobs[GRANULE]
    zone = -1
    if has_room(m, target, need, False):
        gfp = MOVABLE | THISNODE
        cpuset = m.cpuset[m.pages.owner[page]]
        zone = walk(m, target, gfp, m.everywhere, cpuset, False, need)
        if zone < 0:
            zone = walk(m, target, gfp, m.everywhere, cpuset, True, need)
    elif m.knobs[BALANCING] & 2:
        wake(m, target, MOVABLE)
    if zone < 0:
        m.stats[PGMIGRATE_FAIL] += need
        return False
    source = m.pages.zone[page] // ZONES_PER_NODE
    if not m.nodes.top_tier[source] and m.nodes.top_tier[target]:
        m.stats[PGPROMOTE_SUCCESS] += need
    m.stats[NUMA_MIGRATED] += need
    m.stats[PGMIGRATE_SUCCESS] += need
    relocate(m, page, zone, PROMOTED)
    return True


@njit(nogil=True, cache=True)
def hint_fault(m: Memory, task: int, page: int, now_ms: int) -> bool:
    """Serve the hint fault of a marked page; return whether it moved.

    Tiering mode judges pages of slow tiers by latency; in normal mode, and between top-tier nodes,
    a page moves at the second fault in a row (D23).
    """
    need = m.knobs[GRANULE]
    node = m.pages.zone[page] // ZONES_PER_NODE
    target = m.tasks.home[task]
    latency = now_ms - m.pages.marked[page]
    m.pages.marked[page] = -1
    m.stats[HINT_FAULTS] += need
    if node == target:
        m.stats[HINT_FAULTS_LOCAL] += need
        return False
    if m.tasks.mode[task] != POLICY_DEFAULT or m.pages.flags[page] & PINNED:
        return False
    if m.knobs[BALANCING] & 2 and not m.nodes.top_tier[node]:
        if not should_promote(m, target, latency, now_ms):
            return False
    elif not m.pages.flags[page] & FAULTED:
        m.pages.flags[page] |= FAULTED
        return False
    return migrate_hinted(m, page, target)


@njit(nogil=True, cache=True)
def mark_pages(m: Memory, first: int, count: int, cursor: int, budget: int, now_ms: int) -> int:
    """Mark up to ``budget`` resident pages of an area from ``cursor`` on; return the new cursor.

    In tiering-only mode pages of top-tier nodes are passed over (D17). Stops after one round or
    after looking at eight times the budget.
    """
    need = m.knobs[GRANULE]
    left = budget
    tiering_only = m.knobs[BALANCING] == 2
    seen = 0
    while seen < count and left > 0 and seen * need < 8 * budget:
        page = first + cursor
        cursor = cursor + 1 if cursor + 1 < count else 0
        seen += 1
        zone = m.pages.zone[page]
        if zone == ABSENT or m.pages.flags[page] & PINNED:
            continue
        if tiering_only and m.nodes.top_tier[zone // ZONES_PER_NODE]:
            continue
        left -= need
        if m.pages.marked[page] < 0:
            m.pages.marked[page] = now_ms
            m.stats[PTE_UPDATES] += need
    return cursor
