"""The charts' place in the window: empty state, and the charts once they are loaded.

pyqtgraph takes longer to import than the whole window to show, so that happens on a thread, after
the panel was first painted.
"""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from cxldesigner.gui.icons import icon
from cxldesigner.gui.player.controller import PlayerController, PlayState

if TYPE_CHECKING:
    from cxldesigner.gui.charts.board import ChartBoard

_POLL_MS = 20


class ChartsPanel(QWidget):
    """Shows the charts of the player's recording; ``ready`` once they are loaded."""

    ready = Signal()

    def __init__(self, player: PlayerController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._board: ChartBoard | None = None
        self._import: threading.Thread | None = None
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._on_poll)
        self.setAccessibleName(self.tr("Charts"))
        self._build()
        player.state_changed.connect(self._update)
        player.recording_changed.connect(self._update)
        self._update()

    @property
    def board(self) -> ChartBoard | None:
        """The charts, None until they are loaded."""
        return self._board

    def load(self) -> None:
        """Make the charts now (imports on this thread; :meth:`showEvent` does it without)."""
        from cxldesigner.gui.charts.board import ChartBoard  # noqa: PLC0415  # imports pyqtgraph

        if self._board is None:
            self._board = ChartBoard(self._player)
            self._stack.addWidget(self._board)
            self._update()
            self.ready.emit()

    def _build(self) -> None:
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._run = QPushButton(icon("play"), self.tr("Run scenario"))
        self._run.clicked.connect(self._on_run)
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.addStretch()
        column.addWidget(self._text)
        column.addSpacing(8)
        column.addWidget(self._run, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(empty)

    def _update(self) -> None:
        state = self._player.state
        self._run.setVisible(state is PlayState.EMPTY)
        self._run.setEnabled(bool(self._player.scenario_id))
        if state is PlayState.PREPARING:
            self._text.setText(self.tr("Preparing the simulation…"))
        elif state is PlayState.EMPTY and not self._player.scenario_id:
            self._text.setText(
                self.tr("Nothing to show yet. Add a scenario in the scenario panel, then run it.")
            )
        elif state is PlayState.EMPTY:
            self._text.setText(
                self.tr("Nothing to show yet. Run the scenario, or open a recording (.cxlrec).")
            )
        else:
            self._text.setText(self.tr("Loading charts…"))
        ready = self._board is not None and state not in {PlayState.EMPTY, PlayState.PREPARING}
        self._stack.setCurrentIndex(1 if ready else 0)

    def _on_run(self) -> None:
        self._player.run()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._board is None and self._import is None:
            QTimer.singleShot(0, self, self._start_import)

    def _start_import(self) -> None:
        if self._import is None and self._board is None:
            self._import = threading.Thread(
                target=importlib.import_module, args=("cxldesigner.gui.charts.board",), daemon=True
            )
            self._import.start()
            self._poll.start()

    def _on_poll(self) -> None:
        if self._import is not None and not self._import.is_alive():
            self._poll.stop()
            self._import = None
            self.load()
