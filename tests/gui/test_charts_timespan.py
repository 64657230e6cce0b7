from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cxldesigner.gui.charts.timespan import TimeSpan


@pytest.fixture
def span(qtbot: QtBot) -> TimeSpan:
    span = TimeSpan()
    span.set_limit(60.0, 0.1)
    return span


def shown(span: TimeSpan) -> tuple[float, float]:
    return round(span.start, 6), round(span.end, 6)


def test_whole_recording_is_shown_and_stays_so_while_it_grows(span: TimeSpan) -> None:
    assert shown(span) == (0, 60)
    span.set_limit(90.0, 0.1)
    assert shown(span) == (0, 90)


def test_zoom_keeps_the_second_under_the_mouse(span: TimeSpan) -> None:
    span.zoom(0.5, 20.0)

    assert shown(span) == (10, 40)
    assert not span.fitted
    span.set_limit(90.0, 0.1)
    assert shown(span) == (10, 40)


def test_zoom_has_limits_on_both_sides(span: TimeSpan) -> None:
    span.zoom(1e-9, 20.0)
    assert span.length == pytest.approx(0.8)
    span.zoom(1e9, 20.0)
    assert shown(span) == (0, 60)
    assert span.fitted


def test_panning_stops_at_the_ends(span: TimeSpan) -> None:
    span.show(10.0, 30.0)
    span.pan(100.0)
    assert shown(span) == (40, 60)
    span.pan(-100.0)
    assert shown(span) == (0, 20)


def test_reveal_turns_the_page_only_when_needed(span: TimeSpan) -> None:
    span.show(10.0, 20.0)
    span.reveal(15.0)
    assert shown(span) == (10, 20)
    span.reveal(20.5)
    assert shown(span) == (19.5, 29.5)
    span.reveal(5.0)
    assert shown(span) == (0, 10)


def test_change_is_told_once_and_only_if_there_is_one(span: TimeSpan, qtbot: QtBot) -> None:
    told: list[bool] = []
    span.changed.connect(lambda: told.append(True))

    span.fit()
    span.show(1.0, 2.0)
    span.show(1.0, 2.0)

    assert len(told) == 1
