"""QEMU command lines against the tables QEMU made of them, as recorded."""

from pathlib import Path

import pytest

from cxldesigner.document.model import Device, HostBridge, MemoryDomain, Socket, Switch
from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.exchange.qemu import is_command, read_command, split_arguments
from cxldesigner.exchange.qemunodes import apic_id
from cxldesigner.firmware import cedt, hmat, slit, srat
from cxldesigner.firmware.compile import compile_document

DATA = Path(__file__).parent / "data"
PATCHED = {"t18-restrictions", "t18b-restrictions-hdm", "t19-srat-covers", "t21-srat-sparse"}
"""Machines whose tables were replaced in the guest: no command line says what is in them."""
MACHINES = sorted(p.name for p in (DATA / "machines").iterdir() if p.name not in PATCHED)


def cedt_facts(data):
    if data is None:
        return (), ()
    table = cedt.decode_cedt(data)
    return (
        sorted((b.uid, b.version, b.base, b.length) for b in table.bridges),
        [
            (w.base, w.size, w.ways, w.granularity, w.arithmetic, w.restrictions, w.targets)
            for w in table.windows
        ],
    )


def srat_facts(data):
    table = srat.decode_srat(data)
    return (
        [table.domain(c) for c in table.cpus],
        [(table.domain(m), m.base, m.length, m.flags) for m in table.memory],
        [(table.domain(p), p.uid) for p in table.generic_ports],
    )


def hmat_facts(data):
    out = {}
    for item in hmat.decode_hmat(data).structures:
        if isinstance(item, hmat.Locality):
            pairs = [(i, t) for i in item.initiators for t in item.targets]
            for pair, entry in zip(pairs, item.entries, strict=True):
                if entry:
                    out[item.data_type, *pair] = entry * item.base_unit
        elif isinstance(item, hmat.SideCache):
            out["cache", item.memory_pxm] = item.size, item.attributes
        else:
            out["domain", item.memory_pxm] = item.flags, item.initiator_pxm
    return out


@pytest.mark.parametrize("name", MACHINES)
def test_tables_say_what_qemu_wrote(name):
    folder = DATA / "machines" / name
    tables = compile_document(import_sources([folder / "qemu.cmd"]).document).tables
    recorded = {p.stem: p.read_bytes() for p in folder.glob("????.dat")}
    have, want = cedt_facts(tables.get("CEDT")), cedt_facts(recorded.get("CEDT"))
    assert [list(x) for x in have] == [list(x) for x in want]
    assert srat_facts(tables["SRAT"]) == srat_facts(recorded["SRAT"])
    assert ("SLIT" in tables) == ("SLIT" in recorded)
    if "SLIT" in recorded:
        mine, theirs = slit.decode_slit(tables["SLIT"]), slit.decode_slit(recorded["SLIT"])
        assert mine.matrix == theirs.matrix
    assert ("HMAT" in tables) == ("HMAT" in recorded)
    if "HMAT" in recorded:
        assert hmat_facts(tables["HMAT"]) == hmat_facts(recorded["HMAT"])


@pytest.mark.parametrize("path", sorted((DATA / "qemu").glob("*.args")), ids=lambda p: p.stem)
def test_argument_files_are_read(path):
    imported = import_sources([path])
    parts = imported.document.parts.values()
    wanted = path.read_text().count("-device cxl-type3")
    assert sum(isinstance(p, Device) for p in parts) == wanted
    fabric = compile_document(imported.document).fabric
    assert sum(n.kind == "device" for n in fabric) == wanted


def test_switch_addresses_are_those_of_a_booted_guest():
    document = import_sources([DATA / "qemu" / "t4-switch.args"]).document
    hosts = {n.id: n.host for n in compile_document(document).fabric}
    assert [hosts[f"mem{i}"] for i in range(4)] == [
        "0000:0f:00.0",
        "0000:10:00.0",
        "0000:11:00.0",
        "0000:12:00.0",
    ]


def lines(*extra):
    return "\n".join(
        (
            "qemu-system-x86_64 -M q35,cxl=on -m 2G,maxmem=8G,slots=4 -smp 4",
            "-object memory-backend-ram,id=m0,size=1G -object memory-backend-ram,id=m1,size=1G",
            *extra,
        )
    )


def read(*extra):
    return read_command("line", lines(*extra))


def test_arguments_on_lines_of_their_own_are_values_as_a_whole():
    text = (
        "qemu-system-x86_64 \\\n -append \\\n console=ttyS0 panic=-1 quiet \\\n -m 1G -name 'a b'"
    )
    assert split_arguments("x", text) == [
        "qemu-system-x86_64",
        "-append",
        "console=ttyS0 panic=-1 quiet",
        "-m",
        "1G",
        "-name",
        "a b",
    ]


