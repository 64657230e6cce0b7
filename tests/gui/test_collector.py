"""Garbage is collected on the GUI thread, between events, and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cxldesigner.gui.collector import Collector


class Knot(QWidget):
    """A widget that only the garbage collector can end."""

    ended: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def tie(ended: list[str]) -> None:
    """Make a knot that says in which thread it ended, and forget it."""
    knot = Knot()
    weakref.finalize(knot, lambda: ended.append(threading.current_thread().name))


def litter() -> None:
    """Make so much garbage that Python alone would collect every generation."""
    for _ in range(200_000):
        cycle: list[object] = []
        cycle.append(cycle)


def test_a_worker_never_ends_a_widget(qtbot: QtBot) -> None:
    ended: list[str] = []
    tie(ended)
    worker = threading.Thread(target=litter, name="worker")
    worker.start()
    worker.join()
    assert ended == []
    qtbot.waitUntil(lambda: ended == ["MainThread"], timeout=20_000)


def test_generations_come_due_in_turn(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    collector = qapp.findChild(Collector)
    assert isinstance(collector, Collector)
    collected: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(gc, "collect", collected.append)
        for counts, due in (
            ((700, 10, 10), -1),
            ((701, 9, 99), 0),
            ((701, 10, 9), 1),
            ((701, 10, 10), 2),
        ):
            patch.setattr(gc, "get_count", lambda counts=counts: counts)
            assert collector.collect_due() == due
    assert collected == [0, 1, 2]


def test_python_collects_again_at_the_end(qapp: QApplication) -> None:
    collector = Collector()
    try:
        assert not gc.isenabled()
        collector.settle()
        assert gc.get_freeze_count()
    finally:
        collector.remove()
        assert gc.isenabled()
        gc.disable()
        gc.freeze()
