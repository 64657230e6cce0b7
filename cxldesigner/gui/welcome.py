"""What the window shows before anything is open: ways to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.gui.actionset import plain
from cxldesigner.gui.examples import Example
from cxldesigner.gui.fonts import ui_font
from cxldesigner.gui.icons import icon
from cxldesigner.gui.theme import theme_changed, tokens

_COLUMNS = 2
_WIDTH = 820


class _Card(QPushButton):
    """A button with a title and a few lines."""

    def __init__(self, title: str, lines: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAccessibleDescription(lines)
        head = QLabel(title, self)
        head.setFont(ui_font(1.05, strong=True))
        text = QLabel(lines, self)
        text.setObjectName("muted")
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        for label in (head, text):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(4)
        layout.addWidget(head)
        layout.addWidget(text, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint().expandedTo(QSize(300, 84))

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        height = layout.heightForWidth(max(self.width(), 300)) if layout is not None else 0
        return QSize(240, max(height, 84))


class WelcomePage(QScrollArea):
    """Start actions, recent files, examples."""

    example_chosen = Signal(object)
    recent_chosen = Signal(object)

    def __init__(
        self, starts: Sequence[QAction], shipped: Sequence[Example], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        page.setObjectName("welcome-page")
        column = QWidget(page)
        column.setFixedWidth(_WIDTH)
        outer = QHBoxLayout(page)
        outer.addStretch(1)
        outer.addWidget(column)
        outer.addStretch(1)
        self._layout = QVBoxLayout(column)
        self._layout.setContentsMargins(24, 36, 24, 36)
        self._layout.setSpacing(10)
        self._sign = QLabel(column)
        self._layout.addLayout(self._head(column))
        self._layout.addSpacing(10)
        self._layout.addLayout(self._starts(starts, column))
        self._recent_head = self._heading(self.tr("Recent"), column)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._layout.addLayout(self._recent)
        self._heading(self.tr("Examples"), column)
        self._layout.addLayout(self._examples(shipped, column))
        self._layout.addStretch(1)
        self.setWidget(page)
        self.set_recent(())
        theme_changed.connect(self._retheme)
        self._retheme()

    def _head(self, parent: QWidget) -> QHBoxLayout:
        title = QLabel(self.tr("CXL Designer"), parent)
        title.setFont(ui_font(2.0, strong=True))
        line = QLabel(
            self.tr(
                "Draw a CXL memory platform, see what Linux makes of it, play workloads on it."
            ),
            parent,
        )
        line.setObjectName("muted")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._sign)
        row.addLayout(words, 1)
        return row

    def _starts(self, actions: Sequence[QAction], parent: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for action in actions:
            button = QPushButton(action.icon(), plain(action.text()), parent)
            button.setToolTip(action.toolTip())
            button.setObjectName(f"welcome-{action.objectName()}")
            button.setMinimumHeight(34)
            button.clicked.connect(action.trigger)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _heading(self, text: str, parent: QWidget) -> QLabel:
        label = QLabel(text, parent)
        label.setFont(ui_font(1.15, strong=True))
        self._layout.addSpacing(10)
        self._layout.addWidget(label)
        return label

    def _examples(self, shipped: Sequence[Example], parent: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(10)
        for number, example in enumerate(shipped):
            card = _Card(example.title, example.summary, parent)
            card.setObjectName(f"example-{example.name}")
            card.clicked.connect(lambda _=False, e=example: self.example_chosen.emit(e))
            grid.addWidget(card, number // _COLUMNS, number % _COLUMNS)
        return grid

    def set_recent(self, paths: Sequence[str]) -> None:
        """Show the files that were open last."""
        while (item := self._recent.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._recent_head.setVisible(bool(paths))
        for name in paths[:5]:
            path = Path(name)
            button = QPushButton(f"{path.name}    {path.parent}", self._recent_head.parentWidget())
            button.setObjectName("recent")
            button.setFlat(True)
            button.setToolTip(name)
            button.clicked.connect(lambda _=False, p=path: self.recent_chosen.emit(p))
            self._recent.addWidget(button)

    def _retheme(self) -> None:
        t = tokens()
        self._sign.setPixmap(icon("cxldesigner").pixmap(QSize(56, 56), self.devicePixelRatio()))
        self.setStyleSheet(
            f"#welcome-page {{ background: {t.canvas.name()}; }}"
            f" #muted {{ color: {t.text_muted.name()}; }}"
            f" QPushButton#recent {{ text-align: left; padding: 5px 8px; border: none;"
            f" border-radius: 5px; color: {t.text.name()}; }}"
            f" QPushButton#recent:hover, QPushButton#recent:focus"
            f" {{ background: {t.hover.name()}; }}"
            f" _Card {{ background: {t.surface.name()}; border: 1px solid {t.border.name()};"
            f" border-radius: 9px; text-align: left; }}"
            f" _Card:hover {{ border-color: {t.accent.name()}; }}"
            f" _Card:focus {{ border: 2px solid {t.focus.name()}; }}"
        )
