"""What lies where in the host physical address space, read from a derivation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from cxldesigner.document.model import Document
from cxldesigner.document.units import format_size
from cxldesigner.firmware.cedt import Cfmws, decode_cedt
from cxldesigner.firmware.model import Firmware
from cxldesigner.firmware.srat import MemoryAffinity, decode_srat
from cxldesigner.firmware.table import TableError
from cxldesigner.gui.tokens import PART_KINDS
from cxldesigner.linux.model import Derivation, Region

translate = QCoreApplication.translate


class Lane(IntEnum):
    """Rows of the map, from what firmware gives to what the kernel makes of it."""

    BOOT = 0
    WINDOWS = 1
    REGIONS = 2
    DEVICES = 3


@dataclass(frozen=True, slots=True)
class AddressRange:
    """One range, ``end`` exclusive.

    ``kind`` is the colour (a kind of part, or "" for a plain one), ``items`` what a click selects.
    ``part`` and ``parts`` place it inside its lane: devices of one interleaved region share it.
    """

    start: int
    end: int
    lane: Lane
    label: str
    detail: str
    kind: str = ""
    items: tuple[str, ...] = ()
    part: int = 0
    parts: int = 1

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.start


def lane_title(lane: Lane) -> str:
    """Return what a row is called."""
    match lane:
        case Lane.BOOT:
            return translate("AddressMap", "Boot memory")
        case Lane.WINDOWS:
            return translate("AddressMap", "Windows")
        case Lane.REGIONS:
            return translate("AddressMap", "Regions")
        case Lane.DEVICES:
            return translate("AddressMap", "Devices")


def address_ranges(derivation: Derivation) -> tuple[AddressRange, ...]:
    """Return all ranges by lane and address."""
    firmware = derivation.firmware
    found = [*_boot_ranges(derivation), *_window_ranges(firmware)]
    windows = tuple(firmware.windows)
    for region in derivation.current.regions:
        found += _region_ranges(region, windows)
    return tuple(sorted((r for r in found if r.size > 0), key=lambda r: (r.lane, r.start, r.part)))


def _boot_ranges(derivation: Derivation) -> list[AddressRange]:
    firmware = derivation.firmware
    owned = _srat_ranges(firmware, derivation.document)
    if owned:
        return owned
    names = {
        "ram": translate("AddressMap", "RAM"),
        "soft-reserved": translate("AddressMap", "Soft-reserved"),
    }
    return [
        AddressRange(r.start, r.end, Lane.BOOT, names[r.kind], names[r.kind], "socket")
        for r in firmware.memory_map
        if r.kind in names
    ]


def _srat_ranges(firmware: Firmware, document: Document) -> list[AddressRange]:
    """Return memory affinity ranges that are no window, under the part they came from."""
    raw = firmware.tables.get("SRAT")
    if raw is None:
        return []
    try:
        table = decode_srat(raw)
    except TableError:
        return []
    owners = {s.start: s.origin.item for s in firmware.spans.get("SRAT", ())}
    found = []
    for entry in table.structures:
        if not isinstance(entry, MemoryAffinity):
            continue
        owner = owners.get(entry.offset, "")
        if owner in firmware.windows:
            continue
        domain = translate("AddressMap", "proximity domain {}").format(entry.pxm)
        part = document.parts.get(owner)
        kind = PART_KINDS[type(part)] if part is not None else "socket"
        found.append(
            AddressRange(
                entry.base,
                entry.base + entry.length,
                Lane.BOOT,
                owner or domain,
                domain,
                kind,
                (owner,) if owner else (),
            )
        )
    return found


def _window_ranges(firmware: Firmware) -> list[AddressRange]:
    raw = firmware.tables.get("CEDT")
    if raw is None:
        return []
    try:
        entries = [s for s in decode_cedt(raw).structures if isinstance(s, Cfmws)]
    except TableError:
        return []
    found = []
    for number, entry in enumerate(entries):
        window = firmware.windows[number] if number < len(firmware.windows) else ""
        ways = translate("AddressMap", "CXL window {}, {} ways").format(number, entry.ways or "?")
        items = (window,) if window else ()
        label = window or translate("AddressMap", "Window {}").format(number)
        found.append(
            AddressRange(
                entry.base, entry.base + entry.size, Lane.WINDOWS, label, ways, "window", items
            )
        )
    return found


def _region_ranges(region: Region, windows: tuple[str, ...]) -> list[AddressRange]:
    end = region.resource + region.size
    window = windows[region.window] if 0 <= region.window < len(windows) else ""
    node = (
        translate("AddressMap", "no node")
        if region.node is None
        else translate("AddressMap", "node {}").format(region.node)
    )
    detail = translate("AddressMap", "{}, {} ways, {}").format(region.type, region.ways, node)
    items = tuple(k for k in (window, *region.targets) if k)
    found = [AddressRange(region.resource, end, Lane.REGIONS, region.name, detail, "bridge", items)]
    ways = max(1, len(region.targets))
    for position, device in enumerate(region.targets):
        share = translate("AddressMap", "{} of {}, position {}").format(
            format_size(region.size // ways), region.name, position
        )
        found.append(
            AddressRange(
                region.resource,
                end,
                Lane.DEVICES,
                device,
                share,
                "device",
                (device,),
                position,
                ways,
            )
        )
    return found
