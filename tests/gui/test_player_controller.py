from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cxldesigner.document.edits import set_field, set_scenario
from cxldesigner.document.model import GIB, Point
from cxldesigner.gui.player.controller import PlayerController, PlayState
from cxldesigner.gui.session import Mode, Session
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.runner import protocol
from tests.gui import recordings
from tests.gui.fakerun import TOTAL, FakeRun


@pytest.fixture
def session() -> Session:
    return Session(recordings.two_tiers())


@pytest.fixture
def player(session: Session, qtbot: QtBot) -> Iterator[PlayerController]:
    FakeRun.made.clear()
    player = PlayerController(session, start_run=FakeRun)
    yield player
    player.shutdown()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return recordings.write(tmp_path / "story.cxlrec", ticks=120)


@pytest.fixture
def failures(player: PlayerController) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    player.failed.connect(lambda code, text: told.append((code, text)))
    return told


def test_opened_recording_is_paused_at_its_start_on_its_own_platform(
    player: PlayerController, session: Session, recording: Path
) -> None:
    assert player.open(recording)

    assert (player.state, player.playhead, player.ticks) == (PlayState.PAUSED, 0.0, 120)
    assert session.mode is Mode.REPLAY
    assert session.shown_document == recordings.two_tiers()
    assert not player.unsaved


def test_opening_without_entering_keeps_editing_possible(
    player: PlayerController, session: Session, recording: Path
) -> None:
    player.open(recording, enter=False)

    assert session.mode is Mode.EDIT
    assert player.ticks == 120


def test_play_moves_the_playhead_by_the_wall_clock_and_stops_at_the_end(
    player: PlayerController, recording: Path
) -> None:
    player.open(recording)
    player.set_speed(2.0)
    player.play()

    player.advance(500)
    assert (player.state, player.playhead) == (PlayState.PLAYING, pytest.approx(10.0))
    player.advance(1e6)
    assert (player.state, player.playhead) == (PlayState.PAUSED, 119.0)
    player.play()
    assert player.playhead == 0.0


def test_timer_plays_and_rests(player: PlayerController, recording: Path, qtbot: QtBot) -> None:
    player.open(recording)
    player.set_speed(0.0)
    player.play()

    qtbot.waitUntil(lambda: player.state is PlayState.PAUSED, timeout=20_000)
    qtbot.waitUntil(lambda: not player._timer.isActive())

    assert player.tick == 119


def test_step_home_end_and_seek(player: PlayerController, recording: Path) -> None:
    player.open(recording)
    moves: list[float] = []
    player.playhead_changed.connect(moves.append)

    player.step(1)
    player.seek(50.5)
    player.step(-1)
    player.end()
    player.step(1)
    player.home()

    assert moves == [1.0, 50.5, 50.0, 119.0, 0.0]


def test_play_in_edit_mode_replays_a_recording_of_the_same_platform(
    player: PlayerController, session: Session, recording: Path
) -> None:
    player.open(recording, enter=False)
    session.edit("move", lambda d: replace(d, layout={"s0": Point(5, 5)}, notes="moved"))

    player.play()

    assert session.mode is Mode.REPLAY
    assert (player.state, FakeRun.made) == (PlayState.PLAYING, [])


def test_play_after_a_change_runs_the_changed_platform(
    player: PlayerController, session: Session, recording: Path
) -> None:
    player.open(recording, enter=False)
    session.edit("shrink", set_field, "s0", "dram_bytes", 2 * GIB)

    player.play()

    assert player.state is PlayState.PREPARING
    (run,) = FakeRun.made
    assert run.document.parts["s0"].dram_bytes == 2 * GIB
    assert run.said == ["start paused=False", "speed 4"]
    assert session.mode is Mode.REPLAY


def test_play_after_choosing_another_scenario_runs_it(
    player: PlayerController, session: Session, recording: Path
) -> None:
    other = replace(session.document.scenarios["sc0"], id="sc1", name="Other")
    player.open(recording, enter=False)
    session.edit("add", set_scenario, other)
    player.choose_scenario("sc1")

    player.play()

    assert len(FakeRun.made) == 1


