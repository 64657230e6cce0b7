from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.gui.charts.quantity import (
    Quantity,
    axis_ticks,
    ceiling,
    scale,
    text,
    time_text,
    time_ticks,
)

GIB = float(1 << 30)


@pytest.mark.parametrize(
    ("quantity", "value", "shown"),
    [
        (Quantity.BYTES, 0.0, "0 B"),
        (Quantity.BYTES, 1.5 * GIB, "1.5 GiB"),
        (Quantity.BYTES, 1023.0, "1023 B"),
        (Quantity.BYTES, 4096.0, "4 KiB"),
        (Quantity.MBPS, 950.0, "950 MB/s"),
        (Quantity.MBPS, 12_345.0, "12.3 GB/s"),
        (Quantity.NANOSECONDS, 96.04, "96 ns"),
        (Quantity.NANOSECONDS, 2500.0, "2.5 µs"),
        (Quantity.SHARE, 0.123, "12.3 %"),
        (Quantity.SHARE, 1.0, "100 %"),
        (Quantity.PAGES_PER_SECOND, 0.0, "0/s"),
        (Quantity.PAGES_PER_SECOND, 13_500.0, "13.5 k/s"),
        (Quantity.PER_SECOND, 2_000_000.0, "2 M/s"),
        (Quantity.BYTES, math.nan, "–"),
    ],
)
def test_values_are_read_with_their_unit(quantity: Quantity, value: float, shown: str) -> None:
    assert text(quantity, value) == shown


def test_pages_become_bytes_and_pages_per_tick_pages_per_second() -> None:
    assert scale(Quantity.BYTES, 100) == 4096
    assert scale(Quantity.PAGES_PER_SECOND, 100) == 10
    assert scale(Quantity.NANOSECONDS, 100) == 1


def test_axis_of_bytes_counts_in_powers_of_two_of_one_unit() -> None:
    step, labels = axis_ticks(Quantity.BYTES, 0.0, 4.1 * GIB, 4)

    assert step == 2 * GIB
    assert labels == [(0.0, "0"), (2 * GIB, "2 GiB"), (4 * GIB, "4 GiB")]


def test_mirrored_axis_labels_both_sides_by_amount() -> None:
    _, labels = axis_ticks(Quantity.MBPS, -10_000.0, 20_000.0, 4)

    assert [label for _, label in labels] == ["10 GB/s", "0", "10 GB/s", "20 GB/s"]


@given(
    st.sampled_from(Quantity),
    st.floats(1e-3, 1e15, allow_nan=False),
    st.integers(1, 12),
)
def test_axis_has_few_even_ticks_inside_it(quantity: Quantity, high: float, most: int) -> None:
    step, labels = axis_ticks(quantity, 0.0, high, most)

    positions = [at for at, _ in labels]
    assert len(labels) <= most + 1
    assert all(0 <= at <= high * (1 + 1e-9) for at in positions)
    assert all(b - a == pytest.approx(step) for a, b in pairwise(positions))


@given(st.sampled_from(Quantity), st.floats(1e-3, 1e15, allow_nan=False))
def test_end_of_an_axis_has_room_but_not_twice_as_much(quantity: Quantity, value: float) -> None:
    end = ceiling(quantity, value)

    assert value < end <= value * 1.4


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_axis_without_values_is_still_an_axis(value: float) -> None:
    assert ceiling(Quantity.MBPS, value) == 1.0
    assert axis_ticks(Quantity.MBPS, 0.0, value, 4)[1] == [(0.0, "0")]


def test_times_are_labelled_as_people_count() -> None:
    assert [label for _, label in time_ticks(0.0, 60.0, 6)] == [
        "0 s", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s",
    ]  # fmt: skip
    assert [label for _, label in time_ticks(12.0, 12.4, 4)] == [
        "12.0 s", "12.1 s", "12.2 s", "12.3 s", "12.4 s",
    ]  # fmt: skip
    assert [label for _, label in time_ticks(0.0, 1200.0, 4)] == [
        "0 s",
        "5:00",
        "10:00",
        "15:00",
        "20:00",
    ]
    assert time_text(12.34) == "12.3 s"
    assert time_text(125.04) == "2:05.0"
