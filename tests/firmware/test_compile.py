"""What a drawn platform compiles to: tables read back, bus, memory map, provenance."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cxldesigner.document.edits import EditRefused, connect
from cxldesigner.document.model import (
    GIB,
    MIB,
    AccessFigure,
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    ImportedTable,
    Link,
    MemoryDomain,
    MemoryRange,
    Perf,
    Restriction,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.firmware import cdat, cedt, hmat, slit, srat
from cxldesigner.firmware.compile import compile_document


def platform(*parts, links=(), windows=(), **host):
    document = Document(
        parts={p.id: p for p in parts},
        windows={w.id: w for w in windows},
        host=Host(**host),
    )
    for a, b in links:
        document = connect(document, a, b)
    return document


def one_bridge(*devices, bridge=None, **host):
    links = [("s0:io", "hb0:up")]
    parts = [Socket(id="s0", cpus=2, dram_bytes=512 * MIB), bridge or HostBridge(id="hb0")]
    for i, device in enumerate(devices):
        parts += [RootPort(id=f"rp{i}"), device]
        links += [("hb0:rp", f"rp{i}:up"), (f"rp{i}:down", f"{device.id}:up")]
    window = Window(id="w0", size_bytes=GIB, targets=("hb0",))
    return platform(*parts, links=links, windows=(window,), **host)


def memory(firmware):
    return [
        (m.pxm, m.base, m.base + m.length, m.flags)
        for m in srat.decode_srat(firmware.tables["SRAT"]).memory
    ]


def test_small_machine_is_laid_out_like_a_pc():
    firmware = compile_document(one_bridge(hotplug_bytes=0x11E0000000))
    assert memory(firmware) == [
        (0, 0, 0xA0000, 1),
        (0, 0x100000, 0x20000000, 1),
        (0, 0x100000000, 0x12E0000000, 3),
    ]
    table = cedt.decode_cedt(firmware.tables["CEDT"])
    assert [(b.uid, b.base, b.length) for b in table.bridges] == [(12, 0x12E0000000, 0x10000)]
    assert [(w.base, w.size, w.targets) for w in table.windows] == [(0x12F0000000, GIB, (12,))]
    assert [(r.start, r.end, r.kind) for r in firmware.memory_map] == [
        (0, 0x9FC00, "ram"),
        (0x9FC00, 0xA0000, "reserved"),
        (0xF0000, 0x100000, "reserved"),
        (0x100000, 0x1FFE0000, "ram"),
        (0x1FFE0000, 0x20000000, "acpi"),
    ]


def test_large_machine_has_a_hole_below_4_gib():
    document = platform(
        Socket(id="s0", dram_bytes=3 * GIB),
        Socket(id="s1", dram_bytes=3 * GIB),
        HostBridge(id="hb0"),
        windows=(Window(id="w0", size_bytes=2 * GIB, targets=("hb0",)),),
    )
    firmware = compile_document(document)
    assert memory(firmware) == [
        (0, 0, 0xA0000, 1),
        (0, 0x100000, 0x80000000, 1),
        (0, 0x100000000, 0x140000000, 1),
        (1, 0x140000000, 0x200000000, 1),
    ]
    assert cedt.decode_cedt(firmware.tables["CEDT"]).windows[0].base == 0x210000000


def test_windows_avoid_explicit_bases_and_boot_memory():
    windows = (
        Window(id="w0", size_bytes=GIB, targets=("hb0",)),
        Window(id="w1", base=0x120000000, size_bytes=GIB, targets=("hb0",)),
        Window(id="w2", size_bytes=GIB, targets=("hb0",)),
    )
    document = platform(
        Socket(id="s0", dram_bytes=GIB),
        MemoryDomain(id="hbm0", base=0x200000000, size_bytes=GIB),
        HostBridge(id="hb0"),
        windows=windows,
    )
    firmware = compile_document(document)
    table = cedt.decode_cedt(firmware.tables["CEDT"])
    spans = sorted(
        [(w.base, w.base + w.size) for w in table.windows] + [(0x200000000, 0x240000000)]
    )
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(w.base % (256 * MIB) == 0 for w in table.windows)
    assert table.windows[1].base == 0x120000000


def test_domains_and_order_of_the_srat():
    document = platform(
        Socket(id="s0", cpus=1, dram_bytes=GIB),
        MemoryDomain(id="hbm0", size_bytes=GIB, hotplug=True, specific_purpose=True),
        Socket(id="s1", cpus=254, dram_bytes=GIB, pxm=7),
        HostBridge(id="hb0", uid=3, generic_port_pxm=9),
        windows=(
            Window(id="w0", size_bytes=2 * GIB, targets=("hb0",), srat_pxm=5, srat_bytes=GIB),
        ),
        hotplug_bytes=GIB,
    )
    firmware = compile_document(document)
    table = srat.decode_srat(firmware.tables["SRAT"])
    cpus = [(c.pxm, c.apic_id) for c in table.cpus]
    assert cpus == [(0, 0), *((7, n) for n in range(1, 255))]
    assert [(m.pxm, m.flags) for m in table.memory] == [
        (0, 1),
        (0, 1),
        (7, 1),
        (1, 1 | 2 | 8),
        (9, 3),
        (5, 3),
    ]
    assert table.memory[-1].length == GIB
    (port,) = table.generic_ports
    assert (port.pxm, port.uid) == (9, 3)
    soft = [r for r in firmware.memory_map if r.kind == "soft-reserved"]
    assert sum(r.end - r.start for r in soft) == GIB


def test_cpus_from_255_on_are_x2apic():
    firmware = compile_document(platform(Socket(id="s0", cpus=300)))
    kinds = [type(c) for c in srat.decode_srat(firmware.tables["SRAT"]).cpus]
    assert kinds == [srat.LapicAffinity] * 255 + [srat.X2ApicAffinity] * 45
    assert firmware.cpus == tuple(range(300))


def test_slit_only_with_distances_and_symmetric_unless_both_told():
    sockets = (Socket(id="s0"), Socket(id="s1"), Socket(id="s2"))
    assert "SLIT" not in compile_document(platform(*sockets)).tables
    told = (
        Distance(a="s0", b="s1", value=21),
        Distance(a="s1", b="s2", value=30),
        Distance(a="s2", b="s1", value=31),
    )
    firmware = compile_document(platform(*sockets, distances=told))
    assert slit.decode_slit(firmware.tables["SLIT"]).matrix == (
        (10, 21, 20),
        (21, 10, 30),
        (20, 31, 10),
    )
    assert "SLIT" not in compile_document(platform(*sockets, distances=told, slit=False)).tables


def test_hmat_figures():
    perf = Perf(
        read_latency_ns=100,
        write_latency_ns=100,
        read_bandwidth_mbps=100_000,
        write_bandwidth_mbps=90_001,
    )
    document = platform(
        Socket(id="s0", dram_bytes=GIB, perf=perf),
        MemoryDomain(
            id="hbm0", size_bytes=GIB, cache_bytes=64 * MIB, perf=Perf(read_latency_ns=80)
        ),
        HostBridge(id="hb0", generic_port_pxm=4, perf=Perf(read_bandwidth_mbps=64_000)),
        links=(("s0:mem", "hbm0:up"), ("s0:io", "hb0:up")),
        hmat=True,
        access=(AccessFigure(initiator="s0", target="hb0", perf=Perf(write_latency_ns=7)),),
    )
    table = hmat.decode_hmat(compile_document(document).tables["HMAT"])
    domains = [s for s in table.structures if isinstance(s, hmat.DomainAttributes)]
    assert [(d.memory_pxm, d.initiator_pxm, d.flags) for d in domains] == [(0, 0, 1), (1, 0, 1)]
    rows = {
        s.data_type: [e * s.base_unit for e in s.entries]
        for s in table.structures
        if isinstance(s, hmat.Locality)
    }
    assert rows == {
        hmat.DataType.READ_LATENCY: [100_000, 80_000, 0],
        hmat.DataType.WRITE_LATENCY: [100_000, 0, 7_000],
        hmat.DataType.READ_BANDWIDTH: [100_000, 0, 0],
        hmat.DataType.WRITE_BANDWIDTH: [90_001, 0, 0],
    }
    (cache,) = (s for s in table.structures if isinstance(s, hmat.SideCache))
    assert (cache.memory_pxm, cache.size, cache.attributes) == (1, 64 * MIB, 0x00401111)


def test_equal_read_and_write_figures_are_one_access_row():
    perf = Perf(
        read_latency_ns=90, write_latency_ns=90, read_bandwidth_mbps=7, write_bandwidth_mbps=7
    )
    document = platform(Socket(id="s0", dram_bytes=GIB, perf=perf), hmat=True)
    table = hmat.decode_hmat(compile_document(document).tables["HMAT"])
    kinds = [s.data_type for s in table.structures if isinstance(s, hmat.Locality)]
    assert kinds == [hmat.DataType.ACCESS_LATENCY, hmat.DataType.ACCESS_BANDWIDTH]


def test_window_fields():
    window = Window(
        id="w0",
        size_bytes=4 * GIB,
        targets=("hb0", "hb1"),
        granularity=4096,
        arithmetic=1,
        restrictions=(Restriction.TYPE3, Restriction.PERSISTENT),
        qtg_id=7,
    )
    document = platform(
        HostBridge(id="hb0", uid=1), HostBridge(id="hb1", uid=2, chbs=False), windows=(window,)
    )
    firmware = compile_document(document)
    table = cedt.decode_cedt(firmware.tables["CEDT"])
    (found,) = table.windows
    assert (found.ways, found.granularity, found.arithmetic) == (2, 4096, 1)
    assert (found.restrictions, found.qtg_id, found.targets) == (0x0A, 7, (1, 2))
    assert [b.uid for b in table.bridges] == [1]
    (maps,) = (s for s in table.structures if isinstance(s, cedt.Cxims))
    assert (maps.hbig, len(maps.maps)) == (4, 1)
    assert maps.maps[0] & -maps.maps[0] == 4096
    assert table.header.revision == 2
    assert firmware.qtg == (7,)


def test_unknown_target_is_a_uid_no_bridge_has():
    window = Window(id="w0", size_bytes=GIB, targets=("gone", "hb0"), ways=4)
    firmware = compile_document(platform(HostBridge(id="hb0", uid=1), windows=(window,)))
    (found,) = cedt.decode_cedt(firmware.tables["CEDT"]).windows
    assert found.ways == 4
    assert found.targets[1] == 1
    assert found.targets[0] not in {n.port for n in firmware.fabric}


def test_bus_names_follow_a_depth_first_scan():
    document = platform(
        HostBridge(id="hb0", bus=12),
        RootPort(id="rp0"),
        RootPort(id="rp1"),
        Switch(id="sw0", downstream=3),
        Device(id="mem0", volatile_bytes=GIB, speed_gts=16.0, width=4),
        Device(id="mem1", volatile_bytes=GIB),
        Device(id="mem2", volatile_bytes=GIB),
        Device(id="loose", volatile_bytes=GIB),
        links=(
            ("hb0:rp", "rp0:up"),
            ("hb0:rp", "rp1:up"),
            ("rp0:down", "sw0:up"),
            ("sw0:d2", "mem1:up"),
            ("sw0:d0", "mem0:up"),
            ("rp1:down", "mem2:up"),
        ),
    )
    fabric = {n.id: n for n in compile_document(document).fabric}
    assert {k: n.host for k, n in fabric.items()} == {
        "hb0": "pci0000:0c",
        "rp0": "0000:0c:00.0",
        "sw0": "0000:0d:00.0",
        "mem0": "0000:0f:00.0",
        "mem1": "0000:11:00.0",
        "rp1": "0000:0c:01.0",
        "mem2": "0000:12:00.0",
    }
    assert list(fabric) == ["hb0", "rp0", "sw0", "mem0", "mem1", "rp1", "mem2"]
    assert (fabric["mem1"].parent, fabric["mem1"].port) == ("sw0", 2)
    assert (fabric["mem0"].link_speed_gts, fabric["mem0"].link_width) == (16.0, 4)
    assert [fabric[p].port for p in ("rp0", "rp1")] == [0, 1]


def test_automatic_buses_and_uids_leave_room_and_do_not_repeat():
    parts, links = [HostBridge(id="hb9", bus=12, uid=12)], []
    for b in range(12):
        parts.append(HostBridge(id=f"hb{b}"))
        for r in range(4):
            rp, sw = f"rp{b}-{r}", f"sw{b}-{r}"
            parts += [RootPort(id=rp), Switch(id=sw, downstream=16)]
            links += [(f"hb{b}:rp", f"{rp}:up"), (f"{rp}:down", f"{sw}:up")]
            for d in range(16):
                parts.append(Device(id=f"mem{b}-{r}-{d}"))
                links.append((f"{sw}:d{d}", f"mem{b}-{r}-{d}:up"))
    parts = list({p.id: p for p in parts}.values())
    document = Document(
        parts={p.id: p for p in parts},
        links={
            f"k{i}": Link(id=f"k{i}", upstream=a, downstream=b) for i, (a, b) in enumerate(links)
        },
    )
    firmware = compile_document(document)
    hosts = [n.host for n in firmware.fabric]
    assert len(hosts) == len(set(hosts)) == len(document.parts)
    uids = [n.port for n in firmware.fabric if n.parent is None]
    assert len(uids) == len(set(uids)) == 12


def test_device_cdat():
    device = Device(
        id="mem0",
        volatile_bytes=GIB,
        persistent_bytes=2 * GIB,
        perf=Perf(
            read_latency_ns=150,
            write_latency_ns=250,
            read_bandwidth_mbps=16_000,
            write_bandwidth_mbps=16_000,
        ),
        pmem_perf=Perf(read_latency_ns=300),
    )
    firmware = compile_document(one_bridge(device))
    table = cdat.decode_cdat(firmware.cdat["mem0"])
    ranges = [s for s in table.structures if isinstance(s, cdat.Dsmas)]
    assert [(r.handle, r.base, r.length, r.flags) for r in ranges] == [
        (0, 0, GIB, 0),
        (1, GIB, 2 * GIB, 4),
    ]
    rates = [s for s in table.structures if isinstance(s, cdat.Dslbis)]
    assert [(r.handle, r.data_type, r.base_unit * r.entries[0]) for r in rates] == [
        (0, 1, 150_000),
        (0, 2, 250_000),
        (0, 4, 16_000),
        (0, 5, 16_000),
        (1, 1, 300_000),
    ]
    kinds = [s for s in table.structures if isinstance(s, cdat.Dsemts)]
    assert [(k.handle, k.dpa, k.length) for k in kinds] == [(0, 0, GIB), (1, 0, 2 * GIB)]


def test_switch_cdat_names_every_downstream_port():
    document = platform(
        HostBridge(id="hb0"),
        RootPort(id="rp0"),
        RootPort(id="rp1"),
        Switch(id="sw0", downstream=2, perf=Perf(read_latency_ns=80, write_latency_ns=80)),
        Switch(id="sw1"),
        links=(
            ("hb0:rp", "rp0:up"),
            ("hb0:rp", "rp1:up"),
            ("rp0:down", "sw0:up"),
            ("rp1:down", "sw1:up"),
        ),
    )
    firmware = compile_document(document)
    (entry,) = cdat.decode_cdat(firmware.cdat["sw0"]).structures
    assert [(p.port_x, p.port_y, p.value * entry.base_unit) for p in entry.paths] == [
        (0x100, 0, 80_000),
        (0x100, 1, 80_000),
    ]
    assert "sw1" not in firmware.cdat


def test_provenance_covers_every_structure():
    firmware = compile_document(
        one_bridge(
            Device(id="mem0", volatile_bytes=GIB),
            bridge=HostBridge(id="hb0", generic_port_pxm=2, perf=Perf(read_latency_ns=60)),
            hmat=True,
            distances=(Distance(a="s0", b="hb0", value=17),),
            hotplug_bytes=GIB,
        )
    )
    first = {"CEDT": 36, "SRAT": 48, "SLIT": 44, "HMAT": 40}
    for signature, spans in firmware.spans.items():
        edges = [first[signature], *(s.end for s in spans)]
        assert [s.start for s in spans] == edges[:-1]
        assert edges[-1] == len(firmware.tables[signature])
    assert [(s.what, s.origin.item) for s in firmware.spans["CEDT"]] == [
        ("CHBS", "hb0"),
        ("CFMWS", "w0"),
    ]
    assert firmware.windows == ("w0",)


def test_imported_table_is_verbatim_until_what_it_describes_is_edited():
    document = one_bridge(Device(id="mem0", volatile_bytes=GIB))
    made = compile_document(document)
    raw = bytearray(made.tables["SRAT"])
    raw[10:16] = b"VENDOR"
    raw[9] = 0
    raw[9] = -sum(raw) & 0xFF
    kept = ImportedTable(
        signature="SRAT",
        raw=bytes(raw),
        generated_sha256=hashlib.sha256(made.tables["SRAT"]).hexdigest(),
    )
    document = replace(document, tables=(kept,))
    firmware = compile_document(document)
    assert firmware.tables["SRAT"] == bytes(raw)
    assert firmware.tables["CEDT"] == made.tables["CEDT"]
    origins = [(s.what, s.origin.item) for s in firmware.spans["SRAT"]]
    assert origins[0] == ("CPU affinity", "s0")
    assert origins[-1] == ("memory affinity", "s0")
    other = replace(document.parts["mem0"], volatile_bytes=2 * GIB)
    edited = replace(document, parts={**document.parts, "mem0": other})
    assert compile_document(edited).tables["SRAT"] == bytes(raw)
    bigger = replace(document.parts["s0"], dram_bytes=GIB)
    edited = replace(document, parts={**document.parts, "s0": bigger})
    assert compile_document(edited).tables["SRAT"][10:16] == b"CXLDSN"


def test_memory_up_to_the_last_address_leaves_no_hot_plug_range():
    top = MemoryDomain(id="hbm0", base=(1 << 64) - GIB, size_bytes=GIB)
    document = platform(top, HostBridge(id="hb0"), hotplug_bytes=1, windows=(Window(id="w0"),))
    assert [m[1] for m in memory(compile_document(document))] == [(1 << 64) - GIB]


def test_explicit_memory_map_is_taken_as_it_is():
    given_map = (MemoryRange(start=0, end=GIB), MemoryRange(start=GIB, end=2 * GIB, kind="acpi"))
    firmware = compile_document(platform(Socket(id="s0", dram_bytes=GIB), memory_map=given_map))
    assert firmware.memory_map == given_map


u32, u64 = st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 64) - 1)
maybe = st.none() | st.sampled_from((0, 1, 2, 255))
perfs = st.builds(Perf, read_latency_ns=u32, write_bandwidth_mbps=u32)


@st.composite
def documents(draw):
    parts = []
    for i in range(draw(st.integers(0, 3))):
        parts.append(
            Socket(
                id=f"s{i}",
                cpus=draw(st.sampled_from((0, 1, 300))),
                dram_bytes=draw(u64),
                pxm=draw(maybe | u32),
                base=draw(st.none() | u64),
                perf=draw(perfs),
            )
        )
        parts.append(
            MemoryDomain(
                id=f"hbm{i}",
                size_bytes=draw(u64),
                base=draw(st.none() | u64),
                cache_bytes=draw(u64),
                specific_purpose=draw(st.booleans()),
            )
        )
        parts.append(
            HostBridge(
                id=f"hb{i}",
                uid=draw(maybe | u32),
                bus=draw(maybe),
                generic_port_pxm=draw(maybe | u32),
                cxl_version=draw(u32),
                perf=draw(perfs),
            )
        )
        parts.append(RootPort(id=f"rp{i}", number=draw(maybe)))
        parts.append(Switch(id=f"sw{i}", downstream=draw(st.integers(1, 256)), perf=draw(perfs)))
        parts.append(
            Device(
                id=f"mem{i}", volatile_bytes=draw(u64), persistent_bytes=draw(u64), perf=draw(perfs)
            )
        )
    ids = [p.id for p in parts] or ["s0"]
    windows = [
        Window(
            id=f"w{i}",
            base=draw(st.none() | u64),
            size_bytes=draw(u64),
            targets=tuple(draw(st.lists(st.sampled_from([*ids, "gone"]), max_size=5))),
            ways=draw(st.sampled_from((None, 1, 3, 16))),
            granularity=draw(st.sampled_from((256, 16384, 256 << 15))),
            arithmetic=draw(st.sampled_from((0, 1, 255))),
            srat_pxm=draw(maybe | u32),
            srat_bytes=draw(st.none() | u64),
        )
        for i in range(draw(st.integers(0, 4)))
    ]
    document = platform(*parts, windows=windows)
    count = draw(st.integers(0, 12))
    ports = [f"{p}:{n}" for p in ids for n in ("up", "io", "mem", "rp", "down", "d0", "d1")]
    for _ in range(count):
        a, b = draw(st.sampled_from(ports)), draw(st.sampled_from(ports))
        with suppress(EditRefused):
            document = connect(document, a, b)
    host = Host(
        srat=draw(st.booleans()),
        hmat=draw(st.booleans()),
        hotplug_bytes=draw(u64),
        window_base=draw(st.none() | u64),
        distances=()
        if not parts
        else tuple(
            Distance(
                a=draw(st.sampled_from(ids)),
                b=draw(st.sampled_from(ids)),
                value=draw(st.integers(0, 255)),
            )
            for _ in range(draw(st.integers(0, 3)))
        ),
    )
    return replace(document, host=host)


@settings(max_examples=120, deadline=None)
@given(documents())
def test_any_document_compiles_to_readable_tables(document):
    firmware = compile_document(document)
    readers = {
        "CEDT": cedt.decode_cedt,
        "SRAT": srat.decode_srat,
        "SLIT": slit.decode_slit,
        "HMAT": hmat.decode_hmat,
    }
    for signature, data in firmware.tables.items():
        assert readers[signature](data).warnings == ()
    for data in firmware.cdat.values():
        assert cdat.decode_cdat(data).warnings == ()
    ranges = firmware.memory_map
    assert all(r.start < r.end for r in ranges)
    assert all(a.end <= b.start for a, b in pairwise(ranges))
    known = set()
    for node in firmware.fabric:
        assert node.parent is None or node.parent in known
        known.add(node.id)
    assert len(firmware.windows) == len(document.windows)
