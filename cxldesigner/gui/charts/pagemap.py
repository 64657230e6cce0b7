"""Where the pages of each process are at the playhead: a lane for each node, brighter is hotter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from cxldesigner.gui.charts.axis import AXIS_WIDTH
from cxldesigner.gui.charts.plot import RIGHT_MARGIN
from cxldesigner.gui.theme import tokens
from cxldesigner.recording.model import PageMap

UNMAPPED = 255
_LANE = 14.0
_HEAD = 26.0
_COLDEST = 0.30


def lanes(page_map: PageMap, nodes: Sequence[int], colours: Sequence[QColor]) -> QImage:
    """Return a picture with a row for each node and a column for each bin of pages.

    A bin stands in the row of the node most of its pages are on, in the node's colour, the more
    opaque the hotter; everything else is transparent.
    """
    where = np.frombuffer(page_map.node, np.uint8)
    heat = np.frombuffer(page_map.heat, np.uint8)
    pixels: npt.NDArray[np.uint32] = np.zeros((len(nodes), len(where)), np.uint32)
    alpha = (255 * (_COLDEST + (1 - _COLDEST) * heat / 255)).astype(np.uint32) << 24
    for row, (node, colour) in enumerate(zip(nodes, colours, strict=True)):
        mine = where == node
        pixels[row, mine] = alpha[mine] | (colour.rgb() & 0xFFFFFF)
    height, width = pixels.shape
    image = QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32)
    return image.copy()


class PageMapView(QWidget):
    """The page maps of a moment, a block of lanes for each process."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps: tuple[PageMap, ...] = ()
        self._nodes: tuple[int, ...] = ()
        self._images: list[QImage] = []
        self._legend_width = 0
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Page map"))
        self.setSizePolicy(self.sizePolicy().horizontalPolicy(), self.sizePolicy().Policy.Fixed)

    @property
    def maps(self) -> tuple[PageMap, ...]:
        """What is shown."""
        return self._maps

    def set_nodes(self, nodes: Sequence[int]) -> None:
        """Set the node ids that have lanes."""
        self._nodes = tuple(nodes)
        self.set_maps(())

    def set_legend_width(self, width: int) -> None:
        """Set the width left free, as under the legends of the charts."""
        if width != self._legend_width:
            self._legend_width = width
            self.update()

    def set_maps(self, maps: tuple[PageMap, ...]) -> None:
        """Show the maps of a moment."""
        if maps == self._maps and self._images:
            return
        taller = len(maps) != len(self._maps)
        self._maps = maps
        self._paint_images()
        if taller:
            self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self._paint_images()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, round(_HEAD + max(len(self._maps), 1) * self._block_height() + 8))

    def bin_at(self, x: float, y: float) -> tuple[PageMap, int] | None:
        """Return the map and the number of the bin under a point."""
        rect = self._lane_rect(0)
        block = int((y - _HEAD) // self._block_height())
        if not (rect.left() <= x < rect.right() and 0 <= block < len(self._maps)):
            return None
        shown = self._maps[block]
        return shown, int((x - rect.left()) / rect.width() * len(shown.node))

    def _paint_images(self) -> None:
        colours = [tokens().node(n) for n in self._nodes]
        self._images = [lanes(m, self._nodes, colours) for m in self._maps]

    def _block_height(self) -> float:
        return QFontMetricsF(self.font()).height() + max(len(self._nodes), 1) * _LANE + 6

    def _lane_rect(self, block: int) -> QRectF:
        top = _HEAD + block * self._block_height() + QFontMetricsF(self.font()).height()
        width = max(self.width() - AXIS_WIDTH - RIGHT_MARGIN - self._legend_width, 1)
        return QRectF(AXIS_WIDTH, top, width, len(self._nodes) * _LANE)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        t, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), t.surface)
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(t.text)
        title = self.tr("Page map at the playhead: start to end of each process' memory")
        painter.drawText(
            QRectF(10, 2, self.width(), _HEAD - 4), Qt.AlignmentFlag.AlignVCenter, title
        )
        painter.setFont(self.font())
        if not self._maps:
            painter.setPen(t.text_muted)
            place = QRectF(AXIS_WIDTH, _HEAD, self.width(), 20)
            painter.drawText(place, self.tr("No page map was recorded up to this moment."))
        for block, (shown, image) in enumerate(zip(self._maps, self._images, strict=True)):
            self._draw_block(painter, self._lane_rect(block), shown, image)
        painter.end()

    def _draw_block(self, painter: QPainter, rect: QRectF, shown: PageMap, image: QImage) -> None:
        t = tokens()
        painter.setPen(t.text_muted)
        painter.drawText(QPointF(rect.left(), rect.top() - 4), shown.process)
        for row, node in enumerate(self._nodes):
            lane = QRectF(rect.left(), rect.top() + row * _LANE, rect.width(), _LANE)
            painter.fillRect(lane.adjusted(0, 1, 0, -1), t.surface_sunken)
            painter.setPen(t.text_muted)
            label = QRectF(0, lane.top(), AXIS_WIDTH - 6, _LANE)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(label, right, self.tr("node {}").format(node))
            source = QRectF(0, row, image.width(), 1)
            painter.drawImage(lane.adjusted(0, 1, 0, -1), image, source)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self.bin_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), "" if found is None else self._words(*found), self)
            return True
        return super().event(event)

    def _words(self, shown: PageMap, number: int) -> str:
        place = 100 * number / len(shown.node)
        if shown.node[number] == UNMAPPED:
            return self.tr("{}, at {} % of its memory: no pages yet").format(
                shown.process, f"{place:.1f}"
            )
        return self.tr("{}, at {} % of its memory: on node {}, heat {} of 255").format(
            shown.process, f"{place:.1f}", shown.node[number], shown.heat[number]
        )
