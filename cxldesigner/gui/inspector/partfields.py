"""The fields of every kind of part, link and window: the tables forms are made from."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import units
from cxldesigner.document.limits import limits_of
from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    Link,
    MemoryDomain,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.gui.canvas.words import link_best
from cxldesigner.gui.inspector.fields import (
    Field,
    Widget,
    address,
    automatic,
    automatic_integer,
    choice,
    flag,
    integer,
    name_field,
    optional,
    or_empty,
    own_link,
    perf,
    preset_field,
    size,
)

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
        Link: _link,
        Window: _window,
    }
    return tables[kind]()


def _group_memory() -> str:
    return translate("Inspector", "Memory")


def _group_tables() -> str:
    return translate("Inspector", "Firmware tables")


def _group_figures() -> str:
    return translate("Inspector", "Access figures")


def _group_link() -> str:
    return translate("Inspector", "Link")


def _pxm() -> Field:
    return automatic_integer(
        "pxm",
        translate("Inspector", "proximity domain"),
        translate("Inspector", "PXM in the SRAT; left empty, the lowest free number"),
        _group_tables(),
    )


def _decoders() -> Field:
    return integer(
        "hdm_decoders",
        translate("Inspector", "HDM decoders"),
        translate("Inspector", "How many HDM decoders the component has (0 to 32)"),
        _group_tables(),
    )


def _serial() -> Field:
    return Field(
        paths=("serial",),
        noun=translate("Inspector", "serial number"),
        tip=translate("Inspector", "64-bit device serial number, decimal or 0x…"),
        parse=units.parse_integer,
        format=units.format_address,
    )


def _base() -> Field:
    return address(
        "base",
        translate("Inspector", "base address"),
        translate("Inspector", "Where the memory begins, such as 0x100000000 or 4 GiB"),
        _group_memory(),
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
            _group_memory(),
        ),
        _base(),
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
            _group_memory(),
        ),
        _base(),
        size(
            "cache_bytes",
            translate("Inspector", "memory-side cache"),
            translate("Inspector", "Size of a cache in front of the memory; 0 for none"),
            _group_memory(),
        ),
        flag(
            "hotplug",
            translate("Inspector", "hot-pluggable"),
            translate("Inspector", "The SRAT marks the range hot-pluggable"),
            _group_tables(),
        ),
        flag(
            "specific_purpose",
            translate("Inspector", "specific purpose"),
            translate("Inspector", "EFI_MEMORY_SP: Linux keeps it soft-reserved for a driver"),
            _group_tables(),
        ),
        _pxm(),
        *perf("perf", _group_figures()),
    )


def _bridge() -> tuple[Field, ...]:
    group = _group_tables()
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
            _group_memory(),
        ),
        size(
            "persistent_bytes",
            translate("Inspector", "persistent capacity"),
            translate("Inspector", "Such as 256 GiB; comes after the volatile capacity"),
            _group_memory(),
        ),
        own_link(_group_link()),
        _decoders(),
        *perf("perf", translate("Inspector", "Device figures (CDAT)")),
        *perf("pmem_perf", translate("Inspector", "Persistent memory figures (CDAT)")),
    )


def _best_of(document: Document, link: Link) -> str:
    best = link_best(document, link)
    return translate("Inspector", "inside the host") if best is None else units.format_link(*best)


def _negotiated(document: Document, link: Link) -> str:
    best = link_best(document, link)
    if best is None:
        return translate("Inspector", "inside the host")
    speed = min(link.speed_gts or best[0], best[0])
    width = min(link.width or best[1], best[1])
    words = units.format_link(speed, width)
    if (speed, width) == best:
        return words
    return translate("Inspector", "{} (degraded)").format(words)


def _fact(noun: str, tip: str, fact: Any) -> Field:
    return Field(paths=(), noun=noun, tip=tip, widget=Widget.FACT, fact=fact, single=True)


def _link() -> tuple[Field, ...]:
    return (
        _fact(
            translate("Inspector", "upstream end"),
            translate("Inspector", "The end nearer the CPU"),
            lambda _document, link: link.upstream,
        ),
        _fact(
            translate("Inspector", "downstream end"),
            translate("Inspector", "The end farther from the CPU"),
            lambda _document, link: link.downstream,
        ),
        Field(
            paths=("speed_gts", "width"),
            noun=translate("Inspector", "link"),
            tip=translate(
                "Inspector",
                "Trained speed and width, such as 32 GT/s x8; auto is the best both ends can",
            ),
            parse=lambda text: units.parse_link(text.strip() or "auto"),
            format=lambda value: "" if value == (None, None) else units.format_link(*value),
            empty=automatic(),
        ),
        _fact(
            translate("Inspector", "negotiated"),
            translate("Inspector", "What the link runs at"),
            _negotiated,
        ),
        _fact(
            translate("Inspector", "maximum"),
            translate("Inspector", "The best both ends can"),
            _best_of,
        ),
    )


def _ways_choices() -> tuple[tuple[int | None, str], ...]:
    by_targets = (None, translate("Inspector", "one per target"))
    return (by_targets, *((int(ways), str(ways)) for ways in limits_of("ways").choices))


def _granularity_choices() -> tuple[tuple[int, str], ...]:
    """Return the defined granularities 256 B to 16 KiB (HBIG 0 to 6)."""
    return tuple((256 << code, units.format_size(256 << code)) for code in range(7))


def _window() -> tuple[Field, ...]:
    interleave, tables = translate("Inspector", "Interleaving"), _group_tables()
    return (
        name_field(),
        size(
            "size_bytes",
            translate("Inspector", "size"),
            translate("Inspector", "Size of the window in host address space, such as 256 GiB"),
            _group_memory(),
        ),
        _base(),
        Field(
            paths=("targets",),
            noun=translate("Inspector", "targets"),
            tip=translate("Inspector", "Host bridges in interleave order, one per way"),
            group=interleave,
            widget=Widget.TARGETS,
            format=lambda value: ", ".join(value) or translate("Inspector", "none"),
            single=True,
        ),
        choice(
            "ways",
            translate("Inspector", "interleave ways"),
            translate("Inspector", "What the CFMWS says; another number than targets is an error"),
            _ways_choices(),
            interleave,
        ),
        choice(
            "granularity",
            translate("Inspector", "granularity"),
            translate("Inspector", "Consecutive bytes that go to one target"),
            _granularity_choices(),
            interleave,
        ),
        choice(
            "arithmetic",
            translate("Inspector", "interleave arithmetic"),
            translate("Inspector", "How an address picks its target"),
            ((0, translate("Inspector", "modulo")), (1, translate("Inspector", "XOR"))),
            interleave,
        ),
        Field(
            paths=("restrictions",),
            noun=translate("Inspector", "restrictions"),
            tip=translate("Inspector", "What may be put into the window (CFMWS restrictions)"),
            group=tables,
            widget=Widget.FLAGS,
            format=lambda value: ", ".join(value) or translate("Inspector", "none"),
            single=True,
        ),
        integer(
            "qtg_id",
            translate("Inspector", "QTG id"),
            translate("Inspector", "QoS throttling group of the window"),
            tables,
        ),
        automatic_integer(
            "srat_pxm",
            translate("Inspector", "SRAT proximity domain"),
            translate("Inspector", "Domain of an SRAT range over the window; empty: not covered"),
            tables,
            translate("Inspector", "not in the SRAT"),
        ),
        Field(
            paths=("srat_bytes",),
            noun=translate("Inspector", "SRAT size"),
            tip=translate("Inspector", "How much of the window the SRAT range covers; empty: all"),
            group=tables,
            parse=optional(units.parse_size),
            format=or_empty(units.format_size),
            empty=translate("Inspector", "all of the window"),
        ),
    )
