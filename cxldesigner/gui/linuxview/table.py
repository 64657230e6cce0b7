"""A table of facts: rows known by key, cells with the fact they show; follows by difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from cxldesigner.gui.icons import severity_icon

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Cell:
    """What one place of a table shows.

    ``fact`` names the derived fact (key of ``State.reasons``); ``detail`` says the text exactly;
    ``tip`` is shown below both in its tool tip; ``number`` aligns it right; ``severity`` puts that
    icon before it.
    """

    text: str
    fact: str = ""
    tip: str = ""
    detail: str = ""
    number: bool = False
    severity: str = ""

    @property
    def whole(self) -> str:
        """The text, and the detail if there is one."""
        return f"{self.text} ({self.detail})" if self.detail else self.text


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key, its cells, and the document ids it stands for."""

    key: str
    cells: tuple[Cell, ...]
    items: tuple[str, ...] = ()


class FactTable(QAbstractTableModel):
    """Rows and columns of facts; :meth:`show` changes only what differs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[str, ...] = ()
        self._rows: list[Row] = []

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return tuple(self._rows)

    def row_of(self, key: str) -> int:
        """Return the row with a key, -1 when there is none."""
        return next((i for i, row in enumerate(self._rows) if row.key == key), -1)

    def show(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Show other columns or rows; rows that stay keep their selection."""
        wanted = tuple(columns)
        kept = {row.key for row in rows}
        common = [row.key for row in self._rows if row.key in kept]
        known = set(common)
        same_order = common == [row.key for row in rows if row.key in known]
        if wanted != self._columns or not same_order or len(kept) != len(rows):
            self.beginResetModel()
            self._columns, self._rows = wanted, list(rows)
            self.endResetModel()
            return
        for at in reversed(range(len(self._rows))):
            if self._rows[at].key not in kept:
                self.beginRemoveRows(_ROOT, at, at)
                del self._rows[at]
                self.endRemoveRows()
        for at, row in enumerate(rows):
            if at >= len(self._rows) or self._rows[at].key != row.key:
                self.beginInsertRows(_ROOT, at, at)
                self._rows.insert(at, row)
                self.endInsertRows()
            elif self._rows[at] != row:
                self._rows[at] = row
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(wanted) - 1))

    def cell(self, index: _Index) -> Cell | None:
        """Return the cell at an index."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        cells = self._rows[index.row()].cells
        return cells[index.column()] if index.column() < len(cells) else None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and self._rows:
            cells = self._rows[0].cells
            return RIGHT if section < len(cells) and cells[section].number else LEFT
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        if cell is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(dict.fromkeys(s for s in (cell.whole, cell.tip) if s))
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if cell.number else LEFT
            case Qt.ItemDataRole.DecorationRole:
                return self.icon_of(cell)
            case Qt.ItemDataRole.AccessibleTextRole:
                heading = self._columns[index.column()]
                return f"{heading}: {cell.whole}"
            case _:
                return None

    def icon_of(self, cell: Cell) -> QIcon | None:
        """Return the icon before a cell's text."""
        return severity_icon(cell.severity) if cell.severity else None
