"""Snapshots of running machines: what the script collects becomes the machine it ran on."""

import importlib.util
import json
import shutil
from dataclasses import replace

import pytest

from cxldesigner.assets import resource
from cxldesigner.document.model import Device, MemoryDomain, RootPort, Socket
from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.derive import derive
from tests.exchange.sysfstree import DATA, machine_tree, write

MACHINES = ("t09-switch4", "t10-2socket", "t12-generic-port")
GIB = 1 << 30


def load_script():
    path = resource("tools", "cxl-snapshot.py")
    spec = importlib.util.spec_from_file_location("cxl_snapshot", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()


def taken(folder, value):
    """Write a snapshot and import it."""
    path = folder / "cxl-snapshot.json"
    path.write_text(json.dumps(value))
    return import_sources([path])


def texts(imported):
    return [str(n) for n in imported.notes]


@pytest.fixture(params=MACHINES)
def machine(request, tmp_path):
    """Name of a machine and the root of its tree."""
    machine_tree(tmp_path / "root", request.param)
    return request.param, tmp_path / "root"


def joined(document):
    """Links by what they join, without ids."""
    return {(k.upstream, k.downstream, k.speed_gts, k.width) for k in document.links.values()}


def test_is_the_machine_its_files_describe(machine, tmp_path):
    name, root = machine
    found = taken(tmp_path, SCRIPT.collect(root)).document
    other = import_sources([DATA / name]).document
    assert found.parts == other.parts
    assert joined(found) == joined(other)
    assert found.windows == other.windows
    assert found.actions == other.actions != ()
    assert found.host == replace(other.host, cmdline="console=ttyS0 panic=-1", kernel="6.12")
    for signature, table in compile_document(found).tables.items():
        assert (DATA / name / f"{signature}.dat").read_bytes() == table
    assert found.layout.keys() >= {*found.parts, *found.windows}


def test_derives_the_regions_it_saw(machine, tmp_path):
    name, root = machine
    derivation = derive(taken(tmp_path, SCRIPT.collect(root)).document)
    assert [r for m in derivation.moments for r in m.results if r.exit] == []
    values = {}
    for line in (DATA / name / "cxl-sysfs.kv").read_text().splitlines():
        path, _, value = line.partition(":")
        values[path] = value
    seen = {
        (int(value, 16), int(values[path.replace("/resource", "/size")], 16))
        for path, value in values.items()
        if "/region" in path and path.endswith("/resource")
    }
    assert {(r.resource, r.size) for r in derivation.current.regions} == seen != set()


def test_an_ordinary_user_sees_less_and_still_gets_a_platform(tmp_path):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket", blind=True)
    for number, row in enumerate(("10 21 20 20", "21 10 20 20", "20 20 10 20", "20 20 20 10")):
        node = f"sys/devices/system/node/node{number}"
        write(root, f"{node}/distance", row + "\n")
        write(root, f"{node}/cpulist", f"{number}\n" if number < 2 else "\n")
    value = SCRIPT.collect(root)
    value["unread"] = {
        f"/sys/{path}": "Permission denied"
        for path in (
            "firmware/acpi/tables/CEDT",
            "firmware/acpi/tables/SRAT",
            "bus/cxl/devices/decoder0.0/start",
        )
    }
    imported = taken(tmp_path, value)
    parts = imported.document.parts.values()
    sockets = [p for p in parts if isinstance(p, Socket)]
    assert [(s.cpus, s.dram_bytes) for s in sockets] == [(1, 384 << 20), (1, 384 << 20)]
    devices = [p for p in parts if isinstance(p, Device)]
    assert [d.volatile_bytes for d in devices] == [256 << 20] * 2
    assert imported.document.windows == {}
    said = " ".join(texts(imported))
    assert "without root rights: CEDT, SRAT could not be read" in said
    assert "read /proc/iomem as root" in said
    assert "those of the running machine's nodes" in said
    assert "Only root may read where the CXL windows are" in said
    state = derive(imported.document).current
    assert [dict(n.distance) for n in state.nodes.values()] == [{0: 10, 1: 21}, {0: 21, 1: 10}]


def test_firmware_memory_map_stands_in_for_iomem(tmp_path):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket", blind=True)
    table = (DATA / "t10-2socket" / "SRAT.dat").read_bytes()
    write(root, "sys/firmware/acpi/tables/SRAT", table)
    ranges = (
        ("0x0", "0x9fbff", "System RAM"),
        ("0x9fc00", "0x9ffff", "Reserved"),
        ("0x100000", "0x2ffdffff", "System RAM"),
        ("0x100000000", "0x13fffffff", "Soft Reserved"),
    )
    for i, (start, end, kind) in enumerate(ranges):
        for name, text in (("start", start), ("end", end), ("type", kind)):
            write(root, f"sys/firmware/memmap/{i}/{name}", text + "\n")
    imported = taken(tmp_path, SCRIPT.collect(root))
    assert [(r.start, r.end, r.kind) for r in imported.document.host.memory_map] == [
        (0, 0x9FC00, "ram"),
        (0x9FC00, 0xA0000, "reserved"),
        (0x10_0000, 0x2FFE_0000, "ram"),
        (0x1_0000_0000, 0x1_4000_0000, "soft-reserved"),
    ]


def link_files(root, device, *, now, best):
    kind = "0x050210" if device.endswith(("0d:00.0", "35:00.0")) else "0x060400"
    place = f"sys/bus/pci/devices/{device}"
    write(root, f"{place}/class", kind + "\n")
    for when, (speed, width) in (("current", now), ("max", best)):
        write(root, f"{place}/{when}_link_speed", f"{speed} GT/s PCIe\n")
        write(root, f"{place}/{when}_link_width", f"{width}\n")


def test_links_are_as_they_trained(tmp_path):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket")
    link_files(root, "0000:0c:00.0", now=("32.0", 8), best=("64.0", 16))
    link_files(root, "0000:0d:00.0", now=("32.0", 8), best=("32.0", 8))
    link_files(root, "0000:34:00.0", now=("16.0", 4), best=("32.0", 16))
    link_files(root, "0000:35:00.0", now=("16.0", 4), best=("32.0", 8))
    write(root, "sys/bus/pci/devices/0000:00:1f.0/class", "0x060100\n")
    imported = taken(tmp_path, SCRIPT.collect(root))
    document = imported.document
    by_name = {p.name: p for p in document.parts.values() if isinstance(p, Device | RootPort)}
    figures = {n: (p.speed_gts, p.width) for n, p in by_name.items()}
    assert figures == {
        "0000:0c:00.0": (64.0, 16),
        "0000:0d:00.0": (32.0, 8),
        "0000:34:00.0": (32.0, 16),
        "0000:35:00.0": (32.0, 8),
    }
    told = {
        document.parts[k.downstream.partition(":")[0]].name: (k.speed_gts, k.width)
        for k in document.links.values()
        if k.speed_gts or k.width
    }
    assert told == {"0000:35:00.0": (16.0, 4)}  # the other link is at its best
    assert not any("32 GT/s x8 was assumed" in text for text in texts(imported))


def test_turned_knobs_become_host_actions(tmp_path):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket")
    knobs = {
        "sys/kernel/mm/numa/demotion_enabled": "true",
        "sys/kernel/mm/mempolicy/weighted_interleave/node0": "1",
        "sys/kernel/mm/mempolicy/weighted_interleave/node1": "7",
        "proc/sys/kernel/numa_balancing": "2",
        "proc/sys/vm/swappiness": "60",
        "sys/module/memory_hotplug/parameters/online_policy": "auto-movable",
        "sys/module/memory_hotplug/parameters/memmap_on_memory": "Y",
        "sys/devices/system/memory/auto_online_blocks": "offline",
        "proc/sys/vm/zone_reclaim_mode": "1; reboot",
    }
    for path, text in knobs.items():
        write(root, path, text + "\n")
    document = taken(tmp_path, SCRIPT.collect(root)).document
    lines = [a for a in document.actions if not a.startswith("cxl ")]
    assert document.actions[0] == lines[0]  # decides the zone of what the regions add
    assert lines[0] == "echo auto-movable > /sys/module/memory_hotplug/parameters/online_policy"
    assert set(lines[1:]) == {
        "echo true > /sys/kernel/mm/numa/demotion_enabled",
        "echo 7 > /sys/kernel/mm/mempolicy/weighted_interleave/node1",
        "echo 2 > /proc/sys/kernel/numa_balancing",
        "echo offline > /sys/devices/system/memory/auto_online_blocks",
    }
    assert [r.exit for m in derive(document).moments for r in m.results if r.exit] == []


def test_movable_memory_and_boot_policy_are_kept(tmp_path):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket")
    write(root, "proc/cmdline", "root=/dev/sda memhp_default_state=offline quiet\n")
    write(root, "sys/devices/system/memory/auto_online_blocks", "offline\n")
    for block in (root / "sys/devices/system/memory").glob("memory[0-9]*"):
        first = int(block.name.removeprefix("memory")) * 0x8000000 < 0x13_6000_0000
        write(root, block.relative_to(root) / "valid_zones", "Movable\n" if first else "Normal\n")
    document = taken(tmp_path, SCRIPT.collect(root)).document
    assert document.host.cmdline == "memhp_default_state=offline quiet"
    zones = {d.node: d.zone for d in derive(document).current.dax}
    assert zones == {2: "Movable", 3: "Normal"}
    auto = "/sys/devices/system/memory/auto_online_blocks"
    assert document.actions[-1] == f"echo offline > {auto}"


def test_a_guest_is_a_guest(tmp_path):
    root = tmp_path / "root"
    write(root, "proc/cpuinfo", "flags : fpu hypervisor lahf_lm\n")
    write(root, "proc/version", "Linux version 6.8.0-45-generic (x) #45\n")
    for table in ("SRAT", "CEDT"):
        data = (DATA / "t10-2socket" / f"{table}.dat").read_bytes()
        write(root, f"sys/firmware/acpi/tables/{table}", data)
    document = taken(tmp_path, SCRIPT.collect(root)).document
    assert document.host.virtual_machine
    assert document.host.kernel == "6.8"
    assert document.actions == ()


def test_a_machine_without_cxl_or_numa(tmp_path):
    root = tmp_path / "root"
    node = "sys/devices/system/node/node0"
    write(root, f"{node}/cpulist", "0-15,32-47\n")
    write(root, f"{node}/distance", "10\n")
    zone = (
        "Node 0, zone   Normal\n  pages free     5\n        spanned  9\n        present  1048570\n"
    )
    write(root, "proc/zoneinfo", zone)
    write(root, "proc/version", "Linux version 6.1.0\n")
    (part,) = taken(tmp_path, SCRIPT.collect(root)).document.parts.values()
    assert (type(part), part.cpus, part.dram_bytes) == (Socket, 32, 4 * GIB)


def test_memory_without_cpus_that_no_driver_added_is_boot_memory(tmp_path):
    root = tmp_path / "root"
    zones = ""
    for number, cpus in enumerate(("0-3", "", "")):
        node = f"sys/devices/system/node/node{number}"
        write(root, f"{node}/cpulist", cpus + "\n")
        write(root, f"{node}/distance", "10 20 20\n")
        zones += f"Node {number}, zone   Normal\n        present  262144\n"
    write(root, "proc/zoneinfo", zones)
    for name, text in (("resource", "0x100000000"), ("size", "1073741824"), ("target_node", "2")):
        write(root, f"sys/bus/dax/devices/dax0.0/{name}", text + "\n")
    parts = taken(tmp_path, SCRIPT.collect(root)).document.parts
    assert {type(p): p.pxm for p in parts.values()} == {Socket: 0, MemoryDomain: 1}


def test_a_cdat_finds_its_device(tmp_path):
    root = tmp_path / "root"
    machine_tree(root, "t10-2socket")
    table = (DATA / "t3-endpoint-CDAT.dat").read_bytes()
    write(root, "sys/bus/cxl/devices/endpoint4/CDAT", table)
    write(root, "sys/bus/cxl/devices/endpoint3/CDAT", table[:-7])
    imported = taken(tmp_path, SCRIPT.collect(root))
    assert compile_document(imported.document).cdat["mem1"] == table
    assert imported.document.parts["mem1"].perf.read_latency_ns > 0
    assert imported.document.parts["mem0"].perf.read_latency_ns == 0
    assert any("/sys/bus/cxl/devices/endpoint3/CDAT is not whole" in t for t in texts(imported))


def captured_bus():
    """The recorded /sys/bus/cxl of another machine: attributes and places, no port links."""
    value, place = {"format": "cxl-snapshot 1"}, ""
    for line in (DATA / "t3-sysfs-bus-cxl.txt").read_text().splitlines():
        if line.startswith("# "):
            place, _, target = line[2:].partition(" -> ")
            value[place] = {"link": target}
        else:
            name, _, text = line.partition("=")
            value[f"{place}/{name}"] = text.strip() + "\n"
    return value


def test_what_is_missing_is_said_not_guessed(tmp_path):
    imported = taken(tmp_path, captured_bus())
    windows = imported.document.windows.values()
    assert [(w.base, w.size_bytes, w.granularity, len(w.targets)) for w in windows] == [
        (0x4_9000_0000, 4 * GIB, 256, 1),
        (0x5_9000_0000, 4 * GIB, 256, 1),
        (0x6_9000_0000, 8 * GIB, 4096, 2),
    ]
    devices = [p for p in imported.document.parts.values() if isinstance(p, Device)]
    assert {d.serial for d in devices} == {1, 2, 3, 4}
    assert "Region region2 cannot be rebuilt: its devices or its window are not listed." in texts(
        imported
    )
    assert imported.document.actions == ()


def test_goes_together_with_a_cxl_list_of_the_machine(tmp_path):
    machine_tree(tmp_path / "root", "t10-2socket")
    link_files(tmp_path / "root", "0000:35:00.0", now=("16.0", 4), best=("16.0", 4))
    snapshot = tmp_path / "snapshot.json"
    snapshot.write_text(json.dumps(SCRIPT.collect(tmp_path / "root")))
    listed = shutil.copy(DATA / "t10-2socket" / "cxl-list.json", tmp_path / "cxl-list.json")
    first, second = import_sources([snapshot, listed]), import_sources([listed, snapshot])
    assert first.document.parts == second.document.parts
    assert {p.speed_gts for p in first.document.parts.values() if isinstance(p, Device)} == {
        16.0,
        32.0,
    }
    assert first.document.actions == second.document.actions


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"format": "cxl-snapshot 2"}, "format: this program reads"),
        ({"/sys/x": 5}, "/sys/x: must be a text"),
        ({"/sys/x": {"base64": "%%"}}, "/sys/x: the base64 text is broken"),
        (
            {
                "/sys/bus/cxl/devices/mem0": {"link": "a/0000:0d:00.0/mem0"},
                "/sys/bus/cxl/devices/mem0/serial": "many",
            },
            "mem0/serial: must be a number",
        ),
        ({"/sys/firmware/acpi/tables/CEDT": {"base64": "Q0VEVA=="}}, "here begins no ACPI table"),
    ],
)
def test_nonsense_is_refused_with_its_place(value, where, tmp_path):
    with pytest.raises(ImportRefused, match=r"cxl-snapshot\.json") as refused:
        taken(tmp_path, value)
    assert where in str(refused.value)


def test_two_machines_are_not_mixed(tmp_path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(captured_bus()))
    with pytest.raises(ImportRefused, match="one machine at a time"):
        import_sources([tmp_path / "a.json", tmp_path / "b.json"])
