"""What the engine needs to know of a machine, taken from a Linux state or written by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cxldesigner.linux.model import Node, State
from cxldesigner.linux.watermarks import ZONE_NAMES
from cxldesigner.linux.zonelist import build_lists, preferred_targets

ZONE_INDEX = {name: index for index, name in enumerate(ZONE_NAMES)}
PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """One online memory block: its number, zone and usable pages; ``reserved`` pages never move.

    Number -1 stands for memory of a zone that lies in no block of its own.
    """

    number: int
    node: int
    zone: int
    pages: int
    reserved: int = 0
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A machine as the allocator sees it. Node ids are the kernel's.

    Attributes
    ----------
    nodes : possible node ids, ascending.
    cpu_nodes : nodes with CPUs.
    managed : pages by (node id, zone index).
    present : present pages by node id.
    fallback : zonelist order of every node (C3), only nodes with memory.
    tiers : memory tier of every node with memory; a smaller number is faster.
    preferred, lower : demotion targets of every node (A34).
    blocks : online memory blocks, ascending by number.
    """

    nodes: tuple[int, ...]
    cpu_nodes: frozenset[int]
    managed: Mapping[tuple[int, int], int]
    present: Mapping[int, int]
    fallback: Mapping[int, Sequence[int]]
    tiers: Mapping[int, int] = field(default_factory=dict)
    preferred: Mapping[int, Sequence[int]] = field(default_factory=dict)
    lower: Mapping[int, Sequence[int]] = field(default_factory=dict)
    blocks: tuple[BlockSpec, ...] = ()

    @property
    def top_tier(self) -> frozenset[int]:
        """Nodes of the slowest tier that holds a CPU node, and of every faster one (A33)."""
        with_cpus = [self.tiers[n] for n in self.cpu_nodes if n in self.tiers]
        slowest = max(with_cpus, default=None)
        if slowest is None:
            return frozenset(self.tiers)
        return frozenset(n for n, tier in self.tiers.items() if tier <= slowest)


def plain_topology(
    zones: Mapping[tuple[int, int], int],
    cpu_nodes: Collection[int],
    distance: Mapping[tuple[int, int], int] | None = None,
    tiers: Mapping[int, int] | None = None,
    nodes: Collection[int] = (),
) -> Topology:
    """Return a machine described by its zones alone, lists made by C3 and A34.

    ``zones`` are managed pages by (node, zone index); ``distance`` by ordered pair, 10 / 20 where
    missing; ``nodes`` are possible nodes without memory.
    """
    given = distance or {}

    def far(a: int, b: int) -> int:
        return given.get((a, b), given.get((b, a), 10 if a == b else 20))

    memory = sorted({node for (node, _), pages in zones.items() if pages > 0})
    possible = tuple(sorted({*memory, *nodes, *cpu_nodes}))
    lists, load = build_lists(possible, memory, cpu_nodes, far)
    ranks = {n: tier for n, tier in (tiers or {}).items() if n in memory}
    lower = {n: [o for o in memory if n in ranks and ranks.get(o, 0) > ranks[n]] for n in possible}
    preferred = {}
    for node, below in lower.items():
        following = min((ranks[o] for o in below), default=None)
        tier = [o for o in below if ranks[o] == following]
        preferred[node] = preferred_targets(node, tier, cpu_nodes, far, load)
    return Topology(
        nodes=possible,
        cpu_nodes=frozenset(cpu_nodes),
        managed=dict(zones),
        present={n: sum(p for (o, _), p in zones.items() if o == n) for n in possible},
        fallback=lists,
        tiers=ranks,
        preferred=preferred,
        lower=lower,
    )


def topology_of(state: State) -> Topology:
    """Return the allocator's view of a Linux state."""
    nodes = tuple(sorted(state.nodes))
    managed = {
        (n, ZONE_INDEX[zone.name]): zone.managed
        for n in nodes
        for zone in state.nodes[n].zones
        if zone.name in ZONE_INDEX and zone.managed > 0
    }
    blocks: list[BlockSpec] = []
    for n in nodes:
        blocks += _blocks_of(state.nodes[n], state.block_bytes // PAGE_BYTES)
    blocks.sort(key=lambda b: (b.node, b.zone, b.number))
    return Topology(
        nodes=nodes,
        cpu_nodes=frozenset(n for n in nodes if state.nodes[n].cpus),
        managed=managed,
        present={n: sum(zone.present for zone in state.nodes[n].zones) for n in nodes},
        fallback={n: state.nodes[n].fallback for n in nodes},
        tiers={n: tier for n in nodes if (tier := state.nodes[n].tier) is not None},
        preferred={n: state.nodes[n].demotion_preferred for n in nodes},
        lower={n: state.nodes[n].demotion_fallback for n in nodes},
        blocks=tuple(blocks),
    )


def _blocks_of(node: Node, block_pages: int) -> list[BlockSpec]:
    """Share the managed pages of a node's zones over its online blocks.

    Memory outside whole blocks becomes a block numbered -1. Pages a zone lacks are boot
    reservations of its first blocks, or for hot-added memory the memory map inside each (B17).
    """
    result: list[BlockSpec] = []
    for zone in node.zones:
        if zone.name not in ZONE_INDEX or zone.managed <= 0:
            continue
        index = ZONE_INDEX[zone.name]
        own = [
            (number, blocks.region)
            for blocks in node.blocks
            if blocks.state == "online" and blocks.zone == zone.name
            for number in range(blocks.first, blocks.first + blocks.count)
        ]
        missing = len(own) * block_pages - zone.managed
        if missing < 0:
            result.append(BlockSpec(-1, node.id, index, -missing, reserved=1))
            missing = 0
        hot = sum(1 for _, region in own if region)
        for position, (number, region) in enumerate(own):
            if hot == len(own):
                lack = missing * (position + 1) // hot - missing * position // hot
                result.append(BlockSpec(number, node.id, index, block_pages - lack, 0, region))
                continue
            lack = 0 if region else min(missing, block_pages)
            missing -= lack
            result.append(BlockSpec(number, node.id, index, block_pages - lack, lack, region))
    return result