def test_unquoted_append_is_one_command_line():
    document, _ = read("-append console=ttyS0 numa=off -nographic")
    assert document.host.cmdline == "console=ttyS0 numa=off"


def test_windows_of_a_large_guest_follow_at_256_mib():
    document, _ = read_command(
        "line",
        "qemu-system-x86_64 -M q35,cxl=on,cxl-fmw.0.targets.0=a,cxl-fmw.0.size=4G -m 128G "
        "-cpu max,-hypervisor -object memory-backend-ram,id=m0,size=128G -numa node,memdev=m0 "
        "-device pxb-cxl,id=a,bus=pcie.0,bus_nr=12",
    )
    table = cedt.decode_cedt(compile_document(document).tables["CEDT"])
    assert table.bridges[0].base == (130 << 30)
    assert table.windows[0].base == (130 << 30) + (256 << 20)


@pytest.mark.parametrize(("cpu", "told"), [("max,phys-bits=46", True), ("Skylake-Server", False)])
def test_memory_that_qemu_would_move_is_reported(cpu, told):
    _, notes = read(
        f"-cpu {cpu} -device pxb-cxl,id=a,bus=pcie.0,bus_nr=12",
        "-machine cxl-fmw.0.targets.0=a,cxl-fmw.0.size=1T",
    )
    assert any("1 TiB" in str(n) for n in notes) is told


def test_cpus_in_pieces_keep_their_order():
    document, _ = read(
        "-numa node,nodeid=0,cpus=0,cpus=2,memdev=m0", "-numa node,nodeid=1,cpus=1,cpus=3,memdev=m1"
    )
    firmware = compile_document(document)
    table = srat.decode_srat(firmware.tables["SRAT"])
    assert [c.pxm for c in table.cpus] == [0, 1, 0, 1]
    assert [t.signature for t in document.tables] == ["SRAT"]


def test_node_with_the_first_cpu_is_the_first_socket():
    document, _ = read("-numa node,cpus=2-3,memdev=m0", "-numa node,cpus=0-1,memdev=m1")
    table = srat.decode_srat(compile_document(document).tables["SRAT"])
    assert [c.pxm for c in table.cpus] == [1, 1, 0, 0]
    assert [m.pxm for m in sorted(table.memory, key=lambda m: m.base)][:3] == [0, 0, 1]


def test_cpus_by_topology():
    document, _ = read_command(
        "line",
        "qemu-system-x86_64 -machine q35 -smp 4,sockets=2,cores=2 -m 1G "
        "-object memory-backend-ram,id=m0,size=1G "
        "-numa node,nodeid=0,memdev=m0 -numa node,nodeid=1 "
        "-numa cpu,node-id=1,socket-id=0 -numa cpu,node-id=0,socket-id=1",
    )
    table = srat.decode_srat(compile_document(document).tables["SRAT"])
    assert [c.pxm for c in table.cpus] == [1, 1, 0, 0]


def test_apic_ids_have_bits_for_each_level():
    shape = {"sockets": 2, "dies": 1, "clusters": 1, "modules": 1, "cores": 3, "threads": 2}
    assert [apic_id(cpu, shape) for cpu in (0, 1, 2, 5, 6, 11)] == [0, 1, 2, 5, 8, 13]


def test_without_numa_and_slots_there_is_no_srat():
    document, _ = read_command("line", "qemu-system-x86_64 -M q35,cxl=on -m 1G -smp 2")
    assert "SRAT" not in compile_document(document).tables
    document, _ = read_command("line", "qemu-system-x86_64 -M q35 -m 1G,maxmem=2G,slots=1 -smp 2")
    table = srat.decode_srat(compile_document(document).tables["SRAT"])
    assert [(m.base, m.length) for m in table.memory][-1] == (4 << 30, 2 << 30)


def test_bridge_decoders_follow_its_root_ports():
    document, _ = read(
        "-device pxb-cxl,id=a,bus=pcie.0,bus_nr=12 -device cxl-rp,id=a0,bus=a,port=0",
        "-device pxb-cxl,id=b,bus=pcie.0,bus_nr=32 -device cxl-rp,id=b0,bus=b,port=0",
        "-device cxl-rp,id=b1,bus=b,port=1",
        "-device pxb-cxl,id=c,bus=pcie.0,bus_nr=64,hdm_for_passthrough=on,numa_node=1",
        "-device cxl-rp,id=c0,bus=c,port=0",
    )
    bridges = {p.id: p for p in document.parts.values() if isinstance(p, HostBridge)}
    assert {k: b.hdm_decoders for k, b in bridges.items()} == {"a": 0, "b": 4, "c": 4}
    assert (bridges["c"].uid, bridges["c"].pxm) == (64, 1)


