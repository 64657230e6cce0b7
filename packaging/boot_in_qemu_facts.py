"""What a guest of ``boot_in_qemu.py`` showed, in the shape of ``cxldesigner derive --json``.

Standard library only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from boot_in_qemu_guest import MARK

NODE = "/sys/devices/system/node/"
MEMORY = "/sys/devices/system/memory/"
SETS = ("possible", "online", "has_cpu", "has_generic_initiator", "has_memory", "has_normal_memory")
SHOWN = re.compile(r"System RAM|CXL|region|dax|Soft|kmem|Persistent")
"""Lines of ``/proc/iomem`` that speak of memory."""
_ZONE = re.compile(r"^Node (\d+), zone\s+(\S+)$(.*?)(?=^Node |\Z)", re.MULTILINE | re.DOTALL)
_ZONE_FIELD = re.compile(
    r"^\s+(spanned|present|managed|min|low|high|start_pfn:)\s+(\d+)$", re.MULTILINE
)
"""A zone's own figures; those of its CPUs' page lists have a colon."""

Facts = dict[str, Any]


def records(stream: str) -> dict[str, str]:
    """Return what the guest sent, by record name."""
    out = {}
    for piece in stream.split(MARK)[1:]:
        name, _, text = piece.partition("\n")
        out[name] = text
    return out


def names_of(sent: dict[str, str], number: int, ids: dict[int, str]) -> dict[str, str]:
    """Return part id by kernel name of the memory devices; ``ids``: part id by serial number."""
    return {
        m["memdev"]: ids.get(m.get("serial", 0), m["memdev"])
        for m in _json(sent.get(f"{number} memdevs", ""))
        if "memdev" in m
    }


def snapshot(sent: dict[str, str], number: int, names: dict[str, str]) -> Facts:
    """Return one moment as facts."""
    files = dict(_files(sent.get(f"{number} files", "")))
    links = sent.get(f"{number} links", "").split()
    facts: Facts = {
        "sets": {name: files.get(NODE + name, "") for name in SETS},
        "nodes": _nodes(files, links, sent.get(f"{number} zoneinfo", "")),
        "demotion_enabled": files.get("/sys/kernel/mm/numa/demotion_enabled", ""),
        "weighted_interleave": _below(files, "/sys/kernel/mm/mempolicy/weighted_interleave/"),
        "memory_hotplug": {
            **{k: files.get(MEMORY + k, "") for k in ("auto_online_blocks", "block_size_bytes")},
            **_below(files, "/sys/module/memory_hotplug/parameters/"),
        },
        "memory_tiers": {
            path.split("/")[-2]: value
            for path, value in files.items()
            if path.startswith("/sys/devices/virtual/memory_tiering/")
        },
        "iomem": [
            line for line in sent.get(f"{number} iomem", "").splitlines() if SHOWN.search(line)
        ],
    }
    regions = [_region(r, names) for r in _json(sent.get(f"{number} regions", ""))]
    dax = _json(sent.get(f"{number} dax", ""))
    if regions:
        facts["regions"] = sorted(regions, key=lambda r: str(r.get("region")))
    if dax:
        facts["dax"] = sorted(dax, key=lambda d: int(d.get("id", 0)))
    return facts


def _files(text: str) -> Iterator[tuple[str, str]]:
    """Yield path and contents of what ``head -v`` printed."""
    pieces = re.split(r"^==> (/\S+) <==\n", text, flags=re.MULTILINE)
    for path, content in zip(pieces[1::2], pieces[2::2], strict=True):
        yield path, content.strip("\n")


def _json(text: str) -> list[Facts]:
    try:
        value = json.loads(text or "[]")
    except ValueError:
        return []
    return value if isinstance(value, list) else [value]


def _below(files: dict[str, str], folder: str) -> dict[str, str]:
    return {p[len(folder) :]: v for p, v in files.items() if p.startswith(folder)}


def _nodes(files: dict[str, str], links: list[str], zoneinfo: str) -> Facts:
    nodes: Facts = {}
    blocks: dict[str, list[str]] = {}
    for path in links:
        node, _, rest = path.removeprefix(f"{NODE}node").partition("/")
        if rest.startswith("memory"):
            blocks.setdefault(rest, []).append(node)
    for path, value in files.items():
        found = re.fullmatch(rf"{NODE}node(\d+)/(.+)", path)
        if found is None:
            continue
        node, name = nodes.setdefault(found[1], {}), found[2]
        if name == "meminfo":
            total = re.search(r"MemTotal:\s+(\d+)", value)
            node["MemTotal_kB"] = int(total[1]) if total else None
        elif name == "distance":
            node[name] = [int(x) for x in value.split()]
        elif name == "cpulist":
            node[name] = value
        elif name.startswith("access"):
            kind, _, figure = name.partition("/initiators/")
            node.setdefault(kind, {})[figure] = int(value)
        elif name.startswith("memory_side_cache/"):
            node.setdefault("memory_side_cache", {})[name.partition("/")[2]] = value
    for path in links:
        found = re.fullmatch(rf"{NODE}node(\d+)/(access\d)/initiators/node(\d+)", path)
        if found is not None:
            figures = nodes.setdefault(found[1], {}).setdefault(found[2], {})
            figures.setdefault("initiators", []).append(int(found[3]))
    for block, owners in blocks.items():
        state = files.get(f"{MEMORY}{block}/state", "?")
        key = f"{state}/{files.get(f'{MEMORY}{block}/valid_zones', '?')}"
        for owner in owners:
            counts = nodes.setdefault(owner, {}).setdefault("blocks", {})
            counts[key] = counts.get(key, 0) + 1
    for node_id, zone, text in _ZONE.findall(zoneinfo):
        figures = {k.rstrip(":"): int(v) for k, v in _ZONE_FIELD.findall(text)}
        if figures.get("present"):
            nodes.setdefault(node_id, {}).setdefault("zones", {})[zone] = figures
    return nodes


def _region(region: Facts, names: dict[str, str]) -> Facts:
    mappings = [
        {
            "position": m["position"],
            "memdev": names.get(m["memdev"], m["memdev"]),
            "decoder": int(str(m["decoder"]).rpartition(".")[2]),
        }
        for m in region.get("mappings", [])
    ]
    return {**region, "mappings": sorted(mappings, key=lambda m: -m["position"])}


# --- comparing ----------------------------------------------------------------------------------


def flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of nested facts with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{place}.{key}" if place else str(key))
        if not value:
            yield place, {}
    elif isinstance(value, list) and any(isinstance(v, dict) for v in value):
        for n, inner in enumerate(value):
            yield from flat(inner, f"{place}[{n}]")
    else:
        yield place, value


def without_port_numbers(line: str) -> str:
    """Return a message with the ports of decoders blotted out.

    The kernel numbers ports below the root as their probing ends, which is not the same from one
    boot to the next.
    """
    return re.sub(r"\bdecoder[1-9]\d*\.", "decoder*.", line)


def differences(seen: Facts, derived: Facts) -> dict[str, tuple[Any, Any]]:
    """Return (seen, derived) by place of every fact that differs; None is no such fact."""
    one, two = dict(flat(seen)), dict(flat(derived))
    return {
        place: (one.get(place), two.get(place))
        for place in one.keys() | two.keys()
        if one.get(place) != two.get(place)
    }
