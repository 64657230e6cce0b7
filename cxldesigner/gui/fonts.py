"""The bundled fonts, so that the program looks and measures the same everywhere."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from cxldesigner.assets import resource

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"
_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")
_BASE_POINTS = 13.0 if sys.platform == "darwin" else 10.0


def install_fonts(app: QApplication) -> None:
    """Load the shipped fonts and make the proportional one the program's font.

    Raises
    ------
    RuntimeError
        A font file cannot be loaded; names it.
    """
    known = set(QFontDatabase.families())
    if not {UI_FAMILY, MONO_FAMILY} <= known:
        for name in _FILES:
            path = resource("fonts", name)
            if QFontDatabase.addApplicationFont(str(path)) < 0:
                raise RuntimeError(f"cannot load the shipped font {path}")
    app.setFont(ui_font())


def ui_font(scale: float = 1.0, *, strong: bool = False) -> QFont:
    """Return the program's font, digits all of one width, at ``scale`` times its base size."""
    font = QFont(UI_FAMILY)
    font.setPointSizeF(_BASE_POINTS * scale)
    font.setFeature(QFont.Tag("tnum"), 1)
    if strong:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def mono_font(scale: float = 1.0) -> QFont:
    """Return the font for addresses, commands and file text."""
    font = QFont(MONO_FAMILY)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(_BASE_POINTS * scale * 0.95)
    return font
