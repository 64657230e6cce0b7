"""Quantities as people type them: what is read, what is written, what is said about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document import units as u

PARSERS = (
    u.parse_size,
    u.parse_address,
    u.parse_integer,
    u.parse_number,
    u.parse_latency,
    u.parse_bandwidth,
    u.parse_time,
    u.parse_speed,
    u.parse_width,
    u.parse_link,
)
unsigned = st.integers(0, u.UNSIGNED_64)


@given(unsigned | st.integers(0, 4096).flatmap(lambda n: st.just(n << 30)))
def test_sizes_and_addresses_round_trip(value: int) -> None:
    assert u.parse_size(u.format_size(value)) == value
    assert u.parse_address(u.format_address(value)) == value


@given(st.integers(0, 1 << 40))
def test_figures_round_trip(value: int) -> None:
    assert u.parse_latency(u.format_latency(value)) == value
    assert u.parse_bandwidth(u.format_bandwidth(value)) == value
    assert u.parse_time(u.format_time(value)) == value
    assert u.parse_integer(str(value)) == u.parse_integer(hex(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_round_trip(value: float) -> None:
    assert u.parse_number(u.format_number(value)) == value


@given(st.none() | st.sampled_from(u.LINK_SPEEDS), st.none() | st.sampled_from(u.LINK_WIDTHS))
def test_links_round_trip(speed: float | None, width: int | None) -> None:
    assert u.parse_link(u.format_link(speed, width)) == (speed, width)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("256 GiB", 256 << 30),
        ("256gib", 256 << 30),
        ("256G", 256 << 30),
        (" 1.5 TiB ", 3 << 39),
        ("512M", 512 << 20),
        ("512 Mi", 512 << 20),
        ("4096", 4096),
        ("4_096 bytes", 4096),
        ("0.5K", 512),
        ("0x1000", 4096),
        ("16EiB", None),
        ("15.5EiB", 31 << 59),
    ],
)
def test_sizes(text: str, value: int | None) -> None:
    if value is None:
        with pytest.raises(u.BadQuantity, match="64 bits"):
            u.parse_size(text)
    else:
        assert u.parse_size(text) == value


def test_sizes_are_written_as_people_say_them() -> None:
    shown = {n: u.format_size(n) for n in (0, 1000, 1 << 10, 3 << 39, 5 << 28, 256 << 30, 1 << 60)}
    assert list(shown.values()) == [
        "0 B", "1000 B", "1 KiB", "1.5 TiB", "1.25 GiB", "256 GiB", "1 EiB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("32 GT/s x8", (32.0, 8)),
        ("32GT/s×8", (32.0, 8)),
        ("32 x8", (32.0, 8)),
        ("2.5 gt/s x16", (2.5, 16)),
        ("gen5 x4", (32.0, 4)),
        ("PCIe 6.0 x8", (64.0, 8)),
        ("x8", (None, 8)),
        ("16 GT/s", (16.0, None)),
        ("auto", (None, None)),
    ],
)
def test_links(text: str, value: tuple[float | None, int | None]) -> None:
    assert u.parse_link(text) == value


def test_figures() -> None:
    assert u.parse_latency("230") == u.parse_latency("230 ns") == u.parse_latency("0.23 µs") == 230
    assert u.parse_bandwidth("28.5 GB/s") == u.parse_bandwidth("28500 MB/s") == 28500
    assert u.parse_latency(" ") == u.parse_bandwidth("") == 0
    assert u.parse_time("1.5 min") == 90_000
    assert u.parse_width("x8") == u.parse_width("8") == 8


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        (u.parse_size, "12 GB", "GiB instead of GB"),
        (u.parse_size, "0.3 B", "whole number of bytes"),
        (u.parse_size, "-1", "256 GiB"),
        (u.parse_size, "", "256 GiB"),
        (u.parse_size, "٣ GiB", "256 GiB"),
        (u.parse_size, "1e9", "256 GiB"),
        (u.parse_address, "zero", "0x1080000000"),
        (u.parse_address, "1" + "0" * 30, "64 bits"),
        (u.parse_link, "33 GT/s x8", "2.5, 5, 8, 16, 32"),
        (u.parse_link, "32 GT/s x7", "x1, x2, x4"),
        (u.parse_link, "fast", "GT/s"),
        (u.parse_latency, "0.5 ns", "whole nanoseconds"),
        (u.parse_latency, "5 s", "230 ns"),
        (u.parse_bandwidth, "12 GiB/s", "28 GB/s"),
        (u.parse_number, "nan", "number such as"),
        (u.parse_number, "inf", "number such as"),
        (u.parse_integer, "3.5", "whole number"),
        (u.parse_time, "soon", "1.5 min"),
    ],
)
def test_errors_say_what_is_accepted(parse: object, text: str, said: str) -> None:
    with pytest.raises(u.BadQuantity) as caught:
        parse(text)  # type: ignore[operator]
    assert said in str(caught.value)
    assert text in str(caught.value)


@given(st.text() | st.from_regex(r"[0-9x._ ]+[a-zA-Z/ ]*"))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    codes = set()
    for parse in PARSERS:
        try:
            parse(text)
        except u.BadQuantity as error:
            codes.add(error.code)
    assert codes <= u.ACCEPTED.keys()
