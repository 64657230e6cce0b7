"""One machine from all its sources: tables, ``cxl list``, memory map, joined into a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cxldesigner.document.model import (
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    ImportedTable,
    MemoryDomain,
    MemoryRange,
    Part,
    Restriction,
    Socket,
    Switch,
    Window,
)
from cxldesigner.exchange.cxl_list import Inventory, RootDecoder
from cxldesigner.exchange.fabricpart import (
    FabricPart,
    changed,
    device_perf,
    read_fabric,
    switch_perf,
)
from cxldesigner.exchange.firmwareregions import rebuild
from cxldesigner.exchange.hostpart import (
    HostPart,
    invented_host,
    place_figures,
    read_hmat,
    read_slit,
    read_srat,
    side_caches,
)
from cxldesigner.exchange.notes import ImportRefused, Note
from cxldesigner.firmware import cdat, cedt, hmat, slit, srat
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.domains import number_domains
from cxldesigner.firmware.imported import CDAT_PREFIX, digest
from cxldesigner.firmware.layout import lay_out
from cxldesigner.firmware.spans import Span

MAX_CODE = 15
"""Highest granularity code a document can draw; Linux takes up to 6."""
MAX_ITEMS = 512
"""Domains, windows and bridges an imported machine may have."""
_MEMDEV = re.compile(r"(endpoint|mem)\d+")


@dataclass(slots=True)
class Sources:
    """What the files of one machine hold, by kind. ``cdats`` by file name.

    ``host``: nodes of the running machine, for want of an SRAT; ``policy``: what the kernel does
    with added memory after boot.
    """

    tables: dict[str, bytes] = field(default_factory=dict)
    cdats: dict[str, bytes] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=Inventory)
    memory_map: tuple[MemoryRange, ...] | None = None
    host: HostPart | None = None
    distances: tuple[Distance, ...] = ()
    policy: str = "online"


def assemble(name: str, sources: Sources) -> tuple[Document, tuple[Note, ...]]:
    """Return the drawn machine, not laid out yet, and what was invented.

    The tables must have been checked to be readable.
    """
    tables = sources.tables
    root = cedt.decode_cedt(tables["CEDT"]) if "CEDT" in tables else None
    notes: list[Note] = []
    spans, targets = _windows_seen(root, sources.inventory)
    if "SRAT" in tables:
        host = read_srat(srat.decode_srat(tables["SRAT"]), spans, sources.memory_map)
    else:
        host = sources.host or invented_host(sources.memory_map, spans)
    owners: tuple[Part, ...] = (*host.sockets.values(), *host.memory.values())
    heads = {p.id: p for p in owners}
    for what, count in (("sockets and memory domains", len(owners)), ("windows", len(spans))):
        if count > MAX_ITEMS:
            raise ImportRefused(name, "", f"more than {MAX_ITEMS} {what}")
    if root is not None and len(root.bridges) > MAX_ITEMS:
        raise ImportRefused(name, "CEDT", f"more than {MAX_ITEMS} host bridges")
    fabric = read_fabric(root, sources.inventory, heads, host.ports, targets)
    above = _attach(host, fabric, sources)
    parts = {**heads, **fabric.parts}
    windows, indexes = _windows(root, sources.inventory, fabric, host, notes)
    regions = rebuild(
        sources.inventory, fabric.devices, windows, indexes, sources.memory_map, sources.policy
    )
    ports = {pxm: fabric.bridges[uid] for uid, pxm in host.ports.items() if uid in fabric.bridges}
    hotplug = _size(host.hotplug[1]) if host.hotplug else 0
    settings = Host(hotplug_bytes=hotplug, committed=regions.committed)
    if "SLIT" in tables:
        found = read_slit(slit.decode_slit(tables["SLIT"]), host, ports)
        settings = replace(settings, distances=found)
    elif host is sources.host:
        settings = replace(settings, distances=sources.distances)
    if "HMAT" in tables:
        figures = hmat.decode_hmat(tables["HMAT"])
        own, rows = place_figures(read_hmat(figures), host, ports, above)
        parts = _with_figures(parts, own, host, side_caches(figures), notes)
        settings = replace(settings, hmat=True, access=rows)
    parts, cdats = _with_cdats(parts, sources, fabric, notes)
    document = Document(
        name=name,
        parts=parts,
        links=fabric.links,
        windows=windows,
        host=settings,
        actions=regions.actions,
    )
    document = _with_memory_map(_without_needless_bases(document), sources.memory_map, notes)
    if sources.inventory.approximate:
        notes.append(Note("Sizes were given rounded; they were taken as multiples of 256 MiB."))
    document = keep_tables(document, {**tables, **cdats})
    return document, (*host.notes, *fabric.notes, *notes, *regions.notes)


def _size(span: Span) -> int:
    return min(span.end - span.start, (1 << 64) - 1)


def _windows_seen(
    root: cedt.Cedt | None, inventory: Inventory
) -> tuple[tuple[Span, ...], tuple[int, ...]]:
    """Return address spans of the windows and every target ``_UID``."""
    if root is not None:
        found = root.windows
        spans = tuple(Span(w.base, w.base + w.size) for w in found)
        return spans, tuple(t for w in found for t in w.targets[:16])
    decoders = inventory.decoders.values()
    spans = tuple(Span(d.base, d.base + d.size) for d in decoders)
    return spans, tuple(uid for d in decoders for uid, _ in d.targets)


def _attach(host: HostPart, fabric: FabricPart, sources: Sources) -> dict[str, str]:
    """Link bridges and memory domains to sockets; return the socket of each."""
    first = next(iter(host.sockets.values()), None)
    above: dict[str, str] = {}
    if first is None:
        return above
    nodes = _bridge_nodes(fabric, sources.inventory)
    initiators = _initiators(sources.tables)
    for part in tuple(fabric.parts.values()):
        if not isinstance(part, HostBridge):
            continue
        node = nodes.get(part.id)
        pxm = host.nodes[node] if node is not None and node < len(host.nodes) else None
        fabric.parts[part.id] = replace(part, pxm=pxm)
        socket = host.sockets.get(-1 if pxm is None else pxm)
        if socket is None and len(host.sockets) > 1:
            text = "The socket of host bridge {} is not known: {} was assumed."
            fabric.notes.append(Note(text, (part.id, first.id), (part.id,)))
        above[part.id] = (socket or first).id
        fabric.connect(f"{above[part.id]}:io", f"{part.id}:up")
    for pxm, memory in host.memory.items():
        socket = host.sockets.get(initiators.get(pxm, -1))
        if socket is None and len(host.sockets) > 1:
            text = "The socket of memory domain {} is not known: {} was assumed."
            host.notes.append(Note(text, (memory.id, first.id), (memory.id,)))
        above[memory.id] = (socket or first).id
        fabric.connect(f"{above[memory.id]}:mem", f"{memory.id}:up")
    return above


def _bridge_nodes(fabric: FabricPart, inventory: Inventory) -> dict[str, int]:
    """Return the node of each bridge, as its devices show it."""
    up = {
        k.downstream.partition(":")[0]: k.upstream.partition(":")[0] for k in fabric.links.values()
    }
    out: dict[str, int] = {}
    for memdev in inventory.memdevs.values():
        if memdev.numa_node is None:
            continue
        part_id = fabric.devices[memdev.name]
        for _ in range(len(up)):
            if part_id not in up:
                break
            part_id = up[part_id]
        out.setdefault(part_id, memdev.numa_node)
    return out


def _initiators(tables: Mapping[str, bytes]) -> dict[int, int]:
    """Return the initiator domain of each memory domain that the HMAT names."""
    if "HMAT" not in tables:
        return {}
    return {
        s.memory_pxm: s.initiator_pxm
        for s in hmat.decode_hmat(tables["HMAT"]).structures
        if isinstance(s, hmat.DomainAttributes) and s.flags & hmat.INITIATOR_VALID
    }


def _windows(
    root: cedt.Cedt | None,
    inventory: Inventory,
    fabric: FabricPart,
    host: HostPart,
    notes: list[Note],
) -> tuple[dict[str, Window], dict[str, int]]:
    """Return the windows in CEDT order, and the index of each root decoder."""
    if root is not None:
        drawn = [_from_cfmws(f"w{i}", w, fabric, notes) for i, w in enumerate(root.windows)]
    else:
        ordered = sorted(inventory.decoders.values(), key=lambda d: _number(d.name))
        drawn = [_from_decoder(f"w{i}", d, fabric) for i, d in enumerate(ordered)]
        if drawn:
            text = "No CEDT was given: windows were taken from the root decoders of cxl list."
            notes.append(Note(text, (), tuple(w.id for w in drawn)))
    drawn = [_covered(w, host, notes) for w in drawn]
    places = {w.base: i for i, w in reversed(list(enumerate(drawn)))}
    indexes = {
        name: _number(name) if root is not None else places[decoder.base]
        for name, decoder in inventory.decoders.items()
        if decoder.base in places
    }
    return {w.id: w for w in drawn}, indexes


def _number(decoder: str) -> int:
    """Return M of ``decoderN.M``."""
    tail = decoder.rpartition(".")[2]
    return int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 6 else 0


def _from_cfmws(window_id: str, item: cedt.Cfmws, fabric: FabricPart, notes: list[Note]) -> Window:
    ways = item.ways
    targets = tuple(fabric.bridges[t] for t in item.targets[:16] if t in fabric.bridges)
    code = item.hbig
    if ways is None or code > MAX_CODE or len(item.targets) > len(targets):
        text = "Window {} has fields no window can have; they are kept in the imported CEDT only."
        notes.append(Note(text, (window_id,), (window_id,)))
        code = min(code, MAX_CODE)
    return Window(
        id=window_id,
        base=item.base,
        size_bytes=item.size,
        targets=targets,
        ways=None if ways == len(targets) else ways,
        granularity=256 << code,
        arithmetic=item.arithmetic,
        restrictions=cedt.restrictions_of(item.restrictions),
        qtg_id=item.qtg_id,
    )


def _from_decoder(window_id: str, item: RootDecoder, fabric: FabricPart) -> Window:
    capable = item.volatile or item.persistent
    flags = (
        (Restriction.TYPE2, item.accelerator),
        (Restriction.TYPE3, capable),
        (Restriction.VOLATILE, item.volatile),
        (Restriction.PERSISTENT, item.persistent),
    )
    targets = tuple(fabric.bridges[uid] for uid, _ in item.targets[:16] if uid in fabric.bridges)
    known = item.ways in cedt.ENIW and item.ways != len(targets)
    valid = item.granularity in {256 << code for code in range(MAX_CODE + 1)}
    return Window(
        id=window_id,
        base=item.base,
        size_bytes=item.size,
        targets=targets,
        ways=item.ways if known else None,
        granularity=item.granularity if valid else 256,
        restrictions=tuple(r for r, given in flags if given),
        qtg_id=item.qos_class or 0,
    )


def _covered(window: Window, host: HostPart, notes: list[Note]) -> Window:
    """Return the window with the SRAT range that covers it, or the start of it."""
    base = window.base or 0
    end = base + window.size_bytes
    found = [(p, s) for p, s in host.coverage if s.start < end and base < s.end]
    if not found:
        return window
    pxm, span = found[0]
    if len(found) > 1 or span.start != base:
        text = "How the SRAT covers window {} is kept in the imported SRAT only."
        notes.append(Note(text, (window.id,), (window.id,)))
    whole = span.start <= base and span.end >= end
    covered = None if whole else max(min(span.end, end) - base, 0)
    return replace(window, srat_pxm=pxm, srat_bytes=covered)


def _with_figures(
    parts: Mapping[str, Part],
    own: Mapping[str, object],
    host: HostPart,
    caches: Mapping[int, int],
    notes: list[Note],
) -> dict[str, Part]:
    out = dict(parts)
    for part_id, perf in own.items():
        out[part_id] = changed(out[part_id], perf=perf)
    for pxm, size in caches.items():
        memory = host.memory.get(pxm)
        if memory is not None:
            out[memory.id] = changed(out[memory.id], cache_bytes=size)
        else:
            text = "The memory-side cache of domain {} is kept in the imported HMAT only."
            notes.append(Note(text, (str(pxm),)))
    return out


def _with_cdats(
    parts: dict[str, Part], sources: Sources, fabric: FabricPart, notes: list[Note]
) -> tuple[dict[str, Part], dict[str, bytes]]:
    """Return parts with the figures of their CDAT, and the tables by signature."""
    names = {m.endpoint: m.name for m in sources.inventory.memdevs.values() if m.endpoint}
    out, tables = dict(parts), {}
    for file, data in sources.cdats.items():
        found = _MEMDEV.search(file)
        stem = found[0] if found else ""
        part_id = fabric.devices.get(names.get(stem, stem))
        if part_id is None and len(sources.cdats) == len(fabric.devices) == 1:
            part_id = next(iter(fabric.devices.values()))
        part = out.get(part_id or "")
        table = cdat.decode_cdat(data)
        if isinstance(part, Device):
            perf, pmem = device_perf(table)
            out[part.id] = replace(part, perf=perf, pmem_perf=pmem)
        elif isinstance(part, Switch):
            out[part.id] = replace(part, perf=switch_perf(table))
        else:
            notes.append(Note("Which device the CDAT in {} belongs to is not known.", (file,)))
            continue
        tables[CDAT_PREFIX + part.id] = data
    bare = [d for d in fabric.devices.values() if CDAT_PREFIX + d not in tables]
    if bare:
        text = "No CDAT was given for {} devices: their latency and bandwidth are unknown."
        notes.append(Note(text, (str(len(bare)),), tuple(bare)))
    return out, tables


def _without_needless_bases(document: Document) -> Document:
    """Return the document without explicit DRAM bases when the compiler gives the same ones."""
    free = {
        k: replace(p, base=None) if isinstance(p, Socket | MemoryDomain) else p
        for k, p in document.parts.items()
    }
    other = replace(document, parts=free)
    domains = number_domains(document)
    same = lay_out(document, domains).memory == lay_out(other, domains).memory
    return other if same else document


def _with_memory_map(
    document: Document, known: tuple[MemoryRange, ...] | None, notes: list[Note]
) -> Document:
    """Return the document with an explicit memory map when the compiler's is not the machine's."""
    made = compile_document(document).memory_map
    rooms = [
        p.base or 0
        for p in document.parts.values()
        if isinstance(p, MemoryDomain) and p.name == "room for hot-plug"
    ]
    if known is None:
        notes.append(Note("No /proc/iomem was given: the memory map of a plain PC was assumed."))
        if not rooms:
            return document
        kept = tuple(r for r in made if r.start not in rooms)
        return replace(document, host=replace(document.host, memory_map=kept))
    if _usable(made) == _usable(known):
        return document
    return replace(document, host=replace(document.host, memory_map=known))


def _usable(ranges: tuple[MemoryRange, ...]) -> list[tuple[int, int, str]]:
    """Return RAM and soft-reserved ranges; the kernel lists page 0 as reserved in any case."""
    return [
        (0 if r.start <= 0x1000 else r.start, r.end, r.kind)
        for r in ranges
        if r.kind in ("ram", "soft-reserved")
    ]


def keep_tables(document: Document, tables: Mapping[str, bytes]) -> Document:
    """Return the document with imported tables, each with the digest of what we would write."""
    made = compile_document(document)
    ours = {**made.tables, **{CDAT_PREFIX + k: v for k, v in made.cdat.items()}}
    kept = tuple(
        ImportedTable(signature=k, raw=raw, generated_sha256=digest(ours.get(k)))
        for k, raw in tables.items()
        if ours.get(k) != raw
    )
    return replace(document, tables=kept)
