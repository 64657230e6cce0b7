"""NUMA nodes of a QEMU command line: CPUs and memory of each (``hw/core/numa.c``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxldesigner.document.model import MIB
from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.exchange.qemuoptions import Options, Values

DEFAULT_MEMORY = 128 * MIB
MAX_NODES = 128
MAX_CPUS = 4096


@dataclass(slots=True)
class Node:
    """One ``-numa node``."""

    id: int
    memory: int = 0
    cpus: list[int] = field(default_factory=list)
    initiator: int | None = None


def ram_of(options: Options, values: Values) -> int:
    """Return the boot memory."""
    text = options.memory.get("size", "")
    return values.size(text, "-m", unit="m") if text else DEFAULT_MEMORY


def read_nodes(
    options: Options, values: Values, backends: Mapping[str, int], ram: int
) -> dict[int, Node]:
    """Return the NUMA nodes by id, with memory and CPUs given out as QEMU does."""
    nodes: dict[int, Node] = {}
    for item in options.numa:
        if item.get("type") != "node":
            continue
        number = values.number(item.get("nodeid", str(len(nodes))), "-numa node", MAX_NODES)
        node = nodes[number] = Node(number)
        if item.get("memdev"):
            if item.get("memdev") not in backends:
                reason = f"there is no memory backend {item.get('memdev')[:40]!r}"
                raise ImportRefused(values.file, f"-numa node,nodeid={number}", reason)
            node.memory = backends[item.get("memdev")]
        elif item.get("mem"):
            node.memory = values.size(item.get("mem"), "-numa node,mem", unit="m")
        if item.get("initiator"):
            node.initiator = values.number(item.get("initiator"), "-numa node", MAX_NODES)
        for text in item.all("cpus"):
            first, _, last = text.partition("-")
            low = values.number(first, "-numa node,cpus", MAX_CPUS)
            high = values.number(last or first, "-numa node,cpus", MAX_CPUS)
            node.cpus += range(low, high + 1)
    slots = values.number(options.memory.get("slots", "0"), "-m slots", 1024)
    if not nodes and slots and options.memory.get("maxmem"):
        nodes[0] = Node(0)  # QEMU makes a node for memory hot-plug
    if nodes and not any(n.memory for n in nodes.values()):
        nodes[min(nodes)].memory = ram
    _give_cpus(options, values, nodes)
    return dict(sorted(nodes.items()))


_LEVELS = ("sockets", "dies", "clusters", "modules", "cores", "threads")


def _give_cpus(options: Options, values: Values, nodes: dict[int, Node]) -> None:
    """Give every CPU a node: as told, else by socket when none is told, else the first node."""
    shape, count = topology(options, values)
    if not nodes:
        return
    told = {cpu for node in nodes.values() for cpu in node.cpus}
    for item in options.numa:
        if item.get("type") != "cpu":
            continue
        number = values.number(item.get("node-id"), "-numa cpu", MAX_NODES)
        wanted = {
            level: values.number(item.get(f"{level[:-1]}-id"), "-numa cpu", MAX_CPUS)
            for level in _LEVELS
            if item.get(f"{level[:-1]}-id")
        }
        for cpu in range(count):
            place = _place(cpu, shape)
            if all(place[level] == at for level, at in wanted.items()) and cpu not in told:
                told.add(cpu)
                nodes.setdefault(number, Node(number)).cpus.append(cpu)
    ids = sorted(nodes)
    for cpu in range(count):
        if cpu not in told:
            at = _place(cpu, shape)["sockets"] % len(ids) if not told else 0
            nodes[ids[at]].cpus.append(cpu)
    for node in nodes.values():
        node.cpus = sorted({c for c in node.cpus if c < count})


def topology(options: Options, values: Values) -> tuple[dict[str, int], int]:
    """Return the CPU topology of ``-smp`` by level, and the number of CPUs.

    What is not given is 1, except that sockets make up the rest (QEMU prefers cores over sockets
    since 6.2, so with neither told the rest are cores).
    """
    smp = options.smp
    shape = {
        level: max(values.number(smp[level], f"-smp {level}", MAX_CPUS), 1)
        for level in _LEVELS
        if level in smp
    }
    known = 1
    for amount in shape.values():
        known *= amount
    count = values.number(smp["cpus"], "-smp", MAX_CPUS) if smp.get("cpus") else known
    count = max(min(count, MAX_CPUS), 1)
    rest = max(values.number(smp.get("maxcpus", "0"), "-smp maxcpus", MAX_CPUS), count)
    missing = next((level for level in ("cores", "sockets", "threads") if level not in shape), None)
    if missing is not None:
        shape[missing] = max(rest // known, 1)
    return {level: shape.get(level, 1) for level in _LEVELS}, count


def _place(cpu: int, shape: Mapping[str, int]) -> dict[str, int]:
    """Return where a CPU sits, by level."""
    place = {}
    for level in reversed(_LEVELS):
        cpu, place[level] = divmod(cpu, shape[level])
    return place


def apic_id(cpu: int, shape: Mapping[str, int]) -> int:
    """Return a CPU's APIC id: each level has bits of its own."""
    place = _place(cpu, shape)
    number, shift = 0, 0
    for level in reversed(_LEVELS):
        number |= place[level] << shift
        shift += (shape[level] - 1).bit_length()
    return number
