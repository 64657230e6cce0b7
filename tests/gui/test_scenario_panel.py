from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTreeView
from pytestqt.qtbot import QtBot

from cxldesigner.document.model import MIB, PolicyMode
from cxldesigner.gui.inspector.editors import CheckEditor, ChoiceEditor, LineEditor
from cxldesigner.gui.player.controller import PlayerController
from cxldesigner.gui.scenario.model import ScenarioModel
from cxldesigner.gui.scenario.panel import ScenarioPanel
from cxldesigner.gui.session import Session
from cxldesigner.linux.derive import derive
from tests.gui import recordings
from tests.gui.fakerun import FakeRun

PHASE = ("processes", 0, "phases", 0)


@pytest.fixture
def session() -> Session:
    session = Session(recordings.two_tiers())
    session.set_derivation(derive(session.document))
    return session


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> Iterator[ScenarioPanel]:
    FakeRun.made.clear()
    player = PlayerController(session, start_run=FakeRun)
    panel = ScenarioPanel(session, player)
    panel.resize(380, 700)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    player.shutdown()


def line(panel: ScenarioPanel, noun: str) -> QLineEdit:
    assert panel.form is not None
    editor = panel.form.editor(noun)
    assert isinstance(editor, LineEditor)
    return editor.line


def enter(qtbot: QtBot, edit: QLineEdit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def choose(panel: ScenarioPanel, noun: str, words: str) -> None:
    assert panel.form is not None
    editor = panel.form.editor(noun)
    assert isinstance(editor, ChoiceEditor)
    index = editor.box.findText(words)
    assert index >= 0
    editor.box.setCurrentIndex(index)
    editor.box.activated.emit(index)


def test_model_follows_the_rules_through_every_kind_of_change(
    session: Session, panel: ScenarioPanel
) -> None:
    QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    panel.add_process()
    panel.add_phase()
    panel.add_event()
    panel.select(PHASE)
    panel.duplicate_part()
    panel.remove_part()
    while session.undo_stack.canUndo():
        session.undo_stack.undo()
    while session.undo_stack.canRedo():
        session.undo_stack.redo()
    panel.model.set_scenario(None)


def test_tree_shows_processes_phases_and_events(panel: ScenarioPanel) -> None:
    panel.add_event()
    model: ScenarioModel = panel.model
    top = [model.index(row, 0).data() for row in range(model.rowCount())]
    child = model.index(0, 0, model.index_of(("processes", 0))).data()

    assert top == [
        "Settings of the run",
        "cache",
        "scan",
        "30 s: daxctl offline-memory dax0.0",
    ]
    assert child == "zipf-cache, 3 GiB, 0 ms to 60 s"


def test_a_field_is_one_named_undo_step(
    session: Session, panel: ScenarioPanel, qtbot: QtBot
) -> None:
    enter(qtbot, line(panel, "duration"), "1.5 min")

    assert session.document.scenarios["sc0"].duration_ms == 90_000
    assert session.undo_stack.count() == 1
    assert session.undo_stack.undoText() == "Set duration of Story to 90 s"
    session.undo_stack.undo()
    assert line(panel, "duration").text() == "60 s"


def test_switches_and_choices_reach_the_scenario(session: Session, panel: ScenarioPanel) -> None:
    assert panel.form is not None
    editor = panel.form.editor("demotion")
    assert isinstance(editor, CheckEditor)

    editor.box.click()
    choose(panel, "NUMA balancing", "2, memory tiering")

    scenario = session.document.scenarios["sc0"]
    assert (scenario.demotion, scenario.numa_balancing) == (True, 2)
    assert session.undo_stack.count() == 2


def test_policy_and_nodes_of_a_process(
    session: Session, panel: ScenarioPanel, qtbot: QtBot
) -> None:
    panel.select(("processes", 1))

    choose(panel, "memory policy", "bind")
    enter(qtbot, line(panel, "nodes"), "0-1")

    policy = session.document.scenarios["sc0"].processes[1].policy
    assert (policy.mode, policy.nodes) == (PolicyMode.BIND, (0, 1))


def test_phase_parameters_come_from_the_workload(
    session: Session, panel: ScenarioPanel, qtbot: QtBot
) -> None:
    panel.select(PHASE)
    assert line(panel, "exponent").text() == "0.99"

    enter(qtbot, line(panel, "exponent"), "1.2")
    enter(qtbot, line(panel, "memory"), "256 MiB")
    choose(panel, "workload", "Moving hot set")

    phase = session.document.scenarios["sc0"].processes[0].phases[0]
    assert (phase.workload, phase.bytes, dict(phase.parameters)) == (
        "moving-hot-set",
        256 * MIB,
        {},
    )
    assert line(panel, "hot share").text() == "0.1"
    session.undo_stack.undo()
    assert session.document.scenarios["sc0"].processes[0].phases[0].parameters == {"exponent": 1.2}


def test_a_parameter_set_to_its_default_is_not_kept(
    session: Session, panel: ScenarioPanel, qtbot: QtBot
) -> None:
    panel.select(PHASE)
    enter(qtbot, line(panel, "exponent"), "1.2")

    enter(qtbot, line(panel, "exponent"), "0.99")

    assert session.document == recordings.two_tiers()


def test_text_that_is_no_value_changes_nothing(
    session: Session, panel: ScenarioPanel, qtbot: QtBot
) -> None:
    enter(qtbot, line(panel, "duration"), "soon")

    assert session.undo_stack.count() == 0
    assert panel.form is not None
    assert "soon" in panel.form.editor("duration").problem.text()


def test_two_processes_cannot_have_one_id(
    session: Session, panel: ScenarioPanel, qtbot: QtBot
) -> None:
    panel.select(("processes", 1))

    enter(qtbot, line(panel, "id"), "cache")

    assert session.undo_stack.count() == 0
    assert panel.form is not None
    assert panel.form.editor("id").problem.text()


def test_scenarios_are_added_duplicated_and_removed(session: Session, panel: ScenarioPanel) -> None:
    panel.add_scenario()
    assert panel.scenario is not None
    assert panel.scenario.id == "sc1"
    assert panel.findings.texts == []
    panel.duplicate_scenario()
    assert panel.scenario.id == "sc2"
    assert panel.scenarios.currentText() == "Copy of Scenario 2"
    panel.remove_scenario()
    panel.remove_scenario()
    panel.remove_scenario()

    assert (panel.scenario, session.document.scenarios) == (None, {})
    assert session.undo_stack.count() == 5
    assert not panel.run_button.isEnabled()
    session.undo_stack.undo()
    assert panel.scenario is not None


def test_duplicated_process_gets_its_own_id(session: Session, panel: ScenarioPanel) -> None:
    panel.select(("processes", 0))

    panel.duplicate_part()

    ids = [p.id for p in session.document.scenarios["sc0"].processes]
    assert ids == ["cache", "cache2", "scan"]
    assert panel.place == ("processes", 1)


def test_findings_are_shown_and_go(session: Session, panel: ScenarioPanel, qtbot: QtBot) -> None:
    panel.select(("processes", 1))
    enter(qtbot, line(panel, "nodes"), "7")

    assert any("node 7" in text for text in panel.findings.texts)
    assert panel.findings.isVisible()
    session.undo_stack.undo()
    assert not any("node 7" in text for text in panel.findings.texts)


def test_run_plays_the_scenario_shown_and_replay_is_read_only(
    session: Session, panel: ScenarioPanel
) -> None:
    panel.add_scenario()

    panel.run_button.click()

    assert FakeRun.made[0].said[0] == "start paused=False"
    assert panel.form is not None
    assert not panel.form.isEnabled()
    assert not panel.add_button.isEnabled()
    session.leave_replay()
    assert panel.form.isEnabled()


def test_everything_has_a_name_and_can_be_reached_by_keyboard(panel: ScenarioPanel) -> None:
    panel.select(PHASE)
    for kind in (QAbstractButton, QComboBox, QTreeView, QLineEdit):
        for widget in panel.findChildren(kind):
            named = widget.accessibleName() or getattr(widget, "text", str)()
            internal = widget.objectName().startswith("qt_")
            assert named or internal, widget
            assert widget.focusPolicy() != Qt.FocusPolicy.NoFocus or internal, widget
