"""A recording and a playhead in it: what can be played without any engine."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from cxldesigner.gui.player import clock
from cxldesigner.recording.model import Meta

if TYPE_CHECKING:  # loads numpy; the window is shown before that
    from cxldesigner.recording.reader import RecordingReader

FRAME_MS = 33


class PlayState(StrEnum):
    """What the player is doing; ``preparing`` is a worker that has not written a row yet."""

    EMPTY = "empty"
    PREPARING = "preparing"
    PAUSED = "paused"
    PLAYING = "playing"


class Playback(QObject):
    """Moves a playhead over the rows of a reader.

    One timer runs while there is something to do and moves the playhead by the wall clock that
    went by, so a late frame skips rows instead of queueing them.

    ``recording_changed()``: another recording, or none. ``ticks_changed(n)``: it has n rows now.
    ``playhead_changed(tick)``: float ticks. ``state_changed(state)``: :class:`PlayState`, speed
    or live-follow.
    """

    recording_changed = Signal()
    ticks_changed = Signal(int)
    playhead_changed = Signal(float)
    state_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader: RecordingReader | None = None
        self._ticks = 0
        self._playhead = 0.0
        self._playing = False
        self._following = False
        self._speed = clock.DEFAULT_SPEED
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def reader(self) -> RecordingReader | None:
        """The open recording; read it on the GUI thread, never close it."""
        return self._reader

    @property
    def meta(self) -> Meta | None:
        """What the recording says of itself."""
        return None if self._reader is None else self._reader.meta

    @property
    def live(self) -> bool:
        """Whether an engine is writing the recording."""
        return False

    @property
    def state(self) -> PlayState:
        """What the player is doing."""
        if self._reader is None or self._ticks == 0:
            return PlayState.PREPARING if self.live else PlayState.EMPTY
        return PlayState.PLAYING if self._playing else PlayState.PAUSED

    @property
    def following(self) -> bool:
        """Whether the playhead stays at the newest row of a live recording."""
        return self._following

    @property
    def ticks(self) -> int:
        """Rows of the recording."""
        return self._ticks

    @property
    def total_ticks(self) -> int:
        """Rows the recording has or, live, will have."""
        return self._ticks

    @property
    def tick_ms(self) -> int:
        """Simulated length of a tick; 1 without a recording."""
        return 1 if self._reader is None else self._reader.meta.tick_ms

    @property
    def playhead(self) -> float:
        """Position in ticks."""
        return self._playhead

    @property
    def tick(self) -> int:
        """The row under the playhead."""
        return int(self._playhead)

    @property
    def speed(self) -> float:
        """Simulated ms per ms of wall clock; 0 as fast as it goes."""
        return self._speed

    def row(self, tick: int) -> dict[str, float]:
        """Return the recorded values of a tick by column name; empty without a recording."""
        if self._reader is None or not 0 <= tick < self._ticks:
            return {}
        columns = self._reader.meta.columns
        return {c.name: float(v) for c, v in zip(columns, self._reader.row(tick), strict=True)}

    def play(self) -> None:
        """Go on from the playhead, at the end from the start."""
        if not self.live and self._ticks and self._playhead >= self._ticks - 1:
            self._move(0.0)
        self._playing = True
        self._tell_state()
        self._wake()

    def pause(self) -> None:
        """Hold the playhead."""
        if self._playing:
            self._playing = False
            self._tell_state()

    def toggle(self) -> None:
        """Play or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def step(self, by: int) -> None:
        """Pause and move by whole ticks."""
        self.pause()
        self.seek(clock.step(self._playhead, by, self._ticks))

    def seek(self, tick: float) -> None:
        """Move the playhead; on the newest row of a live recording it follows again."""
        at = clock.clamp(tick, self._ticks)
        following = self.live and at >= self._ticks - 1
        changed, self._following = following != self._following, following
        self._move(at)
        if changed:
            self._tell_state()

    def home(self) -> None:
        """Go to the first row."""
        self.seek(0.0)

    def end(self) -> None:
        """Go to the last row; live: follow."""
        self.seek(float(self._ticks))

    def set_speed(self, speed: float) -> None:
        """Set simulated ms per ms of wall clock; 0 is as fast as it goes."""
        if speed != self._speed:
            self._speed = speed
            self._tell_state()

    def advance(self, elapsed_ms: float) -> None:
        """Do what is due after ``elapsed_ms`` of wall clock (the timer's work)."""
        if not self._ticks:
            return
        to = clock.advance(self._playhead, elapsed_ms, self._speed, self.tick_ms, self._ticks)
        if self._following:
            self._move(clock.follow(to, self._speed, self.tick_ms, self._ticks))
        elif self._playing:
            self._move(to)
            if to >= self._ticks - 1:
                self._on_end_reached()

    def _on_end_reached(self) -> None:
        self.pause()

    def _busy(self) -> bool:
        """Whether the timer still has something to do."""
        return self._playing

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._elapsed.start()
            self._timer.start()

    def _on_timeout(self) -> None:
        self.advance(float(self._elapsed.restart()))
        if not self._busy():
            self._timer.stop()

    def _move(self, to: float) -> None:
        if to != self._playhead:
            self._playhead = to
            self.playhead_changed.emit(to)

    def _set_reader(self, reader: RecordingReader | None) -> None:
        """Show another recording from its start, or none; closes the one before."""
        if self._reader is not None:
            self._reader.close()
        elif reader is None:
            return
        self._reader = reader
        self._ticks, self._playhead = (0 if reader is None else reader.ticks), 0.0
        self.recording_changed.emit()
        self.ticks_changed.emit(self._ticks)
        self.playhead_changed.emit(0.0)

    def _refresh(self) -> None:
        """Take rows that were added since."""
        if self._reader is None:
            return
        self._reader.refresh()
        if self._reader.ticks != self._ticks:
            self._ticks = self._reader.ticks
            self.ticks_changed.emit(self._ticks)

    def _tell_state(self) -> None:
        self.state_changed.emit(self.state)
