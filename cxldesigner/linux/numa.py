"""Which NUMA nodes the kernel makes at boot, and why (A8-A17, A20, A21).

The order of the kernel is replayed: CPUs and generic initiators, memory, SLIT, then every CFMWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from cxldesigner.linux.acpi import AcpiView, CpuEntry, WindowEntry
from cxldesigner.linux.cmdline import CommandLine
from cxldesigner.linux.model import Reason

LOCAL_DISTANCE = 10
REMOTE_DISTANCE = 20
MAX_NODES = 64
"""Nodes a distribution kernel can have (A14, ``NODES_SHIFT`` 6)."""

UNCOVERED_SLACK = 1 << 20
"""RAM that may lie outside every SRAT range before the kernel gives up on NUMA (1 MiB)."""


@dataclass(frozen=True, slots=True)
class MemoryBlock:
    """A piece of the kernel's ``numa_meminfo``: bytes ``[start, end)`` of node ``node``.

    ``window`` is the index of the CFMWS it was made for, None for an SRAT range.
    """

    start: int
    end: int
    node: int
    hotplug: bool = False
    window: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NumaMap:
    """Nodes of a boot.

    ``pxm`` maps node id to proximity domain; ``made_up`` are nodes with an invented one (A12);
    ``ram`` are the ranges of boot memory with their node; ``distance`` has only what a SLIT set
    (None: default everywhere); ``failed`` says why ACPI NUMA was given up (A15), "" otherwise.
    ``window_node`` gives the node of each CFMWS (None when it got none).
    """

    pxm: Mapping[int, int]
    made_up: frozenset[int]
    blocks: tuple[MemoryBlock, ...]
    ram: tuple[tuple[int, int, int], ...]
    cpus: Mapping[int, tuple[int, ...]]
    initiators: frozenset[int]
    distances: Mapping[tuple[int, int], int]
    slit_rejected: bool
    failed: str
    window_node: tuple[int | None, ...]
    reasons: Mapping[int, tuple[Reason, ...]]
    enabled: bool = True

    @property
    def possible(self) -> tuple[int, ...]:
        """Ids of all possible nodes, ascending."""
        return tuple(sorted(self.pxm))

    @property
    def online_at_boot(self) -> frozenset[int]:
        """Nodes with boot memory, CPUs or a generic initiator (A17)."""
        return frozenset(n for _, _, n in self.ram) | frozenset(self.cpus) | self.initiators

    def node_of_pxm(self, pxm: int) -> int | None:
        """Return the node of a proximity domain, None if it has none."""
        return next((n for n, p in self.pxm.items() if p == pxm), None)

    def distance(self, a: int, b: int) -> int:
        """Return the distance in force between two nodes (A20, A21)."""
        default = LOCAL_DISTANCE if a == b else REMOTE_DISTANCE
        return self.distances.get((a, b), default)

    def node_at(self, address: int) -> int | None:
        """Return the node of a hot-added address, as ``phys_to_target_node`` (A16)."""
        for start, end, node in self.ram:
            if start <= address < end:
                return node
        for block in self.blocks:
            if block.start <= address < block.end:
                return block.node
        return None


class _Numbering:
    """Ids handed out by first use of a proximity domain (A8)."""

    def __init__(self) -> None:
        self.node: dict[int, int] = {}
        self.reasons: dict[int, tuple[Reason, ...]] = {}

    def use(self, pxm: int, reason: Reason) -> int | None:
        if pxm in self.node:
            return self.node[pxm]
        if len(self.node) >= MAX_NODES:
            return None
        node = len(self.node)
        self.node[pxm] = node
        self.reasons[node] = (reason,)
        return node


def number_nodes(
    acpi: AcpiView,
    ram: tuple[tuple[int, int], ...],
    cpus: tuple[int, ...],
    cmdline: CommandLine,
    windows: tuple[str, ...] = (),
) -> NumaMap:
    """Return the nodes of a boot.

    Parameters
    ----------
    acpi : the tables.
    ram : byte ranges of System RAM, ascending.
    cpus : APIC id of each logical CPU.
    cmdline : kernel command line.
    windows : document id of each CFMWS, for the reasons.
    """
    if cmdline.numa_off:
        return _single_node(ram, cpus, len(acpi.windows), "numa=off", enabled=False)
    if not acpi.has_srat:
        return _single_node(ram, cpus, len(acpi.windows), "no SRAT")
    numbering = _Numbering()
    initiators: set[int] = set()
    cpu_pxm: dict[int, int] = {}
    for entry in acpi.first_pass:
        place = f"SRAT+{entry.offset:#x}"
        if isinstance(entry, CpuEntry):
            why = Reason("first CPU of proximity domain {}", (str(entry.pxm),), "A9", (), place)
            cpu_pxm[entry.apic_id] = entry.pxm
            numbering.use(entry.pxm, why)
        else:
            why = Reason(
                "generic initiator of proximity domain {}", (str(entry.pxm),), "A9", (), place
            )
            node = numbering.use(entry.pxm, why)
            if node is not None:
                initiators.add(node)
    blocks: list[MemoryBlock] = []
    for memory in acpi.memory:
        why = Reason(
            "memory of proximity domain {} at {:#x}".format("{}", memory.start),
            (str(memory.pxm),),
            "A9",
            (),
            f"SRAT+{memory.offset:#x}",
        )
        node = numbering.use(memory.pxm, why)
        if node is not None and memory.end > memory.start:
            blocks.append(
                MemoryBlock(memory.start, memory.end, node, memory.hotplug, offset=memory.offset)
            )
    if not blocks:
        return _single_node(ram, cpus, len(acpi.windows), "no memory entry in the SRAT")
    known = dict(numbering.node)
    distances, rejected = _slit(acpi, known)
    window_node = _add_windows(acpi, numbering, blocks, windows)
    problem = _check(blocks, ram)
    if problem:
        return _single_node(ram, cpus, len(acpi.windows), problem)
    made_up = frozenset(numbering.node.values()) - frozenset(known.values())
    split = _split_ram(blocks, ram)
    by_node: dict[int, list[int]] = {}
    first = split[0][2] if split else 0
    for cpu, apic in enumerate(cpus):
        pxm = cpu_pxm.get(apic)
        node = known.get(pxm) if pxm is not None else None
        by_node.setdefault(first if node is None else node, []).append(cpu)
    return NumaMap(
        pxm={n: p for p, n in numbering.node.items()},
        made_up=made_up,
        blocks=tuple(blocks),
        ram=split,
        cpus={n: tuple(c) for n, c in sorted(by_node.items())},
        initiators=frozenset(initiators),
        distances=distances,
        slit_rejected=rejected,
        failed="",
        window_node=window_node,
        reasons=numbering.reasons,
    )


def _single_node(
    ram: tuple[tuple[int, int], ...],
    cpus: tuple[int, ...],
    windows: int,
    why: str,
    *,
    enabled: bool = True,
) -> NumaMap:
    """Return the one made-up node of a machine without usable NUMA tables (A15)."""
    reason = Reason("one node for all memory: {}", (why,), "A15")
    return NumaMap(
        pxm={0: 0},
        made_up=frozenset(),
        blocks=(),
        ram=tuple((start, end, 0) for start, end in ram),
        cpus={0: tuple(range(len(cpus)))} if cpus else {},
        initiators=frozenset(),
        distances={},
        slit_rejected=False,
        failed=why,
        window_node=(None,) * windows,
        reasons={0: (reason,)},
        enabled=enabled,
    )


def slit_is_valid(rows: tuple[tuple[int, ...], ...]) -> bool:
    """Return whether the kernel takes a SLIT: 10 on the diagonal, more elsewhere (A20)."""
    return all(
        value == LOCAL_DISTANCE if i == j else value > LOCAL_DISTANCE
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
    )


def _slit(acpi: AcpiView, known: Mapping[int, int]) -> tuple[dict[tuple[int, int], int], bool]:
    if acpi.slit is None:
        return {}, False
    if not slit_is_valid(acpi.slit):
        return {}, True
    size = len(acpi.slit)
    return {
        (known[i], known[j]): acpi.slit[i][j]
        for i in range(size)
        for j in range(size)
        if i in known and j in known
    }, False


def _add_windows(
    acpi: AcpiView, numbering: _Numbering, blocks: list[MemoryBlock], ids: tuple[str, ...]
) -> tuple[int | None, ...]:
    """Give every CFMWS its node: by stretching what the SRAT covers (A11) or a new one (A12)."""
    fake = max(numbering.node, default=-1) + 1
    nodes: list[int | None] = []
    for index, window in enumerate(acpi.windows):
        item = (ids[index],) if index < len(ids) and ids[index] else ()
        place = f"CEDT+{window.offset:#x}"
        here = [i for i, b in enumerate(blocks) if b.start < window.end and window.base < b.end]
        if here:
            _stretch(blocks, here, window)
            node: int | None = next(
                (b.node for b in blocks if b.start <= window.base < b.end), None
            )
            if node is not None and item:
                why = Reason("window {} lies in memory of an SRAT domain", item, "A11", item, place)
                numbering.reasons[node] = (*numbering.reasons[node], why)
            nodes.append(node)
            continue
        why = Reason(
            "window {} is not covered by the SRAT", item or (str(index),), "A12", item, place
        )
        node = numbering.use(fake, why)
        if node is not None:
            blocks.append(
                MemoryBlock(window.base, window.end, node, window=index, offset=window.offset)
            )
            fake += 1
        nodes.append(node)
    return tuple(nodes)


def _stretch(blocks: list[MemoryBlock], here: list[int], window: WindowEntry) -> None:
    """Stretch overlapping blocks until they cover the window (``numa_fill_memblks``, A11)."""
    order = sorted(here, key=lambda i: blocks[i].start)
    first, last = order[0], order[-1]
    blocks[first] = replace(blocks[first], start=min(blocks[first].start, window.base))
    blocks[last] = replace(blocks[last], end=max(blocks[last].end, window.end))
    reached = blocks[first].end
    for index in order[1:]:
        if reached < blocks[index].start:
            blocks[index] = replace(blocks[index], start=reached)
        reached = max(reached, blocks[index].end)


def _split_ram(
    blocks: list[MemoryBlock], ram: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int, int], ...]:
    """Return the RAM ranges cut by node; RAM outside every block goes to its neighbour below."""
    pieces: list[tuple[int, int, int]] = []
    ordered = sorted(blocks, key=lambda b: b.start)
    for start, end in ram:
        at = start
        for block in ordered:
            low, high = max(at, block.start), min(end, block.end)
            if low >= high:
                continue
            if low > at:
                pieces.append((at, low, pieces[-1][2] if pieces else block.node))
            pieces.append((low, high, block.node))
            at = high
        if at < end:
            pieces.append((at, end, pieces[-1][2] if pieces else 0))
    merged: list[tuple[int, int, int]] = []
    for start, end, node in pieces:
        if merged and merged[-1][1] == start and merged[-1][2] == node:
            merged[-1] = (merged[-1][0], end, node)
        else:
            merged.append((start, end, node))
    return tuple(merged)


def _check(blocks: list[MemoryBlock], ram: tuple[tuple[int, int], ...]) -> str:
    """Return why the kernel would give up on these blocks, "" if it would not."""
    ordered = sorted(blocks, key=lambda b: (b.start, b.end))
    for one, two in pairwise(ordered):
        in_ram = any(s < two.end and two.start < e for s, e in ram)
        if two.start < one.end and one.node != two.node and in_ram:
            return f"SRAT ranges of nodes {one.node} and {two.node} overlap at {two.start:#x}"
    covered = sum(max(0, min(e, b.end) - max(s, b.start)) for s, e in ram for b in blocks)
    total = sum(e - s for s, e in ram)
    if total - covered >= UNCOVERED_SLACK:
        return f"the SRAT covers only {covered >> 20} of {total >> 20} MiB of RAM"
    return ""
