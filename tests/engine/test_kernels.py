"""Every kernel against a plain Python model, on small machines; properties P1, P2, P5."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxldesigner.document.model import Policy, PolicyMode
from cxldesigner.engine.areas import AreaSpec, lay_out
from cxldesigner.engine.kernels import access, hints, layout, victims
from cxldesigner.engine.kernels.layout import ABSENT, ANON, FILE, MOVABLE, NORMAL
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.marks import MarkSettings
from cxldesigner.engine.settings import Knobs, TaskSpec

PAGES = 3000
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Plain:
    """Two nodes, one zone each, written from the rules C10-C21, D1-D11 and M5-M7 alone."""

    def __init__(self, machine: Machine, policy: Policy, demotion: bool) -> None:
        zones = machine.memory.zones
        at = {0: NORMAL, 1: layout.ZONES_PER_NODE + MOVABLE}
        self.free = {n: int(zones.free[z]) for n, z in at.items()}
        rows = {n: (zones.floor[z], zones.low[z], zones.high[z]) for n, z in at.items()}
        self.marks = {n: tuple(int(mark) for mark in row) for n, row in rows.items()}
        self.policy, self.demotion = policy, demotion
        self.where: dict[int, int] = {}
        self.demoted, self.failures = 0, 0

    def order(self, index: int) -> tuple[list[int], set[int]]:
        nodes = self.policy.nodes
        match self.policy.mode:
            case PolicyMode.BIND:
                return [0, 1], set(nodes)
            case PolicyMode.PREFERRED:
                return [nodes[0], 1 - nodes[0]], {0, 1}
            case PolicyMode.INTERLEAVE:
                first = nodes[index % len(nodes)]
                return [first, 1 - first], {0, 1}
        return [0, 1], {0, 1}

    def first_fit(self, order: list[int], mask: set[int], mark: int) -> int | None:
        return next((n for n in order if n in mask and self.free[n] > self.marks[n][mark]), None)

    def fault(self, page: int, index: int) -> bool:
        order, mask = self.order(index)
        node, woken = self.first_fit(order, mask, 1), False
        if node is None:
            woken = 0 in mask and self.free[0] <= self.marks[0][2]
            node = self.first_fit(order, mask, 0)
        while node is None:
            if 0 not in mask or self.shrink() == 0:
                return False
            node = self.first_fit(order, mask, 0)
        self.where[page] = node
        self.free[node] -= 1
        if woken and self.failures < layout.HOPELESS:
            while self.free[0] <= self.marks[0][2] and self.failures < layout.HOPELESS:
                self.failures = 0 if self.shrink() else self.failures + 1
        return True

    def shrink(self) -> int:
        if not self.demotion:
            return 0
        moved = 0
        for page in sorted(p for p, n in self.where.items() if n == 0):
            if moved == layout.CLUSTER or self.free[1] <= self.marks[1][0]:
                break
            self.where[page] = 1
            self.free[0] += 1
            self.free[1] -= 1
            moved += 1
        self.demoted += moved
        self.failures = 0 if moved else self.failures
        return moved


policies = st.sampled_from(
    [
        Policy(),
        Policy(mode=PolicyMode.BIND, nodes=(0,)),
        Policy(mode=PolicyMode.BIND, nodes=(1,)),
        Policy(mode=PolicyMode.BIND, nodes=(0, 1)),
        Policy(mode=PolicyMode.PREFERRED, nodes=(1,)),
        Policy(mode=PolicyMode.INTERLEAVE, nodes=(0, 1)),
    ]
)


def small_machine(near, far, policy, demotion, pages=PAGES, **knobs):
    return Machine.build(
        {(0, NORMAL): near, (1, MOVABLE): far},
        tiers={0: 4, 1: 22},
        tasks=(TaskSpec(home=0, policy=policy),),
        pages=pages,
        knobs=Knobs(
            kswapd="immediate", demotion=demotion, marks=MarkSettings(min_free_kbytes=256), **knobs
        ),
    )


@QUICK
@given(
    near=st.integers(300, 1500),
    far=st.integers(300, 1500),
    policy=policies,
    demotion=st.booleans(),
    offset=st.integers(0, 5),
)
def test_allocator_equals_the_plain_model(near, far, policy, demotion, offset):
    machine = small_machine(near, far, policy, demotion)
    plain = Plain(machine, policy, demotion)
    done = 0
    while done < PAGES and plain.fault(done, done + offset):
        done += 1
    outcome = machine.fault(0, PAGES, offset=offset)
    assert outcome.done == done
    assert (outcome.failed == "oom") == (done < PAGES)
    assert {n: machine.free(n) for n in (0, 1)} == plain.free
    assert machine.stat("pgdemote_kswapd") + machine.stat("pgdemote_direct") == plain.demoted
    zones = machine.memory.pages.zone[: len(plain.where)] // layout.ZONES_PER_NODE
    assert zones.tolist() == [plain.where[page] for page in range(done)]


@QUICK
@given(policy=policies, demotion=st.booleans(), batches=st.lists(st.integers(1, 300), max_size=12))
def test_p1_p2_p5(policy, demotion, batches):
    machine = small_machine(1200, 900, policy, demotion, page_tables=True, swap_bytes=1 << 20)
    memory, first = machine.memory, 0
    for tick, batch in enumerate(batches):
        memory.knobs[layout.TICK] = tick
        count = min(batch, PAGES - first)
        outcome = machine.fault(0, count, first=first)
        zones = memory.zones
        np.testing.assert_array_equal(zones.free + memory.used.sum(axis=1), zones.managed)  # P1
        blocks = np.bincount(memory.blocks.zone, memory.blocks.free, len(zones))
        np.testing.assert_array_equal(blocks, zones.free)
        assert (zones.free[zones.managed > 0] >= zones.floor[zones.managed > 0]).all()  # P2
        assert memory.moves[:, 1, 0].sum() == 0  # P5: nothing is demoted upwards
        resident = (memory.pages.zone != ABSENT).sum()
        assert resident == memory.resident.sum() == memory.used[:, ANON].sum()
        first += outcome.done
        if outcome.failed:
            break


def test_victims_are_listed_by_class_age_and_sequence():
    machine = small_machine(4000, 4000, Policy(), demotion=True)
    machine.fault(0, 1000)
    pages, rng = machine.memory.pages, np.random.default_rng(1)
    pages.last[:1000] = rng.integers(0, 50, 1000)
    pages.kind[:1000] = rng.integers(0, 2, 1000)
    pages.sequence[:1000] = rng.permutation(1000)
    pages.flags[:1000] = np.where(rng.random(1000) < 0.3, layout.ACTIVE, 0)
    pages.flags[7] |= layout.PINNED
    machine.memory.knobs[layout.TICK] = 60
    assert victims.list_victims(machine.memory, 0, MOVABLE, True) == 999
    listed = machine.memory.victims[0, :999].tolist()
    order = sorted(
        (p for p in range(1000) if p != 7),
        key=lambda p: (
            bool(pages.flags[p] & layout.ACTIVE), pages.kind[p] != FILE,
            pages.last[p], pages.sequence[p],
        ),
    )  # fmt: skip
    assert listed == order
    assert victims.list_victims(machine.memory, 0, MOVABLE, False) == sum(
        1 for p in order if pages.kind[p] == FILE
    )


def test_a_rank_too_large_for_the_list_gives_its_lowest_sequences():
    machine = small_machine(30_000, 300, Policy(), demotion=True, pages=20_000)
    machine.fault(0, 20_000)
    machine.memory.pages.sequence[:20_000] = np.random.default_rng(2).permutation(20_000)
    victims.list_victims(machine.memory, 0, MOVABLE, True)
    size = int(machine.memory.nodes.listed[0])
    room = machine.memory.victims.shape[1]
    assert room // 2 < size <= room
    listed = machine.memory.victims[0, :size]
    assert machine.memory.pages.sequence[listed].tolist() == list(range(size))


def test_short_inactive_list_is_refilled_from_the_oldest_active():
    machine = small_machine(4000, 300, Policy(), demotion=True)
    machine.fault(0, 1000)
    pages = machine.memory.pages
    pages.flags[:900] = layout.ACTIVE | layout.REFERENCED
    pages.last[:1000] = np.arange(1000) // 10
    machine.memory.knobs[layout.TICK] = 200
    victims.list_victims(machine.memory, 0, MOVABLE, True)
    active = np.flatnonzero(pages.flags[:1000] & layout.ACTIVE)
    assert len(active) == 900 - ((900 - 100) // 2 + 1)
    assert active.min() == 401


def test_second_chance_before_demotion():
    machine = small_machine(1000, 1000, Policy(mode=PolicyMode.BIND, nodes=(0,)), demotion=True)
    low = int(machine.memory.zones.low[NORMAL])
    machine.fault(0, 1000 - low)
    machine.memory.pages.flags[:40] |= layout.REFERENCED
    machine.fault(0, 1, first=1000 - low)
    gone = np.flatnonzero(machine.memory.pages.zone[: 1000 - low] != NORMAL)
    assert gone.min() == 40
    assert (machine.memory.pages.flags[:40] & layout.SEEN).all()


@QUICK
@given(heat=st.lists(st.integers(0, 65535), min_size=1, max_size=50))
def test_decay(heat):
    values = np.array(heat, np.uint16)
    access.decay(values)
    assert values.tolist() == [h - (h >> 3) - (h > 0) for h in heat]


def test_touch_counts_and_marks_what_it_visits():
    machine = small_machine(2000, 2000, Policy(mode=PolicyMode.INTERLEAVE, nodes=(0, 1)), False)
    visits = np.array([0, 1, 1, 2, 5, 1, 0], np.int64)
    hits = np.zeros(2, np.int64)
    machine.memory.knobs[layout.TICK] = 3
    assert access.touch(machine.memory, 0, visits, 0, 300, 100, hits) == 7
    assert hits.tolist() == [3, 4]
    pages = machine.memory.pages
    assert (pages.heat[[0, 1, 2, 5]] // access.HEAT_STEP).tolist() == [2, 3, 1, 1]
    assert (pages.last[[0, 1, 2, 5]] == 3).all()
    assert machine.stat("pgfault") == 4


def test_marking_passes_over_top_tier_pages_and_goes_round():
    interleave = Policy(mode=PolicyMode.INTERLEAVE, nodes=(0, 1))
    machine = small_machine(2000, 2000, interleave, False, pages=10, numa_balancing=2)
    machine.fault(0, 10)
    marked = machine.memory.pages.marked
    cursor = hints.mark_pages(machine.memory, 0, 10, 4, 2, 50)
    assert np.flatnonzero(marked == 50).tolist() == [5, 7]
    assert cursor == 8
    hints.mark_pages(machine.memory, 0, 10, cursor, 100, 60)
    assert marked[:10].tolist() == [-1, 60, -1, 60, -1, 50, -1, 50, -1, 60]


def test_picture():
    machine = small_machine(2000, 2000, Policy(), False, pages=8)
    machine.fault(0, 6)
    machine.memory.pages.heat[:6] = [0, 0, 1, 3, 65535, 65535]
    nodes, heats = np.zeros(4, np.uint8), np.zeros(4, np.uint8)
    access.picture(machine.memory, 0, 8, nodes, heats)
    assert nodes.tolist() == [0, 0, 0, 255]
    assert heats.tolist() == [0, int(16 * np.log2(3)), 255, 0]


def test_swap_out_and_in():
    bind = Policy(mode=PolicyMode.BIND, nodes=(0,))
    machine = small_machine(1000, 300, bind, False, swap_bytes=4096 * 500)
    assert machine.fault(0, 1200).done == 1200
    out = machine.stat("pswpout")
    assert out >= 200
    assert machine.memory.knobs[layout.SWAP_FREE] == 500 - out
    visits, hits = np.array([0], np.int64), np.zeros(2, np.int64)
    assert access.touch(machine.memory, 0, visits, 0, 0, 100, hits) == 1
    assert machine.stat("pswpin") == 1
    assert machine.stat("pgmajfault") == 1


def test_release_gives_everything_back():
    machine = small_machine(2000, 2000, Policy(), False, page_tables=True)
    before = machine.memory.zones.free.copy()
    machine.fault(0, 2500)
    assert machine.memory.used[:, layout.TABLE].sum() == 5 + 3
    access.release(machine.memory, 0, PAGES)
    access.release_tables(machine.memory, 0)
    np.testing.assert_array_equal(machine.memory.zones.free, before)
    assert not machine.memory.resident.any()


@pytest.mark.parametrize("granule", [1, 8, 1024])
def test_page_table_tree(granule):
    specs = [AreaSpec(0, 1_000_000 // granule, ANON), AreaSpec(1, 700 // granule + 1, FILE)]
    areas, pages, tables = lay_out(specs, granule)
    assert areas[1].first * granule % 512 == 0
    assert pages.owner[areas[1].first] == 1
    for area in areas:
        leaf = area.first * granule // 512
        depth = 1
        while tables.parent[leaf] >= 0:
            leaf, depth = tables.parent[leaf], depth + 1
            assert tables.owner[leaf] == area.owner
        assert depth == 4
