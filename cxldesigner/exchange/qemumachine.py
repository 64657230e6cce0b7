"""The machine that QEMU 10.0 makes of its options (q35): nodes, memory, CXL topology, windows.

Sources: QEMU ``hw/i386/pc.c`` and ``acpi-build.c``, ``hw/core/numa.c``, ``hw/cxl/cxl-host.c``,
``hw/mem/cxl_type3.c``, and recorded tables of machines it started.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cxldesigner.document.model import (
    GIB,
    MIB,
    Distance,
    Document,
    Host,
    MemoryDomain,
    Part,
    Perf,
    Restriction,
    Socket,
    Window,
)
from cxldesigner.exchange.fabricpart import FabricPart, changed
from cxldesigner.exchange.hostpart import HostPart, place_figures
from cxldesigner.exchange.machine import keep_tables
from cxldesigner.exchange.notes import ImportRefused, Note
from cxldesigner.exchange.qemufabric import read_devices
from cxldesigner.exchange.qemuhmat import with_mixed_figures
from cxldesigner.exchange.qemunodes import MAX_NODES, Node, ram_of, read_nodes, topology
from cxldesigner.exchange.qemuoptions import Options, Properties, Values
from cxldesigner.firmware import srat
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.domains import number_domains
from cxldesigner.firmware.layout import lay_out

QEMU_RESTRICTIONS = (
    Restriction.TYPE2,
    Restriction.TYPE3,
    Restriction.VOLATILE,
    Restriction.PERSISTENT,
)
PCI_HOLE = 32 * GIB
AMD_HOLE = 1012 * GIB
"""Start of the HyperTransport range; QEMU keeps guest memory with an AMD CPU out of it."""
AMD_MODELS = ("max", "qemu64", "epyc", "opteron", "phenom", "athlon")
_WINDOW_KEY = re.compile(r"^cxl-fmw\.(\d{1,3})\.(.+)$")


def build(file: str, options: Options) -> tuple[Document, tuple[Note, ...]]:
    """Return the document of a command line, not laid out, and notes."""
    values = Values(file)
    backends = {
        o.get("id"): values.size(o.get("size"), f"-object {o.get('id')}")
        for o in options.objects
        if o.get("qom-type").startswith("memory-backend") and o.get("size")
    }
    ram = ram_of(options, values)
    nodes = read_nodes(options, values, backends, ram)
    notes: list[Note] = []
    host = _host(nodes, options, values, notes)
    heads = _heads(host)
    fabric = read_devices(options, values, backends, heads)
    above = _attach(host, fabric, nodes)
    bridges = _generic_ports(options, values, fabric)
    settings = _settings(options, values, ram, bool(nodes))
    settings = replace(settings, distances=_distances(options, values, host, bridges))
    parts = {**heads, **fabric.parts}
    if options.machine.get("hmat") == "on" and nodes:
        own, rows = place_figures(_figures(options, values), host, bridges, above)
        parts = {k: changed(p, perf=own[k]) if k in own else p for k, p in parts.items()}
        settings = replace(settings, hmat=True, access=rows)
    document = Document(
        parts=parts, links=fabric.links, windows=_windows(options, values, fabric), host=settings
    )
    document = _with_window_bases(_with_cpu_order(document, nodes))
    if document.host.hmat:
        document = with_mixed_figures(document, _told_figures(options, values), nodes)
    ends = [(w.base or 0) + w.size_bytes for w in document.windows.values()]
    if max(ends, default=0) + PCI_HOLE >= AMD_HOLE and _is_amd(options.cpu):
        text = "With an AMD CPU QEMU moves memory above 4 GiB to 1 TiB: addresses will differ."
        notes.append(Note(text))
    if options.unknown:
        shown = ", ".join(f"-{o}" for o in dict.fromkeys(options.unknown))
        notes.append(Note("Options not understood were left out: {}.", (shown[:200],)))
    return document, (*notes, *host.notes, *fabric.notes)


def _is_amd(cpu: str) -> bool:
    """Return whether a CPU model has AMD's vendor id under emulation (the default one has)."""
    vendor = re.search(r"(?:^|,)vendor=([^,]*)", cpu)
    if vendor is not None:
        return vendor[1] == "AuthenticAMD"
    return cpu.partition(",")[0].lower().startswith(AMD_MODELS) or not cpu


def _with_window_bases(document: Document) -> Document:
    """QEMU aligns windows to 256 MiB however large the machine is: write down where they lie."""
    guest = replace(document, host=replace(document.host, virtual_machine=True))
    bases = lay_out(guest, number_domains(guest)).windows
    windows = {k: replace(w, base=bases[k]) for k, w in document.windows.items()}
    return replace(document, windows=windows)


