"""The charts under each other: made a few at a time, so that opening a recording never stalls."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cxldesigner.gui.charts.card import ChartCard
from cxldesigner.gui.charts.specs import ChartSpec

_SLICE_S = 0.012


class CardList(QWidget):
    """Has a card for each chart that is switched on; ``foot`` stays at the end.

    ``card_made(card)`` comes before a card is first shown.
    """

    card_made = Signal(object)

    def __init__(self, foot: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.specs: tuple[ChartSpec, ...] = ()
        self.cards: dict[str, ChartCard] = {}
        self._switched: dict[str, bool] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(foot)
        self._layout.addStretch()
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._make_some)

    def set_specs(self, specs: tuple[ChartSpec, ...]) -> None:
        """Show other charts; those that stay keep their cards and switches."""
        if specs == self.specs:
            return
        self.specs = specs
        for chart_id, card in list(self.cards.items()):
            if card.spec not in specs:
                del self.cards[chart_id]
                self._layout.removeWidget(card)
                card.hide()
                card.deleteLater()
        self._more.start()

    def is_shown(self, chart_id: str) -> bool:
        """Whether a chart is switched on."""
        return self._switched.get(chart_id, next(s.shown for s in self.specs if s.id == chart_id))

    def set_shown(self, chart_id: str, *, shown: bool) -> None:
        """Switch a chart on or off."""
        self._switched[chart_id] = shown
        if chart_id in self.cards:
            self.cards[chart_id].setVisible(shown)
        elif shown:
            self._more.start()

    def complete(self) -> None:
        """Make all cards that are still to be made now."""
        for spec in self._missing():
            self._make(spec)
        self._more.stop()

    def _missing(self) -> list[ChartSpec]:
        return [s for s in self.specs if s.id not in self.cards and self.is_shown(s.id)]

    def _make_some(self) -> None:
        begun = time.perf_counter()
        for spec in self._missing():
            self._make(spec)
            if time.perf_counter() - begun > _SLICE_S:
                return
        self._more.stop()

    def _make(self, spec: ChartSpec) -> None:
        card = ChartCard(spec)
        self.cards[spec.id] = card
        order = [s.id for s in self.specs if s.id in self.cards]
        self._layout.insertWidget(order.index(spec.id), card)
        self.card_made.emit(card)
