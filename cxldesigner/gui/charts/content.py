"""The data of a chart over a stretch of ticks, read from the recording and put into items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from PySide6.QtGui import QColor

from cxldesigner.gui.charts.items import (
    EMPTY,
    Envelope,
    Floats,
    Layer,
    LineItem,
    StackItem,
)
from cxldesigner.gui.charts.palette import series_colour, series_pattern
from cxldesigner.gui.charts.plot import EndMark, TimePlot
from cxldesigner.gui.charts.quantity import ceiling, scale
from cxldesigner.gui.charts.specs import ChartKind, ChartSpec, Series
from cxldesigner.recording.reader import RecordingReader


class Content(Protocol):
    """Draws one kind of chart."""

    def restyle(self) -> None:
        """Take the colours of the theme."""

    def load(self, stretch: Stretch, hidden: Collection[str]) -> tuple[float, float]:
        """Read and show a stretch; return the lowest and highest value of the axis."""

    def end_marks(self) -> list[EndMark]:
        """Return the texts at the right ends."""


class Stretch:
    """Reads series over the shown ticks, at most one point a pixel."""

    def __init__(self, reader: RecordingReader, t0: int, t1: int, pixels: int) -> None:
        self._reader, self._t0, self._t1, self._pixels = reader, t0, t1, pixels
        self._tick_ms = reader.meta.tick_ms

    def envelope(self, spec: ChartSpec, series: Series) -> Envelope:
        """Return a series in chart units."""
        ticks, low, high = self._reader.series(series.column, self._t0, self._t1, self._pixels)
        factor = scale(spec.quantity, self._tick_ms)
        x = np.asarray(ticks, np.float64) * (self._tick_ms / 1000)
        if np.array_equal(low, high, equal_nan=True):
            values = low * factor
            return Envelope(x, values, values)
        return Envelope(x, low * factor, high * factor)


class LinesContent:
    """A line for each series; those marked ``below`` hang downwards from zero."""

    def __init__(self, spec: ChartSpec, plot: TimePlot) -> None:
        self._spec = spec
        self._items = {series.column: LineItem() for series in spec.series}
        self._data: dict[str, Envelope] = {}
        for item in self._items.values():
            plot.add(item)

    def restyle(self) -> None:
        for series in self._spec.series:
            self._items[series.column].set_colour(series_colour(series.colour))

    def load(self, stretch: Stretch, hidden: Collection[str]) -> tuple[float, float]:
        reach, depth = 0.0, 0.0
        self._data = {}
        for series in self._spec.series:
            item = self._items[series.column]
            if series.column in hidden:
                item.set_data(EMPTY)
                continue
            data = stretch.envelope(self._spec, series)
            top = float(np.nanmax(data.high)) if np.isfinite(data.high).any() else 0.0
            if series.below:
                depth = max(depth, top)
                data = Envelope(data.x, -data.high, -data.low) if not data.exact else _negated(data)
            else:
                reach = max(reach, top)
            self._data[series.column] = data
            item.set_data(data)
        quantity = self._spec.quantity
        if not any(series.below for series in self._spec.series):
            return 0.0, ceiling(quantity, reach)
        limit = max(reach, depth)
        if limit <= 0:
            return -1.0, 1.0
        return (
            -ceiling(quantity, max(depth, limit / 8)),
            ceiling(quantity, max(reach, limit / 8)),
        )

    def end_marks(self) -> list[EndMark]:
        marks = []
        for series in self._spec.series:
            data = self._data.get(series.column, EMPTY)
            if len(data.x) and np.isfinite(data.middle[-1]) and _moves(data):
                value = float(data.middle[-1])
                marks.append(EndMark(series.mark, value, series_colour(series.colour)))
        return marks


def _negated(data: Envelope) -> Envelope:
    values = -data.low
    return Envelope(data.x, values, values)


def _moves(data: Envelope) -> bool:
    """Whether a line is anywhere off zero: a line that lies on the axis needs no name there."""
    return bool(np.any(data.low[np.isfinite(data.low)])) or bool(
        np.any(data.high[np.isfinite(data.high)])
    )


class StackContent:
    """Series standing on each other, the rest (free pages) left empty; levels from the top down."""

    def __init__(self, spec: ChartSpec, plot: TimePlot) -> None:
        self._spec = spec
        self._item = StackItem()
        self._filled = tuple(s for s in spec.series if not s.rest)
        self._rest = next((s for s in spec.series if s.rest), None)
        self._marks: list[EndMark] = []
        plot.add(self._item)

    def restyle(self) -> None:
        layers = [Layer(series_colour(s.colour), series_pattern(s.colour)) for s in self._filled]
        self._item.set_layers(layers, layers[-1].colour)

    def load(self, stretch: Stretch, hidden: Collection[str]) -> tuple[float, float]:
        shown = [s for s in self._filled if s.column not in hidden]
        parts = [stretch.envelope(self._spec, s) for s in shown]
        rest = None if self._rest is None else stretch.envelope(self._spec, self._rest)
        x = parts[0].x if parts else (rest or EMPTY).x
        edges = [np.zeros(len(x))]
        for part in parts:
            edges.append(edges[-1] + np.nan_to_num(part.middle))
        top = edges[-1]
        if rest is not None:
            everything = [stretch.envelope(self._spec, s) for s in self._filled]
            top = np.nan_to_num(rest.middle) + sum(np.nan_to_num(e.middle) for e in everything)
        levels = self._levels(stretch, hidden, top)
        self._item.set_layers(
            [Layer(series_colour(s.colour), series_pattern(s.colour)) for s in shown],
            series_colour((shown or self._filled)[-1].colour),
        )
        self._item.set_data(x, edges, None if hidden else self._spread(parts, rest, top), levels)
        self._marks = self._stack_marks(shown, edges) if self._rest is None else []
        self._marks += [
            EndMark(s.mark, float(line[-1]), colour)
            for s, (line, colour) in zip(self._shown_levels(hidden), levels, strict=True)
            if len(line)
        ]
        reach = float(top.max()) if len(top) else 0.0
        return 0.0, (
            reach * 1.02 if rest is not None and reach else ceiling(self._spec.quantity, reach)
        )

    def end_marks(self) -> list[EndMark]:
        return self._marks

    def _shown_levels(self, hidden: Collection[str]) -> list[Series]:
        return [s for s in self._spec.levels if s.column not in hidden]

    def _levels(
        self, stretch: Stretch, hidden: Collection[str], top: Floats
    ) -> list[tuple[Floats, QColor]]:
        lines = []
        for series in self._shown_levels(hidden):
            mark = stretch.envelope(self._spec, series)
            lines.append((top - np.nan_to_num(mark.middle), series_colour(series.colour)))
        return lines

    @staticmethod
    def _spread(
        parts: Sequence[Envelope], rest: Envelope | None, top: Floats
    ) -> tuple[Floats, Floats] | None:
        """Return between what the used part varied inside each bucket; None where exact."""
        if rest is not None:
            return None if rest.exact else (top - rest.high, top - rest.low)
        if all(part.exact for part in parts):
            return None
        return sum(p.low for p in parts), sum(p.high for p in parts)  # type: ignore[return-value]

    @staticmethod
    def _stack_marks(shown: Sequence[Series], edges: Sequence[Floats]) -> list[EndMark]:
        marks = []
        for series, low, high in zip(shown, edges, edges[1:], strict=False):
            if len(high) and high[-1] > low[-1]:
                middle = float(low[-1] + high[-1]) / 2
                marks.append(EndMark(series.mark, middle, series_colour(series.colour)))
        return marks


def content_of(spec: ChartSpec, plot: TimePlot) -> Content:
    """Return the drawing of a chart's kind, its items added to ``plot``."""
    content = StackContent if spec.kind is ChartKind.STACK else LinesContent
    return content(spec, plot)
