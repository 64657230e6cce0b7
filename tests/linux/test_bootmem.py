from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document.model import MemoryRange
from cxldesigner.linux.bootmem import (
    PAGE,
    block_bytes,
    boot_blocks,
    boot_zones,
    system_ram,
)
from cxldesigner.linux.cmdline import CommandLine, parse_cmdline

GIB = 1 << 30
MIB = 1 << 20


def test_page_zero_and_the_bios_hole_are_never_ram() -> None:
    whole = (MemoryRange(start=0, end=GIB),)
    assert system_ram(whole) == ((PAGE, 640 << 10), (MIB, GIB))


@pytest.mark.parametrize(
    ("end", "guest", "size"),
    [
        (63, False, 128 * MIB),
        (64, False, 2 * GIB),
        (64, True, 2 * GIB),
        (65, True, GIB),
    ],
)
def test_block_size_grows_with_boot_memory(end: int, guest: bool, size: int) -> None:
    assert block_bytes(((PAGE, end * GIB),), virtual_machine=guest) == size


def zones(ram, line: str = "", hotplug=()):
    found = boot_zones(ram, hotplug, parse_cmdline(line), addresses_above_4g=True)
    return {(z.node, z.name): z for z in found}


RAM = (
    (PAGE, 2 * GIB, 0),
    (4 * GIB, 5 * GIB, 0),
    (5 * GIB, 8 * GIB, 1),
)


def test_zones_span_holes_of_their_node() -> None:
    found = zones(RAM)
    assert set(found) == {(0, "DMA"), (0, "DMA32"), (0, "Normal"), (1, "Normal")}
    assert found[0, "DMA32"].spanned == (4 * GIB - 16 * MIB) // PAGE
    assert found[0, "DMA32"].present == (2 * GIB - 16 * MIB) // PAGE
    assert all(0 < z.managed <= z.present for z in found.values())


def test_kernelcore_leaves_the_rest_of_each_node_movable() -> None:
    found = zones(RAM, "kernelcore=4G")
    movable = sum(z.present for (_, name), z in found.items() if name == "Movable")
    total = sum(z.present for z in found.values())
    assert movable == pytest.approx(total - 4 * GIB // PAGE, abs=4096)
    assert found[1, "Movable"].start % 1024 == 0


def test_movablecore_is_what_kernelcore_leaves() -> None:
    def movable(line: str) -> int:
        return sum(z.present for (_, n), z in zones(RAM, line).items() if n == "Movable")

    assert movable("movablecore=1G") >= GIB // PAGE - 4096
    assert movable("movablecore=50%") == pytest.approx(3 * GIB // PAGE, abs=4096)
    assert movable("kernelcore=64G") == 0


def test_movable_node_makes_hot_pluggable_boot_memory_movable() -> None:
    found = zones(RAM, "movable_node kernelcore=1G", ((5 * GIB, 8 * GIB),))
    assert (1, "Movable") in found
    assert (1, "Normal") not in found
    assert (0, "Movable") not in found


def test_blocks_across_zones_or_nodes_show_none() -> None:
    ram = ((PAGE, 320 * MIB, 0), (320 * MIB, GIB, 1))
    found = boot_zones(ram, (), CommandLine(), addresses_above_4g=False)
    blocks = boot_blocks(ram, found, 128 * MIB)
    shown = {(b.node, b.first): (b.count, b.zone) for b in blocks}
    assert shown == {
        (0, 0): (1, "none"),
        (0, 1): (1, "DMA32"),
        (0, 2): (1, "none"),
        (1, 2): (1, "none"),
        (1, 3): (5, "DMA32"),
    }


@given(st.lists(st.integers(1, 64), min_size=1, max_size=6), st.sampled_from(["", "kernelcore=1G"]))
def test_present_pages_are_all_ram(sizes: list[int], line: str) -> None:
    ram, at = [], PAGE
    for node, size in enumerate(sizes):
        end = at // (128 * MIB) * (128 * MIB) + size * 128 * MIB
        ram.append((at, end, node))
        at = end
    found = boot_zones(tuple(ram), (), parse_cmdline(line), addresses_above_4g=False)
    assert sum(z.present for z in found) == sum((e - s) // PAGE for s, e, _ in ram)
    blocks = boot_blocks(tuple(ram), found, 128 * MIB)
    assert sum(b.count for b in blocks) == sum(sizes)
