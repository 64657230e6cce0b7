"""The Linux view panel: what Linux makes of the platform, at boot and after each host action."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.gui.inspector.form import muted
from cxldesigner.gui.linuxview import facts
from cxldesigner.gui.linuxview.factview import FactView
from cxldesigner.gui.linuxview.table import FactTable, Row
from cxldesigner.gui.linuxview.why import WhyPane
from cxldesigner.gui.session import Session
from cxldesigner.gui.theme import theme_changed, tokens
from cxldesigner.gui.widgets.deferred import Deferred
from cxldesigner.gui.widgets.widecombo import WideCombo
from cxldesigner.linux.model import Derivation, Moment, State


@dataclass(frozen=True, slots=True)
class _Page:
    """One table: how it is filled, and its view."""

    columns: Callable[[State], tuple[str, ...]]
    rows: Callable[[State], list[Row]]
    view: FactView

    @property
    def model(self) -> FactTable:
        """The rows of the table."""
        return self.view.facts


class LinuxPanel(QWidget):
    """Nodes like ``numactl -H``, zones like ``/proc/zoneinfo``, distances, regions.

    Choosing rows selects the parts they come from and tells them (``items_chosen``), selecting
    parts chooses their nodes. The last moment is shown until another one is chosen.
    """

    items_chosen = Signal(frozenset)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self._wanted = ""
        self._stale: set[int] = set()
        self.moments = WideCombo(self)
        self.moments.setAccessibleName(self.tr("Moment shown"))
        self.moments.setMaximumWidth(self.fontMetrics().averageCharWidth() * 52)
        self.origin = QLabel(self)
        self.hint = muted(QLabel(self.tr("Choose a value to see why"), self))
        self.hint.setMinimumWidth(1)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.stack = QStackedWidget(self)
        self.why = WhyPane(self)
        self.pages = (
            self._page(self.tr("Nodes"), lambda _s: facts.node_columns(), facts.node_rows),
            self._page(self.tr("Zones"), lambda _s: facts.zone_columns(), facts.zone_rows),
            self._page(self.tr("Distances"), facts.distance_columns, facts.distance_rows),
            self._page(self.tr("Regions"), lambda _s: facts.region_columns(), facts.region_rows),
        )
        self.nodes, self.zones, self.distances, self.regions = (p.view for p in self.pages)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 8, 0)
        bar.setSpacing(8)
        bar.addWidget(self.tabs)
        bar.addStretch(1)
        bar.addWidget(self.hint)
        bar.addWidget(self.moments, 4)
        bar.addWidget(self.origin)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.stack)
        splitter.addWidget(self.why)
        splitter.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(splitter, 1)
        self.setFocusProxy(self.nodes)
        self.moments.activated.connect(self._choose_moment)
        self.why.item_chosen.connect(lambda item: session.select([item]))
        self.tabs.currentChanged.connect(self._turn)
        self._refresh = Deferred(self, self._show)
        session.derivation_changed.connect(self._refresh.request)
        session.selection_changed.connect(self._follow_selection)
        theme_changed.connect(self._retheme)
        self._show()

    def _page(
        self,
        title: str,
        columns: Callable[[State], tuple[str, ...]],
        rows: Callable[[State], list[Row]],
    ) -> _Page:
        view = FactView(title, self)
        selection = view.selectionModel()
        selection.selectionChanged.connect(lambda: self._select_items(view))
        selection.currentChanged.connect(self._explain)
        self.tabs.addTab(title)
        self.stack.addWidget(view)
        return _Page(columns, rows, view)

    def _turn(self, page: int) -> None:
        """Show the table of a tab; those behind it wait until they are in front."""
        self._fill(page)
        self.stack.setCurrentIndex(page)
        self._follow_selection()
        self._explain()

    # --- following ----------------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """The moment shown."""
        derivation = self._session.derivation
        if derivation is None:
            return None
        labels = [m.label for m in derivation.moments]
        if self._wanted in labels:
            return derivation.moments[labels.index(self._wanted)]
        return derivation.moments[-1]

    def _show(self) -> None:
        """Show the newest derivation."""
        derivation, moment = self._session.derivation, self.moment
        self._show_moments(derivation, moment)
        self._show_origin()
        self._stale = set(range(len(self.pages)))
        self._fill(self.tabs.currentIndex())
        self._follow_selection()
        self._explain()

    def _fill(self, number: int) -> None:
        """Show a page's rows, unless it shows them already."""
        moment, page = self.moment, self.pages[number]
        if moment is not None and number in self._stale:
            self._stale.discard(number)
            self._following = True
            page.model.show(page.columns(moment.state), page.rows(moment.state))
            page.view.fit()
            self._following = False

    def _show_moments(self, derivation: Derivation | None, moment: Moment | None) -> None:
        labels = [m.label for m in derivation.moments] if derivation else []
        shown = [self._moment_text(label) for label in labels]
        if [self.moments.itemText(i) for i in range(self.moments.count())] != shown:
            self.moments.clear()
            for label, text in zip(labels, shown, strict=True):
                self.moments.addItem(text, label)
                self.moments.setItemData(
                    self.moments.count() - 1, text, Qt.ItemDataRole.ToolTipRole
                )
        if derivation is not None and moment is not None:
            self.moments.setCurrentIndex(derivation.moments.index(moment))
        self.moments.setEnabled(len(labels) > 1)
        self.moments.set_tip(self.tr("Show the machine at boot or after host actions"))

    def _moment_text(self, label: str) -> str:
        if label == "boot":
            return self.tr("at boot")
        return self.tr("after {}").format(label)

    def _show_origin(self) -> None:
        moment = self.moment
        if moment is None:
            self.origin.setText(self.tr("not worked out yet"))
            return
        kernel = moment.state.kernel
        colour = tokens().marks["modelled"].name()
        words = self.tr("modelled: Linux {}").format(kernel)
        self.origin.setText(f'<span style="color:{colour}">◆ {words}</span>')
        self.origin.setToolTip(
            self.tr(
                "These values are worked out by the rules of Linux {}, not read from a machine."
            ).format(kernel)
        )

    def _retheme(self) -> None:
        muted(self.hint)
        self._show_origin()

    def _choose_moment(self, row: int) -> None:
        last = row == self.moments.count() - 1
        self._wanted = "" if last else self.moments.itemData(row)
        self._show()

    # --- selection ----------------------------------------------------------------------------

    def _follow_selection(self) -> None:
        """Choose the rows that the selected items belong to."""
        if not self._following:
            self._choose(self.pages)

    def _choose(self, pages: Iterable[_Page]) -> None:
        """Choose on some pages the rows of the selected items."""
        chosen = self._session.selection
        self._following = True
        for page in pages:
            rows = QItemSelection()
            last = page.model.columnCount() - 1
            first = None
            for at, row in enumerate(page.model.rows):
                if chosen.intersection(row.items):
                    index = page.model.index(at, 0)
                    first = first or index
                    rows.select(index, page.model.index(at, last))
            selection = page.view.selectionModel()
            selection.select(rows, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            if first is not None and not page.view.hasFocus():
                page.view.scrollTo(first)
        self._following = False

    def _select_items(self, view: FactView) -> None:
        """Select the parts of the chosen rows."""
        if self._following:
            return
        shown = view.facts.rows
        rows = [shown[i.row()] for i in view.selectionModel().selectedRows()]
        self._following = True
        items = frozenset(item for row in rows for item in row.items)
        self._session.select(items)
        self._following = False
        self.items_chosen.emit(items)
        self._choose(p for p in self.pages if p.view is not view)

    def _explain(self) -> None:
        """Show the reasons of the current cell of the page in front."""
        moment = self.moment
        page = self.pages[self.tabs.currentIndex()]
        index = page.view.currentIndex()
        if not index.isValid():  # nothing pointed at here: take the first chosen row
            index = next(iter(page.view.selectionModel().selectedRows()), index)
        cell = page.model.cell(index)
        known = cell is not None and moment is not None
        self.why.setVisible(known)
        self.hint.setVisible(not known)
        if cell is None or moment is None:
            return
        of = page.model.headerData(0, Qt.Orientation.Horizontal)
        heading = self.tr("{} {}").format(of, page.model.rows[index.row()].cells[0].text)
        if index.column():
            column = page.model.headerData(index.column(), Qt.Orientation.Horizontal)
            heading = self.tr("{}, {}: {}").format(heading, column, cell.whole)
        self.why.explain(moment.state, cell.fact, heading)
