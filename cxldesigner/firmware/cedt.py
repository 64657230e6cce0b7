"""CEDT: host bridges and fixed memory windows (CXL 3.1 section 9.18.1).

Fields hold what the table holds, also when it makes no sense: ``eniw`` and ``hbig`` are the coded
interleave ways and granularity of A4 and A5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct

from cxldesigner.document.model import Restriction
from cxldesigner.firmware.table import (
    HEADER_BYTES,
    Header,
    Kind,
    Raw,
    TableWarning,
    decode_all,
    encode_all,
    open_table,
    seal,
)

_HEAD = Struct("<BxH")
_CHBS = Struct("<BxHIIIQQ")
_CFMWS = Struct("<BxH4xQQBBHIHH")
_CXIMS = Struct("<BxH2xBB")
_RDPAS = Struct("<BxHHHQ")
_CSDS = Struct("<BxHHH")

WAYS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 8: 3, 9: 6, 10: 12}
"""Coded interleave ways -> ways (A4)."""
ENIW = {ways: code for code, ways in WAYS.items()}
MAX_HBIG = 6
XOR = 1
"""Interleave arithmetic: modulo combined with XOR."""

CHBS_LENGTH = {0: 0x2000, 1: 0x10000}
"""Register block length by CXL version (A1)."""

RESTRICTION_BITS = {r: 1 << bit for bit, r in enumerate(Restriction)}


HEADER = Header(revision=1)
"""The header of tables written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chbs:
    """A CXL host bridge (type 0): ``version`` 0 = CXL 1.1, 1 = CXL 2.0 and later."""

    uid: int
    version: int
    base: int
    length: int
    reserved: int = 0
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cfmws:
    """A fixed memory window (type 1). ``targets`` are host bridge ``_UID``s, as many as written."""

    base: int
    size: int
    eniw: int
    hbig: int
    arithmetic: int = 0
    restrictions: int = 0
    qtg_id: int = 0
    targets: tuple[int, ...] = ()
    reserved: int = 0
    tail: bytes = b""
    offset: int = field(default=0, compare=False)

    @property
    def ways(self) -> int | None:
        """Interleave ways, None for an invalid code."""
        return WAYS.get(self.eniw)

    @property
    def granularity(self) -> int | None:
        """Granularity in bytes, None for an invalid code."""
        return 256 << self.hbig if self.hbig <= MAX_HBIG else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cxims:
    """XOR maps (type 2) for windows of granularity code ``hbig``."""

    hbig: int
    maps: tuple[int, ...]
    tail: bytes = b""
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rdpas:
    """RCEC downstream port association (type 3); ``rest`` is the protocol byte and padding.

    Lengths of 16, 17 and 20 are in use: the tables of specification and firmware disagree.
    """

    segment: int
    bdf: int
    base: int
    rest: bytes = b""
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Csds:
    """System description (type 4, CXL 3.1 section 9.18.1.6)."""

    capabilities: int
    reserved: int = 0
    offset: int = field(default=0, compare=False)


CedtStructure = Chbs | Cfmws | Cxims | Rdpas | Csds | Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Cedt:
    """A whole CEDT; structures in table order."""

    structures: tuple[CedtStructure, ...] = ()
    header: Header = HEADER
    warnings: tuple[TableWarning, ...] = field(default=(), compare=False)

    @property
    def windows(self) -> tuple[Cfmws, ...]:
        """The windows in table order: the k-th becomes ``decoder0.k``."""
        return tuple(s for s in self.structures if isinstance(s, Cfmws))

    @property
    def bridges(self) -> tuple[Chbs, ...]:
        """The host bridge structures in table order."""
        return tuple(s for s in self.structures if isinstance(s, Chbs))


def _chbs(data: bytes, offset: int) -> Chbs:
    _, _, uid, version, reserved, base, length = _CHBS.unpack_from(data)
    return Chbs(
        uid=uid, version=version, base=base, length=length, reserved=reserved, offset=offset
    )


