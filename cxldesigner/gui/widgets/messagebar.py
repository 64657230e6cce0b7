"""A strip over the canvas that says what happened without stopping anyone."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from cxldesigner.gui import dialogs
from cxldesigner.gui.icons import icon, severity_icon
from cxldesigner.gui.theme import theme_changed, tokens
from cxldesigner.linux.severity import Severity

_NOTE_MS = 8_000


class MessageBar(QFrame):
    """One message at a time, the newest; notes go by themselves, errors stay until closed.

    ``key`` marks a lasting state ("derivation"), so that its end can take the message away.
    """

    action_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message-bar")
        self._key = self._title = self._details = ""
        self._severity = Severity.NOTE
        self._sign = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = QPushButton(self.tr("Details…"), self)
        self._more.clicked.connect(self._on_more)
        self._act = QPushButton(self)
        self._act.clicked.connect(self._on_act)
        close = QToolButton(self)
        close.setIcon(icon("close"))
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Close the message"))
        close.setToolTip(self.tr("Close the message"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(10)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        for widget in (self._act, self._more, close):
            layout.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        theme_changed.connect(self._retheme)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def show_message(
        self,
        severity: Severity,
        text: str,
        *,
        details: str = "",
        key: str = "",
        action: tuple[str, str] = ("", ""),
    ) -> None:
        """Say something; ``action`` is the id and the label of a button."""
        self._severity, self._key, self._details, self._title = severity, key, details, text
        self._text.setText(text)
        self._more.setVisible(bool(details))
        self._act.setText(action[1])
        self._act.setProperty("action", action[0])
        self._act.setVisible(bool(action[0]))
        self._retheme()
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        self._timer.stop()
        if severity is Severity.NOTE and not key and not action[0]:
            self._timer.start(_NOTE_MS)

    def clear(self, key: str) -> None:
        """Take the message of a lasting state away, if that is what is shown."""
        if self._key == key:
            self.hide()

    def _on_more(self) -> None:
        dialogs.show_error(self.window(), self._title, "", self._details)

    def _on_act(self) -> None:
        self.hide()
        self.action_chosen.emit(str(self._act.property("action")))

    def _retheme(self) -> None:
        t = tokens()
        self._sign.setPixmap(
            severity_icon(self._severity).pixmap(QSize(18, 18), self.devicePixelRatio())
        )
        self.setStyleSheet(
            f"#message-bar {{ background: {t.severity_fill(self._severity).name()};"
            f" border: none; border-bottom: 1px solid {t.border.name()}; }}"
            f" #message-bar QLabel {{ color: {t.text.name()}; }}"
        )
