"""All charts of a recording under one time axis, with one playhead."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document.atomic import write_atomically
from cxldesigner.gui.charts import export
from cxldesigner.gui.charts.axis import AXIS_WIDTH
from cxldesigner.gui.charts.card import ChartCard
from cxldesigner.gui.charts.cardlist import CardList
from cxldesigner.gui.charts.pagemap import PageMapView
from cxldesigner.gui.charts.plot import RIGHT_MARGIN
from cxldesigner.gui.charts.ruler import TimeRuler
from cxldesigner.gui.charts.specs import charts_of
from cxldesigner.gui.charts.timespan import TimeSpan
from cxldesigner.gui.icons import icon
from cxldesigner.gui.player import clock
from cxldesigner.gui.player.controller import PlayerController
from cxldesigner.gui.player.keys import drive
from cxldesigner.gui.theme import theme_changed
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.model import Event

FRAME_MS = 33
_SLICE_S = 0.025
_MAX_EVENTS = 2000
_EVENT_LINES = 200
_KEY_ZOOM = 0.8


class ChartBoard(QWidget):
    """Shows the player's recording; draws only charts that can be seen, at most 30 times a second.

    A frame draws for some 25 ms at most, the next goes on with the charts after it; a long frame
    makes the next one wait, so that drawing takes about a third of the GUI thread and no more.
    """

    def __init__(self, player: PlayerController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._events: list[tuple[float, Event]] = []
        self._crosshair: float | None = None
        self._drawn_last: ChartCard | None = None
        self.span = TimeSpan(self)
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.timeout.connect(self.draw)
        self._build()
        self.span.changed.connect(self._on_span_changed)
        player.recording_changed.connect(self._on_recording_changed)
        player.ticks_changed.connect(self._on_ticks_changed)
        player.playhead_changed.connect(self._on_playhead_changed)
        player.state_changed.connect(self._update_limit)
        theme_changed.connect(self._on_theme_changed)
        self._on_recording_changed()

    # --- what is shown ------------------------------------------------------------------------

    @property
    def cards(self) -> dict[str, ChartCard]:
        """The charts by id: those that are or were shown."""
        return dict(self.list.cards)

    def value_under_cursor(self, column: str, seconds: float) -> float:
        """Return the recorded value of a column at the tick nearest to a time."""
        return self._player.row(self._tick_at(seconds))[column]

    def complete(self) -> None:
        """Make all charts and draw all that are visible now, for pictures of the window."""
        self.list.complete()
        QCoreApplication.sendPostedEvents()
        self.draw()
        while self._player.reader is not None and self.isVisible() and self._stale_cards():
            self.draw()

    def draw(self) -> None:
        """Draw what is visible and stale, then playhead, crosshair and values."""
        reader = self._player.reader
        if reader is None or not self.isVisible():
            return
        begun = time.perf_counter()
        self._frame.stop()
        self._align_ruler()
        span, times = (self.span.start, self.span.end), [at for at, _ in self.ruler.times()]
        lines = [at for at, _ in self._events if span[0] <= at <= span[1]][:_EVENT_LINES]
        try:
            for card in self._stale_cards():
                card.redraw(reader, span, times, lines)
                self._drawn_last = card
                if time.perf_counter() - begun > _SLICE_S:
                    break
            self._track()
        except RecordingError as error:
            self._player.report(error)
        self._frame.setInterval(max(FRAME_MS, round((time.perf_counter() - begun) * 3000)))
        if self._stale_cards():
            self._frame.start()

    # --- construction ------------------------------------------------------------------------

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Charts"))
        self.ruler = TimeRuler(self.span)
        self.ruler.seek_requested.connect(self._on_seek)
        self.ruler.zoom_requested.connect(self.span.zoom)
        self.pages = PageMapView()
        self.list = CardList(self.pages)
        self.list.card_made.connect(self._connect_card)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.list)
        self._scroll.verticalScrollBar().valueChanged.connect(self._schedule)
        self._scroll.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_tools())
        layout.addWidget(self.ruler)
        layout.addWidget(self._scroll, 1)

    def _make_tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(2)
        self._chooser = QToolButton()
        self._chooser.setText(self.tr("Charts"))
        self._chooser.setIcon(icon("chart"))
        self._chooser.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._chooser.setToolTip(self.tr("Choose which charts are shown"))
        self._chooser.setAutoRaise(True)
        self._menu = QMenu(self._chooser)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._chooser.setMenu(self._menu)
        row.addWidget(self._chooser)
        for name, text, slot in (
            ("zoom-in", self.tr("Zoom in on the playhead (+)"), self.zoom_in),
            ("zoom-out", self.tr("Zoom out (-)"), self.zoom_out),
            ("zoom-fit", self.tr("Show the whole recording (0)"), self.span.fit),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setAutoRaise(True)
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.clicked.connect(slot)
            row.addWidget(button)
        self._hint = QLabel(self.tr("Click to go to a moment, drag to move, Ctrl+wheel to zoom"))
        self._hint.setEnabled(False)
        self._hint.setMinimumWidth(1)
        row.addSpacing(8)
        row.addWidget(self._hint, 1)
        return row

    def _fill_menu(self) -> None:
        self._menu.clear()
        for spec in self.list.specs:
            action = self._menu.addAction(spec.title)
            action.setCheckable(True)
            action.setChecked(self.list.is_shown(spec.id))
            action.setToolTip(spec.tip)
            action.toggled.connect(partial(self._on_chart_switched, spec.id))

    def _on_chart_switched(self, chart_id: str, shown: bool) -> None:
        self.list.set_shown(chart_id, shown=shown)
        self._schedule()

    def _connect_card(self, card: ChartCard) -> None:
        card.changed.connect(self._schedule)
        card.hide_requested.connect(self._on_hide_requested)
        card.export_requested.connect(self._on_export_requested)
        card.plot.hovered.connect(self._on_hovered)
        card.plot.hover_left.connect(self._on_hover_left)
        card.plot.seek_requested.connect(self._on_seek)
        card.plot.pan_requested.connect(self.span.pan)
        card.plot.zoom_requested.connect(self.span.zoom)
        card.plot.values_zoomed.connect(self._schedule)
        self.pages.set_legend_width(card.legend_width)
        self._schedule()

    # --- time --------------------------------------------------------------------------------

    def zoom_in(self) -> None:
        """Show fewer seconds around the playhead."""
        self.span.zoom(_KEY_ZOOM, self._anchor())

    def zoom_out(self) -> None:
        """Show more seconds."""
        self.span.zoom(1 / _KEY_ZOOM, self._anchor())

    def _anchor(self) -> float:
        at = self._playhead_seconds()
        inside = self.span.start <= at <= self.span.end
        return at if inside else (self.span.start + self.span.end) / 2

    def _playhead_seconds(self) -> float:
        return clock.seconds(self._player.playhead, self._player.tick_ms)

    def _tick_at(self, seconds: float) -> int:
        return clock.tick_at(seconds, self._player.tick_ms, self._player.ticks)

    def _update_limit(self) -> None:
        tick_s = self._player.tick_ms / 1000
        self.span.set_limit(max(self._player.total_ticks, 1) * tick_s, tick_s)

    # --- following the player -----------------------------------------------------------------

    def _on_recording_changed(self) -> None:
        reader = self._player.reader
        if reader is None:
            return
        specs = charts_of(reader.meta.columns, self._player.links)
        self.list.set_specs(specs)
        self.pages.set_nodes([int(s.id.removeprefix("node")) for s in specs if s.levels])
        self._update_limit()
        self.span.fit()
        self._on_ticks_changed()

    def _on_ticks_changed(self) -> None:
        reader = self._player.reader
        if reader is None:
            return
        try:
            tick_s = reader.meta.tick_ms / 1000
            self._events = [(e.tick * tick_s, e) for e in reader.events(limit=_MAX_EVENTS)]
        except RecordingError as error:
            self._player.report(error)
        self.ruler.set_events(self._events)
        self._update_limit()
        self._on_span_changed()

    def _on_playhead_changed(self) -> None:
        if self._player.state == "playing":
            self.span.reveal(self._playhead_seconds())
        if not self._frame.isActive():
            self._guarded_track()

    def _on_span_changed(self) -> None:
        for card in self.list.cards.values():
            card.stale = True
        self._schedule()

    def _on_theme_changed(self) -> None:
        for card in self.list.cards.values():
            card.restyle()
        self.pages.restyle()
        self.ruler.update()
        self._schedule()

    def _schedule(self) -> None:
        if not self._frame.isActive():
            self._frame.start()

    def _guarded_track(self) -> None:
        try:
            self._track()
        except RecordingError as error:
            self._player.report(error)

    def _track(self) -> None:
        """Move playhead and crosshair and show the values of the moment in what can be seen."""
        if self._player.reader is None or not self.isVisible():
            return
        playhead = self._playhead_seconds()
        self.ruler.set_playhead(playhead)
        self.ruler.set_crosshair(self._crosshair)
        at = self._player.tick if self._crosshair is None else self._tick_at(self._crosshair)
        row = self._player.row(at)
        for card in self._visible_cards():
            card.plot.set_playhead(playhead)
            card.plot.set_crosshair(self._crosshair)
            card.show_values(row, self._player.tick_ms)
        if not self.pages.visibleRegion().isEmpty():
            self.pages.set_maps(self._player.reader.page_maps(self._player.tick))

    def _visible_cards(self) -> list[ChartCard]:
        return [c for c in self.list.cards.values() if not c.visibleRegion().isEmpty()]

    def _stale_cards(self) -> list[ChartCard]:
        """Return visible charts to be drawn, from behind the one drawn last: each gets its turn."""
        cards = self._visible_cards()
        at = cards.index(self._drawn_last) + 1 if self._drawn_last in cards else 0
        return [card for card in cards[at:] + cards[:at] if card.stale]

    def _align_ruler(self) -> None:
        """Put the ruler's columns over the charts' drawing areas."""
        card = next(iter(self.list.cards.values()), None)
        if card is not None:
            width = self._scroll.viewport().width() - card.legend_width
            left = self._scroll.viewport().mapTo(self, QPoint(0, 0)).x() + AXIS_WIDTH
            self.ruler.set_columns(left, left - AXIS_WIDTH + width - RIGHT_MARGIN)

    # --- input -------------------------------------------------------------------------------

    def _on_seek(self, seconds: float) -> None:
        self._player.seek(float(self._tick_at(seconds)))

    def _on_hovered(self, seconds: float) -> None:
        self._crosshair = seconds
        self._guarded_track()

    def _on_hover_left(self) -> None:
        self._crosshair = None
        self._guarded_track()

    def _on_hide_requested(self) -> None:
        card = self.sender()
        if isinstance(card, ChartCard):
            self.list.set_shown(card.spec.id, shown=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if drive(self._player, event):
            return
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0 | Qt.Key.Key_F:
                self.span.fit()
            case Qt.Key.Key_Left:
                self.span.pan(-self.span.length / 10)
            case Qt.Key.Key_Right:
                self.span.pan(self.span.length / 10)
            case _:
                super().keyPressEvent(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._on_span_changed()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._on_span_changed()

    # --- files -------------------------------------------------------------------------------

    def export_chart(self, chart_id: str, kind: str, target: Path) -> None:
        """Write a chart: ``png``, ``svg`` or ``csv`` (the recorded values of what is shown)."""
        card, source = self.list.cards[chart_id], self._player.path
        if kind == "csv" and source is not None:
            t0, t1 = self._tick_at(self.span.start), self._tick_at(self.span.end) + 1
            columns: Sequence[str] = card.spec.columns
            work = partial(export.write_csv, source, columns, t0, t1, target)
        else:
            picture = export.svg if kind == "svg" else export.png
            work = partial(write_atomically, target, picture(card, self.ruler))
        self._player.write(target, work)

    def _on_export_requested(self, kind: str) -> None:
        card = self.sender()
        if not isinstance(card, ChartCard):
            return
        dialog = QFileDialog(self, self.tr("Export chart"), f"{card.spec.id}.{kind}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.setNameFilter(self.tr("{} files (*.{})").format(kind.upper(), kind))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self._on_export_chosen, card.spec.id, kind))
        dialog.open()

    def _on_export_chosen(self, chart_id: str, kind: str, path: str) -> None:
        self.export_chart(chart_id, kind, Path(path))
