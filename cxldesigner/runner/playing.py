"""The loop of a worker: obey commands between ticks, make ticks, say how far it is."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Protocol

from cxldesigner.recording.writer import RecordingWriter
from cxldesigner.runner import protocol
from cxldesigner.runner.pacing import Pace

IDLE_COMMIT_SECONDS = 0.1
"""While waiting for the next tick, what was made since is shown to readers this often."""

Inbox = queue.Queue[protocol.Message | None]
Say = Callable[[protocol.Message], None]


class Run(Protocol):
    """What the loop needs of the engine's run."""

    @property
    def tick(self) -> int:
        """Ticks made so far."""

    @property
    def total(self) -> int:
        """Ticks the scenario has."""

    @property
    def done(self) -> bool:
        """Whether the scenario is over."""

    def step(self) -> None:
        """Make one tick, recording it."""

    def inject(self, command: str) -> str:
        """Apply a host action and record it as input; return the tool's error text, "" if none."""

    def summary(self) -> dict[str, float]:
        """Return the results known at the end."""


class Player:
    """Drives one run to its end."""

    def __init__(
        self, run: Run, writer: RecordingWriter, inbox: Inbox, say: Say, pace: Pace, paused: bool
    ) -> None:
        self._run, self._writer = run, writer
        self._inbox, self._say, self._pace = inbox, say, pace
        self._paused = paused
        self._steps_left = 0
        self._stopped = False
        self._told = -1
        self._shown_at = time.monotonic()

    def play(self) -> None:
        """Make ticks until the run is done or told to stop; finish the recording."""
        self._tell_progress()
        if self._paused:
            self._say(protocol.Paused(self._run.tick))
        while not self._stopped and not self._run.done:
            try:
                message = self._next()
            except queue.Empty:
                self._make_tick()
            else:
                self._take(message)
        self._writer.finish(self._run.summary())
        self._tell_progress()
        self._say(protocol.Finished(self._run.tick))

    def _next(self) -> protocol.Message | None:
        """Return the next command; ``queue.Empty`` when the next tick is due before one comes."""
        wait = None if self._paused else self._pace.wait()
        if wait == 0:
            return self._inbox.get_nowait()
        if time.monotonic() - self._shown_at >= IDLE_COMMIT_SECONDS:
            self._show()
        return self._inbox.get(timeout=wait)

    def _make_tick(self) -> None:
        self._run.step()
        self._pace.ticked()
        self._tell_progress()
        if self._steps_left:
            self._steps_left -= 1
            if not self._steps_left:
                self._pause()

    def _take(self, message: protocol.Message | None) -> None:
        match message:
            case None | protocol.Stop():
                self._stopped = True
            case protocol.Pause():
                self._pause()
            case protocol.Resume():
                self._paused, self._steps_left = False, 0
                self._pace.restart()
            case protocol.Step(ticks=ticks) if ticks > 0:
                self._paused, self._steps_left = False, ticks
                self._pace.restart()
            case protocol.Speed(factor=factor):
                self._pace.set_speed(factor)
            case protocol.Inject(command=command):
                error = self._run.inject(command)
                self._show()
                self._say(protocol.Injected(self._run.tick, command, error))
            case _:
                raise ValueError(f"no command to a worker: {message!r}")

    def _pause(self) -> None:
        self._paused, self._steps_left = True, 0
        self._show()
        self._say(protocol.Paused(self._run.tick))

    def _show(self) -> None:
        self._writer.commit()
        self._shown_at = time.monotonic()
        self._tell_progress()

    def _tell_progress(self) -> None:
        if self._writer.committed != self._told:
            self._told = self._writer.committed
            self._say(protocol.Progress(self._told, self._run.total))
