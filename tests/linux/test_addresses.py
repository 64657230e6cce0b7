from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document.model import GIB, MIB, Document
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.addresses import Interleave, address_of, locate
from cxldesigner.linux.derive import derive
from cxldesigner.linux.machine import machine_of

WAYS = (1, 2, 3, 4, 6, 8, 12, 16)
BASE = 0x1_1000_0000


@pytest.mark.parametrize(
    ("offset", "granularity", "ways", "position", "share"),
    [
        (0x2A0, 256, 2, 0, 0x1A0),
        (0x700, 256, 3, 1, 0x200),
        (0xD10, 256, 6, 1, 0x210),
        (0x12345, 4096, 4, 2, 0x4345),
    ],
)
def test_worked_examples(
    offset: int, granularity: int, ways: int, position: int, share: int
) -> None:
    spread = Interleave(base=BASE, size=ways * GIB, ways=ways, granularity=granularity)
    assert spread.split(BASE + offset) == (position, share)
    assert spread.join(position, share) == BASE + offset


@st.composite
def spreads(draw: st.DrawFn) -> Interleave:
    ways = draw(st.sampled_from(WAYS))
    code = draw(st.integers(0, 6))
    power = ways // 3 if ways % 3 == 0 else ways
    upper = st.integers(0, (1 << 20) - 1).map(lambda bits: bits << 20)
    count = draw(st.sampled_from((0, power.bit_length() - 1)))
    maps = tuple(1 << 8 + code + i | draw(upper) for i in range(count))
    base = draw(st.integers(0, 1 << 20)) << 28
    size = draw(st.integers(1, 64)) * ways << 28
    return Interleave(base=base, size=size, ways=ways, granularity=256 << code, maps=maps)


@given(spreads(), st.data())
def test_addresses_and_shares_match_one_to_one(spread: Interleave, data: st.DataObject) -> None:
    address = spread.base + data.draw(st.integers(0, spread.size - 1))
    position, offset = spread.split(address)
    assert 0 <= position < spread.ways
    assert 0 <= offset < spread.size // spread.ways
    assert spread.join(position, offset) == address
    chosen = data.draw(st.integers(0, spread.ways - 1))
    share = data.draw(st.integers(0, spread.size // spread.ways - 1))
    assert spread.split(spread.join(chosen, share)) == (chosen, share)


@given(spreads())
def test_neighbouring_chunks_go_to_all_devices_evenly(spread: Interleave) -> None:
    count = spread.ways * 8
    places = [spread.split(spread.base + i * spread.granularity) for i in range(count)]
    assert len(set(places)) == count
    positions = [position for position, _ in places]
    assert all(positions.count(p) == 8 for p in range(spread.ways))


def test_an_address_outside_is_no_address_of_the_region() -> None:
    spread = Interleave(base=BASE, size=GIB, ways=4, granularity=256)
    for wrong in (BASE - 1, BASE + GIB):
        with pytest.raises(ValueError, match="outside"):
            spread.split(wrong)
    for position, offset in ((4, 0), (-1, 0), (0, GIB // 4), (0, -1)):
        with pytest.raises(ValueError, match="outside"):
            spread.join(position, offset)


def interleaved(platform, bridges: int, ways: int, arithmetic: int) -> Document:
    made = platform()
    names = tuple(f"hb{i}" for i in range(bridges))
    for name in names:
        made.bridge(name)
    devices = [
        made.device(f"{name}dev{number}", name)
        for number in range(ways // bridges)
        for name in names
    ]
    made.window("win0", names, size_bytes=16 * GIB, granularity=1024, arithmetic=arithmetic)
    size = f"-s {256 * ways}M"
    first = f"cxl create-region -m -t ram -d decoder0.0 -w {ways} {size} {' '.join(devices)}"
    return made.document(first, first)


@pytest.mark.parametrize("arithmetic", [0, 1])
@pytest.mark.parametrize(
    ("bridges", "ways"), [(1, 1), (1, 4), (2, 2), (2, 8), (3, 6), (3, 12), (4, 16), (6, 6), (8, 8)]
)
def test_every_address_has_a_device_and_every_byte_an_address(
    platform, bridges: int, ways: int, arithmetic: int
) -> None:
    document = interleaved(platform, bridges, ways, arithmetic)
    derivation = derive(document)
    assert not [r.output for m in derivation.moments for r in m.results if r.exit]
    state, firmware = derivation.current, compile_document(document)
    assert len(state.regions) == 2
    machine = machine_of(firmware)
    root = machine.fabric.roots[0]
    maps = next((x.maps for x in machine.acpi.xor if x.granularity == 1024), ())
    for region in state.regions:
        for step in range(0, 64 * 1024, 512):
            address = region.resource + step
            place = locate(state, firmware, address)
            assert place is not None
            assert place.region == region.name
            assert place.device == region.targets[place.position]
            assert address_of(state, firmware, place.device, place.dpa) == address
            # the window's own choice of a bridge, straight from the address
            if bridges in {2, 4, 8}:
                bits = bridges.bit_length() - 1
                chunk = address // 1024
                index = (
                    sum(((address & m).bit_count() & 1) << i for i, m in enumerate(maps[:bits]))
                    if arithmetic
                    else chunk % bridges
                )
                assert root.bridges[index] == place.bridge
    low, high = state.regions
    one, two = (locate(state, firmware, r.resource) for r in (low, high))
    assert one is not None
    assert two is not None
    assert two.dpa - one.dpa == 256 * MIB
    assert locate(state, firmware, high.resource + high.size) is None
    assert address_of(state, firmware, one.device, 512 * MIB) is None
