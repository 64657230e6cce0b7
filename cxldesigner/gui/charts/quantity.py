"""Units of charts: from a column's raw value to what an axis shows, and its text. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

PAGE_BYTES = 4096
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("", "k", "M", "G", "T", "P")


class Quantity(StrEnum):
    """What a chart's values are, after :func:`scale`."""

    BYTES = "bytes"
    PAGES_PER_SECOND = "pages/s"
    MBPS = "MB/s"
    NANOSECONDS = "ns"
    SHARE = "share"
    PER_SECOND = "1/s"


def scale(quantity: Quantity, tick_ms: int) -> float:
    """Return the factor from a column's raw value to the chart's.

    Page counts become bytes, pages per tick become pages per second; the rest stays.
    """
    if quantity is Quantity.BYTES:
        return float(PAGE_BYTES)
    if quantity is Quantity.PAGES_PER_SECOND:
        return 1000.0 / tick_ms
    return 1.0


@dataclass(frozen=True, slots=True)
class _Unit:
    factor: float
    name: str


def _unit(quantity: Quantity, magnitude: float) -> _Unit:
    if quantity is Quantity.BYTES:
        power = _power(magnitude, 1024.0, len(_BINARY))
        return _Unit(1024.0**power, _BINARY[power])
    if quantity is Quantity.MBPS:
        return _Unit(1000.0, "GB/s") if magnitude >= 1000 else _Unit(1.0, "MB/s")
    if quantity is Quantity.NANOSECONDS:
        power = _power(magnitude, 1000.0, 4)
        return _Unit(1000.0**power, ("ns", "µs", "ms", "s")[power])
    if quantity is Quantity.SHARE:
        return _Unit(0.01, "%")
    power = _power(magnitude, 1000.0, len(_DECIMAL))
    return _Unit(1000.0**power, f"{_DECIMAL[power]}/s")


def _power(magnitude: float, base: float, limit: int) -> int:
    power = 0
    while magnitude >= base and power < limit - 1:
        magnitude /= base
        power += 1
    return power


def text(quantity: Quantity, value: float) -> str:
    """Return a value with its unit, three significant digits; a dash when there is none."""
    if not math.isfinite(value):
        return "–"
    unit = _unit(quantity, abs(value))
    return _with_unit(abs(value) / unit.factor, unit)


def _with_unit(number: float, unit: _Unit) -> str:
    space = "" if unit.name.startswith("/") else " "
    return f"{_digits(number)}{space}{unit.name}"


def _digits(number: float) -> str:
    if number == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(number))) if number < 100 else 0
    shown = f"{number:.{min(decimals, 3)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def axis_ticks(
    quantity: Quantity, low: float, high: float, most: int
) -> tuple[float, list[tuple[float, str]]]:
    """Return the step and the labelled positions of an axis from ``low`` to ``high``.

    Steps are 1, 2, 5 times a power of ten of the unit; for bytes powers of two of it. All labels
    carry the same unit, chosen by the far end; negative positions (a mirrored chart) are labelled
    by their amount.
    """
    reach = max(abs(low), abs(high))
    if not math.isfinite(reach) or reach <= 0 or high <= low:
        return 1.0, [(0.0, "0")]
    unit = _unit(quantity, reach)
    step = _nice((high - low) / max(most, 1) / unit.factor, binary=quantity is Quantity.BYTES)
    first, last = math.ceil(low / unit.factor / step), math.floor(high / unit.factor / step)
    labels = [
        (i * step * unit.factor, _with_unit(abs(i * step), unit) if i else "0")
        for i in range(first, last + 1)
    ]
    return step * unit.factor, labels


def _nice(raw: float, *, binary: bool) -> float:
    if binary:
        return 2.0 ** math.ceil(math.log2(raw))
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9)) * power


def ceiling(quantity: Quantity, value: float) -> float:
    """Return a round upper end of an axis that leaves room above ``value``; steady while it grows.

    Nothing recorded gives the unit of one, so that an empty chart still has an axis.
    """
    if not math.isfinite(value) or value <= 0:
        return 1.0
    unit = _unit(quantity, value)
    number = value * 1.05 / unit.factor
    power = 10.0 ** math.floor(math.log10(number))
    steps = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(m for m in steps if m * power >= number) * power * unit.factor


def time_text(at_seconds: float) -> str:
    """Return a simulated time: ``12.3 s``, from two minutes on ``2:05.0``."""
    if at_seconds < 120:
        return f"{at_seconds:.1f} s"
    minutes, rest = divmod(at_seconds, 60)
    return f"{int(minutes)}:{rest:04.1f}"


def time_ticks(start: float, end: float, most: int) -> list[tuple[float, str]]:
    """Return labelled positions of a time axis in seconds; steps people count in."""
    span = end - start
    if span <= 0:
        return []
    steps = [m * 10.0**p for p in range(-4, 1) for m in (1, 2, 5)]
    steps += [10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400]
    step = next((s for s in steps if span / s <= most + 1e-9), span)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return [(i * step, _time_label(i * step, decimals)) for i in range(first, last + 1)]


def _time_label(at: float, decimals: int) -> str:
    if at < 120:
        return f"{at:.{decimals}f} s"
    minutes, rest = divmod(at, 60)
    return f"{int(minutes)}:{rest:0{decimals + 3 if decimals else 2}.{decimals}f}"
