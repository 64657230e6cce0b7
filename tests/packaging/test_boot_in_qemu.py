"""Booting exported platforms: what five guests sent against the derivation, and the boot's parts.

The guests' words were kept from Linux 6.12.117 in QEMU 10.0.13; nothing is booted here.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cxldesigner.cli.derive import moment_value
from cxldesigner.document.model import Document
from cxldesigner.exchange.qemu import read_command
from cxldesigner.exchange.qemuexport import export_qemu
from cxldesigner.exchange.script import read_script
from cxldesigner.linux.derive import derive
from cxldesigner.linux.observed import read_observed

PACKAGING = Path(__file__).parents[2] / "packaging"
BOOTED = Path(__file__).parent / "data" / "booted"
DRAWN = {
    "switch": "switch",
    "four-ways": "four_ways",
    "generic-port": "generic_port",
    "two-sockets": "two_sockets",
    "persistent": "persistent",
}


@pytest.fixture(scope="module")
def boot():
    """The script's modules, as Python finds them beside it."""
    sys.path.insert(0, str(PACKAGING))
    try:
        yield SimpleNamespace(
            script=importlib.import_module("boot_in_qemu"),
            facts=importlib.import_module("boot_in_qemu_facts"),
            guest=importlib.import_module("boot_in_qemu_guest"),
            platforms=importlib.import_module("boot_in_qemu_platforms"),
        )
    finally:
        sys.path.remove(str(PACKAGING))


def drawn(boot: Any, name: str) -> Document:
    document: Document = getattr(boot.platforms, DRAWN[name])()
    return document


def sent(boot: Any, name: str) -> dict[str, str]:
    return boot.facts.records((BOOTED / f"{name}.sent").read_text())


def work_of(document: Document, folder: Path) -> Path:
    made = export_qemu(document)
    (folder / "machine.sh").write_text(made.command)
    (folder / "guest.sh").write_text(made.guest_script)
    return folder


def moments(document: Document, seen: Any) -> list[dict[str, Any]]:
    observed = read_observed(json.dumps(seen).encode(), "boot.json")
    derivation = derive(document, observed)
    return json.loads(json.dumps([moment_value(m, explain=False) for m in derivation.moments]))


def compared(boot: Any, name: str, folder: Path, words: dict[str, str]) -> int:
    document = drawn(boot, name)
    ids = boot.script._serials(work_of(document, folder))
    first = boot.facts.snapshot(words, 0, boot.facts.names_of(words, 0, ids))
    one = moments(document, first)
    return boot.script._compare(ids, words, one, json.loads(json.dumps(one)), [])


@pytest.mark.parametrize("name", DRAWN)
def test_every_fact_a_kernel_showed_is_derived(boot, name, tmp_path, capsys) -> None:
    assert compared(boot, name, tmp_path, sent(boot, name)) == 0
    out = capsys.readouterr().out
    equal = re.search(r"(\d+) facts equal, 0 differ as noted, 0 differ unexplained", out)
    assert equal is not None
    assert int(equal[1]) > 150


@pytest.mark.parametrize(
    ("record", "old", "new", "place"),
    [
        ("1 files", "possible <==\n0-1", "possible <==\n0-2", "sets.possible"),
        ("1 files", "10 20", "10 21", "nodes.0.distance"),
        ("1 zoneinfo", "present  262144", "present  1", "nodes.1.zones.Movable.present"),
        ("1 iomem", "region0", "region9", "iomem"),
        ("1 regions", '"interleave_granularity":512', '"interleave_granularity":256', "regions"),
        ("1 status", "0", "7", "action 1.exit"),
    ],
)
def test_a_fact_that_differs_is_named(
    boot, tmp_path, capsys, record: str, old: str, new: str, place: str
) -> None:
    words = sent(boot, "switch")
    assert old in words[record]
    words[record] = words[record].replace(old, new)
    assert compared(boot, "switch", tmp_path, words) > 0
    assert f"unexplained: {place}" in capsys.readouterr().out


def test_what_the_exported_line_explains_is_not_held_against_the_drawing(
    boot, tmp_path, capsys
) -> None:
    words = sent(boot, "switch")
    document = drawn(boot, "switch")
    ids = boot.script._serials(work_of(document, tmp_path))
    one = moments(document, boot.facts.snapshot(words, 0, {}))
    two = json.loads(json.dumps(one))
    one[2]["sets"]["possible"] = "0-5"
    assert boot.script._compare(ids, words, one, two, ["windows differ"]) == 0
    out = capsys.readouterr().out
    assert "explained: sets.possible: guest '0-1', derived '0-5'" in out
    assert "note of the export: windows differ" in out


@pytest.mark.parametrize("name", DRAWN)
def test_the_five_platforms_are_exported_without_a_note(boot, name) -> None:
    document = drawn(boot, name)
    made = export_qemu(document)
    assert made.notes == ()
    assert read_script(made.guest_script).actions == document.actions
    read_command(name, made.command)


def test_ports_in_messages_may_be_numbered_as_they_come(boot) -> None:
    hide = boot.facts.without_port_numbers
    assert hide("cxl region: decoder12.1: busy") == hide("cxl region: decoder3.1: busy")
    assert hide("decoder0.1") == "decoder0.1"


