"""A run under way: the worker's handle, what it said so far, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Protocol

from cxldesigner.gui.player.files import discard
from cxldesigner.runner import protocol

PATIENCE_S = 2.0
"""How long a worker that was told to end may take to finish its recording."""


class Handle(Protocol):
    """What the player needs of :class:`cxldesigner.runner.handle.RunHandle`."""

    def start(self, paused: bool = False) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def step(self, ticks: int = 1) -> None: ...
    def set_speed(self, factor: float) -> None: ...
    def inject(self, command: str) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def poll(self) -> Sequence[protocol.Message]: ...
    @property
    def alive(self) -> bool: ...


class Ending(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    FAILED = "failed"


@dataclass(slots=True)
class LiveRun:
    """One worker and what it reported; ``ending`` is set once nothing more will come.

    ``committed``: ticks in the recording; ``total``: ticks the scenario has, 0 while unknown.
    ``engine_paused``: the worker was told to wait (by us; its answer may still be on the way).
    """

    handle: Handle
    path: Path
    committed: int = 0
    total: int = 0
    engine_paused: bool = False
    failure: protocol.Failed | None = None
    ending: Ending | None = None
    _scratch: bool = False
    _left_at: float = 0.0

    def poll(self) -> list[protocol.Injected]:
        """Take the worker's messages; return the acknowledged commands among them."""
        messages = self.handle.poll()
        for message in messages:
            self._take(message)
        return [m for m in messages if isinstance(m, protocol.Injected)]

    def _take(self, message: protocol.Message) -> None:
        match message:
            case protocol.Progress(ticks=ticks, total=total):
                self.committed, self.total = ticks, total
            case protocol.Paused(ticks=ticks):
                self.committed = max(self.committed, ticks)
            case protocol.Finished(ticks=ticks):
                self.committed, self.ending = ticks, Ending.FINISHED
            case protocol.Failed():
                self.failure, self.ending = message, Ending.FAILED
            case _:
                return

    def pause(self) -> None:
        """Ask the worker to wait after the tick under way."""
        self.handle.pause()
        self.engine_paused = True

    def resume(self) -> None:
        """Let the worker go on."""
        self.handle.resume()
        self.engine_paused = False

    def step(self, ticks: int) -> None:
        """Let the worker make some ticks and wait again."""
        self.handle.step(ticks)
        self.engine_paused = True

    def fail(self, code: str, text: str) -> None:
        """End the run from our side, with a sentence for the user."""
        self.failure, self.ending = protocol.Failed(code, text), Ending.FAILED

    def leave(self, *, scratch: bool) -> None:
        """Tell the worker to end; ``scratch``: its recording goes with it."""
        self._scratch = scratch
        self._left_at = monotonic()
        self.handle.stop()

    def gone(self) -> bool:
        """Return whether a worker that was told to end has; one out of time is killed."""
        self.handle.poll()
        if self.handle.alive and monotonic() - self._left_at < PATIENCE_S:
            return False
        self.close()
        return True

    def close(self) -> None:
        """Make sure that the worker is gone, and its recording if nobody wants it."""
        self.handle.kill()
        if self._scratch:
            discard(self.path)
