"""From visits and migrations of a tick to traffic, latency and speed (G5-G7)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxldesigner.engine.cost import LINE_BYTES, CostModel, Demand, Load
from cxldesigner.engine.kernels import layout
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.programs import Program, Stage

FAULT_US, HINT_US, MAJOR_US = 0.7, 1.0, 80.0
MIGRATE_US, BATCH_US = 2.0, 0.8
COPY_US = 4096 / 8000
PAGE_MB = 4096 / 1e6

Counts = NDArray[np.int64]
_COSTS = (
    (layout.PGFAULT, FAULT_US),
    (layout.HINT_FAULTS, HINT_US),
    (layout.PGMAJFAULT, MAJOR_US),
    (layout.PGPROMOTE_SUCCESS, MIGRATE_US + COPY_US),
    (layout.PGDEMOTE_DIRECT, BATCH_US + COPY_US),
)


def time_lost_us(before: Counts, after: Counts) -> float:
    """Return what faults, hint faults, promotion and direct reclaim cost a task (G5, G6)."""
    return float(sum((after[i] - before[i]) * cost for i, cost in _COSTS))


def kswapd_budget(tick_ms: int) -> int:
    """Return how many pages one kswapd can move in a tick, in batches that share a flush (G5)."""
    return max(layout.CLUSTER, int(tick_ms * 1000 / (BATCH_US + COPY_US)))


def nearest_homes(model: CostModel, machine: Machine) -> list[int]:
    """Return for each node index the CPU node index nearest to it by idle latency."""
    cpus = [machine.index[n] for n in sorted(machine.topology.cpu_nodes)] or [0]
    return [
        min(cpus, key=lambda home: (model.idle_latency(home, node), home))
        for node in range(len(machine.node_ids))
    ]


class Traffic:
    """Remembers what was visited in a tick and solves the cost model for it."""

    def __init__(self, model: CostModel, machine: Machine, tick_ms: int) -> None:
        self.model, self.machine, self.tick_ms = model, machine, tick_ms
        self.homes = nearest_homes(model, machine)
        self.read_mbps = np.zeros(len(machine.node_ids))
        self.write_mbps = np.zeros(len(machine.node_ids))

    def demand(self, program: Program, stage: Stage, hits: Counts, lost_us: float) -> Demand:
        """Return what a process asks for, from its visits by node."""
        threads = stage.values["threads"]
        busy = max(0.02, 1 - lost_us / (threads * self.tick_ms * 1000))
        total = hits.sum()
        return Demand(
            home=int(self.machine.memory.tasks.home[program.task]),
            threads=threads,
            mlp=stage.values["mlp"],
            compute_ns=stage.values["compute_ns"],
            write_share=stage.values["write_share"],
            share=hits / total if total else np.zeros(len(hits)),
            busy=busy,
        )

    def settle(self, demands: Sequence[Demand], moves: Counts) -> Load:
        """Solve for the tick; afterwards ``read_mbps`` and ``write_mbps`` hold node traffic."""
        moved = moves.sum(axis=0) * PAGE_MB * 1000 / self.tick_ms
        read, write = moved.sum(axis=1), moved.sum(axis=0)
        count = len(self.model.stages)
        back_read, back_write = np.zeros(count), np.zeros(count)
        for node, home in enumerate(self.homes):
            shares = self.model.path_shares(home, node)
            back_read += shares * read[node]
            back_write += shares * write[node]
        load = self.model.solve(demands, back_read, back_write)
        for demand, ops in zip(demands, load.ops, strict=True):
            bytes_mb = ops * LINE_BYTES / 1e6 * demand.share
            read = read + bytes_mb * (1 - demand.write_share)
            write = write + bytes_mb * demand.write_share
        self.read_mbps, self.write_mbps = read, write
        return load

    def ideal_rate(self, demand: Demand) -> float:
        """Return accesses per second if all memory were idle and local."""
        latency = self.model.idle_latency(demand.home, demand.home)
        wait = (1 - demand.write_share) * latency / demand.mlp
        return demand.threads * 1e9 / max(demand.compute_ns + wait, 1e-3)

    def node_use(self, load: Load, node: int) -> float:
        """Return the use of the fullest stage on the way from the nearest CPUs to a node."""
        on_path = self.model.path_shares(self.homes[node], node) > 0
        return float(load.utilisation[on_path].max(initial=0.0))
