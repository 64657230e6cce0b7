"""The host actions panel: commands run after boot, in order, each with its predicted outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document import edits
from cxldesigner.document.model import Document
from cxldesigner.gui import hostactionmodel as rows
from cxldesigner.gui.background import Cancelled, wait_for
from cxldesigner.gui.bringonline import bring_online
from cxldesigner.gui.fonts import mono_font
from cxldesigner.gui.hostactionmodel import COMMAND, HostActionModel
from cxldesigner.gui.icons import icon
from cxldesigner.gui.regiondialog import RegionDialog
from cxldesigner.gui.session import Mode, Session
from cxldesigner.gui.widgets.deferred import Deferred

FIRST_COMMAND = "# moment: ready"
"""What a new row says until it is edited: a line that changes nothing."""


class _Table(QTableView):
    """A table with keys for its rows; ``asked`` names what was asked for."""

    asked = Signal(str)
    KEYS: ClassVar = {
        (Qt.Key.Key_Insert, Qt.KeyboardModifier.NoModifier): "add",
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier): "remove",
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier): "up",
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier): "down",
    }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        name = self.KEYS.get((Qt.Key(event.key()), modifiers))
        if name is None or self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        else:
            self.asked.emit(name)


class HostActionsPanel(QWidget):
    """The list of host actions; every change is one undo step."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = HostActionModel(self.replace, self)
        self.table = _Table(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Host actions"))
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.setFont(mono_font())
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.empty = QLabel(self)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setText(
            self.tr(
                "No host actions. CXL memory becomes a node’s memory only when someone creates a "
                "region: use “Create region…” or “Bring all CXL memory online”."
            )
        )
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.table)
        self.bar = QToolBar(self)
        self.bar.setIconSize(QSize(18, 18))
        self._actions: dict[str, QAction] = {}
        self._fill_bar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.table)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.table.asked.connect(lambda name: self._actions[name].trigger())
        self._refresh = Deferred(self, self._show)
        session.shown_changed.connect(self._refresh.request)
        session.derivation_changed.connect(self._refresh.request)
        session.mode_changed.connect(self._refresh.request)
        self._show()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)

    def _fill_bar(self) -> None:
        entries: tuple[tuple[str, str, str, str, Callable[[], object], bool], ...] = (
            ("add", "plus", self.tr("Add command"), "Ins", self.add, False),
            ("edit", "edit", self.tr("Edit command"), "F2", self.edit_current, False),
            ("remove", "delete", self.tr("Remove commands"), "Del", self.remove, False),
            ("up", "up", self.tr("Move up"), "Alt+Up", lambda: self.move_rows(-1), False),
            ("down", "down", self.tr("Move down"), "Alt+Down", lambda: self.move_rows(1), False),
            ("region", "region", self.tr("Create region…"), "", self.create_region, True),
            ("online", "memory", self.tr("Bring all CXL memory online"), "", self.online, True),
        )
        for name, picture, words, keys, run, spelled in entries:
            action = QAction(icon(picture), words, self)
            action.setToolTip(f"{words} ({keys})" if keys else words)
            action.triggered.connect(lambda _checked=False, run=run: run())
            if name == "region":
                self.bar.addSeparator()
            self.bar.addAction(action)
            button = self.bar.widgetForAction(action)
            button.setAccessibleName(words)
            if spelled:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)  # type: ignore[attr-defined]
            self._actions[name] = action

    # --- following ----------------------------------------------------------------------------

    @property
    def _lines(self) -> tuple[str, ...]:
        return self._session.document.actions

    def _show(self) -> None:
        shown: Document = self._session.shown_document
        self.model.editable = self._session.mode is Mode.EDIT
        self.model.show(rows.columns(), rows.rows(shown, self._session.derivation))
        self.stack.setCurrentWidget(self.table if shown.actions else self.empty)
        self._enable()

    def _selected(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def _enable(self) -> None:
        editable, chosen = self._session.mode is Mode.EDIT, self._selected()
        derived = self._session.derivation is not None
        last = self.model.rowCount() - 1
        for name, allowed in {
            "add": True,
            "edit": len(chosen) == 1,
            "remove": bool(chosen),
            "up": bool(chosen) and chosen[0] > 0,
            "down": bool(chosen) and chosen[-1] < last,
            "region": derived and bool(self._session.shown_document.windows),
            "online": derived,
        }.items():
            self._actions[name].setEnabled(editable and allowed)

    def _choose(self, chosen: list[int]) -> None:
        selection = self.table.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in chosen:
            selection.select(self.model.index(row, COMMAND), flags)
        if chosen:
            selection.setCurrentIndex(
                self.model.index(chosen[0], COMMAND), QItemSelectionModel.SelectionFlag.NoUpdate
            )

    # --- doing --------------------------------------------------------------------------------

    def replace(self, row: int, line: str) -> bool:
        """Replace a command; an empty text removes it."""
        lines = list(self._lines)
        if not 0 <= row < len(lines) or lines[row] == line:
            return False
        lines[row : row + 1] = [line] if line else []
        return self._session.edit(self.tr("Edit host action"), edits.set_actions, lines)

    def add(self) -> None:
        """Add a row below the current one and start editing it."""
        chosen = self._selected()
        row = chosen[-1] + 1 if chosen else len(self._lines)
        lines = [*self._lines[:row], FIRST_COMMAND, *self._lines[row:]]
        if self._session.edit(self.tr("Add host action"), edits.set_actions, lines):
            self._choose([row])
            self.edit_current()

    def edit_current(self) -> None:
        """Start editing the chosen command."""
        chosen = self._selected()
        if len(chosen) == 1:
            self.table.edit(self.model.index(chosen[0], COMMAND))

    def remove(self) -> None:
        """Remove the chosen commands."""
        gone = set(self._selected())
        lines = [line for row, line in enumerate(self._lines) if row not in gone]
        self._session.edit(self.tr("Remove host actions"), edits.set_actions, lines)

    def move_rows(self, step: int) -> None:
        """Move the chosen commands up (-1) or down (1)."""
        chosen, lines = self._selected(), list(self._lines)
        ends = [row + step for row in chosen]
        if not chosen or ends[0] < 0 or ends[-1] >= len(lines):
            return
        for row in chosen if step < 0 else reversed(chosen):
            lines[row], lines[row + step] = lines[row + step], lines[row]
        if self._session.edit(self.tr("Move host actions"), edits.set_actions, lines):
            self._choose(ends)

    def create_region(self) -> None:
        """Ask for a region and append its command."""
        derivation = self._session.derivation
        if derivation is None:
            return
        dialog = RegionDialog(derivation, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.append((dialog.command,), self.tr("Create region")))
        dialog.setModal(True)
        dialog.open()

    def append(self, more: tuple[str, ...], words: str) -> bool:
        """Append commands as one undo step."""
        return self._session.edit(words, edits.set_actions, (*self._lines, *more))

    def online(self) -> bool:
        """Append the commands that give all CXL memory to the kernel, as one undo step."""
        derivation = self._session.derivation
        if derivation is None:
            return False
        try:
            more = wait_for(
                self.window(),
                self.tr("Trying the commands…"),
                lambda _progress: bring_online(
                    derivation.document, derivation.firmware, derivation.current
                ),
            )
        except Cancelled:
            return False
        if derivation is not self._session.derivation:
            return False  # edited meanwhile: the commands were tried on another machine
        return self.append(more, self.tr("Bring all CXL memory online"))