def test_live_run_is_followed_and_kept_when_it_ends(player: PlayerController) -> None:
    grown: list[int] = []
    player.ticks_changed.connect(grown.append)
    assert player.run("sc0")
    (run,) = FakeRun.made

    run.make(20)
    player.advance(33)
    assert (player.state, player.live, player.following) == (PlayState.PLAYING, True, True)
    run.make(10)
    player.advance(1000)
    assert (player.tick, player.total_ticks) == (29, TOTAL)
    run.finish()
    player.advance(33)

    assert (player.live, player.state, player.tick) == (False, PlayState.PAUSED, 29)
    assert grown == [20, 30]
    assert player.unsaved


def test_scrubbing_back_leaves_the_tail_and_going_to_the_end_follows_again(
    player: PlayerController,
) -> None:
    player.run()
    (run,) = FakeRun.made
    run.make(40)
    player.advance(33)

    player.seek(3.0)
    run.make(10)
    player.advance(100)
    assert not player.following
    assert player.tick == 7  # 100 ms at 4 x 100 ms ticks
    player.end()
    assert player.following


def test_playhead_that_catches_up_follows(player: PlayerController) -> None:
    player.run()
    FakeRun.made[0].make(40)
    player.advance(33)
    player.seek(35.0)

    player.advance(10_000)

    assert player.following


def test_pause_and_step_reach_the_engine_at_the_tail(player: PlayerController) -> None:
    player.run()
    (run,) = FakeRun.made
    run.make(10)
    player.advance(33)
    player.end()

    player.pause()
    player.step(1)
    run.make(1)
    player.advance(33)
    player.play()
    player.set_speed(16.0)

    assert run.said[2:] == ["pause", "step 1", "resume", "speed 16"]
    assert player.ticks == 11


def test_injected_action_is_acknowledged(
    player: PlayerController, failures: list[tuple[str, str]]
) -> None:
    told: list[tuple[int, str, str]] = []
    player.injected.connect(lambda *a: told.append(a))
    player.inject("daxctl offline-memory dax0.0")
    player.run()
    (run,) = FakeRun.made

    player.inject("daxctl offline-memory dax0.0")
    run.say(protocol.Injected(5, "daxctl offline-memory dax0.0", "busy"))
    player.advance(33)

    assert [code for code, _ in failures] == ["not-live"]
    assert "inject daxctl offline-memory dax0.0" in run.said
    assert told == [(5, "daxctl offline-memory dax0.0", "busy")]


def test_stop_asks_the_engine_to_finish(player: PlayerController) -> None:
    player.run()
    (run,) = FakeRun.made
    run.make(10)
    player.advance(33)

    player.stop()

    assert run.said[-1] == "stop"


def test_cancel_while_preparing_returns_to_editing(
    player: PlayerController, session: Session
) -> None:
    player.run()
    player.stop()
    player.advance(33)

    assert (player.state, session.mode) == (PlayState.EMPTY, Mode.EDIT)
    assert FakeRun.made[0].killed


def test_refused_run_says_why_and_returns_to_editing(
    player: PlayerController, session: Session, failures: list[tuple[str, str]]
) -> None:
    player.run()
    FakeRun.made[0].say(protocol.Failed("scenario", "Process cache names node 7."))
    player.advance(33)

    assert failures == [("scenario", "Process cache names node 7.")]
    assert (player.live, session.mode) == (False, Mode.EDIT)


def test_crash_keeps_what_was_recorded(
    player: PlayerController, failures: list[tuple[str, str]]
) -> None:
    player.run()
    (run,) = FakeRun.made
    run.make(25)
    player.advance(33)
    run.say(protocol.Failed("crashed", "signal 9", "Traceback …"))
    player.advance(33)

    ((code, text),) = failures
    assert code == "crashed"
    assert "25" in text
    assert "Traceback" not in text
    assert (player.ticks, player.state) == (25, PlayState.PAUSED)


