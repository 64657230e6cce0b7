"""The fields of every kind of part: the tables forms are made from."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import units
from cxldesigner.document.model import (
    Device,
    HostBridge,
    Link,
    MemoryDomain,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.gui.inspector.fields import (
    Field,
    automatic_integer,
    base_field,
    choice,
    flag,
    integer,
    memory_group,
    name_field,
    own_link,
    perf,
    preset_field,
    size,
    tables_group,
)
from cxldesigner.gui.inspector.windowfields import link_fields, window_fields

translate = QCoreApplication.translate


def fields_of_kind(kind: type) -> tuple[Field, ...]:
    """Return the fields of a class of the model, in the order of the form."""
    tables = {
        Socket: _socket,
        MemoryDomain: _memory,
        HostBridge: _bridge,
        RootPort: _root_port,
        Switch: _switch,
        Device: _device,
        Link: link_fields,
        Window: window_fields,
    }
    return tables[kind]()


def _group_figures() -> str:
    return translate("Inspector", "Access figures")


def _group_link() -> str:
    return translate("Inspector", "Link")


def _pxm() -> Field:
    return automatic_integer(
        "pxm",
        translate("Inspector", "proximity domain"),
        translate("Inspector", "PXM in the SRAT; left empty, the lowest free number"),
        tables_group(),
    )


def _decoders() -> Field:
    return integer(
        "hdm_decoders",
        translate("Inspector", "HDM decoders"),
        translate("Inspector", "How many HDM decoders the component has (0 to 32)"),
        tables_group(),
    )


def _serial() -> Field:
    return Field(
        paths=("serial",),
        noun=translate("Inspector", "serial number"),
        tip=translate("Inspector", "64-bit device serial number, decimal or 0x…"),
        parse=units.parse_integer,
        format=units.format_address,
    )


def _socket() -> tuple[Field, ...]:
    return (
        name_field(),
        preset_field(),
        integer(
            "cpus",
            translate("Inspector", "CPUs"),
            translate("Inspector", "Logical CPUs of the package; 0 makes a node without CPUs"),
        ),
        size(
            "dram_bytes",
            translate("Inspector", "DRAM"),
            translate("Inspector", "Boot memory of the package, such as 256 GiB or 512M"),
            memory_group(),
        ),
        base_field(),
        _pxm(),
        *perf("perf", _group_figures()),
    )


def _memory() -> tuple[Field, ...]:
    return (
        name_field(),
        preset_field(),
        size(
            "size_bytes",
            translate("Inspector", "capacity"),
            translate("Inspector", "Size of the memory, such as 16 GiB"),
            memory_group(),
        ),
        base_field(),
        size(
            "cache_bytes",
            translate("Inspector", "memory-side cache"),
            translate("Inspector", "Size of a cache in front of the memory; 0 for none"),
            memory_group(),
        ),
        flag(
            "hotplug",
            translate("Inspector", "hot-pluggable"),
            translate("Inspector", "The SRAT marks the range hot-pluggable"),
            tables_group(),
        ),
        flag(
            "specific_purpose",
            translate("Inspector", "specific purpose"),
            translate("Inspector", "EFI_MEMORY_SP: Linux keeps it soft-reserved for a driver"),
            tables_group(),
        ),
        _pxm(),
        *perf("perf", _group_figures()),
    )


def _bridge() -> tuple[Field, ...]:
    group = tables_group()
    return (
        name_field(),
        preset_field(),
        automatic_integer(
            "uid",
            translate("Inspector", "unique id"),
            translate("Inspector", "The bridge's _UID; window targets name it"),
            group,
        ),
        automatic_integer(
            "bus",
            translate("Inspector", "bus number"),
            translate("Inspector", "First PCI bus of the bridge"),
            group,
        ),
        automatic_integer(
            "pxm",
            translate("Inspector", "device proximity domain"),
            translate("Inspector", "The _PXM of its PCI devices; empty: firmware gives none"),
            group,
            translate("Inspector", "none"),
        ),
        choice(
            "cxl_version",
            translate("Inspector", "CXL version"),
            translate("Inspector", "What the CHBS entry says the bridge is"),
            ((0, translate("Inspector", "1.1 (RCH)")), (1, translate("Inspector", "2.0 or later"))),
            group,
        ),
        _decoders(),
        flag(
            "chbs",
            translate("Inspector", "CHBS entry"),
            translate("Inspector", "Whether the CEDT lists the bridge; Linux needs it to decode"),
            group,
        ),
        automatic_integer(
            "generic_port_pxm",
            translate("Inspector", "generic port domain"),
            translate("Inspector", "Proximity domain of an SRAT generic port; empty for none"),
            group,
            translate("Inspector", "none"),
        ),
        *perf("perf", translate("Inspector", "CPU to generic port")),
    )


def _root_port() -> tuple[Field, ...]:
    return (
        name_field(),
        preset_field(),
        automatic_integer(
            "number",
            translate("Inspector", "port number"),
            translate("Inspector", "Port number in the link capabilities; orders the targets"),
        ),
        own_link(_group_link()),
    )


def _switch() -> tuple[Field, ...]:
    return (
        name_field(),
        preset_field(),
        integer(
            "downstream",
            translate("Inspector", "downstream ports"),
            translate("Inspector", "How many ports the switch has below (1 to 256)"),
        ),
        _serial(),
        own_link(_group_link()),
        _decoders(),
        *perf("perf", translate("Inspector", "Upstream to downstream port")),
    )


def _device() -> tuple[Field, ...]:
    return (
        name_field(),
        preset_field(),
        choice(
            "type",
            translate("Inspector", "type"),
            translate("Inspector", "CXL device type"),
            (
                (1, translate("Inspector", "Type 1 (cache only)")),
                (2, translate("Inspector", "Type 2 (cache and memory)")),
                (3, translate("Inspector", "Type 3 (memory)")),
            ),
        ),
        _serial(),
        size(
            "volatile_bytes",
            translate("Inspector", "volatile capacity"),
            translate("Inspector", "Such as 256 GiB; comes first in device address order"),
            memory_group(),
        ),
        size(
            "persistent_bytes",
            translate("Inspector", "persistent capacity"),
            translate("Inspector", "Such as 256 GiB; comes after the volatile capacity"),
            memory_group(),
        ),
        own_link(_group_link()),
        _decoders(),
        *perf("perf", translate("Inspector", "Device figures (CDAT)")),
        *perf("pmem_perf", translate("Inspector", "Persistent memory figures (CDAT)")),
    )
