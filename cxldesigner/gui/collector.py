"""Garbage collection at safe moments only: between events, on the GUI thread.

Python collects cycles in whichever thread happens to allocate. A widget in a cycle that a worker
thread collects is destroyed in that thread: Qt then waits for ever or crashes. In the GUI thread,
too, an unlucky moment (inside a call of a model, in the middle of painting) destroys what Qt still
uses.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500
_YOUNG, _MIDDLE, _OLD = 700, 10, 10
"""When a generation is due: new objects; collections of the generation below it."""


class Collector(QObject):
    """Replaces Python's automatic collection, from now until :meth:`remove`.

    Its moments are turns of the event loop, so an event never waits for more than the generation
    that is due. Objects alive when it is made, or at :meth:`settle`, are not looked at again.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect_due)
        self._timer.start()

    def collect_due(self) -> int:
        """Collect the oldest generation that is due; return which, -1 for none."""
        young, middle, old = gc.get_count()
        if young <= _YOUNG:
            return -1
        due = 0 if middle < _MIDDLE else 1 if old < _OLD else 2
        gc.collect(due)
        return due

    def settle(self) -> None:
        """Take what is alive now as lasting (the window with all its panels is made)."""
        gc.freeze()

    def remove(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
