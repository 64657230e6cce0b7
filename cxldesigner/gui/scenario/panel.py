"""The scenario panel: which scenario, its parts as a tree, the form of the selected part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document.edits import new_id, remove_scenario, set_scenario
from cxldesigner.document.model import Phase, Process, Scenario, Socket
from cxldesigner.gui.icons import icon
from cxldesigner.gui.inspector.form import Form, muted
from cxldesigner.gui.player.controller import PlayerController
from cxldesigner.gui.scenario import places
from cxldesigner.gui.scenario.fields import fields_of
from cxldesigner.gui.scenario.findings import ScenarioFindings
from cxldesigner.gui.scenario.model import ScenarioModel
from cxldesigner.gui.scenario.places import Place
from cxldesigner.gui.scenario.subject import ScenarioSubject, scenario_title
from cxldesigner.gui.session import Mode, Session
from cxldesigner.gui.theme import theme_changed
from cxldesigner.gui.widgets.deferred import Deferred
from cxldesigner.gui.widgets.widecombo import WideCombo

_NOTHING = "nothing"


class ScenarioPanel(QWidget):
    """Edits the scenarios of the platform; the one shown is the one Run plays.

    Every change is one undo step. Read-only in replay.
    """

    def __init__(
        self, session: Session, player: PlayerController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._player = session, player
        self._place: Place = ()
        self._shown: object = None
        self.form: Form | None = None
        self._build()
        self._refresh = Deferred(self, self.refresh)
        session.shown_changed.connect(self._refresh.request)
        session.mode_changed.connect(self._refresh.request)
        session.derivation_changed.connect(self._refresh.request)
        player.state_changed.connect(self._refresh.request)
        theme_changed.connect(self._rebuild)
        self.refresh()

    # --- construction ------------------------------------------------------------------------

    def _build(self) -> None:
        self.scenarios = WideCombo()
        self.scenarios.setAccessibleName(self.tr("Scenario"))
        self.scenarios.activated.connect(self._on_scenario_chosen)
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 10, 4)
        head.addWidget(self.scenarios, 1)
        self.add_button = self._tool(head, "plus", self.tr("Add a scenario"), self.add_scenario)
        self.copy_button = self._tool(
            head, "duplicate", self.tr("Duplicate the scenario"), self.duplicate_scenario
        )
        self.delete_button = self._tool(
            head, "delete", self.tr("Remove the scenario"), self.remove_scenario
        )
        self.findings = ScenarioFindings()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._make_tree())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        splitter.addWidget(self._area)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([132, 440])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.findings)
        column.addWidget(splitter, 1)

    def _make_tree(self) -> QWidget:
        self.model = ScenarioModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName(self.tr("Parts of the scenario"))
        self.tree.setFrameShape(QTreeView.Shape.NoFrame)
        self.tree.selectionModel().currentChanged.connect(self._on_current_changed)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.tree)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_part)
        tools = QHBoxLayout()
        tools.setContentsMargins(6, 4, 10, 4)
        self.part_button = QToolButton()
        self.part_button.setText(self.tr("Add"))
        self.part_button.setIcon(icon("plus"))
        self.part_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.part_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.part_button.setAutoRaise(True)
        self.part_button.setToolTip(self.tr("Add a process, a phase or an event"))
        menu = QMenu(self.part_button)
        menu.addAction(icon("process"), self.tr("Process"), self.add_process)
        self._phase_action = menu.addAction(
            icon("loop"), self.tr("Phase of the process"), self.add_phase
        )
        menu.addAction(icon("event"), self.tr("Timed event"), self.add_event)
        self.part_button.setMenu(menu)
        tools.addWidget(self.part_button)
        self.part_copy_button = self._tool(
            tools, "duplicate", self.tr("Duplicate the selected part"), self.duplicate_part
        )
        self.part_delete_button = self._tool(
            tools, "delete", self.tr("Remove the selected part (Delete)"), self.remove_part
        )
        tools.addStretch()
        self.run_button = QPushButton(icon("record"), self.tr("Run"))
        self.run_button.setToolTip(self.tr("Run this scenario on the platform shown"))
        self.run_button.clicked.connect(self._on_run)
        tools.addWidget(self.run_button)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tree, 1)
        column.addLayout(tools)
        return box

    @staticmethod
    def _tool(row: QHBoxLayout, name: str, tip: str, slot: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(slot)
        row.addWidget(button)
        return button

    # --- what is shown -----------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario | None:
        """The scenario shown."""
        return self._player.scenario

    @property
    def place(self) -> Place:
        """The selected part of it."""
        return self._place

    def select(self, place: Place) -> None:
        """Select a part; the scenario itself if there is no such part."""
        index = self.model.index_of(place)
        self.tree.setCurrentIndex(index if index.isValid() else self.model.index_of(()))

    def refresh(self) -> None:
        """Show the player's scenario as it is now; the form stays while its fields do."""
        scenario, editing = self.scenario, self._session.mode is Mode.EDIT
        self._refresh_chooser(editing=editing)
        wanted = self._place
        self.model.set_scenario(scenario)
        self.tree.expandAll()
        self.select(wanted)
        for button in (self.copy_button, self.delete_button, self.part_button):
            button.setEnabled(editing and scenario is not None)
        self.run_button.setEnabled(scenario is not None)
        self._show_form()
        self._check()

    def _refresh_chooser(self, *, editing: bool) -> None:
        known = self._session.shown_document.scenarios
        wanted = [(scenario_title(s), s.id) for s in known.values()]
        box = self.scenarios
        if wanted != [(box.itemText(i), box.itemData(i)) for i in range(box.count())]:
            box.clear()
            for title, scenario_id in wanted:
                box.addItem(title, scenario_id)
        box.setCurrentIndex(box.findData(self._player.scenario_id))
        box.set_tip(self.tr("The scenario shown, which Run plays"))
        self.add_button.setEnabled(editing)

    def _rebuild(self) -> None:
        self._shown = None
        self._show_form()

    def _show_form(self) -> None:
        """Show the form of the selected part; made anew when it has other fields."""
        scenario, document = self.scenario, self._session.shown_document
        value = None if scenario is None else places.at(scenario, self._place)
        part = bool(self._place) and self._session.mode is Mode.EDIT
        self.part_copy_button.setEnabled(part)
        self.part_delete_button.setEnabled(part)
        self._phase_action.setEnabled(self._process_place() is not None)
        if scenario is None or value is None:
            self.form = None
            if self._shown != _NOTHING:
                self._shown = _NOTHING
                self._put(self._hint())
            return
        fields = fields_of(value, document)
        key = (scenario.id, self._place, tuple((f.key, f.choices) for f in fields))
        if key == self._shown and self.form is not None:
            self.form.refresh(document)
        else:
            self._shown = key
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(10, 6, 10, 12)
            workload = value.workload if isinstance(value, Phase) else ""
            subject = ScenarioSubject(scenario.id, self._place, workload)
            self.form = Form(self._session, (subject,), fields, page)
            column.addWidget(self.form)
            column.addStretch(1)
            self._put(page)
        self.form.setEnabled(self._session.mode is Mode.EDIT)

    def _put(self, page: QWidget) -> None:
        """Show a page; the one before may still be at work (it asked for the change)."""
        old = self._area.takeWidget()
        if old is not None:
            old.hide()
            old.setParent(self)
            old.deleteLater()
        self._area.setWidget(page)

    def _hint(self) -> QLabel:
        text = self.tr("No scenario yet. Add one to play a workload on this platform.")
        label = muted(QLabel(text))
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setContentsMargins(20, 20, 20, 20)
        return label

    def _check(self) -> None:
        derivation, scenario = self._session.derivation, self.scenario
        if derivation is None or scenario is None:
            self.findings.show_findings(())
            return
        # Loads numpy; the window is shown before that.
        from cxldesigner.workloads.checks import check_scenario  # noqa: PLC0415

        document = self._session.shown_document
        self.findings.show_findings(check_scenario(scenario, document, derivation.current))

    # --- input -------------------------------------------------------------------------------

    def _on_scenario_chosen(self) -> None:
        self._place = ()
        self._player.choose_scenario(str(self.scenarios.currentData()))

    def _on_current_changed(self, current: QModelIndex) -> None:
        place = self.model.place(current)
        if place is not None and place != self._place:
            self._place = place
            self._show_form()

    def _on_run(self) -> None:
        if self.scenario is not None:
            self._player.run(self.scenario.id)

    # --- commands ----------------------------------------------------------------------------

    def add_scenario(self) -> None:
        """Add a scenario that can be run as it is, and show it."""
        scenario_id = new_id(self._session.document, Scenario)
        name = self.tr("Scenario {}").format(len(self._session.document.scenarios) + 1)
        new = places.new_scenario(scenario_id, name, self._sockets())
        self._choose_new(self.tr("Add scenario {}").format(name), new)

    def duplicate_scenario(self) -> None:
        """Add a copy of the scenario, and show it."""
        if self.scenario is not None:
            scenario_id = new_id(self._session.document, Scenario)
            name = self.tr("Copy of {}").format(scenario_title(self.scenario))
            copy = replace(self.scenario, id=scenario_id, name=name)
            self._choose_new(self.tr("Duplicate {}").format(scenario_title(self.scenario)), copy)

    def _choose_new(self, text: str, scenario: Scenario) -> None:
        if self._session.edit(text, set_scenario, scenario):
            self._place = ()
            self._player.choose_scenario(scenario.id)

    def remove_scenario(self) -> None:
        """Remove the scenario shown."""
        if self.scenario is not None:
            self._place = ()
            text = self.tr("Remove scenario {}").format(scenario_title(self.scenario))
            self._session.edit(text, remove_scenario, self.scenario.id)

    def add_process(self) -> None:
        """Add a process with one phase."""
        if self.scenario is not None:
            new = places.new_process(self.scenario, self._sockets())
            place: Place = ("processes", len(self.scenario.processes))
            self._insert(self.tr("Add process {}").format(new.id), place, new)

    def add_phase(self) -> None:
        """Add a phase at the end of the selected process."""
        above = self._process_place()
        if self.scenario is not None and above is not None:
            process: Process = places.at(self.scenario, above)
            new = places.new_phase(process, self.scenario.duration_ms)
            place = (*above, "phases", len(process.phases))
            self._insert(self.tr("Add a phase to {}").format(process.id), place, new)

    def add_event(self) -> None:
        """Add a timed event."""
        if self.scenario is not None:
            place: Place = ("events", len(self.scenario.events))
            self._insert(self.tr("Add an event"), place, places.new_event(self.scenario))

    def duplicate_part(self) -> None:
        """Add a copy of the selected part behind it."""
        if self.scenario is None or not self._place:
            return
        part = places.at(self.scenario, self._place)
        if isinstance(part, Process):
            taken = (p.id for p in self.scenario.processes)
            part = replace(part, id=places.free_name(part.id, taken))
        last = self._place[-1]
        assert isinstance(last, int)
        text = self.tr("Duplicate {}").format(self._title(self._place))
        self._insert(text, (*self._place[:-1], last + 1), part)

    def remove_part(self) -> None:
        """Remove the selected process, phase or event."""
        if self.scenario is not None and self._place:
            text = self.tr("Remove {}").format(self._title(self._place))
            changed = places.without(self.scenario, self._place)
            self._place = self._place[:2] if len(self._place) == 4 else ()
            self._session.edit(text, set_scenario, changed)

    def _insert(self, text: str, place: Place, new: object) -> None:
        if self.scenario is not None:
            changed = places.insert(self.scenario, place, new)
            if self._session.edit(text, set_scenario, changed):
                self.select(place)

    def _title(self, place: Place) -> str:
        assert self.scenario is not None
        return ScenarioSubject(self.scenario.id, place).title(self._session.shown_document)

    def _process_place(self) -> Place | None:
        return self._place[:2] if self._place[:1] == ("processes",) else None

    def _sockets(self) -> list[Socket]:
        parts = self._session.document.parts.values()
        return [part for part in parts if isinstance(part, Socket)]
