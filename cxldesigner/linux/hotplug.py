"""Memory of dax devices: adding, onlining by policy, offlining, removing (A44, B7-B17, E7)."""

from __future__ import annotations

from dataclasses import replace

from cxldesigner.linux.bootmem import PAGE
from cxldesigner.linux.hmat import DAX_ADISTANCE
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import HotMemory, LiveDax, Run
from cxldesigner.linux.memmap import STRUCT_PAGE, holding_blocks, listing_order, place_map
from cxldesigner.linux.watermarks import ZONE_NAMES

MEMORY = "/sys/devices/system/memory/"
PARAMETERS = "/sys/module/memory_hotplug/parameters/"
AUTO_ONLINE = MEMORY + "auto_online_blocks"

ONLINE = "online"
ONLINE_KERNEL = "online_kernel"
ONLINE_MOVABLE = "online_movable"
OFFLINE = "offline"
BUSY = "Device or resource busy"


def add_memory(kernel: Kernel, dax: LiveDax) -> bool:
    """Hot-add the memory of a dax device and online it by policy; False: nothing was left.

    The range is trimmed inward to whole blocks (B15).
    """
    block = kernel.machine.block
    first, last = -(-dax.start // block), (dax.start + dax.size) // block
    if first >= last or dax.node not in kernel.machine.numa.pxm:
        return False
    if any(h.first < last and first < h.first + h.count for h in kernel.hot):
        return False
    if dax.node not in kernel.memory_type:
        distance = kernel.device_adistance(dax.node, DAX_ADISTANCE)
        kernel.memory_type[dax.node] = (distance, 1)
    else:
        distance, uses = kernel.memory_type[dax.node]
        kernel.memory_type[dax.node] = (distance, uses + 1)
    kernel.bring_node_online(dax.node)
    altmap = 0
    if dax.memmap_on_memory and kernel.settings[PARAMETERS + "memmap_on_memory"] != "N":
        altmap = -(-(kernel.machine.block_pages * STRUCT_PAGE) // PAGE)
    hot = HotMemory(
        dax=dax.name,
        region=dax.region,
        node=dax.node,
        runs=(Run(first, last - first),),
        altmap=altmap,
        map_homes=() if altmap else place_map(kernel, dax.node, last - first),
    )
    kernel.hot.append(hot)
    policy = kernel.settings[AUTO_ONLINE]
    if policy != OFFLINE:
        online_range(kernel, hot, first, last - first, policy)
    return True


def online_range(kernel: Kernel, hot: HotMemory, first: int, count: int, how: str) -> int:
    """Online what is offline of blocks ``[first, first + count)``; return how many went online."""
    total = 0
    last = first + count
    for run in hot.runs:
        low, high = max(run.first, first), min(run.first + run.count, last)
        if run.zone or low >= high:
            continue
        at = low
        while at < high:
            here = next(h for h in kernel.hot if h.dax == hot.dax)
            zone = zone_for(kernel, here, at, how)
            end = min(high, _next_edge(kernel, hot.node, at, how))
            _set_zone(kernel, here, at, end - at, zone)
            kernel.online_blocks(hot.node, at, end - at, zone, hot.altmap)
            total += end - at
            at = end
    return total


def offline_memory(kernel: Kernel, hot: HotMemory) -> int | None:
    """Offline all of a range as tools do, block by block until one is refused.

    Returns
    -------
    int or None
        The block that holds the memory map of other memory, None when all went offline.
    """
    online = [b for r in hot.runs if r.zone for b in range(r.first, r.first + r.count)]
    stuck = holding_blocks(kernel).intersection(online)
    if not stuck:
        offline_range(kernel, hot, hot.first, hot.count)
        return None
    for block in listing_order(online):
        if block in stuck:
            return block
        here = next(h for h in kernel.hot if h.dax == hot.dax)
        offline_range(kernel, here, block, 1)
    return None


def offline_range(kernel: Kernel, hot: HotMemory, first: int, count: int) -> int:
    """Offline what is online of blocks ``[first, first + count)``; return how many went."""
    total = 0
    last = first + count
    for run in hot.runs:
        low, high = max(run.first, first), min(run.first + run.count, last)
        if not run.zone or low >= high:
            continue
        here = next(h for h in kernel.hot if h.dax == hot.dax)
        _set_zone(kernel, here, low, high - low, "")
        kernel.offline_blocks(hot.node, low, high - low, run.zone, hot.altmap)
        total += high - low
    return total


def offline_failed(dax: str, node: int, block: int) -> str:
    """Return what the tools' library says when a block does not go offline."""
    path = f"/sys/devices/system/node/node{node}/memory{block}/state"
    return f"libdaxctl: offline_one_memblock: {dax}: Failed to offline {path}: {BUSY}"


def remove_memory(kernel: Kernel, hot: HotMemory) -> bool:
    """Remove a range whose blocks are all offline (E7); False if some are online."""
    if hot.online:
        return False
    kernel.replace_hot(hot, None)
    if hot.node in kernel.memory_type:
        distance, uses = kernel.memory_type[hot.node]
        if uses > 1:
            kernel.memory_type[hot.node] = (distance, uses - 1)
        else:
            del kernel.memory_type[hot.node]
    kernel.drop_node(hot.node)
    return True


def leak_memory(kernel: Kernel, hot: HotMemory) -> None:
    """Leave memory behind whose driver goes away while some of its blocks are online (E7)."""
    kernel.replace_hot(hot, replace(hot, dax=f"{hot.dax}@{hot.first}", leaked=hot.dax))


def zone_for(kernel: Kernel, hot: HotMemory, block: int, how: str) -> str:
    """Return the zone a block of hot-added memory goes to (B8-B10, ``zone_for_pfn_range``)."""
    kernel_zone = _kernel_zone(kernel, hot.node, block)
    if how == ONLINE_KERNEL:
        return kernel_zone
    if how == ONLINE_MOVABLE:
        return "Movable"
    if kernel.settings[PARAMETERS + "online_policy"] == "auto-movable":
        return "Movable" if _auto_movable(kernel, hot) else kernel_zone
    in_kernel = _touches(kernel, hot.node, kernel_zone, block)
    in_movable = _touches(kernel, hot.node, "Movable", block)
    if in_kernel != in_movable:
        return kernel_zone if in_kernel else "Movable"
    return "Movable" if kernel.machine.cmdline.movable_node else kernel_zone


def offline_zones(kernel: Kernel, hot: HotMemory, block: int) -> str:
    """Return ``valid_zones`` of an offline block: the default first (B9)."""
    default = zone_for(kernel, hot, block, ONLINE)
    others = [
        zone for zone in (_kernel_zone(kernel, hot.node, block), "Movable") if zone != default
    ]
    return " ".join([default, *others])


def _span(kernel: Kernel, node: int, zone: str) -> tuple[int, int]:
    found = kernel.zones.get((node, zone))
    return (found.start, found.end) if found and found.end > found.start else (0, 0)


def _touches(kernel: Kernel, node: int, zone: str, block: int) -> bool:
    start, end = _span(kernel, node, zone)
    pages = kernel.machine.block_pages
    return start < (block + 1) * pages and block * pages < end


def _kernel_zone(kernel: Kernel, node: int, block: int) -> str:
    low = (z for z in ZONE_NAMES[:2] if _touches(kernel, node, z, block))
    return next(low, "Normal")


def _next_edge(kernel: Kernel, node: int, block: int, how: str) -> int:
    """Return the next block whose zone may differ: an edge of some zone of the node."""
    pages = kernel.machine.block_pages
    edges = [
        edge
        for zone in ZONE_NAMES
        for pfn in _span(kernel, node, zone)
        for edge in (pfn // pages, -(-pfn // pages))
        if edge > block
    ]
    if how != ONLINE:
        edges = [e for e in edges if how == ONLINE_KERNEL]
    return min(edges, default=1 << 62)


def _auto_movable(kernel: Kernel, hot: HotMemory) -> bool:
    """Return whether the auto-movable policy lets the rest of a static group be MOVABLE (B10)."""
    ratio = int(kernel.settings[PARAMETERS + "auto_movable_ratio"])
    if not ratio or any(r.zone and r.zone != "Movable" for r in hot.runs):
        return False
    pages = kernel.machine.block_pages
    group = hot.count * pages
    movable_of_group = sum(r.count for r in hot.runs if r.zone == "Movable") * pages
    left = group - movable_of_group
    scopes: list[int | None] = [None]
    if kernel.settings[PARAMETERS + "auto_movable_numa_aware"] == "Y":
        scopes.append(hot.node)
    for node in scopes:
        zones = [(k, z) for k, z in kernel.zones.items() if node is None or k[0] == node]
        early = sum(z.early for k, z in zones if k[1] != "Movable")
        movable = sum(z.present for k, z in zones if k[1] == "Movable")
        if movable + left > ratio * early // 100:
            return False
    return True


def _set_zone(kernel: Kernel, hot: HotMemory, first: int, count: int, zone: str) -> None:
    """Mark blocks of a range as being in a zone ("" = offline), joining equal neighbours."""
    last = first + count
    pieces: list[Run] = []
    for run in hot.runs:
        end = run.first + run.count
        low, high = max(run.first, first), min(end, last)
        parts = (
            (run.first, min(end, first), run.zone),
            (low, high, zone),
            (max(run.first, last), end, run.zone),
        )
        pieces += [Run(a, b - a, z) for a, b, z in parts if a < b]
    joined: list[Run] = []
    for run in pieces:
        if joined and joined[-1].zone == run.zone:
            joined[-1] = Run(joined[-1].first, joined[-1].count + run.count, run.zone)
        else:
            joined.append(run)
    kernel.replace_hot(hot, replace(hot, runs=tuple(joined)))
