"""Sockets, memory, NUMA nodes, distances and HMAT figures of a document as QEMU options.

Rules of QEMU's ``hw/core/numa.c`` (``parse_numa_hmat_lb``, ``validate_numa_distance``) decide what
can be said: node ids without gaps below 128, whole MiB/s, figures of one kind within 16 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import gcd

from cxldesigner.document.model import (
    GIB,
    MIB,
    Document,
    HostBridge,
    MemoryDomain,
    Socket,
)
from cxldesigner.document.units import format_size
from cxldesigner.exchange.hostpart import read_hmat
from cxldesigner.exchange.qemuexportline import CannotExport, Line, size_text
from cxldesigner.exchange.qemuhmat import DATA_TYPES
from cxldesigner.exchange.qemunodes import MAX_NODES
from cxldesigner.firmware import hmat, srat
from cxldesigner.firmware.build import PICOSECONDS, figures
from cxldesigner.firmware.domains import Domains, number_domains
from cxldesigner.firmware.model import Firmware
from cxldesigner.firmware.slit import decode_slit
from cxldesigner.firmware.tree import parents_of

MAX_CPUS = 255
"""More need x2APIC with interrupt remapping, which a plain q35 does not have."""
LOCAL, REMOTE = 10, 20
MAX_ENTRY = 0xFFFF
"""QEMU refuses entries from here on."""
_TYPE_NAMES = {kind: name for name, kind in DATA_TYPES.items()}
_ASSOCIATIVITY = ("none", "direct", "complex")
_POLICY = ("none", "write-back", "write-through")


@dataclass(slots=True)
class NodePlan:
    """One ``-numa node``."""

    memory: int = 0
    cpus: list[int] = field(default_factory=list)
    initiator: int | None = None


@dataclass(slots=True)
class MachinePlan:
    """NUMA nodes by id (without gaps), and the node of each proximity domain of the document."""

    nodes: list[NodePlan]
    ids: Mapping[int, int]

    @property
    def memory(self) -> int:
        """Boot memory, bytes."""
        return sum(n.memory for n in self.nodes)

    @property
    def cpus(self) -> int:
        """Number of CPUs."""
        return sum(len(n.cpus) for n in self.nodes)

    def node(self, pxm: int | None) -> int | None:
        """Return the node of a proximity domain, None when there is none."""
        return None if pxm is None else self.ids.get(pxm)


def plan_machine(document: Document, firmware: Firmware, line: Line) -> MachinePlan:
    """Return the nodes of a document.

    Raises
    ------
    CannotExport
        There is nothing to boot from, or there are more domains than QEMU has nodes.
    """
    domains = number_domains(document)
    owners = _cpu_owners(document, firmware, domains, line)
    parts = document.parts.values()
    bridges = [p for p in parts if isinstance(p, HostBridge)]
    used = {
        *owners,
        *domains.memory.values(),
        *domains.ports.values(),
        *(b.pxm for b in bridges if b.pxm is not None),
    }
    ids = _node_ids(used, line)
    nodes = [NodePlan() for _ in range(max(ids.values(), default=-1) + 1)]
    for cpu, owner in enumerate(owners):
        nodes[ids[owner]].cpus.append(cpu)
    above = parents_of(document)
    for part in parts:
        if isinstance(part, Socket | MemoryDomain):
            node = nodes[ids[domains.memory[part.id]]]
            node.memory += _memory(part, line)
            socket = domains.memory.get(above.get(part.id, ""))
            if isinstance(part, MemoryDomain) and socket is not None and not node.cpus:
                node.initiator = ids[socket]
    plan = MachinePlan(nodes, ids)
    if not plan.memory:
        raise CannotExport("no socket has memory to boot from: give one some DRAM")
    return plan


def _cpu_owners(document: Document, firmware: Firmware, domains: Domains, line: Line) -> list[int]:
    """Return the domain of each CPU in order."""
    sockets = [p for p in document.parts.values() if isinstance(p, Socket)]
    if "SRAT" in firmware.tables:
        table = srat.decode_srat(firmware.tables["SRAT"])
        owners = [table.domain(c) for c in table.cpus]
    else:
        owners = [domains.memory[s.id] for s in sockets for _ in range(s.cpus)]
    if not owners:
        raise CannotExport("no socket has a CPU: give one at least one")
    if len(owners) > MAX_CPUS:
        text = "QEMU starts {} CPUs at most without interrupt remapping; {} are drawn."
        line.note(text, str(MAX_CPUS), str(len(owners)))
        share = max(MAX_CPUS // len(set(owners)), 1)
        kept: list[int] = []
        for owner in owners:
            if kept.count(owner) < share:
                kept.append(owner)
        owners = kept[:MAX_CPUS]
    return owners


def _memory(part: Socket | MemoryDomain, line: Line) -> int:
    size = part.dram_bytes if isinstance(part, Socket) else part.size_bytes
    whole = size // MIB * MIB
    if whole != size:
        line.note(
            "The memory of {} is rounded down to {}.",
            part.id,
            format_size(whole),
            items=(part.id,),
        )
    return whole


def _node_ids(used: set[int], line: Line) -> dict[int, int]:
    """Return node ids: the domains themselves, or in their order when those are too high."""
    if len(used) > MAX_NODES:
        reason = f"the machine has {len(used)} proximity domains, QEMU at most {MAX_NODES}"
        raise CannotExport(reason)
    if max(used) < MAX_NODES:
        return {pxm: pxm for pxm in used}
    line.note("Proximity domains are renumbered in their order: QEMU has numbers below 128 only.")
    return {pxm: n for n, pxm in enumerate(sorted(used))}


def write_machine(plan: MachinePlan, document: Document, firmware: Firmware, line: Line) -> None:
    """Add memory, CPUs, nodes, distances and figures."""
    numa = "SRAT" in firmware.tables
    line.add("m", size_text(plan.memory), *_room(plan, document, numa, line))
    sockets = _socket_count(plan)
    line.add("smp", f"{plan.cpus},sockets={sockets},cores={plan.cpus // sockets},threads=1")
    if not numa:
        return
    with_hmat = "HMAT" in firmware.tables
    for number, node in enumerate(plan.nodes):
        words = [f"node,nodeid={number}", *(f"cpus={r}" for r in _runs(node.cpus))]
        if node.memory:
            size = size_text(node.memory)
            line.add("object", f"memory-backend-ram,id=ram{number},size={size},reserve=off")
            words.append(f"memdev=ram{number}")
        if with_hmat and node.initiator is not None and plan.nodes[node.initiator].cpus:
            words.append(f"initiator={node.initiator}")
        line.add("numa", *words)
    if "SLIT" in firmware.tables:
        _write_distances(plan, decode_slit(firmware.tables["SLIT"]).matrix, line)
    if with_hmat:
        _write_figures(plan, hmat.decode_hmat(firmware.tables["HMAT"]), line)


def _room(plan: MachinePlan, document: Document, numa: bool, line: Line) -> Iterator[str]:
    """Yield ``maxmem`` and ``slots``: QEMU's hot-plug range has 1 GiB more for every slot."""
    room = document.host.hotplug_bytes
    if not room:
        return
    if not numa or room <= GIB or room % MIB:
        text = "A hot-plug range of {} is left out: QEMU makes them with an SRAT, above 1 GiB."
        line.note(text, format_size(room), items=("host",))
        return
    yield f"maxmem={size_text(plan.memory + room - GIB)}"
    yield "slots=1"


