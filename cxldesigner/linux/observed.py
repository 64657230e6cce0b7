"""What a running machine showed of its boot zones, read from a JSON file.

Managed pages are what is left after the kernel's own reservations, which no drawing can know. The
file has the shape of a recorded snapshot: ``nodes`` by id with their ``zones`` by name, each with
``managed`` and perhaps ``min``, ``low``, ``high`` in 4 KiB pages.
"""

from __future__ import annotations

import json
from typing import Any

from cxldesigner.document.store import DocumentError
from cxldesigner.linux.boot import Observed, ObservedZone
from cxldesigner.linux.watermarks import ZONE_NAMES, Marks

BOOT = "boot"
MAX_PAGES = 1 << 52
_MARKS = ("min", "low", "high")


def read_observed(data: bytes, name: str) -> Observed:
    """Return managed pages and marks of the boot zones in a file.

    Parameters
    ----------
    data : a snapshot of the machine right after boot; or a recording with ``snapshots`` of which
        one is ``boot``; or what ``cxldesigner derive --json`` prints, of which the first moment
        counts.
    name : the file's name, for errors.

    Raises
    ------
    DocumentError
        The file is no JSON, or has no zones, or a zone has no page count.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError(name, "", f"is not a JSON file: {error}") from error
    place, snapshot = _boot_snapshot(value, name)
    nodes = _mapping(snapshot, "nodes", place, name)
    zones: dict[tuple[int, str], ObservedZone] = {}
    for key, node in nodes.items():
        where = f"{place}nodes.{key}"
        if not key.isdecimal() or len(key) > 6:
            raise DocumentError(name, where, "is not the number of a node")
        if not isinstance(node, dict):
            raise DocumentError(name, where, "is not an object")
        for zone, figures in _mapping(node, "zones", f"{where}.", name, missing=True).items():
            if zone in ZONE_NAMES:
                zones[int(key), zone] = _zone(figures, f"{where}.zones.{zone}", name)
    if not zones:
        raise DocumentError(name, f"{place}nodes", "has no memory zone of any node")
    return zones


def _boot_snapshot(value: Any, name: str) -> tuple[str, dict[str, Any]]:
    """Return where the snapshot of the boot is, and the snapshot."""
    if not isinstance(value, dict):
        raise DocumentError(name, "", "holds no snapshot: it is not a JSON object")
    moments = value.get("moments")
    if isinstance(moments, list) and moments and isinstance(moments[0], dict):
        return "moments[0].", moments[0]
    if "snapshots" in value:
        found = _mapping(value, "snapshots", "", name)
        return f"snapshots.{BOOT}.", _mapping(found, BOOT, "snapshots.", name)
    return "", value


def _mapping(
    value: dict[str, Any], key: str, place: str, name: str, *, missing: bool = False
) -> dict[str, Any]:
    if missing and key not in value:
        return {}
    found = value.get(key)
    if not isinstance(found, dict):
        raise DocumentError(name, f"{place}{key}", "is missing or not an object")
    return found


def _zone(figures: Any, place: str, name: str) -> ObservedZone:
    if not isinstance(figures, dict):
        raise DocumentError(name, place, "is not an object")
    managed = _pages(figures, "managed", place, name)
    if not all(mark in figures for mark in _MARKS):
        return ObservedZone(managed=managed)
    low, middle, high = (_pages(figures, mark, place, name) for mark in _MARKS)
    return ObservedZone(managed=managed, marks=Marks(low, middle, high, 2 * high - middle))


def _pages(figures: dict[str, Any], key: str, place: str, name: str) -> int:
    value = figures.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MAX_PAGES:
        raise DocumentError(name, f"{place}.{key}", "is not a number of pages")
    return value
