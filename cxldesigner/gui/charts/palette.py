"""Colours and fill patterns of series, from the theme's tokens."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from cxldesigner.gui.theme import tokens

_NODE_PATTERNS = (
    None,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense6Pattern,
    Qt.BrushStyle.FDiagPattern,
    Qt.BrushStyle.HorPattern,
    Qt.BrushStyle.DiagCrossPattern,
    Qt.BrushStyle.VerPattern,
    Qt.BrushStyle.CrossPattern,
)
_PAGE_PATTERNS = {
    "kernel": Qt.BrushStyle.Dense6Pattern,
    "file": Qt.BrushStyle.BDiagPattern,
}


def series_colour(path: str) -> QColor:
    """Return the colour of a token path: ``node.2``, ``pages.anon``, ``watermarks.min``."""
    t = tokens()
    group, _, key = path.partition(".")
    if group == "node":
        return t.node(int(key))
    return t.pages[key] if group == "pages" else t.watermarks[key]


def series_pattern(path: str) -> QBrush | None:
    """Return what is drawn over a filled series so that colour is not its only sign."""
    group, _, key = path.partition(".")
    style = _NODE_PATTERNS[int(key) % len(_NODE_PATTERNS)] if group == "node" else None
    if group == "pages":
        style = _PAGE_PATTERNS.get(key)
    if style is None:
        return None
    ink = QColor(tokens().surface)
    ink.setAlphaF(0.45)
    return QBrush(ink, style)
