"""Section H of the reference model: allocator, policies, reclaim, demotion, promotion; exact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxldesigner.document.model import Policy, PolicyMode
from cxldesigner.engine.kernels import layout
from cxldesigner.engine.kernels.layout import DMA32, GFP_ATOMIC, GFP_KERNEL_HIGH, MOVABLE, NORMAL
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.marks import MarkSettings
from cxldesigner.engine.settings import Constraint, Knobs, Outcome, TaskSpec
from cxldesigner.engine.topology import plain_topology

SYS_A = {(0, NORMAL): 65536, (1, MOVABLE): 65536}
TIERS = {0: 4, 1: 22}
BASE = Knobs()
LOCAL = TaskSpec(home=0)
DEMOTING = Knobs(kswapd="immediate", demotion=True)


def task(mode: PolicyMode = PolicyMode.DEFAULT, *nodes: int, cpuset: tuple[int, ...] = ()):
    return TaskSpec(home=0, policy=Policy(mode=mode, nodes=nodes), cpuset=cpuset)


BIND_0 = task(PolicyMode.BIND, 0)


def sys_a(spec: TaskSpec = LOCAL, knobs: Knobs = BASE, pages: int = 140_000):
    return Machine.build(SYS_A, tiers=TIERS, tasks=(spec,), pages=pages, knobs=knobs)


def preset_free(machine: Machine, node: int, zone: int, free: int) -> None:
    """Use up pages of a zone so that ``free`` are left, without touching any mark."""
    index = machine.index[node] * layout.ZONES_PER_NODE + zone
    machine.memory.used[index, layout.KERNEL] += machine.memory.zones.free[index] - free
    block = machine.memory.zones.cursor[index]
    machine.memory.blocks.free[block] += free - machine.memory.zones.free[index]
    machine.memory.zones.free[index] = free


def marks(machine: Machine, node: int, zone: int) -> tuple[int, int, int, int]:
    zones, z = machine.memory.zones, machine.index[node] * layout.ZONES_PER_NODE + zone
    return (int(zones.floor[z]), int(zones.low[z]), int(zones.high[z]), int(zones.promo[z]))


def reserve(machine: Machine, node: int, zone: int, highest: int) -> int:
    z = machine.index[node] * layout.ZONES_PER_NODE + zone
    return int(machine.memory.reserve[z, highest])


def test_h1_watermarks():
    machine = sys_a()
    assert marks(machine, 0, NORMAL) == (256, 321, 386, 451)
    assert marks(machine, 1, MOVABLE) == (64, 129, 194, 259)
    assert not machine.memory.reserve.any()


def test_h2_default_spills_to_cxl():
    machine = sys_a()
    assert machine.fault(0, 100_000) == Outcome(100_000)
    assert machine.resident(0) == {0: 65_215, 1: 34_785}
    assert machine.free(0) == 321
    assert machine.memory.knobs[layout.SLOW] == 0
    assert machine.memory.knobs[layout.WAKES] == 0


def test_h3_default_until_failure():
    machine = sys_a()
    outcome = machine.fault(0, 140_000)
    assert outcome == Outcome(130_752, "oom", Constraint.NONE)
    assert machine.resident(0) == {0: 65_280, 1: 65_472}
    assert (machine.free(0), machine.free(1)) == (256, 64)
    assert machine.memory.knobs[layout.SLOW] == 65 + 65 + 1  # the last one failed


def test_h4_kernel_pages_never_leave_normal():
    outcome = sys_a().allocate_kernel(0, 70_000)
    assert (outcome.done, outcome.failed, outcome.constraint) == (65_280, "oom", Constraint.NONE)
    assert outcome.zones == {(0, NORMAL): 65_280}


@pytest.mark.parametrize(
    ("gfp", "more", "free", "failed"),
    [(GFP_ATOMIC, 160, 96, "null"), (GFP_KERNEL_HIGH, 128, 128, "oom")],
    ids=["h5-atomic", "h5b-high"],
)
def test_h5_rights(gfp, more, free, failed):
    machine = sys_a()
    machine.allocate_kernel(0, 70_000)
    outcome = machine.allocate_kernel(0, 1000, gfp)
    assert (outcome.done, outcome.failed) == (more, failed)
    assert machine.free(0) == free


def test_h6_bind_to_cxl():
    machine = sys_a(task(PolicyMode.BIND, 1))
    assert machine.fault(0, 70_000) == Outcome(65_472, "oom", Constraint.MEMORY_POLICY)
    assert machine.resident(0) == {0: 0, 1: 65_472}
    assert machine.allocate_kernel(0, 1).zones == {(0, NORMAL): 1}


def test_h7_preferred_cxl():
    machine = sys_a(task(PolicyMode.PREFERRED, 1))
    assert machine.fault(0, 100_000).done == 100_000
    assert machine.resident(0) == {0: 34_593, 1: 65_407}


@pytest.mark.parametrize(
    ("offset", "count", "expected"), [(0, 1000, {0: 500, 1: 500}), (3, 7, {0: 3, 1: 4})]
)
def test_h9_interleave(offset, count, expected):
    machine = sys_a(task(PolicyMode.INTERLEAVE, 0, 1))
    machine.fault(0, count, offset=offset)
    assert machine.resident(0) == expected


def test_h10_interleave_on_a_nearly_full_node():
    machine = sys_a(task(PolicyMode.INTERLEAVE, 0, 1))
    preset_free(machine, 0, NORMAL, 331)
    machine.fault(0, 100)
    assert machine.resident(0) == {0: 10, 1: 90}


def test_interleave_by_cursor_serves_kernel_pages_in_turn():
    zones = {(0, NORMAL): 65536, (1, NORMAL): 65536}
    machine = Machine.build(zones, tasks=(task(PolicyMode.INTERLEAVE, 0, 1),), pages=0)
    assert machine.allocate_kernel(0, 7).zones == {(0, NORMAL): 4, (1, NORMAL): 3}
    assert machine.allocate_kernel(0, 1).zones == {(1, NORMAL): 1}


def test_h12_cpuset():
    machine = sys_a(task(cpuset=(0,)))
    assert machine.fault(0, 100_000) == Outcome(65_280, "oom", Constraint.CPUSET)
    assert machine.resident(0) == {0: 65_280, 1: 0}


def test_h13_fallback_order_reaches_the_walk():
    zones = {(0, NORMAL): 4096, (1, NORMAL): 4096, (2, MOVABLE): 4096, (3, MOVABLE): 4096}
    distance = {(0, 1): 21}
    topology = plain_topology(zones, (0, 1), distance)
    assert topology.fallback == {
        0: (0, 2, 3, 1),
        1: (1, 3, 2, 0),
        2: (2, 3, 0, 1),
        3: (3, 2, 0, 1),
    }
    machine = Machine.build(
        zones, cpu_nodes=(0, 1), distance=distance, pages=9_000,
        knobs=Knobs(marks=MarkSettings(min_free_kbytes=128)),
    )  # fmt: skip
    machine.fault(0, 9_000)
    resident = machine.resident(0)
    assert resident[0] > 4_000
    assert resident[2] > 4_000
    assert resident[3] == 9_000 - resident[0] - resident[2]
    assert resident[1] == 0


def test_h13c_memoryless_node_starts_at_cxl():
    zones = {(1, NORMAL): 65536, (2, MOVABLE): 65536}
    machine = Machine.build(zones, cpu_nodes=(0, 1), distance={(0, 1): 21}, pages=10)
    assert machine.topology.fallback == {0: (2, 1), 1: (1, 2), 2: (2, 1)}
    machine.fault(0, 10)
    assert machine.resident(0) == {0: 0, 1: 0, 2: 10}


H14 = {(0, DMA32): 16384, (0, NORMAL): 49152, (0, MOVABLE): 16384, (1, MOVABLE): 32768}


def test_h14_marks_and_reserves():
    machine = Machine.build(H14)
    assert marks(machine, 0, DMA32)[:3] == (64, 80, 96)
    assert marks(machine, 0, NORMAL)[:3] == (192, 241, 290)
    assert marks(machine, 0, MOVABLE)[:3] == (32, 48, 64)
    assert marks(machine, 1, MOVABLE)[:3] == (32, 64, 96)
    assert reserve(machine, 0, DMA32, NORMAL) == 192
    assert reserve(machine, 0, DMA32, MOVABLE) == 256
    assert reserve(machine, 0, NORMAL, MOVABLE) == 512


def test_h14b_default_until_failure():
    machine = Machine.build(H14, pages=114_688)
    taken = []
    for count in (16_336, 48_399, 16_048, 32_704, 16, 49, 16, 32):
        before = machine.memory.zones.free.copy()
        assert machine.fault(0, count, first=sum(c for c, _ in taken)).done == count
        used = before - machine.memory.zones.free
        assert used.max() == count  # all of them from one zone
        taken.append((count, int(used.argmax())))
    movable, normal, dma32, far = MOVABLE, NORMAL, DMA32, layout.ZONES_PER_NODE + MOVABLE
    assert [zone for _, zone in taken] == [movable, normal, dma32, far] * 2
    assert machine.fault(0, 10, first=113_600) == Outcome(0, "oom", Constraint.NONE)


def test_h14c_kernel_until_failure():
    outcome = Machine.build(H14).allocate_kernel(0, 100_000)
    assert outcome.done == 65_088
    assert outcome.zones == {(0, NORMAL): 48_911 + 49, (0, DMA32): 16_112 + 16}


def test_h15_spilling_wakes_no_kswapd():
    machine = sys_a(knobs=DEMOTING)
    machine.fault(0, 66_215)
    assert machine.resident(0) == {0: 65_215, 1: 1000}
    assert machine.stat("pgdemote_kswapd") == 0
    assert machine.memory.knobs[layout.WAKES] == 0


def test_h16_demotion_ignores_bind():
    machine = sys_a(BIND_0, DEMOTING)
    assert machine.fault(0, 66_215) == Outcome(66_215)
    assert machine.memory.knobs[layout.WAKES] == 11
    assert machine.stat("pgdemote_kswapd") == 1056
    assert machine.resident(0) == {0: 65_159, 1: 1056}
    assert machine.free(0) == 377


def test_h17_promo_mark():
    machine = sys_a(BIND_0, replace(DEMOTING, numa_balancing=2))
    machine.fault(0, 66_215)
    assert machine.memory.knobs[layout.WAKES] == 7
    assert machine.stat("pgdemote_kswapd") == 1120
    assert machine.resident(0) == {0: 65_095, 1: 1120}
    assert machine.free(0) == 441


def test_h18_demotion_until_failure():
    machine = sys_a(BIND_0, DEMOTING)
    assert machine.fault(0, 140_000) == Outcome(130_752, "oom", Constraint.MEMORY_POLICY)
    demoted = machine.stat("pgdemote_kswapd") + machine.stat("pgdemote_direct")
    assert demoted == 65_472
    assert machine.resident(0) == {0: 65_280, 1: 65_472}
    assert machine.free(1) == 64


def test_h18b_without_demotion():
    machine = sys_a(BIND_0, replace(DEMOTING, demotion=False))
    assert machine.fault(0, 140_000) == Outcome(65_280, "oom", Constraint.MEMORY_POLICY)
    assert machine.resident(0) == {0: 65_280, 1: 0}


def with_hot_pages_on_cxl(knobs: Knobs, count: int) -> Machine:
    """SYS-A with ``count`` pages on node 1, then default policy."""
    machine = sys_a(task(PolicyMode.BIND, 1), knobs)
    machine.fault(0, count)
    machine.set_task(0, TaskSpec(home=0))
    return machine


def test_h19_promotion_needs_space_and_wakes_kswapd():
    knobs = replace(DEMOTING, numa_balancing=2)
    machine = sys_a(BIND_0, knobs)
    machine.fault(0, 1000)
    machine.set_task(0, task(PolicyMode.BIND, 1))
    machine.fault(0, 10, first=1000)
    machine.set_task(0, TaskSpec(home=0))
    preset_free(machine, 0, NORMAL, 388)
    assert machine.hint_fault(0, 1000, now_ms=2000, latency_ms=10)
    assert machine.free(0) == 387
    assert not machine.hint_fault(0, 1001, now_ms=2001, latency_ms=10)
    assert machine.memory.knobs[layout.WAKES] == 1
    assert machine.stat("pgdemote_kswapd") == 96
    assert machine.free(0) == 483


def test_h20_promotion_rate_limit():
    knobs = Knobs(numa_balancing=2, promote_rate_limit_mbps=1)
    machine = with_hot_pages_on_cxl(knobs, 2000)
    preset_free(machine, 0, NORMAL, 60_000)
    for start, first in ((2000, 0), (3001, 1000)):
        moved = sum(
            machine.hint_fault(0, first + i, now_ms=start + i, latency_ms=10) for i in range(1000)
        )
        assert moved == 256


@pytest.mark.parametrize(("latency", "promoted"), [(999, True), (1000, False)])
def test_h21_hot_threshold(latency, promoted):
    machine = with_hot_pages_on_cxl(Knobs(numa_balancing=2), 1)
    assert machine.hint_fault(0, 0, now_ms=5000, latency_ms=latency) is promoted


@pytest.mark.parametrize(("seen", "threshold"), [(20_000, 875), (15_000, 1000), (10_000, 1125)])
def test_h22_threshold_control(seen, threshold):
    machine = with_hot_pages_on_cxl(Knobs(numa_balancing=2, promote_rate_limit_mbps=1), 1)
    machine.memory.nodes.candidates[0] = seen
    machine.hint_fault(0, 0, now_ms=60_001, latency_ms=10)
    assert machine.memory.nodes.threshold[0] == threshold


def test_h22b_free_space_shortcut():
    zones = {(0, NORMAL): 1_000_000, (1, MOVABLE): 65536}
    machine = Machine.build(
        zones, tiers=TIERS, tasks=(task(PolicyMode.BIND, 1),), pages=2,
        knobs=Knobs(numa_balancing=2),
    )  # fmt: skip
    machine.fault(0, 2)
    machine.set_task(0, TaskSpec(home=0))
    machine.memory.nodes.threshold[0] = 875
    assert machine.hint_fault(0, 0, now_ms=90_000, latency_ms=50_000)
    assert machine.memory.nodes.threshold[0] == 0
    promo = marks(machine, 0, NORMAL)[3]
    preset_free(machine, 0, NORMAL, promo + 262_144)  # exactly the limit: not enough
    assert not machine.hint_fault(0, 1, now_ms=90_001, latency_ms=50_000)


def test_h46_watermark_scale_factor():
    settings = MarkSettings(min_free_kbytes=1024, watermark_scale_factor=100)
    machine = sys_a(knobs=Knobs(marks=settings))
    assert marks(machine, 0, NORMAL) == (256, 911, 1566, 2221)
    assert marks(machine, 1, MOVABLE) == (64, 719, 1374, 2029)


def test_h47_automatic_min_free_kbytes():
    machine = sys_a(knobs=Knobs(marks=MarkSettings()))
    assert marks(machine, 0, NORMAL) == (512, 640, 768, 896)
    assert marks(machine, 1, MOVABLE) == (64, 192, 320, 448)
    # M4: a recomputation subtracts the high mark now in force.
    assert machine.refresh_marks() == 2035
