"""The fields shown when nothing is selected: the platform's name and notes, and its host."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import units
from cxldesigner.document.limits import limits_of
from cxldesigner.document.model import MemoryRange
from cxldesigner.gui.inspector.fields import Field, Widget, address, flag, size

translate = QCoreApplication.translate

_RANGE = re.compile(r"\[?(?:mem )?\s*(0x[0-9a-fA-F]+)\s*-\s*(0x[0-9a-fA-F]+)\]?:?\s+(\S+)")


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


def platform_fields() -> tuple[Field, ...]:
    """Return the fields of the platform itself."""
    return (
        Field(
            paths=("name",),
            noun=translate("Inspector", "name"),
            tip=translate("Inspector", "Name of the platform, for titles and reports"),
        ),
        Field(
            paths=("notes",),
            noun=translate("Inspector", "notes"),
            tip=translate("Inspector", "Free text kept in the platform file"),
            widget=Widget.TEXT,
        ),
    )


def host_fields() -> tuple[Field, ...]:
    """Return the fields of the host settings."""
    linux, tables = translate("Inspector", "Linux"), translate("Inspector", "Firmware tables")
    memory = translate("Inspector", "Memory map")
    return (
        Field(
            paths=("kernel",),
            noun=translate("Inspector", "kernel version"),
            tip=translate("Inspector", "Which kernel's rules the derivation follows, such as 6.12"),
            group=linux,
        ),
        Field(
            paths=("cmdline",),
            noun=translate("Inspector", "kernel command line"),
            tip=translate("Inspector", "Options the kernel is started with"),
            group=linux,
        ),
        flag(
            "virtual_machine",
            translate("Inspector", "virtual machine"),
            translate("Inspector", "The kernel sees the hypervisor flag of the CPU"),
            linux,
        ),
        flag(
            "srat",
            translate("Inspector", "SRAT"),
            translate("Inspector", "Whether firmware writes proximity domains"),
            tables,
        ),
        flag(
            "slit",
            translate("Inspector", "SLIT"),
            translate("Inspector", "Whether firmware writes the distances below"),
            tables,
        ),
        flag(
            "hmat",
            translate("Inspector", "HMAT"),
            translate("Inspector", "Whether firmware writes latencies and bandwidths"),
            tables,
        ),
        Field(
            paths=("distances",),
            noun=translate("Inspector", "distances"),
            tip=translate("Inspector", "SLIT entries; an empty cell takes 10 or 20"),
            group=translate("Inspector", "Distances (SLIT)"),
            widget=Widget.DISTANCES,
        ),
        Field(
            paths=("access",),
            noun=translate("Inspector", "access figures"),
            tip=translate("Inspector", "HMAT rows from CPUs to memory; empty cells are not told"),
            group=translate("Inspector", "Access figures (HMAT)"),
            widget=Widget.ACCESS,
        ),
        size(
            "hotplug_bytes",
            translate("Inspector", "hot-plug room"),
            translate("Inspector", "Hot-pluggable SRAT range above boot memory; 0 for none"),
            memory,
        ),
        address(
            "window_base",
            translate("Inspector", "first window address"),
            translate("Inspector", "Where windows without an address of their own begin"),
            memory,
        ),
        Field(
            paths=("memory_map",),
            noun=translate("Inspector", "firmware memory map"),
            tip=translate(
                "Inspector",
                "One range per line, such as 0x0-0x9fbff ram, last byte included; "
                "empty: made by the firmware compiler",
            ),
            group=memory,
            widget=Widget.TEXT,
            parse=parse_memory_map,
            format=format_memory_map,
            empty=translate("Inspector", "made by the firmware compiler"),
        ),
    )
