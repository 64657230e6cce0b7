"""Real machines' files: what is imported, what is kept verbatim, what is invented."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cxldesigner.document.model import Device, HostBridge, MemoryDomain, RootPort, Socket
from cxldesigner.document.store import canonical_bytes, loads
from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.firmware import srat
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.derive import derive

DATA = Path(__file__).parent / "data"
MACHINES = DATA / "machines"
LISTED = sorted(p.parent.name for p in MACHINES.glob("*/cxl-list.json"))
TABLES = ("CEDT", "SRAT", "SLIT", "HMAT")


def without_command(tmp_path, name):
    """A folder with what a real machine gives: no command line of an emulator."""
    folder = tmp_path / name
    shutil.copytree(MACHINES / name, folder)
    (folder / "qemu.cmd").unlink()
    return folder


@pytest.mark.parametrize("name", LISTED)
def test_tables_stay_byte_for_byte(name, tmp_path):
    folder = without_command(tmp_path, name)
    firmware = compile_document(import_sources([folder]).document)
    for signature in TABLES:
        path = folder / f"{signature}.dat"
        expected = path.read_bytes() if path.exists() else None
        assert firmware.tables.get(signature) == expected


@pytest.mark.parametrize("name", LISTED)
def test_host_actions_rebuild_the_regions(name, tmp_path):
    folder = without_command(tmp_path, name)
    derivation = derive(import_sources([folder]).document)
    for moment in derivation.moments:
        assert [r for r in moment.results if r.exit] == []
    listed = regions_in(json.loads((folder / "cxl-list.json").read_text()))
    built = {(r.resource, r.size, r.type, r.ways) for r in derivation.current.regions}
    assert built == listed


def regions_in(value):
    found = set()
    if isinstance(value, list):
        for item in value:
            found |= regions_in(item)
    elif isinstance(value, dict):
        if "region" in value and "decode_state" in value:
            found.add((value["resource"], value["size"], value["type"], value["interleave_ways"]))
        for item in value.values():
            found |= regions_in(item)
    return found


def facts(state):
    """What a user reads of the nodes; reserved pages and part ids aside."""
    return {
        n.id: (
            n.cpus,
            n.kind,
            dict(n.distance),
            n.fallback,
            n.tier,
            [(z.name, z.start_pfn, z.spanned, z.present) for z in n.zones],
        )
        for n in state.nodes.values()
    }


@pytest.mark.parametrize("name", [n for n in LISTED if not n.startswith(("t18-", "t19", "t21"))])
def test_importing_and_starting_the_same_machine_give_the_same_nodes(name, tmp_path):
    """The command line is drawn without any table; the folder brings the recorded tables."""
    listed = import_sources([without_command(tmp_path, name)]).document
    drawn = import_sources([MACHINES / name / "qemu.cmd"]).document
    serials = {p.serial: p.id for p in drawn.parts.values() if isinstance(p, Device)}
    names = {p.id: serials[p.serial] for p in listed.parts.values() if isinstance(p, Device)}
    actions = tuple(
        " ".join(names.get(word, word) for word in line.split(" ")) for line in listed.actions
    )
    host = replace(drawn.host, cmdline="")
    drawn = replace(drawn, actions=actions, host=host)
    assert drawn.tables == ()
    mine, theirs = derive(listed).current, derive(drawn).current
    if name.startswith(("t12", "t31", "t09b", "t38")):  # no CDAT file came with the folder
        mine = replace(mine, nodes={k: replace(n, tier=None) for k, n in mine.nodes.items()})
        theirs = replace(theirs, nodes={k: replace(n, tier=None) for k, n in theirs.nodes.items()})
    assert facts(mine) == facts(theirs)


def test_two_socket_machine():
    document = import_sources([MACHINES / "t10-2socket"]).document
    bridges = [p for p in document.parts.values() if isinstance(p, HostBridge)]
    assert [(b.uid, b.bus, b.pxm, b.hdm_decoders) for b in bridges] == [
        (12, 12, 0, 0),
        (52, 52, 1, 0),
    ]
    sockets = [p for p in document.parts.values() if isinstance(p, Socket)]
    assert [(s.cpus, s.dram_bytes, s.base) for s in sockets] == [(1, 384 << 20, None)] * 2
    assert document.host.hotplug_bytes == 0x11D0000000
    assert document.host.memory_map is None
    up = {k.downstream: k.upstream for k in document.links.values()}
    assert [up[f"{b.id}:up"] for b in bridges] == ["s0:io", "s1:io"]
    assert document.actions == (
        "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 -s 268435456 mem1",
        "cxl create-region -m -t ram -d decoder0.1 -w 1 -g 256 -s 268435456 mem0",
    )
    assert set(document.layout) == {*document.parts, *document.windows}
    assert loads(canonical_bytes(document), "again") == document


def test_editing_a_window_drops_its_table_only(tmp_path):
    folder = without_command(tmp_path, "t18-restrictions")
    document = import_sources([folder]).document
    window = replace(document.windows["w0"], qtg_id=9)
    edited = replace(document, windows={**document.windows, "w0": window})
    firmware = compile_document(edited)
    assert firmware.tables["CEDT"] != (folder / "CEDT.dat").read_bytes()
    assert firmware.tables["SRAT"] == (folder / "SRAT.dat").read_bytes()


def test_srat_coverage_and_room_for_hot_plug(tmp_path):
    document = import_sources([without_command(tmp_path, "t19-srat-covers")]).document
    covered = [(w.srat_pxm, w.srat_bytes) for w in document.windows.values()]
    assert covered == [(3, None), (4, 256 << 20), (None, None)]
    document = import_sources([without_command(tmp_path, "t21-srat-sparse")]).document
    (room,) = (p for p in document.parts.values() if isinstance(p, MemoryDomain))
    assert (room.pxm, room.base, room.hotplug) == (9, 0x4000000000, True)
    assert all(r.end <= 1 << 32 for r in compile_document(document).memory_map if r.kind == "ram")


def test_cxl_list_alone_invents_a_host_and_says_so():
    imported = import_sources([DATA / "cxl-list" / "captured-t3-with-region.json"])
    texts = [str(n) for n in imported.notes]
    assert any(t.startswith("No SRAT was given") for t in texts)
    assert any(t.startswith("No CEDT was given") for t in texts)
    assert any("32 GT/s x8" in t for t in texts)
    windows = list(imported.document.windows.values())
    assert [len(w.targets) for w in windows] == [1, 1, 2]
    assert windows[2].granularity == 4096
    assert len(imported.document.actions) == 1


@pytest.mark.parametrize("path", sorted((DATA / "cxl-list").glob("*.json")), ids=lambda p: p.stem)
def test_every_capture_imports_and_derives(path):
    document = import_sources([path]).document
    wanted = len(
        {m for m in path.read_text().split('"') if m.startswith("mem") and m[3:].isdigit()}
    )
    assert sum(isinstance(p, Device) for p in document.parts.values()) == wanted
    assert len(derive(document).firmware.windows) == len(document.windows) > 0


def test_single_table_and_tables_in_a_row(tmp_path):
    folder = MACHINES / "t10-2socket"
    row = tmp_path / "all.bin"
    row.write_bytes(b"".join((folder / f"{s}.dat").read_bytes() for s in ("SRAT", "CEDT", "SLIT")))
    document = import_sources([row]).document
    assert [len(document.windows), len(document.actions)] == [2, 0]
    alone = import_sources([folder / "CEDT.dat"])
    assert [w.base for w in alone.document.windows.values()] == [0x12E0000000, 0x1360000000]


def test_acpidump_text(tmp_path):
    out = []
    for signature in ("CEDT", "SRAT"):
        data = (MACHINES / "t10-2socket" / f"{signature}.dat").read_bytes()
        out.append(f"{signature} @ 0x000000002FFE3D33")
        for at in range(0, len(data), 16):
            piece = data[at : at + 16]
            text = "".join(chr(b) if 32 <= b < 127 else "." for b in piece)
            out.append(f"    {at:04X}: {piece.hex(' ').upper():<47}  {text}")
        out.append("")
    path = tmp_path / "acpidump.txt"
    path.write_text("\n".join(out))
    document = import_sources([path]).document
    firmware = compile_document(document)
    assert firmware.tables["SRAT"] == (MACHINES / "t10-2socket" / "SRAT.dat").read_bytes()
    path.write_text("\n".join(out).replace("0010:", "0020:", 1))
    with pytest.raises(ImportRefused, match="gap"):
        import_sources([path])


def test_memory_map_from_zoneinfo(tmp_path):
    folder = tmp_path / "zones"
    folder.mkdir()
    for name in ("SRAT.dat", "CEDT.dat", "zoneinfo.txt"):
        shutil.copy(MACHINES / "t10-2socket" / name, folder)
    imported = import_sources([folder])
    assert any("made from zones" in str(n) for n in imported.notes)
    ranges = compile_document(imported.document).memory_map
    assert ranges[0].start in (0, 0x1000)
    assert ranges[-1].end == 0x2FFE0000


def test_human_sizes_are_rounded_and_reported(tmp_path):
    value = {
        "bus": "root0",
        "provider": "ACPI.CXL",
        "dports": [{"dport": "pci0000:0c", "alias": "ACPI0016:00", "id": "0xc"}],
        "memdevs:root0": [
            {"memdev": "mem0", "ram_size": "127.90 GiB (137.33 GB)", "serial": "0x1"},
            {"memdev": "mem1", "pmem_size": "256.00 MiB (268.44 MB)"},
        ],
    }
    path = tmp_path / "human.json"
    path.write_text(json.dumps(value))
    imported = import_sources([path])
    devices = {p.id: p for p in imported.document.parts.values() if isinstance(p, Device)}
    assert devices["mem0"].volatile_bytes == 128 << 30
    assert devices["mem1"].persistent_bytes == 256 << 20
    assert any("rounded" in str(n) for n in imported.notes)
    assert sum(isinstance(p, RootPort) for p in imported.document.parts.values()) == 2


def test_cdat_of_an_endpoint_gives_the_figures(tmp_path):
    folder = without_command(tmp_path, "t10-2socket")
    cdat = MACHINES / "t26-memless-socket" / "endpoint2-CDAT.dat"
    shutil.copy(cdat, folder / "endpoint3-CDAT.dat")
    imported = import_sources([folder])
    perf = imported.document.parts["mem0"].perf
    assert (perf.read_latency_ns, perf.write_latency_ns) == (150, 250)
    assert compile_document(imported.document).cdat["mem0"] == cdat.read_bytes()
    assert imported.document.parts["mem1"].perf.read_latency_ns == 0


def test_hot_pluggable_memory_with_ram_in_it_is_boot_memory(tmp_path):
    folder = without_command(tmp_path, "t10-2socket")
    text = (folder / "iomem.txt").read_text()
    text = text.replace("12e0000000-", "100000000-1ffffffff : System RAM\n12e0000000-", 1)
    (folder / "iomem.txt").write_text(text)
    document = import_sources([folder]).document
    assert document.host.hotplug_bytes == 0
    assert document.parts["s1"].dram_bytes > 64 << 30


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cxl-list.json", b'[{"bus":"root0","dports":"x"}]', "list of objects"),
        ("cxl-list.json", b'[{"memdev":"mem0","ram_size":-1}]', "whole number"),
        ("cxl-list.json", b'[{"memdev":"mem0","ram_size":1.5}]', "whole number"),
        ("cxl-list.json", b'[{"memdev":"mem0","ram_size":NaN}]', "no number"),
        ("cxl-list.json", b"[" * 100_000, "nested too deeply|not JSON"),
        ("cxl-list.json", b'[{"memdev":"mem0","ram_size":' + b"9" * 5000 + b"}]", "long|whole"),
        ("cxl-list.json", b"[{", "line 1 column"),
        ("list.json", b'{"hello": 1}', "nothing in it"),
        ("SRAT.dat", b"SRAT" + b"\xff" * 40, "bytes"),
        ("noise.bin", bytes(range(256)) * 10, "nothing in it"),
        ("iomem.txt", b"00000000-00000000 : System RAM\n", "as root"),
        ("empty", b"", "nothing in it"),
    ],
)
def test_broken_files_are_refused_with_file_and_reason(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=reason) as caught:
        import_sources([path])
    assert caught.value.file == name
    assert "\n" not in str(caught.value)


def test_missing_and_second_machine_are_refused(tmp_path):
    with pytest.raises(ImportRefused, match="No such file"):
        import_sources([tmp_path / "absent"])
    with pytest.raises(ImportRefused, match="nothing to import"):
        import_sources([tmp_path])
    tables = [MACHINES / n / "SRAT.dat" for n in ("t10-2socket", "t32-zones")]
    with pytest.raises(ImportRefused, match="one machine at a time"):
        import_sources(tables)


def test_order_of_cpus_survives_in_the_table(tmp_path):
    table = srat.Srat(
        structures=tuple(srat.LapicAffinity(pxm=n % 2, apic_id=4 * n) for n in range(4))
        + tuple(srat.MemoryAffinity(pxm=n, base=n << 30, length=1 << 30) for n in range(2))
    )
    path = tmp_path / "SRAT.dat"
    path.write_bytes(srat.encode_srat(table))
    imported = import_sources([path])
    assert any("interleaved" in str(n) for n in imported.notes)
    assert compile_document(imported.document).cpus == (0, 4, 8, 12)
