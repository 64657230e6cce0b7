"""The kernel's four worked firmware configurations: what Linux makes of the tables they list.

Documentation/driver-api/cxl/platform/example-configurations/*.rst; every figure below is written
from the document, none is taken from the shipped file.
"""

from dataclasses import replace

from cxldesigner.firmware.cedt import decode_cedt
from cxldesigner.firmware.hmat import decode_hmat
from cxldesigner.firmware.slit import decode_slit
from cxldesigner.firmware.srat import decode_srat
from cxldesigner.linux.derive import derive

GB4 = 0x1_0000_0000
VOLATILE_TYPE3 = 0x0006
HOT_PLUGGABLE_ENABLED = 0x3


def bridges(derivation):
    return [(b.uid, b.version) for b in decode_cedt(derivation.firmware.tables["CEDT"]).bridges]


def windows(derivation):
    """Base, size, 2^n members, arithmetic, granularity, restrictions, QTG id, targets."""
    return [
        (w.base, w.size, w.eniw, w.arithmetic, w.hbig, w.restrictions, w.qtg_id, w.targets)
        for w in decode_cedt(derivation.firmware.tables["CEDT"]).windows
    ]


def window(base, size, *targets):
    members = {1: 0, 2: 1}[len(targets)]
    return (base, size, members, 0, 0, VOLATILE_TYPE3, 1, targets)


def cxl_srat(derivation):
    """Domain, base, length of the SRAT ranges the documents list: those above the DRAM."""
    table = decode_srat(derivation.firmware.tables["SRAT"])
    listed = [m for m in table.memory if m.base >= 0x10_0000_0000]
    assert all(m.flags & 0x7 == HOT_PLUGGABLE_ENABLED for m in listed)
    return [(table.domain(m), m.base, m.length) for m in listed]


def slit(derivation):
    return [list(row) for row in decode_slit(derivation.firmware.tables["SLIT"]).matrix]


def hmat(derivation, data_type, unit):
    """Entries from domain 0, in ``unit`` (ps or MB/s) as the documents leave theirs out."""
    table = decode_hmat(derivation.firmware.tables["HMAT"])
    found = [s for s in table.structures if getattr(s, "data_type", None) == data_type]
    assert len(found) == 1
    assert found[0].initiators == (0,)
    return {
        target: entry * found[0].base_unit // unit
        for target, entry in zip(found[0].targets, found[0].entries, strict=True)
    }


def latency(derivation):
    return hmat(derivation, 0, 1000)


def bandwidth(derivation):
    return hmat(derivation, 3, 100)


def node_of_window(derivation):
    """Node of each window, by the parts the node comes from."""
    return {
        item: node.id
        for node in derivation.current.nodes.values()
        for item in node.items
        if item in derivation.document.windows
    }


def capacity(derivation):
    """Return the size of each device."""
    return [n.volatile_bytes for n in derivation.firmware.fabric if n.kind == "device"]


def test_one_device_per_host_bridge(derived):
    found = derived("platform-one-dev-per-hb")
    assert bridges(found) == [(7, 1), (6, 1)]
    assert windows(found) == [window(0x10_0000_0000, GB4, 7), window(0x11_0000_0000, GB4, 6)]
    assert cxl_srat(found) == [(1, 0x10_0000_0000, GB4), (2, 0x11_0000_0000, GB4)]
    assert latency(found) == {0: 0x80, 1: 0x100, 2: 0x100}
    assert bandwidth(found) == {0: 0x1200, 1: 0x200, 2: 0x200}
    assert slit(found) == [[10, 20, 20], [0xFF, 0x0A, 0xFF], [0xFF, 0xFF, 0x0A]]
    assert capacity(found) == [GB4] * 2
    # "one node per device"
    state = found.current
    assert sorted(state.nodes) == [0, 1, 2]
    assert node_of_window(found) == {"w0": 1, "w1": 2}
    assert [state.nodes[n].size_bytes for n in (1, 2)] == [GB4, GB4]
    # "in the same memory tier", which is not that of the DRAM
    assert state.nodes[1].tier == state.nodes[2].tier != state.nodes[0].tier
    # "cross-bridge interleave is not being used"
    assert [(r.ways, r.node) for r in state.regions] == [(1, 1), (1, 2)]


