"""Existing regions as the host actions that rebuild them, each at the place it had."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import pairwise

from cxldesigner.exchange.cxl_list import Inventory, ListedRegion
from cxldesigner.exchange.notes import Note

AUTO_ONLINE = "/sys/devices/system/memory/auto_online_blocks"
KINDS = ("ram", "pmem")


def region_actions(
    inventory: Inventory,
    devices: Mapping[str, str],
    windows: Mapping[str, int],
    policy: str = "online",
    made: Container[str] = (),
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Return shell lines that rebuild the regions, and what cannot be rebuilt.

    Parameters
    ----------
    inventory : what ``cxl list`` showed.
    devices : part id of each memdev.
    windows : index in the CEDT of each root decoder name.
    policy : what the kernel does with added memory after boot.
    made : names of regions that firmware made, which need no line.
    """
    lines: list[str] = []
    notes: list[Note] = []
    order, broken = in_order(inventory)
    if broken:
        notes.append(Note("The order the regions were made in cannot be found out."))
    used: dict[str, int] = {}
    for region in order:
        if region.name in made:
            used[region.decoder] = region.base + region.size
            continue
        members = [devices.get(name, "") for name in region.memdevs]
        if not members or "" in members or region.decoder not in windows:
            text = "Region {} cannot be rebuilt: its devices or its window are not listed."
            notes.append(Note(text, (region.name,)))
            continue
        if region.type not in KINDS:
            text = "Region {} has type {}, which cannot be rebuilt."
            notes.append(Note(text, (region.name, region.type[:40])))
            continue
        wanted = _policy(region, policy)
        if wanted != policy:
            lines.append(f"echo {wanted} > {AUTO_ONLINE}")
            policy = wanted
        index = windows[region.decoder]
        lines.append(
            f"cxl create-region -m -t {region.type} -d decoder0.{index} -w {region.ways} "
            f"-g {region.granularity} -s {region.size} {' '.join(members)}"
        )
        if not region.enabled:
            notes.append(Note("Region {} was disabled; it is rebuilt enabled.", (region.name,)))
        start = inventory.decoders[region.decoder].base
        if region.base != used.get(region.decoder, start):
            text = "Region {} was not at the lowest free address of its window; it will be there."
            notes.append(Note(text, (region.name,)))
        used[region.decoder] = region.base + region.size
    return tuple(lines), tuple(notes)


def _policy(region: ListedRegion, current: str) -> str:
    """Return the online policy under which a new region comes up like this one."""
    if region.type != "ram" or region.dax_mode is None:
        return current
    if region.dax_mode != "system-ram" or region.movable is None:
        return "offline"
    return "online_movable" if region.movable else "online"


def in_order(inventory: Inventory) -> tuple[list[ListedRegion], bool]:
    """Return the regions so that each comes after those it has to follow.

    In a window the lower address comes first, on a device the lower device address: that is how
    the kernel hands out both. The flag tells that no such order exists.
    """
    regions = sorted(inventory.regions.values(), key=lambda r: (r.decoder, r.base, r.name))
    before: dict[str, set[str]] = {r.name: set() for r in regions}
    for first, second in pairwise(regions):
        if first.decoder == second.decoder:
            before[second.name].add(first.name)
    shares: dict[str, list[tuple[int, str]]] = {}
    for (memdev, region), dpa in inventory.dpa.items():
        if region in before:
            shares.setdefault(memdev, []).append((dpa, region))
    for held in shares.values():
        held.sort()
        for (_, first_name), (_, second_name) in pairwise(held):
            if first_name != second_name:
                before[second_name].add(first_name)
    done: list[ListedRegion] = []
    names: set[str] = set()
    waiting = list(regions)
    while waiting:
        ready = next((r for r in waiting if before[r.name] <= names), None)
        if ready is None:
            return [*done, *waiting], True
        waiting.remove(ready)
        done.append(ready)
        names.add(ready.name)
    return done, False
