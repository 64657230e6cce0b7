"""Findings about windows and tables: one platform with, the nearest without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cxldesigner.document.model import GIB, MIB, Distance, Document, ImportedTable, Restriction
from cxldesigner.firmware.cedt import Chbs, Cxims, decode_cedt, encode_cedt
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.imported import digest

Pair = tuple[Document, Document]
CASES: dict[str, Callable[..., Pair]] = {}


def case(rule: str) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    def keep(make: Callable[..., Pair]) -> Callable[..., Pair]:
        CASES[rule] = make
        return make

    return keep


def with_window(platform, **fields) -> Document:
    made = platform()
    made.bridge("hb0")
    made.bridge("hb1")
    made.device("a", "hb0")
    made.device("b", "hb1")
    made.window("win0", fields.pop("targets", ("hb0",)), **fields)
    return made.document()


@case("CXL-V001")
def _base(platform) -> Pair:
    return (
        with_window(platform, base=64 * GIB + 128 * MIB),
        with_window(platform, base=64 * GIB + 256 * MIB),
    )


@case("CXL-V002")
def _size(platform) -> Pair:
    return with_window(platform, size_bytes=GIB + MIB), with_window(platform, size_bytes=GIB)


@case("CXL-V003")
def _arithmetic(platform) -> Pair:
    return with_window(platform, arithmetic=2), with_window(platform, arithmetic=1)


@case("CXL-V004")
def _ways_code(platform) -> Pair:
    two = ("hb0", "hb1")
    return with_window(platform, targets=two, ways=5), with_window(platform, targets=two, ways=2)


@case("CXL-V005")
def _targets(platform) -> Pair:
    two = ("hb0", "hb1")
    return with_window(platform, targets=two, ways=4), with_window(platform, targets=two, ways=1)


@case("CXL-V006")
def _granularity(platform) -> Pair:
    return with_window(platform, granularity=32768), with_window(platform, granularity=16384)


@case("CXL-V007")
def _xor(platform) -> Pair:
    two = ("hb0", "hb1")
    return (
        replace_cedt(with_window(platform, targets=two, arithmetic=1)),
        with_window(platform, arithmetic=1),
    )


def replace_cedt(document: Document) -> Document:
    """Return the document with an imported CEDT that has no CXIMS."""

    raw = compile_document(document).tables["CEDT"]
    table = decode_cedt(raw)
    kept = tuple(s for s in table.structures if not isinstance(s, Cxims))
    bare = encode_cedt(replace(table, structures=kept))
    imported = ImportedTable(signature="CEDT", raw=bare, generated_sha256=digest(raw))
    return replace(document, tables=(imported,))


@case("CXL-V008")
def _no_bridge(platform) -> Pair:
    made = platform()
    made.bridge("hb0", chbs=False)
    made.device("a", "hb0")
    made.window("win0", ("hb0",))
    return made.document(), with_window(platform)


@case("CXL-V009")
def _overlap(platform) -> Pair:
    def two(second: int) -> Document:
        made = platform()
        made.bridge("hb0")
        made.device("a", "hb0")
        made.window("win0", ("hb0",), base=64 * GIB, size_bytes=2 * GIB)
        made.window("win1", ("hb0",), base=second, size_bytes=2 * GIB)
        return made.document()

    return two(65 * GIB), two(66 * GIB)


@case("CXL-V010")
def _twice(platform) -> Pair:
    return (
        with_window(platform, targets=("hb0", "hb0")),
        with_window(platform, targets=("hb0", "hb1")),
    )


@case("CXL-V011")
def _versions(platform) -> Pair:
    def mixed(version: int) -> Document:
        made = platform()
        made.bridge("hb0")
        made.bridge("hb1", cxl_version=version)
        return made.document()

    return mixed(0), mixed(1)


@case("CXL-V012")
def _chbs_length(platform) -> Pair:

    made = platform()
    made.bridge("hb0", cxl_version=0)
    document = made.document()
    raw = compile_document(document).tables["CEDT"]
    table = decode_cedt(raw)
    longer = tuple(
        replace(s, length=64 << 10) if isinstance(s, Chbs) else s for s in table.structures
    )
    wrong = encode_cedt(replace(table, structures=longer))
    imported = ImportedTable(signature="CEDT", raw=wrong, generated_sha256=digest(raw))
    return replace(document, tables=(imported,)), document


@case("CXL-V013")
def _nothing_fits(platform) -> Pair:
    only = (Restriction.TYPE3, Restriction.PERSISTENT)
    return (
        with_window(platform, restrictions=only),
        with_window(platform, restrictions=(Restriction.TYPE3, Restriction.VOLATILE)),
    )


@case("CXL-V014")
def _nearer(platform) -> Pair:

    def far(value: int) -> Document:
        made = platform(sockets=2)
        made.bridge("hb0")
        made.device("a", "hb0")
        made.window("win0", ("hb0",))
        return made.document(distances=(Distance(a="cpu0", b="cpu1", value=value),))

    return far(21), far(20)


@case("CXL-V015")
def _nodes(platform) -> Pair:
    def many(count: int) -> Document:
        made = platform()
        made.bridge("hb0")
        made.device("a", "hb0")
        for number in range(count):
            made.window(f"win{number}", ("hb0",), size_bytes=256 * MIB)
        return made.document()

    return many(64), many(63)


@case("CXL-V016")
def _no_srat(platform) -> Pair:
    made = platform(sockets=2)
    return made.document(srat=False), made.document()


@case("CXL-V017")
def _slit(platform) -> Pair:

    made = platform(sockets=2)
    return (
        made.document(distances=(Distance(a="cpu0", b="cpu1", value=10),)),
        made.document(distances=(Distance(a="cpu0", b="cpu1", value=11),)),
    )


@case("CXL-V018")
def _over_dram(platform) -> Pair:
    return (
        with_window(platform, base=4 * GIB, size_bytes=2 * GIB),
        with_window(platform, base=8 * GIB, size_bytes=2 * GIB),
    )


@case("P1")
def _guest(platform) -> Pair:
    made = platform()
    made.bridge("x")
    made.device("a", "x")
    made.window("win", ("x",))
    return made.document(virtual_machine=True), made.document()


@case("P8")
def _only_together(platform) -> Pair:
    two = ("hb0", "hb1")
    made = platform()
    for bridge, device in (("hb0", "a"), ("hb1", "b")):
        made.bridge(bridge)
        made.device(device, bridge)
    made.window("win0", two)
    alone = made.document()
    made.window("win1", ("hb0",))
    made.window("win2", ("hb1",))
    return alone, made.document()


@case("P9")
def _merged(platform) -> Pair:
    return with_window(platform, srat_pxm=0), with_window(platform, srat_pxm=1)


@case("P19")
def _no_window(platform) -> Pair:
    made = platform()
    made.bridge("x")
    made.bridge("y")
    made.device("a", "x")
    made.device("b", "y")
    made.window("win", ("x",))
    without = made.document()
    made.window("win2", ("y",))
    return without, made.document()


@case("P22")
def _small_window(platform) -> Pair:
    return with_window(platform, size_bytes=512 * MIB), with_window(platform, size_bytes=GIB)


@pytest.mark.parametrize("rule", sorted(CASES))
def test_rule_fires_and_its_near_miss_is_silent(rule: str, platform, check_rule) -> None:
    check_rule(rule, *CASES[rule](platform))
