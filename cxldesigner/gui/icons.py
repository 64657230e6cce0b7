"""Icons: own SVG drawings in one colour, recoloured for theme, state and pixel ratio.

``resources/icons/NAME.svg`` are 24x24 with ``currentColor`` as their only colour.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from cxldesigner.assets import resource
from cxldesigner.gui.theme import tokens

_clones: list[QIconEngine] = []
"""Engines copied by Qt: it takes the C++ half, this list keeps the Python half alive."""


@cache
def _source(name: str) -> bytes:
    return resource("icons", f"{name}.svg").read_bytes()


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", colour.encode())))


class _SvgEngine(QIconEngine):
    """Draws one SVG in a colour looked up when it is painted, so a theme change needs no reload."""

    def __init__(self, name: str, kind: str = "") -> None:
        super().__init__()
        self._name = name
        self._kind = kind

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        t = tokens()
        if mode is QIcon.Mode.Disabled:
            return t.text_disabled
        if mode is QIcon.Mode.Selected:
            return t.selection_text
        if self._kind:
            return t.parts[self._kind].edge if self._kind in t.parts else t.severity(self._kind)
        return t.accent if state is QIcon.State.On else t.text

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(rect).center())
        _renderer(self._name, self._colour(mode, state).name()).render(painter, box)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        colour = self._colour(mode, state).name()
        key = f"cxld-icon/{self._name}/{colour}/{size.width()}x{size.height()}@{scale}"
        found = QPixmap()
        if QPixmapCache.find(key, found):
            return found
        made = QPixmap(size * scale)  # size is in logical pixels (Qt 6.11)
        made.setDevicePixelRatio(scale)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        QPixmapCache.insert(key, made)
        return made

    def clone(self) -> QIconEngine:
        copy = _SvgEngine(self._name, self._kind)
        _clones.append(copy)
        return copy


@cache
def icon(name: str) -> QIcon:
    """Return the icon ``name`` in the text colour of the theme.

    Raises
    ------
    FileNotFoundError
        There is no such drawing.
    """
    _source(name)
    return QIcon(_SvgEngine(name))


@cache
def part_icon(kind: str) -> QIcon:
    """Return the icon of a kind of part (``tokens.PART_KINDS``) in the colour of that kind."""
    return QIcon(_SvgEngine(kind, kind))


@cache
def severity_icon(severity: str) -> QIcon:
    """Return the icon of a severity (error, warning, note) in its colour."""
    return QIcon(_SvgEngine(severity, severity))
