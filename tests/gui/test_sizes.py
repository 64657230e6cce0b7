"""Sizes at a glance."""

from __future__ import annotations

import pytest

from cxldesigner.document.model import GIB
from cxldesigner.gui.sizes import rough_size, short_size


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (67_535_634_432, "62.9 GiB"),
        (128 * GIB, "128 GiB"),
        (GIB - 1, "1024 MiB"),
        (100 * GIB + 3 * GIB // 10, "100 GiB"),
        (3 << 61, "6 EiB"),
    ],
)
def test_short_sizes_have_one_decimal_at_most(size: int, words: str) -> None:
    assert short_size(size) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(256 * GIB, "256 GiB"), ((1 << 40) + 12345 * 4096, "≈ 1 TiB"), (1 << 20, "1 MiB")],
)
def test_rounded_sizes_say_so(size: int, words: str) -> None:
    assert rough_size(size) == words
