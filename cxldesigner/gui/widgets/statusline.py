"""The status bar: findings, what Linux makes of the platform, zoom."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from cxldesigner.gui.icons import icon, severity_icon
from cxldesigner.gui.sizes import short_size
from cxldesigner.linux.severity import Severity

if TYPE_CHECKING:
    from cxldesigner.linux.model import Derivation

_PATIENCE_MS = 300


class StatusLine(QStatusBar):
    """Permanent facts of the shown platform. ``findings_clicked``: the user wants to see them."""

    findings_clicked = Signal()
    nodes_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._nodes = self._button("node", self.nodes_clicked.emit)
        self._busy = QLabel(self.tr("Working out what Linux makes of it…"), self)
        self._busy.hide()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._busy.show)
        self._counts = {
            severity: self._button("", self.findings_clicked.emit) for severity in Severity
        }
        for severity, button in self._counts.items():
            button.setIcon(severity_icon(severity))
            button.setObjectName(f"count-{severity}")
        self._zoom = QLabel(self)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._zoom.setContentsMargins(6, 0, 8, 0)
        self._activity = QLabel(self)
        self._activity.setContentsMargins(12, 0, 0, 0)
        self._activity.hide()
        self.addWidget(self._nodes)
        self.addWidget(self._busy)
        self.addWidget(self._activity)
        for button in self._counts.values():
            self.addPermanentWidget(button)
        self.addPermanentWidget(self._zoom)
        self.show_derivation(None)
        self.set_zoom(1.0)

    def _button(self, name: str, clicked: object) -> QToolButton:
        button = QToolButton(self)
        if name:
            button.setIcon(icon(name))
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(clicked)
        return button

    def set_busy_soon(self, busy: bool) -> None:
        """Say that a derivation takes its time, once it does."""
        if busy:
            self._patience.start(_PATIENCE_MS)
        else:
            self._patience.stop()
            self._busy.hide()

    def show_activity(self, text: str) -> None:
        """Say what goes on in the background; "" when it is over."""
        self._activity.setText(text)
        self._activity.setVisible(bool(text))

    def set_zoom(self, zoom: float) -> None:
        """Show the canvas' zoom, 1.0 as 100 %."""
        self._zoom.setText(self.tr("Zoom {} %").format(round(zoom * 100)))

    def show_derivation(self, derivation: Derivation | None) -> None:
        """Show the nodes and the findings of a derivation."""
        self._nodes.setText(self._summary(derivation))
        self._nodes.setToolTip(self.tr("NUMA nodes with memory or processors; click for all"))
        counts = Counter(f.severity for f in derivation.findings) if derivation else Counter()
        names = {
            Severity.ERROR: self.tr("Errors: {}"),
            Severity.WARNING: self.tr("Warnings: {}"),
            Severity.NOTE: self.tr("Notes: {}"),
        }
        for severity, button in self._counts.items():
            number = counts[severity]
            button.setText(str(number))
            button.setVisible(derivation is not None and bool(number))
            text = names[severity].format(number)
            button.setToolTip(text)
            button.setAccessibleName(text)

    def _summary(self, derivation: Derivation | None) -> str:
        if derivation is None or not derivation.moments:
            return self.tr("No NUMA nodes yet")
        from cxldesigner.linux.model import NodeKind  # noqa: PLC0415  loaded with the derivation

        state = derivation.current
        nodes = [n for n in state.nodes.values() if n.online or n.has_memory]
        if not nodes:
            return self.tr("No NUMA nodes yet")
        cxl = [n for n in nodes if n.kind is NodeKind.CXL]
        size = sum(n.size_bytes for n in nodes)
        template = self.tr("NUMA nodes: {}, with CXL memory: {} · {} · memory tiers: {}")
        return template.format(len(nodes), len(cxl), short_size(size), len(state.tiers))
