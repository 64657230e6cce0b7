"""The Linux view: the derived machine as tables, selected together with the canvas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cxldesigner.document import edits as e
from cxldesigner.document.model import GIB, Distance
from cxldesigner.gui.linuxview import facts
from cxldesigner.gui.linuxview.factview import shared
from cxldesigner.gui.linuxview.panel import LinuxPanel
from cxldesigner.gui.linuxview.table import Cell, FactTable, Row
from cxldesigner.gui.session import Session
from cxldesigner.linux.derive import derive
from tests.build import platform

REGIONS = (
    "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0",
    "cxl create-region -m -t ram -d decoder0.1 -w 1 -g 256 mem1",
)


def machine(**document: Any) -> Any:
    found = platform(sockets=2, actions=REGIONS, **document)
    host = replace(found.host, distances=(Distance(a="s0", b="s1", value=21),))
    return replace(found, host=host)


@pytest.fixture
def session() -> Session:
    session = Session(machine())
    session.set_derivation(derive(session.document))
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> LinuxPanel:
    panel = LinuxPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1200, 260)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def texts(model: FactTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in model.rows]


def column(model: FactTable, heading: str) -> list[str]:
    headings = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    return [row[headings.index(heading)] for row in texts(model)]


def test_nodes_are_those_of_the_derivation(panel: LinuxPanel, session: Session) -> None:
    nodes = panel.pages[0].model
    assert column(nodes, "Node") == ["0", "1", "2", "3"]
    assert column(nodes, "Kind") == ["DRAM", "DRAM", "CXL", "CXL"]
    assert column(nodes, "CPUs") == ["0-1", "2-3", "–", "–"]
    assert column(nodes, "Size")[2:] == ["4 GiB", "4 GiB"]
    assert all(text.startswith("≈") for text in column(nodes, "Size")[:2])
    assert column(nodes, "Tier") == ["4", "4", "22", "22"]
    assert column(nodes, "Regions") == ["–", "–", "region0", "region1"]
    derivation = session.derivation
    assert derivation is not None
    fallback = [" ".join(map(str, n.fallback)) for n in derivation.current.nodes.values()]
    assert column(nodes, "Falls back to") == fallback


def test_zones_and_distances(panel: LinuxPanel, session: Session) -> None:
    derivation = session.derivation
    assert derivation is not None
    for page in range(4):
        panel.tabs.setCurrentIndex(page)
    zones = panel.pages[1].model
    shown = list(zip(column(zones, "Node"), column(zones, "Zone"), strict=True))
    derived = [(str(n.id), z.name) for n in derivation.current.nodes.values() for z in n.zones]
    assert shown == derived
    assert column(zones, "Present")[-1] == "4 GiB"
    assert zones.rows[-1].cells[4].detail.replace(",", "") == "1048576 pages"
    assert texts(panel.pages[2].model) == [
        ["0", "10", "21", "20", "20"],
        ["1", "21", "10", "20", "20"],
        ["2", "20", "20", "10", "20"],
        ["3", "20", "20", "20", "10"],
    ]
    assert column(panel.pages[3].model, "Devices by position") == ["mem0", "mem1"]


def test_columns_share_the_width(panel: LinuxPanel) -> None:
    for width in (860, 1200):
        panel.resize(width, 260)
        for number, page in enumerate(panel.pages[:2]):
            panel.tabs.setCurrentIndex(number)
            header = page.view.horizontalHeader()
            assert header.length() == page.view.viewport().width(), (width, page.view)


@pytest.mark.parametrize(
    ("wanted", "soft", "room", "widths"),
    [
        ([50, 100, 80], [False, True, True], 300, [50, 100, 80]),
        ([50, 100, 80], [False, True, True], 200, [50, 75, 75]),
        ([50, 200, 80], [False, True, True], 250, [50, 120, 80]),
        ([50, 200, 80], [True, False, True], 100, [50, 200, 60]),
    ],
)
def test_the_longest_words_give_way_first(
    wanted: list[int], soft: list[bool], room: int, widths: list[int]
) -> None:
    assert shared(wanted, soft, room, 60) == widths


def test_choosing_a_node_selects_its_parts_and_back(panel: LinuxPanel, session: Session) -> None:
    panel.nodes.selectRow(2)
    assert {"w0", "mem0"} <= session.selection
    assert "w1" not in session.selection
    panel.tabs.setCurrentIndex(1)
    chosen = {i.row() for i in panel.zones.selectionModel().selectedRows()}
    zone_rows = panel.pages[1].model.rows
    assert {zone_rows[row].key for row in chosen} == {"node.2.zone.Normal"}
    session.select(["mem1"])
    assert [i.row() for i in panel.nodes.selectionModel().selectedRows()] == [3]
    session.select(["s0"])
    assert [i.row() for i in panel.nodes.selectionModel().selectedRows()] == [0]
    session.select([])
    assert not panel.nodes.selectionModel().selectedRows()


def test_moments(panel: LinuxPanel, session: Session) -> None:
    assert panel.moments.count() == 3
    assert panel.moments.currentIndex() == 2
    panel.moments.setCurrentIndex(0)
    panel.moments.activated.emit(0)
    nodes = panel.pages[0].model
    assert column(nodes, "State")[2:] == ["possible", "possible"]
    assert panel.pages[3].model.rowCount() == 0
    session.edit("more", e.set_field, "mem0", "volatile_bytes", 2 * GIB)
    session.set_derivation(derive(session.document))
    assert panel.moment is not None
    assert panel.moment.label == "boot"
    panel.moments.activated.emit(panel.moments.count() - 1)
    assert column(nodes, "Size")[2] == "2 GiB"


def test_an_edit_changes_rows_without_losing_the_chosen_one(
    panel: LinuxPanel, session: Session, qtbot: QtBot
) -> None:
    panel.nodes.selectRow(3)
    nodes = panel.pages[0].model
    session.edit("less", e.set_field, "mem1", "volatile_bytes", GIB)
    with qtbot.assertNotEmitted(nodes.modelReset), qtbot.waitSignal(nodes.dataChanged):
        session.set_derivation(derive(session.document))
    assert column(nodes, "Size")[3] == "1 GiB"
    assert [i.row() for i in panel.nodes.selectionModel().selectedRows()] == [3]


def test_why_names_rule_and_place_and_leads_to_the_part(
    panel: LinuxPanel, session: Session
) -> None:
    panel.nodes.setCurrentIndex(panel.pages[0].model.index(2, 0))
    text = panel.why.toPlainText()
    assert "Node 2" in text
    assert "A12" in text
    assert "CEDT+0x" in text
    assert "modelled" in text
    panel.why.item_chosen.emit("w0")
    assert session.selection == {"w0"}


def test_every_cell_has_a_reason_or_says_that_it_has_none(session: Session) -> None:
    derivation = session.derivation
    assert derivation is not None
    state = derivation.current
    rows = [*facts.node_rows(state), *facts.zone_rows(state), *facts.distance_rows(state)]
    without = {c.fact for row in rows for c in row.cells if not facts.why(state, c.fact)}
    assert without == set()


def test_before_the_first_derivation_nothing_is_claimed(qtbot: QtBot) -> None:
    panel = LinuxPanel(Session(machine()))
    qtbot.addWidget(panel)
    assert panel.origin.text() == "not worked out yet"
    assert panel.pages[0].model.rowCount() == 0
    assert not panel.moments.isEnabled()


def test_models_are_sound(panel: LinuxPanel, qtmodeltester: Any) -> None:
    for page in panel.pages:
        qtmodeltester.check(page.model)


def test_ranges_are_written_like_the_kernel_does() -> None:
    assert facts.ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8"
    assert facts.ranges([]) == ""


rows = st.lists(
    st.tuples(st.integers(0, 6), st.text(max_size=2)), max_size=6, unique_by=lambda kv: kv[0]
).map(lambda pairs: [Row(str(k), (Cell(v), Cell(str(k)))) for k, v in pairs])


@given(st.lists(rows, min_size=1, max_size=5))
@settings(max_examples=60)
def test_the_table_follows_any_change(qapp: QApplication, states: list[list[Row]]) -> None:
    model = FactTable()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for state in states:
        model.show(("a", "b"), state)
        assert list(model.rows) == state
