from __future__ import annotations

from cxldesigner.document.model import GIB, MemoryDomain
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.actions import apply
from cxldesigner.linux.boot import boot
from cxldesigner.linux.model import NodeKind
from cxldesigner.linux.snapshot import snapshot


def hbm(platform, **host):
    made = platform()
    made.part(MemoryDomain(id="hbm", size_bytes=2 * GIB, specific_purpose=True), "cpu0:mem")
    return compile_document(made.document(**host))


def test_specific_purpose_memory_comes_up_through_hmem(platform) -> None:
    state = boot(hbm(platform))
    node = state.nodes[1]
    assert node.kind is NodeKind.MEMORY
    assert [z.name for z in node.zones] == ["Normal"]
    assert node.size_bytes == 2 * GIB
    assert node.tier == 22
    (dax,) = state.dax
    assert (dax.name, dax.mode, dax.online_blocks) == ("dax0.0", "system-ram", 16)
    assert any(line.strip().endswith("Soft Reserved") for line in state.iomem)
    assert snapshot(state)["dax"][0]["devices"][0]["target_node"] == 1


def test_its_policy_and_its_tools_are_those_of_hot_added_memory(platform) -> None:
    firmware = hbm(platform, cmdline="memhp_default_state=offline")
    state = boot(firmware)
    assert not state.nodes[1].has_memory
    state, result = apply(state, firmware, "daxctl online-memory dax0.0")
    assert result.exit == 0
    assert [z.name for z in state.nodes[1].zones] == ["Movable"]


def test_nosoftreserve_makes_it_boot_memory(platform) -> None:
    state = boot(hbm(platform, cmdline="efi=nosoftreserve"))
    assert state.dax == ()
    assert state.nodes[1].tier == 4
    assert all(b.region == "" and b.state == "online" for b in state.nodes[1].blocks)


def test_a_window_over_the_range_leaves_it_to_cxl(platform) -> None:
    made = platform()
    made.part(
        MemoryDomain(id="hbm", size_bytes=2 * GIB, specific_purpose=True, base=64 * GIB),
        "cpu0:mem",
    )
    made.bridge("hb0")
    made.device("a", "hb0")
    made.window("win", ("hb0",), base=64 * GIB, size_bytes=2 * GIB)
    assert boot(compile_document(made.document())).dax == ()
