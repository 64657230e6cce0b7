"""One sample of all processes' page maps as bytes, and back.

A sample's *layout* names the processes and how many bins each has; its *body* is, process after
process, the node bytes and then the heat bytes. A sample with the layout of the one before is
stored as the exclusive-or of the two bodies, which compresses to little where little moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np

from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.model import PageMap
from cxldesigner.recording.schema import MAX_JSON_BYTES, MAX_MAP_BINS, MAX_MAPS, MAX_TEXT

Layout = tuple[tuple[str, int], ...]


def layout_bytes(maps: Iterable[PageMap]) -> bytes:
    """Return the layout of a sample as JSON."""
    return json.dumps([[m.process, len(m.node)] for m in maps], ensure_ascii=False).encode()


def body_bytes(maps: Iterable[PageMap]) -> bytes:
    """Return the body of a sample."""
    return b"".join(part for m in maps for part in (m.node, m.heat))


def xor(a: bytes, b: bytes) -> bytes:
    """Return the exclusive-or of two byte strings of equal length."""
    return np.bitwise_xor(np.frombuffer(a, np.uint8), np.frombuffer(b, np.uint8)).tobytes()


def parse_layout(file: str, place: str, data: object) -> Layout:
    """Return the layout in JSON bytes; :class:`RecordingError` for anything else."""
    bad = RecordingError(file, place, "has a broken list of processes")
    if not isinstance(data, bytes) or len(data) > MAX_JSON_BYTES:
        raise bad
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise bad from error
    if not isinstance(entries, list) or len(entries) > MAX_MAPS:
        raise bad
    layout: list[tuple[str, int]] = []
    for entry in entries:
        match entry:
            case [str(process), int(bins)] if (
                len(process) < MAX_TEXT and 0 <= bins <= MAX_MAP_BINS and bins is not True
            ):
                layout.append((process, bins))
            case _:
                raise bad
    return tuple(layout)


def body_size(layout: Layout) -> int:
    """Return how many bytes the body of a sample has."""
    return sum(2 * bins for _, bins in layout)


def split(layout: Layout, body: bytes) -> tuple[PageMap, ...]:
    """Return the page maps of a sample."""
    maps, at = [], 0
    for process, bins in layout:
        maps.append(PageMap(process, body[at : at + bins], body[at + bins : at + 2 * bins]))
        at += 2 * bins
    return tuple(maps)
