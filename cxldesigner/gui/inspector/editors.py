"""The small editors of a form: each shows values and says what a person made of them.

An editor never changes the document. It emits :attr:`Editor.committed` with the new value and, if
it knows better than the form, the text of the undo step. Text that is no value is kept on screen in
red with a sentence that says what is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from cxldesigner.document.model import Document
from cxldesigner.document.units import ACCEPTED, BadQuantity
from cxldesigner.gui.inspector.fields import Field
from cxldesigner.gui.theme import tokens
from cxldesigner.gui.widgets.widecombo import WideCombo

translate = QCoreApplication.translate


def several() -> str:
    """Return the words shown where the selected items differ."""
    return translate("Inspector", "several values")


def quantity_text(error: BadQuantity) -> str:
    """Return the sentence under text that could not be read."""
    accepted = translate("Quantity", ACCEPTED[error.code])
    return translate("Inspector", "“{}” is not understood: {}").format(error.shown, accepted)


class Editor(QWidget):
    """One field's editor, and the label for its errors, which the form puts below it."""

    committed = Signal(object, str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setObjectName("problem")
        self.problem.hide()

    def place(self, widget: QWidget) -> None:
        """Put the editing widget in, with the field's name and tip."""
        widget.setToolTip(self.field.tip)
        widget.setAccessibleName(self.field.label)
        widget.setAccessibleDescription(self.field.tip)
        self.setFocusProxy(widget)
        self._column.addWidget(widget)

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the values of all selected items."""
        raise NotImplementedError

    def refuse(self, text: str) -> None:
        """Show why the value on screen was not taken; the document is unchanged."""
        colours = self.problem.palette()
        colours.setColor(QPalette.ColorRole.WindowText, tokens().error)
        self.problem.setPalette(colours)
        self.problem.setText(text)
        self.problem.show()

    def accept(self) -> None:
        """Take the error away."""
        self.problem.clear()
        self.problem.hide()


def common(values: Sequence[Any]) -> tuple[bool, Any]:
    """Return whether all values are equal, and the first."""
    first = values[0] if values else None
    return all(value == first for value in values), first


class _Line(QLineEdit):
    """A line whose Escape gives back what was there."""

    restored = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.restored.emit()
            return
        super().keyPressEvent(event)


class LineEditor(Editor):
    """Text of a quantity or a name, taken by Return or by leaving the line."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = _Line(self)
        self._shown = ""
        self.place(self.line)
        self.line.editingFinished.connect(self._finished)
        self.line.textEdited.connect(self._edited)
        self.line.restored.connect(self._restore)

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the common value; what a person is typing stays."""
        del document
        if self.line.isModified() and self.line.hasFocus():
            return
        same, value = common(values)
        self._shown = self.field.format(value) if same else ""
        self.line.setPlaceholderText(self.field.empty if same else several())
        self._restore()

    def _restore(self) -> None:
        self.line.setText(self._shown)
        self.line.setModified(False)
        self.line.setCursorPosition(0)
        self.accept()

    def _edited(self) -> None:
        """Take an old error away as soon as the text can be read."""
        if self.problem.isHidden():
            return
        try:
            self.field.parse(self.line.text())
        except BadQuantity:
            return
        self.accept()

    def _finished(self) -> None:
        if not self.line.isModified():
            return
        text = self.line.text()
        if text == self._shown:
            self._restore()
            return
        try:
            value = self.field.parse(text)
        except BadQuantity as error:
            self.refuse(quantity_text(error))
            return
        self.line.setModified(False)
        self.committed.emit(value, "")

    def accept(self) -> None:
        """Take the error away, and the red."""
        super().accept()
        self.line.setPalette(QPalette())

    def refuse(self, text: str) -> None:
        """Show the text in red with its error; it stays to be corrected."""
        super().refuse(text)
        colours = QPalette()
        colours.setColor(QPalette.ColorRole.Text, tokens().error)
        colours.setColor(QPalette.ColorRole.Base, tokens().error_fill)
        self.line.setPalette(colours)
        self.line.setModified(True)


class _Combo(WideCombo):
    """A combo box that the wheel does not change while a form is scrolled over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceEditor(Editor):
    """One of a few values. A value that is no choice is shown as itself."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box = _Combo(self)
        self._values: list[Any] = []
        self.place(self.box)
        self.box.activated.connect(self._chosen)

    def choices(self, document: Document) -> Sequence[tuple[Any, str]]:
        """Return values and their words."""
        del document
        return self.field.choices

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the common value, or that there are several."""
        same, value = common(values)
        choices = list(self.choices(document))
        if same and value not in (known for known, _ in choices):
            choices.append((value, self.field.format(value)))
        self._values = [known for known, _ in choices]
        self.box.clear()
        self.box.addItems([words for _, words in choices])
        self.box.setPlaceholderText("" if same else several())
        self.box.setCurrentIndex(self._values.index(value) if same else -1)
        self.box.set_tip(self.field.tip)
        self.accept()

    def words(self, value: Any) -> str:
        """Return the words for a value."""
        return self.box.itemText(self._values.index(value)) if value in self._values else ""

    def _chosen(self, index: int) -> None:
        self.committed.emit(self._values[index], "")


class CheckEditor(Editor):
    """On or off; half when the selected items differ."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box = QCheckBox(self)
        self.place(self.box)
        self.box.clicked.connect(self._clicked)

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the common value."""
        del document
        same, value = common(values)
        self.box.setTristate(not same)
        if same:
            self.box.setChecked(bool(value))
        else:
            self.box.setCheckState(Qt.CheckState.PartiallyChecked)
        self.accept()

    def _clicked(self) -> None:
        on = self.box.checkState() is not Qt.CheckState.Unchecked
        self.committed.emit(on, "")


class FactEditor(Editor):
    """A line that is only read; selectable, so that it can be copied."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLabel(self)
        self.line.setWordWrap(True)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.place(self.line)

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the fact about the one selected item."""
        if self.field.fact is not None and values:
            self.line.setText(self.field.fact(document, values[0]))


def focus_leaves(event: QFocusEvent | QEvent) -> bool:
    """Return whether an event takes the focus to another widget, not to a menu or popup."""
    return (
        isinstance(event, QFocusEvent)
        and event.type() == QEvent.Type.FocusOut
        and event.reason() != Qt.FocusReason.PopupFocusReason
    )
