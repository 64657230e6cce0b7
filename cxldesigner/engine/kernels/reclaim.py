"""Reclaim: shrinking a node, demotion to slower nodes, kswapd, direct reclaim (section D)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cxldesigner.engine.kernels.layout import (
    ACTIVE,
    ALLOCSTALL_MOVABLE,
    ALLOCSTALL_NORMAL,
    CLUSTER,
    DEMOTED_DIRECT,
    DEMOTED_KSWAPD,
    DEMOTION,
    FILE,
    GRANULE,
    HOPELESS,
    MAYFAIL,
    MOVABLE,
    NULL,
    OOM,
    OOM_KILL,
    PAGEOUTRUN,
    PGDEMOTE_DIRECT,
    PGDEMOTE_KSWAPD,
    PGMIGRATE_FAIL,
    PGMIGRATE_SUCCESS,
    PGSCAN_DIRECT,
    PGSCAN_KSWAPD,
    PGSTEAL_DIRECT,
    PGSTEAL_KSWAPD,
    PSWPOUT,
    RANDOM,
    RECLAIM,
    REFERENCED,
    SEEN,
    SLOW,
    SWAP_FREE,
    THISNODE,
    WAKE,
    ZONES_PER_NODE,
    Memory,
)
from cxldesigner.engine.kernels.victims import list_victims, rank_of
from cxldesigner.engine.kernels.walk import allowed, balanced, drop, relocate, wake_all, walk

GFP_DEMOTE = MOVABLE | WAKE


@njit(nogil=True, cache=True)
def demotion_target(m: Memory, node: int) -> int:
    """Return one node of the preferred set (D10): the first, or drawn when there is a seed (M8)."""
    count = 0
    for target in range(m.preferred.shape[1]):
        count += m.preferred[node, target]
    if count == 0:
        return -1
    pick = 0
    if m.knobs[RANDOM] and count > 1:
        m.knobs[RANDOM] = (m.knobs[RANDOM] * 1103515245 + 12345) % 2147483647 or 1
        pick = (m.knobs[RANDOM] >> 8) % count
    for target in range(m.preferred.shape[1]):
        if m.preferred[node, target]:
            if pick == 0:
                return target
            pick -= 1
    return -1


@njit(nogil=True, cache=True)
def demotion_zone(m: Memory, node: int, target: int, cpuset: NDArray[np.uint8]) -> int:
    """Return where one page of ``node`` can be demoted to, or -1 (D10, both attempts)."""
    need = m.knobs[GRANULE]
    for attempt in range(4):
        only_target = attempt < 2
        gfp = GFP_DEMOTE | THISNODE if only_target else GFP_DEMOTE
        mask = m.everywhere if only_target else m.fallback[node]
        to_min = attempt % 2 == 1
        if to_min:
            wake_all(m, target, gfp, mask, cpuset)
        zone = walk(m, target, gfp, mask, cpuset, to_min, need)
        if zone >= 0:
            return zone
    return -1


@njit(nogil=True, cache=True)
def can_demote(m: Memory, node: int) -> bool:
    """Return whether reclaim of ``node`` migrates instead of freeing (D8)."""
    return bool(m.knobs[DEMOTION] and m.preferred[node].sum() > 0)


@njit(nogil=True, cache=True)
def shrink(
    m: Memory, node: int, goal: int, highest: int, direct: bool, cpuset: NDArray[np.uint8]
) -> int:
    """Reclaim up to ``goal`` pages of one node (M6, M7, D5, D6, D8-D11); return how many."""
    need = m.knobs[GRANULE]
    demote = can_demote(m, node)
    anon = demote or m.knobs[SWAP_FREE] >= need
    target = demotion_target(m, node) if demote else -1
    scanned, demoted, stolen = 0, 0, 0
    lists = 0
    while demoted + stolen < goal:
        if m.nodes.position[node] >= m.nodes.listed[node]:
            total = list_victims(m, node, highest, anon)
            lists += 1
            if total == 0 or lists > 4 * (total // m.victims.shape[1] + 1):
                m.nodes.listed[node] = 0
                break
        page = m.victims[node, m.nodes.position[node]]
        m.nodes.position[node] += 1
        if rank_of(m, page, node, highest, anon) < 0:
            continue
        scanned += need
        if m.pages.flags[page] & REFERENCED:
            m.pages.flags[page] ^= REFERENCED
            m.pages.flags[page] |= ACTIVE if m.pages.flags[page] & SEEN else SEEN
            continue
        if target >= 0:
            zone = demotion_zone(m, node, target, cpuset)
            if zone >= 0:
                relocate(m, page, zone, DEMOTED_DIRECT if direct else DEMOTED_KSWAPD)
                demoted += need
                continue
            m.stats[PGMIGRATE_FAIL] += need
            target = -1
            anon = m.knobs[SWAP_FREE] >= need
        if m.pages.kind[page] == FILE:
            drop(m, page, True)
            stolen += need
        elif m.knobs[SWAP_FREE] >= need:
            drop(m, page, True)
            m.knobs[SWAP_FREE] -= need
            m.stats[PSWPOUT] += need
            stolen += need
    m.stats[PGMIGRATE_SUCCESS] += demoted
    m.stats[PGSCAN_DIRECT if direct else PGSCAN_KSWAPD] += scanned
    m.stats[PGSTEAL_DIRECT if direct else PGSTEAL_KSWAPD] += demoted + stolen
    m.stats[PGDEMOTE_DIRECT if direct else PGDEMOTE_KSWAPD] += demoted
    if demoted + stolen > 0:
        m.nodes.failures[node] = 0
    return demoted + stolen


@njit(nogil=True, cache=True)
def kswapd(m: Memory, node: int, budget: int) -> int:
    """Run the kswapd of a woken node until it sleeps or the page budget is used; return pages.

    It sleeps when balanced (D3); a batch that got nothing counts as a failure (D1).
    """
    highest = m.nodes.highest[node]
    done = 0
    m.stats[PAGEOUTRUN] += 1
    while not balanced(m, node, highest):
        if budget >= 0 and done >= budget:
            return done
        got = shrink(m, node, CLUSTER, highest, False, m.everywhere)
        if got == 0:
            m.nodes.failures[node] += 1
            if m.nodes.failures[node] < HOPELESS and budget < 0:
                continue
            break
        done += got
    m.nodes.pending[node] = 0
    return done


@njit(nogil=True, cache=True)
def run_woken(m: Memory, budget: int) -> int:
    """Run every woken kswapd, in node order, until all sleep (or budgets are used) (M5)."""
    done = 0
    again = True
    while again:
        again = False
        for node in range(len(m.nodes.pending)):
            if m.nodes.pending[node]:
                done += kswapd(m, node, budget)
                again = again or budget < 0
    return done


@njit(nogil=True, cache=True)
def direct_reclaim(
    m: Memory, start: int, gfp: int, mask: NDArray[np.uint8], cpuset: NDArray[np.uint8]
) -> int:
    """Reclaim a cluster for a request from the nodes it may use, in zonelist order (D13)."""
    highest = gfp & 3
    m.stats[ALLOCSTALL_MOVABLE if highest == MOVABLE else ALLOCSTALL_NORMAL] += 1
    last, got = -1, 0
    for k in range(m.nodes.zones[start]):
        zone = m.zonelist[start, k]
        node = zone // ZONES_PER_NODE
        if node == last or zone % ZONES_PER_NODE > highest:
            continue
        if not allowed(gfp, node, mask, cpuset):
            continue
        last = node
        got += shrink(m, node, CLUSTER - got, highest, True, cpuset)
        if got >= CLUSTER:
            break
    return got


@njit(nogil=True, cache=True)
def allocate_from(
    m: Memory,
    start: int,
    gfp: int,
    mask: NDArray[np.uint8],
    cpuset: NDArray[np.uint8],
    need: int,
) -> int:
    """Return a zone for one request, or NULL, or OOM: fast and slow path (C10, C11, C13)."""
    zone = -1
    stage = 0
    while True:
        if stage == 1:
            m.knobs[SLOW] += 1
            if gfp & WAKE:
                wake_all(m, start, gfp, mask, cpuset)
        elif stage > 1:
            if not gfp & RECLAIM:
                return NULL
            if direct_reclaim(m, start, gfp, mask, cpuset) == 0:
                break
        zone = walk(m, start, gfp, mask, cpuset, stage > 0, need)
        if zone >= 0:
            return zone
        stage += 1
    if gfp & (THISNODE | MAYFAIL):
        return NULL
    m.stats[OOM_KILL] += 1
    return OOM
