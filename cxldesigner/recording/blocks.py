"""Decoded blocks and envelope chunks of a recording, the recently used ones kept."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from cxldesigner.recording import schema
from cxldesigner.recording.envelope import Floats
from cxldesigner.recording.file import RecordingFile, Row

CACHE_BYTES = 48 << 20


class BlockStore:
    """Rows and envelopes of an open file as arrays."""

    def __init__(self, file: RecordingFile, columns: int) -> None:
        self._file = file
        self._columns = columns
        # By kind, number of the piece and ticks in a whole piece.
        self._kept: OrderedDict[tuple[str, int, int], Floats] = OrderedDict()
        self._kept_bytes = 0

    def last(self) -> tuple[int, int]:
        """Return first tick and length of the newest block, ``(0, 0)`` without any."""
        found = self._file.query(
            "SELECT t0, n FROM block ORDER BY t0 DESC LIMIT 1", place="blocks", limit=1
        )
        if not found:
            return 0, 0
        t0, n = found[0]
        if (
            not isinstance(t0, int)
            or not isinstance(n, int)
            or t0 % schema.BLOCK_TICKS
            or not 0 <= t0 < schema.MAX_TICKS
            or not 1 <= n <= schema.BLOCK_TICKS
        ):
            raise self._file.error("blocks", "has an impossible number of ticks")
        return t0, n

    def block(self, t0: int, n: int) -> Floats:
        """Return rows ``t0 … t0+n-1`` as float64 ``[n, columns]`` (a view, column-major)."""
        place = f"ticks {t0}-{t0 + n - 1}"
        key = ("block", t0 // schema.BLOCK_TICKS, schema.BLOCK_TICKS)
        if key in self._kept:
            return self._recall(key)[:n]
        row = self._one("SELECT n, crc, data FROM block WHERE t0 = ?", t0, place)
        if not isinstance(row[0], int) or not n <= row[0] <= schema.BLOCK_TICKS:
            raise self._file.error(place, "has an impossible number of ticks")
        values = self._decode(row, place, (self._columns, row[0]))
        return self._keep(key, values.T)[:n]

    def chunk(self, level: int, number: int) -> Floats:
        """Return the buckets of an envelope chunk as float64 ``[2, n, columns]``."""
        place = f"envelope {level}, part {number}"
        key = ("envelope", number, schema.FACTOR ** (level + 1))
        if key in self._kept:
            return self._recall(key)
        row = self._one(
            "SELECT n, crc, data FROM envelope WHERE id = ?",
            schema.envelope_id(level, number),
            place,
        )
        n = row[0]
        if not isinstance(n, int) or not 1 <= n <= schema.FACTOR:
            raise self._file.error(place, "has an impossible number of buckets")
        values = self._decode(row, place, (2, n, self._columns))
        return self._keep(key, values)

    def forget_from(self, tick: int) -> None:
        """Drop whatever covers ticks from ``tick`` on: the writer has written it again."""
        for key in list(self._kept):
            kind, number, span = key
            if (number + 1) * span > tick:
                self._kept_bytes -= self._kept.pop((kind, number, span)).nbytes

    def _one(self, sql: str, key: int, place: str) -> Row:
        rows = self._file.query(sql, (key,), place=place, limit=1)
        if not rows:
            raise self._file.error(place, "is missing")
        return rows[0]

    def _decode(self, row: Row, place: str, shape: tuple[int, ...]) -> Floats:
        size = 8 * int(np.prod(shape))
        data = schema.unpack(self._file.name, place, row[2], row[1], size)
        return np.frombuffer(data, "<f8").astype(np.float64, copy=False).reshape(shape)

    def _recall(self, key: tuple[str, int, int]) -> Floats:
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: tuple[str, int, int], values: Floats) -> Floats:
        self._kept[key] = values
        self._kept_bytes += values.nbytes
        while self._kept_bytes > CACHE_BYTES and len(self._kept) > 1:
            self._kept_bytes -= self._kept.popitem(last=False)[1].nbytes
        return values
