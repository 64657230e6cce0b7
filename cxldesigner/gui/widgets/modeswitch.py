"""The switch between drawing a platform and watching a recording."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from cxldesigner.gui.theme import theme_changed, tokens


class ModeSwitch(QFrame):
    """Buttons side by side, one of them down; each is an action."""

    def __init__(
        self, actions: Sequence[QAction], titles: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("mode-switch")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for action, title in zip(actions, titles, strict=True):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setText(title)
            button.setAccessibleName(title)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setObjectName(f"switch-{action.objectName()}")
            action.changed.connect(lambda b=button, t=title: b.setText(t))
            layout.addWidget(button)
        theme_changed.connect(self._retheme)
        self._retheme()

    def _retheme(self) -> None:
        t = tokens()
        self.setStyleSheet(
            f"#mode-switch {{ background: {t.hover.name()}; border-radius: 7px; }}"
            f" #mode-switch QToolButton {{ border: 1px solid transparent; border-radius: 5px;"
            f" padding: 3px 10px; color: {t.text_muted.name()}; background: transparent; }}"
            f" #mode-switch QToolButton:checked {{ background: {t.surface.name()};"
            f" color: {t.text.name()}; border-color: {t.border.name()}; }}"
            f" #mode-switch QToolButton:disabled {{ color: {t.text_disabled.name()}; }}"
            f" #mode-switch QToolButton:focus {{ border-color: {t.focus.name()}; }}"
        )
