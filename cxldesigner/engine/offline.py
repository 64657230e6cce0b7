"""Taking memory blocks offline while pages are in them (E1-E5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cxldesigner.engine.kernels import access
from cxldesigner.engine.kernels.layout import MOVABLE, ZONES_PER_NODE
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.topology import BlockSpec


def isolate(machine: Machine, block: int) -> int:
    """Take a block's free pages out of the allocator's reach; return its zone."""
    memory = machine.memory
    zone = int(memory.blocks.zone[block])
    memory.zones.free[zone] -= memory.blocks.free[block]
    memory.blocks.zone[block] = -1
    _chain(machine, zone)
    return zone


def restore(machine: Machine, block: int, zone: int) -> None:
    """Give an isolated block back to its zone."""
    memory = machine.memory
    memory.blocks.zone[block] = zone
    memory.zones.free[zone] += memory.blocks.free[block]
    _chain(machine, zone)


def _chain(machine: Machine, zone: int) -> None:
    blocks = machine.memory.blocks
    own = np.flatnonzero(blocks.zone == zone)
    blocks["next"][own] = np.append(own[1:], -1)[: len(own)]
    machine.memory.zones.cursor[zone] = own[0] if len(own) else -1


@dataclass(slots=True)
class Offlining:
    """Blocks on their way out, one after another; retried every tick until they are empty (E4).

    ``result``: "" while under way, "done", or "busy" when a block holds pages that cannot
    move (E3); then ``emptied`` are the blocks before it, still isolated.
    """

    machine: Machine
    leaving: Sequence[BlockSpec]
    emptied: list[tuple[int, int]] = field(default_factory=list)
    result: str = ""
    _at: tuple[int, int] | None = None

    def step(self, budget: int = 1 << 40) -> str:
        """Move up to ``budget`` simulated pages that can be moved now; return ``result``."""
        while not self.result:
            if len(self.emptied) == len(self.leaving):
                self.result = "done"
                break
            if self._at is None and not self._begin(self.leaving[len(self.emptied)]):
                self.result = "busy"
                break
            if self._at is None:
                break
            moved, left = self._evacuate(*self._at, budget)
            budget -= moved
            if left:
                break
            self.emptied.append(self._at)
            self._at = None
        return self.result

    def give_up(self) -> None:
        """Stop as on a signal (-EINTR): the block under way stays online."""
        if self._at is not None:
            restore(self.machine, *self._at)
            self._at = None
        self.result = "interrupted"

    def _begin(self, spec: BlockSpec) -> bool:
        block = self.machine.block_table.specs.index(spec)
        zone = int(self.machine.memory.blocks.zone[block])
        kernel = self.machine.memory.blocks.kernel[block]
        if spec.reserved or (kernel and zone % ZONES_PER_NODE != MOVABLE):
            return False
        self._at = (block, isolate(self.machine, block))
        return True

    def _evacuate(self, block: int, zone: int, budget: int) -> tuple[int, int]:
        """Migrate; return how many simulated pages moved, and how many stayed."""
        memory = self.machine.memory
        others = memory.nodes.has_memory.astype(np.uint8)
        others[zone // ZONES_PER_NODE] = 0
        if not others.any():
            others[zone // ZONES_PER_NODE] = 1
        moved, left = access.evacuate(memory, block, zone, others, budget)
        return int(moved), int(left)
