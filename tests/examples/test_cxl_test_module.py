"""The mock topology of the kernel's cxl_test (tools/testing/cxl/test/cxl.c and mem.c).

Every figure below is written from that source, none is taken from the shipped file.
"""

from cxldesigner.firmware.cedt import decode_cedt

SZ_256M = 0x1000_0000
SZ_1G = 1 << 30
RAM, PMEM = 0x2 | 0x4, 0x2 | 0x8
FAKE_QTG_ID = 42
MODULO, XOR = 0, 1
WINDOWS = (  # ways code, granularity code, restrictions, size, targets
    (0, 4, RAM, SZ_256M * 4, (0,)),
    (1, 4, RAM, SZ_256M * 8, (0, 1)),
    (0, 4, PMEM, SZ_256M * 4, (0,)),
    (1, 4, PMEM, SZ_256M * 8, (0, 1)),
    (0, 4, PMEM, SZ_256M * 4, (2,)),
    (0, 4, RAM, SZ_256M, (3,)),
)
XOR_WINDOWS = (
    (0, 4, PMEM, SZ_256M * 8, (0,)),
    (1, 0, PMEM, SZ_256M * 8, (0, 1)),
    (8, 1, PMEM, SZ_256M * 12, (0, 1, 2)),
)


def cedt(derivation):
    return decode_cedt(derivation.firmware.tables["CEDT"])


def windows(derivation, arithmetic):
    table = cedt(derivation)
    assert {(w.arithmetic, w.qtg_id) for w in table.windows} == {(arithmetic, FAKE_QTG_ID)}
    assert all(w.base % SZ_256M == 0 for w in table.windows)
    ends = [w.base + w.size for w in table.windows]
    assert [w.base for w in table.windows[1:]] == ends[:-1]  # first fit from one pool
    return tuple((w.eniw, w.hbig, w.restrictions, w.size, w.targets) for w in table.windows)


def check_topology(derivation):
    assert [(b.uid, b.version) for b in cedt(derivation).bridges] == [
        (0, 1),
        (1, 1),
        (2, 1),
        (3, 0),
    ]
    nodes = {n.id: n for n in derivation.firmware.fabric}

    def way_up(node):
        while node.parent is not None:
            node = nodes[node.parent]
            yield node

    kinds = [n.kind for n in nodes.values()]
    assert (kinds.count("bridge"), kinds.count("switch"), kinds.count("device")) == (4, 5, 11)
    for i in range(8):
        switch, port, bridge = way_up(nodes[f"mem{i}"])
        assert (switch.id, port.id, bridge.port) == (f"sw{i % 4}", f"rp{i % 4}", i % 4 % 2)
    for i in (8, 9):
        switch, port, bridge = way_up(nodes[f"mem{i}"])
        assert (switch.id, port.id, bridge.port) == ("sw4", "rp4", 2)
    *_, host = way_up(nodes["mem10"])
    assert (host.port, host.cxl_version) == (3, 0)
    for i in range(10):
        device = nodes[f"mem{i}"]
        assert (device.volatile_bytes, device.persistent_bytes) == (SZ_1G, SZ_1G)
        assert device.decoders == 8
    assert (nodes["mem10"].volatile_bytes, nodes["mem10"].persistent_bytes) == (2 * SZ_1G, 0)
    ports = [n for n in nodes.values() if n.kind == "switch" or (n.port < 3 and n.kind == "bridge")]
    assert {n.decoders for n in ports} == {8}


def test_modulo_topology(derived):
    found = derived("cxl-test")
    check_topology(found)
    assert windows(found, MODULO) == WINDOWS
    # one node per window besides that of the DRAM
    assert sorted(found.current.nodes) == list(range(1 + len(WINDOWS)))


def test_the_region_it_comes_with(derived):
    """512 MiB over cxl_mem.0 and cxl_mem.4, interleaved by their switch at 4096, at boot."""
    assert [m.label for m in derived("cxl-test").moments] == ["boot"]
    state = derived("cxl-test").current
    (region,) = state.regions
    first = cedt(derived("cxl-test")).windows[0]
    assert (region.window, region.resource, region.size) == (0, first.base, 512 << 20)
    assert (region.type, region.ways, region.granularity) == ("ram", 2, 4096)
    assert region.targets == ("mem0", "mem4")
    shown = {d.item: (d.ways, d.granularity, d.dpa_start, d.dpa_size) for d in state.decoders}
    assert shown == {
        "hb0": (1, 4096, 0, 0),
        "sw0": (2, 4096, 0, 0),
        "mem0": (2, 4096, 0, 256 << 20),
        "mem4": (2, 4096, 0, 256 << 20),
    }


def test_xor_topology(derived):
    found = derived("cxl-test-xor")
    check_topology(found)
    assert windows(found, XOR) == XOR_WINDOWS
    maps = {x.hbig: x.maps for x in cedt(found).structures if hasattr(x, "maps")}
    # a two-way window needs one map, x1 and x3 need none; the module lists a second one
    assert maps == {0: (0x404100,)}
    assert sorted(found.current.nodes) == [0, 1, 2, 3]