def test_worker_that_cannot_start_is_reported(session: Session, qtbot: QtBot) -> None:
    class Unstartable(FakeRun):
        def start(self, paused: bool = False) -> None:
            raise OSError("no more processes")

    player = PlayerController(session, start_run=Unstartable)
    with qtbot.waitSignal(player.failed) as told:
        assert not player.run()

    assert "no more processes" in told.args[1]
    assert player.state is PlayState.EMPTY
    player.shutdown()


def test_run_without_scenario_is_refused(
    player: PlayerController, session: Session, failures: list[tuple[str, str]]
) -> None:
    session.edit("none", lambda d: replace(d, scenarios={}))

    assert not player.run()
    assert [code for code, _ in failures] == ["no-scenario"]


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b'{"format": 1}'])
def test_bad_file_is_one_message_and_the_recording_stays(
    player: PlayerController,
    recording: Path,
    tmp_path: Path,
    content: bytes,
    failures: list[tuple[str, str]],
) -> None:
    bad = tmp_path / "bad.cxlrec"
    bad.write_bytes(content)
    player.open(recording)

    assert not player.open(bad)

    ((code, text),) = failures
    assert code == "recording-unreadable"
    assert "bad.cxlrec" in text
    assert "\n" not in text
    assert player.ticks == 120


def test_saved_recording_is_the_same_run(
    player: PlayerController, recording: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    player.open(recording)
    target = tmp_path / "copy.cxlrec"

    with qtbot.waitSignal(player.saved) as told:
        player.save(target)

    assert told.args == [str(target)]
    with RecordingReader(recording) as a, RecordingReader(target) as b:
        assert a.digest() == b.digest()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.cxlrec", "story.cxlrec"]


def test_live_recording_can_be_saved(
    player: PlayerController, tmp_path: Path, qtbot: QtBot
) -> None:
    player.run()
    FakeRun.made[0].make(30)
    player.advance(33)
    target = tmp_path / "live.cxlrec"

    with qtbot.waitSignal(player.saved):
        player.save(target)

    with RecordingReader(target) as reader:
        assert reader.ticks == 30


def test_saving_where_nothing_can_be_is_a_message(
    player: PlayerController, recording: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    player.open(recording)

    with qtbot.waitSignal(player.failed) as told:
        player.save(tmp_path / "missing" / "x.cxlrec")

    assert told.args[0] == "not-written"
    assert "missing" in told.args[1]


def test_shutdown_ends_workers_and_removes_unsaved_recordings(session: Session) -> None:
    FakeRun.made.clear()
    player = PlayerController(session, start_run=FakeRun)
    player.run()
    first = FakeRun.made[0]
    first.make(5)
    player.advance(33)
    player.run()
    FakeRun.made[1].make(5)
    player.advance(33)

    player.shutdown()

    assert [run.killed for run in FakeRun.made] == [True, True]
    assert [run.path.exists() for run in FakeRun.made] == [False, False]
    assert list(first.path.parent.iterdir()) == []


def test_leaving_replay_pauses_and_clears_the_overlay(
    player: PlayerController, session: Session, recording: Path
) -> None:
    overlays: list[object] = []
    player.open(recording)
    player.play()
    player.overlay_changed.connect(overlays.append)

    session.leave_replay()

    assert player.state is PlayState.PAUSED
    assert overlays[-1] is None


def test_overlay_follows_the_playhead(
    player: PlayerController, session: Session, recording: Path
) -> None:
    overlays: list[object] = []
    player.overlay_changed.connect(overlays.append)
    player.open(recording)

    player.seek(100.0)

    overlay = overlays[-1]
    row = player.row(100)
    assert overlay.links["k0"] == row["link.k0.utilisation"]
    assert sum(overlay.fills["mem0"].values()) == pytest.approx(
        row["device.mem0.used"] * 4096 / (8 * GIB)
    )
