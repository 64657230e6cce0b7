"""Pens, fonts and colours of canvas items, made once for each theme and shared by all items."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen
from PySide6.QtWidgets import QApplication

from cxldesigner.gui.theme import tokens
from cxldesigner.gui.tokens import PartColors, Tokens

DETAIL_LOD = 0.5
"""Level of detail below which only ids are written, in large letters."""
SHAPE_LOD = 0.25
"""Level of detail below which only rectangles are drawn."""
PORT_RADIUS = 5.0
CORNER = 9.0


def faded(colour: QColor, alpha: float) -> QColor:
    """Return a colour with another opacity, 0 … 1."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def mixed(a: QColor, b: QColor, share: float) -> QColor:
    """Return the colour between ``a`` (0) and ``b`` (1)."""
    keep = 1.0 - share
    return QColor(
        round(a.red() * keep + b.red() * share),
        round(a.green() * keep + b.green() * share),
        round(a.blue() * keep + b.blue() * share),
    )


def _font(pixels: float, *, strong: bool = False) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(round(pixels))
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if strong:
        font.setWeight(QFont.Weight.DemiBold)
    return font


class Style:
    """Everything items paint with, for one set of tokens."""

    def __init__(self, t: Tokens) -> None:
        self.tokens = t
        self.title = _font(13, strong=True)
        self.large = _font(24, strong=True)
        self.body = _font(11)
        self.small = _font(10)
        self.badge = _font(10, strong=True)
        self.title_metrics = QFontMetricsF(self.title)
        self.body_metrics = QFontMetricsF(self.body)
        self.small_metrics = QFontMetricsF(self.small)
        self.badge_metrics = QFontMetricsF(self.badge)
        self.selected = QPen(t.accent, 2.5)
        self.highlighted = QPen(t.accent, 2.0, Qt.PenStyle.DashLine)
        self.shadow = faded(QColor(0, 0, 0), 0.28 if t.dark else 0.07)
        self.link = QPen(t.link, 1.6)
        self.link_selected = QPen(t.accent, 2.6)
        self.link_degraded = QPen(t.warning, 1.8)
        self.guide = QPen(t.accent, 1.0)
        self.guide.setCosmetic(True)
        for pen in (self.link, self.link_selected, self.link_degraded):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self.edges = {kind: QPen(mixed(c.edge, c.fill, 0.45), 1.2) for kind, c in t.parts.items()}
        self.hovered = {kind: QPen(c.edge, 2.0) for kind, c in t.parts.items()}
        self.ghost = QPen(t.accent, 1.6, Qt.PenStyle.DashLine)
        self.refused = QPen(t.link_refused, 1.8, Qt.PenStyle.DashLine)

    def part(self, kind: str) -> PartColors:
        """Return the colours of a kind of part."""
        return self.tokens.parts[kind]


_made: dict[tuple[str, str], Style] = {}


def style() -> Style:
    """Return the style of the theme in force."""
    t = tokens()
    key = (t.name, QApplication.font().family())
    if key not in _made:
        _made[key] = Style(t)
    return _made[key]
