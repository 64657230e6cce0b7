"""When ticks are due."""

from cxldesigner.runner.pacing import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_without_a_speed_nothing_waits() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    for _ in range(3):
        pace.ticked()
        assert pace.wait() == 0


def test_ticks_come_at_the_speed_asked_for() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    pace.set_speed(2)
    pace.ticked()
    assert round(pace.wait(), 6) == 0.05
    clock.now += 0.02
    assert round(pace.wait(), 6) == 0.03
    clock.now += 0.04  # 10 ms late
    assert pace.wait() == 0
    pace.ticked()
    assert round(pace.wait(), 6) == 0.04, "a little late is made up"


def test_much_time_lost_is_lost() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    pace.set_speed(1)
    pace.ticked()
    clock.now += 10
    pace.ticked()
    assert pace.wait() == 0
    pace.ticked()
    assert round(pace.wait(), 6) == 0.1


def test_a_new_speed_and_a_pause_start_afresh() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    pace.set_speed(0.01)
    pace.ticked()
    assert round(pace.wait(), 6) == 10
    pace.set_speed(1)
    assert pace.wait() == 0
    pace.ticked()
    pace.restart()
    assert pace.wait() == 0
