"""Panels behind other tabs show nothing new until they are seen."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cxldesigner.gui.widgets.deferred import Deferred


class Source(QObject):
    changed = Signal(int)


def test_what_is_hidden_is_refreshed_once_when_it_is_shown(qtbot: QtBot) -> None:
    tabs, behind = QTabWidget(), QWidget()
    qtbot.addWidget(tabs)
    tabs.addTab(QWidget(), "front")
    tabs.addTab(behind, "behind")
    done: list[int] = []
    source, deferred = Source(), Deferred(behind, lambda: done.append(1))
    source.changed.connect(deferred.request)
    tabs.show()
    qtbot.waitExposed(tabs)
    source.changed.emit(1)
    source.changed.emit(2)
    assert not done
    tabs.setCurrentIndex(1)
    assert len(done) == 1
    source.changed.emit(3)
    assert len(done) == 2
    tabs.setCurrentIndex(0)
    tabs.setCurrentIndex(1)
    assert len(done) == 2


def test_a_panel_in_a_dock_behind_another_waits_too(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    docks = [QDockWidget(name, window) for name in ("front", "behind")]
    for dock in docks:
        dock.setWidget(QWidget())
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    window.tabifyDockWidget(*docks)
    docks[0].raise_()
    done: list[int] = []
    deferred = Deferred(docks[1].widget(), lambda: done.append(1))
    window.resize(600, 400)
    window.show()
    qtbot.waitExposed(window)
    deferred.request()
    assert not done
    docks[1].raise_()
    qtbot.waitUntil(lambda: done == [1])
    deferred.request()
    assert done == [1, 1]


def test_a_panel_put_into_a_dock_in_front_is_refreshed(qtbot: QtBot) -> None:
    window, dock, holder = QMainWindow(), QDockWidget("dock"), QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(holder)
    dock.setWidget(holder)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    window.resize(600, 400)
    window.show()
    qtbot.waitExposed(window)
    panel, done = QWidget(), list[int]()
    deferred = Deferred(panel, lambda: done.append(1))
    column.addWidget(panel)
    deferred.request()
    qtbot.waitUntil(lambda: done == [1])
