"""The findings panel: what the kernel would refuse or drop, and traps, in the user's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.gui.linuxview.table import Cell, FactTable, Row
from cxldesigner.gui.session import Session
from cxldesigner.gui.widgets.deferred import Deferred
from cxldesigner.linux.model import Finding, Severity

translate = QCoreApplication.translate
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def severity_text(severity: Severity) -> str:
    """Return what a severity is called."""
    return {
        Severity.ERROR: translate("Findings", "Error"),
        Severity.WARNING: translate("Findings", "Warning"),
        Severity.NOTE: translate("Findings", "Note"),
    }[severity]


def finding_lines(finding: Finding) -> str:
    """Return a finding's sentence and, below it, how to mend it."""
    words = translate("Findings", finding.text).format(*finding.args)
    if not finding.mend:
        return words
    mend = translate("Findings", finding.mend).format(*finding.args)
    return translate("Findings", "{}\n→ {}").format(words, mend)


def columns() -> tuple[str, ...]:
    """Return the headings."""
    return (
        translate("Findings", "Severity"),
        translate("Findings", "Finding"),
        translate("Findings", "Concerns"),
        translate("Findings", "Rule"),
    )


def rows(findings: tuple[Finding, ...]) -> list[Row]:
    """Return one row for every finding, the worst first."""
    out = []
    counts: dict[str, int] = {}
    for finding in sorted(findings, key=lambda f: _ORDER[f.severity]):
        key = "/".join((finding.rule, *finding.items, *finding.args))
        counts[key] = counts.get(key, 0) + 1
        text = finding_lines(finding)
        severity = Cell(severity_text(finding.severity), severity=finding.severity)
        source = Cell(finding.rule, tip=finding.source)
        concerns = Cell(", ".join(finding.items))
        out.append(
            Row(
                f"{key}#{counts[key]}",
                (severity, Cell(text, tip=text), concerns, source),
                finding.items,
            )
        )
    return out


class _Table(QTableView):
    """A table whose Return chooses the current row."""

    return_pressed = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.return_pressed.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class FindingsPanel(QWidget):
    """Findings of the shown platform; double click or Return selects the items of one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = FactTable(self)
        self.table = _Table(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Findings"))
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.verticalHeader().hide()
        self.empty = QLabel(self)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.setFocusProxy(self.table)
        self.table.doubleClicked.connect(self.choose)
        self.table.return_pressed.connect(self.choose)
        self._refresh = Deferred(self, self._show)
        session.derivation_changed.connect(self._refresh.request)
        self._show()

    def choose(self, index: QModelIndex) -> None:
        """Select the items the finding in a row is about."""
        if 0 <= index.row() < len(self.model.rows):
            self._session.select(self.model.rows[index.row()].items)

    def _show(self) -> None:
        derivation = self._session.derivation
        found = derivation.findings if derivation is not None else ()
        fresh = self.model.columnCount() == 0
        self.model.show(columns(), rows(found))
        if fresh:
            header = self.table.horizontalHeader()
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
            self.table.verticalHeader().setSectionResizeMode(
                QHeaderView.ResizeMode.ResizeToContents
            )
        words = (
            self.tr("Not checked yet.")
            if derivation is None
            else self.tr("No findings: the kernel would take this platform as it is drawn.")
        )
        self.empty.setText(words)
        self.stack.setCurrentWidget(self.table if found else self.empty)
