"""The findings panel: worst first, worded, and leading to the parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cxldesigner.document import edits as e
from cxldesigner.gui.findings import FindingsPanel, finding_lines
from cxldesigner.gui.session import Session
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import Finding, Severity
from tests.build import platform

ERROR = Finding("CXL-V001", Severity.ERROR, "window {} is wrong", ("w0",), ("w0",), "Mend {}.")
NOTE = Finding("P1", Severity.NOTE, "device {0} is idle", ("mem0",), ("mem0",))


@pytest.fixture
def session() -> Session:
    session = Session(platform())
    derivation = derive(session.document)
    session.set_derivation(replace(derivation, findings=(NOTE, ERROR)))
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> FindingsPanel:
    panel = FindingsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(900, 240)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_the_worst_comes_first_with_a_word_and_an_icon(
    panel: FindingsPanel, qtmodeltester: Any
) -> None:
    cells = [[c.text for c in row.cells] for row in panel.model.rows]
    assert cells == [
        ["Error", "window w0 is wrong\n→ Mend w0.", "w0", "CXL-V001"],
        ["Note", "device mem0 is idle", "mem0", "P1"],
    ]
    first = panel.model.index(0, 0)
    assert not first.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "Severity: Error"
    qtmodeltester.check(panel.model)


def test_return_and_double_click_select_the_items(
    panel: FindingsPanel, session: Session, qtbot: QtBot
) -> None:
    panel.table.setFocus()
    panel.table.setCurrentIndex(panel.model.index(1, 1))
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert session.selection == {"mem0"}
    panel.table.doubleClicked.emit(panel.model.index(0, 1))
    assert session.selection == {"w0"}


def test_nothing_to_say_is_said(panel: FindingsPanel, session: Session) -> None:
    assert panel.stack.currentWidget() is panel.table
    derivation = session.derivation
    assert derivation is not None
    session.set_derivation(replace(derivation, findings=()))
    assert panel.stack.currentWidget() is panel.empty
    assert panel.empty.text().startswith("No findings")


def test_before_the_first_derivation(qtbot: QtBot) -> None:
    panel = FindingsPanel(Session(platform()))
    qtbot.addWidget(panel)
    assert panel.empty.text() == "Not checked yet."


def test_a_real_mistake_is_found_and_gone_after_mending(
    panel: FindingsPanel, session: Session
) -> None:
    session.edit("cut", e.set_field, "hb0", "chbs", False)
    session.set_derivation(derive(session.document))
    rules = [row.cells[3].text for row in panel.model.rows]
    assert "CXL-V008" in rules
    session.undo_stack.undo()
    session.set_derivation(derive(session.document))
    assert "CXL-V008" not in [row.cells[3].text for row in panel.model.rows]


def test_a_finding_without_a_mend_is_one_line() -> None:
    assert "\n" not in finding_lines(NOTE)
