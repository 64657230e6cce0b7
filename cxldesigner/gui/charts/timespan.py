"""The shared time axis: which seconds every chart shows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

_SHORTEST_TICKS = 8.0


class TimeSpan(QObject):
    """Start and end in simulated seconds, kept inside the recording.

    *Fitted* means the whole recording is shown and stays shown while it grows.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start, self._end, self._limit = 0.0, 1.0, 1.0
        self._shortest = 0.0
        self._fitted = True

    @property
    def start(self) -> float:
        """First second shown."""
        return self._start

    @property
    def end(self) -> float:
        """Last second shown."""
        return self._end

    @property
    def length(self) -> float:
        """Seconds shown."""
        return self._end - self._start

    @property
    def fitted(self) -> bool:
        """Whether the whole recording is shown."""
        return self._fitted

    def set_limit(self, limit: float, tick_s: float) -> None:
        """Set the length of the recording and of one tick, s."""
        self._shortest = min(tick_s * _SHORTEST_TICKS, limit)
        if limit == self._limit or limit <= 0:
            return
        self._limit = limit
        if self._fitted:
            self._set(0.0, limit)
        else:
            self.show(self._start, self._end)

    def fit(self) -> None:
        """Show the whole recording."""
        self._fitted = True
        self._set(0.0, self._limit)

    def show(self, start: float, end: float) -> None:
        """Show a stretch; moved and cut to lie inside the recording."""
        length = min(max(end - start, self._shortest), self._limit)
        first = min(max(start, 0.0), self._limit - length)
        self._fitted = length >= self._limit
        self._set(first, first + length)

    def zoom(self, factor: float, at: float) -> None:
        """Show ``factor`` times as many seconds; the second ``at`` stays where it is."""
        length = min(max(self.length * factor, self._shortest), self._limit)
        share = (at - self._start) / self.length if self.length else 0.5
        first = at - share * length
        self.show(first, first + length)

    def pan(self, by: float) -> None:
        """Show as many seconds, ``by`` later."""
        if not self._fitted:
            self.show(self._start + by, self._end + by)

    def reveal(self, at: float) -> None:
        """Turn the page so that the second ``at`` is shown, a tenth from the edge."""
        if not self._start <= at <= self._end:
            first = at - 0.1 * self.length if at > self._end else at - 0.9 * self.length
            self.show(first, first + self.length)

    def _set(self, start: float, end: float) -> None:
        if (start, end) != (self._start, self._end):
            self._start, self._end = start, end
            self.changed.emit()
