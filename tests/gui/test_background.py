"""Waiting for a thread: results, errors, progress, giving up."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from cxldesigner.gui.background import Cancelled, Progress, wait_for


def test_the_result_comes_from_another_thread(qapp: QApplication) -> None:
    assert wait_for(None, "", lambda _: threading.get_ident()) != threading.get_ident()


def test_an_error_is_raised_where_one_waits(qapp: QApplication) -> None:
    def fail(_: Progress) -> None:
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        wait_for(None, "", fail)


def test_the_window_goes_on_while_one_waits(qapp: QApplication) -> None:
    ticks: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(10)

    wait_for(None, "", lambda _: time.sleep(0.25))

    timer.stop()
    assert len(ticks) >= 5


def dialogs() -> list[QProgressDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog)]


def test_long_work_shows_its_progress_and_can_be_cancelled(qtbot: QtBot) -> None:
    seen: list[tuple[str, int, int]] = []
    stopped = threading.Event()

    def work(progress: Progress) -> None:
        try:
            for done in range(1000):
                progress.report(done, 1000)
                time.sleep(0.01)
        except Cancelled:
            stopped.set()
            raise

    def give_up() -> None:
        for dialog in dialogs():
            if dialog.value() > 0:
                seen.append((dialog.labelText(), dialog.value(), dialog.maximum()))
                dialog.findChild(QPushButton).click()

    timer = QTimer()
    timer.timeout.connect(give_up)
    timer.start(20)

    with pytest.raises(Cancelled):
        wait_for(None, "Counting", work)

    timer.stop()
    assert stopped.wait(5)
    label, value, maximum = seen[0]
    assert (label, maximum) == ("Counting", 1000)
    assert 0 < value < 1000
    qtbot.waitUntil(lambda: not dialogs())
