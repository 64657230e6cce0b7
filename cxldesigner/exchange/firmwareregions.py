"""Regions a running machine has: which of them firmware made, and which a person's commands.

Firmware that commits decoders also tells the kernel of the range: as specific-purpose memory
(``Soft Reserved``) or as plain RAM (A19, A43). A range the memory map does not know was hot-added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxldesigner.document.model import CommittedRegion, MemoryRange, Window
from cxldesigner.exchange.cxl_list import Inventory, ListedRegion
from cxldesigner.exchange.notes import Note
from cxldesigner.exchange.regionpart import in_order, region_actions

GRANULARITIES = frozenset(256 << code for code in range(7))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How the regions come about again: by firmware, then by the actions."""

    committed: tuple[CommittedRegion, ...]
    actions: tuple[str, ...]
    notes: tuple[Note, ...]


def rebuild(
    inventory: Inventory,
    devices: Mapping[str, str],
    windows: Mapping[str, Window],
    indexes: Mapping[str, int],
    memory_map: tuple[MemoryRange, ...] | None,
    policy: str,
) -> Rebuilt:
    """Return how the regions of a machine are made again.

    Parameters
    ----------
    inventory : what ``cxl list`` or sysfs showed.
    devices : part id of each memdev.
    windows : the drawn windows in CEDT order.
    indexes : index in the CEDT of each root decoder name.
    memory_map : what firmware told of RAM; None when not known: then nothing is firmware's.
    policy : what the kernel does with added memory after boot.
    """
    drawn = tuple(windows.values())
    made: dict[str, CommittedRegion] = {}
    notes: list[Note] = []
    for region in in_order(inventory)[0]:
        index = indexes.get(region.decoder, len(drawn))
        if index < len(drawn):
            found = _committed(region, devices, drawn[index], memory_map or ())
            if found is not None:
                made[region.name] = found
                notes += _since_boot(region, found, policy)
    actions, more = region_actions(inventory, devices, indexes, policy, frozenset(made))
    return Rebuilt(tuple(made.values()), actions, (*notes, *more))


def _committed(
    region: ListedRegion,
    devices: Mapping[str, str],
    window: Window,
    memory_map: tuple[MemoryRange, ...],
) -> CommittedRegion | None:
    """Return the region as firmware's, None when the memory map does not speak of it."""
    end = region.base + region.size
    kind = next((r.kind for r in memory_map if r.start <= region.base and end <= r.end), "reserved")
    base = window.base or 0
    inside = base <= region.base and end <= base + window.size_bytes
    members = tuple(devices.get(name, "") for name in region.memdevs)
    if (
        kind not in ("ram", "soft-reserved")
        or region.type != "ram"
        or not inside
        or not members
        or "" in members
        or len(members) != region.ways
        or region.granularity not in GRANULARITIES
    ):
        return None
    return CommittedRegion(
        window=window.id,
        devices=members,
        size_bytes=region.size,
        offset=region.base - base,
        granularity=region.granularity,
        memory=kind,
    )


def _since_boot(region: ListedRegion, found: CommittedRegion, policy: str) -> list[Note]:
    """Tell of a region whose memory is not where the kernel puts it at boot."""
    if found.memory == "ram" or (region.dax_mode is None and region.enabled):
        return []
    shown = {True: "online_movable", False: "online", None: "offline"}[region.movable]
    kernel = {"online_kernel": "online"}.get(policy, policy)
    if region.enabled and region.dax_mode == "system-ram" and shown == kernel:
        return []
    text = "Region {} was made by firmware; what was done with its memory since is not drawn."
    return [Note(text, (region.name,))]
