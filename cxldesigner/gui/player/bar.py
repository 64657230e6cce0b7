"""The transport bar: play, step, scrub, speed; which scenario; whether the engine is running."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.gui.icons import icon
from cxldesigner.gui.player import clock
from cxldesigner.gui.player.controller import PlayerController, PlayState
from cxldesigner.gui.player.keys import drive
from cxldesigner.gui.player.movement import movement_of
from cxldesigner.gui.player.timeline import Timeline
from cxldesigner.gui.theme import theme_changed, tokens
from cxldesigner.gui.widgets.widecombo import WideCombo
from cxldesigner.recording.errors import RecordingError

_MAX_EVENTS = 500
_NARROW, _MIDDLE, _WIDE = 430, 640, 800
"""Widths of the bar, px: the least; from which the scenario is shown; from which all is."""
_MARKS_MS = 500


class TransportBar(QWidget):
    """Controls of a player; its keys work wherever the keyboard is in the bar."""

    def __init__(self, player: PlayerController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.setAccessibleName(self.tr("Player"))
        self._marks = QTimer(self)
        self._marks.setSingleShot(True)
        self._marks.setInterval(_MARKS_MS)
        self._marks.timeout.connect(self._load_marks)
        self._build()
        self._connect()
        self._update_scenarios()
        self._update_run()
        self._load_marks()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 3)
        column.setSpacing(2)
        self.timeline = Timeline()
        self._middle = QStackedWidget()
        self._middle.addWidget(self.timeline)
        self._middle.addWidget(self._make_progress())
        self._middle.setFixedHeight(self.timeline.sizeHint().height())
        column.addWidget(self._middle)
        row = QHBoxLayout()
        row.setSpacing(2)
        column.addLayout(row)
        self.home_button = self._tool(row, "skip-start", self.tr("To the start (Ctrl+Home)"))
        self.back_button = self._tool(row, "step-back", self.tr("One tick back (,)"))
        self.play_button = self._tool(row, "play", self.tr("Play (F5)"))
        self.play_button.setIconSize(QSize(24, 24))
        self.forward_button = self._tool(row, "step-forward", self.tr("One tick forward (.)"))
        self.end_button = self._tool(row, "skip-end", self.tr("To the end (Ctrl+End)"))
        self.stop_button = self._tool(row, "stop", self.tr("Stop"))
        row.addSpacing(8)
        self.time_label = QLabel()
        width = QFontMetrics(self.font()).horizontalAdvance("8888.8 s / 8888.8 s")
        self.time_label.setMinimumWidth(width)
        row.addWidget(self.time_label)
        self.live_badge = QLabel(self.tr("LIVE"))
        self.live_badge.setToolTip(self.tr("The engine is running and writes this recording"))
        row.addWidget(self.live_badge, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.scenarios = WideCombo()
        self.scenarios.setAccessibleName(self.tr("Scenario"))
        self.scenarios.setMaximumWidth(QFontMetrics(self.font()).averageCharWidth() * 44)
        row.addWidget(self.scenarios, 2)
        row.addSpacing(4)
        self.run_button = QPushButton(icon("record"), self.tr("Run"))
        self.run_button.setToolTip(
            self.tr("Run the scenario on the platform shown, from its start")
        )
        row.addWidget(self.run_button)
        row.addSpacing(12)
        self._speed_label = QLabel(self.tr("Speed"))
        row.addWidget(self._speed_label)
        row.addSpacing(2)
        self.speeds = QComboBox()
        self.speeds.setAccessibleName(self.tr("Speed"))
        self.speeds.setToolTip(self.tr("Simulated time per second of real time"))
        for speed in clock.SPEEDS:
            text = self.tr("max") if speed == 0 else self.tr("{}×").format(f"{speed:g}")
            self.speeds.addItem(text, speed)
        row.addWidget(self.speeds)
        self._restyle()

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROW, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small window, what can be read elsewhere gives way."""
        super().resizeEvent(event)
        self._speed_label.setVisible(self.width() >= _WIDE)
        self.scenarios.setVisible(self.width() >= _MIDDLE)
        self.time_label.setVisible(self.width() >= _MIDDLE - 120)

    def _tool(self, row: QHBoxLayout, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        row.addWidget(button)
        return button

    def _make_progress(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        text = QLabel(self.tr("Preparing the simulation…"))
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(text.text())
        self.cancel_button = QPushButton(self.tr("Cancel"))
        row.addWidget(text)
        row.addWidget(bar, 1)
        row.addWidget(self.cancel_button)
        return page

    def _connect(self) -> None:
        player = self._player
        self.run_button.clicked.connect(self._on_run)
        self.cancel_button.clicked.connect(player.close)
        for button, slot in (
            (self.home_button, player.home),
            (self.end_button, player.end),
            (self.play_button, player.toggle),
            (self.stop_button, player.stop),
            (self.back_button, self._on_back),
            (self.forward_button, self._on_forward),
        ):
            button.clicked.connect(_without_argument(slot))
        self.scenarios.activated.connect(self._on_scenario_chosen)
        self.speeds.activated.connect(self._on_speed_chosen)
        self.timeline.valueChanged.connect(self._on_timeline_moved)
        player.session.shown_changed.connect(self._update_scenarios)
        player.session.mode_changed.connect(self._update_run)
        player.state_changed.connect(self._update_run)
        player.ticks_changed.connect(self._on_ticks_changed)
        player.playhead_changed.connect(self._update_playhead)
        player.recording_changed.connect(self._load_marks)
        theme_changed.connect(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not drive(self._player, event):
            super().keyPressEvent(event)

    # --- input -------------------------------------------------------------------------------

    def _on_run(self) -> None:
        self._player.run(self._player.scenario_id)

    def _on_back(self) -> None:
        self._player.step(-1)

    def _on_forward(self) -> None:
        self._player.step(1)

    def _on_scenario_chosen(self) -> None:
        self._player.choose_scenario(str(self.scenarios.currentData()))

    def _on_speed_chosen(self) -> None:
        self._player.set_speed(float(self.speeds.currentData()))

    def _on_timeline_moved(self, tick: int) -> None:
        if tick != self._player.tick:
            self._player.seek(float(tick))

    # --- following the player -----------------------------------------------------------------

    def _update_scenarios(self) -> None:
        scenarios = self._player.session.shown_document.scenarios
        wanted = [(s.name or s.id, s.id) for s in scenarios.values()]
        shown = [
            (self.scenarios.itemText(i), self.scenarios.itemData(i))
            for i in range(self.scenarios.count())
        ]
        if wanted != shown:
            self.scenarios.clear()
            for name, scenario_id in wanted:
                self.scenarios.addItem(name, scenario_id)
        self._update_run()

    def _update_run(self) -> None:
        player, state = self._player, self._player.state
        playing = state is PlayState.PLAYING
        self.play_button.setIcon(icon("pause" if playing else "play"))
        tip = self.tr("Pause (F5)") if playing else self.tr("Play (F5)")
        self.play_button.setToolTip(tip)
        self.play_button.setAccessibleName(tip)
        has_rows = state in {PlayState.PLAYING, PlayState.PAUSED}
        for button in (self.home_button, self.back_button, self.forward_button, self.end_button):
            button.setEnabled(has_rows)
        self.timeline.setEnabled(has_rows)
        self.stop_button.setEnabled(has_rows or player.live)
        self.play_button.setEnabled(has_rows or (state is PlayState.EMPTY and bool(self._chosen())))
        self.run_button.setEnabled(bool(self._chosen()))
        self.scenarios.setEnabled(self.scenarios.count() > 0)
        self.scenarios.setCurrentIndex(self.scenarios.findData(self._chosen()))
        self.scenarios.set_tip(self.tr("The scenario that Run plays"))
        self.speeds.setCurrentIndex(self.speeds.findData(player.speed))
        self._middle.setCurrentIndex(1 if state is PlayState.PREPARING else 0)
        self.live_badge.setVisible(player.live)
        self.live_badge.setEnabled(player.following)
        self._restyle()
        self._update_range()

    def _chosen(self) -> str:
        return self._player.scenario_id

    def _update_range(self) -> None:
        player = self._player
        blocked = self.timeline.blockSignals(True)
        self.timeline.set_run(player.ticks, player.total_ticks, player.tick_ms)
        self.timeline.blockSignals(blocked)
        self._update_playhead()

    def _on_ticks_changed(self) -> None:
        self._update_range()
        if not self._marks.isActive():
            self._marks.start()

    def _update_playhead(self) -> None:
        player = self._player
        blocked = self.timeline.blockSignals(True)
        self.timeline.setValue(player.tick)
        self.timeline.blockSignals(blocked)
        if player.ticks == 0:
            self.time_label.setText("")
            return
        now = clock.seconds(player.tick, player.tick_ms)
        total = clock.seconds(player.total_ticks, player.tick_ms)
        self.time_label.setText(self.tr("{} s / {} s").format(f"{now:.1f}", f"{total:g}"))

    def _load_marks(self) -> None:
        """Read events and movement again; at most twice a second while a run grows."""
        reader = self._player.reader
        if reader is None:
            return
        try:
            self.timeline.set_events(reader.events(limit=_MAX_EVENTS))
            self.timeline.set_movement(movement_of(reader))
        except RecordingError as error:
            self._player.report(error)

    def _restyle(self) -> None:
        t = tokens()
        colour = t.error if self._player.following else t.text_muted
        self.live_badge.setStyleSheet(
            f"QLabel {{ color: {t.surface.name()}; background: {colour.name()};"
            " border-radius: 4px; padding: 1px 6px; font-weight: bold; }"
        )
        self.timeline.update()


def _without_argument(slot: Callable[[], None]) -> Callable[[bool], None]:
    """Return a slot for ``clicked(bool)`` that leaves the argument out."""

    def call(_checked: bool) -> None:
        slot()

    return call