def _cfmws(data: bytes, offset: int) -> Cfmws:
    _, _, base, size, eniw, arithmetic, reserved, hbig, restrictions, qtg = _CFMWS.unpack_from(data)
    count = (len(data) - _CFMWS.size) // 4
    return Cfmws(
        base=base,
        size=size,
        eniw=eniw,
        hbig=hbig,
        arithmetic=arithmetic,
        restrictions=restrictions,
        qtg_id=qtg,
        targets=Struct(f"<{count}I").unpack_from(data, _CFMWS.size),
        reserved=reserved,
        tail=data[_CFMWS.size + 4 * count :],
        offset=offset,
    )


def _cxims(data: bytes, offset: int) -> Cxims:
    _, _, hbig, stated = _CXIMS.unpack_from(data)
    count = min(stated, (len(data) - _CXIMS.size) // 8)
    maps = Struct(f"<{count}Q").unpack_from(data, _CXIMS.size)
    return Cxims(hbig=hbig, maps=maps, tail=data[_CXIMS.size + 8 * count :], offset=offset)


def _rdpas(data: bytes, offset: int) -> Rdpas:
    _, _, segment, bdf, base = _RDPAS.unpack_from(data)
    return Rdpas(segment=segment, bdf=bdf, base=base, rest=data[_RDPAS.size :], offset=offset)


def _csds(data: bytes, offset: int) -> Csds:
    _, _, capabilities, reserved = _CSDS.unpack_from(data)
    return Csds(capabilities=capabilities, reserved=reserved, offset=offset)


KINDS = {
    0: Kind(_CHBS.size, _chbs),
    1: Kind(_CFMWS.size, _cfmws, exact=False),
    2: Kind(_CXIMS.size, _cxims, exact=False),
    3: Kind(_RDPAS.size, _rdpas, exact=False),
    4: Kind(_CSDS.size, _csds),
}


def decode_cedt(data: bytes) -> Cedt:
    """Return the CEDT in ``data``; raises :class:`TableError` on bytes that are none."""
    header, data, warnings = open_table(b"CEDT", data)
    structures, odd = decode_all("CEDT", data, HEADER_BYTES, _HEAD, KINDS)
    return Cedt(structures=structures, header=header, warnings=(*warnings, *odd))


def encode_structure(item: CedtStructure) -> bytes:
    """Return the bytes of one structure."""
    match item:
        case Chbs():
            return _CHBS.pack(
                0, _CHBS.size, item.uid, item.version, item.reserved, item.base, item.length
            )
        case Cfmws():
            tail = Struct(f"<{len(item.targets)}I").pack(*item.targets) + item.tail
            return (
                _CFMWS.pack(
                    1,
                    _CFMWS.size + len(tail),
                    item.base,
                    item.size,
                    item.eniw,
                    item.arithmetic,
                    item.reserved,
                    item.hbig,
                    item.restrictions,
                    item.qtg_id,
                )
                + tail
            )
        case Cxims():
            tail = Struct(f"<{len(item.maps)}Q").pack(*item.maps) + item.tail
            return _CXIMS.pack(2, _CXIMS.size + len(tail), item.hbig, len(item.maps)) + tail
        case Rdpas():
            length = _RDPAS.size + len(item.rest)
            return _RDPAS.pack(3, length, item.segment, item.bdf, item.base) + item.rest
        case Csds():
            return _CSDS.pack(4, _CSDS.size, item.capabilities, item.reserved)
        case Raw():
            return _HEAD.pack(item.type, _HEAD.size + len(item.body)) + item.body


def encode_cedt(table: Cedt) -> bytes:
    """Return the bytes of a CEDT."""
    body, _ = encode_all(table.structures, encode_structure, HEADER_BYTES)
    return seal(b"CEDT", table.header, body)


def restriction_bits(restrictions: tuple[Restriction, ...]) -> int:
    """Return the window restriction field of A3."""
    return sum({RESTRICTION_BITS[r] for r in restrictions})


def restrictions_of(bits: int) -> tuple[Restriction, ...]:
    """Return the restrictions set in a window restriction field; unknown bits are dropped."""
    return tuple(r for r, bit in RESTRICTION_BITS.items() if bits & bit)


def xor_maps_needed(ways: int) -> int:
    """Return how many XOR maps a window needs (A6)."""
    power = ways // 3 if ways % 3 == 0 else ways
    return max(power.bit_length() - 1, 0)