def test_json_devices_and_odd_ids():
    document, notes = read(
        "-device pxb-cxl,id=CXL.1,bus=pcie.0,bus_nr=12",
        "-device cxl-rp,id=9rp,bus=CXL.1,port=3,x-speed=64,x-width=4",
        """-device '{"driver":"cxl-type3","id":"Mem_A","bus":"9rp","volatile-memdev":"m0"}'""",
        "-device cxl-type3,id=stray,bus=pcie.0,volatile-memdev=m1,sn=0x10",
        "-machine cxl-fmw.0.targets.0=CXL.1,cxl-fmw.0.size=4G",
    )
    assert {"cxl-1", "rp0", "mem_a", "stray"} <= set(document.parts)
    assert document.windows["w0"].targets == ("cxl-1",)
    assert [n.items for n in notes] == [("stray",)]
    firmware = compile_document(document)
    (device,) = (n for n in firmware.fabric if n.kind == "device")
    assert (device.id, device.link_speed_gts, device.link_width) == ("mem_a", 32.0, 4)


def test_memory_only_nodes_and_sockets():
    document, _ = read(
        "-numa node,nodeid=0,cpus=0-3,memdev=m0,initiator=0",
        "-numa node,nodeid=1,memdev=m1,initiator=0",
        "-numa node,nodeid=2",
    )
    sockets = [p for p in document.parts.values() if isinstance(p, Socket)]
    memory = [p for p in document.parts.values() if isinstance(p, MemoryDomain)]
    assert [(s.id, s.cpus) for s in sockets] == [("s0", 4)]
    assert [(m.id, m.size_bytes) for m in memory] == [("hbm1", 1 << 30), ("hbm2", 0)]


def test_nested_switches_hang_together():
    folder = DATA / "machines" / "t31-nested-switch"
    document = import_sources([folder / "qemu.cmd"]).document
    switches = [p for p in document.parts.values() if isinstance(p, Switch)]
    fabric = {n.id: n for n in compile_document(document).fabric}
    assert len(switches) == 2
    assert any(fabric[s.id].parent in {t.id for t in switches} for s in switches)


def test_hypervisor_flag_decides_whether_the_kernel_sees_a_virtual_machine():
    assert read("-cpu max")[0].host.virtual_machine
    assert not read("-cpu max,-hypervisor")[0].host.virtual_machine
    assert not read("-cpu max,hypervisor=off")[0].host.virtual_machine


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("-device cxl-type3,bus=x,volatile-memdev=nothing", "no memory backend"),
        ("-device pxb-cxl,id=a,bus_nr=999", "no number below 256"),
        ("-device pxb-cxl,id=a,bus_nr=5 -device pxb-cxl,id=b,bus_nr=5", "bus 5 is in use"),
        ("-machine cxl-fmw.0.targets.0=no,cxl-fmw.0.size=4G", "there is no pxb-cxl"),
        ("-machine cxl-fmw.0.size=4X", "is no size"),
        ("-numa node,memdev=zz", "no memory backend"),
        ("-object acpi-generic-port,pci-bus=zz,node=0", "there is no pxb-cxl"),
        ("-device cxl-downstream,bus=zz,id=d", "no cxl-upstream"),
        ("-append 'open", "quot"),
    ],
)
def test_what_qemu_would_refuse_is_refused_with_the_place(extra, reason):
    with pytest.raises(ImportRefused, match=reason) as caught:
        read(extra)
    assert caught.value.file == "line"
    assert caught.value.place
    assert "\n" not in str(caught.value)


def test_unknown_options_are_reported_and_known_others_are_not():
    _, notes = read("-accel tcg -display none -frobnicate 7")
    assert [str(n) for n in notes] == ["Options not understood were left out: -frobnicate."]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("/usr/bin/qemu-system-x86_64 -m 1G", True),
        ("# my machine\n-machine q35,cxl=on\n", True),
        ("sudo qemu-system-x86_64 \\\n -m 1G", True),
        ("QEMU is a machine emulator", False),
        ("", False),
    ],
)
def test_command_lines_are_known_by_their_start(text, verdict):
    assert is_command(text) is verdict


def test_links_are_as_fast_as_their_slower_end() -> None:
    document, _ = read(
        "-device pxb-cxl,id=a,bus=pcie.0,bus_nr=12 -device cxl-rp,id=r,bus=a,port=0",
        "-device cxl-upstream,id=s,bus=r,x-speed=16,x-width=4",
        "-device cxl-downstream,id=d0,bus=s,port=0,x-width=8",
        "-device cxl-type3,id=m,bus=d0,volatile-memdev=m0,x-speed=64",
    )
    links = {n.id: (n.link_speed_gts, n.link_width) for n in compile_document(document).fabric}
    assert links["s"] == (16.0, 4)
    assert links["m"] == (32.0, 8)
