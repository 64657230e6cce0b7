"""Where the docks are: a default for each mode, and what the user made of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QToolBar

from cxldesigner.gui.panels import BOTTOM, LEFT, RIGHT, START_SIZES, PanelDock
from cxldesigner.gui.session import Mode
from cxldesigner.gui.settings import Layout, Settings

VERSION = 2
"""Of the set of docks; a kept layout of another version is not used."""
REPLAY_SHARE = 0.6
"""What charts have of the window's width in replay, the drawing the rest."""


class WindowLayout:
    """Arranges the docks of a window; keeps an arrangement for each mode."""

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, PanelDock], settings: Settings
    ) -> None:
        self._window, self._docks, self._settings = window, docks, settings
        window.setDockNestingEnabled(True)
        window.setDockOptions(window.dockOptions() | QMainWindow.DockOption.GroupedDragging)
        for area in (LEFT, RIGHT, BOTTOM):
            window.setTabPosition(area, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        window.setCorner(Qt.Corner.BottomLeftCorner, BOTTOM)
        self._titles = QTimer(window)
        self._titles.setSingleShot(True)
        self._titles.setInterval(0)
        self._titles.timeout.connect(self._retitle)
        for dock in docks.values():
            dock.visibilityChanged.connect(self._titles.start)
            dock.dockLocationChanged.connect(self._titles.start)
            dock.topLevelChanged.connect(self._titles.start)

    def _retitle(self) -> None:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in self._window.findChildren(QTabBar, options=direct):
            if not bar.count():
                bar.hide()  # Qt only moves those it needs no longer out of sight
        for dock in self._docks.values():
            dock.retitle()

    def show(self, mode: Mode) -> None:
        """Arrange the docks as they were last in a mode, or as they start in it."""
        kept = getattr(self._settings.read(Layout), mode.value)
        self._take_away()
        if not (kept and self._window.restoreState(QByteArray(kept), VERSION)):
            self._show_default(mode)
            if not self._window.isVisible():
                # Before it is laid out, a window gives docks what they ask for, not what we say.
                QTimer.singleShot(0, self._window, lambda: self.size_default(mode))
        self._show_playback(shown=True)

    def keep(self, mode: Mode) -> None:
        """Remember the arrangement for a mode."""
        state = bytes(self._window.saveState(VERSION).data())
        self._settings.change(Layout, **{mode.value: state})

    def reset(self, mode: Mode) -> None:
        """Forget what was kept and arrange the docks as they start."""
        self._settings.change(Layout, edit=b"", replay=b"")
        self._take_away()
        self._show_default(mode)

    def _show_default(self, mode: Mode) -> None:
        window = self._window
        for area in (LEFT, RIGHT, BOTTOM):
            docks = [d for d in self._docks.values() if d.spec.area_in(mode) is area]
            docks.sort(key=lambda d: mode not in d.spec.front)
            for dock in docks:
                window.addDockWidget(area, dock)
            for dock in docks[1:]:
                window.tabifyDockWidget(docks[0], dock)
            for dock in docks:
                dock.setVisible(mode in dock.spec.modes)
            for dock in docks:
                if mode in dock.spec.front:
                    dock.raise_()
        self.size_default(mode)

    def _take_away(self) -> None:
        """Take all docks out: where one is moved elsewhere, Qt leaves its tab bar on screen."""
        for dock in self._docks.values():
            if dock.isFloating():
                dock.setFloating(False)
            self._window.removeDockWidget(dock)
        layout = self._window.layout()
        if layout is not None:
            layout.activate()  # or their tab bars keep their tabs

    def size_default(self, mode: Mode) -> None:
        """Give the areas the sizes they start with; works once the window has its own size."""
        window = self._window
        replay = mode is Mode.REPLAY
        widths = {
            LEFT: START_SIZES[LEFT].width(),
            RIGHT: round(window.width() * REPLAY_SHARE) if replay else START_SIZES[RIGHT].width(),
        }
        for area, width in widths.items():
            shown = self._shown(area, mode)
            window.resizeDocks(shown[:1], [width] * len(shown[:1]), Qt.Orientation.Horizontal)
        bottom = self._shown(BOTTOM, mode)[:1]
        height = START_SIZES[BOTTOM].height()
        window.resizeDocks(bottom, [height] * len(bottom), Qt.Orientation.Vertical)

    def hide_all(self) -> None:
        """Hide every dock and the playback bar (the welcome page needs none)."""
        self._show_playback(shown=False)
        for dock in self._docks.values():
            dock.hide()

    def _show_playback(self, *, shown: bool) -> None:
        bar = self._window.findChild(QToolBar, "playback")
        if bar is not None:
            bar.setVisible(shown)

    def _shown(self, area: Qt.DockWidgetArea, mode: Mode) -> list[PanelDock]:
        docks = self._docks.values()
        return [d for d in docks if d.spec.area_in(mode) is area and not d.isHidden()]
