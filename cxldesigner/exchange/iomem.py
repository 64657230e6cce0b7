"""``/proc/iomem`` and ``/proc/zoneinfo``: where a running machine's memory is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cxldesigner.document.model import MemoryRange
from cxldesigner.exchange.notes import ImportRefused

_LINE = re.compile(r"^( *)([0-9a-fA-F]{1,16})-([0-9a-fA-F]{1,16}) : (.*?)\s*$")
MAX_LINES = 50_000
"""Lines read; the largest machines have a few thousand."""
_NODE = re.compile(r"^Node\s+(\d+), zone\s+(\w+)")
_FIELD = re.compile(r"^\s+(spanned|present|start_pfn:)\s+(\d+)\s*$")

KINDS = {
    "System RAM": "ram",
    "Reserved": "reserved",
    "ACPI Tables": "acpi",
    "ACPI Non-volatile Storage": "acpi",
    "Soft Reserved": "soft-reserved",
}
"""Names the kernel gives to ranges of the firmware memory map."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One line of ``/proc/iomem``; ``end`` exclusive, ``depth`` 0 at the left."""

    depth: int
    start: int
    end: int
    name: str


def is_iomem(text: str) -> bool:
    """Return whether ``text`` begins like ``/proc/iomem``."""
    return _LINE.match(text.partition("\n")[0]) is not None


def is_zoneinfo(text: str) -> bool:
    """Return whether ``text`` begins like ``/proc/zoneinfo``."""
    return _NODE.match(text) is not None


def parse_iomem(name: str, text: str) -> tuple[Resource, ...]:
    """Return the lines of ``/proc/iomem``.

    Raises
    ------
    ImportRefused
        A line of another shape, or all addresses 0 (read without root rights).
    """
    out: list[Resource] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if len(out) == MAX_LINES:
            raise ImportRefused(name, f"line {number}", f"more than {MAX_LINES} lines")
        found = _LINE.match(line)
        if found is None:
            raise ImportRefused(name, f"line {number}", "not a line of /proc/iomem")
        start, last = int(found[2], 16), int(found[3], 16)
        if last < start:
            raise ImportRefused(name, f"line {number}", "the range ends before it begins")
        out.append(Resource(len(found[1]) // 2, start, last + 1, found[4]))
    if out and all(r.end == 1 for r in out):
        raise ImportRefused(name, "line 1", "all addresses are 0: read /proc/iomem as root")
    return tuple(out)


def memory_map(resources: tuple[Resource, ...]) -> tuple[MemoryRange, ...]:
    """Return the firmware memory map: RAM, reserved, ACPI and soft-reserved ranges.

    Memory that drivers added later (``System RAM (kmem)``) is not in it; RAM inside a CXL window
    that firmware handed over is.
    """
    out: list[MemoryRange] = []
    for resource in resources:
        kind = KINDS.get(resource.name)
        top = resource.depth == 0
        if kind is None or (not top and kind not in ("ram", "soft-reserved")):
            continue
        if out and resource.start < out[-1].end:
            continue  # inside what is listed already
        if out and out[-1].kind == kind and out[-1].end == resource.start:
            out[-1] = MemoryRange(start=out[-1].start, end=resource.end, kind=kind)
        else:
            out.append(MemoryRange(start=resource.start, end=resource.end, kind=kind))
    return tuple(out)


def zone_ranges(name: str, text: str) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return for each node the byte ranges its populated zones span, from ``/proc/zoneinfo``."""
    out: dict[int, list[tuple[int, int]]] = {}
    node, fields = -1, {"spanned": 0, "present": 0}
    for number, line in enumerate(text.splitlines(), 1):
        head = _NODE.match(line)
        if head is not None:
            if len(head[1]) > 6:
                raise ImportRefused(name, f"line {number}", "node numbers are small")
            node, fields = int(head[1]), {"spanned": 0, "present": 0}
            continue
        field = _FIELD.match(line)
        if field is None or node < 0 or len(field[2]) > 16:
            continue
        if field[1] != "start_pfn:":
            fields[field[1]] = int(field[2])
        elif fields["present"]:
            start = int(field[2]) << 12
            out.setdefault(node, []).append((start, start + (fields["spanned"] << 12)))
    return {n: tuple(ranges) for n, ranges in out.items()}
