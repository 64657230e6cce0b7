"""Two recordings on one axis of simulated time.

Their ticks may differ in length, so everything here speaks milliseconds. Both sides of a chart are
cut to the same number of points, both values of a table are those of the tick under way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxldesigner.recording.envelope import Floats
from cxldesigner.recording.model import Column
from cxldesigner.recording.reader import RecordingReader


@dataclass(frozen=True, slots=True)
class Side:
    """One recording's part of a comparison: start of each stretch in ms, lowest and highest value.

    Arrays of equal length; empty when the recording ends before the range begins.
    """

    ms: npt.NDArray[np.int64]
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """One column at one moment; ``change`` is second minus first (NaN when either has none)."""

    column: Column
    first: float
    second: float

    @property
    def change(self) -> float:
        """How much more the second has."""
        return self.second - self.first


class Comparison:
    """Two open recordings; the caller closes them.

    Attributes
    ----------
    columns : columns both have, in the first one's order.
    only_first, only_second : names of columns the other lacks.
    """

    def __init__(self, first: RecordingReader, second: RecordingReader) -> None:
        self.first, self.second = first, second
        self.columns = tuple(c for c in first.meta.columns if c.name in second.columns)
        self.only_first = tuple(name for name in first.columns if name not in second.columns)
        self.only_second = tuple(name for name in second.columns if name not in first.columns)

    @property
    def duration_ms(self) -> int:
        """Length of the longer recording."""
        return max(r.ticks * r.meta.tick_ms for r in (self.first, self.second))

    def series(
        self, column: str, start_ms: int, end_ms: int, max_points: int = 1000
    ) -> tuple[Side, Side]:
        """Return a common column over ``[start_ms, end_ms)`` of both."""
        first, second = (
            _side(reader, column, start_ms, end_ms, max_points)
            for reader in (self.first, self.second)
        )
        return first, second

    def at(self, ms: int) -> tuple[Difference, ...]:
        """Return all common columns at a moment; a side that has ended keeps its last values."""
        if not self.first.ticks or not self.second.ticks:
            return ()
        rows = [r.row(tick_at(r, ms)) for r in (self.first, self.second)]
        return tuple(
            Difference(
                column,
                float(rows[0][self.first.columns[column.name]]),
                float(rows[1][self.second.columns[column.name]]),
            )
            for column in self.columns
        )


def tick_at(reader: RecordingReader, ms: int) -> int:
    """Return the tick of a recording that covers a moment, within its run."""
    return min(max(ms // reader.meta.tick_ms, 0), reader.ticks - 1)


def _side(reader: RecordingReader, column: str, start: int, end: int, points: int) -> Side:
    tick_ms = reader.meta.tick_ms
    ticks, low, high = reader.series(column, start // tick_ms, -(-end // tick_ms), points)
    return Side(ticks * tick_ms, low, high)
