from __future__ import annotations

import pytest

from cxldesigner.document.model import Phase, Process, Scenario, Socket, TimedEvent
from cxldesigner.document.units import BadQuantity
from cxldesigner.gui.scenario import places
from cxldesigner.gui.scenario.fields import format_nodes, parse_nodes

PHASES = (Phase(workload="scan", duration_ms=4000), Phase(workload="uniform", start_ms=4000))
SCENARIO = Scenario(
    id="sc0",
    duration_ms=10_000,
    processes=(Process(id="a", phases=PHASES), Process(id="b")),
    events=(TimedEvent(at_ms=5, command="x"),),
)


def test_places_are_in_display_order() -> None:
    assert places.places(SCENARIO) == [
        (),
        ("processes", 0),
        ("processes", 0, "phases", 0),
        ("processes", 0, "phases", 1),
        ("processes", 1),
        ("events", 0),
    ]


def test_what_is_put_is_found_and_the_rest_is_shared() -> None:
    new = Phase(workload="zipf-cache")

    changed = places.put(SCENARIO, ("processes", 0, "phases", 1), new)

    assert places.at(changed, ("processes", 0, "phases", 1)) is new
    assert changed.processes[0].phases[0] is PHASES[0]
    assert changed.processes[1] is SCENARIO.processes[1]
    assert places.at(SCENARIO, ("processes", 7)) is None


def test_insert_then_remove_gives_the_same_scenario() -> None:
    place: places.Place = ("processes", 0, "phases", 1)

    more = places.insert(SCENARIO, place, Phase(workload="scan"))

    assert len(more.processes[0].phases) == 3
    assert places.without(more, place) == SCENARIO


def test_new_phase_begins_where_the_last_ends() -> None:
    phase = places.new_phase(SCENARIO.processes[0], 20_000)

    assert (phase.start_ms, phase.duration_ms) == (14_000, 6_000)


def test_new_process_has_a_free_id_and_lasts_the_run() -> None:
    one = places.new_process(SCENARIO, [Socket(id="s0")])
    two = places.new_process(places.insert(SCENARIO, ("processes", 0), one), [])

    assert (one.id, one.socket, one.phases[0].duration_ms) == ("app", "s0", 10_000)
    assert (two.id, two.socket) == ("app2", "")


@pytest.mark.parametrize(
    ("text", "nodes", "again"),
    [("", (), ""), ("0", (0,), "0"), (" 3, 0-1 ,1", (0, 1, 3), "0-1,3"), ("2-2", (2,), "2")],
)
def test_node_lists_read_as_numactl_writes_them(
    text: str, nodes: tuple[int, ...], again: str
) -> None:
    assert parse_nodes(text) == nodes
    assert format_nodes(nodes) == again


@pytest.mark.parametrize("text", ["a", "3-1", "0-", "-1", "0-99999"])
def test_bad_node_lists_are_refused(text: str) -> None:
    with pytest.raises(BadQuantity):
        parse_nodes(text)
