"""One chart in the panel: title, drawing area, legend with values, its menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.gui.charts.chip import LegendChip
from cxldesigner.gui.charts.content import Stretch, content_of
from cxldesigner.gui.charts.plot import TimePlot
from cxldesigner.gui.charts.quantity import scale, text
from cxldesigner.gui.charts.specs import ChartKind, ChartSpec
from cxldesigner.gui.icons import icon
from cxldesigner.gui.theme import tokens
from cxldesigner.recording.reader import RecordingReader

CARD_HEIGHT = 168


class ChartCard(QFrame):
    """A chart of a recording.

    ``stale`` is set when what is drawn no longer fits; the board then calls :meth:`redraw` if the
    card is visible. ``export_requested(kind)``: ``png``, ``svg`` or ``csv``.
    """

    changed = Signal()
    hide_requested = Signal()
    export_requested = Signal(str)

    def __init__(self, spec: ChartSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.stale = True
        self.plot = TimePlot(spec.quantity)
        self._content = content_of(spec, self.plot)
        self.setFixedHeight(CARD_HEIGHT)
        self.setAccessibleName(spec.title)
        self.setToolTip(spec.tip)
        self.plot.setAccessibleName(spec.title)
        self.plot.setAccessibleDescription(spec.tip)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.chips = [LegendChip(s, filled=spec.kind is ChartKind.STACK) for s in spec.series] + [
            LegendChip(s, filled=False) for s in spec.levels
        ]
        self._build()
        self.restyle()

    @property
    def legend_width(self) -> int:
        """Width of the legend: the same in every card, so that the drawing areas line up."""
        return QFontMetrics(self.font()).averageCharWidth() * 27

    @property
    def hidden_columns(self) -> frozenset[str]:
        """Columns switched off in the legend."""
        return frozenset(c.series.column for c in self.chips if not c.isChecked())

    def _build(self) -> None:
        self._title = QLabel(self.spec.title)
        font = QFont(self.font())
        font.setBold(True)
        self._title.setFont(font)
        self._menu = QToolButton()
        self._menu.setIcon(icon("more"))
        self._menu.setAutoRaise(True)
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu.setAccessibleName(self.tr("Menu of chart {}").format(self.spec.title))
        self._menu.setToolTip(self.tr("Export or hide this chart"))
        self._menu.setMenu(self._make_menu())
        head = QHBoxLayout()
        head.setContentsMargins(10, 2, 4, 0)
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._menu)
        legend = QVBoxLayout()
        legend.setContentsMargins(0, 4, 4, 4)
        legend.setSpacing(0)
        for chip in self._legend_order():
            chip.toggled.connect(self._on_chip_toggled)
            legend.addWidget(chip)
        legend.addStretch()
        self._legend = QWidget()
        self._legend.setLayout(legend)
        self._legend.setFixedWidth(self.legend_width)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.plot, 1)
        body.addWidget(self._legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 1)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(body, 1)

    def _legend_order(self) -> list[LegendChip]:
        """Stacks list the uppermost part first, as it is drawn."""
        count = len(self.spec.series)
        series = self.chips[:count]
        return (series[::-1] if self.spec.kind is ChartKind.STACK else series) + self.chips[count:]

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for kind, label in (
            ("png", self.tr("Export as PNG…")),
            ("svg", self.tr("Export as SVG…")),
            ("csv", self.tr("Export shown range as CSV…")),
        ):
            action = QAction(icon("export"), label, menu)
            action.setData(kind)
            action.triggered.connect(self._on_export)
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self.tr("Whole value axis"), self.plot.reset_values)
        menu.addAction(self.tr("Hide chart"), self.hide_requested.emit)
        return menu

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.setStyleSheet(
            f"ChartCard {{ background: {tokens().surface.name()};"
            f" border: none; border-bottom: 1px solid {tokens().border.name()}; }}"
        )
        self._content.restyle()
        self.plot.restyle()
        self.stale = True

    def redraw(
        self,
        reader: RecordingReader,
        span: tuple[float, float],
        times: Sequence[float],
        events: Sequence[float],
    ) -> None:
        """Read and draw the shown seconds, at most one point a pixel and series."""
        self.stale = False
        tick_s = reader.meta.tick_ms / 1000
        t0, t1 = int(span[0] / tick_s) - 1, int(span[1] / tick_s) + 2
        pixels = max(int(self.plot.plot_rect().width() * self.devicePixelRatioF()), 2)
        values = self._content.load(Stretch(reader, t0, t1, pixels), self.hidden_columns)
        self.plot.set_range(span, values, times)
        self.plot.set_marks(self._content.end_marks(), events)

    def show_values(self, row: Mapping[str, float], tick_ms: int) -> None:
        """Show one row's values in the legend."""
        factor = scale(self.spec.quantity, tick_ms)
        for chip in self.chips:
            value = row.get(chip.series.column)
            chip.set_value("" if value is None else text(self.spec.quantity, value * factor))

    def draw_picture(self, painter: QPainter) -> None:
        """Draw title, chart and legend as lines and text (for files), from the origin."""
        painter.fillRect(self.rect(), tokens().surface)
        painter.save()
        painter.setFont(self._title.font())
        painter.setPen(tokens().text)
        painter.drawText(QRectF(self._title.geometry()), self._title.text())
        painter.restore()
        painter.save()
        painter.translate(self.plot.mapTo(self, self.plot.rect().topLeft()))
        self.plot.draw_chart(painter)
        self.plot.draw_trackers(painter)
        painter.restore()
        for chip in self.chips:
            painter.save()
            painter.translate(chip.mapTo(self, chip.rect().topLeft()))
            chip.draw(painter)
            painter.restore()

    def _on_chip_toggled(self) -> None:
        self.stale = True
        self.changed.emit()

    def _on_export(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.export_requested.emit(str(action.data()))
