"""A small text near the pointer: what a drop would do, or why it cannot be done."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from cxldesigner.gui.fonts import ui_font
from cxldesigner.gui.theme import tokens

_WIDEST = 340
_AWAY = QPoint(18, 20)
LINGER_MS = 2600


class Bubble(QLabel):
    """Text over the canvas; takes no input itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(ui_font(0.92))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LINGER_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, words: str, at: QPoint, *, refused: bool) -> None:
        """Show a text beside a point of the parent."""
        self._timer.stop()
        t = tokens()
        fill, ink = (t.error_fill, t.error) if refused else (t.good_fill, t.good)
        self.setStyleSheet(
            f"background: {fill.name()}; color: {ink.name()}; border: 1px solid {ink.name()};"
            " border-radius: 7px; padding: 5px 9px;"
        )
        self.setText(words)
        plain = self.fontMetrics().horizontalAdvance(words) + 24
        width = min(plain, _WIDEST)
        self.resize(QSize(width, self.heightForWidth(width)))
        area = self._area.rect()
        corner = at + _AWAY
        if corner.x() + self.width() > area.right():
            corner.setX(max(4, at.x() - _AWAY.x() - self.width()))
        if corner.y() + self.height() > area.bottom():
            corner.setY(max(4, at.y() - _AWAY.y() - self.height()))
        self.move(corner)
        self.show()
        self.raise_()

    def linger(self) -> None:
        """Stay for a moment, then go."""
        if self.isVisible():
            self._timer.start()
