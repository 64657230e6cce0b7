"""A run in a process of its own: commands, answers, ends of every kind."""

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cxldesigner.document.model import Document, Scenario
from cxldesigner.document.store import canonical_bytes
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.runner import protocol
from cxldesigner.runner.handle import RunHandle

FAKE = ("tests.runner.fake_engine",)
PATIENCE = 30.0


def document(does: str = "", ticks: int = 200, tick_ms: int = 100) -> bytes:
    scenario = Scenario(id="s", name=does, seed=3, tick_ms=tick_ms, duration_ms=ticks * tick_ms)
    return canonical_bytes(Document(scenarios={"s": scenario}))


@pytest.fixture
def make(tmp_path: Path):
    handles: list[RunHandle] = []

    def begin(does: str = "", ticks: int = 200, scenario: str = "s", tick_ms: int = 100):
        path = tmp_path / f"{len(handles)}.cxlrec"
        handle = RunHandle(document(does, ticks, tick_ms), scenario, path, FAKE)
        handles.append(handle)
        return handle, path

    yield begin
    for handle in handles:
        handle.kill()


def wait_for(handle: RunHandle, *kinds: type) -> list[protocol.Message]:
    """Return what was said up to the first message of one of these kinds."""
    said: list[protocol.Message] = []
    until = time.monotonic() + PATIENCE
    while not any(isinstance(m, kinds) for m in said):
        assert time.monotonic() < until, said
        said += handle.poll()
        time.sleep(0.005)
    return said


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def eventually(fact: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not fact():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_run_goes_to_its_end(make) -> None:
    handle, path = make()
    handle.start()

    said = wait_for(handle, protocol.Finished)

    assert said[0] == protocol.Ready()
    assert said[-1] == protocol.Finished(200)
    assert said[-2] == protocol.Progress(200, 200)
    assert eventually(lambda: not handle.alive)
    assert handle.poll() == []
    with RecordingReader(path) as reader:
        assert reader.meta.complete
        assert reader.meta.summary == {"ticks": 200.0}
        assert reader.value("node0.free", 199) == 3199.0


def test_a_paused_run_steps_and_goes_on(make) -> None:
    handle, path = make()
    handle.start(paused=True)
    assert protocol.Paused(0) in wait_for(handle, protocol.Paused)

    handle.step(5)
    assert wait_for(handle, protocol.Paused)[-2:] == [
        protocol.Progress(5, 200),
        protocol.Paused(5),
    ]
    with RecordingReader(path) as reader:
        assert reader.ticks == 5
    handle.step()
    assert wait_for(handle, protocol.Paused)[-1] == protocol.Paused(6)
    handle.resume()
    assert wait_for(handle, protocol.Finished)[-1] == protocol.Finished(200)


def test_a_run_pauses_while_it_goes(make) -> None:
    handle, path = make("slow", ticks=2000)
    handle.start()
    wait_for(handle, protocol.Progress)
    handle.pause()
    paused = wait_for(handle, protocol.Paused)[-1]
    assert isinstance(paused, protocol.Paused)
    time.sleep(0.1)
    with RecordingReader(path) as reader:
        assert reader.ticks == paused.ticks
        assert not reader.meta.complete


def test_speed_spaces_the_ticks(make) -> None:
    handle, _ = make(ticks=40, tick_ms=100)
    handle.start(paused=True)
    wait_for(handle, protocol.Paused)
    handle.set_speed(10)  # 10 ms a tick
    started = time.monotonic()
    handle.resume()
    said = wait_for(handle, protocol.Finished)
    assert time.monotonic() - started >= 0.39
    shown = [m.ticks for m in said if isinstance(m, protocol.Progress)]
    assert len(shown) >= 2, "a slow run shows what it has while it waits"


def test_an_action_is_acknowledged_with_its_tick(make) -> None:
    handle, path = make()
    handle.start(paused=True)
    handle.step(7)
    while protocol.Paused(7) not in wait_for(handle, protocol.Paused):
        pass
    handle.inject("daxctl offline-memory dax0.0")
    handle.inject("bad command")
    handle.resume()
    said = wait_for(handle, protocol.Finished)

    assert [m for m in said if isinstance(m, protocol.Injected)] == [
        protocol.Injected(7, "daxctl offline-memory dax0.0", ""),
        protocol.Injected(7, "bad command", "no such node"),
    ]
    with RecordingReader(path) as reader:
        assert [e.tick for e in reader.events()] == [7, 7]


def test_stop_finishes_the_recording_where_it_is(make) -> None:
    handle, path = make("slow", ticks=100_000)
    handle.start()
    wait_for(handle, protocol.Progress)
    handle.stop(timeout=PATIENCE)

    finished = handle.poll()[-1]
    assert isinstance(finished, protocol.Finished)
    assert not handle.alive
    with RecordingReader(path) as reader:
        assert reader.meta.complete
        assert reader.ticks == finished.ticks < 100_000


def test_stop_ends_a_stuck_worker_by_force(make) -> None:
    handle, _ = make("stuck")
    handle.start()
    wait_for(handle, protocol.Ready)
    handle.stop(timeout=0.5)
    assert not any(isinstance(m, protocol.Failed) for m in handle.poll())
    assert not handle.alive
    assert gone(handle.pid)


@pytest.mark.parametrize(
    ("does", "scenario", "code", "text"),
    [
        ("raise", "s", "engine", "ZeroDivisionError: no pages"),
        ("refuse", "s", "engine", "nothing to run"),
        ("", "t", "document", "has no scenario 't' (it has: s)"),
    ],
)
def test_a_failure_says_why(make, does: str, scenario: str, code: str, text: str) -> None:
    handle, path = make(does, scenario=scenario)
    handle.start()
    failed = wait_for(handle, protocol.Failed)[-1]
    assert isinstance(failed, protocol.Failed)
    assert failed.code == code
    assert text in failed.text
    assert ("Traceback" in failed.traceback) == (code == "engine")
    if does == "raise":
        with RecordingReader(path) as reader:
            assert reader.ticks == 70
            assert not reader.meta.complete


def test_a_broken_platform_file_is_one_sentence(tmp_path: Path) -> None:
    with RunHandle(b'{"format": 3}', "s", tmp_path / "a.cxlrec", FAKE) as handle:
        handle.start()
        failed = wait_for(handle, protocol.Failed)[-1]
    assert isinstance(failed, protocol.Failed)
    assert failed.code == "document"
    assert "\n" not in failed.text


def test_a_recording_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with RunHandle(document(), "s", tmp_path / "none" / "a.cxlrec", FAKE) as handle:
        handle.start()
        failed = wait_for(handle, protocol.Failed)[-1]
    assert isinstance(failed, protocol.Failed)
    assert failed.code == "recording"
    assert "none/a.cxlrec: cannot be written" in failed.text


def test_a_crash_is_reported_once_with_its_last_words(make) -> None:
    handle, path = make("crash")
    handle.start()
    failed = wait_for(handle, protocol.Failed)[-1]
    assert isinstance(failed, protocol.Failed)
    assert failed.code == "crashed"
    assert "signal 9" in failed.text
    assert "the ground opened" in failed.traceback
    assert handle.poll() == []
    with RecordingReader(path) as reader:
        assert reader.ticks >= 60


def test_a_worker_killed_from_outside_leaves_its_committed_ticks(make) -> None:
    handle, path = make("slow", ticks=100_000)
    handle.start()
    progress = [m for m in wait_for(handle, protocol.Progress) if isinstance(m, protocol.Progress)]
    while progress[-1].ticks < 60:
        progress += [m for m in handle.poll() if isinstance(m, protocol.Progress)]
        time.sleep(0.01)
    os.kill(handle.pid, signal.SIGKILL)
    failed = wait_for(handle, protocol.Failed)[-1]
    assert isinstance(failed, protocol.Failed)
    with RecordingReader(path) as reader:
        assert reader.ticks >= progress[-1].ticks
        assert reader.value("node0.free", reader.ticks - 1) == 3000.0 + reader.ticks - 1
        assert not reader.meta.complete


def test_what_the_engine_prints_does_not_disturb(make) -> None:
    handle, _ = make("talk", ticks=20)
    handle.start()
    said = wait_for(handle, protocol.Finished, protocol.Failed)
    assert said[-1] == protocol.Finished(20)
    assert "this is no message" in handle.errors


def test_the_same_seed_gives_the_same_digest(make) -> None:
    digests = []
    for _ in range(2):
        handle, path = make()
        handle.start()
        wait_for(handle, protocol.Finished)
        with RecordingReader(path) as reader:
            digests.append(reader.digest())
    assert digests[0] == digests[1]


def test_no_process_is_left_behind(make, tmp_path: Path) -> None:
    with RunHandle(document("slow", 100_000), "s", tmp_path / "a.cxlrec", FAKE) as handle:
        handle.start()
        assert handle.alive
        assert not gone(handle.pid)
    assert gone(handle.pid)

    forgotten = RunHandle(document("slow", 100_000), "s", tmp_path / "b.cxlrec", FAKE)
    forgotten.start()
    pid = forgotten.pid
    del forgotten
    gc.collect()
    assert gone(pid)


PARENT = """
import pathlib, sys, time
from cxldesigner.runner.handle import RunHandle
handle = RunHandle(pathlib.Path(sys.argv[1]).read_bytes(), "s", pathlib.Path(sys.argv[2]),
                   ("tests.runner.fake_engine",))
handle.start()
while not any(type(m).__name__ == "Progress" and m.ticks for m in handle.poll()):
    time.sleep(0.01)
print(handle.pid, flush=True)
time.sleep(1000)
"""


def test_a_worker_whose_parent_vanished_ends(tmp_path: Path) -> None:
    platform, recording = tmp_path / "a.cxld", tmp_path / "a.cxlrec"
    platform.write_bytes(document("slow", 100_000))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(platform), str(recording)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert eventually(lambda: gone(pid))
    with RecordingReader(recording) as reader:
        assert reader.meta.complete


def test_the_handle_loads_neither_engine_nor_numba_nor_qt() -> None:
    code = (
        "import sys, cxldesigner.runner.handle\n"
        "names = ('numba', 'PySide6', 'cxldesigner.engine', 'cxldesigner.runner.worker', 'numpy')\n"
        "sys.exit(', '.join(n for n in names if n in sys.modules) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