def _socket_count(plan: MachinePlan) -> int:
    """Return how many processor packages make no node share one."""
    owners = {cpu: n for n, node in enumerate(plan.nodes) for cpu in node.cpus}
    runs = [len(list(group)) for _, group in groupby(owners[c] for c in range(plan.cpus))]
    return len(runs) if len(set(runs)) == 1 else plan.cpus


def _runs(cpus: list[int]) -> Iterator[str]:
    """Yield ascending numbers as ranges."""
    for _, group in groupby(enumerate(cpus), key=lambda pair: pair[1] - pair[0]):
        run = [cpu for _, cpu in group]
        yield f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}"


def _write_distances(plan: MachinePlan, told: tuple[tuple[int, ...], ...], line: Line) -> None:
    """Add every distance: QEMU wants all pairs, both ways when any pair differs."""
    count = len(plan.nodes)
    matrix = [[REMOTE] * count for _ in range(count)]
    known = [(pxm, node) for pxm, node in plan.ids.items() if pxm < len(told)]
    for a, row in known:
        for b, column in known:
            matrix[row][column] = max(told[a][b], LOCAL)
    if any(told[pxm][pxm] != LOCAL for pxm, _ in known):
        line.note("QEMU gives every node the distance 10 to itself.", items=("host",))
    for n in range(count):
        matrix[n][n] = LOCAL
    even = all(matrix[a][b] == matrix[b][a] for a in range(count) for b in range(a))
    for a in range(count):
        for b in range(count):
            if (a == b and count == 1) or a < b or (a > b and not even):
                line.add("numa", f"dist,src={a},dst={b},val={matrix[a][b]}")


