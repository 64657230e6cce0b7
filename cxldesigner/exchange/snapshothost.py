"""The host of a snapshot: kernel, command line, knobs, and nodes where there is no SRAT."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cxldesigner.document.model import Distance, Document, MemoryDomain, Socket
from cxldesigner.exchange.hostpart import MAX_CPUS_OF_SOCKET, HostPart
from cxldesigner.exchange.notes import Note
from cxldesigner.exchange.snapshotfiles import Files
from cxldesigner.exchange.snapshotmemory import MEMORY, dax_devices
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.boot import boot
from cxldesigner.linux.cmdline import parse_cmdline

NODES = "/sys/devices/system/node/"
AUTO_ONLINE = MEMORY + "auto_online_blocks"
PARAMETERS = "/sys/module/memory_hotplug/parameters/"
EARLY = frozenset(
    PARAMETERS + name for name in ("online_policy", "auto_movable_ratio", "auto_movable_numa_aware")
)
"""Knobs that decide the zone of memory added later: set before the regions are made."""
AT_BOOT = PARAMETERS + "memmap_on_memory"
"""Cannot be written while the kernel runs."""
MEMORY_STEP = 16 << 20
MAX_NODES = 128
"""Nodes drawn from sysfs alone; machines of more have an SRAT to give."""
_WORDS = ("BOOT_IMAGE=", "root=", "initrd=", "resume=")
_VALUE = re.compile(r"[A-Za-z0-9_-]{1,24}")
_RELEASE = re.compile(r"Linux version ([0-9]{1,3}\.[0-9]{1,3})\b")
_NODE = re.compile(r"node([0-9]{1,3})")
_ZONE = re.compile(r"Node +([0-9]{1,3}), zone +\w+")
_PRESENT = re.compile(r" +present +([0-9]{1,13})")
_RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSeen:
    """A node with CPUs or boot memory; ``distances`` to the nodes in ``order``."""

    id: int
    cpus: int = 0
    size_bytes: int = 0
    distances: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What a running machine tells of its host.

    ``settings`` values by path under ``/sys`` and ``/proc/sys``; ``block_bytes`` size of a memory
    block, 0 when not known; ``guest``: the processors show the hypervisor flag.
    """

    kernel: str = ""
    cmdline: str = ""
    guest: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    block_bytes: int = 0
    nodes: tuple[NodeSeen, ...] = ()

    @property
    def policy(self) -> str:
        """What the kernel did with added memory until somebody told it otherwise."""
        return parse_cmdline(self.cmdline).online_default or "online"


def read_host(files: Files) -> HostFacts:
    """Return the host a snapshot shows."""
    release = _RELEASE.match(files.text("/proc/version"))
    words = [w for w in files.text("/proc/cmdline").split() if not w.startswith(_WORDS)]
    known = ("/proc/sys/", "/sys/kernel/mm/", PARAMETERS, AUTO_ONLINE)
    settings = {
        path: text
        for path in files.texts
        if path.startswith(known) and _VALUE.fullmatch(text := files.text(path))
    }
    return HostFacts(
        kernel=release[1] if release else "",
        cmdline=" ".join(words),
        guest=" hypervisor" in files.texts.get("/proc/cpuinfo", ""),
        settings=settings,
        block_bytes=files.hexadecimal(MEMORY + "block_size_bytes") or 0,
        nodes=_nodes(files),
    )


