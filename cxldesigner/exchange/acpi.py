"""ACPI tables from files: one binary table, several in a row, or the text ``acpidump`` writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct

from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.firmware.cdat import decode_cdat
from cxldesigner.firmware.cedt import Cedt, decode_cedt
from cxldesigner.firmware.hmat import Hmat, decode_hmat
from cxldesigner.firmware.slit import Slit, decode_slit
from cxldesigner.firmware.srat import Srat, decode_srat
from cxldesigner.firmware.table import HEADER_BYTES, TableError, TableWarning

DECODERS: Mapping[str, Callable[[bytes], Cedt | Srat | Slit | Hmat]] = {
    "CEDT": decode_cedt,
    "SRAT": decode_srat,
    "SLIT": decode_slit,
    "HMAT": decode_hmat,
}
"""Tables that say something of the platform's memory."""

MAX_TABLES = 500
MAX_TABLE_BYTES = 2 << 20
"""Largest table read; the SRAT of 8192 CPUs has a tenth of that."""

_HEAD = Struct("<4sI")
_SIGNATURE = re.compile(rb"[A-Z][A-Z0-9!]{3}")
_DUMP_START = re.compile(r"^(\S{4}) @ 0x[0-9A-Fa-f]+\s*$", re.MULTILINE)
_DUMP_LINE = re.compile(r"^\s*([0-9A-Fa-f]{1,8}):((?: [0-9A-Fa-f]{2}){1,16})(?:\s|$)")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """One table of a file: signature (``CDAT`` has none of its own) and bytes."""

    signature: str
    data: bytes


def is_table(data: bytes) -> bool:
    """Return whether ``data`` begins like a binary ACPI table."""
    if len(data) < HEADER_BYTES or not _SIGNATURE.fullmatch(data[:4]):
        return False
    return _HEAD.unpack_from(data)[1] >= HEADER_BYTES and not data[:HEADER_BYTES].isascii()


def is_known_start(data: bytes) -> bool:
    """Return whether ``data`` begins like a binary table read here (not the text of one)."""
    return data[:4].decode("latin-1") in DECODERS and data[4:7] != b" @ "


def is_dump(text: str) -> bool:
    """Return whether ``text`` is what ``acpidump`` writes."""
    return _DUMP_START.search(text) is not None


def is_cdat(data: bytes) -> bool:
    """Return whether ``data`` is one whole CDAT; it has no signature, so all must fit."""
    if len(data) > MAX_TABLE_BYTES or int.from_bytes(data[:4], "little") != len(data):
        return False
    try:
        table = decode_cdat(data)
    except TableError:
        return False
    return not table.warnings and bool(table.structures)


def split_tables(name: str, data: bytes) -> tuple[FoundTable, ...]:
    """Return the tables of a binary file, in order.

    Raises
    ------
    ImportRefused
        A table that is cut off, or bytes between tables.
    """
    out: list[FoundTable] = []
    offset = 0
    while offset < len(data):
        left = len(data) - offset
        place = f"offset 0x{offset:x}"
        if left < HEADER_BYTES or not _SIGNATURE.match(data, offset):
            if not any(data[offset:]):
                break  # padding up to the end
            raise ImportRefused(name, place, "here begins no ACPI table")
        signature, length = _HEAD.unpack_from(data, offset)
        if length < HEADER_BYTES or length > left:
            reason = f"the table says it has {length} bytes, the file has {left} more"
            raise ImportRefused(name, place, reason)
        if len(out) == MAX_TABLES:
            raise ImportRefused(name, place, f"more than {MAX_TABLES} tables")
        out.append(FoundTable(signature.decode("ascii"), data[offset : offset + length]))
        offset += length
    return tuple(out)


def parse_dump(name: str, text: str) -> tuple[FoundTable, ...]:
    """Return the tables of an ``acpidump`` text, in order."""
    out: list[FoundTable] = []
    signature, data, line_of = "", bytearray(), 0

    def close() -> None:
        if not signature:
            return
        stated = int.from_bytes(data[4:8], "little")
        if len(data) < HEADER_BYTES or stated != len(data):
            reason = f"{signature} says it has {stated} bytes, the dump has {len(data)}"
            raise ImportRefused(name, f"line {line_of}", reason)
        out.append(FoundTable(signature, bytes(data)))

    for number, line in enumerate(text.splitlines(), 1):
        start = _DUMP_START.match(line)
        if start is not None:
            close()
            signature, data, line_of = start[1], bytearray(), number
            continue
        row = _DUMP_LINE.match(line)
        if row is None or not signature:
            continue
        if int(row[1], 16) != len(data):
            raise ImportRefused(name, f"line {number}", "the dump has a gap here")
        data += bytes.fromhex(row[2])
    close()
    return tuple(out)


def check_table(name: str, table: FoundTable) -> tuple[TableWarning, ...]:
    """Return what is odd about a table; raises :class:`ImportRefused` if it cannot be read."""
    if len(table.data) > MAX_TABLE_BYTES:
        reason = f"the table is larger than {MAX_TABLE_BYTES >> 20} MiB"
        raise ImportRefused(name, table.signature, reason)
    try:
        return DECODERS[table.signature](table.data).warnings
    except TableError as error:
        place = f"{error.table} offset 0x{error.offset:x}"
        raise ImportRefused(name, place, error.reason) from error
