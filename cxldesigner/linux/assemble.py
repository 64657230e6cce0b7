"""Make the :class:`State` a reader sees from a machine and its dynamic half."""

from __future__ import annotations

from cxldesigner.document.model import Perf
from cxldesigner.linux.hmat import tier_of
from cxldesigner.linux.hotplug import offline_zones
from cxldesigner.linux.iomem import iomem_lines
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import Live, LiveRegion, ZoneSpan
from cxldesigner.linux.machine import Machine
from cxldesigner.linux.model import (
    BlockRange,
    Dax,
    Decoder,
    Node,
    NodeKind,
    Region,
    State,
    Zone,
)
from cxldesigner.linux.reasons import live_reasons
from cxldesigner.linux.watermarks import ZONE_NAMES, lowmem_reserves

_NO_ZONE = ZoneSpan(start=0, end=0, present=0, managed=0)
_MODES = {"kmem": "system-ram"}


def assemble(machine: Machine, live: Live, before: State | None = None) -> State:
    """Return the state of ``machine`` with dynamic half ``live``.

    ``before`` is an earlier state of the same machine whose equal nodes are shared.
    """
    blocks = _blocks(machine, live)
    tiers: dict[int, list[int]] = {}
    for node in sorted(live.tier):
        tiers.setdefault(tier_of(live.tier[node]), []).append(node)
    nodes = {n: _node(machine, live, n, blocks.get(n, ())) for n in machine.numa.possible}
    if before is not None:
        nodes = {n: before.nodes[n] if before.nodes.get(n) == v else v for n, v in nodes.items()}
    hmat, numa = machine.hmat, machine.numa
    shown = {n: hmat.targets[p] for n, p in numa.pxm.items() if p in hmat.targets}
    shown = {n: t for n, t in shown.items() if n in numa.online_at_boot}
    return State(
        kernel=machine.firmware.kernel,
        nodes=nodes,
        tiers={t: tuple(tiers[t]) for t in sorted(tiers)},
        regions=tuple(
            _region(machine, r) for r in sorted(live.regions.values(), key=lambda r: r.id)
        ),
        dax=_dax(live),
        decoders=_decoders(live),
        block_bytes=machine.block,
        settings={**live.settings, "/proc/sys/vm/min_free_kbytes": str(live.min_kbytes)},
        iomem=iomem_lines(machine, live),
        reasons={**machine.reasons, **live_reasons(machine, live)},
        side_caches={
            n: tuple((c.level, c.size, c.line_size, c.indexing, c.write_policy) for c in t.caches)
            for n, t in shown.items()
            if t.caches
        },
        access_initiators={
            n: (t.access[0].initiators, t.access[1].initiators) for n, t in shown.items()
        },
        live=live,
    )


def _node(machine: Machine, live: Live, node: int, blocks: tuple[BlockRange, ...]) -> Node:
    numa = machine.numa
    zones = _zones(live, node)
    windows = [i for i, n in enumerate(numa.window_node) if n == node]
    access: tuple[Perf | None, Perf | None] = live.attributes.get(node, (None, None))
    target = machine.hmat.targets.get(numa.pxm[node])
    if target is not None and node in numa.online_at_boot:
        access = (target.access[0].perf, target.access[1].perf)
    distance = live.tier.get(node)
    preferred, lower = live.demotion.get(node, ((), ()))
    return Node(
        id=node,
        pxm=numa.pxm[node],
        kind=_kind(machine, node, windows),
        made_up_pxm=node in numa.made_up,
        cpus=numa.cpus.get(node, ()),
        online=node in live.online,
        generic_initiator=node in numa.initiators,
        size_bytes=sum(z.managed for z in zones) * 4096,
        distance={other: numa.distance(node, other) for other in numa.possible},
        fallback=live.fallback.get(node, ()),
        zones=zones,
        blocks=blocks,
        tier=None if distance is None else tier_of(distance),
        adistance=distance,
        access0=access[0],
        access1=access[1],
        demotion_preferred=preferred,
        demotion_fallback=lower if preferred else (),
        items=_items(machine, live, node, windows),
    )


def _kind(machine: Machine, node: int, windows: list[int]) -> NodeKind:
    if any(z.node == node for z in machine.zones):
        return NodeKind.DRAM if node in machine.numa.cpus else NodeKind.MEMORY
    if windows:
        return NodeKind.CXL
    own = [machine.node_at(start) for start, _ in machine.soft_reserved]
    return NodeKind.MEMORY if node in own else NodeKind.EMPTY


