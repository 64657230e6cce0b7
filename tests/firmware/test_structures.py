"""Fields at the byte offsets the specifications give, read here without the code under test."""

import struct

from cxldesigner.document.model import Restriction
from cxldesigner.firmware import cdat, cedt, hmat, slit, srat


def at(data: bytes, offset: int, form: str):
    return struct.unpack_from("<" + form, data, offset)


def test_chbs():
    data = cedt.encode_structure(cedt.Chbs(uid=12, version=1, base=0xC0000000, length=0x10000))
    assert len(data) == 32
    assert at(data, 0, "BBH") == (0, 0, 32)
    assert at(data, 4, "III") == (12, 1, 0)
    assert at(data, 16, "QQ") == (0xC0000000, 0x10000)


def test_cfmws():
    window = cedt.Cfmws(
        base=0x1400000000,
        size=0x400000000,
        eniw=1,
        hbig=4,
        arithmetic=1,
        restrictions=0x0A,
        qtg_id=7,
        targets=(12, 222),
    )
    data = cedt.encode_structure(window)
    assert len(data) == 36 + 8
    assert at(data, 0, "BBHI") == (1, 0, 44, 0)
    assert at(data, 8, "QQ") == (0x1400000000, 0x400000000)
    assert at(data, 24, "BBH") == (1, 1, 0)
    assert at(data, 28, "IHH") == (4, 0x0A, 7)
    assert at(data, 36, "II") == (12, 222)
    assert (window.ways, window.granularity) == (2, 4096)


def test_interleave_codes():
    ways = [cedt.Cfmws(base=0, size=0, eniw=e, hbig=0).ways for e in range(12)]
    assert ways == [1, 2, 4, 8, 16, None, None, None, 3, 6, 12, None]
    sizes = [cedt.Cfmws(base=0, size=0, eniw=0, hbig=g).granularity for g in range(8)]
    assert sizes == [256, 512, 1024, 2048, 4096, 8192, 16384, None]


def test_xor_maps_needed_as_linux_counts_them():
    needed = {w: cedt.xor_maps_needed(w) for w in (1, 2, 4, 8, 16, 3, 6, 12)}
    assert needed == {1: 0, 2: 1, 4: 2, 8: 3, 16: 4, 3: 0, 6: 1, 12: 2}


def test_cxims():
    data = cedt.encode_structure(cedt.Cxims(hbig=3, maps=(0x404100, 0x808200)))
    assert at(data, 0, "BBHHBB") == (2, 0, 24, 0, 3, 2)
    assert at(data, 8, "QQ") == (0x404100, 0x808200)


def test_rdpas_of_every_length_in_use():
    for length in (16, 17, 20):
        body = (
            struct.pack("<BBHHHQ", 3, 0, length, 1, 0x3B00, 0xFE000000) + b"\1\0\0\0"[: length - 16]
        )
        data = b"CEDT" + struct.pack("<I", 36 + length) + bytes(28) + body
        (entry,) = cedt.decode_cedt(data).structures
        assert (entry.segment, entry.bdf, entry.base) == (1, 0x3B00, 0xFE000000)
        assert entry.rest == body[16:]
        assert cedt.encode_structure(entry) == body


def test_restriction_bits():
    assert cedt.restriction_bits(tuple(Restriction)) == 0x3F
    assert cedt.restriction_bits((Restriction.TYPE3, Restriction.VOLATILE)) == 0x06
    assert cedt.restrictions_of(0x1E) == (
        Restriction.TYPE3,
        Restriction.VOLATILE,
        Restriction.PERSISTENT,
        Restriction.FIXED,
    )


def test_lapic_affinity_splits_the_domain():
    data = srat.encode_structure(srat.LapicAffinity(pxm=0x01020304, apic_id=9))
    assert len(data) == 16
    assert at(data, 0, "BBBBIB") == (0, 16, 4, 9, 1, 0)
    assert data[9:12] == bytes([3, 2, 1])


def test_x2apic_and_memory_affinity():
    data = srat.encode_structure(srat.X2ApicAffinity(pxm=5, apic_id=300, clock_domain=2))
    assert at(data, 0, "BBHIIIII") == (2, 24, 0, 5, 300, 1, 2, 0)
    data = srat.encode_structure(
        srat.MemoryAffinity(pxm=3, base=1 << 40, length=1 << 30, flags=srat.HOT_PLUGGABLE | 1)
    )
    assert len(data) == 40
    assert at(data, 0, "BBI") == (1, 40, 3)
    assert at(data, 8, "QQ") == (1 << 40, 1 << 30)
    assert at(data, 28, "I") == (3,)


