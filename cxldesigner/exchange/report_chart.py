"""Charts drawn as SVG: lines with their bounds, stacked areas, dashed marks, axes with units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import floor, isfinite, log10

import numpy as np
import numpy.typing as npt

from cxldesigner.exchange import svg
from cxldesigner.exchange.report_page import SERIES, Origin, figure

WIDTH, HEIGHT = 860.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 12.0, 8.0, 28.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """One curve: name, lowest and highest value for each moment; ``colour`` counts from 0.

    ``stacked`` areas lie on the ones before; ``mark`` draws a dashed line.
    """

    name: str
    low: Floats
    high: Floats
    colour: int
    stacked: bool = False
    mark: bool = False

    @property
    def middle(self) -> Floats:
        """Halfway between the bounds."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over one time axis (seconds); ``unit`` is that of the value axis."""

    title: str
    unit: str
    origin: Origin
    seconds: Floats
    series: tuple[Series, ...]
    end: float = field(default=0.0)

    def __bool__(self) -> bool:
        return bool(self.series) and bool(len(self.seconds))


def short(value: float) -> str:
    """Return the label of a value: ``20,000``, ``300 M``."""
    for factor, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(value) >= factor:
            return f"{value / factor:g} {letter}"
    return f"{value:,.6g}"


def draw(chart: Chart) -> str:
    """Return the chart as a figure; nothing for one without curves."""
    if not chart:
        return ""
    top = _highest(chart)
    scale_y, steps_y = _axis(top)
    end = max(chart.end, float(chart.seconds[-1]), 1e-9)
    plane = _Plane(end, scale_y)
    parts = [
        *_value_axis(plane, steps_y, chart.unit),
        *_time_axis(plane, _axis(end)[1]),
        *_curves(plane, chart),
    ]
    picture = svg.element(
        "svg",
        svg.element("title", escape(chart.title)),
        *parts,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        role="img",
    )
    return figure(f"{chart.title}, {chart.unit}", chart.origin, picture, _legend(chart))


@dataclass(frozen=True, slots=True)
class _Plane:
    """Maps seconds and values to picture coordinates."""

    end: float
    top: float

    def x(self, seconds: float) -> float:
        return _LEFT + seconds / self.end * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - value / self.top * (HEIGHT - _TOP - _BOTTOM)

    def points(self, seconds: Floats, values: Floats) -> list[tuple[float, float] | None]:
        return [
            (self.x(t), self.y(v)) if isfinite(v) else None
            for t, v in zip(seconds.tolist(), values.tolist(), strict=True)
        ]


def _highest(chart: Chart) -> float:
    stack = np.zeros(len(chart.seconds))
    highest = 0.0
    for series in chart.series:
        if series.stacked:
            stack = stack + np.nan_to_num(series.middle)
            values = stack
        else:
            values = series.high
        finite = values[np.isfinite(values)]
        highest = max(highest, float(finite.max()) if len(finite) else 0.0)
    return highest


def _axis(top: float) -> tuple[float, list[float]]:
    """Return a round end of an axis from 0 to at least ``top``, and where its labels stand."""
    if top <= 0:
        return 1.0, [0.0, 1.0]
    rough = top / 4
    unit = 10.0 ** floor(log10(rough))
    step = next(s * unit for s in _STEPS if s * unit >= rough * 0.999)
    count = int(-(-top * 0.999 // step))
    return step * count, [step * n for n in range(count + 1)]


def _value_axis(plane: _Plane, steps: Sequence[float], unit: str) -> list[str]:
    parts = []
    for value in steps:
        y = plane.y(value)
        parts += [
            svg.element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_="grid"),
            svg.text(_LEFT - 6, y + 4, short(value), text_anchor="end"),
        ]
    return parts


def _time_axis(plane: _Plane, steps: Sequence[float]) -> list[str]:
    y = HEIGHT - _BOTTOM + 16
    return [
        svg.text(plane.x(value), y, f"{value:g} s", text_anchor="middle")
        for value in steps
        if value <= plane.end * 1.001
    ]


def _curves(plane: _Plane, chart: Chart) -> list[str]:
    parts = []
    stack = np.zeros(len(chart.seconds))
    for series in chart.series:
        colour = series.colour % SERIES
        if series.stacked:
            above = stack + np.nan_to_num(series.middle)
            upper = plane.points(chart.seconds, above)
            lower = plane.points(chart.seconds, stack)
            outline = svg.path_of([*upper, *reversed(lower)], closed=True)
            parts.append(svg.element("path", d=outline, class_=f"area f{colour}"))
            stack = above
            continue
        if not series.mark and bool(np.any(series.low != series.high)):
            known = np.isfinite(series.low) & np.isfinite(series.high)
            upper = plane.points(chart.seconds[known], series.high[known])
            lower = plane.points(chart.seconds[known], series.low[known])
            outline = svg.path_of([*upper, *reversed(lower)], closed=True)
            parts.append(svg.element("path", d=outline, class_=f"band f{colour}"))
        line = svg.path_of(plane.points(chart.seconds, series.middle))
        style = "mark" if series.mark else "line"
        parts.append(svg.element("path", d=line, class_=f"{style} s{colour}"))
    return parts


def _legend(chart: Chart) -> str:
    entries = []
    for series in chart.series:
        colour = series.colour % SERIES
        swatch = f'<span class="swatch{" dash" if series.mark else ""} b{colour}"></span>'
        entries.append(f"<li>{swatch}{escape(series.name)}</li>")
    return f'<ul class="legend">{"".join(entries)}</ul>\n'
