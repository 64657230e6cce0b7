from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxldesigner.document.model import GIB, Document
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.actions import apply, moment_name
from cxldesigner.linux.boot import boot
from cxldesigner.linux.model import State

MK = "cxl create-region -m -t ram -d decoder0.0"
AUTO = "/sys/devices/system/memory/auto_online_blocks"


def run(document: Document, *lines: str) -> tuple[State, list]:
    firmware = compile_document(document)
    state, results = boot(firmware), []
    for line in lines:
        state, result = apply(state, firmware, line)
        results.append(result)
    return state, results


def test_devices_are_named_by_id_memdev_serial_or_address(platform) -> None:
    made = platform()
    made.bridge("hb0")
    made.device("dimm", "hb0", serial=4711)
    made.window("win0", ("hb0",))
    document = made.document()
    host = next(n.host for n in compile_document(document).fabric if n.id == "dimm")
    for name in ("dimm", "mem0", "4711", "0x1267", host):
        state, results = run(document, f"{MK} {name}")
        assert results[0].exit == 0, results[0].output
        assert state.regions[0].targets == ("dimm",)


@pytest.mark.parametrize(
    ("lines", "zone"),
    [
        ((f"echo online > {AUTO}",), "Normal"),
        ((f"echo online_kernel > {AUTO}",), "Normal"),
        ((f"echo online_movable | sudo tee {AUTO}",), "Movable"),
        ((f"sh -c 'echo online_movable > {AUTO}'",), "Movable"),
    ],
)
def test_a_region_goes_to_the_zone_the_policy_says(simple, lines, zone: str) -> None:
    state, results = run(simple.document(), *lines, f"{MK} mem0dev")
    assert [r.exit for r in results] == [0, 0]
    assert [z.name for z in state.nodes[1].zones] == [zone]
    assert state.nodes[1].size_bytes == GIB


def test_auto_movable_needs_early_kernel_memory_on_the_node_unless_told(simple) -> None:
    parameters = "/sys/module/memory_hotplug/parameters"
    policy = f"echo auto-movable > {parameters}/online_policy"
    unaware = f"echo N > {parameters}/auto_movable_numa_aware"
    low = f"echo 10 > {parameters}/auto_movable_ratio"
    for lines, zone in (
        ((policy,), "Normal"),
        ((policy, unaware), "Movable"),
        ((policy, unaware, low), "Normal"),
    ):
        state, _ = run(simple.document(), *lines, f"{MK} mem0dev")
        assert [z.name for z in state.nodes[1].zones] == [zone], lines


def test_single_blocks_choose_their_zone_and_online_follows_the_span(simple) -> None:
    off = f"echo offline > {AUTO}"
    state, _ = run(simple.document(), off, f"{MK} mem0dev")
    first = state.nodes[1].blocks[0].first

    def set_block(offset: int, value: str) -> str:
        return f"echo {value} > /sys/devices/system/memory/memory{first + offset}/state"

    state, results = run(
        simple.document(),
        off,
        f"{MK} mem0dev",
        set_block(0, "online_kernel"),
        set_block(4, "online_kernel"),
        set_block(1, "online_movable"),
        set_block(2, "online"),
        set_block(6, "online_movable"),
    )
    assert all(r.exit == 0 for r in results)
    shown = [(b.first - first, b.count, b.state, b.zone) for b in state.nodes[1].blocks]
    assert shown == [
        (0, 1, "online", "Normal"),
        (1, 1, "online", "Movable"),
        (2, 1, "online", "Normal"),
        (3, 1, "offline", "Normal Movable"),
        (4, 1, "online", "Normal"),
        (5, 1, "offline", "Movable Normal"),
        (6, 1, "online", "Movable"),
        (7, 1, "offline", "Normal Movable"),
    ]
    zones = {z.name: z for z in state.nodes[1].zones}
    assert zones["Normal"].spanned == 5 * 32768
    assert zones["Movable"].spanned == 6 * 32768
    assert zones["Movable"].present == 2 * 32768


def test_memory_map_on_memory_takes_its_pages_from_the_block(simple) -> None:
    document = simple.document(cmdline="memory_hotplug.memmap_on_memory=1")
    state, _ = run(document, f"{MK} mem0dev")
    (zone,) = state.nodes[1].zones
    assert zone.present - zone.managed == 8 * 512


def test_disabling_gives_the_node_back_and_enabling_restores_it(simple) -> None:
    before, _ = run(simple.document(), f"{MK} mem0dev")
    state, results = run(simple.document(), f"{MK} mem0dev", "cxl disable-region region0")
    assert results[1].exit == 0
    assert not state.nodes[1].online
    assert state.nodes[1].tier is None
    state, _ = run(
        simple.document(), f"{MK} mem0dev", "cxl disable-region all", "cxl enable-region all"
    )
    assert state.nodes == before.nodes


