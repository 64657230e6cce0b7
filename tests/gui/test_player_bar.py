from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox
from pytestqt.qtbot import QtBot

from cxldesigner.gui.player.bar import TransportBar
from cxldesigner.gui.player.controller import PlayerController, PlayState
from cxldesigner.gui.player.movement import movement_of
from cxldesigner.gui.session import Session
from tests.gui import recordings
from tests.gui.fakerun import FakeRun


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[PlayerController]:
    FakeRun.made.clear()
    player = PlayerController(Session(recordings.two_tiers()), start_run=FakeRun)
    yield player
    player.shutdown()


@pytest.fixture
def bar(player: PlayerController, qtbot: QtBot) -> TransportBar:
    bar = TransportBar(player)
    qtbot.addWidget(bar)
    bar.resize(1000, 44)
    bar.show()
    return bar


@pytest.fixture
def opened(player: PlayerController, bar: TransportBar, tmp_path: Path) -> TransportBar:
    player.open(recordings.write(tmp_path / "a.cxlrec", ticks=120))
    return bar


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_recording_only_running_is_offered(bar: TransportBar) -> None:
    enabled = {
        name
        for name in ("home", "back", "play", "forward", "end", "stop", "run")
        if getattr(bar, f"{name}_button").isEnabled()
    }

    assert enabled == {"play", "run"}
    assert bar.scenarios.currentText() == "Story"
    assert not bar.live_badge.isVisible()
    assert bar.time_label.text() == ""


def test_buttons_drive_the_player(
    opened: TransportBar, player: PlayerController, qtbot: QtBot
) -> None:
    click(qtbot, opened.end_button)
    assert player.tick == 119
    click(qtbot, opened.back_button)
    assert player.tick == 118
    click(qtbot, opened.forward_button)
    assert player.tick == 119
    click(qtbot, opened.home_button)
    click(qtbot, opened.play_button)
    assert player.state is PlayState.PLAYING
    assert opened.play_button.accessibleName() == "Pause (F5)"
    click(qtbot, opened.stop_button)
    assert (player.state, player.tick) == (PlayState.PAUSED, 0)


def test_time_label_says_where_we_are(opened: TransportBar, player: PlayerController) -> None:
    player.seek(37.0)

    assert opened.time_label.text() == "3.7 s / 12 s"


def test_scrubbing_by_mouse_and_keys(
    opened: TransportBar, player: PlayerController, qtbot: QtBot
) -> None:
    line = opened.timeline
    y = line.height() // 2

    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 2, y))
    assert player.tick == pytest.approx(59, abs=1)
    qtbot.mouseMove(line, QPoint(line.width() + 50, y))
    assert player.tick == 119
    qtbot.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width(), y))
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Left)
    assert player.tick == 118
    qtbot.keyClick(line, Qt.Key.Key_Home)
    assert player.tick == 0


def test_keys_of_the_bar(opened: TransportBar, player: PlayerController, qtbot: QtBot) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_Period)
    qtbot.keyClick(opened, Qt.Key.Key_Period)
    qtbot.keyClick(opened, Qt.Key.Key_Comma)
    assert player.tick == 1
    qtbot.keyClick(opened, Qt.Key.Key_Space)
    assert player.state is PlayState.PLAYING


def test_events_and_movement_are_marked(opened: TransportBar, player: PlayerController) -> None:
    line = opened.timeline
    reader = player.reader
    assert reader is not None

    near = line.events_at(line._x(40))
    movement = movement_of(reader)

    assert [event.text for event in near] == ["scan starts"]
    assert max(movement.demoted) == 1.0
    assert movement.promoted[0] == 0.0


def test_preparing_shows_progress_and_can_be_cancelled(
    bar: TransportBar, player: PlayerController, qtbot: QtBot
) -> None:
    click(qtbot, bar.run_button)
    assert bar.cancel_button.isVisible()
    assert bar.live_badge.isVisible()

    click(qtbot, bar.cancel_button)

    assert player.state is PlayState.EMPTY
    assert not bar.cancel_button.isVisible()


def test_live_timeline_spans_the_whole_run_and_reaches_what_is_there(
    bar: TransportBar, player: PlayerController, qtbot: QtBot
) -> None:
    player.run()
    FakeRun.made[0].make(40)
    player.advance(33)
    line = bar.timeline

    assert line.maximum() == 99
    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() - 10, 10))
    assert player.tick == 39


def test_speed_reaches_the_player(bar: TransportBar, player: PlayerController) -> None:
    bar.speeds.setCurrentIndex(bar.speeds.findText("max"))
    bar.speeds.activated.emit(bar.speeds.currentIndex())

    assert player.speed == 0.0


def test_everything_has_a_name(bar: TransportBar) -> None:
    for kind in (QAbstractButton, QComboBox):
        for widget in bar.findChildren(kind):
            assert widget.accessibleName() or widget.text(), widget
    assert bar.timeline.accessibleName()
