"""Connecting by keyboard: a list of everything a part can be connected to, filtered by typing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QVBoxLayout, QWidget

from cxldesigner.document.model import Document
from cxldesigner.document.ports import MATES, connection_refusal, ports_of
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.editing import target_refusal

_WIDTH = 300
_ROWS = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible connection: ``own`` and ``other`` are port references.

    For a window ``own`` is its id and ``other`` a host bridge.
    """

    own: str
    other: str
    label: str


def choices(document: Document, item_id: str) -> tuple[Choice, ...]:
    """Return every connection that is possible from an item now."""
    if item_id in document.windows:
        return tuple(
            Choice(item_id, k, f"{k}  {words.kind_name(part)} {part.name}".rstrip())
            for k, part in document.parts.items()
            if target_refusal(document, item_id, k) is None
        )
    part = document.parts.get(item_id)
    found: list[Choice] = []
    seen: set[str] = set()
    for own in ports_of(part) if part is not None else ():
        for other in document.parts.values():
            for port in ports_of(other):
                mates = MATES.get(own.type) == port.type or MATES.get(port.type) == own.type
                if not mates or port.ref in seen:
                    continue
                if connection_refusal(document, own.ref, port.ref) is not None:
                    continue
                seen.add(port.ref)
                label = f"{port.ref}  {words.kind_name(other)} {other.name}".rstrip()
                found.append(Choice(own.ref, port.ref, label))
    return tuple(found)


class ConnectPopup(QFrame):
    """The list, as a small window over the canvas; ``chosen`` carries the :class:`Choice`."""

    chosen = Signal(object)

    def __init__(self, document: Document, item_id: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._choices = choices(document, item_id)
        heading = QLabel(self.tr("Connect {} to").format(words.item_title(document, item_id)), self)
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(self.tr("Type to choose a target"))
        self._field.setAccessibleName(self.tr("Target"))
        self._list = QListWidget(self)
        self._list.setAccessibleName(self.tr("Possible targets"))
        self._list.setUniformItemSizes(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        for widget in (heading, self._field, self._list):
            layout.addWidget(widget)
        self._shown: list[Choice] = []
        self._filter("")
        self._field.textChanged.connect(self._filter)
        self._field.returnPressed.connect(self._take)
        self._list.itemClicked.connect(self._take)
        self._field.installEventFilter(self)
        self.setFixedWidth(_WIDTH)
        row = max(self._list.sizeHintForRow(0), self.fontMetrics().height() + 6)
        self._list.setFixedHeight(row * min(_ROWS, max(2, len(self._choices))) + 6)

    def open_at(self, corner: QPoint) -> None:
        """Show the list with its corner at a place on the screen."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        x = max(screen.left(), min(corner.x(), screen.right() - self.width()))
        y = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self._field.setFocus()

    def _filter(self, typed: str) -> None:
        needles = typed.lower().split()
        self._shown = [c for c in self._choices if all(n in c.label.lower() for n in needles)]
        self._list.clear()
        self._list.addItems([c.label for c in self._shown])
        if self._shown:
            self._list.setCurrentRow(0)
        else:
            self._list.addItem(self.tr("Nothing it can be connected to"))

    def _take(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._shown):
            choice = self._shown[row]
            self.close()
            self.chosen.emit(choice)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self._shown:
                row = max(0, min(self._list.currentRow() + step, len(self._shown) - 1))
                self._list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)
