"""Allocation for a task: its policy (C15-C21), page tables, page faults, kernel pages."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cxldesigner.engine.kernels.layout import (
    ABSENT,
    ANON,
    FILE,
    GFP_KERNEL,
    GFP_USER_MOVABLE,
    GONE,
    GRANULE,
    KERNEL,
    KSWAPD,
    KSWAPD_IMMEDIATE,
    PAGES_PER_TABLE,
    PGFAULT,
    PGMAJFAULT,
    POLICY_BIND,
    POLICY_INTERLEAVE,
    POLICY_PREFERRED,
    PSWPIN,
    SWAP_FREE,
    TABLE,
    TABLES,
    Memory,
)
from cxldesigner.engine.kernels.reclaim import allocate_from, run_woken
from cxldesigner.engine.kernels.walk import place, take

NO_INDEX = -1


@njit(nogil=True, cache=True)
def interleave_node(m: Memory, task: int, index: int) -> int:
    """Return the node of an interleaved request: by index, or by the task's cursor (C21)."""
    mask = m.mask[task]
    count = 0
    for node in range(len(mask)):
        count += mask[node]
    if index >= 0:
        pick = index % count
        for node in range(len(mask)):
            if mask[node]:
                if pick == 0:
                    return node
                pick -= 1
    node = m.tasks.cursor[task]
    while True:
        node = (node + 1) % len(mask)
        if mask[node]:
            m.tasks.cursor[task] = node
            return int(node)


@njit(nogil=True, cache=True)
def start_node(m: Memory, task: int, index: int) -> int:
    """Return the node whose zonelist a request of a task walks (C17)."""
    mode = m.tasks.mode[task]
    if mode == POLICY_PREFERRED:
        return int(m.tasks.target[task])
    if mode == POLICY_INTERLEAVE:
        return interleave_node(m, task, index)
    return int(m.tasks.home[task])


@njit(nogil=True, cache=True)
def nodemask(m: Memory, task: int, gfp: int) -> NDArray[np.uint8]:
    """Return the nodes a task's policy allows for a request (C17, zone rule C18)."""
    mask: NDArray[np.uint8] = m.everywhere
    if m.tasks.mode[task] == POLICY_BIND and gfp & 3 >= m.tasks.mask_from[task]:
        mask = m.mask[task]
    return mask


@njit(nogil=True, cache=True)
def allocate(m: Memory, task: int, gfp: int, index: int, need: int) -> int:
    """Return a zone for a request of a task, NULL or OOM. ``index`` -1: use the cursor."""
    start = start_node(m, task, index)
    return allocate_from(m, start, gfp, nodemask(m, task, gfp), m.cpuset[task], need)


@njit(nogil=True, cache=True)
def settle(m: Memory) -> None:
    """Let woken kswapds run after an operation when they are immediate (M5)."""
    if m.knobs[KSWAPD] == KSWAPD_IMMEDIATE:
        run_woken(m, -1)


@njit(nogil=True, cache=True)
def cut_short(done: int, failure: int) -> int:
    """Return ``done`` requests ended by NULL or OOM as one number: ``-2 done`` + the failure."""
    return failure - 2 * done


@njit(nogil=True, cache=True)
def allocate_kernel(m: Memory, task: int, gfp: int, count: int, zones: NDArray[np.int64]) -> int:
    """Allocate ``count`` kernel pages one by one, counting them by zone.

    Returns ``count``, or :func:`cut_short`.
    """
    for done in range(count):
        zone = allocate(m, task, gfp, NO_INDEX, 1)
        if zone < 0:
            return cut_short(done, zone)
        block = take(m, zone, 1, KERNEL)
        if block >= 0:
            m.blocks.kernel[block] += 1
        zones[zone] += 1
        settle(m)
    return count


@njit(nogil=True, cache=True)
def missing_table(m: Memory, page: int) -> int:
    """Return the page table to allocate next before a page can be mapped, or -1 (M12)."""
    if not m.knobs[TABLES]:
        return -1
    need = m.knobs[GRANULE]
    first = page * need // PAGES_PER_TABLE
    last = (page * need + need - 1) // PAGES_PER_TABLE
    for table in range(first, last + 1):
        if m.tables.zone[table] == ABSENT:
            top = table
            while m.tables.parent[top] >= 0 and m.tables.zone[m.tables.parent[top]] == ABSENT:
                top = m.tables.parent[top]
            return top
    return -1


@njit(nogil=True, cache=True)
def fault(m: Memory, task: int, page: int, index: int) -> int:
    """Bring a page into memory, with the page tables it needs; return its zone, NULL or OOM.

    ``index`` is the page's number in its mapping plus the mapping's offset (C21); page-cache pages
    and page tables follow the task's cursor instead.
    """
    need = m.knobs[GRANULE]
    if m.pages.kind[page] == FILE:
        index = NO_INDEX
    while True:
        table = missing_table(m, page)
        is_table = table >= 0
        zone = allocate(
            m,
            task,
            GFP_KERNEL if is_table else GFP_USER_MOVABLE,
            NO_INDEX if is_table else index,
            1 if is_table else need,
        )
        if zone < 0:
            return zone
        if table < 0:
            break
        block = take(m, zone, 1, TABLE)
        if block >= 0:
            m.blocks.kernel[block] += 1
        m.tables.zone[table] = zone
        m.tables.block[table] = block
    m.stats[PGFAULT] += need
    if m.pages.flags[page] & GONE:
        m.stats[PGMAJFAULT] += need
        if m.pages.kind[page] == ANON:
            m.knobs[SWAP_FREE] += need
            m.stats[PSWPIN] += need
    place(m, page, zone)
    return zone


@njit(nogil=True, cache=True)
def fault_range(m: Memory, task: int, first: int, count: int, offset: int) -> int:
    """Fault ``count`` pages in turn; return ``count`` or :func:`cut_short`."""
    for i in range(count):
        zone = fault(m, task, first + i, offset + i)
        if zone < 0:
            return cut_short(i, zone)
        settle(m)
    return count
