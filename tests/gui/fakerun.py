"""A run's handle without a process: writes a recording when the test says so."""

from __future__ import annotations

from pathlib import Path

from cxldesigner.document.store import loads
from cxldesigner.recording.model import Meta
from cxldesigner.recording.writer import RecordingWriter
from cxldesigner.runner import protocol
from tests.gui import recordings

TOTAL = 100


class FakeRun:
    """Keeps the commands it got in ``said``; :meth:`make` plays the worker."""

    made: list[FakeRun] = []  # noqa: RUF012  # one list for all, emptied by the fixture

    def __init__(self, document: bytes, scenario: str, path: Path) -> None:
        self.document = loads(document, "fake")
        self.path = path
        self.said: list[str] = []
        self.killed = False
        self._messages: list[protocol.Message] = []
        self._meta = Meta(
            document=document, scenario=scenario, seed=1, tick_ms=100, granule_pages=1,
            columns=recordings.columns(self.document), engine="fake",
        )  # fmt: skip
        self._rows = recordings.rows(self.document, TOTAL)
        self._writer: RecordingWriter | None = None
        self._alive = False
        FakeRun.made.append(self)

    def start(self, paused: bool = False) -> None:
        self.said.append(f"start paused={paused}")
        self._alive = True

    def pause(self) -> None:
        self.said.append("pause")

    def resume(self) -> None:
        self.said.append("resume")

    def step(self, ticks: int = 1) -> None:
        self.said.append(f"step {ticks}")

    def set_speed(self, factor: float) -> None:
        self.said.append(f"speed {factor:g}")

    def inject(self, command: str) -> None:
        self.said.append(f"inject {command}")

    def stop(self) -> None:
        self.said.append("stop")
        self._alive = False

    def kill(self) -> None:
        self.killed = True
        if self._writer is not None:
            self._writer.close()

    def poll(self) -> list[protocol.Message]:
        messages, self._messages = self._messages, []
        return messages

    @property
    def alive(self) -> bool:
        return self._alive

    # --- what the worker does -----------------------------------------------------------------

    def say(self, message: protocol.Message) -> None:
        self._messages.append(message)

    def make(self, ticks: int) -> None:
        if self._writer is None:
            self._writer = RecordingWriter(self.path, self._meta)
        for _ in range(ticks):
            self._writer.tick(self._rows[self._writer.ticks])
        self._writer.commit()
        self.say(protocol.Progress(self._writer.ticks, TOTAL))

    def finish(self) -> None:
        assert self._writer is not None
        ticks = self._writer.ticks
        self._writer.close()
        self._alive = False
        self.say(protocol.Finished(ticks))
