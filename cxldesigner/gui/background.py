"""Work that must not hold up the window: a thread, and a progress dialog once it takes long.

:func:`wait_for` keeps calling code sequential: it returns the function's result or raises what the
function raised, while the window stays painted and the dialog's button can cancel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget

T = TypeVar("T")

QUICK_S = 0.03
DIALOG_AFTER_MS = 400


class Cancelled(Exception):
    """The user gave up waiting."""


class Progress(QObject):
    """What a function under way tells and asks: how far it is, and whether to stop.

    Safe to use from any thread.
    """

    advanced = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the function to stop."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether the function should stop."""
        return self._cancelled.is_set()

    def report(self, done: int, total: int) -> None:
        """Say how much is done; raises :class:`Cancelled` once that was asked for."""
        if self.cancelled:
            raise Cancelled
        self.advanced.emit(done, total)


class _Job(QObject, Generic[T]):
    finished = Signal()

    def __init__(self, function: Callable[[Progress], T]) -> None:
        super().__init__()
        self.progress = Progress()
        self.result: list[T] = []
        self.error: BaseException | None = None
        self._function = function
        self.thread_ = threading.Thread(target=self._run, name="background-job", daemon=True)

    def _run(self) -> None:
        try:
            self.result.append(self._function(self.progress))
        except BaseException as error:  # handed to the waiting thread, which raises it
            self.error = error
        self.finished.emit()


_left: list[_Job[Any]] = []
"""Jobs nobody waits for any more: a Qt object must not end with its thread, but in this one."""


def wait_for(parent: QWidget | None, label: str, function: Callable[[Progress], T]) -> T:
    """Run ``function`` in a thread and return its result.

    Parameters
    ----------
    parent
        Window the progress dialog belongs to.
    label
        What is going on, for the dialog; already translated.
    function
        Gets a :class:`Progress`; it must touch nothing of the GUI.

    Raises
    ------
    Cancelled
        The user pressed the dialog's button; the function's later result is dropped.
    """
    _left[:] = [left for left in _left if left.thread_.is_alive()]
    job = _Job(function)
    job.thread_.start()
    job.thread_.join(QUICK_S)
    if job.thread_.is_alive():
        _wait(parent, label, job)
    if job.progress.cancelled:
        _left.append(job)
        raise Cancelled
    if job.error is not None:
        raise job.error
    return job.result[0]


def _wait(parent: QWidget | None, label: str, job: _Job[T]) -> None:
    """Keep the window painted: at first deaf to input, then with a dialog that can cancel."""
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    QTimer.singleShot(DIALOG_AFTER_MS, loop.quit)
    if job.thread_.is_alive():
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    if job.thread_.is_alive():
        _wait_with_dialog(parent, label, job, loop)
    if not job.progress.cancelled:
        job.thread_.join()


def _wait_with_dialog(parent: QWidget | None, label: str, job: _Job[T], loop: QEventLoop) -> None:
    dialog = QProgressDialog(parent)
    dialog.setLabelText(label)
    dialog.setRange(0, 0)
    dialog.setModal(True)
    dialog.setAutoClose(False)
    dialog.setAutoReset(False)
    dialog.canceled.connect(job.progress.cancel)
    dialog.canceled.connect(loop.quit)

    def show_progress(done: int, total: int) -> None:
        dialog.setRange(0, total)
        dialog.setValue(done)

    job.progress.advanced.connect(show_progress)
    dialog.show()
    if job.thread_.is_alive():
        loop.exec()
    job.progress.advanced.disconnect(show_progress)
    dialog.canceled.disconnect()
    dialog.close()
    dialog.deleteLater()
