"""What an operating system sees differently on an exported QEMU machine, one note for each.

Both machines are compiled and compared field by field: windows, tables, memory map, and the bus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cxldesigner.document.model import Document
from cxldesigner.document.units import format_address
from cxldesigner.exchange.hostpart import read_hmat
from cxldesigner.exchange.notes import Note
from cxldesigner.firmware import cdat, cedt, hmat, slit, srat
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.model import FabricKind, FabricNode, Firmware

_FLAGS = srat.HOT_PLUGGABLE | srat.SPECIFIC_PURPOSE


def differences(
    document: Document, firmware: Firmware, read: Document, windows: tuple[str, ...]
) -> tuple[Note, ...]:
    """Return what differs between a machine and the exported one.

    Parameters
    ----------
    document, firmware : the machine as drawn.
    read : the machine that the exported command line starts.
    windows : document id of each window of ``read``.
    """
    other = compile_document(read)
    return (
        *_windows(firmware, other, windows),
        *_bridges(firmware, other),
        *_memory(document, firmware, other),
        *_tables(firmware, other),
        *_fabric(firmware, other),
        *_figures(firmware, other),
    )


def _windows(ours: Firmware, theirs: Firmware, ids: tuple[str, ...]) -> Iterator[Note]:
    kept = _cedt(ours)
    mine = dict(zip(ours.windows, kept.windows, strict=False))
    pairs = [
        (window, mine[window], seen)
        for window, seen in zip(ids, _cedt(theirs).windows, strict=False)
        if window in mine
    ]
    for window, drawn, seen in pairs:
        if drawn.base != seen.base:
            text = "{} lies at {} instead of {}: QEMU places windows itself."
            places = format_address(seen.base), format_address(drawn.base)
            yield Note(text, (window, *places), (window,))
    for name, text in (
        (
            "restrictions",
            "QEMU's windows take every kind of memory; other restrictions are not kept: {}.",
        ),
        ("qtg_id", "QEMU's windows have QTG 0; another one is not kept: {}."),
        ("arithmetic", "QEMU's windows interleave by modulo; XOR is not kept: {}."),
    ):
        differing = tuple(w for w, a, b in pairs if getattr(a, name) != getattr(b, name))
        if differing:
            yield Note(text, (", ".join(differing),), differing)
    if ours.qtg not in {theirs.qtg, (0,)}:
        text = "The platform answers QTG 0 to every question for a class (_DSM) in QEMU."
        yield Note(text, (), ("host",))
    if len(kept.windows) != len(ours.windows) or any(not w for w in ours.windows):
        yield Note("Windows of the imported CEDT that are not drawn are left out.")


def _cedt(firmware: Firmware) -> cedt.Cedt:
    data = firmware.tables.get("CEDT")
    return cedt.Cedt() if data is None else cedt.decode_cedt(data)


def _bridges(ours: Firmware, theirs: Firmware) -> Iterator[Note]:
    seen = {b.uid for b in _cedt(theirs).bridges}
    listed = {b.uid: b for b in _cedt(ours).bridges}
    for node in ours.fabric:
        if node.kind is not FabricKind.BRIDGE:
            continue
        entry = listed.get(node.port)
        if entry is None:
            text = "{} has a CHBS in QEMU, whatever the drawing says."
            yield Note(text, (node.id,), (node.id,))
        elif entry.version == 0:
            text = "{} is a CXL 2.0 bridge in QEMU: it has no CXL 1.1."
            yield Note(text, (node.id,), (node.id,))
        if node.port not in seen:
            text = "{} has its bus number as _UID in QEMU, not {}."
            yield Note(text, (node.id, str(node.port)), (node.id,))


def _memory(document: Document, ours: Firmware, theirs: Firmware) -> Iterator[Note]:
    spans = [(r.start, r.end, r.kind) for r in ours.memory_map]
    if spans != [(r.start, r.end, r.kind) for r in theirs.memory_map]:
        text = "The memory map differs: QEMU lays out boot memory from 0, with no reserved ranges."
        yield Note(text, (), ("host",))
    if ("SRAT" in ours.tables) and ("SRAT" in theirs.tables):
        yield from _srat(document, ours, theirs)
    if ours.committed:
        yield Note("Regions that firmware committed are left out: QEMU's firmware commits none.")
    if len(ours.cpus) != len(theirs.cpus):
        text = "There are {} CPUs instead of {}."
        yield Note(text, (str(len(theirs.cpus)), str(len(ours.cpus))))


def _srat(document: Document, ours: Firmware, theirs: Firmware) -> Iterator[Note]:
    mine, seen = (srat.decode_srat(f.tables["SRAT"]) for f in (ours, theirs))
    for window in document.windows.values():
        if window.srat_pxm is not None:
            text = "{} is not covered by the SRAT in QEMU: Linux makes a node for it."
            yield Note(text, (window.id,), (window.id,))
    if [mine.domain(c) for c in mine.cpus] != [seen.domain(c) for c in seen.cpus]:
        yield Note("The proximity domains of CPUs differ.", (), ("host",))
    covered = {w.srat_pxm for w in document.windows.values()} - {None}
    ranges = [(mine.domain(m), m.base, m.length, m.flags & _FLAGS) for m in mine.memory]
    others = [(seen.domain(m), m.base, m.length, m.flags & _FLAGS) for m in seen.memory]
    if covered:
        missing = [r for r in ranges if r not in others]
        ranges = [r for r in ranges if r not in missing or r[0] not in covered]
    if ranges != others:
        if sorted(ranges) == sorted(others):
            text = "The SRAT lists memory by proximity domain, which may change node numbers."
        else:
            text = "Memory ranges of the SRAT differ in place, size, domain or flags."
        yield Note(text, (), ("host",))
    ports = [(p.uid, mine.domain(p)) for p in mine.generic_ports]
    if sorted(ports, key=str) != sorted(
        ((p.uid, seen.domain(p)) for p in seen.generic_ports), key=str
    ):
        yield Note("Generic ports of the SRAT differ.", (), ("host",))
    known = srat.LapicAffinity | srat.X2ApicAffinity | srat.MemoryAffinity
    if any(
        not isinstance(s, known)
        and not (isinstance(s, srat.GenericAffinity) and s.type == srat.GENERIC_PORT)
        for s in mine.structures
    ):
        yield Note("Generic initiators and other SRAT structures are left out.", (), ("host",))


def _tables(ours: Firmware, theirs: Firmware) -> Iterator[Note]:
    for signature in ("SRAT", "SLIT", "HMAT"):
        if (signature in ours.tables) != (signature in theirs.tables):
            there = "a" if signature in theirs.tables else "no"
            yield Note("QEMU writes {} {} for such a machine.", (there, signature), ("host",))
    if "SLIT" in ours.tables and "SLIT" in theirs.tables:
        mine, seen = (slit.decode_slit(f.tables["SLIT"]).matrix for f in (ours, theirs))
        if mine != seen:
            yield Note("Distances of the SLIT differ.", (), ("host",))
    if "HMAT" in ours.tables and "HMAT" in theirs.tables:
        facts = [_hmat_facts(f.tables["HMAT"]) for f in (ours, theirs)]
        if facts[0] != facts[1]:
            yield Note("Figures or caches of the HMAT differ.", (), ("host",))


def _hmat_facts(data: bytes) -> tuple[object, ...]:
    table = hmat.decode_hmat(data)
    caches = [
        (s.memory_pxm, s.size, s.attributes)
        for s in table.structures
        if isinstance(s, hmat.SideCache)
    ]
    initiators = {
        s.memory_pxm: s.initiator_pxm
        for s in table.structures
        if isinstance(s, hmat.DomainAttributes) and s.flags & hmat.INITIATOR_VALID
    }
    types = sorted(s.data_type for s in table.structures if isinstance(s, hmat.Locality))
    return read_hmat(table), caches, initiators, types


def _fabric(ours: Firmware, theirs: Firmware) -> Iterator[Note]:
    seen = {n.id: n for n in theirs.fabric}
    numbered, linked, moved, renamed = [], [], [], []
    for node in ours.fabric:
        there = seen.get(node.id)
        if there is None:
            text = "{} is not on the bus of the exported machine."
            yield Note(text, (node.id,), (node.id,))
            continue
        if node.kind is not FabricKind.ROOT_PORT and there.decoders != node.decoders:
            text = "{} has {} HDM decoders in QEMU instead of {}."
            numbers = str(there.decoders), str(node.decoders)
            yield Note(text, (node.id, *numbers), (node.id,))
        if _link(node) != _link(there):
            linked.append(node.id)
        if node.host != there.host or node.port != there.port or node.parent != there.parent:
            moved.append(node.id)
        if node.serial != there.serial:
            numbered.append(node.id)
        if node.pxm != there.pxm:
            renamed.append(node.id)
        if _sizes(node) != _sizes(there):
            text = "{} has another capacity in QEMU."
            yield Note(text, (node.id,), (node.id,))
    for text, ids in (
        ("These have no serial number of their own and get one, to be told apart: {}.", numbered),
        ("Links that differ in speed or width: {}.", linked),
        ("These have another PCI address or port number in QEMU: {}.", moved),
        ("The _PXM of these is missing in QEMU: {}.", renamed),
    ):
        if ids:
            yield Note(text, (", ".join(ids),), tuple(ids))


def _link(node: FabricNode) -> tuple[float, int]:
    return node.link_speed_gts, node.link_width


def _sizes(node: FabricNode) -> tuple[int, int, int]:
    return node.type, node.volatile_bytes, node.persistent_bytes


def _figures(ours: Firmware, theirs: Firmware) -> Iterator[Note]:
    """Yield notes on CDAT figures: those of QEMU's devices and switches are fixed."""
    seen: Mapping[str, bytes] = theirs.cdat
    other = [
        node.id
        for node in ours.fabric
        if node.id in seen and _rates(ours.cdat.get(node.id)) != _rates(seen[node.id])
    ]
    if other:
        text = "QEMU's own latency and bandwidth (CDAT) are in place of those drawn: {}."
        yield Note(text, (", ".join(other),), tuple(other))


def _rates(data: bytes | None) -> object:
    if data is None:
        return None
    table = cdat.decode_cdat(data)
    return [
        (s.handle, s.data_type, s.base_unit * s.entries[0])
        if isinstance(s, cdat.Dslbis)
        else (s.data_type, s.base_unit, s.paths)
        for s in table.structures
        if isinstance(s, cdat.Dslbis | cdat.Sslbis)
    ]