def _write_figures(plan: MachinePlan, table: hmat.Hmat, line: Line) -> None:
    """Add HMAT latencies, bandwidths and memory-side caches."""
    told = read_hmat(table)
    pairs = {}
    for (first, second), perf in told.items():
        a, b = plan.node(first), plan.node(second)
        if a is None or b is None or not plan.nodes[a].cpus:
            text = "HMAT figures from domain {} to {} are left out: QEMU takes them from CPUs only."
            line.note(text, str(first), str(second))
        else:
            pairs[a, b] = perf
    complete: dict[int, set[str]] = {}
    for kind, row in figures(tuple(pairs.values()), join=True):
        word = "latency" if kind <= hmat.DataType.WRITE_LATENCY else "bandwidth"
        numbers = [v // PICOSECONDS if word == "latency" else v for v in row]
        for (a, b), value in zip(pairs, _fitting(numbers, word, line), strict=True):
            if value:
                complete.setdefault(b, set()).add(word)
                amount = f"latency={value}" if word == "latency" else f"bandwidth={value}M"
                line.add(
                    "numa",
                    f"hmat-lb,initiator={a},target={b},hierarchy=memory",
                    f"data-type={_TYPE_NAMES[kind]},{amount}",
                )
    for cache in (s for s in table.structures if isinstance(s, hmat.SideCache)):
        _write_cache(plan, cache, complete, line)


def _fitting(values: list[int], word: str, line: Line) -> list[int]:
    """Return figures that fit 16 bits of one unit: a power of 10 (ns) or of 2 (MiB/s)."""
    base = 10 if word == "latency" else 2
    unit, common, top = 1, gcd(*values), max(values, default=0)
    while common and common % (unit * base) == 0:
        unit *= base
    while top // unit >= MAX_ENTRY:
        unit *= base
    rounded = [max(v // unit, 1) * unit if v else 0 for v in values]
    if rounded != values:
        text = "HMAT figures are rounded to multiples of {}: QEMU keeps 16 bits of a {}."
        line.note(text, str(unit), word, items=("host",))
    return rounded


def _write_cache(
    plan: MachinePlan, cache: hmat.SideCache, complete: Mapping[int, set[str]], line: Line
) -> None:
    node = plan.node(cache.memory_pxm)
    level = cache.attributes >> 4 & 0xF
    associativity, policy = cache.attributes >> 8 & 0xF, cache.attributes >> 12 & 0xF
    known = associativity < len(_ASSOCIATIVITY) and policy < len(_POLICY)
    if node is None or len(complete.get(node, ())) < 2 or not known or not 1 <= level <= 3:
        text = (
            "The memory-side cache of domain {} is left out: QEMU wants the latency and bandwidth"
            " of its memory first."
        )
        line.note(text, str(cache.memory_pxm))
        return
    line.add(
        "numa",
        f"hmat-cache,node-id={node},size={size_text(cache.size)},level={level}",
        f"associativity={_ASSOCIATIVITY[associativity]},policy={_POLICY[policy]}",
        f"line={cache.attributes >> 16}",
    )
