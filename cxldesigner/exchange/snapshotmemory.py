"""Memory as a snapshot's sysfs shows it: dax devices with their zone, the firmware's memory map."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from cxldesigner.document.model import MemoryRange
from cxldesigner.exchange.iomem import KINDS
from cxldesigner.exchange.snapshotfiles import Files

DAX = "/sys/bus/dax/devices/"
MEMMAP = "/sys/firmware/memmap/"
MEMORY = "/sys/devices/system/memory/"
MODES = {"kmem": "system-ram", "device_dax": "devdax"}
"""Mode of a dax device, as ``daxctl`` names it, by its driver."""
MAX_RANGES = 2048
_BLOCK = re.compile(r"memory([0-9]{1,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DaxSeen:
    """A dax device; ``movable`` None when none of its memory is online or blocks are not shown."""

    start: int
    size: int
    node: int
    mode: str | None
    movable: bool | None


def dax_devices(files: Files) -> tuple[DaxSeen, ...]:
    """Return the dax devices with memory, by address."""
    block = files.hexadecimal(MEMORY + "block_size_bytes") or 0
    zones = _online_zones(files)
    numbers = sorted(zones)
    out = []
    for name in files.children(DAX):
        place = f"{DAX}{name}/"
        start, size = files.number(place + "resource"), files.number(place + "size")
        if not size:
            continue
        end = start + size
        first, last = (-(-start // block), end // block) if block else (0, 0)
        inside = {
            zones[n] for n in numbers[bisect_left(numbers, first) : bisect_left(numbers, last)]
        }
        out.append(
            DaxSeen(
                start=start,
                size=size,
                node=files.number(place + "target_node", -1),
                mode=MODES.get(files.target(place + "driver")),
                movable=inside == {"Movable"} if inside else None,
            )
        )
    return tuple(sorted(out, key=lambda d: d.start))


def _online_zones(files: Files) -> dict[int, str]:
    """Return the zone of each online memory block, by block number."""
    out = {}
    for name in files.children(MEMORY):
        found = _BLOCK.fullmatch(name)
        if found is not None and files.text(f"{MEMORY}{name}/state") == "online":
            out[int(found[1])] = files.text(f"{MEMORY}{name}/valid_zones")
    return out


def firmware_ranges(files: Files) -> tuple[MemoryRange, ...] | None:
    """Return the memory map firmware handed over; None when it could not be read."""
    out = []
    for name in files.children(MEMMAP):
        place = f"{MEMMAP}{name}/"
        kind = KINDS.get(files.text(place + "type"))
        first, last = files.hexadecimal(place + "start"), files.hexadecimal(place + "end")
        if kind is not None and first is not None and last is not None and first <= last:
            out.append(MemoryRange(start=first, end=last + 1, kind=kind))
    ordered = sorted(out, key=lambda r: r.start)[:MAX_RANGES]
    apart: list[MemoryRange] = []
    for item in ordered:
        if not apart or item.start >= apart[-1].end:
            apart.append(item)
    return tuple(apart) or None
