"""Section H: offlining with pages in use (E2-E5); P6."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxldesigner.document.model import Policy, PolicyMode
from cxldesigner.engine.kernels import access, layout
from cxldesigner.engine.kernels.layout import MOVABLE, NORMAL
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.offline import Offlining
from cxldesigner.engine.settings import TaskSpec
from cxldesigner.engine.topology import BlockSpec, plain_topology

BLOCK = 32768


def machine_of(zone: int, pages: int, *, fill_first: int) -> Machine:
    """SYS-A with node 1 in two blocks; ``fill_first`` pages of the first block are taken."""
    zones = {(0, NORMAL): 65536, (1, zone): 2 * BLOCK}
    plain = plain_topology(zones, (0,), tiers={0: 4, 1: 22})
    blocks = tuple(BlockSpec(100 + i, 1, zone, BLOCK, region="region0") for i in range(2))
    bind = TaskSpec(home=0, policy=Policy(mode=PolicyMode.BIND, nodes=(1,)))
    machine = Machine.build(
        {}, topology=replace(plain, blocks=blocks), tasks=(bind, bind), pages=pages + fill_first
    )
    machine.fault(0, fill_first)
    machine.fault(1, pages)
    return machine


def set_free(machine: Machine, node: int, zone: int, free: int) -> None:
    z = machine.index[node] * layout.ZONES_PER_NODE + zone
    machine.memory.used[z, layout.KERNEL] += machine.memory.zones.free[z] - free
    machine.memory.blocks.free[machine.memory.zones.cursor[z]] = free
    machine.memory.zones.free[z] = free


def spec(machine: Machine, number: int) -> BlockSpec:
    return next(b for b in machine.block_table.specs if b.number == number)


def gone(machine: Machine, number: int) -> None:
    """Let the machine follow a topology without the block."""
    old = machine.topology
    left = tuple(b for b in old.blocks if b.number != number)
    managed = dict(old.managed)
    managed[1, left[0].zone] = sum(b.pages for b in left)
    machine.follow(replace(old, blocks=left, managed=managed))


def test_h33_pages_leave_the_node_even_if_it_has_room():
    machine = machine_of(MOVABLE, 100, fill_first=BLOCK)
    access.release(machine.memory, machine.areas[0].first, machine.areas[0].count)
    set_free(machine, 0, NORMAL, 400)
    slow = machine.memory.knobs[layout.SLOW]
    job = Offlining(machine, [spec(machine, 101)])
    assert job.step() == "done"
    assert machine.resident(1) == {0: 100, 1: 0}
    assert machine.free(0) == 300
    assert machine.memory.knobs[layout.SLOW] - slow == 21
    gone(machine, 101)
    assert machine.free(1) == BLOCK
    assert machine.memory.zones.managed.sum() == 65536 + BLOCK


def test_h34_kernel_page_in_normal_blocks_at_once():
    machine = machine_of(NORMAL, 99, fill_first=BLOCK)
    assert machine.allocate_kernel(1, 1).zones == {(1, NORMAL): 1}
    job = Offlining(machine, [spec(machine, 101)])
    assert job.step() == "busy"
    assert machine.resident(1) == {0: 0, 1: 99}
    assert machine.free(1) == BLOCK - 100


def test_h35_pinned_page_holds_up_the_rest_moves():
    machine = machine_of(MOVABLE, 10, fill_first=BLOCK)
    pinned = machine.areas[1].first + 4
    machine.memory.pages.flags[pinned] |= layout.PINNED
    job = Offlining(machine, [spec(machine, 101)])
    assert job.step() == ""
    assert machine.resident(1) == {0: 9, 1: 1}
    assert job.step() == ""
    machine.memory.pages.flags[pinned] ^= layout.PINNED
    assert job.step() == "done"
    assert machine.resident(1) == {0: 10, 1: 0}


def test_h35_given_up_what_moved_stays_moved_and_the_block_is_back():
    machine = machine_of(MOVABLE, 10, fill_first=BLOCK)
    machine.memory.pages.flags[machine.areas[1].first] |= layout.PINNED
    job = Offlining(machine, [spec(machine, 101)])
    job.step()
    assert machine.free(1) == 0
    job.give_up()
    assert machine.resident(1) == {0: 9, 1: 1}
    assert machine.free(1) == BLOCK - 1
    assert machine.fault(0, 0).done == 0
    with pytest.raises(ValueError, match="still has pages"):
        gone(machine, 101)