def _items(machine: Machine, live: Live, node: int, windows: list[int]) -> tuple[str, ...]:
    """Return the parts a node comes from: SRAT entries, windows, devices of its regions."""
    found: list[str] = []
    for reason in machine.reasons.get(f"node.{node}", ()):
        found += reason.items
    ids = machine.firmware.windows
    found += [ids[w] for w in windows if w < len(ids) and ids[w]]
    for hot in live.hot:
        region = live.regions.get(hot.region)
        if hot.node == node and region is not None:
            found += [d for d, _ in region.targets]
    return tuple(dict.fromkeys(found))


def _zones(live: Live, node: int) -> tuple[Zone, ...]:
    spans = [live.zones.get((node, name), _NO_ZONE) for name in ZONE_NAMES]
    managed = (spans[0].managed, spans[1].managed, spans[2].managed, spans[3].managed)
    reserves = lowmem_reserves(managed)
    return tuple(
        Zone(
            name=name,
            start_pfn=span.start,
            spanned=span.end - span.start,
            present=span.present,
            managed=span.managed,
            min=span.min,
            low=span.low,
            high=span.high,
            promo=span.promo,
            reserves=reserves[name],
            managed_known=span.known,
        )
        for name, span in zip(ZONE_NAMES, spans, strict=True)
        if span.present
    )


def _blocks(machine: Machine, live: Live) -> dict[int, tuple[BlockRange, ...]]:
    found: dict[int, list[BlockRange]] = {}
    for boot in machine.blocks:
        found.setdefault(boot.node, []).append(
            BlockRange(first=boot.first, count=boot.count, state="online", zone=boot.zone)
        )
    kernel = Kernel(machine, live) if any(not r.zone for h in live.hot for r in h.runs) else None
    for hot in live.hot:
        for run in hot.runs:
            zone = run.zone
            if not zone and kernel is not None:
                zone = offline_zones(kernel, hot, run.first)
            found.setdefault(hot.node, []).append(
                BlockRange(
                    first=run.first,
                    count=run.count,
                    state="online" if run.zone else "offline",
                    zone=zone,
                    region=hot.region,
                )
            )
    return {n: tuple(sorted(b, key=lambda r: r.first)) for n, b in found.items()}


def _region(machine: Machine, region: LiveRegion) -> Region:
    root = next(r for r in machine.fabric.roots if r.number == region.root)
    devices = tuple(d for d, _ in region.targets)
    perfs = [machine.perf.get((d, region.mode)) for d in devices]
    mismatch = any(p is None or p.qos_class != root.entry.qtg for p in perfs)
    return Region(
        name=region.name,
        window=root.window,
        resource=region.start,
        size=region.size,
        type=region.mode,
        ways=region.ways,
        granularity=region.granularity,
        targets=devices,
        committed=region.committed,
        node=machine.node_at(region.start),
        qos_class_mismatch=mismatch,
        items=(*devices, *((root.item,) if root.item else ())),
    )


def _dax(live: Live) -> tuple[Dax, ...]:
    result: list[Dax] = []
    for dax in sorted(live.dax.values(), key=lambda d: (d.start, d.name)):
        hot = next((h for h in live.hot if h.dax == dax.name), None)
        zones = sorted({r.zone for r in hot.runs if r.zone}) if hot else []
        result.append(
            Dax(
                name=dax.name,
                region=dax.region,
                size=dax.size,
                node=dax.node,
                mode=_MODES.get(dax.driver, "devdax"),
                zone=" ".join(zones),
                online_blocks=hot.online if hot else 0,
                total_blocks=hot.count if hot else 0,
            )
        )
    return tuple(result)


def _decoders(live: Live) -> tuple[Decoder, ...]:
    found: list[Decoder] = []
    for port, decoders in live.ports.items():
        found += [
            Decoder(item=port, region=d.region, ways=d.ways, granularity=d.granularity)
            for d in decoders
            if d.region
        ]
    for device, endpoint in live.endpoints.items():
        for d in endpoint:
            if d.region:
                region = live.regions[d.region]
                found.append(
                    Decoder(
                        item=device,
                        region=d.region,
                        ways=region.ways,
                        granularity=region.granularity,
                        dpa_start=d.start,
                        dpa_size=d.size,
                    )
                )
    return tuple(found)
