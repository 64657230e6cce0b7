"""The arrays the kernels work on: pages, zones, blocks, nodes, tasks, page tables.

One *simulated page* stands for ``granule`` 4 KiB pages. Every count below is in 4 KiB pages, so a
simulated page takes ``granule`` from a zone's free count in one request (like a request of a
higher order, C4). Zones are numbered ``node index * 4 + zone index`` with the zone indexes of B3.
Node indexes are positions in the ascending list of possible node ids.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DMA, DMA32, NORMAL, MOVABLE = range(4)
ZONES_PER_NODE = 4
ABSENT = 0xFFFF

ANON, FILE, TABLE, KERNEL = range(4)

ACTIVE = 1
REFERENCED = 2
SEEN = 4
PINNED = 8
GONE = 16
FAULTED = 32

RECLAIM = 1 << 2
WAKE = 1 << 3
HIGH = 1 << 4
THISNODE = 1 << 5
MAYFAIL = 1 << 6
ANY_CPUSET = 1 << 7
GFP_KERNEL = NORMAL | RECLAIM | WAKE
GFP_ATOMIC = NORMAL | WAKE | HIGH | ANY_CPUSET
GFP_KERNEL_HIGH = GFP_KERNEL | HIGH
GFP_USER_MOVABLE = MOVABLE | RECLAIM | WAKE

NULL, OOM = -1, -2

POLICY_DEFAULT, POLICY_PREFERRED, POLICY_BIND, POLICY_INTERLEAVE = range(4)

KSWAPD_OFF, KSWAPD_IMMEDIATE, KSWAPD_DEFERRED = range(3)
CLUSTER = 32
HOPELESS = 16
PAGES_PER_TABLE = 512

(
    GRANULE, DEMOTION, BALANCING, KSWAPD, TICK, SEQUENCE, SWAP_FREE, RATE_LIMIT, HOT_MS,
    TABLES, RANDOM, SLOW, WAKES,
) = range(13)  # fmt: skip
KNOBS = 13

DEMOTED_KSWAPD, DEMOTED_DIRECT, PROMOTED, OFFLINED = range(4)
CAUSES = 4

VMSTAT = (
    "pgfault", "pgmajfault", "pgalloc_dma", "pgalloc_dma32", "pgalloc_normal", "pgalloc_movable",
    "pgdemote_kswapd", "pgdemote_direct", "pgpromote_success", "pgpromote_candidate",
    "numa_hint_faults", "numa_hint_faults_local", "numa_pages_migrated", "numa_pte_updates",
    "pgmigrate_success", "pgmigrate_fail", "pgscan_kswapd", "pgscan_direct", "pgsteal_kswapd",
    "pgsteal_direct", "allocstall_normal", "allocstall_movable", "pswpin", "pswpout", "pageoutrun",
    "oom_kill",
)  # fmt: skip
(
    PGFAULT, PGMAJFAULT, PGALLOC, _DMA32, _NORMAL, _MOVABLE,
    PGDEMOTE_KSWAPD, PGDEMOTE_DIRECT, PGPROMOTE_SUCCESS, PGPROMOTE_CANDIDATE,
    HINT_FAULTS, HINT_FAULTS_LOCAL, NUMA_MIGRATED, PTE_UPDATES,
    PGMIGRATE_SUCCESS, PGMIGRATE_FAIL, PGSCAN_KSWAPD, PGSCAN_DIRECT, PGSTEAL_KSWAPD,
    PGSTEAL_DIRECT, ALLOCSTALL_NORMAL, ALLOCSTALL_MOVABLE, PSWPIN, PSWPOUT, PAGEOUTRUN,
    OOM_KILL,
) = range(26)  # fmt: skip


class Pages(NamedTuple):
    """One entry per simulated page of every process area.

    ``zone`` is :data:`ABSENT` while the page is not in memory; ``last`` the tick of the last
    access, ``sequence`` the allocation order, ``marked`` the time in ms a hint-fault scan marked
    it, -1 if not marked.
    """

    zone: NDArray[np.uint16]
    block: NDArray[np.int32]
    flags: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    owner: NDArray[np.uint16]
    heat: NDArray[np.uint16]
    last: NDArray[np.int32]
    sequence: NDArray[np.int64]
    marked: NDArray[np.int32]


ZONE = np.dtype(
    [(name, np.int64) for name in ("managed", "free", "floor", "low", "high", "promo")]
    + [("cursor", np.int64)]
)
"""Free count and marks (C5) of a zone; ``floor`` is the min mark, ``cursor`` the first block
that may have free pages."""

BLOCK = np.dtype([(name, np.int64) for name in ("zone", "free", "kernel", "next")])
"""A memory block (B13): zone (-1 while it is offlined), free and unmovable pages, the next block
of the same zone."""

NODE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "has_memory", "top_tier", "present", "zones",
            "pending", "highest", "failures",
            "listed", "position",
            "candidates", "rate_start", "rate_base",
            "threshold_start", "threshold_base", "threshold",
        )
    ]
)  # fmt: skip
"""A node: length of its zonelist (``zones``), kswapd's state (D1), its candidate list for reclaim,
and the promotion state ``candidates … threshold`` (D19, D20; the kernel's ``nbp_*``)."""

TASK = np.dtype([(name, np.int64) for name in ("home", "mode", "target", "mask_from", "cursor")])
"""A process: CPU node, policy (C17), preferred node, lowest highest-zone a BIND mask applies to
(C18), interleave cursor (C21)."""

TABLE_PAGE = np.dtype([(name, np.int64) for name in ("zone", "block", "parent", "owner")])
"""A page-table page: where it is (zone :data:`ABSENT`: nowhere), the table above it or -1."""

Records = np.recarray[Any, Any]


class Memory(NamedTuple):
    """Everything the kernels work on.

    Attributes
    ----------
    zones, blocks, nodes, tasks, tables : records of the types above.
    reserve : lowmem reserve by zone and highest zone of the request (C7).
    used : pages by zone and kind.
    zonelist : zone numbers by node, in walking order (C2).
    preferred, fallback : demotion targets of a node (A34), as 0/1 rows.
    everywhere : a row of ones: no nodemask.
    mask, cpuset : allowed nodes by task: policy (C17) and cpuset (C25).
    resident : pages by task and node.
    victims : candidates for reclaim by node in the order of M7.
    knobs : scalars by the indexes above. stats : counters in the order of :data:`VMSTAT`.
    moves : pages migrated in this tick by cause, source node, target node.
    """

    pages: Pages
    zones: Records
    reserve: NDArray[np.int64]
    used: NDArray[np.int64]
    blocks: Records
    nodes: Records
    zonelist: NDArray[np.int64]
    preferred: NDArray[np.uint8]
    fallback: NDArray[np.uint8]
    everywhere: NDArray[np.uint8]
    tasks: Records
    mask: NDArray[np.uint8]
    cpuset: NDArray[np.uint8]
    resident: NDArray[np.int64]
    tables: Records
    victims: NDArray[np.int64]
    knobs: NDArray[np.int64]
    stats: NDArray[np.int64]
    moves: NDArray[np.int64]


def new_pages(count: int) -> Pages:
    """Return ``count`` pages, none in memory."""
    return Pages(
        zone=np.full(count, ABSENT, np.uint16),
        block=np.full(count, -1, np.int32),
        flags=np.zeros(count, np.uint8),
        kind=np.zeros(count, np.uint8),
        owner=np.zeros(count, np.uint16),
        heat=np.zeros(count, np.uint16),
        last=np.zeros(count, np.int32),
        sequence=np.zeros(count, np.int64),
        marked=np.full(count, -1, np.int32),
    )


def new_tables(parents: NDArray[np.int64], owners: NDArray[np.int64]) -> Records:
    """Return page tables that are not allocated yet, with the given tree."""
    tables = np.recarray(len(parents), TABLE_PAGE)
    tables.zone = ABSENT
    tables.block = -1
    tables.parent = parents
    tables.owner = owners
    return tables


def new_memory(
    nodes: int, tasks: int, pages: Pages, tables: Records, blocks: Records, knobs: NDArray[np.int64]
) -> Memory:
    """Return a machine's memory with unpopulated zones and tasks of default policy on node 0."""
    zones = np.recarray(nodes * ZONES_PER_NODE, ZONE)
    zones[:] = 0
    zones.cursor = -1
    records = np.recarray(nodes, NODE)
    records[:] = 0
    task_records = np.recarray(tasks, TASK)
    task_records[:] = 0
    task_records.mask_from = NORMAL
    task_records.cursor = -1
    room = int(np.clip(len(pages.zone) // 8, 1024, 1 << 16))
    return Memory(
        pages=pages,
        zones=zones,
        reserve=np.zeros((len(zones), ZONES_PER_NODE), np.int64),
        used=np.zeros((len(zones), 4), np.int64),
        blocks=blocks,
        nodes=records,
        zonelist=np.full((nodes, nodes * ZONES_PER_NODE), -1, np.int64),
        preferred=np.zeros((nodes, nodes), np.uint8),
        fallback=np.zeros((nodes, nodes), np.uint8),
        everywhere=np.ones(nodes, np.uint8),
        tasks=task_records,
        mask=np.ones((tasks, nodes), np.uint8),
        cpuset=np.ones((tasks, nodes), np.uint8),
        resident=np.zeros((tasks, nodes), np.int64),
        tables=tables,
        victims=np.zeros((nodes, room), np.int64),
        knobs=knobs,
        stats=np.zeros(len(VMSTAT), np.int64),
        moves=np.zeros((CAUSES, nodes, nodes), np.int64),
    )
