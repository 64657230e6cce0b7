"""The editor of text of several lines: notes, the memory map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from cxldesigner.document.model import Document
from cxldesigner.document.units import BadQuantity
from cxldesigner.gui.inspector.editors import Editor, common, focus_leaves, quantity_text, several
from cxldesigner.gui.inspector.fields import Field

_LINES = 5


class _Text(QPlainTextEdit):
    finished = Signal()
    restored = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + 14)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if focus_leaves(event):
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and control:
            self.finished.emit()
        elif event.key() == Qt.Key.Key_Escape and self.document().isModified():
            self.restored.emit()
        else:
            super().keyPressEvent(event)


class TextEditor(Editor):
    """Several lines, taken by Ctrl+Return or by leaving them."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.text = _Text(self)
        self._shown = ""
        self.place(self.text)
        self.text.finished.connect(self._finished)
        self.text.restored.connect(self._restore)

    def show_values(self, document: Document, values: Sequence[Any]) -> None:
        """Show the common text; what a person is typing stays."""
        del document
        if self.text.document().isModified() and self.text.hasFocus():
            return
        same, value = common(values)
        self._shown = self.field.format(value) if same else ""
        self.text.setPlaceholderText(self.field.empty if same else several())
        self._restore()

    def _restore(self) -> None:
        if self.text.toPlainText() != self._shown:
            self.text.setPlainText(self._shown)
        self.text.document().setModified(False)
        self.accept()

    def _finished(self) -> None:
        text = self.text.toPlainText()
        if not self.text.document().isModified() or text == self._shown:
            return
        try:
            value = self.field.parse(text)
        except BadQuantity as error:
            self.refuse(quantity_text(error))
            return
        self.text.document().setModified(False)
        words = self.tr("Change {}").format(self.field.noun)
        self.committed.emit(value, words)

    def refuse(self, text: str) -> None:
        """Show the error; the text stays to be corrected."""
        super().refuse(text)
        self.text.document().setModified(True)