def _host(
    nodes: Mapping[int, Node], options: Options, values: Values, notes: list[Note]
) -> HostPart:
    """Return sockets (nodes with CPUs, by their first CPU) and memory domains (the others)."""
    host = HostPart()
    if not nodes:
        _, count = topology(options, values)
        host.sockets[0] = Socket(id="s0", cpus=count, dram_bytes=ram_of(options, values), pxm=0)
        return host
    with_cpus = sorted((n for n in nodes.values() if n.cpus), key=lambda n: n.cpus[0])
    for node in with_cpus:
        host.sockets[node.id] = Socket(
            id=f"s{node.id}", cpus=len(node.cpus), dram_bytes=node.memory, pxm=node.id
        )
    ports = {
        values.number(o.get("node", "0"), "-object acpi-generic-port", MAX_NODES)
        for o in options.objects
        if o.get("qom-type") == "acpi-generic-port"
    }
    caches = _caches(options, values)
    for node in nodes.values():
        if node.id in host.sockets or (node.id in ports and not node.memory):
            continue
        host.memory[node.id] = MemoryDomain(
            id=f"hbm{node.id}",
            pxm=node.id,
            size_bytes=node.memory,
            cache_bytes=caches.pop(node.id, 0),
        )
    for node_id in caches:
        text = "The memory-side cache of node {} cannot be drawn: only memory domains have one."
        notes.append(Note(text, (str(node_id),)))
    return host


def _heads(host: HostPart) -> dict[str, Part]:
    heads: tuple[Part, ...] = (*host.sockets.values(), *host.memory.values())
    return {p.id: p for p in heads}


def _attach(host: HostPart, fabric: FabricPart, nodes: Mapping[int, Node]) -> dict[str, str]:
    """Link memory domains and bridges to a socket; return the socket of each."""
    first = next(iter(host.sockets.values()))
    above = {}
    for node_id, memory in host.memory.items():
        initiator = nodes[node_id].initiator
        socket = host.sockets.get(-1 if initiator is None else initiator, first)
        above[memory.id] = socket.id
        fabric.connect(f"{socket.id}:mem", f"{memory.id}:up")
    for bridge_id in fabric.bridges.values():
        pxm = getattr(fabric.parts[bridge_id], "pxm", None)
        socket = host.sockets.get(-1 if pxm is None else pxm, first)
        above[bridge_id] = socket.id
        fabric.connect(f"{socket.id}:io", f"{bridge_id}:up")
    return above


def _generic_ports(options: Options, values: Values, fabric: FabricPart) -> dict[int, str]:
    """Set the domain of bridges that have a generic port; return the bridges by it."""
    out = {}
    for item in options.objects:
        kind = item.get("qom-type")
        if kind == "acpi-generic-initiator":
            fabric.notes.append(Note("Generic initiators cannot be drawn; one was left out."))
        if kind != "acpi-generic-port":
            continue
        node = values.number(item.get("node"), "-object acpi-generic-port", MAX_NODES)
        bridge = fabric.downstream.get(f"bus {item.get('pci-bus')}", "")
        if bridge not in fabric.parts:
            reason = f"there is no pxb-cxl {item.get('pci-bus')[:40]!r}"
            raise ImportRefused(values.file, "-object acpi-generic-port", reason)
        fabric.parts[bridge] = changed(fabric.parts[bridge], generic_port_pxm=node)
        out[node] = bridge
    return out


def _settings(options: Options, values: Values, ram: int, numa: bool) -> Host:
    room = 0
    if options.memory.get("maxmem"):
        slots = values.number(options.memory.get("slots", "0"), "-m slots", 1024)
        most = values.size(options.memory["maxmem"], "-m maxmem", unit="m")
        room = most - ram + slots * GIB if most > ram else 0
    hidden = re.search(r"(?:^|,)(?:hypervisor=off|-hypervisor)(?:,|$)", options.cpu) is not None
    return Host(
        srat=numa,
        hotplug_bytes=room,
        cmdline=options.append.strip(),
        virtual_machine=not hidden,
    )


def _numa(options: Options, kind: str) -> Iterator[Properties]:
    return (item for item in options.numa if item.get("type") == kind)


def _distances(
    options: Options, values: Values, host: HostPart, bridges: Mapping[int, str]
) -> tuple[Distance, ...]:
    told = {}
    for item in _numa(options, "dist"):
        a = values.number(item.get("src"), "-numa dist", MAX_NODES)
        b = values.number(item.get("dst"), "-numa dist", MAX_NODES)
        told[a, b] = values.number(item.get("val"), "-numa dist", 256)
    out = []
    for (a, b), value in told.items():
        first = host.part_of(a) or bridges.get(a)
        second = host.part_of(b) or bridges.get(b)
        if first is None or second is None:
            text = "The distance from node {} to {} has no part to belong to."
            host.notes.append(Note(text, (str(a), str(b))))
        elif not (a > b and told.get((b, a)) == value):
            out.append(Distance(a=first, b=second, value=value))
    return tuple(out)