# --- steps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_moments_are_those_of_the_derivation(boot, name, tmp_path) -> None:
    document = drawn(boot, name)
    functions, actions, steps = boot.script._steps(export_qemu(document).guest_script)
    assert functions.startswith("memdev() {")
    assert len(actions) == sum(not a.startswith("#") for a in document.actions)
    derived = derive(document).moments
    assert [s for s in steps if s.startswith("snapshot")] == [
        f"snapshot {n}" for n in range(len(derived))
    ]


@pytest.mark.parametrize(
    ("script", "steps"),
    [
        ("a\nb\n", ["snapshot 0", "action 0", "snapshot 1", "action 1", "snapshot 2"]),
        ("# x\na\n# moment: m\nb\n", ["snapshot 0", "action 0", "snapshot 1", "action 1",
                                      "snapshot 2"]),
        ("# moment: m\n", ["snapshot 0", "snapshot 1"]),
        ("#!/bin/sh\n#: head\n\n", ["snapshot 0"]),
    ],
)  # fmt: skip
def test_steps_follow_the_lines(boot, script: str, steps: list[str]) -> None:
    assert boot.script._steps(script)[2] == steps


# --- QEMU ---------------------------------------------------------------------------------------


def test_an_older_qemu_is_not_given_what_it_does_not_know(boot, tmp_path, capsys) -> None:
    work = work_of(drawn(boot, "switch"), tmp_path)
    old = tmp_path / "qemu"
    old.write_text('#!/bin/sh\ncase "$2" in cxl-rp,*) echo "  x-speed=<x>";; esac\n')
    old.chmod(0o755)
    words = boot.script._arguments(work / "machine.sh", [str(old)])
    (port,) = (w for w in words if w.startswith("cxl-rp,"))
    assert port.endswith("slot=1,x-speed=32")
    assert not any("x-" in w for w in words if w.startswith("cxl-type3,"))
    assert "x-width=16 of cxl-rp: left out" in capsys.readouterr().out


def test_kernel_options_are_handed_over_once(boot, tmp_path) -> None:
    document = drawn(boot, "switch")
    document = replace(document, host=replace(document.host, cmdline="numa=off x='1 2'"))
    work = work_of(document, tmp_path)
    assert boot.script._kernel_options(work / "machine.sh") == "numa=off x='1 2'"
    words = boot.script._arguments(work / "machine.sh", ["true"])
    assert not {"-kernel", "-append"} & set(words)


# --- initramfs ----------------------------------------------------------------------------------


def entries(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Read a newc archive."""
    out, at = {}, 0
    while True:
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        name = data[at + 110 : at + 110 + fields[11] - 1].decode()
        start = at + 110 + fields[11]
        start += -start % 4
        content = data[start : start + fields[6]]
        at = start + fields[6]
        at += -at % 4
        if name == "TRAILER!!!":
            assert at == len(data)
            return out
        out[name] = (fields[1], content)


def test_archives_hold_files_below_their_folders(boot) -> None:
    archive = boot.guest.Archive()
    archive.file("a/b/c", b"12345", 0o755)
    archive.folder("a/d")
    archive.file("e", b"", 0o644)
    found = entries(archive.finish())
    assert list(found) == ["a", "a/b", "a/b/c", "a/d", "e"]
    assert found["a/b"] == (0o040755, b"")
    assert found["a/b/c"] == (0o100755, b"12345")


def fake_chroot(folder: Path) -> Path:
    for name in ("bin/busybox", "usr/bin/cxl", "usr/bin/daxctl", "usr/bin/ndctl",
                 "usr/bin/numactl", "boot/vmlinuz-6.9.1", "boot/vmlinuz-6.12.1"):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    for release in ("6.9.1", "6.12.1", "7.0.0"):
        modules = folder / "lib/modules" / release
        (modules / "k").mkdir(parents=True)
        (modules / "modules.dep").write_text(
            "k/cxl_pmem.ko: k/nvdimm.ko k/core.ko\nk/nvdimm.ko: k/core.ko\nk/core.ko:\nk/x.ko:\n"
        )
        for name in ("cxl_pmem", "nvdimm", "core", "x"):
            (modules / f"k/{name}.ko").write_bytes(name.encode())
    return folder


def test_the_newest_kernel_with_an_image_is_taken(boot, tmp_path) -> None:
    assert boot.guest.kernel_of(fake_chroot(tmp_path)) == "6.12.1"
    with pytest.raises(boot.guest.Unbootable, match="linux-image"):
        boot.guest.kernel_of(tmp_path / "nothing")


def test_modules_come_after_what_they_need(boot, tmp_path, monkeypatch) -> None:
    chroot = fake_chroot(tmp_path)
    monkeypatch.setattr(boot.guest, "_libraries", lambda *_: ["/usr/bin/cxl"])
    found = entries(boot.guest.initramfs(chroot, "6.12.1", {"steps": "x\n"}))
    assert (
        found["modules"][1] == b"/modules.d/core.ko\n/modules.d/nvdimm.ko\n/modules.d/cxl_pmem.ko\n"
    )
    assert found["modules.d/core.ko"][1] == b"core"
    assert found["steps"][1] == b"x\n"
    assert found["init"][0] == 0o100755


def test_a_chroot_without_a_tool_says_what_to_install(boot, tmp_path) -> None:
    chroot = fake_chroot(tmp_path)
    (chroot / "bin/busybox").unlink()
    with pytest.raises(boot.guest.Unbootable, match="install busybox-static"):
        boot.guest.initramfs(chroot, "6.12.1", {})
