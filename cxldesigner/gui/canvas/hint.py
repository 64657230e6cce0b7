"""What an empty canvas says, and the zoom buttons in its corner."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cxldesigner.gui.icons import icon
from cxldesigner.gui.theme import tokens

_EDGE = 12


class EmptyHint(QFrame):
    """Words over a canvas that holds nothing; takes no input."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sign = QLabel(self)
        self._head = QLabel(self.tr("Draw a platform"), self)
        lines = (
            self.tr("Drag a socket from the palette to here, or choose one there and press Enter."),
            self.tr("Then add host bridges, root ports and devices: dropped on a port, they join."),
            self.tr("Give an ACPI window host bridges, and Linux gets a NUMA node for it."),
        )
        self._lines = [QLabel(line, self) for line in lines]
        layout = QVBoxLayout(self)
        layout.setSpacing(7)
        for label in (self._sign, self._head, *self._lines):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        self.retheme()

    def retheme(self) -> None:
        """Take the colours of the theme in force."""
        t = tokens()
        self._sign.setPixmap(icon("layout").pixmap(QSize(44, 44)))
        self._head.setStyleSheet(f"color: {t.text.name()}; font-size: 17px; font-weight: 600;")
        for label in self._lines:
            label.setStyleSheet(f"color: {t.text_muted.name()};")

    def centre(self) -> None:
        """Stay in the middle of the parent."""
        self.adjustSize()
        area = self.parentWidget()
        if area is not None:
            self.move(
                (area.width() - self.width()) // 2, max(0, (area.height() - self.height()) // 2)
            )


class ZoomBar(QFrame):
    """Zoom out, zoom in, actual size, fit: buttons over a corner of the canvas."""

    zoom_out = Signal()
    zoom_in = Signal()
    zoom_reset = Signal()
    fit = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._corner = 0  # lower right, lower left, upper right, upper left
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3, 3, 3, 3)
        layout.setSpacing(1)
        out = self._button("zoom-out", self.tr("Zoom out (−)"))
        out.clicked.connect(self.zoom_out)
        self._level = self._button("", self.tr("Actual size (0)"))
        self._level.clicked.connect(self.zoom_reset)
        closer = self._button("zoom-in", self.tr("Zoom in (+)"))
        closer.clicked.connect(self.zoom_in)
        whole = self._button("zoom-fit", self.tr("Fit the whole platform (F)"))
        whole.clicked.connect(self.fit)
        for button in (out, self._level, closer, whole):
            layout.addWidget(button)
        self.set_level(1.0)
        self.retheme()

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        if name:
            button.setIcon(icon(name))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def set_level(self, zoom: float) -> None:
        """Show the zoom, 1.0 as 100 %."""
        self._level.setText(self.tr("{} %").format(round(zoom * 100)))
        self._level.setMinimumWidth(self.fontMetrics().horizontalAdvance("000 %") + 14)
        self.adjustSize()

    def retheme(self) -> None:
        """Take the colours of the theme in force."""
        t = tokens()
        self.setStyleSheet(
            f"ZoomBar {{ background: {t.surface.name()}; border: 1px solid {t.border.name()};"
            " border-radius: 8px; }"
        )

    def settle(self, taken: Callable[[QRect], bool]) -> None:
        """Go to the first corner of the parent that is not ``taken``, else the lower right one."""
        free = (i for i in range(4) if not taken(QRect(self._place(i), self.size())))
        self._corner = next(free, 0)
        self.stay()

    def stay(self) -> None:
        """Stay in the corner, however large the parent is."""
        self.move(self._place(self._corner))

    def _place(self, corner: int) -> QPoint:
        area = self.parentWidget()
        room = area.size() - self.size() if area is not None else QSize()
        x = _EDGE if corner % 2 else room.width() - _EDGE
        y = _EDGE if corner > 1 else room.height() - _EDGE
        return QPoint(x, y)
