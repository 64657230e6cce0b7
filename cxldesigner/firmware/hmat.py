"""HMAT: latency and bandwidth between proximity domains (ACPI 6.5 section 5.2.28).

Revision 1 and 2 lay the structures out alike; they differ in units (A23): revision 2 counts
latency in picoseconds, revision 1 in nanoseconds and tenths, as Linux reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
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

FIRST = 40
"""Offset of the first structure."""

_HEAD = Struct("<H2xI")
_FIXED = Struct("<I")
_DOMAIN = Struct("<H2xIHHIIIQQ")
_LOCALITY = Struct("<H2xIBBBBIIIQ")
_CACHE = Struct("<H2xIIIQIHH")

INITIATOR_VALID = 1
UNREACHABLE = 0xFFFF


class DataType(IntEnum):
    """What the entries of a locality structure are; also used by CDAT."""

    ACCESS_LATENCY = 0
    READ_LATENCY = 1
    WRITE_LATENCY = 2
    ACCESS_BANDWIDTH = 3
    READ_BANDWIDTH = 4
    WRITE_BANDWIDTH = 5


HEADER = Header(revision=2)
"""The header of tables written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainAttributes:
    """Type 0: a memory domain and the initiator attached to it."""

    memory_pxm: int
    initiator_pxm: int = 0
    flags: int = 0
    address: int = 0
    length: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locality:
    """Type 1: one matrix; ``entries`` row by row (row = initiator, column = target)."""

    flags: int = 0
    data_type: int = 0
    min_transfer: int = 0
    base_unit: int = 1
    initiators: tuple[int, ...] = ()
    targets: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    tail: bytes = b""
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCache:
    """Type 2: a memory-side cache in front of a domain; ``attributes`` as written."""

    memory_pxm: int
    size: int
    attributes: int = 0
    address_mode: int = 0
    handles: tuple[int, ...] = ()
    tail: bytes = b""
    offset: int = field(default=0, compare=False)


HmatStructure = DomainAttributes | Locality | SideCache | Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmat:
    """A whole HMAT; structures in table order."""

    structures: tuple[HmatStructure, ...] = ()
    header: Header = HEADER
    reserved: int = 0
    warnings: tuple[TableWarning, ...] = field(default=(), compare=False)


def cache_attributes(
    levels: int = 1, level: int = 1, associativity: int = 1, policy: int = 1, line: int = 64
) -> int:
    """Return the attribute word of a side cache (direct-mapped, write-back unless told)."""
    return levels | level << 4 | associativity << 8 | policy << 12 | line << 16


def locality_name(item: Locality) -> str:
    """Return what a locality structure holds, in words."""
    if item.data_type > DataType.WRITE_BANDWIDTH:
        return f"data type {item.data_type}"
    return DataType(item.data_type).name.replace("_", " ").lower()


def _domain(data: bytes, offset: int) -> DomainAttributes:
    _, _, flags, _, initiator, memory, _, address, length = _DOMAIN.unpack_from(data)
    return DomainAttributes(
        memory_pxm=memory,
        initiator_pxm=initiator,
        flags=flags,
        address=address,
        length=length,
        offset=offset,
    )


def _locality(data: bytes, offset: int) -> Locality:
    _, _, flags, kind, transfer, _, rows, columns, _, unit = _LOCALITY.unpack_from(data)
    at, need = _LOCALITY.size, 4 * rows + 4 * columns + 2 * rows * columns
    if need > len(data) - at:
        reason = f"{rows} initiators and {columns} targets do not fit in {len(data)} bytes"
        raise TableError("HMAT", offset, reason)
    initiators = Struct(f"<{rows}I").unpack_from(data, at)
    at += 4 * rows
    targets = Struct(f"<{columns}I").unpack_from(data, at)
    at += 4 * columns
    entries = Struct(f"<{rows * columns}H").unpack_from(data, at)
    return Locality(
        flags=flags,
        data_type=kind,
        min_transfer=transfer,
        base_unit=unit,
        initiators=initiators,
        targets=targets,
        entries=entries,
        tail=data[at + 2 * rows * columns :],
        offset=offset,
    )


def _cache(data: bytes, offset: int) -> SideCache:
    _, _, memory, _, size, attributes, mode, count = _CACHE.unpack_from(data)
    if 2 * count > len(data) - _CACHE.size:
        raise TableError("HMAT", offset, f"{count} handles do not fit in {len(data)} bytes")
    return SideCache(
        memory_pxm=memory,
        size=size,
        attributes=attributes,
        address_mode=mode,
        handles=Struct(f"<{count}H").unpack_from(data, _CACHE.size),
        tail=data[_CACHE.size + 2 * count :],
        offset=offset,
    )


KINDS = {
    0: Kind(_DOMAIN.size, _domain),
    1: Kind(_LOCALITY.size, _locality, exact=False),
    2: Kind(_CACHE.size, _cache, exact=False),
}


def decode_hmat(data: bytes) -> Hmat:
    """Return the HMAT in ``data``; raises :class:`TableError` on bytes that are none."""
    header, data, warnings = open_table(b"HMAT", data)
    if len(data) < FIRST:
        raise TableError("HMAT", HEADER_BYTES, f"the fixed part needs {FIRST} bytes")
    (reserved,) = _FIXED.unpack_from(data, HEADER_BYTES)
    structures, odd = decode_all("HMAT", data, FIRST, _HEAD, KINDS)
    return Hmat(structures=structures, header=header, reserved=reserved, warnings=(*warnings, *odd))


def encode_structure(item: HmatStructure) -> bytes:
    """Return the bytes of one structure."""
    match item:
        case DomainAttributes():
            return _DOMAIN.pack(
                0,
                _DOMAIN.size,
                item.flags,
                0,
                item.initiator_pxm,
                item.memory_pxm,
                0,
                item.address,
                item.length,
            )
        case Locality():
            rows, columns = len(item.initiators), len(item.targets)
            lists = Struct(f"<{rows + columns}I{len(item.entries)}H").pack(
                *item.initiators, *item.targets, *item.entries
            )
            return (
                _LOCALITY.pack(
                    1,
                    _LOCALITY.size + len(lists) + len(item.tail),
                    item.flags,
                    item.data_type,
                    item.min_transfer,
                    0,
                    rows,
                    columns,
                    0,
                    item.base_unit,
                )
                + lists
                + item.tail
            )
        case SideCache():
            handles = Struct(f"<{len(item.handles)}H").pack(*item.handles)
            return (
                _CACHE.pack(
                    2,
                    _CACHE.size + len(handles) + len(item.tail),
                    item.memory_pxm,
                    0,
                    item.size,
                    item.attributes,
                    item.address_mode,
                    len(item.handles),
                )
                + handles
                + item.tail
            )
        case Raw():
            return _HEAD.pack(item.type, _HEAD.size + len(item.body)) + item.body


def encode_hmat(table: Hmat) -> bytes:
    """Return the bytes of an HMAT."""
    body, _ = encode_all(table.structures, encode_structure, FIRST)
    return seal(b"HMAT", table.header, _FIXED.pack(table.reserved) + body)
