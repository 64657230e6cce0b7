"""Round trips of every table: recorded bytes come back equal, values come back equal."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxldesigner.firmware import cdat, cedt, hmat, slit, srat
from cxldesigner.firmware.table import Header, Raw, TableError

DATA = Path(__file__).parent / "data"
CODECS = {
    b"CEDT": (cedt.decode_cedt, cedt.encode_cedt),
    b"SRAT": (srat.decode_srat, srat.encode_srat),
    b"SLIT": (slit.decode_slit, slit.encode_slit),
    b"HMAT": (hmat.decode_hmat, hmat.encode_hmat),
}
CDAT = (cdat.decode_cdat, cdat.encode_cdat)


def codec(data: bytes):
    return CODECS.get(data[:4], CDAT)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.dat")), ids=lambda p: p.stem)
def test_recorded_table_comes_back_byte_equal(path):
    data = path.read_bytes()
    decode, encode = codec(data)
    table = decode(data)
    assert table.warnings == ()
    assert encode(table) == data
    assert not any(isinstance(s, Raw) for s in getattr(table, "structures", ()))


u8, u16, u32, u64 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32, 64))
headers = st.builds(
    Header,
    revision=u8,
    oem_id=st.binary(min_size=6, max_size=6),
    oem_table_id=st.binary(min_size=8, max_size=8),
    oem_revision=u32,
    compiler_id=st.binary(min_size=4, max_size=4),
    compiler_revision=u32,
)


def lists(*kinds):
    return st.lists(st.one_of(*kinds), max_size=6).map(tuple)


def raw(first):
    return st.builds(Raw, type=st.integers(first, 255), body=st.binary(max_size=40))


cedts = st.builds(
    cedt.Cedt,
    header=headers,
    structures=lists(
        st.builds(cedt.Chbs, uid=u32, version=u32, base=u64, length=u64, reserved=u32),
        st.builds(
            cedt.Cfmws,
            base=u64,
            size=u64,
            eniw=u8,
            hbig=u32,
            arithmetic=u8,
            restrictions=u16,
            qtg_id=u16,
            reserved=u16,
            targets=st.lists(u32, max_size=20).map(tuple),
            tail=st.binary(max_size=3),
        ),
        st.builds(cedt.Cxims, hbig=u8, maps=st.lists(u64, max_size=4).map(tuple)),
        st.builds(cedt.Rdpas, segment=u16, bdf=u16, base=u64, rest=st.binary(max_size=4)),
        st.builds(cedt.Csds, capabilities=u16, reserved=u16),
        raw(5),
    ),
)
srats = st.builds(
    srat.Srat,
    header=headers,
    table_revision=u32,
    reserved=u64,
    structures=lists(
        st.builds(
            srat.LapicAffinity, pxm=u32, apic_id=u8, flags=u32, sapic_eid=u8, clock_domain=u32
        ),
        st.builds(srat.MemoryAffinity, pxm=u32, base=u64, length=u64, flags=u32),
        st.builds(srat.X2ApicAffinity, pxm=u32, apic_id=u32, flags=u32, clock_domain=u32),
        st.builds(srat.GiccAffinity, pxm=u32, uid=u32, flags=u32, clock_domain=u32),
        st.builds(srat.ItsAffinity, pxm=u32, its_id=u32),
        st.builds(
            srat.GenericAffinity,
            type=st.sampled_from((5, 6)),
            pxm=u32,
            handle=st.binary(min_size=16, max_size=16),
            handle_type=u8,
            flags=u32,
        ),
        st.builds(srat.RintcAffinity, pxm=u32, uid=u32, flags=u32, clock_domain=u32),
        raw(8),
    ),
)
slits = st.integers(0, 9).flatmap(
    lambda n: st.builds(
        slit.Slit,
        header=headers,
        matrix=st.lists(
            st.lists(u8, min_size=n, max_size=n).map(tuple), min_size=n, max_size=n
        ).map(tuple),
        tail=st.binary(max_size=5) if n else st.just(b""),
    )
)


@st.composite
def localities(draw):
    rows, columns = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return hmat.Locality(
        flags=draw(u8),
        data_type=draw(u8),
        min_transfer=draw(u8),
        base_unit=draw(u64),
        initiators=tuple(draw(u32) for _ in range(rows)),
        targets=tuple(draw(u32) for _ in range(columns)),
        entries=tuple(draw(u16) for _ in range(rows * columns)),
    )


hmats = st.builds(
    hmat.Hmat,
    header=headers,
    reserved=u32,
    structures=lists(
        st.builds(
            hmat.DomainAttributes,
            memory_pxm=u32,
            initiator_pxm=u32,
            flags=u16,
            address=u64,
            length=u64,
        ),
        localities(),
        st.builds(
            hmat.SideCache,
            memory_pxm=u32,
            size=u64,
            attributes=u32,
            address_mode=u16,
            handles=st.lists(u16, max_size=4).map(tuple),
        ),
        raw(3),
    ),
)
cdats = st.builds(
    cdat.Cdat,
    revision=u8,
    sequence=u32,
    reserved=st.binary(min_size=6, max_size=6),
    structures=lists(
        st.builds(cdat.Dsmas, handle=u8, flags=u8, base=u64, length=u64),
        st.builds(
            cdat.Dslbis,
            handle=u8,
            flags=u8,
            data_type=u8,
            base_unit=u64,
            entries=st.tuples(u16, u16, u16),
        ),
        st.builds(cdat.Dsmscis, handle=u8, size=u64, attributes=u32),
        st.builds(cdat.Dsis, flags=u8, handle=u8),
        st.builds(cdat.Dsemts, handle=u8, memory_type=u8, dpa=u64, length=u64),
        st.builds(
            cdat.Sslbis,
            data_type=u8,
            base_unit=u64,
            paths=st.lists(
                st.builds(cdat.SwitchPath, port_x=u16, port_y=u16, value=u16), max_size=4
            ).map(tuple),
        ),
        raw(6),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(cedts, srats, slits, hmats, cdats))
def test_decode_of_encode_is_the_value(table):
    name = type(table).__name__.upper().encode()
    decode, encode = CODECS.get(name, CDAT)
    data = encode(table)
    assert decode(data) == table
    assert sum(data) & 0xFF == 0


def test_offsets_name_the_place_in_the_table():
    table = cedt.decode_cedt((DATA / "CEDT.dat").read_bytes())
    assert [s.offset for s in table.structures] == [36, 68, 100, 140, 180]


def test_wrong_checksum_is_a_warning_and_nothing_else():
    good = (DATA / "SRAT.dat").read_bytes()
    bad = good[:9] + bytes([good[9] ^ 1]) + good[10:]
    table = srat.decode_srat(bad)
    assert table == srat.decode_srat(good)
    assert [(w.offset, w.reason) for w in table.warnings] == [(9, "checksum is wrong")]


@pytest.mark.parametrize("name", ["CEDT", "SRAT", "SLIT", "HMAT", "CDAT-type3"])
def test_every_truncation_is_refused_with_a_place(name):
    data = (DATA / f"{name}.dat").read_bytes()
    decode, _ = codec(data)
    for end in range(len(data)):
        with pytest.raises(TableError) as caught:
            decode(data[:end])
        assert caught.value.table == name.partition("-")[0]
        assert 0 <= caught.value.offset <= end or "length field" in caught.value.reason


@settings(max_examples=250, deadline=500)
@given(data=st.data())
def test_mutated_tables_raise_nothing_but_table_errors(data):
    path = data.draw(st.sampled_from(sorted(DATA.glob("*.dat"))))
    original = path.read_bytes()
    decode, encode = codec(original)
    broken = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    broken += data.draw(st.binary(max_size=16))
    try:
        table = decode(bytes(broken))
    except TableError:
        return
    assert decode(encode(table)) == table


def test_zero_length_structure_ends_in_an_error_not_in_a_loop():
    data = bytearray((DATA / "SRAT.dat").read_bytes())
    data[49] = 0
    with pytest.raises(TableError, match="structure type 0 has length 0"):
        srat.decode_srat(bytes(data))


def test_huge_counts_are_refused_without_allocating():
    data = bytearray((DATA / "SLIT.dat").read_bytes())
    data[36:44] = b"\xff" * 8
    with pytest.raises(TableError, match="do not fit"):
        slit.decode_slit(bytes(data))
    data = bytearray((DATA / "HMAT.dat").read_bytes())
    at = next(
        s.offset for s in hmat.decode_hmat(bytes(data)).structures if isinstance(s, hmat.Locality)
    )
    data[at + 12 : at + 20] = b"\xff" * 8
    with pytest.raises(TableError, match="do not fit"):
        hmat.decode_hmat(bytes(data))


def test_data_files_are_distinct():
    digests = [zlib.crc32(p.read_bytes()) for p in DATA.glob("*.dat")]
    assert len(digests) == len(set(digests)) > 50
