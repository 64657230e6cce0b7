"""Lowest and highest values over ever longer stretches of ticks, so that charts never load a run.

Level ``k`` has buckets of ``FACTOR ** k`` ticks. ``FACTOR`` buckets make a chunk, which is what is
stored; a chunk of level ``k`` is exactly one bucket of level ``k + 1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxldesigner.recording.schema import FACTOR

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to ``FACTOR`` buckets of one level: ``values`` is float64 ``[2, n, columns]``."""

    level: int
    number: int
    values: Floats


def top_level(ticks: int) -> int:
    """Return the highest level with at least one whole bucket (0 for fewer than 16 ticks)."""
    level = 0
    while FACTOR ** (level + 1) <= ticks:
        level += 1
    return level


def bounds(rows: Floats, size: int) -> Floats:
    """Return the float64 ``[2, buckets, columns]`` bounds of rows in buckets of ``size`` rows.

    NaN counts as "no value"; a bucket of nothing else is NaN. The last bucket may be short.
    """
    starts = np.arange(0, len(rows), size)
    return np.stack([np.fmin.reduceat(rows, starts), np.fmax.reduceat(rows, starts)])


class Pyramid:
    """The chunks at the growing end of every level."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._open: dict[int, Chunk] = {}

    def update(self, t0: int, rows: Floats) -> Iterator[Chunk]:
        """Take the rows of the block at ``t0`` (again, when it has grown); yield full chunks.

        Blocks divide chunks evenly, so a block touches one chunk a level.
        """
        ticks, first = t0 + len(rows), t0 // FACTOR
        values = bounds(rows, FACTOR)
        for level in range(1, top_level(ticks) + 1):
            chunk = self._put(level, first, values)
            if chunk.values.shape[1] == FACTOR and ticks % (FACTOR ** (level + 1)) == 0:
                yield chunk
            values = np.stack([
                np.fmin.reduce(chunk.values[0], axis=0, keepdims=True),
                np.fmax.reduce(chunk.values[1], axis=0, keepdims=True),
            ])  # fmt: skip
            first = chunk.number

    def tail(self) -> tuple[Chunk, ...]:
        """Return the newest chunk of every level, full or not."""
        return tuple(self._open.values())

    def _put(self, level: int, first: int, values: Floats) -> Chunk:
        number, at = divmod(first, FACTOR)
        old = self._open.get(level)
        kept = old.values[:, :at] if old is not None and old.number == number else values[:, :0]
        chunk = Chunk(level, number, np.concatenate([kept, values], axis=1))
        self._open[level] = chunk
        return chunk
