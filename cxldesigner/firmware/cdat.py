"""CDAT: what a device or switch says of its own memory (CDAT specification 1.04).

The table has no signature; units are those of HMAT revision 2 (ps and MB/s).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct

from cxldesigner.firmware.table import Kind, Raw, TableError, TableWarning, decode_all, encode_all

FIRST = 16
"""Offset of the first structure."""

_HEADER = Struct("<IBB6sI")
_HEAD = Struct("<BxH")
_DSMAS = Struct("<BxHBB2xQQ")
_DSLBIS = Struct("<BxHBBBxQHHH2x")
_DSMSCIS = Struct("<BxHB3xQI")
_DSIS = Struct("<BxHBB2x")
_DSEMTS = Struct("<BxHBB2xQQ")
_SSLBIS = Struct("<BxHB3xQ")
_PATH = Struct("<HHH2x")

NON_VOLATILE = 1 << 2
UPSTREAM_PORT = 0x0100
ANY_PORT = 0xFFFF
EFI_CONVENTIONAL = 0
EFI_SPECIFIC_PURPOSE = 1
EFI_RESERVED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsmas:
    """Type 0: a device physical address range."""

    handle: int
    base: int
    length: int
    flags: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dslbis:
    """Type 1: one figure of a range; Linux uses the first entry of hierarchy 0."""

    handle: int
    data_type: int
    base_unit: int
    entries: tuple[int, int, int]
    flags: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsmscis:
    """Type 2: a memory-side cache in the device."""

    handle: int
    size: int
    attributes: int
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsis:
    """Type 3: an initiator in the device."""

    flags: int
    handle: int
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsemts:
    """Type 4: the EFI memory type of a part of a range."""

    handle: int
    memory_type: int
    dpa: int
    length: int
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPath:
    """One figure between two ports of a switch."""

    port_x: int
    port_y: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sslbis:
    """Type 5: figures through a switch."""

    data_type: int
    base_unit: int
    paths: tuple[SwitchPath, ...] = ()
    tail: bytes = b""
    offset: int = field(default=0, compare=False)


CdatStructure = Dsmas | Dslbis | Dsmscis | Dsis | Dsemts | Sslbis | Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdat:
    """A whole CDAT; structures in table order."""

    structures: tuple[CdatStructure, ...] = ()
    revision: int = 1
    sequence: int = 0
    reserved: bytes = bytes(6)
    warnings: tuple[TableWarning, ...] = field(default=(), compare=False)


def _dsmas(data: bytes, offset: int) -> Dsmas:
    _, _, handle, flags, base, length = _DSMAS.unpack_from(data)
    return Dsmas(handle=handle, flags=flags, base=base, length=length, offset=offset)


def _dslbis(data: bytes, offset: int) -> Dslbis:
    _, _, handle, flags, kind, unit, *entries = _DSLBIS.unpack_from(data)
    return Dslbis(
        handle=handle,
        flags=flags,
        data_type=kind,
        base_unit=unit,
        entries=(entries[0], entries[1], entries[2]),
        offset=offset,
    )


def _dsmscis(data: bytes, offset: int) -> Dsmscis:
    _, _, handle, size, attributes = _DSMSCIS.unpack_from(data)
    return Dsmscis(handle=handle, size=size, attributes=attributes, offset=offset)


def _dsis(data: bytes, offset: int) -> Dsis:
    _, _, flags, handle = _DSIS.unpack_from(data)
    return Dsis(flags=flags, handle=handle, offset=offset)


def _dsemts(data: bytes, offset: int) -> Dsemts:
    _, _, handle, memory_type, dpa, length = _DSEMTS.unpack_from(data)
    return Dsemts(handle=handle, memory_type=memory_type, dpa=dpa, length=length, offset=offset)


def _sslbis(data: bytes, offset: int) -> Sslbis:
    _, _, kind, unit = _SSLBIS.unpack_from(data)
    count = (len(data) - _SSLBIS.size) // _PATH.size
    end = _SSLBIS.size + count * _PATH.size
    paths = tuple(
        SwitchPath(port_x=x, port_y=y, value=value)
        for x, y, value in _PATH.iter_unpack(data[_SSLBIS.size : end])
    )
    return Sslbis(data_type=kind, base_unit=unit, paths=paths, tail=data[end:], offset=offset)


KINDS = {
    0: Kind(_DSMAS.size, _dsmas),
    1: Kind(_DSLBIS.size, _dslbis),
    2: Kind(_DSMSCIS.size, _dsmscis),
    3: Kind(_DSIS.size, _dsis),
    4: Kind(_DSEMTS.size, _dsemts),
    5: Kind(_SSLBIS.size, _sslbis, exact=False),
}


def decode_cdat(data: bytes) -> Cdat:
    """Return the CDAT in ``data``; raises :class:`TableError` on bytes that are none."""
    if len(data) < FIRST:
        raise TableError("CDAT", len(data), f"the header needs {FIRST} bytes")
    length, revision, _, reserved, sequence = _HEADER.unpack_from(data)
    if length < FIRST or length > len(data):
        raise TableError("CDAT", 0, f"length field says {length}, there are {len(data)} bytes")
    warnings = []
    if length < len(data):
        warnings.append(TableWarning("CDAT", length, f"{len(data) - length} bytes after the table"))
        data = data[:length]
    if sum(data) & 0xFF:
        warnings.append(TableWarning("CDAT", 5, "checksum is wrong"))
    structures, odd = decode_all("CDAT", data, FIRST, _HEAD, KINDS)
    return Cdat(
        structures=structures,
        revision=revision,
        sequence=sequence,
        reserved=reserved,
        warnings=(*warnings, *odd),
    )


def encode_structure(item: CdatStructure) -> bytes:
    """Return the bytes of one structure."""
    match item:
        case Dsmas():
            return _DSMAS.pack(0, _DSMAS.size, item.handle, item.flags, item.base, item.length)
        case Dslbis():
            return _DSLBIS.pack(
                1,
                _DSLBIS.size,
                item.handle,
                item.flags,
                item.data_type,
                item.base_unit,
                *item.entries,
            )
        case Dsmscis():
            return _DSMSCIS.pack(2, _DSMSCIS.size, item.handle, item.size, item.attributes)
        case Dsis():
            return _DSIS.pack(3, _DSIS.size, item.flags, item.handle)
        case Dsemts():
            return _DSEMTS.pack(
                4, _DSEMTS.size, item.handle, item.memory_type, item.dpa, item.length
            )
        case Sslbis():
            paths = b"".join(_PATH.pack(p.port_x, p.port_y, p.value) for p in item.paths)
            length = _SSLBIS.size + len(paths) + len(item.tail)
            head = _SSLBIS.pack(5, length, item.data_type, item.base_unit)
            return head + paths + item.tail
        case Raw():
            return _HEAD.pack(item.type, _HEAD.size + len(item.body)) + item.body


def encode_cdat(table: Cdat) -> bytes:
    """Return the bytes of a CDAT."""
    body, _ = encode_all(table.structures, encode_structure, FIRST)
    head = _HEADER.pack(FIRST + len(body), table.revision, 0, table.reserved, table.sequence)
    out = bytearray(head + body)
    out[5] = -sum(out) & 0xFF
    return bytes(out)
