"""A canvas in a window for tests, and pointer input on it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cxldesigner.document.model import Document
from cxldesigner.document.ports import Refusal
from cxldesigner.gui.canvas.view import CanvasView
from cxldesigner.gui.session import Session

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Stage:
    """A session, its canvas, and what was refused."""

    def __init__(self, qtbot: QtBot, document: Document) -> None:
        self.session = Session(document)
        self.view = CanvasView(self.session)
        qtbot.addWidget(self.view)
        self.view.resize(1100, 750)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.refused: list[Refusal] = []
        self.session.refused.connect(self.refused.append)

    @property
    def document(self) -> Document:
        return self.session.document

    def port(self, ref: str) -> QPoint:
        return self.view.viewport().mapFromGlobal(self.view.global_port_position(ref))

    def part(self, item_id: str) -> QPoint:
        return self.view.viewport().mapFromGlobal(self.view.global_part_position(item_id))

    def empty(self) -> QPoint:
        """A place with nothing near: the upper left corner of a fitted platform."""
        return QPoint(6, 6)

    def press(self, at: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mousePress(self.view.viewport(), LEFT, modifiers, at)

    def move(self, start: QPoint, end: QPoint, steps: int = 6) -> None:
        for i in range(1, steps + 1):
            QTest.mouseMove(self.view.viewport(), start + (end - start) * i / steps)

    def release(self, at: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mouseRelease(self.view.viewport(), LEFT, modifiers, at)

    def drag(self, start: QPoint, end: QPoint) -> None:
        self.press(start)
        self.move(start, end)
        self.release(end)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, modifiers, at)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.keyClick(self.view, key, modifiers)

    # --- drag and drop --------------------------------------------------------------------

    def hover(self, data: QMimeData, at: QPoint) -> bool:
        """Drag data in and over a place; whether it is accepted there."""
        copy = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(at, copy, data, LEFT, PLAIN)
        enter.setAccepted(False)
        QApplication.sendEvent(self.view.viewport(), enter)
        move = QDragMoveEvent(at, copy, data, LEFT, PLAIN)
        move.setAccepted(False)
        QApplication.sendEvent(self.view.viewport(), move)
        return enter.isAccepted() and move.isAccepted()

    def drop(self, data: QMimeData, at: QPoint) -> bool:
        """Drag data in and drop it; whether the drop was taken."""
        if not self.hover(data, at):
            QApplication.sendEvent(self.view.viewport(), QDragLeaveEvent())
            return False
        drop = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, PLAIN)
        drop.setAccepted(False)
        QApplication.sendEvent(self.view.viewport(), drop)
        return drop.isAccepted()

    def leave(self) -> None:
        QApplication.sendEvent(self.view.viewport(), QDragLeaveEvent())
