"""Causes of refused regions: what is wrong, and a command that is not refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cxldesigner.document.model import GIB, Device, Document, MemoryDomain
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import Severity

MK = "cxl create-region -m -t ram -d decoder0."


def bridges(platform, *commands: str, granularity: int = 256) -> Document:
    """Two bridges of two devices each, a third with one; an x2 window, and one per bridge."""
    made = platform()
    for number in range(3):
        made.bridge(f"hb{number}")
    for name, bridge in (("a", "hb0"), ("b", "hb0"), ("c", "hb1"), ("d", "hb1"), ("e", "hb2")):
        made.device(name, bridge)
    made.window("both", ("hb0", "hb1"), size_bytes=16 * GIB, granularity=granularity)
    made.window("third", ("hb2",), size_bytes=16 * GIB)
    made.window("first", ("hb0",), size_bytes=16 * GIB)
    return made.document(*commands)


def switches(platform, *commands: str) -> Document:
    made = platform()
    made.bridge("hb0")
    made.switch("s0", "hb0", ["a", "b"])
    made.switch("s1", "hb0", ["c", "d"])
    made.window("win", ("hb0",), size_bytes=16 * GIB)
    return made.document(*commands)


Pair = tuple[Document, Document]
PAIRS: dict[str, Callable[..., Pair]] = {
    "P2": lambda p: (bridges(p, f"{MK}0 e"), bridges(p, f"{MK}1 e")),
    "P3": lambda p: (bridges(p, f"{MK}0 a b"), bridges(p, f"{MK}0 a c")),
    "P4": lambda p: (bridges(p, f"{MK}0 a b c d"), bridges(p, f"{MK}0 b d a c")),
    "P5": lambda p: (switches(p, f"{MK}0 a b c d"), switches(p, f"{MK}0 d a c b")),
    "P6": lambda p: (switches(p, f"{MK}0 -g 16384 a c b d"), switches(p, f"{MK}0 -g 8192 a c b d")),
    "P7": lambda p: (bridges(p, f"{MK}0 -g 512 a c"), bridges(p, f"{MK}2 -g 512 a b")),
    "CXL-V028": lambda p: (bridges(p, f"{MK}2 -w 2 a a"), bridges(p, f"{MK}2 -w 2 a b")),
    "CXL-V037": lambda p: (
        switches(p, f"{MK}0 -g 16384 a c b d"),
        switches(p, f"{MK}0 -g 16384 a c"),
    ),
    "E2": lambda p: (
        switches(p, f"{MK}0 a", f"{MK}0 b", "cxl disable-region region0"),
        switches(p, f"{MK}0 a", f"{MK}0 b", "cxl disable-region region1"),
    ),
}


@pytest.mark.parametrize("rule", sorted(PAIRS))
def test_rule_fires_and_its_near_miss_is_silent(rule: str, platform, check_rule) -> None:
    check_rule(rule, *PAIRS[rule](platform))


@pytest.mark.parametrize("rule", ["P4", "P5", "P6", "P7"])
@pytest.mark.parametrize("extra", ["", "-s 1G "])
def test_the_command_it_names_works(rule: str, extra: str, platform) -> None:
    document, _ = PAIRS[rule](platform)
    broken = document.actions[0].replace("decoder0.0 ", f"decoder0.0 {extra}")
    found = next(f for f in derive(replace(document, actions=(broken,))).findings if f.rule == rule)
    mend = found.mend.format(*found.args)
    assert mend.startswith("Use: cxl create-region")
    mended = derive(replace(document, actions=(mend.removeprefix("Use: "),)))
    assert not [f for f in mended.findings if f.severity is Severity.ERROR]
    (region,) = mended.current.regions
    assert set(region.targets) <= set(found.items)


def test_a_window_too_coarse_for_its_bridges_has_to_change(platform) -> None:
    found = derive(bridges(platform, f"{MK}0 a c", granularity=16384)).findings
    coarse = next(f for f in found if f.rule == "P6")
    assert coarse.mend.format(*coarse.args) == "Give window both a smaller granularity."
    assert "hb0 1 ways at 32768" in str(coarse)


def test_a_window_that_reaches_the_device_is_named(platform) -> None:
    for command in (f"{MK}0 e", f"{MK}0 a e"):
        found = derive(bridges(platform, command)).findings
        away = next(f for f in found if f.rule == "P2")
        assert away.items[0] == "e"
        assert away.mend.format(*away.args) == "Window third reaches them."
        assert "which reaches a, b, c, d" in str(away)


def test_a_type_2_device_is_in_no_region(platform, check_rule) -> None:
    document = bridges(platform, f"{MK}1 e")
    device = document.parts["e"]
    assert isinstance(device, Device)
    accelerator = replace(document, parts={**document.parts, "e": replace(device, type=2)})
    check_rule("CXL-V039", accelerator, document)
    result = derive(accelerator).moments[-1].results[0]
    assert result.exit == 1
    assert "no active memdevs found" in result.output


def test_specific_purpose_memory_without_a_node_is_rejected(platform, check_rule) -> None:
    made = platform()
    made.part(MemoryDomain(id="hbm", size_bytes=2 * GIB, specific_purpose=True), "cpu0:mem")
    told, untold = made.document(), made.document(srat=False)
    check_rule("CXL-V045", untold, told)
    state = derive(untold).current
    assert [d.mode for d in state.dax] == ["devdax"]
    assert derive(told).current.nodes[1].has_memory
