"""Colours of the whole program: tokens for light and dark, and the Qt palette made from them.

Nothing else in the GUI names a colour. Data colours follow the Okabe-Ito set, darkened or lightened
until they reach the contrast their use needs on the surface of the theme.

Entry points: :func:`tokens` (current), :data:`theme_changed`, :func:`apply_theme`.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from cxldesigner.gui.stylesheet import style_sheet
from cxldesigner.gui.tokens import DARK, LIGHT, PartColors, Tokens

__all__ = [
    "DARK",
    "LIGHT",
    "PartColors",
    "ThemeChoice",
    "Tokens",
    "apply_theme",
    "theme_changed",
    "tokens",
]


class ThemeChoice(StrEnum):
    """What the user asked for; ``system`` follows the desktop where it says, else light."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class _Theme(QObject):
    """The theme in force. One per process, like the palette it sets."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens = LIGHT
        self.choice = ThemeChoice.SYSTEM
        self._follows: QApplication | None = None

    def apply(self, choice: ThemeChoice) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("the theme needs a QApplication")  # noqa: TRY004
        self.choice = choice
        if self._follows is not app:
            self._follows = app
            app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        chosen = _resolve(choice, app)
        if app.style().name() != "fusion":
            app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(palette(chosen))
        for kind in _OUTLINED:
            app.setPalette(_outlined(chosen), kind)  # type: ignore[arg-type]  # bytes are refused
        app.setStyleSheet(style_sheet(chosen))
        if chosen is not self.tokens:
            self.tokens = chosen
            self.changed.emit()

    def _on_system_changed(self) -> None:
        if self.choice is ThemeChoice.SYSTEM:
            self.apply(self.choice)


def _resolve(choice: ThemeChoice, app: QApplication) -> Tokens:
    if choice is ThemeChoice.SYSTEM:
        dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if choice is ThemeChoice.DARK else LIGHT


_theme = _Theme()

theme_changed = _theme.changed
"""Emitted without arguments after the tokens in force became others; repaint on it."""


_OUTLINED = ("QCheckBox", "QComboBox", "QLineEdit", "QPlainTextEdit", "QPushButton")
"""Controls whose edge must be seen, in the dark too."""
_FUSION_DARKENS = 140


def _outlined(t: Tokens) -> QPalette:
    """Return the palette of controls: Fusion draws their edge in a darkened window colour."""
    result = palette(t)
    result.setColor(QPalette.ColorRole.Window, t.border_strong.lighter(_FUSION_DARKENS))
    return result


def tokens() -> Tokens:
    """Return the tokens in force."""
    return _theme.tokens


def apply_theme(choice: ThemeChoice | str) -> None:
    """Put Fusion with our palette and style sheet in force; ``system`` keeps following."""
    _theme.apply(ThemeChoice(choice))


def palette(t: Tokens) -> QPalette:
    """Return the Qt palette of a set of tokens."""
    result = QPalette()
    role = QPalette.ColorRole
    for key, colour in {
        role.Window: t.window,
        role.WindowText: t.text,
        role.Base: t.surface,
        role.AlternateBase: t.surface_sunken,
        role.Text: t.text,
        role.Button: t.surface_raised,
        role.ButtonText: t.text,
        role.BrightText: t.error,
        role.ToolTipBase: t.surface_raised,
        role.ToolTipText: t.text,
        role.PlaceholderText: t.text_muted,
        role.Highlight: t.selection,
        role.HighlightedText: t.selection_text,
        role.Link: t.hyperlink,
        role.LinkVisited: t.hyperlink,
        role.Accent: t.accent,
        role.Light: t.surface,
        role.Midlight: t.surface_raised,
        role.Mid: t.border,
        role.Dark: t.border_strong,
        role.Shadow: QColor(0, 0, 0),
    }.items():
        result.setColor(key, colour)
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, key, t.text_disabled)
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, t.border)
    return result
