from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document.model import AccessFigure, Document, Perf
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.acpi_read import normalize
from cxldesigner.linux.actions import apply
from cxldesigner.linux.boot import boot
from cxldesigner.linux.coordinates import encoded_mbps, link_latency_ns, link_mbps
from cxldesigner.linux.hmat import adistance, tier_of
from cxldesigner.linux.model import Node


def perf(latency: int, bandwidth: int, write: int | None = None) -> Perf:
    return Perf(
        read_latency_ns=latency,
        write_latency_ns=latency if write is None else write,
        read_bandwidth_mbps=bandwidth,
        write_bandwidth_mbps=bandwidth,
    )


DRAM = perf(100, 100_000)


@pytest.mark.parametrize(
    ("figures", "tier"),
    [
        (perf(80, 400_000), 0),
        (perf(400, 20_000), 90),
        (perf(302, 16_000, 402), 98),
        (perf(300, 30_000), 45),
        (perf(150, 64_000), 10),
        (DRAM, 4),
    ],
)
def test_tier_follows_the_integer_formula(figures: Perf, tier: int) -> None:
    found = adistance(figures, DRAM)
    assert found is not None
    assert tier_of(found) == tier


def test_no_distance_without_reference_or_figures() -> None:
    assert adistance(perf(100, 1000), None) is None
    assert adistance(Perf(read_latency_ns=100, write_latency_ns=100), DRAM) is None


@given(st.integers(1, 1 << 20), st.integers(1, 1 << 24))
def test_distance_wraps_as_32_bit_arithmetic_does(latency: int, bandwidth: int) -> None:
    u32 = (1 << 32) - 1
    value = (576 * (2 * latency) & u32) // 200
    value = (value * 200_000 & u32) // (2 * bandwidth)
    signed = value - (1 << 32) if value >= 1 << 31 else value
    assert adistance(perf(latency, bandwidth), DRAM) == signed


@pytest.mark.parametrize(
    ("entry", "unit", "kind", "revision", "value"),
    [
        (150, 1000, 0, 2, 150),
        (1, 1, 0, 2, 1),
        (0xFFFF, 1000, 0, 2, 0),
        (0, 1000, 3, 2, 0),
        (60_000, 1 << 20, 0, 2, 0),
        (64, 1000, 3, 2, 64_000),
        (15, 1, 0, 1, 2),
        (9, 1, 3, 1, 0),
    ],
)
def test_entries_become_ns_and_mbps(entry, unit, kind, revision, value) -> None:
    assert normalize(entry, unit, kind, revision) == value


def test_link_figures() -> None:
    assert link_mbps(32.0, 16) == 64_000
    assert encoded_mbps(32.0, 16) == 63_014
    assert link_mbps(2.5, 2) == 625


@pytest.mark.parametrize(
    ("speed", "width", "latency"),
    [(32.0, 16, 2), (32.0, 8, 3), (16.0, 16, 3), (8.0, 4, 17), (32.0, 1, 17), (2.5, 2, 109)],
)
def test_a_link_adds_the_time_of_a_flit_rounded_up_as_recorded(speed, width, latency) -> None:
    assert link_latency_ns(speed, width) == latency


def test_no_link_adds_nothing() -> None:
    assert link_latency_ns(0, 16) == link_latency_ns(32.0, 0) == 0


def measured(platform, build, port: Perf, names: str) -> Document:
    made = platform()
    made.parts["cpu0"] = made.parts["cpu0"].__class__(
        id="cpu0", cpus=2, dram_bytes=4 << 30, perf=DRAM
    )
    made.bridge("hb0", generic_port_pxm=7, perf=port)
    build(made)
    made.window("win0", ("hb0",), size_bytes=16 << 30)
    return made.document(f"cxl create-region -m -t ram -d decoder0.0 {names}", hmat=True)


def region_node(document: Document) -> Node:
    firmware = compile_document(document)
    state, result = apply(boot(firmware), firmware, document.actions[0])
    assert result.exit == 0, result.output
    return state.nodes[state.regions[0].node]


MEDIA = perf(150, 16_000, 250)


def test_a_direct_device_adds_port_link_and_media(platform) -> None:
    document = measured(
        platform, lambda m: m.device("a", "hb0", perf=MEDIA, width=16), perf(150, 64_000), "a"
    )
    node = region_node(document)
    assert node.access1 == perf(302, 16_000, 402)
    assert node.tier == 98


@pytest.mark.parametrize(("port", "bandwidth"), [(64_000, 32_000), (24_000, 24_000)])
def test_two_devices_share_the_port(platform, port: int, bandwidth: int) -> None:
    def build(made) -> None:
        made.device("a", "hb0", perf=MEDIA, width=16)
        made.device("b", "hb0", perf=MEDIA, width=16)

    node = region_node(measured(platform, build, perf(150, port), "a b"))
    assert node.access0 == perf(302, bandwidth, 402)


def test_a_switch_adds_its_latency_and_its_upstream_link_is_shared(platform) -> None:
    def build(made) -> None:
        made.switch("sw", "hb0", ["a", "b"], perf=MEDIA, width=16)
        made.parts["sw"] = made.parts["sw"].__class__(
            id="sw", downstream=2, perf=perf(150, 64_000), width=4, speed_gts=32.0
        )

    node = region_node(measured(platform, build, perf(150, 64_000), "a b"))
    assert node.access1 is not None
    assert node.access1.read_latency_ns == 150 + 150 + 150 + 2 * 5
    assert node.access1.read_bandwidth_mbps == 16_000


def test_without_switch_figures_the_device_has_none(platform) -> None:
    def build(made) -> None:
        made.switch("sw", "hb0", ["a"], perf=MEDIA)

    node = region_node(measured(platform, build, perf(150, 64_000), "a"))
    assert node.access0 is None
    assert node.tier == 22


def test_another_windows_qos_class_takes_the_figures_away(platform) -> None:
    from dataclasses import replace

    document = measured(
        platform, lambda m: m.device("a", "hb0", perf=MEDIA), perf(150, 64_000), "a"
    )
    firmware = replace(compile_document(document), qtg=(3,))
    state, _ = apply(boot(firmware), firmware, document.actions[0])
    assert state.nodes[1].access0 is None
    assert state.regions[0].qos_class_mismatch


def test_the_best_initiator_with_cpus_decides_access1(platform) -> None:
    made = platform(sockets=2)
    for name, figures in (("cpu0", DRAM), ("cpu1", DRAM)):
        made.parts[name] = made.parts[name].__class__(
            id=name, cpus=2, dram_bytes=4 << 30, perf=figures
        )
    document = made.document(
        hmat=True,
        access=(AccessFigure(initiator="cpu0", target="cpu1", perf=perf(140, 60_000)),),
    )
    nodes = boot(compile_document(document)).nodes
    assert nodes[1].access0 == DRAM
    assert nodes[1].tier == 4
