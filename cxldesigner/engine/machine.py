"""A machine the allocator runs on: builds the kernels' arrays and offers them step by step.

``Machine`` holds the state; every method is one deterministic operation on it (M1). The run drives
it tick by tick; tests call it like a kernel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cxldesigner.document.model import PolicyMode, Scenario
from cxldesigner.engine.areas import Area, AreaSpec, lay_out
from cxldesigner.engine.blocks import BlockTable
from cxldesigner.engine.kernels import faults, hints, layout, reclaim
from cxldesigner.engine.marks import set_marks
from cxldesigner.engine.policy import mask_at_set_time, remapped
from cxldesigner.engine.settings import (
    KSWAPD_MODES,
    Constraint,
    Knobs,
    Outcome,
    TaskSpec,
    knobs_of,
)
from cxldesigner.engine.topology import PAGE_BYTES, Topology, plain_topology, topology_of
from cxldesigner.linux.model import State


class Machine:
    """Zones, pages and tasks of one simulated machine."""

    def __init__(
        self,
        topology: Topology,
        tasks: Sequence[TaskSpec],
        areas: Sequence[AreaSpec],
        knobs: Knobs,
    ) -> None:
        self.topology = topology
        self.knobs = knobs
        self.specs = list(tasks)
        self.node_ids = topology.nodes
        self.index = {node: i for i, node in enumerate(topology.nodes)}
        self.areas, pages, tables = lay_out(areas, knobs.granule)
        count = len(topology.nodes)
        self.block_table = BlockTable(topology, self.index)
        self.memory = layout.new_memory(
            count,
            max(1, len(tasks)),
            pages,
            tables,
            self.block_table.arrays(),
            self._knob_array(),
        )
        self.block_table.fill_zones(self.memory)
        self._follow_lists()
        self.refresh_marks()
        for task, spec in enumerate(self.specs):
            self._place_task(task, spec)

    @classmethod
    def build(
        cls,
        zones: Mapping[tuple[int, int], int],
        *,
        cpu_nodes: Collection[int] = (0,),
        distance: Mapping[tuple[int, int], int] | None = None,
        tiers: Mapping[int, int] | None = None,
        tasks: Sequence[TaskSpec] = (TaskSpec(home=0),),
        pages: int = 0,
        knobs: Knobs | None = None,
        topology: Topology | None = None,
    ) -> Machine:
        """Return a machine given by its zones, every task with one area of ``pages`` pages."""
        shape = topology or plain_topology(zones, cpu_nodes, distance, tiers)
        areas = [AreaSpec(task, pages, layout.ANON) for task in range(len(tasks))]
        return cls(shape, tasks, areas, knobs or Knobs())

    @classmethod
    def from_state(cls, state: State, scenario: Scenario, areas: Sequence[AreaSpec]) -> Machine:
        """Return the machine of a Linux state with a scenario's processes and kernel knobs.

        A process without a socket runs on the first node with CPUs. Policies are not set yet: a
        process sets its own when it starts (:meth:`set_task`). ``areas`` are the memory areas
        of the processes (:func:`cxldesigner.engine.programs.areas_of`).
        """
        topology = topology_of(state)
        homes = {item: node.id for node in state.nodes.values() if node.cpus for item in node.items}
        first = min(topology.cpu_nodes, default=topology.nodes[0])
        tasks = [TaskSpec(home=homes.get(p.socket, first)) for p in scenario.processes]
        return cls(topology, tasks, areas, knobs_of(scenario))

    # --- settings ---------------------------------------------------------------------------

    def _knob_array(self) -> NDArray[np.int64]:
        k = np.zeros(layout.KNOBS, np.int64)
        k[layout.GRANULE] = self.knobs.granule
        k[layout.KSWAPD] = KSWAPD_MODES[self.knobs.kswapd]
        k[layout.DEMOTION] = self.knobs.demotion
        k[layout.BALANCING] = self.knobs.numa_balancing
        k[layout.RATE_LIMIT] = self.knobs.promote_rate_limit_mbps << 8
        k[layout.HOT_MS] = self.knobs.hot_threshold_ms
        k[layout.TABLES] = self.knobs.page_tables
        k[layout.SWAP_FREE] = self.knobs.swap_bytes // PAGE_BYTES
        k[layout.RANDOM] = 0 if self.knobs.seed is None else self.knobs.seed % 2147483646 + 1
        return k

    def set_knobs(self, knobs: Knobs) -> None:
        """Change settings while running, as a sysctl write does."""
        k = self.memory.knobs
        self.knobs = knobs
        fresh = self._knob_array()
        for slot in (layout.DEMOTION, layout.BALANCING, layout.RATE_LIMIT, layout.HOT_MS):
            k[slot] = fresh[slot]
        self.refresh_marks()

    def refresh_marks(self) -> int:
        """Recompute watermarks and reserves (B11, C5-C7); return ``min_free_kbytes``."""
        return set_marks(self.memory, self.knobs.marks)

    def set_task(self, task: int, spec: TaskSpec) -> None:
        """Change a task's home, policy and cpuset.

        Raises :class:`cxldesigner.engine.policy.BadPolicyError` where the kernel says EINVAL.
        """
        self._place_task(task, spec)
        self.specs[task] = spec

    def _place_task(self, task: int, spec: TaskSpec) -> None:
        tasks, ids = self.memory.tasks, self.node_ids
        tasks.home[task] = self.index[spec.home]
        allowed = spec.cpuset or ids
        self.memory.cpuset[task] = [node in allowed for node in ids]
        with_memory = [n for n in allowed if self.memory.nodes.has_memory[self.index[n]]]
        self._install(task, spec.policy.mode, mask_at_set_time(spec.policy, with_memory))

    def _install(self, task: int, mode: PolicyMode, nodes: Sequence[int]) -> None:
        tasks = self.memory.tasks
        tasks.mode[task] = {
            PolicyMode.DEFAULT: layout.POLICY_DEFAULT,
            PolicyMode.PREFERRED: layout.POLICY_PREFERRED,
            PolicyMode.BIND: layout.POLICY_BIND,
            PolicyMode.INTERLEAVE: layout.POLICY_INTERLEAVE,
        }[mode]
        self.memory.mask[task] = [not nodes or node in nodes for node in self.node_ids]
        tasks.target[task] = self.index[min(nodes)] if nodes else tasks.home[task]
        zones = self.memory.zones.managed
        normal = any(zones[self._zone(n, i)] for n in nodes for i in range(layout.MOVABLE))
        tasks.mask_from[task] = layout.NORMAL if normal or not nodes else layout.MOVABLE

    def _zone(self, node: int, index: int) -> int:
        return self.index[node] * layout.ZONES_PER_NODE + index

    # --- topology ---------------------------------------------------------------------------

    def _follow_lists(self) -> None:
        nodes, zones, topology = self.memory.nodes, self.memory.zones, self.topology
        top = topology.top_tier
        nodes.zones[:] = 0
        self.memory.preferred[:] = 0
        self.memory.fallback[:] = 0
        for node, i in self.index.items():
            own = [self._zone(node, k) for k in range(layout.ZONES_PER_NODE)]
            nodes.has_memory[i] = any(zones.managed[z] for z in own)
            nodes.top_tier[i] = node in top
            nodes.present[i] = topology.present.get(node, 0)
            for other in topology.fallback.get(node, ()):
                for k in reversed(range(layout.ZONES_PER_NODE)):
                    if zones.managed[self._zone(other, k)]:
                        self.memory.zonelist[i, nodes.zones[i]] = self._zone(other, k)
                        nodes.zones[i] += 1
            for array, targets in (
                (self.memory.preferred, topology.preferred),
                (self.memory.fallback, topology.lower),
            ):
                array[i, [self.index[o] for o in targets.get(node, ())]] = 1

    def follow(self, topology: Topology) -> None:
        """Take over a changed machine: blocks that came or went, lists, tiers, marks, policies.

        Blocks that left must be empty (:meth:`cxldesigner.engine.offline.Offlining`). Raises
        ``ValueError`` if the set of possible nodes changed, which no running kernel does (A14).
        """
        if topology.nodes != self.topology.nodes:
            raise ValueError("possible nodes are fixed at boot (A14)")
        before = [n for n in self.node_ids if self.memory.nodes.has_memory[self.index[n]]]
        self.topology = topology
        blocks = self.block_table.follow(topology, self.memory)
        self.memory = self.memory._replace(blocks=blocks)
        self._follow_lists()
        self.refresh_marks()
        after = [n for n in self.node_ids if self.memory.nodes.has_memory[self.index[n]]]
        if after == before:
            return
        for task in range(len(self.specs)):
            mode = list(PolicyMode)[int(self.memory.tasks.mode[task])]
            if mode in {PolicyMode.BIND, PolicyMode.INTERLEAVE}:
                mask = [n for n, i in self.index.items() if self.memory.mask[task, i]]
                self._install(task, mode, remapped(mask, before, after))

    # --- operations -------------------------------------------------------------------------

    def fault(self, task: int, count: int, *, first: int = 0, offset: int = 0) -> Outcome:
        """Fault ``count`` pages of a task's first area in, one by one.

        ``offset`` is the page offset of the mapping, for interleaving (C21).
        """
        area = next(a for a in self.areas if a.owner == task)
        if first + count > area.count:
            raise IndexError("the area has fewer pages")
        done = faults.fault_range(self.memory, task, area.first + first, count, offset + first)
        return self._outcome(task, layout.GFP_USER_MOVABLE, int(done))

    def allocate_kernel(self, task: int, count: int, gfp: int = layout.GFP_KERNEL) -> Outcome:
        """Allocate ``count`` kernel pages, one by one (C8 rights by ``gfp``)."""
        zones = np.zeros(len(self.memory.zones.free), np.int64)
        done = faults.allocate_kernel(self.memory, task, gfp, count, zones)
        by_zone = {
            (self.node_ids[z // layout.ZONES_PER_NODE], z % layout.ZONES_PER_NODE): int(pages)
            for z, pages in enumerate(zones)
            if pages
        }
        return replace(self._outcome(task, gfp, int(done)), zones=by_zone)

    def _outcome(self, task: int, gfp: int, done: int) -> Outcome:
        if done >= 0:
            return Outcome(done)
        served, oom = -(done + 1) // 2, done % 2 == 0
        if not oom:
            return Outcome(served, "null")
        return Outcome(served, "oom", self.constraint(task, gfp))

    def constraint(self, task: int, gfp: int = layout.GFP_USER_MOVABLE) -> Constraint:
        """Return what an OOM of this task is put down to (C13)."""
        mask = faults.nodemask(self.memory, task, gfp)
        memory = self.memory.nodes.has_memory
        if np.any((memory == 1) & (mask == 0)):
            return Constraint.MEMORY_POLICY
        if np.any((memory == 1) & (self.memory.cpuset[task] == 0)):
            return Constraint.CPUSET
        return Constraint.NONE

    def hint_fault(self, task: int, page: int, *, now_ms: int, latency_ms: int) -> bool:
        """Serve a hint fault on a page marked ``latency_ms`` ago; return whether it moved."""
        self.memory.pages.marked[page] = now_ms - latency_ms
        moved = bool(hints.hint_fault(self.memory, task, page, now_ms))
        faults.settle(self.memory)
        return moved

    def run_kswapd(self, budget: int = -1) -> int:
        """Run the woken kswapds with a page budget each (M5, deferred); return pages reclaimed."""
        return int(reclaim.run_woken(self.memory, budget))

    def area_of(self, task: int, kind: int) -> Area | None:
        """Return the task's area of a kind (ANON, FILE), None when it has none."""
        return next((a for a in self.areas if a.owner == task and a.kind == kind), None)

    # --- reading ----------------------------------------------------------------------------

    def free(self, node: int, zone: int | None = None) -> int:
        """Return free pages of a node, or of one of its zones."""
        start = self._zone(node, 0)
        if zone is not None:
            return int(self.memory.zones.free[start + zone])
        return int(self.memory.zones.free[start : start + layout.ZONES_PER_NODE].sum())

    def resident(self, task: int) -> dict[int, int]:
        """Return a task's pages in memory by node."""
        row = self.memory.resident[task]
        return {node: int(row[i]) for node, i in self.index.items()}

    def stat(self, name: str) -> int:
        """Return a counter by its vmstat name."""
        return int(self.memory.stats[layout.VMSTAT.index(name)])
