"""What is opened at the start: files, examples with their recordings, safety copies."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cxldesigner.document.model import Document, Scenario, Socket
from cxldesigner.document.store import load_document, save_document
from cxldesigner.gui import dialogs, rehearsal
from cxldesigner.gui.examples import DEFAULT, examples
from cxldesigner.gui.folders import state_folder
from cxldesigner.gui.main_window import MainWindow
from cxldesigner.gui.opening import Opening
from cxldesigner.gui.rehearsal import Rehearsal, kept_recording
from cxldesigner.runner import protocol

SCENE = Document(name="Scene", parts={"s0": Socket(id="s0")}, scenarios={"a": Scenario(id="a")})
Maker = Callable[..., MainWindow]


class FakeWorker:
    """A worker that says what it is told to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.messages: list[protocol.Message] = []
        self.alive = True
        self.speed = 1.0

    def start(self, paused: bool = False) -> None:
        self.path.write_bytes(b"recording")

    def poll(self) -> list[protocol.Message]:
        said, self.messages = self.messages, []
        return said

    def kill(self) -> None:
        self.alive = False

    def set_speed(self, factor: float) -> None:
        self.speed = factor

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def step(self, ticks: int = 1) -> None: ...
    def inject(self, command: str) -> None: ...
    def stop(self) -> None: ...


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[FakeWorker]:
    started: list[FakeWorker] = []

    def start(_document: bytes, _scenario: str, path: Path) -> FakeWorker:
        started.append(FakeWorker(path))
        return started[-1]

    monkeypatch.setattr(rehearsal, "POLL_MS", 5)
    monkeypatch.setattr(Rehearsal.__init__, "__kwdefaults__", {"start_run": start})
    return started


def test_a_finished_rehearsal_is_kept_only_when_its_worker_has_gone(
    qtbot: QtBot, workers: list[FakeWorker]
) -> None:
    run = Rehearsal(SCENE, "a")
    worker = workers[0]
    target = kept_recording(SCENE, "a")
    with qtbot.waitSignal(run.progressed) as told:
        worker.messages = [protocol.Progress(5, 10)]
    assert told.args == [5, 10]
    assert worker.speed == 0
    worker.messages = [protocol.Finished(10)]
    qtbot.wait(30)
    assert not target.exists()

    with qtbot.waitSignal(run.finished) as done:
        worker.alive = False
    assert done.args == [target]
    assert target.read_bytes() == b"recording"
    assert not worker.path.exists()


@pytest.mark.parametrize("message", [protocol.Failed("bug", "It broke."), None])
def test_a_failed_rehearsal_leaves_nothing(
    qtbot: QtBot, workers: list[FakeWorker], message: protocol.Failed | None
) -> None:
    run = Rehearsal(SCENE, "a")
    worker = workers[0]
    with qtbot.waitSignal(run.failed) as failed:
        worker.messages = [message] if message else []
        worker.alive = message is not None
    assert failed.args[0]
    assert not worker.path.exists()
    assert not kept_recording(SCENE, "a").exists()


def test_another_platform_or_scenario_has_another_recording() -> None:
    other = Document(name="Other")
    assert kept_recording(SCENE, "a") == kept_recording(SCENE, "a")
    assert (
        len({kept_recording(SCENE, "a"), kept_recording(SCENE, "b"), kept_recording(other, "a")})
        == 3
    )


def begin(window: MainWindow, files: list[Path], name: str = "") -> Opening:
    opening = Opening(window, state_folder("recovery"))
    opening.begin(files, name)
    return opening


def test_without_arguments_the_welcome_page_is_shown(stand_ins: None, make_window: Maker) -> None:
    window = make_window()
    begin(window, [])
    assert window.commands.welcome_shown


def test_a_file_is_opened_in_its_place(stand_ins: None, make_window: Maker, tmp_path: Path) -> None:
    path = tmp_path / "x.cxld"
    save_document(SCENE, path)
    window = make_window()
    begin(window, [path])
    assert window.files.path == path
    assert not window.commands.welcome_shown


def test_a_bad_file_gives_a_message_and_the_welcome_page(
    stand_ins: None, make_window: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    monkeypatch.setattr(dialogs, "show_error", lambda _w, title, _t, _d="": errors.append(title))
    window = make_window()
    begin(window, [tmp_path / "none.cxld"])
    assert "none.cxld" in errors[0]
    assert window.commands.welcome_shown


def test_an_example_is_rehearsed_when_it_has_no_recording(
    qtbot: QtBot, stand_ins: None, make_window: Maker, workers: list[FakeWorker]
) -> None:
    window = make_window()
    name = next(
        e.name for e in examples() if e.recording is None and load_document(e.path).scenarios
    )
    opening = begin(window, [], name)
    assert window.files.path is None
    assert not window.files.modified
    opening.finish()
    assert len(workers) == 1
    workers[0].messages = [protocol.Progress(1, 4)]
    qtbot.waitUntil(lambda: "25 %" in window.status._activity.text())
    opening.shutdown()
    assert not workers[0].alive


@pytest.mark.parametrize("restore", [True, False])
def test_a_safety_copy_is_offered_with_its_age(
    stand_ins: None,
    make_window: Maker,
    monkeypatch: pytest.MonkeyPatch,
    restore: bool,
) -> None:
    copy = state_folder("recovery") / "1-dead.cxld"
    save_document(SCENE, copy)
    then = time.time() - 3 * 3600
    os.utime(copy, (then, then))
    asked: list[str] = []

    def ask(_w: object, text: str, more: str, *_: str) -> bool:
        asked.append(text + more)
        return restore

    monkeypatch.setattr(dialogs, "ask_yes", ask)
    window = make_window()
    opening = begin(window, [])
    opening.finish()

    assert len(asked) == 1
    assert "3 h" in asked[0]
    assert (window.session.document == SCENE) is restore
    assert window.files.modified is restore
    assert window.commands.welcome_shown is not restore
    assert not copy.exists()


def test_the_default_example_comes_first_and_all_can_be_read() -> None:
    found = examples()
    assert found[0].name == DEFAULT
    assert {e.group for e in found} == {"", "kernel-docs"}
    assert len({e.name for e in found}) == len(found)
    for example in found:
        document = load_document(example.path)
        assert example.title == document.name
        assert example.summary
