"""Memory blocks of the machine in the kernels' arrays, kept in step with the topology."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxldesigner.engine.kernels.layout import BLOCK, ZONES_PER_NODE, Memory, Records
from cxldesigner.engine.topology import BlockSpec, Topology

Key = tuple[int, int, int]


def _key(block: BlockSpec) -> Key:
    return (block.node, block.zone, block.number)


class BlockTable:
    """The online blocks in array order: by node, zone, number.

    A zone whose topology names no blocks is one block of its own, numbered -1.
    """

    def __init__(self, topology: Topology, index: Mapping[int, int]) -> None:
        self._index = index
        self.specs: tuple[BlockSpec, ...] = self._complete(topology)

    @staticmethod
    def _complete(topology: Topology) -> tuple[BlockSpec, ...]:
        covered = {(b.node, b.zone) for b in topology.blocks}
        whole = [
            BlockSpec(-1, node, zone, pages, reserved=1)
            for (node, zone), pages in topology.managed.items()
            if (node, zone) not in covered and pages > 0
        ]
        return tuple(sorted((*topology.blocks, *whole), key=_key))

    def zone_of(self, block: BlockSpec) -> int:
        """Return the zone's number in the arrays."""
        return self._index[block.node] * ZONES_PER_NODE + block.zone

    def arrays(self) -> Records:
        """Return all blocks free, chained by zone in ascending order."""
        count = len(self.specs)
        blocks = np.recarray(count, BLOCK)
        blocks.zone = [self.zone_of(b) for b in self.specs]
        blocks.free = [b.pages for b in self.specs]
        blocks.kernel = [b.reserved for b in self.specs]
        blocks["next"] = -1
        same = np.flatnonzero(blocks.zone[1:] == blocks.zone[:-1])
        blocks["next"][same] = same + 1
        return blocks

    def fill_zones(self, memory: Memory) -> None:
        """Set the zones' managed and free counts for blocks that are all free."""
        zones = memory.zones
        for i, block in enumerate(self.specs):
            zone = self.zone_of(block)
            zones.managed[zone] += block.pages
            zones.free[zone] += block.pages
            if zones.cursor[zone] < 0:
                zones.cursor[zone] = i

    def follow(self, topology: Topology, memory: Memory) -> Records:
        """Take blocks in and out as ``topology`` says; return the new block arrays.

        Updates zones, and the block numbers pages and page tables hold. A block that leaves must
        hold no pages (``ValueError`` otherwise).
        """
        old = {_key(b): i for i, b in enumerate(self.specs)}
        old_arrays = memory.blocks
        before = self.specs
        self.specs = self._complete(topology)
        blocks = self.arrays()
        moved = np.full(len(before) + 1, -1, np.int32)
        for i, block in enumerate(self.specs):
            was = old.pop(_key(block), None)
            if was is None:
                memory.zones.managed[self.zone_of(block)] += block.pages
                memory.zones.free[self.zone_of(block)] += block.pages
                continue
            moved[was] = i
            grown = block.pages - before[was].pages
            blocks.free[i] = old_arrays.free[was] + grown
            blocks.kernel[i] = old_arrays.kernel[was]
            memory.zones.managed[self.zone_of(block)] += grown
            memory.zones.free[self.zone_of(block)] += grown
        for was in old.values():
            block = before[was]
            if old_arrays.free[was] != block.pages:
                raise ValueError(f"block {block.number} still has pages")
            memory.zones.managed[self.zone_of(block)] -= block.pages
            if old_arrays.zone[was] >= 0:
                memory.zones.free[self.zone_of(block)] -= block.pages
        memory.pages.block[:] = moved[memory.pages.block]
        memory.tables.block[:] = moved[memory.tables.block]
        memory.zones.cursor[:] = -1
        for i in reversed(range(len(self.specs))):
            memory.zones.cursor[self.zone_of(self.specs[i])] = i
        memory.nodes.listed[:] = 0
        memory.nodes.position[:] = 0
        return blocks
