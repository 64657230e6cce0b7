"""Findings about commands that will fail: one platform with, the nearest without."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxldesigner.document.model import GIB, Document, Restriction
from cxldesigner.linux.derive import derive

Pair = tuple[Document, Document]
CASES: dict[str, Callable[..., Pair]] = {}


def case(rule: str) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    def keep(make: Callable[..., Pair]) -> Callable[..., Pair]:
        CASES[rule] = make
        return make

    return keep


def run(platform, command: str, *, first: tuple[str, ...] = (), **window) -> Document:
    """Return two bridges of two devices each under an x2 and an x1 window, and some commands."""
    made = platform()
    made.bridge("hb0")
    made.bridge("hb1")
    for name, bridge in (("a", "hb0"), ("b", "hb0"), ("c", "hb1"), ("d", "hb1"), ("e", "hb0")):
        made.device(name, bridge, persistent_bytes=GIB)
    made.window("both", ("hb0", "hb1"), size_bytes=16 * GIB, **window)
    made.window("one", ("hb0",), size_bytes=16 * GIB)
    return made.document(*first, command)


MK = "cxl create-region -m -t ram -d decoder0."


@case("CXL-V020")
def _region_ways(platform) -> Pair:
    many = run_many(platform, 5)
    return many, run_many(platform, 4)


def run_many(platform, count: int) -> Document:
    made = platform()
    made.bridge("hb0")
    names = [f"dev{n}" for n in range(count)]
    for name in names:
        made.device(name, "hb0")
    made.window("win0", ("hb0",), size_bytes=16 * GIB)
    return made.document(f"{MK}0 {' '.join(names)}")


@case("CXL-V021")
def _not_multiple(platform) -> Pair:
    return run(platform, f"{MK}0 a"), run(platform, f"{MK}0 a c")


@case("CXL-V022")
def _region_granularity(platform) -> Pair:
    return run(platform, f"{MK}1 -g 300 a b"), run(platform, f"{MK}1 -g 512 a b")


@case("CXL-V023")
def _root_granularity(platform) -> Pair:
    return run(platform, f"{MK}0 -g 512 a c"), run(platform, f"{MK}0 -g 256 a c")


@case("CXL-V024")
def _region_size(platform) -> Pair:
    return run(platform, f"{MK}1 -s 300M a"), run(platform, f"{MK}1 -s 512M a")


@case("CXL-V025")
def _no_room(platform) -> Pair:
    return run(platform, f"{MK}1 -s 32G a"), run(platform, f"{MK}1 -s 1G a")


@case("CXL-V027")
def _not_capable(platform) -> Pair:
    ram = (Restriction.TYPE3, Restriction.VOLATILE)
    command = "cxl create-region -m -t pmem -d decoder0.0 a c"
    return run(platform, command, restrictions=ram), run(platform, command)


@case("CXL-V029")
def _position(platform) -> Pair:
    return run(platform, f"{MK}0 a b c d"), run(platform, f"{MK}0 a c b d")


@case("CXL-V030")
def _fan_out(platform) -> Pair:
    made = platform()
    for bridge in ("x", "y"):
        made.bridge(bridge)
    for name, bridge in (("a", "x"), ("b", "x"), ("c", "x"), ("p", "y"), ("q", "y"), ("r", "y")):
        made.device(name, bridge)
    made.device("s", "x")
    made.device("t", "y")
    made.window("three", ("x", "y"), size_bytes=16 * GIB)
    # 8 ways would need 4 + 4; 6 devices give 3 + 3, which is not 2 x a power of two
    made2 = platform()
    made2.bridge("x")
    made2.switch("sw", "x", ["a", "b", "c"])
    made2.device("d", "x")
    made2.window("win", ("x",), size_bytes=16 * GIB)
    uneven = made2.document(f"{MK}0 a d b c")
    return uneven, made.document(f"{MK}0 a p b q")


@case("CXL-V031")
def _too_coarse(platform) -> Pair:
    return (
        run(platform, f"{MK}0 a c", granularity=16384),
        run(platform, f"{MK}0 a c", granularity=8192),
    )


@case("CXL-V032")
def _peers(platform) -> Pair:
    def order(names: str) -> Document:
        made = platform()
        made.bridge("x")
        made.switch("s0", "x", ["a", "b"])
        made.switch("s1", "x", ["c", "d"])
        made.window("win", ("x",), size_bytes=16 * GIB)
        return made.document(f"{MK}0 {names}")

    return order("a b c d"), order("a c b d")


@case("CXL-V033")
def _decoders(platform) -> Pair:
    def bridge(decoders: int) -> Document:
        made = platform()
        made.bridge("x", hdm_decoders=decoders)
        made.device("a", "x")
        made.window("win", ("x",), size_bytes=16 * GIB)
        return made.document(f"{MK}0 -s 256M a", f"{MK}0 -s 256M a")

    return bridge(0), bridge(2)


@case("CXL-V034")
def _address_order(platform) -> Pair:
    high, low = f"{MK}1 -s 256M a", f"{MK}0 -s 512M b c"
    return run(platform, low, first=(high,)), run(platform, high, first=(low,))


@case("CXL-V035")
def _reverse(platform) -> Pair:
    two = (f"{MK}1 -s 256M a", f"{MK}1 -s 256M a")
    return (
        run(platform, "cxl destroy-region -f region1", first=two),
        run(platform, "cxl destroy-region -f region2", first=two),
    )


@case("CXL-V036")
def _capacity(platform) -> Pair:
    pmem = "cxl create-region -m -t pmem -d decoder0.1 a"
    ram = f"{MK}1 a"
    return run(platform, ram, first=(pmem,)), run(platform, pmem, first=(ram,))


@case("CXL-V038")
def _active(platform) -> Pair:
    first = (f"{MK}1 a",)
    return (
        run(platform, "cxl destroy-region region1", first=first),
        run(platform, "cxl destroy-region -f region1", first=first),
    )


@case("CXL-V040")
def _too_few(platform) -> Pair:
    return run(platform, f"{MK}1 -w 2 a"), run(platform, f"{MK}1 -w 2 a b")


@case("P11")
def _auto_online(platform) -> Pair:
    base = (f"{MK}1 a",)
    back = "daxctl reconfigure-device -m system-ram dax1.0"
    off = "echo offline > /sys/devices/system/memory/auto_online_blocks"
    return run(platform, back, first=base), run(platform, back, first=(off, *base))


@case("P13")
def _normal(platform) -> Pair:
    how = "echo {} > /sys/devices/system/memory/auto_online_blocks"
    return (
        run(platform, f"{MK}1 a", first=(how.format("online"),)),
        run(platform, f"{MK}1 a", first=(how.format("online_movable"),)),
    )


@case("P20")
def _wrong_tool(platform) -> Pair:
    make = "ndctl create-namespace -m devdax -M mem"
    pmem = "cxl create-region -m -t pmem -d decoder0.1 a"
    return run(platform, make, first=(f"{MK}1 a",)), run(platform, make, first=(pmem,))


def test_errors_come_first(platform) -> None:
    document = run(platform, f"{MK}0 a", first=(f"{MK}1 b",))
    ranks = [("error", "warning", "note").index(f.severity) for f in derive(document).findings]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("rule", sorted(CASES))
def test_rule_fires_and_its_near_miss_is_silent(rule: str, platform, check_rule) -> None:
    check_rule(rule, *CASES[rule](platform))