def test_generic_port_as_recorded():
    entry = srat.GenericAffinity(
        type=srat.GENERIC_PORT, pxm=2, handle=srat.acpi_handle("ACPI0016", 12)
    )
    data = srat.encode_structure(entry)
    assert data.hex() == "062000000200000041435049303031360c000000000000000100000000000000"
    assert entry.uid == 12
    pci = srat.GenericAffinity(type=5, pxm=5, handle=srat.pci_handle(0, 0x3B00), handle_type=1)
    assert pci.uid is None
    assert srat.encode_structure(pci).hex() == (
        "05200001050000000000003b0000000000000000000000000100000000000000"
    )


def test_domains_of_revision_1_have_8_bits():
    entry = srat.MemoryAffinity(pxm=0x101, base=0, length=1)
    generic = srat.GenericAffinity(type=5, pxm=0x101, handle=bytes(16))
    old = srat.Srat(structures=(entry, generic), header=srat.Header(revision=1))
    assert (old.domain(entry), old.domain(generic)) == (1, 0x101)
    assert srat.Srat(structures=(entry,)).domain(entry) == 0x101


def test_srat_fixed_part():
    data = srat.encode_srat(srat.Srat())
    assert (data[:4], data[8]) == (b"SRAT", 3)
    assert at(data, 4, "I") == (48,)
    assert at(data, 36, "IQ") == (1, 0)


def test_slit_matrix():
    data = slit.encode_slit(slit.Slit(matrix=((10, 21), (31, 10))))
    assert at(data, 36, "Q") == (2,)
    assert data[44:] == bytes([10, 21, 31, 10])


def test_hmat_structures():
    data = hmat.encode_structure(hmat.DomainAttributes(memory_pxm=4, initiator_pxm=1, flags=1))
    assert len(data) == 40
    assert at(data, 0, "HHIHH") == (0, 0, 40, 1, 0)
    assert at(data, 12, "II") == (1, 4)
    data = hmat.encode_structure(
        hmat.Locality(
            data_type=hmat.DataType.WRITE_BANDWIDTH,
            base_unit=100,
            initiators=(0, 1),
            targets=(0, 1, 3),
            entries=(1, 2, 3, 4, 5, 6),
        )
    )
    assert at(data, 0, "HHIBBBBIIIQ") == (1, 0, 32 + 8 + 12 + 12, 0, 5, 0, 0, 2, 3, 0, 100)
    assert at(data, 32, "IIIII") == (0, 1, 0, 1, 3)
    assert at(data, 52, "6H") == (1, 2, 3, 4, 5, 6)
    cache = hmat.SideCache(memory_pxm=1, size=1 << 26, attributes=hmat.cache_attributes())
    data = hmat.encode_structure(cache)
    assert at(data, 0, "HHIIIQIHH") == (2, 0, 32, 1, 0, 1 << 26, 0x00401111, 0, 0)


def test_cdat_structures():
    data = cdat.encode_structure(cdat.Dsmas(handle=1, flags=4, base=1 << 30, length=1 << 32))
    assert at(data, 0, "BBHBBHQQ") == (0, 0, 24, 1, 4, 0, 1 << 30, 1 << 32)
    data = cdat.encode_structure(
        cdat.Dslbis(handle=1, data_type=2, base_unit=10000, entries=(25, 0, 0))
    )
    assert at(data, 0, "BBHBBBBQHHHH") == (1, 0, 24, 1, 0, 2, 0, 10000, 25, 0, 0, 0)
    data = cdat.encode_structure(cdat.Dsemts(handle=1, memory_type=2, dpa=0, length=1 << 32))
    assert at(data, 0, "BBHBBHQQ") == (4, 0, 24, 1, 2, 0, 0, 1 << 32)
    path = cdat.SwitchPath(port_x=cdat.UPSTREAM_PORT, port_y=2, value=80)
    data = cdat.encode_structure(cdat.Sslbis(data_type=0, base_unit=1000, paths=(path,)))
    assert at(data, 0, "BBHB") == (5, 0, 24, 0)
    assert at(data, 8, "QHHHH") == (1000, 0x0100, 2, 80, 0)


def test_short_known_structure_stays_raw_and_is_reported():
    entry = struct.pack("<BB", 1, 8) + bytes(6)
    data = b"SRAT" + struct.pack("<IB", 48 + 8, 3) + bytes(27) + struct.pack("<IQ", 1, 0) + entry
    table = srat.decode_srat(data)
    assert (table.structures[0].type, table.structures[0].body) == (1, bytes(6))
    assert any("needs 40" in w.reason for w in table.warnings)
