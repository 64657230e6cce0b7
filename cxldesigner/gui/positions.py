"""Where things are on the screen, as JSON: for tests that use the program with a real pointer.

``--debug-positions PATH`` keeps the file current. A test must never guess where a button is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from cxldesigner.document.atomic import write_atomically
from cxldesigner.document.ports import ports_of

if TYPE_CHECKING:
    from cxldesigner.gui.main_window import MainWindow

INTERVAL_MS = 150
_ROWS = 60


def _box(widget: QWidget, rect: QRect | None = None) -> list[int]:
    area = widget.rect() if rect is None else rect
    corner = widget.mapToGlobal(area.topLeft())
    return [corner.x(), corner.y(), area.width(), area.height()]


def _point(at: QPoint) -> list[int]:
    return [at.x(), at.y()]


def _widget(widget: QWidget) -> dict[str, Any]:
    told: dict[str, Any] = {"class": type(widget).__name__, "box": _box(widget)}
    told["enabled"] = widget.isEnabled()
    if widget.objectName():
        told["name"] = widget.objectName()
    if widget.accessibleName():
        told["accessible"] = widget.accessibleName()
    if isinstance(widget, QAbstractButton | QLabel | QLineEdit):
        told["text"] = widget.text()
    if isinstance(widget, QMenu):
        told["rows"] = [
            [a.text(), _box(widget, widget.actionGeometry(a))] for a in widget.actions()
        ]
    if isinstance(widget, QAbstractItemView):
        told["rows"] = _rows(widget)
    return told


def _rows(view: QAbstractItemView) -> list[list[Any]]:
    model, viewport = view.model(), view.viewport()
    rows = []
    for row in range(min(model.rowCount(view.rootIndex()), _ROWS)):
        index = model.index(row, 0, view.rootIndex())
        rect = view.visualRect(index)
        if rect.isValid() and viewport.rect().intersects(rect):
            rows.append([str(index.data()), _box(viewport, rect)])
    return rows


def positions(window: MainWindow) -> dict[str, Any]:
    """Return what can be clicked, and where; and what the program shows."""
    document = window.session.shown_document
    canvas = window.canvas
    refs = [port.ref for part in document.parts.values() for port in ports_of(part)]
    refs += [f"{window_id}:targets" for window_id in document.windows]
    tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    derivation, player = window.session.derivation, window.commands.player
    palette = window.docks["parts"].panel
    return {
        "title": window.windowTitle(),
        "modified": window.isWindowModified(),
        "mode": window.session.mode.value,
        "selection": sorted(window.session.selection),
        "message": window.message_bar.text if window.message_bar.isVisible() else "",
        "nodes": sorted(derivation.current.nodes) if derivation and derivation.moments else [],
        "derived": derivation is not None and derivation.document is document,
        "ticks": player.ticks if player else 0,
        "tick": player.tick if player else 0,
        "player": str(player.state) if player else "",
        "canvas": _box(canvas.viewport()),
        "parts": {
            k: _point(canvas.global_part_position(k)) for k in (*document.parts, *document.windows)
        },
        "ports": {ref: _point(canvas.global_port_position(ref)) for ref in refs},
        "palette": _palette(palette),
        "windows": {
            top.objectName() or type(top).__name__: [
                _widget(w) for w in (top, *top.findChildren(QWidget)) if w.isVisible()
            ]
            for top in tops
        },
    }


def _palette(panel: QWidget | None) -> dict[str, list[int]]:
    from cxldesigner.gui.canvas.templates import basic_templates  # noqa: PLC0415

    place = getattr(panel, "global_item_position", None)
    if place is None or panel is None or not panel.isVisible():
        return {}
    return {t.key: _point(place(t.key)) for t in basic_templates()}


class PositionsFile(QObject):
    """Writes the positions whenever they have changed."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window, self._path, self._last = window, path, b""
        timer = QTimer(self)
        timer.timeout.connect(self.write)
        timer.start(INTERVAL_MS)

    def write(self) -> None:
        """Write the file if anything moved."""
        found = json.dumps(positions(self._window), indent=1).encode()
        if found != self._last:
            self._last = found
            write_atomically(self._path, found)