_HMAT_FIELDS = {
    "access-latency": ("read_latency_ns", "write_latency_ns"),
    "read-latency": ("read_latency_ns",),
    "write-latency": ("write_latency_ns",),
    "access-bandwidth": ("read_bandwidth_mbps", "write_bandwidth_mbps"),
    "read-bandwidth": ("read_bandwidth_mbps",),
    "write-bandwidth": ("write_bandwidth_mbps",),
}


def _told_figures(options: Options, values: Values) -> dict[str, dict[tuple[int, int], int]]:
    """Return the figures of ``-numa hmat-lb`` by data type and (initiator, target)."""
    out: dict[str, dict[tuple[int, int], int]] = {}
    for item in _numa(options, "hmat-lb"):
        kind = item.get("data-type")
        if item.get("hierarchy") != "memory" or kind not in _HMAT_FIELDS:
            continue
        pair = (
            values.number(item.get("initiator"), "-numa hmat-lb", MAX_NODES),
            values.number(item.get("target"), "-numa hmat-lb", MAX_NODES),
        )
        if "latency" in kind:
            value = values.number(item.get("latency"), "-numa hmat-lb", 1 << 32)
        else:  # in MiB/s, which the table then calls MB/s
            value = min(values.size(item.get("bandwidth"), "-numa hmat-lb") // MIB, (1 << 32) - 1)
        out.setdefault(kind, {})[pair] = value
    return out


def _figures(options: Options, values: Values) -> dict[tuple[int, int], Perf]:
    """Return the figures of each (initiator, target), the last told of each field."""
    out: dict[tuple[int, int], Perf] = {}
    for kind, told in _told_figures(options, values).items():
        for pair, value in told.items():
            fields = dict.fromkeys(_HMAT_FIELDS[kind], value)
            out[pair] = replace(out.get(pair, Perf()), **fields)
    return out


def _caches(options: Options, values: Values) -> dict[int, int]:
    return {
        values.number(i.get("node-id"), "-numa hmat-cache", MAX_NODES): values.size(
            i.get("size"), "-numa hmat-cache"
        )
        for i in _numa(options, "hmat-cache")
    }


def _windows(options: Options, values: Values, fabric: FabricPart) -> dict[str, Window]:
    """Return the fixed memory windows of ``-machine``, in index order."""
    found: dict[int, dict[str, str]] = {}
    for key, value in options.machine.items():
        part = _WINDOW_KEY.match(key)
        if part is not None:
            found.setdefault(int(part[1]), {})[part[2]] = value
    out = {}
    for index, given in sorted(found.items()):
        place = f"cxl-fmw.{index}"
        names = [(k, v) for k, v in given.items() if k.startswith("targets.")]
        ordered = sorted(names, key=lambda kv: values.number(kv[0][8:], place, 64))
        targets = []
        for _, target in ordered:
            bridge = fabric.downstream.get(f"bus {target}")
            if bridge is None:
                raise ImportRefused(values.file, place, f"there is no pxb-cxl {target[:40]!r}")
            targets.append(bridge)
        granularity = values.size(given.get("interleave-granularity", "256"), place)
        if granularity not in {256 << code for code in range(7)}:
            raise ImportRefused(values.file, place, f"granularity {granularity} is not possible")
        window = Window(
            id=f"w{index}",
            size_bytes=values.size(given.get("size", "0"), place),
            targets=tuple(targets),
            granularity=granularity,
            restrictions=QEMU_RESTRICTIONS,
        )
        out[window.id] = window
        known = {"size", "interleave-granularity", *(k for k, _ in names)}
        for other in given.keys() - known:
            fabric.notes.append(Note("{}.{} is not understood.", (place, other), (window.id,)))
    return out


def _with_cpu_order(document: Document, nodes: Mapping[int, Node]) -> Document:
    """Keep the SRAT verbatim when the CPUs of nodes are not in one piece each."""
    owners = sorted((cpu, node.id) for node in nodes.values() for cpu in node.cpus)
    runs = [owner for i, (_, owner) in enumerate(owners) if i == 0 or owners[i - 1][1] != owner]
    if len(runs) == len(set(runs)) or not document.host.srat:
        return document
    table = srat.decode_srat(compile_document(document).tables["SRAT"])
    rest = tuple(s for s in table.structures if not isinstance(s, srat.CpuAffinity))
    cpus = tuple(
        srat.LapicAffinity(pxm=owner, apic_id=cpu)
        if cpu < 255
        else srat.X2ApicAffinity(pxm=owner, apic_id=cpu)
        for cpu, owner in owners
    )
    raw = srat.encode_srat(replace(table, structures=(*cpus, *rest)))
    return keep_tables(document, {"SRAT": raw})
