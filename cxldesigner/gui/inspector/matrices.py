"""Tables under the host: distances between proximity domains, access figures of initiators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from cxldesigner.document import units
from cxldesigner.document.codec import Malformed, check
from cxldesigner.document.model import AccessFigure, Distance, Document, Perf, Socket
from cxldesigner.firmware.domains import number_domains
from cxldesigner.gui.inspector.editors import Editor, common, quantity_text
from cxldesigner.gui.inspector.fields import Field
from cxldesigner.gui.messages import refusal_text
from cxldesigner.gui.theme import tokens

translate = QCoreApplication.translate
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_MOST_ROWS = 8
_LOCAL, _REMOTE = 10, 20


class _Grid(QAbstractTableModel):
    """Text cells between row and column names; a subclass says what they mean."""

    changed = Signal(object, str)
    rejected = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.document = Document()
        self.value: Any = ()
        self.rows: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()

    def show(self, document: Document, value: Any) -> None:
        """Show the value of a document. A reset would end the editing that asked for it."""
        rows, columns = self.names(document)
        if (rows, columns) == (self.rows, self.columns):
            same = value == self.value
            self.document, self.value = document, value
            if rows and columns and not same:
                last = self.index(len(rows) - 1, len(columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.document, self.value = document, value
        self.rows, self.columns = rows, columns
        self.endResetModel()

    def names(self, document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the row and column names."""
        raise NotImplementedError

    def cell(self, row: int, column: int) -> tuple[str, bool]:
        """Return the text of a cell and whether somebody gave it."""
        raise NotImplementedError

    def changed_by(self, row: int, column: int, text: str) -> tuple[Any, str]:
        """Return the value with a cell changed and the undo text, or raise ``BadQuantity``."""
        raise NotImplementedError

    def heading(self, name: str) -> str:
        """Return a column name as its heading."""
        return name

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        names = self.columns if orientation is Qt.Orientation.Horizontal else self.rows
        if role == Qt.ItemDataRole.DisplayRole and 0 <= section < len(names):
            return self.heading(names[section]) if names is self.columns else names[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        text, told = self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.EditRole:
            return text if told else ""
        if role == Qt.ItemDataRole.ForegroundRole and not told:
            return tokens().text_muted
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        if str(value) == self.data(index, Qt.ItemDataRole.EditRole):
            return False
        try:
            changed, words = self.changed_by(index.row(), index.column(), str(value))
        except units.BadQuantity as error:
            self.rejected.emit(quantity_text(error))
            return False
        except Malformed as error:
            self.rejected.emit(refusal_text(error.refusal))
            return False
        self.changed.emit(changed, words)
        return True


class _Distances(_Grid):
    """Domains by domains; muted cells are the other direction's value or the default."""

    def names(self, document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
        domains = number_domains(document)
        ids = (*domains.memory, *domains.ports, *domains.windows)
        return ids, ids

    def cell(self, row: int, column: int) -> tuple[str, bool]:
        told = {(d.a, d.b): d.value for d in self.value}
        a, b = self.rows[row], self.columns[column]
        if (a, b) in told:
            return str(told[a, b]), True
        default = _LOCAL if a == b else _REMOTE
        return str(told.get((b, a), default)), False

    def changed_by(self, row: int, column: int, text: str) -> tuple[Any, str]:
        a, b = self.rows[row], self.columns[column]
        rest = tuple(d for d in self.value if (d.a, d.b) != (a, b))
        if not text.strip():
            words = translate("Inspector", "Clear distance from {} to {}").format(a, b)
            return rest, words
        told = Distance(a=a, b=b, value=units.parse_integer(text))
        check(told, translate("Inspector", "Distance from {} to {}").format(a, b))
        words = translate("Inspector", "Set distance from {} to {} to {}")
        return (*rest, told), words.format(a, b, told.value)


class _Access(_Grid):
    """Initiator and target by the four figures."""

    _FIGURES = (
        ("read_latency_ns", units.parse_latency, units.format_latency),
        ("write_latency_ns", units.parse_latency, units.format_latency),
        ("read_bandwidth_mbps", units.parse_bandwidth, units.format_bandwidth),
        ("write_bandwidth_mbps", units.parse_bandwidth, units.format_bandwidth),
    )

    def names(self, document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
        domains = number_domains(document)
        initiators = [k for k, p in document.parts.items() if isinstance(p, Socket) and p.cpus]
        targets = (*domains.memory, *domains.ports, *domains.windows)
        self._pairs = [(i, t) for i in initiators for t in targets]
        return tuple(f"{i} → {t}" for i, t in self._pairs), (
            translate("Inspector", "read latency"),
            translate("Inspector", "write latency"),
            translate("Inspector", "read bandwidth"),
            translate("Inspector", "write bandwidth"),
        )

    def heading(self, name: str) -> str:
        return name.replace(" ", "\n")

    def _perf(self, row: int) -> Perf:
        pair = self._pairs[row]
        rows = (f.perf for f in self.value if (f.initiator, f.target) == pair)
        return next(rows, Perf())

    def cell(self, row: int, column: int) -> tuple[str, bool]:
        name, _, form = self._FIGURES[column]
        return form(getattr(self._perf(row), name)), True

    def changed_by(self, row: int, column: int, text: str) -> tuple[Any, str]:
        name, parse, form = self._FIGURES[column]
        initiator, target = self._pairs[row]
        value = parse(text)
        perf = replace(self._perf(row), **{name: value})
        kept = tuple(f for f in self.value if (f.initiator, f.target) != (initiator, target))
        told = AccessFigure(initiator=initiator, target=target, perf=perf)
        noun = self.columns[column]
        check(told, noun)
        if value:
            words = translate("Inspector", "Set {} from {} to {} to {}")
            words = words.format(noun, initiator, target, form(value))
        else:
            words = translate("Inspector", "Clear {} from {} to {}")
            words = words.format(noun, initiator, target)
        return (kept if perf == Perf() else (*kept, told)), words


class _Table(QTableView):
    """A table whose Delete empties the current cell."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.model().setData(self.currentIndex(), "")
        else:
            super().keyPressEvent(event)


class GridEditor(Editor):
    """A table of text cells; Return or typing edits a cell, Delete empties it."""

    grid: type[_Grid] = _Distances

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.model = self.grid(self)
        self.table = _Table(self)
        self.table.setModel(self.model)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setCornerButtonEnabled(False)
        self.place(self.table)
        self.model.changed.connect(self.committed)
        self.model.rejected.connect(self.refuse)

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the table of a document."""
        _, value = common(values)
        self.model.show(document, value)
        self._fit()
        self.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the height of the rows, and of a scroll bar when columns do not fit."""
        rows = min(max(self.model.rowCount(), 1), _MOST_ROWS)
        height = self.table.horizontalHeader().sizeHint().height()
        height += rows * self.table.verticalHeader().defaultSectionSize()
        header = self.table.horizontalHeader()
        if header.length() + self.table.verticalHeader().sizeHint().width() > self.width():
            height += self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(height + 2 * self.table.frameWidth())


class DistanceEditor(GridEditor):
    """The SLIT."""

    grid = _Distances


class AccessEditor(GridEditor):
    """The HMAT rows that no part holds."""

    grid = _Access
