"""The SQLite layout of a recording file: format number, tables, limits, block codec.

Everything stored as a blob is zlib-compressed and carries the CRC-32 of the compressed bytes, so a
damaged block is noticed before it is decoded. A block knows its decoded size beforehand, so that
decoding never allocates more than that (a hostile file may claim anything).
"""

from __future__ import annotations

import zlib

from cxldesigner.recording.errors import RecordingError

APPLICATION_ID = 0x4358_4C52
"""``CXLR`` in SQLite's header, so that ``file`` and the reader know the format at once."""

FORMAT = 1
"""Stored as ``user_version``; a reader refuses a greater one."""

BLOCK_TICKS = 64
FACTOR = 16
KEYFRAME_SAMPLES = 32

MAX_COLUMNS = 4096
MAX_TICKS = 1 << 40
MAX_JSON_BYTES = 8 << 20
MAX_DOCUMENT_BYTES = 64 << 20
MAX_VALUE_BYTES = 65 << 20
MAX_TEXT = 1 << 16
MAX_MAPS = 4096
MAX_MAP_BINS = 4096

TABLES = {
    "meta": "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "block": (
        "CREATE TABLE block (t0 INTEGER PRIMARY KEY, n INTEGER NOT NULL,"
        " crc INTEGER NOT NULL, data BLOB NOT NULL)"
    ),
    "envelope": (
        "CREATE TABLE envelope (id INTEGER PRIMARY KEY, n INTEGER NOT NULL,"
        " crc INTEGER NOT NULL, data BLOB NOT NULL)"
    ),
    "event": (
        "CREATE TABLE event (id INTEGER PRIMARY KEY, tick INTEGER NOT NULL, kind TEXT NOT NULL,"
        " text TEXT NOT NULL, process TEXT NOT NULL, node INTEGER NOT NULL)"
    ),
    "migration": (
        "CREATE TABLE migration (id INTEGER PRIMARY KEY, tick INTEGER NOT NULL,"
        " cause TEXT NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL,"
        " pages INTEGER NOT NULL)"
    ),
    "pagemap": (
        "CREATE TABLE pagemap (tick INTEGER PRIMARY KEY, base INTEGER NOT NULL,"
        " layout BLOB NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL)"
    ),
    "event_tick": "CREATE INDEX event_tick ON event (tick)",
    "migration_tick": "CREATE INDEX migration_tick ON migration (tick)",
}
"""Every object a recording has, by name. A file with others, or others' text, is refused: views,
triggers and virtual tables could otherwise stand where a table is expected.

``block``: rows ``t0 … t0+n-1`` as float64, column after column. ``envelope``: lowest and highest
value of each column in buckets of ``FACTOR ** level`` ticks, ``FACTOR`` buckets a row, float64
``[2, n, columns]``. ``pagemap``: one sample of all page maps; ``base`` is the tick of its keyframe
(itself for a keyframe), ``data`` the bytes exclusive-or the sample before, ``layout`` JSON
``[[process, bins], …]``.
"""


def envelope_id(level: int, chunk: int) -> int:
    """Return the key of one envelope row; ``chunk`` counts rows of a level from 0."""
    return level * MAX_TICKS + chunk


def pack(data: bytes) -> tuple[int, bytes]:
    """Return checksum and compressed form of a block."""
    packed = zlib.compress(data, 1)
    return zlib.crc32(packed), packed


def unpack(file: str, place: str, packed: object, crc: object, size: int) -> bytes:
    """Return the ``size`` bytes that :func:`pack` was given.

    Raises
    ------
    RecordingError
        Wrong types, checksum or length; nothing beyond ``size`` bytes is ever inflated.
    """
    if not isinstance(packed, bytes) or not isinstance(crc, int):
        raise RecordingError(file, place, "has values of the wrong type")
    if zlib.crc32(packed) != crc:
        raise RecordingError(file, place, "is damaged: checksum differs")
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(packed, size + 1)
    except zlib.error as error:
        raise RecordingError(file, place, "is damaged: not compressed data") from error
    if len(data) != size or not inflate.eof:
        raise RecordingError(file, place, f"is damaged: does not hold {size} bytes")
    return data
