"""Building the rest of the window step by step, while it answers.

What a step needs is imported on a thread; the steps, which make widgets, run between events.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

log = logging.getLogger(__name__)

POLL_MS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do in one turn of the event loop, once its modules are imported."""

    modules: tuple[str, ...]
    run: Callable[[], None]


class Preload:
    """Imports modules one after the other on a thread; ask :meth:`done` before using one.

    One that cannot be imported counts as done, too: who imports it next gets the error.
    """

    def __init__(self, modules: Iterable[str]) -> None:
        self._modules = tuple(dict.fromkeys(modules))
        self._done: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="preload", daemon=True)
        self._thread.start()

    def done(self, modules: Iterable[str]) -> bool:
        """Whether the thread is through with modules."""
        return self._done.issuperset(modules)

    def wait(self) -> None:
        """Wait for the end of the thread."""
        self._thread.join()

    def _run(self) -> None:
        for module in self._modules:
            try:
                importlib.import_module(module)
            except Exception as error:  # told by who needs the module
                log.info("preloading %s failed: %s", module, error)
            self._done.add(module)


class Stepwise(QObject):
    """Runs steps in order, one per turn of the event loop; a step that fails stops no other."""

    def __init__(self, steps: Iterable[Step], parent: QObject) -> None:
        super().__init__(parent)
        self._steps = deque(steps)
        self._preload = Preload(module for step in self._steps for module in step.modules)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_due)
        self._timer.start(0)

    def shutdown(self) -> None:
        """Run no more steps."""
        self._timer.stop()
        self._steps.clear()
        self._preload.wait()

    def _on_due(self) -> None:
        if not self._preload.done(self._steps[0].modules):
            self._timer.start(POLL_MS)
            return
        step = self._steps.popleft()
        if self._steps:  # before the step, so that one broken panel does not take the others along
            self._timer.start(0)
        step.run()
