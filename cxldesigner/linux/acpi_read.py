"""Make the kernel's view of the tables (:mod:`cxldesigner.linux.acpi`) from their bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from cxldesigner.firmware.cedt import Cedt, Cfmws, Chbs, Cxims, decode_cedt
from cxldesigner.firmware.hmat import (
    INITIATOR_VALID,
    DomainAttributes,
    Hmat,
    Locality,
    SideCache,
    decode_hmat,
)
from cxldesigner.firmware.slit import Slit, decode_slit
from cxldesigner.firmware.srat import (
    ENABLED,
    GENERIC_INITIATOR,
    GENERIC_PORT,
    HOT_PLUGGABLE,
    GenericAffinity,
    GiccAffinity,
    LapicAffinity,
    MemoryAffinity,
    RintcAffinity,
    Srat,
    X2ApicAffinity,
    decode_srat,
)
from cxldesigner.firmware.table import TableError
from cxldesigner.linux.acpi import (
    AcpiView,
    BridgeEntry,
    CacheEntry,
    CpuEntry,
    DomainEntry,
    InitiatorEntry,
    LocalityEntry,
    MemoryEntry,
    PortEntry,
    WindowEntry,
    XorEntry,
)

_U32 = 0xFFFFFFFF
_Table = TypeVar("_Table")
_LATENCY_TYPES = 3


def read_tables(tables: Mapping[str, bytes]) -> AcpiView:
    """Return what the kernel takes from the tables; unreadable ones are named in ``problems``."""
    problems: list[str] = []
    srat = _open(tables, "SRAT", decode_srat, problems)
    slit = _open(tables, "SLIT", decode_slit, problems)
    cedt = _open(tables, "CEDT", decode_cedt, problems)
    hmat = _open(tables, "HMAT", decode_hmat, problems)
    if hmat is not None and hmat.header.revision not in {1, 2}:
        problems.append(f"HMAT: unknown revision {hmat.header.revision}")
        hmat = None
    first, memory, ports = _srat(srat)
    bridges, windows, xor = _cedt(cedt)
    domains, localities, caches = _hmat(hmat)
    return AcpiView(
        has_srat=srat is not None,
        has_hmat=hmat is not None,
        has_cedt=cedt is not None,
        first_pass=first,
        memory=memory,
        ports=ports,
        slit=_slit(slit),
        bridges=bridges,
        windows=windows,
        xor=xor,
        domains=domains,
        localities=localities,
        caches=caches,
        problems=tuple(problems),
    )


def _open(
    tables: Mapping[str, bytes], name: str, decode: Callable[[bytes], _Table], problems: list[str]
) -> _Table | None:
    data = tables.get(name)
    if data is None:
        return None
    try:
        return decode(data)
    except TableError as error:
        problems.append(str(error))
        return None


def _srat(
    srat: Srat | None,
) -> tuple[tuple[CpuEntry | InitiatorEntry, ...], tuple[MemoryEntry, ...], tuple[PortEntry, ...]]:
    if srat is None:
        return (), (), ()
    first: list[CpuEntry | InitiatorEntry] = []
    memory: list[MemoryEntry] = []
    ports: list[PortEntry] = []
    for item in srat.structures:
        match item:
            case LapicAffinity() | X2ApicAffinity() if item.flags & ENABLED:
                first.append(CpuEntry(srat.domain(item), item.apic_id, item.offset))
            case GiccAffinity() | RintcAffinity() if item.flags & ENABLED:
                first.append(CpuEntry(srat.domain(item), item.uid, item.offset))
            case MemoryAffinity() if item.flags & ENABLED:
                memory.append(
                    MemoryEntry(
                        srat.domain(item),
                        item.base,
                        item.base + item.length,
                        bool(item.flags & HOT_PLUGGABLE),
                        item.offset,
                    )
                )
            case GenericAffinity() if item.flags & ENABLED:
                if item.type == GENERIC_INITIATOR:
                    first.append(InitiatorEntry(srat.domain(item), item.offset))
                elif item.type == GENERIC_PORT and item.uid is not None:
                    ports.append(PortEntry(srat.domain(item), item.uid, item.offset))
            case _:
                pass
    return tuple(first), tuple(memory), tuple(ports)


def _slit(slit: Slit | None) -> tuple[tuple[int, ...], ...] | None:
    return None if slit is None else slit.matrix


def _cedt(
    cedt: Cedt | None,
) -> tuple[tuple[BridgeEntry, ...], tuple[WindowEntry, ...], tuple[XorEntry, ...]]:
    if cedt is None:
        return (), (), ()
    bridges: list[BridgeEntry] = []
    windows: list[WindowEntry] = []
    xor: list[XorEntry] = []
    for item in cedt.structures:
        match item:
            case Chbs():
                bridges.append(
                    BridgeEntry(item.uid, item.version, item.base, item.length, item.offset)
                )
            case Cfmws():
                windows.append(
                    WindowEntry(
                        base=item.base,
                        size=item.size,
                        ways=item.ways or 0,
                        granularity=item.granularity or 0,
                        arithmetic=item.arithmetic,
                        restrictions=item.restrictions,
                        qtg=item.qtg_id,
                        targets=item.targets,
                        ways_code=item.eniw,
                        granularity_code=item.hbig,
                        offset=item.offset,
                    )
                )
            case Cxims():
                xor.append(XorEntry(256 << item.hbig, item.maps, item.offset))
            case _:
                pass
    return tuple(bridges), tuple(windows), tuple(xor)


def normalize(entry: int, unit: int, data_type: int, revision: int) -> int:
    """Return ns or MB/s of an HMAT or CDAT entry, 0 for unknown (A23, ``hmat_normalize``)."""
    if entry in {0, 0xFFFF} or unit > _U32 // entry:
        return 0
    value = entry * unit
    if revision == 1:
        return 0 if value < 10 else -(-value // 10)
    if data_type < _LATENCY_TYPES:
        return -(-value // 1000)
    return value


def _hmat(
    hmat: Hmat | None,
) -> tuple[tuple[DomainEntry, ...], tuple[LocalityEntry, ...], tuple[CacheEntry, ...]]:
    if hmat is None:
        return (), (), ()
    domains: list[DomainEntry] = []
    localities: list[LocalityEntry] = []
    caches: list[CacheEntry] = []
    revision = hmat.header.revision
    for item in hmat.structures:
        match item:
            case DomainAttributes():
                processor = item.initiator_pxm if item.flags & INITIATOR_VALID else None
                domains.append(DomainEntry(item.memory_pxm, processor, item.offset))
            case Locality() if item.flags & 0xF == 0:
                columns = len(item.targets)
                localities.append(
                    LocalityEntry(
                        item.data_type,
                        item.initiators,
                        {
                            (a, b): normalize(
                                item.entries[i * columns + j],
                                item.base_unit,
                                item.data_type,
                                revision,
                            )
                            for i, a in enumerate(item.initiators)
                            for j, b in enumerate(item.targets)
                        },
                        item.offset,
                    )
                )
            case SideCache():
                caches.append(CacheEntry(item.memory_pxm, item.size, item.attributes, item.offset))
            case _:
                pass
    return tuple(domains), tuple(localities), tuple(caches)
