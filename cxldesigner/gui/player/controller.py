"""The player: one recording, one playhead, perhaps one engine behind it.

A recording is the only way from engine to screen: live charts follow its tail, replay reads it.
Everything runs on the GUI thread in small steps: one timer takes the worker's messages, refreshes
the reader and moves the playhead; views follow the signals and draw the newest.

*Play* plays the platform on screen: in edit mode the loaded recording if it was made on exactly
this platform and scenario, else a new run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cxldesigner.document.model import Document, Link, Scenario
from cxldesigner.document.store import DocumentError, canonical_bytes, loads
from cxldesigner.gui.player.files import FileJob, copy_recording, discard, scratch_path
from cxldesigner.gui.player.live import Ending, Handle, LiveRun
from cxldesigner.gui.player.overlay import overlay_of
from cxldesigner.gui.player.playback import Playback, PlayState
from cxldesigner.gui.session import Mode, Session
from cxldesigner.recording.errors import RecordingError
from cxldesigner.runner.handle import RunHandle
from cxldesigner.runner.protocol import Failed

if TYPE_CHECKING:  # loads numpy; the window is shown before that
    from cxldesigner.recording.reader import RecordingReader

__all__ = ["PlayState", "PlayerController"]


class PlayerController(Playback):
    """Plays what the session shows.

    ``failed(code, text)``: a sentence for the user. ``injected(tick, command, error)``: a host
    action was applied by the engine (``error`` empty if it worked). ``saved(path)``.
    ``overlay_changed(overlay)``: what the canvas shows, None outside replay.
    """

    failed = Signal(str, str)
    injected = Signal(int, str, str)
    saved = Signal(str)
    overlay_changed = Signal(object)

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        *,
        start_run: Callable[[bytes, str, Path], Handle] = RunHandle,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._start_run = start_run
        self._document: Document | None = None
        self._path: Path | None = None
        self._scratch = False
        self._scenario = self._recorded = ""
        self._live: LiveRun | None = None
        self._ending: list[LiveRun] = []
        self._jobs: list[FileJob] = []
        self._reported = False
        session.mode_changed.connect(self._on_mode_changed)
        session.shown_changed.connect(self._tell_state)
        session.derivation_changed.connect(self._tell_overlay)
        self.playhead_changed.connect(self._tell_overlay)

    @property
    def session(self) -> Session:
        """The session whose platform is played."""
        return self._session

    @property
    def links(self) -> Mapping[str, Link]:
        """The links of the platform the recording was made on."""
        return {} if self._document is None else self._document.links

    @property
    def path(self) -> Path | None:
        """The recording's file."""
        return self._path

    @property
    def unsaved(self) -> bool:
        """Whether the recording lies only in the cache and goes when the player is closed."""
        return self._scratch and self._reader is not None

    @property
    def live(self) -> bool:
        return self._live is not None

    @property
    def total_ticks(self) -> int:
        return max(self._ticks, self._live.total if self._live is not None else 0)

    @property
    def scenario_id(self) -> str:
        """The scenario that Run plays: the chosen one, else the first of the shown platform."""
        scenarios = self._session.shown_document.scenarios
        return self._scenario if self._scenario in scenarios else next(iter(scenarios), "")

    @property
    def scenario(self) -> Scenario | None:
        """The scenario that Run plays."""
        return self._session.shown_document.scenarios.get(self.scenario_id)

    def choose_scenario(self, scenario_id: str) -> None:
        """Set which scenario Run plays."""
        if scenario_id != self.scenario_id:
            self._scenario = scenario_id
            self._tell_state()

    def open(self, path: Path, *, enter: bool = True) -> bool:
        """Load a recording, paused at its start; False (and ``failed``) if it cannot be read.

        ``enter`` False keeps the window in edit mode: the recording waits until it is played.
        """
        try:
            reader = open_recording(path)
        except RecordingError as error:
            self.failed.emit("recording-unreadable", str(error))
            return False
        try:
            document = loads(reader.document(), path.name)
        except DocumentError as error:
            reader.close()
            self.failed.emit("recording-unreadable", str(error))
            return False
        self._drop()
        self._path, self._document = path, document
        self._scenario = self._recorded = reader.meta.scenario
        self._set_reader(reader)
        if enter:
            self._session.enter_replay(document)
        self._tell_state()
        return True

    def run(self, scenario_id: str = "", path: Path | None = None) -> bool:
        """Start the scenario on the shown platform in a process of its own and follow it.

        ``path`` is where the recording goes; None keeps it in the cache until it is saved.
        """
        document = self._session.shown_document
        self._scenario = scenario_id or self.scenario_id
        if self._scenario not in document.scenarios:
            self.failed.emit("no-scenario", self.tr("There is no scenario to run: add one first."))
            return False
        self._drop()
        self._path, self._scratch = path or scratch_path(), path is None
        handle = self._start_run(canonical_bytes(document), self._scenario, self._path)
        try:
            handle.start(paused=False)
        except OSError as error:
            template = self.tr("The simulation could not be started: {}.")
            self.failed.emit("not-started", template.format(error))
            return False
        self._live, self._document = LiveRun(handle, self._path), document
        self._recorded = self._scenario
        self._playing = self._following = True
        handle.set_speed(self._speed)
        self._session.enter_replay(document)
        self._tell_state()
        self._wake()
        return True

    def play(self) -> None:
        """Play what is on screen: go on, start again from the end, or run the scenario."""
        if self._document is None or not self._matches_shown():
            self.run()
            return
        self._session.enter_replay(self._document)
        if self._live is not None:
            self._following = self._playhead >= self._ticks - 1
            self._live.resume()
        super().play()

    def pause(self) -> None:
        """Hold the playhead and the engine."""
        if self._playing and self._live is not None:
            self._live.pause()
        super().pause()

    def step(self, by: int) -> None:
        """Pause and move by whole ticks; at the end of a live recording the engine makes one."""
        if by > 0 and self._live is not None and self.tick >= self._ticks - 1:
            self.pause()
            self._following = True
            self._live.step(by)
            self._wake()
        else:
            super().step(by)

    def set_speed(self, speed: float) -> None:
        """Set the speed of playback and of a running engine."""
        if speed != self._speed and self._live is not None:
            self._live.handle.set_speed(speed)
        super().set_speed(speed)

    def inject(self, command: str) -> None:
        """Apply a host action to the running engine at its next tick."""
        if self._live is None:
            text = self.tr("Host actions can be sent only while a scenario runs: press Run first.")
            self.failed.emit("not-live", text)
        else:
            self._live.handle.inject(command)

    def stop(self) -> None:
        """End a run at its current tick and keep what it recorded; in replay go to the start."""
        if self._live is None:
            self.pause()
            self.seek(0.0)
        elif self._reader is None:
            self.close()
        else:
            self._live.handle.stop()
            self._wake()

    def close(self) -> None:
        """Put the recording away and leave replay."""
        self._drop()
        self._session.leave_replay()
        self._tell_state()

    def save(self, target: Path) -> None:
        """Write a copy of the recording in the background; ``saved`` or ``failed`` follows."""
        if self._path is not None and self._reader is not None:
            self.write(target, partial(copy_recording, self._path, target))

    def write(self, target: Path, work: Callable[[], None]) -> None:
        """Write a file in the background; ``saved`` or ``failed`` follows.

        ``work`` runs on another thread: it must not touch the player or its reader.
        """
        self._jobs.append(FileJob(target, work))
        self._wake()

    def shutdown(self) -> None:
        """End every worker and remove what was not saved; the last call on a player."""
        self._timer.stop()
        for job in self._jobs:
            job.wait()
        self._jobs.clear()
        self._drop()
        for run in self._ending:
            run.close()
        self._ending.clear()
        self._timer.stop()

    def advance(self, elapsed_ms: float) -> None:
        """Take the workers' messages and new rows, then move the playhead."""
        self._ending = [run for run in self._ending if not run.gone()]
        for job in [job for job in self._jobs if job.done]:
            self._jobs.remove(job)
            self._tell_written(job)
        if self._live is not None:
            self._follow(self._live)
        super().advance(elapsed_ms)

    def report(self, error: RecordingError) -> None:
        """Tell once that the open recording cannot be read further, and stop playing it."""
        if not self._reported:
            self._reported = True
            self.pause()
            self.failed.emit("recording-damaged", str(error))

    # --- a run --------------------------------------------------------------------------------

    def _follow(self, run: LiveRun) -> None:
        before = run.total
        for message in run.poll():
            self.injected.emit(message.tick, message.command, message.error)
        if self._reader is None and run.committed:
            self._begin_live(run)
        try:
            self._refresh()
        except RecordingError as error:
            run.fail("recording-unreadable", str(error))
        if run.ending is not None:
            self._end_run(run, run.ending)
        elif run.total != before:
            self._tell_state()

    def _begin_live(self, run: LiveRun) -> None:
        try:
            reader = open_recording(run.path)
        except RecordingError as error:
            run.fail("recording-unreadable", str(error))
            return
        self._set_reader(reader)
        self._tell_state()

    def _end_run(self, run: LiveRun, ending: Ending) -> None:
        self._live, self._following, self._playing = None, False, False
        run.close()
        self._move(float(max(self._ticks - 1, 0)))
        if ending is Ending.FAILED and run.failure is not None:
            self.failed.emit(run.failure.code, self._failure_text(run.failure))
        if self._reader is None:
            self._drop()
            self._session.leave_replay()
        self._tell_state()

    def _failure_text(self, failure: Failed) -> str:
        if failure.code != "crashed":
            return failure.text
        template = self.tr(
            "The simulation ended unexpectedly after {} ticks. What it recorded is kept; press Run "
            "to start it again."
        )
        return template.format(self._ticks)

    def _on_end_reached(self) -> None:
        if self._live is None:
            super()._on_end_reached()
            return
        self._following = True
        if self._live.engine_paused:
            self._live.resume()
        self._tell_state()

    def _busy(self) -> bool:
        return super()._busy() or self._live is not None or bool(self._ending) or bool(self._jobs)

    def _tell_written(self, job: FileJob) -> None:
        if job.error:
            template = self.tr("{} was not written: {}. Choose another place.")
            self.failed.emit("not-written", template.format(job.target, job.error))
        else:
            self.saved.emit(str(job.target))

    def _drop(self) -> None:
        """Let go of recording and worker; the worker ends in its own time, watched."""
        run, self._live = self._live, None
        path, scratch = self._path, self._scratch
        self._path, self._scratch, self._document = None, False, None
        self._reported = False
        self._playing = self._following = False
        self._set_reader(None)
        if run is not None:
            run.leave(scratch=scratch)
            self._ending.append(run)
            self._wake()
        elif scratch and path is not None:
            discard(path)

    # --- the session --------------------------------------------------------------------------

    def _matches_shown(self) -> bool:
        """Whether the recording is shown, or was made on what is shown with this scenario."""
        if self._document is None or self._recorded != self.scenario_id:
            return False
        shown = self._session.shown_document
        return shown is self._document or (
            _played(shown, self._recorded) == _played(self._document, self._recorded)
        )

    def _on_mode_changed(self, mode: str) -> None:
        if mode == Mode.EDIT:
            self.pause()
        self._tell_overlay()

    def _tell_overlay(self) -> None:
        if self._session.mode is Mode.EDIT or self._reader is None or not self._ticks:
            self.overlay_changed.emit(None)
            return
        shown, derivation = self._session.shown_document, self._session.derivation
        state = None if derivation is None else derivation.current
        try:
            row = self.row(self.tick)
        except RecordingError as error:
            self.report(error)
        else:
            self.overlay_changed.emit(overlay_of(row, shown, state))


def open_recording(path: Path) -> RecordingReader:
    """Return a reader of a recording; imported here because it loads numpy."""
    from cxldesigner.recording.reader import RecordingReader  # noqa: PLC0415

    return RecordingReader(path)


def _played(document: Document, scenario_id: str) -> Document:
    """Return what of a document can change the outcome of one of its scenarios."""
    kept = {k: replace(s, name="", story="") for k, s in document.scenarios.items()}
    return replace(
        document,
        name="",
        notes="",
        layout={},
        scenarios={k: s for k, s in kept.items() if k == scenario_id},
    )
