"""Promotions and demotions of a whole recording in a few dozen stretches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxldesigner.gui.player.timeline import Movement

if TYPE_CHECKING:  # loads numpy
    from cxldesigner.recording.reader import RecordingReader

STRETCHES = 120


def movement_of(reader: RecordingReader) -> Movement:
    """Return the most pages moved in a tick of each stretch, relative to the busiest stretch."""
    up = _peaks(reader, "promoted")
    down = _peaks(reader, "demoted")
    most = max((*up, *down), default=0.0)
    if most <= 0:
        return Movement()
    return Movement(tuple(v / most for v in up), tuple(v / most for v in down))


def _peaks(reader: RecordingReader, what: str) -> list[float]:
    total: list[float] = []
    for column in reader.meta.columns:
        if re.fullmatch(rf"node\d+\.{what}", column.name):
            _, _, high = reader.series(column.name, 0, reader.ticks, STRETCHES)
            values = high.tolist()
            total = [a + b for a, b in zip(total, values, strict=True)] if total else values
    return total
