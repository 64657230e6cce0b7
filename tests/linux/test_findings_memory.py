"""Findings about memory, links and figures: one platform with, the nearest without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cxldesigner.document.model import GIB, MIB, Document, Link, MemoryRange, Perf
from cxldesigner.linux.derive import derive

Pair = tuple[Document, Document]
CASES: dict[str, Callable[..., Pair]] = {}


def case(rule: str) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    def keep(make: Callable[..., Pair]) -> Callable[..., Pair]:
        CASES[rule] = make
        return make

    return keep


MK = "cxl create-region -m -t ram -d decoder0."


FIGURES = Perf(
    read_latency_ns=100,
    write_latency_ns=100,
    read_bandwidth_mbps=60000,
    write_bandwidth_mbps=60000,
)


def measured(platform, *actions: str, port: int | None = 5, other: Perf = FIGURES, **window):
    made = platform(sockets=2)
    for name, perf in (("cpu0", FIGURES), ("cpu1", other)):
        made.parts[name] = replace(made.parts[name], perf=perf)
    made.bridge("hb0", generic_port_pxm=port, perf=FIGURES)
    made.device("a", "hb0", perf=FIGURES)
    made.window("win0", ("hb0",), **window)
    made.window("win1", ("hb0",), qtg_id=window.get("qtg_id", 0) + 1)
    return made.document(*actions, hmat=True)


@case("CXL-V041")
def _qos(platform) -> Pair:
    return measured(platform, f"{MK}1 -Q a"), measured(platform, f"{MK}0 -Q a")


@case("CXL-V042")
def _asymmetric(platform) -> Pair:
    def mixed(second: str) -> Document:
        made = platform()
        made.bridge("x")
        made.device("a", "x")
        made.device("c", "x")
        made.switch("s", "x", ["b"])
        made.window("win", ("x",), size_bytes=16 * GIB)
        return made.document(f"{MK}0 a {second}")

    return mixed("b"), mixed("c")


def aligned(platform, base: int, size: str, dram: int = 64 * GIB) -> Document:
    made = platform()
    made.parts["cpu0"] = replace(made.parts["cpu0"], dram_bytes=dram)
    made.bridge("x")
    made.device("a", "x", volatile_bytes=8 * GIB)
    made.window("win", ("x",), base=base, size_bytes=16 * GIB)
    return made.document(f"{MK}0 -s {size} a")


@case("CXL-V043")
def _no_block(platform) -> Pair:
    return aligned(platform, 128 * GIB, "1G"), aligned(platform, 128 * GIB, "2G")


@case("CXL-V044")
def _trimmed(platform) -> Pair:
    return aligned(platform, 129 * GIB, "4G"), aligned(platform, 128 * GIB, "4G")


@case("CXL-V046")
def _boot_cxl(platform) -> Pair:
    def ram(end: int) -> Document:
        made = platform()
        made.bridge("x")
        made.device("a", "x")
        made.window("win", ("x",), base=64 * GIB, srat_pxm=1)
        memory = (
            MemoryRange(start=0, end=2 * GIB),
            MemoryRange(start=4 * GIB, end=6 * GIB),
            *((MemoryRange(start=64 * GIB, end=end),) if end else ()),
        )
        return made.document(memory_map=memory)

    return ram(65 * GIB), ram(0)


@case("CXL-V047")
def _map_cost(platform) -> Pair:
    def huge(size: int) -> Document:
        made = platform()
        made.bridge("x")
        made.device("a", "x", volatile_bytes=size)
        made.window("win", ("x",), base=128 * GIB, size_bytes=512 * GIB)
        return made.document(f"{MK}0 a")

    return huge(256 * GIB), huge(16 * GIB)


@case("CXL-V048")
def _unconnected(platform) -> Pair:
    made = platform()
    made.bridge("x")
    made.device("a", "x")
    whole = made.document()
    cut = {k: v for k, v in whole.links.items() if v.downstream != "a:up"}
    return replace(whole, links=cut), whole


def linked(platform, **link) -> Document:
    made = platform()
    made.bridge("x")
    made.device("a", "x", link=link, width=8)
    made.window("win", ("x",))
    return made.document()


@case("CXL-V049")
def _bad_link(platform) -> Pair:
    return linked(platform, width=16), linked(platform, width=8)


@case("CXL-V050")
def _slow_link(platform) -> Pair:
    return linked(platform, speed_gts=16.0), linked(platform, speed_gts=32.0)


@case("CXL-V051")
def _no_memory(platform) -> Pair:
    def holds(size: int) -> Document:
        made = platform()
        made.bridge("x")
        made.device("a", "x", volatile_bytes=size)
        return made.document()

    return holds(0), holds(256 * MIB)


@case("A30")
def _unlike_dram(platform) -> Pair:
    slower = replace(FIGURES, read_latency_ns=120)
    near = replace(FIGURES, read_latency_ns=110)
    return measured(platform, other=slower), measured(platform, other=near)


@case("A31")
def _shared_domain(platform) -> Pair:
    return measured(platform, port=2), measured(platform, port=9)


@case("KERNEL")
def _other_kernel(platform) -> Pair:
    made = platform()
    return made.document(kernel="6.18"), made.document(kernel="6.12.117+deb13-amd64")


def test_a_part_below_two_parents_is_named_with_both(platform) -> None:
    made = platform()
    made.bridge("x")
    made.device("a", "x")
    made.device("b", "x")
    document = made.document()
    extra = Link(id="extra", upstream="bport:down", downstream="a:up")
    document = replace(document, links={**document.links, "extra": extra})
    hit = next(f for f in derive(document).findings if f.rule == "CXL-V048" and len(f.items) == 3)
    assert set(hit.items) == {"a", "aport", "bport"}


@pytest.mark.parametrize("rule", sorted(CASES))
def test_rule_fires_and_its_near_miss_is_silent(rule: str, platform, check_rule) -> None:
    check_rule(rule, *CASES[rule](platform))
