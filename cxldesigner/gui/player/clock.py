"""How far a playhead moves: pure arithmetic, no Qt."""

from __future__ import annotations

SPEEDS: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 0.0)
"""Simulated ms per ms of wall clock a person can choose; 0 is as fast as it goes."""

DEFAULT_SPEED = 4.0

FOLLOW_LAG_MS = 700.0
"""How far behind the newest row a following playhead may be, ms of wall clock."""

_SHOWN_ROWS_PER_SECOND = 30.0
_WHOLE_RECORDING_MS = 5_000.0


def advance(playhead: float, elapsed_ms: float, speed: float, tick_ms: int, ticks: int) -> float:
    """Return where a playhead stands after ``elapsed_ms`` of wall clock.

    Parameters
    ----------
    playhead : position in ticks, 0 … ``ticks`` - 1.
    elapsed_ms : wall clock since the last call, ms.
    speed : simulated ms per ms; 0 shows the whole recording in five seconds (but never fewer than
        thirty ticks a second).
    tick_ms : simulated length of a tick, ms.
    ticks : rows of the recording.
    """
    per_ms = speed / tick_ms
    if speed <= 0:
        per_ms = max(ticks / _WHOLE_RECORDING_MS, _SHOWN_ROWS_PER_SECOND / 1000)
    return clamp(playhead + elapsed_ms * per_ms, ticks)


def follow(advanced: float, speed: float, tick_ms: int, ticks: int) -> float:
    """Return where a playhead that follows a growing recording stands.

    Rows arrive in batches (a commit every half second); between them the playhead moves on at
    playback speed, and is taken along when it falls more than :data:`FOLLOW_LAG_MS` behind.
    """
    lag = FOLLOW_LAG_MS * speed / tick_ms
    return clamp(max(advanced, ticks - 1 - lag), ticks)


def clamp(playhead: float, ticks: int) -> float:
    """Return the nearest position that has a row; 0 for an empty recording."""
    return min(max(playhead, 0.0), max(ticks - 1.0, 0.0))


def step(playhead: float, by: int, ticks: int) -> float:
    """Return the whole tick ``by`` steps away; from between two ticks the first step rounds."""
    whole = int(playhead)
    if by < 0 and playhead > whole:
        by += 1
    return clamp(float(whole + by), ticks)


def seconds(tick: float, tick_ms: int) -> float:
    """Return the simulated time of a tick, s."""
    return tick * tick_ms / 1000


def tick_at(at_seconds: float, tick_ms: int, ticks: int) -> int:
    """Return the tick nearest to a simulated time."""
    return int(clamp(float(round(at_seconds * 1000 / tick_ms)), ticks))
