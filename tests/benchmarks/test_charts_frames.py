"""CPU time of what the charts do while a recording plays: measured, with the limit of issue F17."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cxldesigner.gui.charts.panel import ChartsPanel
from cxldesigner.gui.player.bar import TransportBar
from cxldesigner.gui.player.controller import PlayerController
from cxldesigner.gui.session import Session
from tests.gui import recordings

pytestmark = pytest.mark.bench

TEN_MINUTES = 6000
SCRUB_LIMIT_MS = 16.0
CHARTS = 12


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recordings.write(tmp_path_factory.mktemp("bench") / "long.cxlrec", ticks=TEN_MINUTES)


@pytest.fixture
def player(qtbot: QtBot, recording: Path) -> Iterator[PlayerController]:
    player = PlayerController(Session(recordings.two_tiers()))
    player.open(recording)
    yield player
    player.shutdown()


def shown(player: PlayerController, qtbot: QtBot, width: int, height: int) -> ChartsPanel:
    panel = ChartsPanel(player)
    qtbot.addWidget(panel)
    panel.load()
    assert panel.board is not None
    for at, spec in enumerate(panel.board.list.specs):
        panel.board.list.set_shown(spec.id, shown=at < CHARTS)
    panel.resize(width, height)
    panel.show()
    QApplication.processEvents()
    panel.board.complete()
    QApplication.processEvents()
    return panel


def cpu_ms(step: Callable[[], None], times: int) -> np.ndarray:
    """Return the processor time of each call and the repaint it asks for."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        step()
        QApplication.processEvents()
        taken.append((time.process_time() - begun) * 1000)
    return np.array(taken)


def report(name: str, taken: np.ndarray) -> None:
    p95 = np.percentile(taken, 95)
    print(f"\n{name}: median {np.median(taken):.1f} ms, p95 {p95:.1f} ms")  # noqa: T201


def test_scrub_step_of_a_ten_minute_recording(player: PlayerController, qtbot: QtBot) -> None:
    panel = shown(player, qtbot, 1000, 700)
    bar = TransportBar(player)
    qtbot.addWidget(bar)
    bar.show()
    chance = random.Random(1)
    cpu_ms(lambda: player.seek(chance.randrange(TEN_MINUTES)), 20)

    taken = cpu_ms(lambda: player.seek(chance.randrange(TEN_MINUTES)), 200)

    report("scrub", taken)
    assert panel.board is not None
    assert panel.board.ruler._playhead * 10 == player.tick
    assert np.percentile(taken, 95) <= SCRUB_LIMIT_MS


def test_frame_while_playing_is_cheaper_than_drawing_the_charts(
    player: PlayerController, qtbot: QtBot
) -> None:
    panel = shown(player, qtbot, 1350, 2300)
    board = panel.board
    assert board is not None
    assert sum(not c.visibleRegion().isEmpty() for c in board.cards.values()) == CHARTS

    def redraw() -> None:
        board._on_span_changed()
        board.complete()

    drawn = cpu_ms(redraw, 20)
    board._frame.stop()
    player.play()
    played = cpu_ms(lambda: player.advance(33), 100)
    assert player.tick > 100

    report("draw 12 charts", drawn)
    report("play frame of 12 charts", played)
    assert np.median(played) < np.median(drawn) / 2
