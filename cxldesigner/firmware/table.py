"""What all firmware tables share: the ACPI header, the walk over structures, the checksum.

Decoding hostile bytes raises :class:`TableError` and nothing else, and is bounded by their length.
What is odd but readable (checksum, bytes after the table, structures of a wrong size) is returned
as :class:`TableWarning`. Source: ACPI 6.5 section 5.2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Any

HEADER_BYTES = 36
_HEADER = Struct("<4sIBB6s8sI4sI")
MAX_STRUCTURES = 50_000
"""Structures one table may have; a machine with 8192 CPUs has a fifth of that."""


class TableError(Exception):
    """Bytes that are no such table: which table, where in it, why."""

    def __init__(self, table: str, offset: int, reason: str) -> None:
        super().__init__(f"{table} at offset 0x{offset:x}: {reason}")
        self.table = table
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TableWarning:
    """Something odd in a readable table; an operating system would go on."""

    table: str
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.table} at offset 0x{self.offset:x}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The ACPI header without signature, length and checksum, which follow from content."""

    revision: int
    oem_id: bytes = b"CXLDSN"
    oem_table_id: bytes = b"CXLDSGNR"
    oem_revision: int = 1
    compiler_id: bytes = b"CXLD"
    compiler_revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A structure of unknown type or impossible size: its type and the bytes after the header."""

    type: int
    body: bytes
    offset: int = field(default=0, compare=False)


def open_table(signature: bytes, data: bytes) -> tuple[Header, bytes, tuple[TableWarning, ...]]:
    """Check the ACPI header of ``data``.

    Returns
    -------
    tuple
        Header, the bytes of the table (cut to its length field), warnings.

    Raises
    ------
    TableError
        Too short, another signature, or a length field that the data do not fill.
    """
    name = signature.decode("ascii")
    if len(data) < HEADER_BYTES:
        raise TableError(name, len(data), f"the header needs {HEADER_BYTES} bytes")
    found, length, revision, _, oem, oem_table, oem_rev, compiler, comp_rev = _HEADER.unpack_from(
        data
    )
    if found != signature:
        raise TableError(name, 0, f"signature is {found!r}")
    if length < HEADER_BYTES or length > len(data):
        raise TableError(name, 4, f"length field says {length}, there are {len(data)} bytes")
    warnings = []
    if length < len(data):
        warnings.append(TableWarning(name, length, f"{len(data) - length} bytes after the table"))
        data = data[:length]
    if sum(data) & 0xFF:
        warnings.append(TableWarning(name, 9, "checksum is wrong"))
    header = Header(
        revision=revision,
        oem_id=oem,
        oem_table_id=oem_table,
        oem_revision=oem_rev,
        compiler_id=compiler,
        compiler_revision=comp_rev,
    )
    return header, data, tuple(warnings)


def seal(signature: bytes, header: Header, body: bytes) -> bytes:
    """Return the whole table: header, length and checksum around ``body``."""
    table = bytearray(
        _HEADER.pack(
            signature,
            HEADER_BYTES + len(body),
            header.revision,
            0,
            header.oem_id,
            header.oem_table_id,
            header.oem_revision,
            header.compiler_id,
            header.compiler_revision,
        )
    )
    table += body
    table[9] = -sum(table) & 0xFF
    return bytes(table)


def walk(table: str, data: bytes, start: int, head: Struct) -> Iterator[tuple[int, int, bytes]]:
    """Yield ``(offset, type, bytes)`` of every structure from ``start`` to the end.

    ``head`` unpacks to (type, …, length). A length below the header's or beyond the table is a
    :class:`TableError`, so the walk always ends.
    """
    offset = start
    count = 0
    while offset < len(data):
        count += 1
        if count > MAX_STRUCTURES:
            raise TableError(table, offset, f"more than {MAX_STRUCTURES} structures")
        if len(data) - offset < head.size:
            raise TableError(table, offset, "a structure is cut off")
        first = head.unpack_from(data, offset)
        kind, length = first[0], first[-1]
        if length < head.size:
            raise TableError(table, offset, f"structure type {kind} has length {length}")
        if offset + length > len(data):
            raise TableError(table, offset, f"structure type {kind} of {length} bytes is cut off")
        yield offset, kind, data[offset : offset + length]
        offset += length


Decoder = Callable[[bytes, int], Any]
"""Makes a typed structure of its bytes and offset."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one structure type is read: the smallest length that holds it, and its decoder."""

    length: int
    decode: Decoder
    exact: bool = True


def decode_all(
    table: str, data: bytes, start: int, head: Struct, kinds: Mapping[int, Kind]
) -> tuple[tuple[Any, ...], tuple[TableWarning, ...]]:
    """Return all structures of a table, typed where they can be, and what was odd about them."""
    found, warnings = [], []
    for offset, number, piece in walk(table, data, start, head):
        kind = kinds.get(number)
        if kind is None or len(piece) < kind.length:
            if kind is not None:
                warnings.append(
                    TableWarning(
                        table,
                        offset,
                        f"structure type {number} has {len(piece)} bytes, needs {kind.length}",
                    )
                )
            found.append(Raw(type=number, body=piece[head.size :], offset=offset))
            continue
        if kind.exact and len(piece) > kind.length:
            warnings.append(
                TableWarning(table, offset, f"structure type {number} has bytes after its fields")
            )
        found.append(kind.decode(piece, offset))
    return tuple(found), tuple(warnings)


def encode_all(
    structures: Iterable[Any], encode: Callable[[Any], bytes], start: int
) -> tuple[bytes, tuple[int, ...]]:
    """Return the joined structures and the offset of each, then that of the end."""
    pieces = [encode(s) for s in structures]
    offsets, at = [], start
    for piece in pieces:
        offsets.append(at)
        at += len(piece)
    return b"".join(pieces), (*offsets, at)
