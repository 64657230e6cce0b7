"""CPU time of what the charts do while a recording plays: measured, with the limit of issue F17."""

from __future__ import annotations

import random
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


def repainted(step: Callable[[], object]) -> Callable[[], None]:
    """Return a step with the repaint it asks for."""

    def run() -> None:
        step()
        QApplication.processEvents()

    return run


def test_scrub_step_of_a_ten_minute_recording(player, qtbot, figures, cpu_ms) -> None:
    panel = shown(player, qtbot, 1000, 700)
    bar = TransportBar(player)
    qtbot.addWidget(bar)
    bar.show()
    chance = random.Random(1)
    scrub = repainted(lambda: player.seek(chance.randrange(TEN_MINUTES)))
    cpu_ms(scrub, 20)

    taken = cpu_ms(scrub, 200)

    figures.tell("scrub of ten minutes, median", np.median(taken))
    figures.limit("scrub of ten minutes, p95", np.percentile(taken, 95), SCRUB_LIMIT_MS)
    assert panel.board is not None
    assert panel.board.ruler._playhead * 10 == player.tick


def test_frame_while_playing_is_cheaper_than_drawing_the_charts(
    player, qtbot, figures, cpu_ms
) -> None:
    panel = shown(player, qtbot, 1350, 2300)
    board = panel.board
    assert board is not None
    assert sum(not c.visibleRegion().isEmpty() for c in board.cards.values()) == CHARTS

    def redraw() -> None:
        board._on_span_changed()
        board.complete()

    drawn = np.median(cpu_ms(repainted(redraw), 20))
    board._frame.stop()
    player.play()
    played = np.median(cpu_ms(repainted(lambda: player.advance(33)), 100))
    assert player.tick > 100

    figures.tell("12 charts, drawn", drawn)
    figures.tell("12 charts, a frame while playing", played)
    figures.limit("12 charts, playing over drawing", played / drawn, 0.5, "×")
