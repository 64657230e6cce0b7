"""Panels behind other tabs wait with showing what is new until they are seen again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class Deferred(QObject):
    """Calls ``refresh`` when asked while its widget is on screen, else when that is next shown."""

    def __init__(self, widget: QWidget, refresh: Callable[[], object]) -> None:
        super().__init__(widget)
        self._widget, self._refresh = widget, refresh
        self._due = False
        widget.installEventFilter(self)

    def request(self, *_what: object) -> None:
        """Ask for the refresh; takes what any signal carries."""
        self._due = True
        if self._widget.isVisible():
            self.catch_up()

    def catch_up(self) -> None:
        """Do what is due now."""
        if self._due:
            self._due = False
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self.catch_up()
        return super().eventFilter(watched, event)
