"""Which device a host physical address goes to, and back (A40, XOR maps of A6).

A region is cut into chunks of its granularity, given out to its devices in turn; XOR windows first
exchange position bits of the address by their maps. Sources: ``drivers/cxl/core/region.c``
``cxl_dpa_to_hpa``, ``drivers/cxl/acpi.c`` ``cxl_xor_hpa_to_spa``.
"""

from __future__ import annotations

from dataclasses import dataclass

from cxldesigner.firmware.cedt import xor_maps_needed
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.acpi import AcpiView
from cxldesigner.linux.fabric import WINDOW_ALIGN, Root
from cxldesigner.linux.live import LiveRegion
from cxldesigner.linux.machine import machine_of
from cxldesigner.linux.model import State

XOR = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Interleave:
    """How a byte range is spread over devices.

    ``maps`` are the XOR maps of the window, lowest position bit first; empty for modulo arithmetic.
    """

    base: int
    size: int
    ways: int
    granularity: int
    maps: tuple[int, ...] = ()

    def split(self, address: int) -> tuple[int, int]:
        """Return (position, offset in the device's share) of an address in the range."""
        if not self.base <= address < self.base + self.size:
            raise ValueError(f"address {address:#x} is outside the region")
        for item in reversed(self.maps):
            address = _fold(address, item)
        chunk, rest = divmod(address - self.base, self.granularity)
        share, position = divmod(chunk, self.ways)
        return position, share * self.granularity + rest

    def join(self, position: int, offset: int) -> int:
        """Return the address of an offset in the share of the device at a position."""
        if not 0 <= position < self.ways or not 0 <= offset < self.size // self.ways:
            raise ValueError(f"position {position}, offset {offset:#x} is outside the region")
        share, rest = divmod(offset, self.granularity)
        address = self.base + (share * self.ways + position) * self.granularity + rest
        for item in self.maps:
            address = _fold(address, item)
        return address


def _fold(address: int, item: int) -> int:
    """Replace a map's position bit, its lowest one, by the parity of the bits it names.

    Doing it twice changes nothing, so maps applied in reverse order undo those in order.
    """
    if not item:
        return address
    bit = item & -item
    return address | bit if (address & item).bit_count() & 1 else address & ~bit


def window_maps(acpi: AcpiView, root: Root) -> tuple[int, ...]:
    """Return the XOR maps in force for a window: none for modulo, 1 or 3 ways (A6)."""
    entry = root.entry
    if entry.arithmetic != XOR or entry.ways in {1, 3}:
        return ()
    found = next((x.maps for x in acpi.xor if x.granularity == entry.granularity), ())
    needed = found[: xor_maps_needed(entry.ways)]
    # a map whose lowest bit no position can have would lead out of the region
    return tuple(m for m in needed if m & (WINDOW_ALIGN - 1))


def interleave_of(acpi: AcpiView, root: Root, region: LiveRegion) -> Interleave:
    """Return how a region is spread over its devices."""
    return Interleave(
        base=region.start,
        size=region.size,
        ways=region.ways,
        granularity=region.granularity,
        maps=window_maps(acpi, root),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an address is: window (CFMWS index), region, device and its decoder, DPA."""

    address: int
    window: int
    region: str
    position: int
    bridge: str
    device: str
    decoder: int
    dpa: int


def locate(state: State, firmware: Firmware, address: int) -> Place | None:
    """Return the device and DPA behind an address, None where no region is committed."""
    machine = machine_of(firmware)
    region = next(
        (r for r in state.live.regions.values() if r.committed and r.start <= address < r.end),
        None,
    )
    if region is None:
        return None
    root = next(r for r in machine.fabric.roots if r.number == region.root)
    position, offset = interleave_of(machine.acpi, root, region).split(address)
    device, number = region.targets[position]
    return Place(
        address=address,
        window=root.window,
        region=region.name,
        position=position,
        bridge=machine.fabric.bridge_of[device],
        device=device,
        decoder=number,
        dpa=state.live.endpoints[device][number].start + offset,
    )


def address_of(state: State, firmware: Firmware, device: str, dpa: int) -> int | None:
    """Return the host physical address of a byte of a device, None while nothing maps it."""
    machine = machine_of(firmware)
    for number, decoder in enumerate(state.live.endpoints.get(device, ())):
        if not decoder.committed or not decoder.start <= dpa < decoder.start + decoder.size:
            continue
        region = state.live.regions[decoder.region]
        root = next(r for r in machine.fabric.roots if r.number == region.root)
        spread = interleave_of(machine.acpi, root, region)
        return spread.join(region.targets.index((device, number)), dpa - decoder.start)
    return None
