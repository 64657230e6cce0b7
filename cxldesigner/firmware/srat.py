"""SRAT: which proximity domain every CPU, memory range and generic port is in (ACPI 6.5 5.2.16)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct

from cxldesigner.firmware.table import (
    HEADER_BYTES,
    Header,
    Kind,
    Raw,
    TableError,
    TableWarning,
    decode_all,
    encode_all,
    open_table,
    seal,
)

FIRST = 48
"""Offset of the first structure."""

_HEAD = Struct("<BB")
_FIXED = Struct("<IQ")
_LAPIC = Struct("<BBBBIB3sI")
_MEMORY = Struct("<BBI2xQQ4xI8x")
_X2APIC = Struct("<BB2xIIII4x")
_GICC = Struct("<BBIIII")
_ITS = Struct("<BBI2xI")
_GENERIC = Struct("<BBxBI16sI4x")
_RINTC = Struct("<BB2xIIII")

ENABLED = 1
HOT_PLUGGABLE = 2
NON_VOLATILE = 4
SPECIFIC_PURPOSE = 8

GENERIC_INITIATOR = 5
GENERIC_PORT = 6
ACPI_HANDLE = 0
PCI_HANDLE = 1


HEADER = Header(revision=3)
"""The header of tables written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapicAffinity:
    """Type 0: a CPU by its local APIC id. ``pxm`` has all 32 bits as written."""

    pxm: int
    apic_id: int
    flags: int = ENABLED
    sapic_eid: int = 0
    clock_domain: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryAffinity:
    """Type 1: a memory range."""

    pxm: int
    base: int
    length: int
    flags: int = ENABLED
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class X2ApicAffinity:
    """Type 2: a CPU by its x2APIC id."""

    pxm: int
    apic_id: int
    flags: int = ENABLED
    clock_domain: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiccAffinity:
    """Type 3: an Arm CPU by its ACPI processor UID."""

    pxm: int
    uid: int
    flags: int = ENABLED
    clock_domain: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItsAffinity:
    """Type 4: an Arm interrupt translation service."""

    pxm: int
    its_id: int
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericAffinity:
    """Type 5 (generic initiator) or 6 (generic port), told apart by ``type``."""

    type: int
    pxm: int
    handle: bytes
    handle_type: int = ACPI_HANDLE
    flags: int = ENABLED
    offset: int = field(default=0, compare=False)

    @property
    def uid(self) -> int | None:
        """``_UID`` in an ACPI handle, None for another handle."""
        if self.handle_type != ACPI_HANDLE:
            return None
        return int.from_bytes(self.handle[8:12], "little")


@dataclass(frozen=True, slots=True, kw_only=True)
class RintcAffinity:
    """Type 7: a RISC-V CPU by its ACPI processor UID."""

    pxm: int
    uid: int
    flags: int = ENABLED
    clock_domain: int = 0
    offset: int = field(default=0, compare=False)


CpuAffinity = LapicAffinity | X2ApicAffinity | GiccAffinity | RintcAffinity
SratStructure = CpuAffinity | MemoryAffinity | ItsAffinity | GenericAffinity | Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Srat:
    """A whole SRAT; structures in table order."""

    structures: tuple[SratStructure, ...] = ()
    header: Header = HEADER
    table_revision: int = 1
    reserved: int = 0
    warnings: tuple[TableWarning, ...] = field(default=(), compare=False)

    @property
    def memory(self) -> tuple[MemoryAffinity, ...]:
        """The enabled memory ranges that are not empty, in table order."""
        found = (s for s in self.structures if isinstance(s, MemoryAffinity))
        return tuple(m for m in found if m.flags & ENABLED and m.length)

    @property
    def generic_ports(self) -> tuple[GenericAffinity, ...]:
        """The enabled generic ports, in table order."""
        found = (s for s in self.structures if isinstance(s, GenericAffinity))
        return tuple(g for g in found if g.type == GENERIC_PORT and g.flags & ENABLED)

    @property
    def cpus(self) -> tuple[CpuAffinity, ...]:
        """The enabled CPU entries, in table order."""
        found = (s for s in self.structures if isinstance(s, CpuAffinity))
        return tuple(c for c in found if c.flags & ENABLED)

    def domain(self, item: SratStructure) -> int:
        """Return the domain Linux reads: 8 bits in CPU and memory entries of revision 1."""
        if isinstance(item, Raw):
            return 0
        if self.header.revision <= 1 and isinstance(item, LapicAffinity | MemoryAffinity):
            return item.pxm & 0xFF
        return item.pxm


def acpi_handle(hid: str, uid: int) -> bytes:
    """Return a 16-byte ACPI device handle."""
    return hid.encode("ascii")[:8].ljust(8, b"\0") + uid.to_bytes(4, "little") + bytes(4)


