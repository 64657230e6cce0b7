"""When the next tick is due, at a speed of simulated milliseconds per wall-clock millisecond."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Spaces ticks of ``tick_ms`` simulated milliseconds; speed 0 means as fast as it goes.

    A tick that comes late does not make the next ones hurry: time lost is lost.
    """

    def __init__(self, tick_ms: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._tick_seconds = tick_ms / 1000
        self._clock = clock
        self._speed = 0.0
        self._due = clock()

    def set_speed(self, factor: float) -> None:
        """Take a new speed, from now on."""
        self._speed = max(0.0, factor)
        self._due = self._clock()

    def restart(self) -> None:
        """Forget the wait: the next tick is due now (after a pause)."""
        self._due = self._clock()

    def wait(self) -> float:
        """Return seconds until the next tick is due, 0 when it is."""
        return max(0.0, self._due - self._clock()) if self._speed else 0.0

    def ticked(self) -> None:
        """Note that a tick was made."""
        if self._speed:
            now = self._clock()
            self._due = max(self._due, now - self._tick_seconds / self._speed)
            self._due += self._tick_seconds / self._speed
