"""CEDT, SRAT, SLIT and HMAT of a document, with the part every structure came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cxldesigner.document.model import Document, HostBridge, MemoryDomain, Perf, Socket, Window
from cxldesigner.firmware import cedt, hmat, slit, srat
from cxldesigner.firmware.build import Builder, figures, scale, units_of
from cxldesigner.firmware.bus import bridges_of
from cxldesigner.firmware.domains import Domains
from cxldesigner.firmware.layout import Layout
from cxldesigner.firmware.model import TableSpan
from cxldesigner.firmware.table import Header
from cxldesigner.firmware.tree import parents_of

Table = tuple[bytes, tuple[TableSpan, ...]]

INVALID_WAYS = 0xFF
NO_BRIDGE_UID = 0xFFFF_FF00
"""First ``_UID`` written for a window target that is no host bridge."""
MAX_TARGETS = 16_000
"""What the 16-bit length of a CFMWS has room for."""
MAX_DOMAINS = 1024
"""Domains a SLIT is written for; Linux takes no higher one (MAX_PXM_DOMAINS)."""
XOR_STRIDE = 6, 14
"""Higher address bits mixed into a position bit, counted from it."""
LAST_LAPIC = 254
MAX_CPUS = 8192
"""CPUs listed in full (NR_CPUS with MAXSMP); a socket beyond them still lists one."""
HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All numbers a table is written from."""

    document: Document
    domains: Domains
    layout: Layout
    uids: Mapping[str, int]


def cedt_of(plan: Plan) -> Table:
    """Return the CEDT: a CHBS per host bridge, a CFMWS per window, CXIMS for XOR windows."""
    windows = tuple(plan.document.windows.values())
    maps = xor_maps(windows)
    builder = Builder("CEDT", Header(revision=2 if maps else 1))
    for bridge in bridges_of(plan.document):
        if bridge.chbs:
            builder.add(_chbs(plan, bridge), "CHBS", bridge.id)
    for window in windows:
        builder.add(_cfmws(plan, window), "CFMWS", window.id)
    for window_id, item in maps:
        builder.add(cedt.encode_structure(item), "CXIMS", window_id, "arithmetic")
    return builder.finish()


def _chbs(plan: Plan, bridge: HostBridge) -> bytes:
    return cedt.encode_structure(
        cedt.Chbs(
            uid=plan.uids[bridge.id],
            version=bridge.cxl_version,
            base=plan.layout.registers[bridge.id],
            length=cedt.CHBS_LENGTH.get(bridge.cxl_version, cedt.CHBS_LENGTH[1]),
        )
    )


def _cfmws(plan: Plan, window: Window) -> bytes:
    ways = len(window.targets) if window.ways is None else window.ways
    missing: dict[str, int] = {}
    targets = tuple(
        plan.uids[t]
        if t in plan.uids
        else missing.setdefault(t, NO_BRIDGE_UID + len(missing) % 0x100)
        for t in window.targets[:MAX_TARGETS]
    )
    return cedt.encode_structure(
        cedt.Cfmws(
            base=plan.layout.windows[window.id],
            size=window.size_bytes,
            eniw=cedt.ENIW.get(max(ways, 1), INVALID_WAYS),
            hbig=granularity_code(window.granularity),
            arithmetic=window.arithmetic,
            restrictions=cedt.restriction_bits(window.restrictions),
            qtg_id=window.qtg_id,
            targets=targets,
        )
    )


def granularity_code(granularity: int) -> int:
    """Return HBIG for a granularity; one that has no code gets an invalid one."""
    code = granularity.bit_length() - 9
    return code if code >= 0 and granularity == 256 << code else 0xFF


def xor_maps(windows: tuple[Window, ...]) -> tuple[tuple[str, cedt.Cxims], ...]:
    """Return one CXIMS for every granularity of XOR windows, with as many maps as any needs (A6).

    Each map is the position bit and two bits above it, as in Linux's own test platform.
    """
    needed: dict[int, tuple[int, str]] = {}
    for window in windows:
        count = cedt.xor_maps_needed(window.ways or max(len(window.targets), 1))
        code = granularity_code(window.granularity)
        if window.arithmetic == cedt.XOR and count and code <= cedt.MAX_HBIG:
            known = needed.get(code, (0, window.id))
            needed[code] = (max(known[0], count), known[1])
    near, far = XOR_STRIDE
    return tuple(
        (
            window_id,
            cedt.Cxims(
                hbig=code,
                maps=tuple(
                    1 << bit | 1 << bit + near | 1 << bit + far
                    for bit in range(8 + code, 8 + code + count)
                ),
            ),
        )
        for code, (count, window_id) in sorted(needed.items())
    )


