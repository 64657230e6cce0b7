"""What becomes of hot-added memory: trimming, zones, memory map (CXL-V042 to V047, P10 to P15)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxldesigner.document.model import MemoryDomain
from cxldesigner.linux.findings.context import Context, size_text
from cxldesigner.linux.hotplug import PARAMETERS
from cxldesigner.linux.live import LiveRegion
from cxldesigner.linux.model import Finding, Severity

RULES_OF = "6.12"
"""The kernel whose rules this room holds."""

MAP_SHARE = 64
"""The memory map takes 1/64 of the memory it describes (B17)."""

MAP_WARNING = 4
"""Warn when the map of hot-added memory takes more than a quarter of the kernel's DRAM."""


def memory_findings(context: Context) -> Iterator[Finding]:
    """Yield findings about regions and the memory they became."""
    for region in context.state.live.regions.values():
        yield from _region(context, region)
    yield from _not_assembled(context)
    yield from _rejected(context)
    yield from _normal_zone(context)
    yield from _map_holders(context)
    yield from _memory_map(context)
    yield from _boot_memory(context)
    yield from _kernel(context)


def _kernel(context: Context) -> Iterator[Finding]:
    wanted = context.document.host.kernel
    if not re.match(rf"{re.escape(RULES_OF)}(\D|$)", wanted):
        yield Finding(
            rule="KERNEL",
            severity=Severity.WARNING,
            text="The platform names Linux {0}; everything here follows the rules of Linux {1}",
            args=(wanted, RULES_OF),
            mend="Compare with care: numbering, tiers and onlining changed between versions.",
            source="built and verified for 6.12 only",
        )


def _items(region: LiveRegion) -> tuple[str, ...]:
    return tuple(d for d, _ in region.targets)


def _region(context: Context, region: LiveRegion) -> Iterator[Finding]:
    machine, live = context.machine, context.state.live
    depths = {len(machine.fabric.paths[d]) for d, _ in region.targets}
    if len(depths) > 1:
        yield Finding(
            rule="CXL-V042",
            severity=Severity.WARNING,
            text="Devices of {0} are at different depths: Linux adds their bandwidths without "
            "looking at shared links",
            args=(region.name,),
            items=_items(region),
            mend="Connect all devices of a region alike.",
            source="cxl_region_shared_upstream_bandwidth_update (A25)",
        )
    for dax in (d for d in live.dax.values() if d.region == region.name):
        whole = machine.block
        hot = next((h for h in live.hot if h.dax == dax.name), None)
        if not dax.driver:
            yield Finding(
                rule="CXL-V043",
                severity=Severity.ERROR,
                text="{0} holds no whole memory block of {1}: none of its {2} becomes memory",
                args=(dax.name, size_text(whole), size_text(dax.size)),
                items=_items(region),
                mend="Make the region larger or place its window at a multiple of the block size.",
                source="dev_dax_kmem_probe (A44, B15)",
            )
        elif hot is not None and hot.count * whole < dax.size:
            lost = dax.size - hot.count * whole
            yield Finding(
                rule="CXL-V044",
                severity=Severity.WARNING,
                text="{0} of {1} is lost: memory comes in whole blocks of {2}",
                args=(size_text(lost), dax.name, size_text(whole)),
                items=_items(region),
                mend="Align window and region to the memory block size.",
                source="dax_kmem_range (B15), field report P15",
            )


def _not_assembled(context: Context) -> Iterator[Finding]:
    """Regions of firmware's that Linux does not rebuild from their decoders."""
    drawn = [r for r in context.document.host.committed if r.window in context.document.windows]
    for index, rule in context.state.live.not_assembled.items():
        region = context.firmware.committed[index]
        own = drawn[index] if index < len(drawn) else None
        yield Finding(
            rule="A43",
            severity=Severity.ERROR,
            text="Firmware's region of {0} at {1} breaks {2}: Linux does not assemble it",
            args=(size_text(region.size), f"{region.base:#x}", rule),
            items=(*region.devices, *((own.window,) if own is not None else ())),
            mend="Give its devices the order, size and granularity the window takes.",
            source="cxl_add_to_region (A43)",
        )


