"""Editors of a window's own fields: its targets in interleave order, and its restrictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document.model import Document, HostBridge, Restriction
from cxldesigner.gui.canvas import words
from cxldesigner.gui.icons import icon
from cxldesigner.gui.inspector.editors import Editor, common
from cxldesigner.gui.inspector.fields import Field

translate = QCoreApplication.translate
_ROWS = 4


def restriction_words(restriction: Restriction) -> str:
    """Return what a restriction bit is called."""
    return {
        Restriction.TYPE2: translate("Inspector", "Type 2 (device coherent)"),
        Restriction.TYPE3: translate("Inspector", "Type 3 (host-only coherent)"),
        Restriction.VOLATILE: translate("Inspector", "Volatile"),
        Restriction.PERSISTENT: translate("Inspector", "Persistent"),
        Restriction.FIXED: translate("Inspector", "Fixed configuration"),
        Restriction.BACK_INVALIDATE: translate("Inspector", "Back-invalidate"),
    }[restriction]


class FlagsEditor(Editor):
    """A check box for every restriction bit."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        holder = QWidget(self)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.boxes: dict[Restriction, QCheckBox] = {}
        for row, restriction in enumerate(Restriction):
            box = QCheckBox(restriction_words(restriction), holder)
            box.setToolTip(field.tip)
            box.clicked.connect(self._clicked)
            grid.addWidget(box, row, 0)
            self.boxes[restriction] = box
        self.place(holder)
        self.setFocusProxy(self.boxes[Restriction.TYPE2])

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Check what the window allows."""
        del document
        _, value = common(values)
        for restriction, box in self.boxes.items():
            box.setChecked(restriction in (value or ()))
        self.accept()

    def _clicked(self) -> None:
        chosen = tuple(r for r, box in self.boxes.items() if box.isChecked())
        self.committed.emit(chosen, "")


class _List(QListWidget):
    """The list of targets: Delete takes one out, Alt with an arrow moves it."""

    removed = Signal()
    moved = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif alt and event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.moved.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        rows = min(max(self.count(), 2), _ROWS)
        return QSize(120, rows * (self.sizeHintForRow(0) if self.count() else 20) + 8)


class TargetsEditor(Editor):
    """The window's targets, numbered in interleave order."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self.list = _List(holder)
        self.list.setAccessibleName(field.label)
        self.list.setToolTip(field.tip)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.order = QLabel(holder)
        self.order.setWordWrap(True)
        self.order.setTextFormat(Qt.TextFormat.PlainText)
        tools = QHBoxLayout()
        tools.setSpacing(2)
        self.add = self._button("plus", self.tr("Add a target"))
        self.menu = QMenu(self.add)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.add.setMenu(self.menu)
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.remove = self._button("minus", self.tr("Remove the target"))
        self.up = self._button("up", self.tr("Move the target up"))
        self.down = self._button("down", self.tr("Move the target down"))
        for button in (self.add, self.remove, self.up, self.down):
            tools.addWidget(button)
        tools.addStretch(1)
        column.addWidget(self.list)
        column.addLayout(tools)
        column.addWidget(self.order)
        self.place(holder)
        self.setFocusProxy(self.list)
        self._targets: tuple[str, ...] = ()
        self._document = Document()
        self.remove.clicked.connect(self._remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.list.removed.connect(self._remove)
        self.list.moved.connect(self._move)
        self.list.currentRowChanged.connect(self._enable)

    def _button(self, name: str, words_: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setToolTip(words_)
        button.setAccessibleName(words_)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """List the targets in interleave order; the current row stays."""
        _, value = common(values)
        row = self.list.currentRow()
        self._targets, self._document = tuple(value or ()), document
        self.list.clear()
        for i, target in enumerate(self._targets):
            title = words.item_title(document, target)
            shown = target if title == target else f"{target} ({title})"
            self.list.addItem(f"{i}   {shown}")
        self.list.setCurrentRow(min(row, self.list.count() - 1) if row >= 0 else 0)
        self.list.setFixedHeight(self.list.sizeHint().height())
        self.order.setText(self._order_words())
        self._enable()
        self.accept()

    def _order_words(self) -> str:
        if not self._targets:
            return self.tr("No target: Linux ignores the window")
        if len(self._targets) == 1:
            return self.tr("All addresses go to {}").format(self._targets[0])
        then = self.tr(", then ")
        return self.tr("Consecutive granules go to {}, and again").format(then.join(self._targets))

    def candidates(self) -> tuple[str, ...]:
        """Return the host bridges that are no target yet."""
        return tuple(
            k
            for k, part in self._document.parts.items()
            if isinstance(part, HostBridge) and k not in self._targets
        )

    def _fill_menu(self) -> None:
        self.menu.clear()
        for bridge in self.candidates():
            action = self.menu.addAction(words.item_title(self._document, bridge))
            action.triggered.connect(lambda _checked=False, b=bridge: self.add_target(b))
        if self.menu.isEmpty():
            self.menu.addAction(self.tr("Every host bridge is a target already")).setEnabled(False)

    def _enable(self) -> None:
        row, count = self.list.currentRow(), len(self._targets)
        self.remove.setEnabled(0 <= row < count)
        self.up.setEnabled(0 < row < count)
        self.down.setEnabled(0 <= row < count - 1)

    def add_target(self, bridge: str) -> None:
        """Ask for one more target, last in order."""
        self.committed.emit((*self._targets, bridge), "")

    def _remove(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._targets):
            self.committed.emit((*self._targets[:row], *self._targets[row + 1 :]), "")

    def _move(self, step: int) -> None:
        row, targets = self.list.currentRow(), list(self._targets)
        if not 0 <= row < len(targets) or not 0 <= row + step < len(targets):
            return
        targets[row], targets[row + step] = targets[row + step], targets[row]
        self.committed.emit(tuple(targets), "")
        self.list.setCurrentRow(row + step)
