"""Host actions as a table: number, command (editable), predicted outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from cxldesigner.document.model import Document
from cxldesigner.gui.icons import icon
from cxldesigner.gui.linuxview.table import Cell, FactTable, Row
from cxldesigner.linux.actions import is_comment, moment_name
from cxldesigner.linux.model import ActionResult, Derivation

translate = QCoreApplication.translate
COMMAND = 1
DONE = "done"
"""Mark of a command that succeeds."""

_Index = QModelIndex | QPersistentModelIndex


def columns() -> tuple[str, ...]:
    """Return the headings."""
    return (
        translate("HostActions", "#"),
        translate("HostActions", "Command"),
        translate("HostActions", "Outcome"),
    )


def rows(document: Document, derivation: Derivation | None) -> list[Row]:
    """Return one row for every host action, with its outcome when it is known."""
    known = derivation is not None and derivation.document.actions == document.actions
    results = (
        iter([r for m in derivation.moments for r in m.results]) if known and derivation else None
    )
    out = []
    for number, line in enumerate(document.actions, 1):
        outcome = Cell("") if is_comment(line) else Cell(translate("HostActions", "…"))
        if results is not None and not is_comment(line):
            result = next(results, None)
            outcome = outcome if result is None else outcome_cell(result)
        name = moment_name(line)
        if name is not None:
            outcome = Cell(translate("HostActions", "the moment “{}”").format(name))
        cells = (Cell(str(number), number=True), Cell(line, tip=line), outcome)
        out.append(Row(str(number), cells))
    return out


def outcome_cell(result: ActionResult) -> Cell:
    """Return what a command is predicted to say."""
    if result.exit == 0:
        return Cell(translate("HostActions", "done"), severity=DONE)
    first = result.output.splitlines()[0] if result.output else ""
    text = translate("HostActions", "exit {}: {}").format(result.exit, first)
    rule = f"\n({result.rule})" if result.rule else ""
    return Cell(text, tip=result.output + rule, severity="error")


class HostActionModel(FactTable):
    """The table of host actions; ``edit`` is called with row and new text."""

    def __init__(self, edit: Callable[[int, str], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._edit = edit
        self.editable = True

    def icon_of(self, cell: Cell) -> QIcon | None:
        return icon("check") if cell.severity == DONE else super().icon_of(cell)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if self.editable and index.isValid() and index.column() == COMMAND:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.EditRole and index.column() == COMMAND:
            cell = self.cell(index)
            return cell.text if cell else None
        return super().data(index, role)

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != COMMAND:
            return False
        return self._edit(index.row(), str(value).strip())
