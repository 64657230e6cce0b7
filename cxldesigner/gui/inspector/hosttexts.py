"""Host settings that are edited as lines of text: the memory map, regions firmware committed."""

from __future__ import annotations

import re
from typing import Any

from cxldesigner.document import units
from cxldesigner.document.limits import limits_of
from cxldesigner.document.model import CommittedRegion, MemoryRange

_RANGE = re.compile(r"\[?(?:mem )?\s*(0x[0-9a-fA-F]+)\s*-\s*(0x[0-9a-fA-F]+)\]?:?\s+(\S+)")
_REGION = re.compile(
    r"(?P<window>[^\s:=,]+):(?P<devices>[^:=,]+)=(?P<size>[^,]+)(?P<more>(?:,.*)?)"
)
_KINDS = ("ram", "soft-reserved")
_PLAIN = CommittedRegion(window="", devices=(), size_bytes=0)


def parse_memory_map(text: str) -> tuple[MemoryRange, ...] | None:
    """Return the ranges of lines such as ``0x0-0x9fbff ram`` (last byte included, as e820 lines).

    No text is None: the compiler makes the map.

    Raises
    ------
    BadQuantity
        A line is no range.
    """
    ranges = []
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _RANGE.fullmatch(line.strip())
        if match is None or match[3] not in limits_of("kind").choices:
            raise units.BadQuantity("bad-range", line)
        start, last = units.parse_address(match[1]), units.parse_address(match[2])
        if last < start:
            raise units.BadQuantity("bad-range", line)
        ranges.append(MemoryRange(start=start, end=last + 1, kind=match[3]))
    return tuple(ranges) or None


def format_memory_map(ranges: tuple[MemoryRange, ...] | None) -> str:
    """Return ranges as lines that :func:`parse_memory_map` reads."""
    return "\n".join(f"{r.start:#x}-{r.end - 1:#x} {r.kind}" for r in ranges or () if r.end)


def parse_committed(text: str) -> tuple[CommittedRegion, ...]:
    """Return the regions of lines such as ``w0: mem0 mem1 = 256 GiB, at 4 GiB, ram``.

    Raises
    ------
    BadQuantity
        A line is no region.
    """
    return tuple(_committed(line.strip()) for line in text.splitlines() if line.strip())


def _committed(line: str) -> CommittedRegion:
    match = _REGION.fullmatch(line)
    if match is None or not match["devices"].split():
        raise units.BadQuantity("bad-committed", line)
    more: dict[str, Any] = {}
    for option in (o.strip() for o in match["more"].split(",")[1:]):
        name, _, value = option.partition(" ")
        if option in _KINDS:
            more["memory"] = option
        elif name in {"at", "granularity"} and value:
            more["offset" if name == "at" else name] = units.parse_size(value)
        else:
            raise units.BadQuantity("bad-committed", line)
    return CommittedRegion(
        window=match["window"],
        devices=tuple(match["devices"].split()),
        size_bytes=units.parse_size(match["size"]),
        **more,
    )


def format_committed(regions: tuple[CommittedRegion, ...]) -> str:
    """Return regions as lines that :func:`parse_committed` reads; defaults are left out."""
    return "\n".join(_line(region) for region in regions)


def _line(region: CommittedRegion) -> str:
    words = [
        f"{region.window}: {' '.join(region.devices)} = {units.format_size(region.size_bytes)}"
    ]
    if region.offset:
        words.append(f"at {units.format_size(region.offset)}")
    if region.granularity != _PLAIN.granularity:
        words.append(f"granularity {units.format_size(region.granularity)}")
    if region.memory != _PLAIN.memory:
        words.append(region.memory)
    return ", ".join(words)
