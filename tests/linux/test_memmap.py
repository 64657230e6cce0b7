"""Memory maps of hot-added memory, and what they keep from going offline."""

from __future__ import annotations

import pytest

from cxldesigner.linux.derive import derive
from cxldesigner.linux.memmap import listing_order
from cxldesigner.linux.model import State

MK = "cxl create-region -m -t ram -d decoder0.0"
AUTO = "/sys/devices/system/memory/auto_online_blocks"
MOVABLE = f"echo online_movable > {AUTO}"


def last(document) -> tuple[State, str, int]:
    derivation = derive(document)
    result = derivation.moments[-1].results[-1]
    return derivation.current, result.output, result.exit


def first_block(state: State) -> int:
    return min(r.first for h in state.live.hot for r in h.runs)


def test_blocks_are_listed_by_a_hash_of_their_names() -> None:
    # the order seen in a directory of a running kernel: the tools stopped at the last ones
    assert listing_order(range(34, 42)) == [40, 39, 37, 35, 41, 38, 36, 34]
    assert listing_order((604, 605)) == [605, 604]
    assert listing_order(range(606, 608)) == [607, 606]


@pytest.mark.parametrize(
    ("lines", "stuck"),
    [
        ((f"{MK} mem0dev", f"{MK} mem1dev"), True),
        ((MOVABLE, f"{MK} mem0dev", f"{MK} mem1dev"), False),
        ((f"{MK} mem0dev", MOVABLE, f"{MK} mem1dev"), True),
        ((MOVABLE, f"{MK} mem0dev", f"echo online > {AUTO}", f"{MK} mem1dev"), False),
        ((f"{MK} mem0dev", f"{MK} mem1dev", "cxl disable-region region1"), False),
        ((f"{MK} mem0dev",), False),
    ],
)
def test_memory_in_a_kernel_zone_holds_the_map_of_what_comes_after(simple, lines, stuck) -> None:
    before = derive(simple.document(*lines)).current
    block = first_block(before)
    state, said, status = last(simple.document(*lines, "cxl disable-region region0"))
    assert status == int(stuck)
    blocks = [b for b in state.nodes[1].blocks if b.region == "region0"]
    if stuck:
        path = f"/sys/devices/system/node/node1/memory{block}/state"
        assert f"Failed to offline {path}: Device or resource busy" in said
        online = [b for b in blocks if b.state == "online"]
        order = listing_order(range(block, block + 8))
        kept = order[order.index(block) :]
        assert sum(b.count for b in online) == len(kept)
        assert next(r for r in state.live.regions.values() if r.id == 0).enabled
    else:
        assert not blocks


def test_maps_in_their_own_memory_hold_nothing(simple) -> None:
    lines = (f"{MK} mem0dev", f"{MK} mem1dev", "cxl disable-region region0")
    document = simple.document(*lines, cmdline="memory_hotplug.memmap_on_memory=1")
    assert last(document)[2] == 0


def test_a_block_says_no_to_one_who_writes_to_it(simple) -> None:
    lines = (f"{MK} mem0dev", f"{MK} mem1dev")
    block = first_block(derive(simple.document(*lines)).current)
    for number, status in ((block, 1), (block + 1, 0)):
        write = f"echo offline > /sys/devices/system/memory/memory{number}/state"
        _, said, exit_status = last(simple.document(*lines, write))
        assert exit_status == status
        assert ("Device or resource busy" in said) == bool(status)


def test_forcing_leaves_memory_behind_that_no_region_can_use_again(platform) -> None:
    made = platform()
    for number in range(2):
        made.bridge(f"hb{number}")
        made.device(f"mem{number}dev", f"hb{number}")
        made.window(f"win{number}", (f"hb{number}",))
    other = "cxl create-region -m -t ram -d decoder0.1 mem1dev"
    lines = (f"{MK} mem0dev", other, "cxl destroy-region -f region0")
    state, _, status = last(made.document(*lines))
    assert status == 0
    assert [r.name for r in state.live.regions.values()] == ["region1"]
    held = [b for b in state.nodes[1].blocks if b.state == "online"]
    assert held  # node 2 took its map from node 1
    block = first_block(state) * state.block_bytes
    assert any(x.strip().startswith(f"{block:08x}-") and "dax0.0" in x for x in state.iomem)
    assert not any(d.name == "dax0.0" for d in state.live.dax.values())
    again, _, status = last(made.document(*lines, f"{MK} mem0dev"))
    assert status == 0
    made = next(r for r in again.live.regions.values() if r.name != "region1")
    assert made.start > block


def test_daxctl_says_which_block_stays(simple) -> None:
    lines = (f"{MK} mem0dev", f"{MK} mem1dev")
    for command in ("offline-memory", "reconfigure-device -f -m devdax"):
        state, said, status = last(simple.document(*lines, f"daxctl {command} dax0.0"))
        assert status == 240
        assert "dax0.0: failed to offline memory: Device or resource busy" in said
        assert next(d for d in state.dax if d.name == "dax0.0").mode == "system-ram"


def test_the_finding_names_holder_and_held(simple, check_rule) -> None:
    lines = (f"{MK} mem0dev", f"{MK} mem1dev")
    check_rule("P12", simple.document(*lines), simple.document(MOVABLE, *lines))
    found = next(f for f in derive(simple.document(*lines)).findings if f.rule == "P12")
    assert found.items == ("mem0dev", "mem1dev")
    assert "dax0.0 holds the memory map of dax1.0" in str(found)


@pytest.mark.parametrize(("policy", "zone"), [("contig-zones", "Normal"), ("auto-movable", None)])
def test_daxctl_no_movable_leaves_the_zone_to_the_policy(simple, policy: str, zone) -> None:
    parameters = "/sys/module/memory_hotplug/parameters"
    lines = (
        f"echo offline > {AUTO}",
        f"echo {policy} > {parameters}/online_policy",
        f"echo N > {parameters}/auto_movable_numa_aware",
        f"{MK} mem0dev",
        "daxctl online-memory --no-movable dax0.0",
    )
    state, _, status = last(simple.document(*lines))
    assert status == 0
    assert [z.name for z in state.nodes[1].zones] == [zone or "Movable"]
