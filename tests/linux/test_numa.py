from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.linux.acpi import AcpiView, CpuEntry, InitiatorEntry, MemoryEntry, WindowEntry
from cxldesigner.linux.cmdline import CommandLine, parse_cmdline
from cxldesigner.linux.numa import MAX_NODES, number_nodes

GIB = 1 << 30
RAM = ((4096, 2 * GIB),)


def window(base: int, size: int = GIB) -> WindowEntry:
    return WindowEntry(
        base=base,
        size=size,
        ways=1,
        granularity=256,
        arithmetic=0,
        restrictions=6,
        qtg=0,
        targets=(1,),
    )


def view(**fields) -> AcpiView:
    fields.setdefault("first_pass", (CpuEntry(0, 0),))
    fields.setdefault("memory", (MemoryEntry(0, 0, 2 * GIB),))
    return AcpiView(has_srat=True, has_cedt=True, **fields)


def nodes(acpi: AcpiView, **cmdline):
    return number_nodes(acpi, RAM, (0,), CommandLine(**cmdline))


def test_cpu_domains_come_before_memory_domains_whatever_their_number() -> None:
    acpi = view(
        first_pass=(CpuEntry(7, 0),),
        memory=(MemoryEntry(3, 4 * GIB, 5 * GIB), MemoryEntry(7, 0, 2 * GIB)),
    )
    assert nodes(acpi).pxm == {0: 7, 1: 3}


def test_a_generic_initiator_takes_a_node_in_the_first_pass() -> None:
    acpi = view(
        first_pass=(CpuEntry(0, 0), InitiatorEntry(9)),
        memory=(MemoryEntry(0, 0, 2 * GIB), MemoryEntry(4, 4 * GIB, 5 * GIB)),
    )
    found = nodes(acpi)
    assert found.pxm == {0: 0, 1: 9, 2: 4}
    assert found.initiators == {1}
    assert 1 in found.online_at_boot


def test_uncovered_windows_get_made_up_domains_above_the_highest() -> None:
    acpi = view(
        memory=(MemoryEntry(0, 0, 2 * GIB), MemoryEntry(9, 8 * GIB, 9 * GIB, True)),
        windows=(window(32 * GIB), window(16 * GIB)),
    )
    found = nodes(acpi)
    assert found.pxm == {0: 0, 1: 9, 2: 10, 3: 11}
    assert found.made_up == {2, 3}
    assert found.window_node == (2, 3)
    assert found.node_at(16 * GIB) == 3


@pytest.mark.parametrize(
    ("covered", "address", "node"),
    [
        (((1, 16, 17),), 19, 1),
        (((1, 18, 19),), 16, 1),
        (((1, 16, 17), (2, 19, 20)), 18, 2),
        (((1, 17, 18), (2, 19, 20)), 16, 1),
    ],
)
def test_a_partly_covered_window_stretches_what_covers_it(covered, address, node) -> None:
    memory = (
        MemoryEntry(0, 0, 2 * GIB),
        *(MemoryEntry(p, a * GIB, b * GIB) for p, a, b in covered),
    )
    found = nodes(view(memory=memory, windows=(window(16 * GIB, 4 * GIB),)))
    assert found.node_at(address * GIB) == node
    assert not found.made_up


def test_overlapping_windows_share_the_first_ones_node() -> None:
    found = nodes(view(windows=(window(16 * GIB, 4 * GIB), window(18 * GIB, 4 * GIB))))
    assert found.window_node == (1, 1)
    assert found.node_at(21 * GIB) == 1


def test_window_nodes_stop_at_the_limit() -> None:
    windows = tuple(window((16 + i) * GIB) for i in range(MAX_NODES + 3))
    found = nodes(view(windows=windows))
    assert len(found.possible) == MAX_NODES
    assert found.window_node.count(None) == 4


@pytest.mark.parametrize(
    "acpi",
    [view(memory=()), view(memory=(MemoryEntry(0, 0, GIB),)), AcpiView()],
    ids=["no memory", "half covered", "no table"],
)
def test_unusable_srat_gives_one_node_and_no_window_nodes(acpi: AcpiView) -> None:
    found = nodes(replace(acpi, windows=(window(16 * GIB),)))
    assert found.possible == (0,)
    assert found.failed
    assert found.window_node == (None,)


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        (((10, 21), (21, 10)), True),
        (((10, 10), (21, 10)), False),
        (((11, 21), (21, 10)), False),
    ],
)
def test_slit_is_taken_only_with_tens_on_the_diagonal(rows, taken) -> None:
    acpi = view(slit=rows, memory=(MemoryEntry(0, 0, 2 * GIB), MemoryEntry(1, 4 * GIB, 5 * GIB)))
    found = nodes(acpi)
    assert found.slit_rejected is not taken
    assert found.distance(0, 1) == (21 if taken else 20)


def test_a_window_node_is_20_from_everything_even_with_a_slit_row_for_its_domain() -> None:
    acpi = view(slit=((10, 14), (14, 10)), windows=(window(16 * GIB),))
    assert nodes(acpi).distance(0, 1) == 20


def test_numa_off_makes_one_node() -> None:
    found = nodes(view(windows=(window(16 * GIB),)), numa_off=True)
    assert found.possible == (0,)
    assert not found.enabled


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=12, unique=True),
    st.integers(0, 6),
)
def test_ids_are_dense_and_every_uncovered_window_adds_one(domains: list[int], count: int) -> None:
    memory = tuple(MemoryEntry(p, (4 + i) * GIB, (5 + i) * GIB) for i, p in enumerate(domains))
    acpi = view(
        first_pass=(),
        memory=(*memory, MemoryEntry(domains[0], 0, 2 * GIB)),
        windows=tuple(window((100 + 2 * i) * GIB) for i in range(count)),
    )
    found = nodes(acpi)
    assert found.possible == tuple(range(len(domains) + count))
    assert [found.pxm[i] for i in range(len(domains))] == domains
    assert sorted(found.made_up) == list(range(len(domains), len(domains) + count))


def test_command_line_is_read_as_the_kernel_reads_it() -> None:
    line = parse_cmdline(
        "quiet numa=off kernelcore=2G movablecore=30% movable_node "
        "memhp_default_state=online_movable memory_hotplug.memmap_on_memory=1"
    )
    assert line.numa_off
    assert line.kernelcore == 2 * GIB
    assert line.movablecore_percent == 30
    assert line.movable_node
    assert line.online_default == "online_movable"
    assert line.memmap_on_memory == "Y"