def test_region_ids_are_reused_after_a_failed_attempt(platform) -> None:
    made = platform()
    made.bridge("hb0", hdm_decoders=0)
    made.device("a", "hb0")
    made.window("win0", ("hb0",))
    _, results = run(made.document(), f"{MK} -s 256M a", f"{MK} -s 256M a", f"{MK} -s 256M a")
    assert [r.exit for r in results] == [0, 1, 1]
    assert all("region1: failed to set target0 to a" in r.output for r in results[1:])


def test_each_window_holds_its_next_region_number(platform) -> None:
    made = platform()
    made.bridge("hb0")
    made.device("a", "hb0")
    for number in range(3):
        made.window(f"win{number}", ("hb0",))
    create = "cxl create-region -m -t ram -s 256M a -d decoder0."
    state, _ = run(made.document(), f"{create}1", f"{create}1", f"{create}2")
    assert [r.name for r in state.regions] == ["region1", "region2", "region3"]


def test_unknown_commands_and_files_are_refused_and_listings_accepted(simple) -> None:
    _, results = run(
        simple.document(),
        "cxl list -vvv",
        "rm -rf /tmp/x",
        "cxl frobnicate",
        "echo 1 > /sys/nothing",
        "# a comment",
        "cxl create-region 'unterminated",
    )
    assert [r.exit == 0 for r in results] == [True, False, False, False, True, False]


@pytest.mark.parametrize(
    ("value", "taken"), [("3", "3"), ("0", "1"), ("", "1"), ("255", "255"), ("256", None)]
)
def test_weights(simple, value: str, taken: str | None) -> None:
    path = "/sys/kernel/mm/mempolicy/weighted_interleave/node0"
    state, results = run(simple.document(), f"echo {value} > {path}")
    assert (results[0].exit == 0) is (taken is not None)
    assert state.settings[path] == (taken or "1")


def test_a_user_set_minimum_wins_while_it_is_larger(simple) -> None:
    path = "/proc/sys/vm/min_free_kbytes"
    state, _ = run(simple.document(), f"echo 262000 > {path}", f"{MK} mem0dev")
    assert state.settings[path] == "262000"
    state, _ = run(simple.document(), f"echo 100 > {path}", f"{MK} mem0dev")
    assert int(state.settings[path]) > 100


def test_more_scale_means_wider_marks(simple) -> None:
    before, _ = run(simple.document())
    after, _ = run(simple.document(), "echo 200 > /proc/sys/vm/watermark_scale_factor")
    for old, new in zip(before.nodes[0].zones, after.nodes[0].zones, strict=True):
        assert new.min == old.min
        assert new.high >= old.high


def test_moment_lines() -> None:
    assert moment_name("# moment: both regions ") == "both regions"
    assert moment_name("# a comment") is None
    assert moment_name("cxl list") is None


COMMANDS = st.sampled_from(
    [
        f"{MK} mem0dev",
        f"{MK} mem1dev",
        f"{MK} -s 256M mem0dev",
        f"{MK} -w 2 mem0dev mem1dev",
        "cxl disable-region region0",
        "cxl disable-region all",
        "cxl enable-region all",
        "cxl destroy-region -f all",
        "cxl destroy-region -f region1",
        "daxctl offline-memory all",
        "daxctl online-memory all",
        "daxctl online-memory --no-movable dax0.0",
        "daxctl reconfigure-device -f -m devdax all",
        "daxctl reconfigure-device -f -m system-ram all",
        f"echo offline > {AUTO}",
        f"echo online_movable > {AUTO}",
        f"echo online > {AUTO}",
    ]
)


@settings(max_examples=60)
@given(st.lists(COMMANDS, max_size=10))
def test_books_balance_after_any_commands(plain: Document, lines: list[str]) -> None:
    state, _ = run(plain, *lines)
    live = state.live
    for device in ("mem0dev", "mem1dev"):
        held = [d for d in live.endpoints.get(device, ()) if d.size]
        assert sum(d.size for d in held) <= GIB
        spans = sorted((d.start, d.start + d.size) for d in held)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
    placed = sorted((r.resource, r.resource + r.size) for r in state.regions)
    assert all(a[1] <= b[0] for a, b in pairwise(placed))
    node = state.nodes[1]
    blocks = sum(b.count for b in node.blocks if b.state == "online")
    assert sum(z.present for z in node.zones) == blocks * 32768
    assert all(z.present <= z.spanned for z in node.zones)
    assert node.has_memory == (node.tier is not None)
    assert node.online == bool(node.blocks)
    for other in state.nodes.values():
        assert (
            sorted(other.fallback) == sorted(n.id for n in state.nodes.values() if n.has_memory)
            or not node.online
        )
