"""Panels behind other tabs wait with showing what is new until they are seen again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QDockWidget, QWidget


class Deferred(QObject):
    """Calls ``refresh`` when asked while its widget is on screen, else when that is next seen.

    A dock behind other tabs counts as visible for Qt, only that it lies outside its window; its
    own signal says when it comes to the front.
    """

    def __init__(self, widget: QWidget, refresh: Callable[[], object]) -> None:
        super().__init__(widget)
        self._widget, self._refresh = widget, refresh
        self._due = False
        self._dock: QDockWidget | None = None
        widget.installEventFilter(self)

    def request(self, *_what: object) -> None:
        """Ask for the refresh; takes what any signal carries."""
        self._due = True
        if self._seen():
            self.catch_up()
        elif self._dock is None:
            self._dock = self._find_dock()
            if self._dock is not None:
                self._dock.visibilityChanged.connect(self._on_visibility_changed)

    def catch_up(self) -> None:
        """Do what is due now."""
        if self._due:
            self._due = False
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = event.type() == QEvent.Type.Show
        if shown or (event.type() == QEvent.Type.Resize and self._due and self._seen()):
            self.catch_up()
        return super().eventFilter(watched, event)

    def _seen(self) -> bool:
        widget, window = self._widget, self._widget.window()
        place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        return widget.isVisible() and window.rect().intersects(place)

    def _find_dock(self) -> QDockWidget | None:
        above = self._widget.parentWidget()
        while above is not None and not isinstance(above, QDockWidget):
            above = above.parentWidget()
        return above

    def _on_visibility_changed(self, visible: bool) -> None:
        if visible:
            self.catch_up()