def _rejected(context: Context) -> Iterator[Finding]:
    """Specific-purpose memory that no driver makes system RAM of."""
    machine = context.machine
    parts = tuple(
        p.id
        for p in context.document.parts.values()
        if isinstance(p, MemoryDomain) and p.specific_purpose
    )
    for dax in context.state.live.dax.values():
        if dax.region or dax.driver or machine.numa.node_at(dax.start) is not None:
            continue
        yield Finding(
            rule="CXL-V045",
            severity=Severity.ERROR,
            text="{0}, {1} of specific-purpose memory at {2}, lies in no node: Linux rejects it",
            args=(dax.name, size_text(dax.size), f"{dax.start:#x}"),
            items=parts,
            mend="Name it in the SRAT.",
            source="dev_dax_kmem_probe (A16)",
        )


def _normal_zone(context: Context) -> Iterator[Finding]:
    live = context.state.live
    for hot in live.hot:
        zones = {r.zone for r in hot.runs if r.zone} - {"Movable"}
        region = live.regions.get(hot.region)
        if not zones or region is None:
            continue
        yield Finding(
            rule="P13",
            severity=Severity.NOTE,
            text="{0} is in ZONE_{1}: kernel data may settle there and it may not go offline again",
            args=(hot.dax, min(zones).upper()),
            items=_items(region),
            mend="Before the region is made: echo online_movable > "
            "/sys/devices/system/memory/auto_online_blocks",
            source="default_zone_for_pfn (B9), field reports P12, P13",
        )


def _map_holders(context: Context) -> Iterator[Finding]:
    """Memory that cannot go offline while other memory, whose memory map it holds, is there."""
    live = context.state.live
    owners = {b: h for h in live.hot for r in h.runs for b in range(r.first, r.first + r.count)}
    pairs = {
        (owners[home.block].dax, hot.dax): home.block
        for hot in live.hot
        for home in hot.map_homes
        if home.block in owners
    }
    for (holder, described), block in pairs.items():
        regions = [
            live.regions[h.region]
            for h in live.hot
            if h.dax in {holder, described} and h.region in live.regions
        ]
        yield Finding(
            rule="P12",
            severity=Severity.WARNING,
            text="Memory block {0} of {1} holds the memory map of {2}: it does not go offline "
            "before {2} is removed",
            args=(str(block), holder, described),
            items=tuple(dict.fromkeys(i for r in regions for i in _items(r))),
            mend="Online {1} in ZONE_MOVABLE, or boot with memory_hotplug.memmap_on_memory=1, or "
            "remove {2} first.",
            source="vmemmap_alloc_block (B17), recorded; field report P12",
        )


def _memory_map(context: Context) -> Iterator[Finding]:
    live, machine = context.state.live, context.machine
    boot = {(z.node, z.name) for z in machine.zones if z.name != "Movable"}
    dram = sum(z.managed for key, z in live.zones.items() if key in boot)
    pages = sum(h.count for h in live.hot if not h.altmap) * machine.block_pages
    cost = pages // MAP_SHARE
    if not cost or cost * MAP_WARNING <= dram:
        return
    yield Finding(
        rule="CXL-V047",
        severity=Severity.WARNING,
        text="The memory map of hot-added memory takes {0} of {1} DRAM the kernel can use",
        args=(size_text(cost * 4096), size_text(dram * 4096)),
        items=tuple(
            dict.fromkeys(
                i
                for h in live.hot
                if h.region in live.regions
                for i in _items(live.regions[h.region])
            )
        ),
        mend="Boot with memory_hotplug.memmap_on_memory=1"
        if context.state.settings[PARAMETERS + "memmap_on_memory"] == "N"
        else "Give the machine more DRAM.",
        source="memory_hotplug (B17), field report P14",
    )


def _boot_memory(context: Context) -> Iterator[Finding]:
    """CXL memory that firmware hands over as plain RAM (A19)."""
    for root in context.machine.fabric.roots:
        inside = any(s < root.entry.end and root.entry.base < e for s, e in context.machine.ram)
        if inside:
            yield Finding(
                rule="CXL-V046",
                severity=Severity.WARNING,
                text="Memory in window {0} is boot memory: it cannot be taken offline, and daxctl "
                "does not list it",
                args=(context.window_name(root.window),),
                items=(root.item,) if root.item else (),
                mend="Let firmware mark it as specific-purpose memory.",
                source="cxl_region_probe (A19), field report P10",
            )
