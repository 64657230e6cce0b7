"""An engine that counts; what it does goes by the scenario's name."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from cxldesigner.document.model import Document
from cxldesigner.recording.model import Column, Event, Meta
from cxldesigner.recording.writer import RecordingWriter


class Run:
    def __init__(
        self, document: Document, scenario_id: str, open_writer: Callable[[Meta], RecordingWriter]
    ) -> None:
        scenario = document.scenarios[scenario_id]
        self._does = scenario.name
        if self._does == "refuse":
            raise ValueError("nothing to run")
        self.tick = 0
        self.total = scenario.duration_ms // scenario.tick_ms
        self._seed = scenario.seed
        self._events: list[Event] = []
        self.writer = open_writer(
            Meta(
                document=b"{}",
                scenario=scenario_id,
                seed=scenario.seed,
                tick_ms=scenario.tick_ms,
                granule_pages=1,
                columns=(Column("node0.free", "pages"),),
                engine="fake",
            )
        )

    @property
    def done(self) -> bool:
        return self.tick >= self.total

    def step(self) -> None:
        if self._does == "crash" and self.tick == 70:
            sys.stderr.write("the ground opened\n")
            sys.stderr.flush()
            os.kill(os.getpid(), 9)
        if self._does == "raise" and self.tick == 70:
            raise ZeroDivisionError("no pages")
        if self._does == "talk":
            sys.stdout.write("this is no message\n")
        if self._does == "slow":
            time.sleep(0.01)
        if self._does == "stuck" and self.tick == 3:
            time.sleep(1000)
        self.writer.tick([self._seed * 1000.0 + self.tick], self._events)
        self._events = []
        self.tick += 1

    def inject(self, command: str) -> str:
        self._events.append(Event(self.tick, "action", command))
        return "no such node" if "bad" in command else ""

    def summary(self) -> dict[str, float]:
        return {"ticks": float(self.tick)}
