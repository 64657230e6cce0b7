"""Page maps of a recording: from the nearest keyframe forward, the last sample kept."""

from __future__ import annotations

from cxldesigner.recording import pagemaps, schema
from cxldesigner.recording.file import RecordingFile, Row
from cxldesigner.recording.model import PageMap


class SampleStore:
    """Page map samples of an open file."""

    def __init__(self, file: RecordingFile) -> None:
        self._file = file
        self._at = -1
        self._base = -1
        self._body = b""
        self._maps: tuple[PageMap, ...] = ()

    def forget(self) -> None:
        """Drop what is kept."""
        self._at = -1

    def at(self, tick: int) -> tuple[PageMap, ...]:
        """Return the newest sample at or before a tick, empty before the first."""
        newest = self._file.query(
            "SELECT tick, base FROM pagemap WHERE tick <= ? ORDER BY tick DESC LIMIT 1",
            (min(tick, schema.MAX_TICKS),),
            place="page maps",
            limit=1,
        )
        if not newest:
            return ()
        wanted, base = newest[0]
        if not isinstance(base, int) or not 0 <= base <= wanted:
            raise self._file.error(f"page maps of tick {wanted}", "has no keyframe")
        if wanted == self._at:
            return self._maps
        forward = base == self._base and 0 <= self._at < wanted
        rows = self._file.query(
            "SELECT tick, base, layout, crc, data FROM pagemap WHERE tick > ? AND tick <= ?"
            " ORDER BY tick",
            (self._at if forward else base - 1, wanted),
            place=f"page maps of tick {wanted}",
            limit=schema.KEYFRAME_SAMPLES + 1,
        )
        self._apply(rows, base, self._body if forward else b"")
        if self._at != wanted:
            raise self._file.error(f"page maps of tick {wanted}", "is too far from its keyframe")
        return self._maps

    def _apply(self, rows: list[Row], base: int, body: bytes) -> None:
        self._at = -1
        for tick, row_base, layout_json, crc, data in rows:
            place = f"page maps of tick {tick}"
            if row_base != base:
                raise self._file.error(place, "has no keyframe")
            layout = pagemaps.parse_layout(self._file.name, place, layout_json)
            size = pagemaps.body_size(layout)
            stored = schema.unpack(self._file.name, place, data, crc, size)
            if tick != base and len(body) != size:
                raise self._file.error(place, "has another size than the sample before")
            body = stored if tick == base else pagemaps.xor(body, stored)
            if tick == rows[-1][0]:
                self._at, self._base, self._body = tick, base, body
                self._maps = pagemaps.split(layout, body)
