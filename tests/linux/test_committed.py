"""Regions that firmware made before the kernel started."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxldesigner.document.edits import remove
from cxldesigner.document.model import GIB, CommittedRegion, Document
from cxldesigner.document.store import DocumentError, canonical_bytes, loads
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.addresses import locate
from cxldesigner.linux.derive import derive
from cxldesigner.linux.machine import machine_of
from cxldesigner.linux.model import NodeKind, State

MK = "cxl create-region -m -t ram -d decoder0.0"


def made(platform, *actions: str, devices=("a", "b"), host=None, **region) -> Document:
    """Two bridges of two devices under an x2 window, with one region of firmware's."""
    machine = platform()
    for bridge, names in (("hb0", "ac"), ("hb1", "bd")):
        machine.bridge(bridge)
        for name in names:
            machine.device(name, bridge)
    machine.window("win0", ("hb0", "hb1"), size_bytes=8 * GIB)
    wanted = {"window": "win0", "devices": tuple(devices), "size_bytes": 2 * GIB, **region}
    return machine.document(*actions, committed=(CommittedRegion(**wanted),), **(host or {}))


def by_hand(platform, *actions: str) -> Document:
    return replace(made(platform, *actions), host=platform().host)


def test_a_soft_reserved_region_is_what_a_region_made_by_hand_would_be(platform) -> None:
    firmware_made = derive(made(platform)).current
    typed = derive(by_hand(platform, f"{MK} a b")).current
    assert firmware_made.regions == typed.regions
    assert firmware_made.nodes == typed.nodes
    assert firmware_made.dax == typed.dax
    assert firmware_made.live.log == typed.live.log
    extra = set(firmware_made.iomem) - set(typed.iomem)
    assert any("Soft Reserved" in line for line in extra)


def test_soft_reserved_memory_lies_between_region_and_dax_device(platform) -> None:
    lines = [x for x in derive(made(platform)).current.iomem if "System RAM" not in x]
    names = [line.partition(" : ")[2] for line in lines]
    assert names == ["CXL Window 0", "region0", "Soft Reserved", "dax0.0"]
    assert [len(x) - len(x.lstrip()) for x in lines] == [0, 2, 4, 6]


def test_as_boot_memory_it_is_in_a_node_of_its_own_but_no_device_of_daxctl(
    platform, check_rule
) -> None:
    document = made(platform, memory="ram")
    state = derive(document).current
    assert state.dax == ()
    assert state.regions[0].committed
    assert state.nodes[1].kind is not NodeKind.EMPTY
    assert [z.name for z in state.nodes[1].zones] == ["Normal"]
    assert sum(z.present for z in state.nodes[1].zones) * 4096 == 2 * GIB
    assert state.nodes[1].tier == 4
    check_rule("CXL-V046", document, made(platform))


def test_commands_go_on_from_there(platform) -> None:
    state = derive(made(platform, f"{MK} c d")).current
    assert [(r.name, r.targets) for r in state.regions] == [
        ("region0", ("a", "b")),
        ("region1", ("c", "d")),
    ]
    assert state.regions[1].resource == state.regions[0].resource + 2 * GIB
    emptied = derive(
        made(platform, "cxl disable-region region0", "cxl destroy-region -f region0")
    ).current
    assert emptied.regions == ()
    assert not emptied.nodes[1].has_memory


def test_addresses_of_firmware_regions_are_decoded(platform) -> None:
    document = made(platform, offset=GIB)
    state = derive(document).current
    start = state.regions[0].resource
    firmware = compile_document(document)
    assert start == machine_of(firmware).fabric.roots[0].entry.base + GIB
    places = [locate(state, firmware, start + at) for at in (0, 256, 512)]
    assert [(p.device, p.dpa) for p in places if p] == [("a", 0), ("b", 0), ("a", 256)]


@pytest.mark.parametrize(
    ("region", "rule"),
    [
        ({"devices": ("b", "a")}, "CXL-V029"),
        ({"devices": ("a",)}, "CXL-V021"),
        ({"devices": ("a", "b", "c", "d"), "size_bytes": 32 * GIB}, "CXL-V025"),
        ({"devices": ("a", "b"), "size_bytes": 4 * GIB}, "CXL-V036"),
        ({"devices": ("a", "b"), "granularity": 300}, "CXL-V022"),
        ({"devices": ("a", "b"), "granularity": 16384}, "CXL-V031"),
        ({"devices": ()}, "CXL-V020"),
    ],
)
def test_what_does_not_fit_is_not_assembled(platform, check_rule, region, rule: str) -> None:
    wrong = made(platform, **region)
    state: State = derive(wrong).current
    assert state.regions == ()
    assert state.dax == ()
    assert dict(state.live.not_assembled) == {0: rule}
    check_rule("A43", wrong, made(platform))


def test_two_regions_do_not_share_addresses(platform) -> None:
    document = made(platform)
    (first,) = document.host.committed
    second = replace(first, devices=("c", "d"))
    both = replace(document, host=replace(document.host, committed=(first, second)))
    assert dict(derive(both).current.live.not_assembled) == {1: "CXL-V025"}
    moved = replace(second, offset=2 * GIB)
    apart = replace(document, host=replace(document.host, committed=(first, moved)))
    assert [r.targets for r in derive(apart).current.regions] == [("a", "b"), ("c", "d")]


def test_they_are_kept_in_files_and_go_with_their_parts(platform) -> None:
    document = made(platform)
    assert loads(canonical_bytes(document), "x.cxld") == document
    assert remove(document, ["d"]).host.committed == document.host.committed
    for gone in ("a", "win0"):
        assert remove(document, [gone]).host.committed == ()
    text = canonical_bytes(document).replace(b'"window": "win0"', b'"window": "nowhere"')
    with pytest.raises(DocumentError, match="nowhere"):
        loads(text, "x.cxld")