def pci_handle(segment: int, bdf: int) -> bytes:
    """Return a 16-byte PCI device handle."""
    return segment.to_bytes(2, "little") + bdf.to_bytes(2, "little") + bytes(12)


def _lapic(data: bytes, offset: int) -> LapicAffinity:
    _, _, low, apic, flags, eid, high, clock = _LAPIC.unpack_from(data)
    return LapicAffinity(
        pxm=low | int.from_bytes(high, "little") << 8,
        apic_id=apic,
        flags=flags,
        sapic_eid=eid,
        clock_domain=clock,
        offset=offset,
    )


def _memory(data: bytes, offset: int) -> MemoryAffinity:
    _, _, pxm, base, length, flags = _MEMORY.unpack_from(data)
    return MemoryAffinity(pxm=pxm, base=base, length=length, flags=flags, offset=offset)


def _x2apic(data: bytes, offset: int) -> X2ApicAffinity:
    _, _, pxm, apic, flags, clock = _X2APIC.unpack_from(data)
    return X2ApicAffinity(pxm=pxm, apic_id=apic, flags=flags, clock_domain=clock, offset=offset)


def _gicc(data: bytes, offset: int) -> GiccAffinity:
    _, _, pxm, uid, flags, clock = _GICC.unpack_from(data)
    return GiccAffinity(pxm=pxm, uid=uid, flags=flags, clock_domain=clock, offset=offset)


def _its(data: bytes, offset: int) -> ItsAffinity:
    _, _, pxm, its_id = _ITS.unpack_from(data)
    return ItsAffinity(pxm=pxm, its_id=its_id, offset=offset)


def _generic(data: bytes, offset: int) -> GenericAffinity:
    kind, _, handle_type, pxm, handle, flags = _GENERIC.unpack_from(data)
    return GenericAffinity(
        type=kind, pxm=pxm, handle=handle, handle_type=handle_type, flags=flags, offset=offset
    )


def _rintc(data: bytes, offset: int) -> RintcAffinity:
    _, _, pxm, uid, flags, clock = _RINTC.unpack_from(data)
    return RintcAffinity(pxm=pxm, uid=uid, flags=flags, clock_domain=clock, offset=offset)


KINDS = {
    0: Kind(_LAPIC.size, _lapic),
    1: Kind(_MEMORY.size, _memory),
    2: Kind(_X2APIC.size, _x2apic),
    3: Kind(_GICC.size, _gicc),
    4: Kind(_ITS.size, _its),
    GENERIC_INITIATOR: Kind(_GENERIC.size, _generic),
    GENERIC_PORT: Kind(_GENERIC.size, _generic),
    7: Kind(_RINTC.size, _rintc),
}


def decode_srat(data: bytes) -> Srat:
    """Return the SRAT in ``data``; raises :class:`TableError` on bytes that are none."""
    header, data, warnings = open_table(b"SRAT", data)
    if len(data) < FIRST:
        raise TableError("SRAT", HEADER_BYTES, f"the fixed part needs {FIRST} bytes")
    revision, reserved = _FIXED.unpack_from(data, HEADER_BYTES)
    structures, odd = decode_all("SRAT", data, FIRST, _HEAD, KINDS)
    return Srat(
        structures=structures,
        header=header,
        table_revision=revision,
        reserved=reserved,
        warnings=(*warnings, *odd),
    )


def encode_structure(item: SratStructure) -> bytes:
    """Return the bytes of one structure."""
    match item:
        case LapicAffinity():
            high = (item.pxm >> 8).to_bytes(3, "little")
            return _LAPIC.pack(
                0,
                _LAPIC.size,
                item.pxm & 0xFF,
                item.apic_id,
                item.flags,
                item.sapic_eid,
                high,
                item.clock_domain,
            )
        case MemoryAffinity():
            return _MEMORY.pack(1, _MEMORY.size, item.pxm, item.base, item.length, item.flags)
        case X2ApicAffinity():
            return _X2APIC.pack(
                2, _X2APIC.size, item.pxm, item.apic_id, item.flags, item.clock_domain
            )
        case GiccAffinity():
            return _GICC.pack(3, _GICC.size, item.pxm, item.uid, item.flags, item.clock_domain)
        case ItsAffinity():
            return _ITS.pack(4, _ITS.size, item.pxm, item.its_id)
        case GenericAffinity():
            return _GENERIC.pack(
                item.type, _GENERIC.size, item.handle_type, item.pxm, item.handle, item.flags
            )
        case RintcAffinity():
            return _RINTC.pack(7, _RINTC.size, item.pxm, item.uid, item.flags, item.clock_domain)
        case Raw():
            return _HEAD.pack(item.type, _HEAD.size + len(item.body)) + item.body


def encode_srat(table: Srat) -> bytes:
    """Return the bytes of an SRAT."""
    body, _ = encode_all(table.structures, encode_structure, FIRST)
    return seal(b"SRAT", table.header, _FIXED.pack(table.table_revision, table.reserved) + body)
