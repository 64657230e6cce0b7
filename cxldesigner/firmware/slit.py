"""SLIT: relative distances between proximity domains (ACPI 6.5 section 5.2.17)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct

from cxldesigner.firmware.table import (
    HEADER_BYTES,
    Header,
    TableError,
    TableWarning,
    open_table,
    seal,
)

FIRST = 44
"""Offset of the matrix."""

MAX_DOMAINS = 2048
"""Domains read; Linux knows 1024 at most."""

_COUNT = Struct("<Q")


HEADER = Header(revision=1)
"""The header of tables written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slit:
    """A whole SLIT: row = from, column = to, both indexed by proximity domain."""

    matrix: tuple[tuple[int, ...], ...] = ()
    header: Header = HEADER
    tail: bytes = b""
    warnings: tuple[TableWarning, ...] = field(default=(), compare=False)


def decode_slit(data: bytes) -> Slit:
    """Return the SLIT in ``data``; raises :class:`TableError` on bytes that are none."""
    header, data, warnings = open_table(b"SLIT", data)
    if len(data) < FIRST:
        raise TableError("SLIT", HEADER_BYTES, f"the fixed part needs {FIRST} bytes")
    (n,) = _COUNT.unpack_from(data, HEADER_BYTES)
    if n * n > len(data) - FIRST:
        raise TableError("SLIT", HEADER_BYTES, f"{n} domains do not fit in {len(data)} bytes")
    if n > MAX_DOMAINS:
        raise TableError("SLIT", HEADER_BYTES, f"more than {MAX_DOMAINS} domains")
    matrix = tuple(tuple(data[FIRST + i * n : FIRST + (i + 1) * n]) for i in range(n))
    tail = data[FIRST + n * n :]
    if tail:
        warnings = (*warnings, TableWarning("SLIT", FIRST + n * n, "bytes after the matrix"))
    return Slit(matrix=matrix, header=header, tail=tail, warnings=warnings)


def encode_slit(table: Slit) -> bytes:
    """Return the bytes of a SLIT."""
    rows = b"".join(bytes(row) for row in table.matrix)
    return seal(b"SLIT", table.header, _COUNT.pack(len(table.matrix)) + rows + table.tail)