def srat_of(plan: Plan) -> Table:
    """Return the SRAT: CPUs, boot memory, hot-plug range, covered windows, generic ports."""
    document, domains, layout = plan.document, plan.domains, plan.layout
    builder = Builder("SRAT", srat.HEADER, (1).to_bytes(4, "little") + bytes(8))
    first = 0
    for part in document.parts.values():
        if isinstance(part, Socket) and part.cpus:
            count = min(part.cpus, max(MAX_CPUS - first, 1))
            data = _cpus(domains.memory[part.id], first, count)
            builder.add(data, "CPU affinity", part.id, "cpus")
            first += count
    for part_id, spans in layout.memory.items():
        flags = srat.ENABLED
        owner = document.parts[part_id]
        if isinstance(owner, MemoryDomain):
            flags |= srat.HOT_PLUGGABLE if owner.hotplug else 0
            flags |= srat.SPECIFIC_PURPOSE if owner.specific_purpose else 0
        field = "dram_bytes" if isinstance(owner, Socket) else "size_bytes"
        for span in spans:
            data = _memory(domains.memory[part_id], span.start, span.end - span.start, flags)
            builder.add(data, "memory affinity", part_id, field)
    hot = srat.ENABLED | srat.HOT_PLUGGABLE
    if layout.hotplug is not None and domains.last is not None:
        span = layout.hotplug
        data = _memory(domains.last, span.start, span.end - span.start, hot)
        builder.add(data, "hot-plug range", HOST, "hotplug_bytes")
    for window in document.windows.values():
        if window.srat_pxm is not None:
            size = window.size_bytes if window.srat_bytes is None else window.srat_bytes
            data = _memory(window.srat_pxm, layout.windows[window.id], size, hot)
            builder.add(data, "memory affinity", window.id, "srat_pxm")
    for bridge_id, pxm in domains.ports.items():
        handle = srat.acpi_handle("ACPI0016", plan.uids[bridge_id])
        entry = srat.GenericAffinity(type=srat.GENERIC_PORT, pxm=pxm, handle=handle)
        data = srat.encode_structure(entry)
        builder.add(data, "generic port", bridge_id, "generic_port_pxm")
    return builder.finish()


@lru_cache(maxsize=256)
def _cpus(pxm: int, first: int, count: int) -> bytes:
    return b"".join(
        srat.encode_structure(
            srat.LapicAffinity(pxm=pxm, apic_id=n)
            if n <= LAST_LAPIC
            else srat.X2ApicAffinity(pxm=pxm, apic_id=n)
        )
        for n in range(first, first + count)
    )


def _memory(pxm: int, base: int, length: int, flags: int) -> bytes:
    return srat.encode_structure(
        srat.MemoryAffinity(pxm=pxm, base=base, length=length, flags=flags)
    )


def slit_of(plan: Plan) -> Table:
    """Return the SLIT: told distances, in both directions unless both are told, else 10 / 20."""
    domains, told = plan.domains, plan.document.host.distances
    known = (*domains.memory.values(), *domains.ports.values(), *domains.windows.values())
    size = min(max(known, default=-1) + 1, MAX_DOMAINS)
    matrix = [bytearray(b"\x14" * size) for _ in range(size)]
    for i in range(size):
        matrix[i][i] = 10
    pairs = {(domains.of(d.a), domains.of(d.b)): d.value for d in told}
    for (a, b), value in pairs.items():
        if a is None or b is None or a >= size or b >= size:
            continue
        matrix[a][b] = value
        if (b, a) not in pairs:
            matrix[b][a] = value
    builder = Builder("SLIT", slit.HEADER, size.to_bytes(8, "little"))
    builder.add(b"".join(bytes(row) for row in matrix), "distances", HOST, "distances")
    return builder.finish()


def hmat_of(plan: Plan) -> Table:
    """Return the HMAT: memory domains with their initiator, figures, memory-side caches."""
    document, domains = plan.document, plan.domains
    above = parents_of(document)
    builder = Builder("HMAT", hmat.HEADER, bytes(4))
    rows: dict[tuple[int, int], Perf] = {}
    for part in document.parts.values():
        own = _row(part.id, above.get(part.id), part, domains)
        if own is not None:
            rows.setdefault(*own)
    for figure in document.host.access:
        initiator, target = domains.of(figure.initiator), domains.of(figure.target)
        if initiator is not None and target is not None:
            rows[initiator, target] = figure.perf
    for part_id in plan.layout.memory:
        builder.add(_attributes(plan, part_id, above), "memory domain", part_id)
    initiators = tuple(sorted({i for i, _ in rows}))
    targets = tuple(sorted({t for _, t in rows}))
    grid = tuple(rows.get((i, t), Perf()) for i in initiators for t in targets)
    for kind, values in figures(grid, join=True):
        unit, entries = scale(values, units_of(kind))
        item = hmat.Locality(
            data_type=kind,
            base_unit=unit,
            initiators=initiators,
            targets=targets,
            entries=entries,
        )
        builder.add(hmat.encode_structure(item), hmat.locality_name(item), HOST, "access")
    for part in document.parts.values():
        if isinstance(part, MemoryDomain) and part.cache_bytes:
            cache = hmat.SideCache(
                memory_pxm=domains.memory[part.id],
                size=part.cache_bytes,
                attributes=hmat.cache_attributes(),
            )
            builder.add(hmat.encode_structure(cache), "side cache", part.id, "cache_bytes")
    return builder.finish()


def _row(
    part_id: str, above: str | None, part: object, domains: Domains
) -> tuple[tuple[int, int], Perf] | None:
    """Return the figures a part has of its own: (initiator, target) and values."""
    if isinstance(part, Socket):
        pxm = domains.memory[part_id]
        return ((pxm, pxm), part.perf) if part.perf != Perf() else None
    initiator = domains.memory.get(above or "")
    target = domains.of(part_id)
    if (
        isinstance(part, MemoryDomain | HostBridge)
        and initiator is not None
        and target is not None
        and part.perf != Perf()
    ):
        return (initiator, target), part.perf
    return None


def _attributes(plan: Plan, part_id: str, above: Mapping[str, str]) -> bytes:
    part = plan.document.parts[part_id]
    socket = part_id if isinstance(part, Socket) and part.cpus else above.get(part_id)
    initiator = plan.domains.memory.get(socket or "")
    return hmat.encode_structure(
        hmat.DomainAttributes(
            memory_pxm=plan.domains.memory[part_id],
            initiator_pxm=initiator or 0,
            flags=0 if initiator is None else hmat.INITIATOR_VALID,
        )
    )
