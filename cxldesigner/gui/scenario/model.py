"""The tree of a scenario: settings, processes with their phases, timed events."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from cxldesigner.document.model import Phase, Process, Scenario, TimedEvent
from cxldesigner.document.units import format_size, format_time
from cxldesigner.gui.icons import icon
from cxldesigner.gui.scenario.places import Place, at, places

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ScenarioModel(QAbstractItemModel):
    """Rows are places of a scenario; phases are children of their process.

    An index carries the number of its place in :func:`places` order. A change of values keeps all
    indexes; another structure resets the model.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scenario: Scenario | None = None
        self._places: list[Place] = []

    def set_scenario(self, scenario: Scenario | None) -> None:
        """Show another scenario, or another value of the same."""
        if scenario is self._scenario:
            return
        new = [] if scenario is None else places(scenario)
        if new == self._places and new:
            self._scenario = scenario
            for place in new:
                index = self.index_of(place)
                self.dataChanged.emit(index, index)
            return
        self.beginResetModel()
        self._scenario, self._places = scenario, new
        self.endResetModel()

    def place(self, index: Index) -> Place | None:
        """Return the place of an index; None for no row, or one that is gone."""
        number = index.internalId() if index.isValid() else len(self._places)
        return self._places[number] if number < len(self._places) else None

    def index_of(self, place: Place) -> QModelIndex:
        """Return the index of a place, an invalid one if there is none."""
        if place not in self._places:
            return QModelIndex()
        row = self._siblings(self._parent(place)).index(place)
        return self.createIndex(row, 0, self._places.index(place))

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        children = self._children(parent)
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, self._places.index(children[row]))

    def parent(self, index: Index = _NOWHERE) -> Any:
        place = self.place(index)
        above = None if place is None else self._parent(place)
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return len(self._children(parent)) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        del parent
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place = self.place(index)
        if place is None or self._scenario is None:
            return None
        value = at(self._scenario, place)
        if role == Qt.ItemDataRole.DisplayRole:
            return words(value)
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(_ICONS[type(value)])
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(value, Scenario):
            return value.story or None
        return None

    def _children(self, parent: Index) -> list[Place]:
        above = self.place(parent)
        return [] if above is None and parent.isValid() else self._siblings(above)

    def _siblings(self, above: Place | None) -> list[Place]:
        return [p for p in self._places if self._parent(p) == above]

    @staticmethod
    def _parent(place: Place) -> Place | None:
        return place[:2] if len(place) == 4 else None


_ICONS = {Scenario: "settings", Process: "process", Phase: "loop", TimedEvent: "event"}


def words(value: Any) -> str:
    """Return what the tree says of a value."""
    match value:
        case Process():
            return value.name or value.id
        case Phase():
            end = value.start_ms + value.duration_ms
            return translate("Scenario", "{}, {}, {} to {}").format(
                value.workload,
                format_size(value.bytes),
                format_time(value.start_ms),
                format_time(end),
            )
        case TimedEvent():
            return translate("Scenario", "{}: {}").format(format_time(value.at_ms), value.command)
    return translate("Scenario", "Settings of the run")