def test_multiple_devices_per_host_bridge(derived):
    found = derived("platform-multi-dev-per-hb")
    assert bridges(found) == [(7, 1)]
    assert windows(found) == [window(0x10_0000_0000, 2 * GB4, 7)]
    assert cxl_srat(found) == [(1, 0x10_0000_0000, 2 * GB4)]
    assert latency(found) == {0: 0x80, 1: 0x100}
    assert bandwidth(found) == {0: 0x1200, 1: 0x200}
    assert slit(found) == [[10, 20], [0xFF, 0x0A]]
    assert capacity(found) == [GB4] * 2
    # "one node for both devices"
    assert sorted(found.current.nodes) == [0, 1]
    assert found.current.nodes[1].size_bytes == 2 * GB4
    assert {"mem0", "mem1"} <= set(found.current.nodes[1].items)


def test_cross_host_bridge_interleave(derived):
    found = derived("platform-hb-interleave")
    assert bridges(found) == [(7, 1), (6, 1)]
    assert windows(found) == [window(0x10_0000_0000, 2 * GB4, 7, 6)]
    assert cxl_srat(found) == [(1, 0x10_0000_0000, 2 * GB4)]
    assert latency(found) == {0: 0x80, 1: 0x100}
    assert bandwidth(found) == {0: 0x1200, 1: 0x400}
    assert slit(found) == [[10, 20], [0xFF, 0x0A]]
    assert capacity(found) == [GB4] * 2
    # "one node for both host bridges"
    assert sorted(found.current.nodes) == [0, 1]
    assert found.current.nodes[1].size_bytes == 2 * GB4
    assert [(r.ways, r.granularity) for r in found.current.regions] == [(2, 256)]


FLEXIBLE = (
    (0x10_0000_0000, 4, (7, 6)),
    (0x20_0000_0000, 2, (7,)),
    (0x22_0000_0000, 2, (6,)),
    (0x30_0000_0000, 1, (7,)),
    (0x31_0000_0000, 1, (7,)),
    (0x32_0000_0000, 1, (6,)),
    (0x33_0000_0000, 1, (6,)),
)


def test_flexible_presentation(derived):
    found = derived("platform-flexible")
    assert bridges(found) == [(7, 1), (6, 1)]
    assert windows(found) == [window(base, n * GB4, *targets) for base, n, targets in FLEXIBLE]
    assert cxl_srat(found) == [(i, b, n * GB4) for i, (b, n, _) in enumerate(FLEXIBLE, 1)]
    assert latency(found) == {0: 0x80, **dict.fromkeys(range(1, 8), 0x100)}
    entries = (0x1200, 0x400, 0x200, 0x200, 0x100, 0x100, 0x100, 0x100)
    assert bandwidth(found) == dict(enumerate(entries))
    assert slit(found) == [
        [10 if a == b else 20 if a == 0 else 0xFF for b in range(8)] for a in range(8)
    ]
    assert capacity(found) == [GB4] * 4
    # "one node for each of the above CFMWS"
    assert sorted(found.current.nodes) == list(range(8))
    assert node_of_window(found) == {f"w{i}": i + 1 for i in range(7)}


def test_flexible_presentation_can_be_used_in_every_way(derived):
    """ "Every combination": across the bridges, per bridge, per device."""
    document = derived("platform-flexible").document
    below = {7: ("mem0", "mem1"), 6: ("mem2", "mem3")}
    across = ["cxl create-region -m -t ram -d decoder0.0 -w 4 -g 256 mem0 mem2 mem1 mem3"]
    per_bridge = [
        f"cxl create-region -m -t ram -d decoder0.{i} -w 2 -g 256 {' '.join(below[uid])}"
        for i, uid in ((1, 7), (2, 6))
    ]
    per_device = [
        f"cxl create-region -m -t ram -d decoder0.{i} -w 1 {device}"
        for i, device in enumerate(("mem0", "mem1", "mem2", "mem3"), 3)
    ]
    for actions, sizes in (
        (across, {1: 4}),
        (per_bridge, {2: 2, 3: 2}),
        (per_device, {4: 1, 5: 1, 6: 1, 7: 1}),
    ):
        derivation = derive(replace(document, actions=tuple(actions)))
        assert [r.exit for m in derivation.moments for r in m.results] == [0] * len(actions)
        filled = {
            n.id: n.size_bytes // GB4
            for n in derivation.current.nodes.values()
            if n.id and n.size_bytes
        }
        assert filled == sizes
