"""Regions of a running machine that firmware made: known by the memory map."""

import json
from dataclasses import replace

import pytest

from cxldesigner.document.model import CommittedRegion
from cxldesigner.exchange.importer import import_sources
from cxldesigner.linux.derive import derive
from tests.exchange.sysfstree import DATA, machine_tree, write
from tests.exchange.test_snapshot import SCRIPT

FIRST, SECOND = 0x12_E000_0000, 0x13_6000_0000
SIZE = 256 << 20


def with_firmware(lines, base, name):
    """Put a line of firmware's memory map where the kernel shows it: below the region."""
    out = []
    for line in lines:
        out.append(line)
        if line.strip().startswith(f"{base:x}-") and "region" in line:
            indent = " " * (len(line) - len(line.lstrip()) + 2)
            out.append(f"{indent}{base:x}-{base + SIZE - 1:x} : {name}")
    return out


def imported(tmp_path, *firmware, dax=None):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket")
    lines = (DATA / "t10-2socket" / "iomem.txt").read_text().splitlines()
    for base, name in firmware:
        lines = with_firmware(lines, base, name)
    write(root, "proc/iomem", "\n".join(lines) + "\n")
    for path in (root / "sys/devices/system/memory").glob("memory[0-9]*/valid_zones"):
        if dax:
            path.write_text(dax + "\n")
    path = tmp_path / "cxl-snapshot.json"
    path.write_text(json.dumps(SCRIPT.collect(root)))
    return import_sources([path])


def committed(window, device, memory="soft-reserved"):
    return CommittedRegion(window=window, devices=(device,), size_bytes=SIZE, memory=memory)


def present(state):
    return {n.id: 4096 * sum(z.present for z in n.zones) for n in state.nodes.values()}


def test_a_soft_reserved_region_is_firmwares(tmp_path):
    found = imported(tmp_path, (SECOND, "Soft Reserved"))
    host = found.document.host
    assert host.committed == (committed("w1", "mem0"),)
    assert [a for a in found.document.actions if "create-region" in a] == [
        "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 -s 268435456 mem1"
    ]
    derivation = derive(found.document)
    assert {(r.resource, r.targets) for r in derivation.current.regions} == {
        (FIRST, ("mem1",)),
        (SECOND, ("mem0",)),
    }
    assert [r.resource for r in derivation.moments[0].state.regions] == [SECOND]
    assert not any("made by firmware" in str(n) for n in found.notes)


def test_a_region_that_is_boot_memory_is_firmwares(tmp_path):
    found = imported(tmp_path, (FIRST, "System RAM"), (SECOND, "Soft Reserved"))
    assert set(found.document.host.committed) == {
        committed("w0", "mem1", "ram"),
        committed("w1", "mem0"),
    }
    assert found.document.actions == ()
    state = derive(found.document).current
    assert {r.resource for r in state.regions} == {FIRST, SECOND}
    assert [d.region for d in state.dax] == [r.name for r in state.regions if r.resource == SECOND]
    assert present(state)[2] == SIZE


def test_what_was_done_to_it_since_boot_is_told(tmp_path):
    found = imported(tmp_path, (SECOND, "Soft Reserved"), dax="Movable")
    assert [str(n) for n in found.notes if "made by firmware" in str(n)] == [
        "Region region1 was made by firmware; what was done with its memory since is not drawn."
    ]


def test_without_firmwares_word_a_region_is_a_persons(tmp_path):
    found = imported(tmp_path)
    assert found.document.host.committed == ()
    assert len([a for a in found.document.actions if "create-region" in a]) == 2


@pytest.mark.parametrize("name", ["Soft Reserved", "System RAM"])
def test_drawn_and_imported_are_the_same_machine(name, tmp_path):
    """What Linux makes of the import is what a drawing with the same region gives."""
    document = imported(tmp_path, (FIRST, name), (SECOND, name)).document
    drawn = replace(document, host=replace(document.host, memory_map=None))
    shown, expected = derive(document).current, derive(drawn).current
    assert shown.regions == expected.regions
    assert shown.dax == expected.dax
    assert present(shown) == present(expected)
    assert (present(shown)[2], present(shown)[3]) == (SIZE, SIZE)
    assert shown.tiers == expected.tiers
