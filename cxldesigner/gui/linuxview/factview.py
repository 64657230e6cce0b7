"""A view of facts whose columns share the width there is: nothing hides behind a scroll bar.

Columns of numbers are as wide as their widest entry. When all together are too wide, the longest
columns of words give way; what is elided stands in the tool tip.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from cxldesigner.gui.linuxview.table import FactTable

LEAST_PX = 68
"""What is left of a column of words when room is short."""
_AIR = 8
"""What a column has beyond its widest entry, if there is room."""


def shared(wanted: Sequence[int], soft: Sequence[bool], room: int, least: int) -> list[int]:
    """Return widths of columns that want ``wanted`` in ``room``.

    Only ``soft`` columns become narrower, the widest first, to ``least`` at the least; if that is
    not enough the sum stays above ``room``.
    """
    widths = list(wanted)
    over = sum(widths) - room
    while over > 0:
        top = max((w for w, s in zip(widths, soft, strict=True) if s and w > least), default=0)
        if not top:
            break
        widest = [i for i, w in enumerate(widths) if soft[i] and w == top]
        below = max((w for i, w in enumerate(widths) if soft[i] and w < top), default=least)
        floor = max(below, least, top - -(-over // len(widest)))
        for i in widest:
            widths[i] = floor
        over = sum(widths) - room
    return widths


class FactView(QTableView):
    """Rows of a :class:`FactTable`; call :meth:`fit` when they have changed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts = FactTable(self)
        self.setModel(self.facts)
        self.setAccessibleName(title)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(32)
        header.setStretchLastSection(True)

    def fit(self) -> None:
        """Share the width among the columns."""
        header, count = self.horizontalHeader(), self.facts.columnCount()
        if not count:
            return
        room = self.viewport().width()
        wanted = [max(self.sizeHintForColumn(c), header.sectionSizeHint(c)) for c in range(count)]
        air = min(max((room - sum(wanted)) // count, 0), _AIR)
        wanted = [width + air for width in wanted]
        first = self.facts.rows[0].cells if self.facts.rows else ()
        soft = [c >= len(first) or not first[c].number for c in range(count)]
        for column, width in enumerate(shared(wanted, soft, room, LEAST_PX)):
            header.resizeSection(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