def _nodes(files: Files) -> tuple[NodeSeen, ...]:
    """Return nodes with CPUs or boot memory; what dax devices added is none."""
    added = {d.node for d in dax_devices(files)}
    present = _present(files.texts.get("/proc/zoneinfo", ""))
    numbers = sorted(int(m[1]) for n in files.children(NODES) if (m := _NODE.fullmatch(n)))
    online = [n for n in numbers if f"{NODES}node{n}/distance" in files.texts] or numbers
    out = []
    for number in numbers:
        cpus = _count(files.text(f"{NODES}node{number}/cpulist"))
        size = present.get(number, 0) << 12
        if not cpus and (not size or number in added):
            continue
        row = files.text(f"{NODES}node{number}/distance").split()
        values = [int(v) for v in row if v.isascii() and v.isdigit() and len(v) < 4]
        out.append(
            NodeSeen(
                id=number,
                cpus=cpus,
                size_bytes=-(-size // MEMORY_STEP) * MEMORY_STEP,
                distances=dict(zip(online, values, strict=False)),
            )
        )
    return tuple(out[:MAX_NODES])


def _present(zoneinfo: str) -> dict[int, int]:
    """Return pages of each node."""
    out: dict[int, int] = {}
    node = -1
    for line in zoneinfo.splitlines():
        head = _ZONE.match(line)
        if head is not None:
            node = int(head[1])
            continue
        found = _PRESENT.fullmatch(line)
        if found is not None and node >= 0:
            out[node] = min(out.get(node, 0) + int(found[1]), 1 << 44)
    return out


def _count(ranges: str) -> int:
    """Return how many numbers ``0-3,8`` stands for."""
    found = (_RANGE.fullmatch(piece) for piece in ranges.split(","))
    sizes = (int(m[2] or m[1]) - int(m[1]) + 1 for m in found if m is not None)
    return min(sum(s for s in sizes if s > 0), MAX_CPUS_OF_SOCKET)


def host_of_nodes(nodes: tuple[NodeSeen, ...]) -> HostPart | None:
    """Return a host with the nodes a machine shows; None when it shows none with CPUs."""
    host = HostPart(nodes=tuple(range(max((n.id for n in nodes), default=-1) + 1)))
    for node in nodes:
        if node.cpus:
            part_id = f"s{len(host.sockets)}"
            host.sockets[node.id] = Socket(
                id=part_id, cpus=node.cpus, dram_bytes=node.size_bytes, pxm=node.id
            )
        else:
            part_id = f"hbm{len(host.memory)}"
            host.memory[node.id] = MemoryDomain(id=part_id, size_bytes=node.size_bytes, pxm=node.id)
    text = "No SRAT was given: sockets and memory are those of the running machine's nodes."
    host.notes.append(Note(text))
    return host if host.sockets else None


def distances_of(nodes: tuple[NodeSeen, ...], host: HostPart) -> tuple[Distance, ...]:
    """Return the distances a running machine shows between drawn nodes, default ones left out."""
    out = []
    for node in nodes:
        for other, value in node.distances.items():
            first, second = host.part_of(node.id), host.part_of(other)
            if first and second and value <= 255 and value != (10 if first == second else 20):
                out.append(Distance(a=first, b=second, value=value))
    return tuple(out)


def with_host(document: Document, facts: HostFacts) -> tuple[Document, tuple[Note, ...]]:
    """Return the document with the kernel, its command line, and the knobs that were turned.

    A knob that stands elsewhere than after boot becomes a host action.
    """
    notes: list[Note] = []
    regions = any(line.startswith("cxl create-region") for line in document.actions)
    if facts.guest and regions:
        text = (
            "The machine is a guest, yet it has regions: its kernel was built to allow that. It "
            "was drawn as a machine of its own."
        )
        notes.append(Note(text))
    host = replace(
        document.host,
        kernel=facts.kernel or document.host.kernel,
        cmdline=facts.cmdline,
        virtual_machine=facts.guest and not regions,
    )
    document = replace(document, host=host)
    state = boot(compile_document(document))
    if facts.block_bytes and facts.block_bytes != state.block_bytes:
        text = "Memory blocks have {} MiB on the machine; {} MiB are derived from what is drawn."
        sizes = (str(facts.block_bytes >> 20), str(state.block_bytes >> 20))
        notes.append(Note(text, sizes))
    before, after = _turned(facts.settings, state.settings, document.actions)
    return replace(document, actions=(*before, *document.actions, *after)), tuple(notes)


def _turned(
    seen: Mapping[str, str], boot_values: Mapping[str, str], actions: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """Return the lines that turn knobs before and after the other actions."""
    values = dict(boot_values)
    for line in actions:
        value, arrow, path = line.removeprefix("echo ").partition(" > ")
        if arrow and line.startswith("echo "):
            values[path] = value
    turned = {p: v for p, v in seen.items() if p in values and v != values[p] and p != AT_BOOT}
    before = [f"echo {v} > {p}" for p, v in turned.items() if p in EARLY]
    return before, [f"echo {v} > {p}" for p, v in turned.items() if p not in EARLY]
