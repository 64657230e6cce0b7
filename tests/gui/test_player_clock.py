from __future__ import annotations

import pytest

from cxldesigner.gui.player import clock


def test_one_real_second_at_double_speed_is_two_simulated_ones() -> None:
    assert clock.advance(10.0, 1000, 2.0, 100, 600) == pytest.approx(30.0)


def test_playhead_stops_at_the_last_row() -> None:
    assert clock.advance(590.0, 5000, 16.0, 100, 600) == 599.0


def test_fastest_shows_any_recording_in_five_seconds() -> None:
    assert clock.advance(0.0, 2500, 0.0, 100, 1_000_000) == pytest.approx(500_000)


def test_fastest_still_shows_thirty_rows_a_second_of_a_short_recording() -> None:
    assert clock.advance(0.0, 100, 0.0, 100, 20) == pytest.approx(3.0)


def test_following_playhead_moves_between_commits_and_is_taken_along() -> None:
    lag = clock.FOLLOW_LAG_MS * 4 / 100

    assert clock.follow(95.0, 4.0, 100, 101) == 95.0
    assert clock.follow(10.0, 4.0, 100, 101) == 100 - lag
    assert clock.follow(500.0, 4.0, 100, 101) == 100.0


@pytest.mark.parametrize(
    ("start", "by", "end"),
    [(5.0, 1, 6.0), (5.5, 1, 6.0), (5.5, -1, 5.0), (0.0, -1, 0.0), (9.0, 1, 9.0)],
)
def test_steps_go_to_whole_ticks(start: float, by: int, end: float) -> None:
    assert clock.step(start, by, 10) == end


def test_tick_at_a_time_is_the_nearest() -> None:
    assert clock.tick_at(1.26, 100, 600) == 13
    assert clock.tick_at(1e9, 100, 600) == 599
    assert clock.tick_at(3.0, 100, 0) == 0
