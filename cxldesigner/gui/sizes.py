"""Sizes for reading at a glance; where every byte counts, see :mod:`cxldesigner.document.units`."""

from __future__ import annotations

from cxldesigner.document.units import format_size

_UNITS = ((60, "EiB"), (50, "PiB"), (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"))


def short_size(size: int) -> str:
    """Return bytes with at most one decimal, none from 100 on: ``62.9 GiB``, ``168 MiB``."""
    for shift, unit in _UNITS:
        value = size / (1 << shift)
        if value >= 1:
            return f"{value:.0f} {unit}" if value >= 100 else f"{round(value, 1):g} {unit}"
    return f"{size} B"


def rough_size(size: int) -> str:
    """Return bytes exactly where that is short, else rounded and marked: ``≈ 62.9 GiB``."""
    exact = format_size(size)
    return exact if len(exact) <= 8 else f"≈ {short_size(size)}"
