from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.linux.watermarks import (
    automatic_min_kbytes,
    free_buffer_pages,
    lowmem_reserves,
    recommended_min_kbytes,
    zone_marks,
)
from cxldesigner.linux.zonelist import build_lists


def test_marks_of_a_recorded_machine_after_its_second_block() -> None:
    zones = {"DMA": 3840, "DMA32": 98287, "Normal": 65536}
    high = {"DMA": 30, "DMA32": 799, "Normal": 265}
    buffer = free_buffer_pages((zones[z], high[z]) for z in zones)
    kbytes = automatic_min_kbytes(buffer)
    marks = {z: zone_marks(m, False, kbytes // 4, sum(zones.values())) for z, m in zones.items()}
    assert [(m.min, m.low, m.high) for m in marks.values()] == [
        (18, 22, 26),
        (478, 597, 716),
        (318, 397, 476),
    ]


def test_movable_minimum_is_clamped_and_its_step_still_follows_its_share() -> None:
    marks = zone_marks(163840, True, 685, 118703)
    assert (marks.min, marks.low, marks.high, marks.promo) == (128, 364, 600, 836)
    assert zone_marks(1024, True, 685, 118703).min == 32


def test_automatic_minimum_stays_between_its_bounds() -> None:
    assert automatic_min_kbytes(0) == 128
    assert automatic_min_kbytes(1 << 40) == 262144


def test_huge_pages_ask_for_eleven_blocks_a_zone_but_at_most_five_percent() -> None:
    assert recommended_min_kbytes(4, 10**7) == 512 * 4 * 11 * 4
    assert recommended_min_kbytes(4, 1000) == 200


def test_reserves_count_the_zones_above_on_the_same_node() -> None:
    found = lowmem_reserves((3840, 256000, 512000, 0))
    assert found["DMA"] == (0, 256000 // 256, 768000 // 256, 0)
    assert found["DMA32"] == (0, 0, 512000 // 256, 0)
    assert found["Normal"] == (0, 0, 0, 0)
    assert lowmem_reserves((0, 0, 3200, 6400))["Normal"] == (0, 0, 0, 200)


@given(st.integers(0, 1 << 30), st.integers(0, 1 << 16), st.integers(1, 1 << 31))
def test_marks_rise_from_min_to_promo(managed: int, pages_min: int, lowmem: int) -> None:
    for movable in (False, True):
        marks = zone_marks(managed, movable, pages_min, lowmem)
        assert marks.min <= marks.low <= marks.high <= marks.promo
        assert marks.high - marks.low == marks.low - marks.min


def test_equal_nodes_are_rotated_between_lists() -> None:
    def distance(a: int, b: int) -> int:
        return 10 if a == b else 20

    lists, _ = build_lists(range(4), {0, 1, 2, 3}, {0}, distance)
    assert lists == {0: (0, 1, 2, 3), 1: (1, 2, 3, 0), 2: (2, 3, 1, 0), 3: (3, 1, 2, 0)}


@given(st.sets(st.integers(0, 12), min_size=1), st.data())
def test_every_list_holds_every_memory_node_once_nearest_first(memory: set[int], data) -> None:
    table: dict[tuple[int, int], int] = {}

    def distance(a: int, b: int) -> int:
        if a == b:
            return 10
        key = (min(a, b), max(a, b))
        if key not in table:
            table[key] = data.draw(st.sampled_from([12, 20, 21, 40]))
        return table[key]

    lists, _ = build_lists(range(13), memory, set(), distance)
    for node, order in lists.items():
        assert sorted(order) == sorted(memory)
        if node in memory:
            assert order[0] == node
        far = [distance(node, n) for n in order]
        assert all(a <= b + 1 for a, b in pairwise(far))
