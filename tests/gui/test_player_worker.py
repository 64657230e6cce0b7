"""The player with a real engine in a process of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cxldesigner.document.edits import set_scenario
from cxldesigner.document.model import MIB, Phase, Process, Scenario
from cxldesigner.gui.player.controller import PlayerController, PlayState
from cxldesigner.gui.session import Mode, Session
from tests.build import platform

PHASE = Phase(workload="uniform", duration_ms=3_000, bytes=64 * MIB)
SHORT = Scenario(
    id="short", duration_ms=3_000, granule_pages=64, processes=(Process(id="app", phases=(PHASE,)),)
)


@pytest.fixture(autouse=True)
def kernel_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled page kernels are kept between tests, unlike the user's other folders."""
    kept = os.environ.get("NUMBA_CACHE_DIR") or str(Path(sys.prefix) / "kernels")
    monkeypatch.setenv("NUMBA_CACHE_DIR", kept)


def test_a_scenario_runs_live_ends_and_leaves_nothing(qtbot: QtBot) -> None:
    session = Session(set_scenario(platform(devices=1), SHORT))
    player = PlayerController(session)
    told: list[tuple[str, str]] = []
    player.failed.connect(lambda code, text: told.append((code, text)))
    player.set_speed(0.0)

    assert player.run("short")
    assert player.state is PlayState.PREPARING
    pid = player._live.handle.pid
    qtbot.waitUntil(lambda: bool(told) or (player.ticks > 0 and not player.live), timeout=100_000)

    assert told == []
    assert (player.ticks, player.state, session.mode) == (30, PlayState.PAUSED, Mode.REPLAY)
    assert player.row(29)["process.app.node0"] > 0
    assert player.meta is not None
    assert player.meta.complete
    assert not Path(f"/proc/{pid}").exists()
    path = player.path

    session.leave_replay()
    session.edit("seed", set_scenario, replace(SHORT, seed=2))
    player.play()
    assert player.live
    player.shutdown()

    assert path is not None
    assert list(path.parent.iterdir()) == []
