"""What values a field of the document may hold: one table for files, edits, schema and forms.

Limits are those of the register or table field a value ends up in, not those of a sensible
machine: a drawing may be wrong (findings say so), but it can always be compiled and saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cxldesigner.document.units import LINK_SPEEDS, LINK_WIDTHS, UNSIGNED_64

UNSIGNED_16 = (1 << 16) - 1
UNSIGNED_32 = (1 << 32) - 1
ID_PATTERN = r"[a-z][a-z0-9_-]{0,62}"
"""Ids of everything in a document: short, readable, usable in file names and shell lines."""


class Quantity(StrEnum):
    """What a number measures, hence how files and forms write it."""

    NUMBER = "number"
    SIZE = "size"
    ADDRESS = "address"
    LATENCY = "latency"
    BANDWIDTH = "bandwidth"
    SPEED = "speed"
    WIDTH = "width"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Limits:
    """Meaning and range of a number; ``choices``, when given, are the only values allowed."""

    quantity: Quantity = Quantity.NUMBER
    minimum: float = 0
    maximum: float = UNSIGNED_64
    choices: tuple[float | str, ...] = ()


def _upto(maximum: float, minimum: float = 0) -> Limits:
    return Limits(minimum=minimum, maximum=maximum)


_ADDRESS = Limits(Quantity.ADDRESS)
_GRANULARITIES = tuple(256 << code for code in range(16))
_CANVAS = 1e7

FIELD_LIMITS: Mapping[str, Limits] = {
    "base": _ADDRESS,
    "start": _ADDRESS,
    "end": _ADDRESS,
    "window_base": _ADDRESS,
    "cpus": _upto(8192),  # CONFIG_NR_CPUS of x86-64 with MAXSMP
    "pxm": _upto(UNSIGNED_32),
    "generic_port_pxm": _upto(UNSIGNED_32),
    "srat_pxm": _upto(UNSIGNED_32),
    "uid": _upto(UNSIGNED_32),
    "bus": _upto(255),
    "cxl_version": _upto(UNSIGNED_32),
    "hdm_decoders": _upto(32),
    "number": _upto(255),
    "downstream": _upto(256, 1),
    "type": _upto(3, 1),
    "speed_gts": Limits(Quantity.SPEED, choices=LINK_SPEEDS),
    "width": Limits(Quantity.WIDTH, choices=LINK_WIDTHS),
    "ways": Limits(choices=(1, 2, 3, 4, 6, 8, 12, 16)),  # what ENIW can encode
    "granularity": Limits(choices=_GRANULARITIES),  # HBIG 0…6, and reserved codes above
    "arithmetic": _upto(255),
    "qtg_id": _upto(UNSIGNED_16),
    "value": _upto(255),
    "kind": Limits(choices=("ram", "reserved", "acpi", "soft-reserved")),
    "tick_ms": Limits(Quantity.TIME, minimum=1, maximum=1e9),
    "duration_ms": Limits(Quantity.TIME, maximum=1e9),
    "start_ms": Limits(Quantity.TIME, maximum=1e9),
    "at_ms": Limits(Quantity.TIME, maximum=1e9),
    "granule_pages": _upto(1 << 20, 1),
    "numa_balancing": _upto(3),  # NUMA_BALANCING_NORMAL | _MEMORY_TIERING
    "promote_rate_limit_mbps": Limits(Quantity.BANDWIDTH, maximum=UNSIGNED_32),
    "kswapd": Limits(choices=("off", "immediate", "deferred")),
    "watermark_scale_factor": _upto(3000, 1),  # range of the sysctl
    "nodes": _upto(1023),
    "x": _upto(_CANVAS, -_CANVAS),
    "y": _upto(_CANVAS, -_CANVAS),
    "parameters": _upto(1e300, -1e300),
}
"""Limits by field name: a name means the same in every kind that has it."""

_BY_SUFFIX = (
    ("bytes", Limits(Quantity.SIZE)),
    ("_latency_ns", Limits(Quantity.LATENCY, maximum=UNSIGNED_32)),
    ("_bandwidth_mbps", Limits(Quantity.BANDWIDTH, maximum=UNSIGNED_32)),
)
_ANY = Limits()


def limits_of(name: str) -> Limits:
    """Return the limits of the field ``name``; by its unit suffix, else any unsigned number."""
    known = FIELD_LIMITS.get(name)
    if known is not None:
        return known
    return next((limits for suffix, limits in _BY_SUFFIX if name.endswith(suffix)), _ANY)
