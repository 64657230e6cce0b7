"""The fields shown when nothing is selected: the platform's name and notes, and its host."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cxldesigner.gui.inspector.fields import Field, Widget, address, flag, size
from cxldesigner.gui.inspector.hosttexts import (
    format_committed,
    format_memory_map,
    parse_committed,
    parse_memory_map,
)

translate = QCoreApplication.translate


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
        Field(
            paths=("committed",),
            noun=translate("Inspector", "regions firmware committed"),
            tip=translate(
                "Inspector",
                "One region per line, such as w0: mem0 mem1 = 256 GiB, at 4 GiB, granularity "
                "1 KiB, ram. Without ram the range is soft-reserved",
            ),
            group=memory,
            widget=Widget.TEXT,
            parse=parse_committed,
            format=format_committed,
            empty=translate("Inspector", "none: the kernel creates regions"),
        ),
    )
