"""A state in the shape of a recorded snapshot: sysfs and tool output as plain JSON values."""

from __future__ import annotations

from typing import Any

from cxldesigner.document.model import Perf
from cxldesigner.linux.hotplug import AUTO_ONLINE, PARAMETERS
from cxldesigner.linux.listing import listing_key
from cxldesigner.linux.live import LiveDax, LiveRegion
from cxldesigner.linux.model import Node, State
from cxldesigner.linux.ranges import ranges_text
from cxldesigner.linux.sysfs import DEMOTION, WEIGHTS

_DAX_ALIGN = 2 << 20


def snapshot(state: State) -> dict[str, Any]:
    """Return a state with the keys and units of a ``snapshots`` entry of a truth file.

    Sets are ranges text, memory kB, zone figures 4 KiB pages. What a machine knows and a
    derivation cannot (free and used memory) is absent.
    """
    nodes = state.nodes.values()
    online = [n for n in nodes if n.online]
    result: dict[str, Any] = {
        "sets": {
            "possible": ranges_text(n.id for n in nodes),
            "online": ranges_text(n.id for n in online),
            "has_cpu": ranges_text(n.id for n in nodes if n.cpus),
            "has_generic_initiator": ranges_text(n.id for n in nodes if n.generic_initiator),
            "has_memory": ranges_text(n.id for n in nodes if n.has_memory),
            "has_normal_memory": ranges_text(n.id for n in nodes if n.has_normal_memory),
        },
        "nodes": {str(n.id): _node(state, n, [o.id for o in online]) for n in online},
        "demotion_enabled": state.settings[DEMOTION],
        "weighted_interleave": {f"node{n.id}": state.settings[f"{WEIGHTS}{n.id}"] for n in nodes},
        "memory_hotplug": {
            "auto_online_blocks": state.settings[AUTO_ONLINE],
            "block_size_bytes": f"{state.block_bytes:x}",
            **{
                name: state.settings[PARAMETERS + name]
                for name in (
                    "auto_movable_numa_aware",
                    "auto_movable_ratio",
                    "memmap_on_memory",
                    "online_policy",
                )
            },
        },
        "memory_tiers": {f"memory_tier{t}": ranges_text(n) for t, n in state.tiers.items()},
        "iomem": list(state.iomem),
    }
    regions = [_region(state, r) for r in _enabled(state)]
    if regions:
        result["regions"] = regions
    listed = sorted(state.live.dax.values(), key=lambda d: listing_key(d.name), reverse=True)
    dax = [_dax(state, d) for d in listed]
    if dax:
        result["dax"] = dax
    return result


def _node(state: State, node: Node, online: list[int]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "MemTotal_kB": node.managed * 4,
        "distance": [node.distance[o] for o in online],
        "cpulist": ranges_text(node.cpus),
    }
    blocks: dict[str, int] = {}
    for run in node.blocks:
        key = f"{run.state}/{run.zone}"
        blocks[key] = blocks.get(key, 0) + run.count
    if blocks:
        found["blocks"] = blocks
    if node.zones:
        found["zones"] = {
            z.name: {
                "min": z.min,
                "low": z.low,
                "high": z.high,
                "spanned": z.spanned,
                "present": z.present,
                "managed": z.managed,
                "start_pfn": z.start_pfn,
            }
            for z in node.zones
        }
    linked = state.access_initiators.get(node.id, ((), ()))
    for name, perf, initiators in (
        ("access0", node.access0, linked[0]),
        ("access1", node.access1, linked[1]),
    ):
        if perf is not None:
            found[name] = _access(perf, initiators)
    caches: dict[str, str] = {}
    for level, size, line, indexing, policy in state.side_caches.get(node.id, ()):
        caches |= {
            f"index{level}/indexing": str(indexing),
            f"index{level}/line_size": str(line),
            f"index{level}/size": str(size),
            f"index{level}/write_policy": str(policy),
        }
    if caches:
        found["memory_side_cache"] = caches
    return found


def _access(perf: Perf, initiators: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "read_bandwidth": perf.read_bandwidth_mbps,
        "read_latency": perf.read_latency_ns,
        "write_bandwidth": perf.write_bandwidth_mbps,
        "write_latency": perf.write_latency_ns,
    }
    if initiators:
        found["initiators"] = list(initiators)
    return found


def _enabled(state: State) -> list[LiveRegion]:
    """Return what ``cxl list -R`` shows: window by window."""
    found = (r for r in state.live.regions.values() if r.enabled)
    return sorted(found, key=lambda r: (r.root, r.id))


def _region(state: State, region: LiveRegion) -> dict[str, Any]:
    shown = next(r for r in state.regions if r.name == region.name)
    found: dict[str, Any] = {
        "region": region.name,
        "resource": region.start,
        "size": region.size,
        "type": region.mode,
        "interleave_ways": region.ways,
        "interleave_granularity": region.granularity,
        "decode_state": "commit" if region.committed else "reset",
        "mappings": [
            {"position": position, "memdev": device, "decoder": number}
            for position, (device, number) in reversed(list(enumerate(region.targets)))
        ],
    }
    if shown.qos_class_mismatch:
        found["qos_class_mismatch"] = True
    return found


def _dax(state: State, dax: LiveDax) -> dict[str, Any]:
    region = state.live.regions.get(dax.region)
    number = int(dax.name.removeprefix("dax").partition(".")[0])
    hot = next((h for h in state.live.hot if h.dax == dax.name), None)
    device: dict[str, Any] = {
        "chardev": dax.name,
        "size": dax.size,
        "target_node": dax.node,
        "align": _DAX_ALIGN,
        "mode": "system-ram" if dax.driver == "kmem" else "devdax",
    }
    if hot is not None:
        device["online_memblocks"] = hot.online
        device["total_memblocks"] = hot.count
        if hot.online == hot.count:  # the tool gives up at the first offline block
            device["movable"] = all(r.zone == "Movable" for r in hot.runs if r.zone)
    device["mappings"] = [
        {
            "page_offset": 0,
            "start": dax.start,
            "end": dax.start + dax.size - 1,
            "size": dax.size,
        }
    ]
    place = "/platform/ACPI0017:00/root0/"
    if region is None:
        path = f"/platform/hmem.{number}"
    elif dax.persistent:
        path = f"{place}nvdimm-bridge0/ndbus0/{region.name}/{dax.name}"
    else:
        path = f"{place}decoder0.{region.root}/{region.name}/dax_{region.name}"
    return {
        "path": path,
        "id": number,
        "size": dax.size,
        "align": _DAX_ALIGN,
        "devices": [device],
    }
