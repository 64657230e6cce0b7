"""The command palette: every action, found by typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QKeyEvent, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.gui.actions import ActionSpec, menu_titles
from cxldesigner.gui.actionset import plain
from cxldesigner.gui.fuzzy import score
from cxldesigner.gui.theme import tokens

_ID = Qt.ItemDataRole.UserRole
_PATH = Qt.ItemDataRole.UserRole + 1
_ROWS = 12
_KEYS = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class Command:
    """An action as the palette shows it: text, menu path, keys."""

    id: str
    text: str
    path: str
    keys: str


def commands(specs: Sequence[ActionSpec]) -> tuple[Command, ...]:
    """Return the commands of actions, in menu order."""
    titles = menu_titles()

    def path(menu: str) -> str:
        parts = menu.split("/")
        names = ("/".join(parts[: n + 1]) for n in range(len(parts)))
        return " ▸ ".join(plain(titles[name]) for name in names)

    native = QKeySequence.SequenceFormat.NativeText
    return tuple(
        Command(s.id, plain(s.text), path(s.menu), QKeySequence(s.shortcut).toString(native))
        for s in specs
    )


def ranked(typed: str, offered: Sequence[Command], recent: Sequence[str]) -> tuple[Command, ...]:
    """Return the commands that fit, best first; the recently used win among equals."""
    order = {action_id: n for n, action_id in enumerate(recent)}
    found: list[tuple[float, int, int, Command]] = []
    for place, command in enumerate(offered):
        by_text = score(typed, command.text)
        by_path = score(typed, f"{command.path} {command.text}")
        fits = [s for s in (by_text, None if by_path is None else by_path - 1) if s is not None]
        if fits:
            used = order.get(command.id, len(order))
            best = round(max(fits), 1) if typed.strip() else 0.0
            found.append((-best, used, place, command))
    return tuple(command for *_, command in sorted(found, key=lambda f: f[:3]))


class _Rows(QStyledItemDelegate):
    """Draws text and menu path at the left, keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(100, option.fontMetrics.height() + 14)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        t = tokens()
        rect: QRect = option.rect
        state = option.state
        data = index.data  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        if chosen:
            painter.fillRect(rect, t.selection)
        ink: QColor = t.selection_text if chosen else t.text
        ink = ink if enabled else t.text_disabled
        faint = ink if chosen else (t.text_muted if enabled else t.text_disabled)
        inner = rect.adjusted(12, 0, -12, 0)
        picture: QIcon = data(Qt.ItemDataRole.DecorationRole)
        mode = QIcon.Mode.Normal if enabled else QIcon.Mode.Disabled
        side = QRect(inner.left(), inner.center().y() - 8, 17, 17)
        picture.paint(painter, side, Qt.AlignmentFlag.AlignCenter, mode)
        inner.setLeft(inner.left() + 28)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(ink)
        text = str(data(Qt.ItemDataRole.DisplayRole))
        painter.drawText(inner, middle, text)
        painter.setPen(faint)
        rest = inner.adjusted(painter.fontMetrics().horizontalAdvance(text) + 14, 0, 0, 0)
        painter.drawText(rest, middle, str(data(_PATH)))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, str(data(_KEYS)))


class CommandPalette(QFrame):
    """A popup over the window: type, choose, Enter. Disabled actions are shown greyed."""

    chosen = Signal(str)

    def __init__(
        self, specs: Sequence[ActionSpec], actions: Mapping[str, QAction], parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("command-palette")
        self.setAccessibleName(self.tr("Command palette"))
        self._commands = commands(specs)
        self._actions = actions
        self._recent: Sequence[str] = ()
        self._line = QLineEdit(self)
        self._line.setPlaceholderText(self.tr("Type what you want to do"))
        self._line.setAccessibleName(self.tr("Find an action"))
        self._line.setFrame(False)
        self._line.setMinimumHeight(40)
        self._line.setTextMargins(12, 0, 12, 0)
        self._line.textChanged.connect(self._fill)
        self._line.installEventFilter(self)
        self._list = QListWidget(self)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setItemDelegate(_Rows(self._list))
        self._list.setAccessibleName(self.tr("Actions"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemClicked.connect(self._on_item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self._line)
        layout.addWidget(self._list)

    def open_over(self, window: QWidget, recent: Sequence[str]) -> None:
        """Show it at the top of a window, with recently used actions first."""
        t = tokens()
        self.setStyleSheet(
            f"#command-palette {{ background: {t.surface.name()};"
            f" border: 1px solid {t.border_strong.name()}; }}"
        )
        palette = self._list.palette()
        palette.setColor(QPalette.ColorRole.Base, t.surface)
        self._list.setPalette(palette)
        self._recent = recent
        self._line.clear()
        self._fill("")
        width = min(640, window.width() - 40)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.setGeometry(
            corner.x() + (window.width() - width) // 2, corner.y() + 70, width, self.height()
        )
        self.show()
        self._line.setFocus()

    @property
    def shown(self) -> list[str]:
        """Ids of the actions on the list, from the top."""
        return [str(self._list.item(n).data(_ID)) for n in range(self._list.count())]

    def _fill(self, typed: str) -> None:
        self._list.clear()
        for command in ranked(typed, self._commands, self._recent):
            action = self._actions[command.id]
            item = QListWidgetItem(action.icon(), command.text)
            item.setData(_ID, command.id)
            item.setData(_PATH, command.path)
            item.setData(_KEYS, command.keys)
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._step(1, start=-1)
        row = self._list.sizeHintForRow(0) if self._list.count() else 0
        height = min(self._list.count(), _ROWS) * row
        self.resize(self.width(), self._line.minimumHeight() + height + 4)

    def _step(self, by: int, *, start: int | None = None) -> None:
        row = self._list.currentRow() if start is None else start
        for _ in range(self._list.count()):
            row = (row + by) % self._list.count()
            if self._list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
                self._list.setCurrentRow(row)
                return

    def _on_item(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.hide()
            self.chosen.emit(str(item.data(_ID)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if watched is self._line and pressed and self._on_key(Qt.Key(event.key())):  # type: ignore[attr-defined]
            return True
        return super().eventFilter(watched, event)

    def _on_key(self, key: Qt.Key) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self._list.currentItem()
            if item is not None:
                self._on_item(item)
        else:
            return False
        return True
