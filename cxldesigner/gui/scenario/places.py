"""Where things are in a scenario, and pure changes of what is there.

A *place* is a path of field names and numbers: ``()`` is the scenario itself, ``("processes", 1,
"phases", 0)`` the first phase of its second process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cxldesigner.document.model import Phase, Process, Scenario, Socket, TimedEvent

Place = tuple[str | int, ...]

FIRST_WORKLOAD = "zipf-cache"


def at(scenario: Scenario, place: Place) -> Any:
    """Return what is at a place; None when there is nothing (any more)."""
    value: Any = scenario
    for name in place:
        if isinstance(name, str):
            value = getattr(value, name)
        elif name < len(value):
            value = value[name]
        else:
            return None
    return value


def put(value: Any, place: Place, new: Any) -> Any:
    """Return ``value`` with something else at a place below it."""
    if not place:
        return new
    name, rest = place[0], place[1:]
    if isinstance(name, int):
        return (*value[:name], put(value[name], rest, new), *value[name + 1 :])
    return replace(value, **{name: put(getattr(value, name), rest, new)})


def insert(scenario: Scenario, place: Place, new: Any) -> Scenario:
    """Return the scenario with something put in front of what is at a place (a numbered one)."""
    index = place[-1]
    assert isinstance(index, int)
    items = at(scenario, place[:-1])
    changed: Scenario = put(scenario, place[:-1], (*items[:index], new, *items[index:]))
    return changed


def without(scenario: Scenario, place: Place) -> Scenario:
    """Return the scenario without what is at a numbered place."""
    index = place[-1]
    assert isinstance(index, int)
    items = at(scenario, place[:-1])
    changed: Scenario = put(scenario, place[:-1], (*items[:index], *items[index + 1 :]))
    return changed


def places(scenario: Scenario) -> list[Place]:
    """Return every place that can be selected, in display order."""
    found: list[Place] = [()]
    for i, process in enumerate(scenario.processes):
        found.append(("processes", i))
        found += [("processes", i, "phases", j) for j in range(len(process.phases))]
    found += [("events", i) for i in range(len(scenario.events))]
    return found


def free_name(stem: str, taken: Iterable[str]) -> str:
    """Return ``stem``, or with the lowest number that makes it free."""
    used, number, name = set(taken), 2, stem
    while name in used:
        name, number = f"{stem}{number}", number + 1
    return name


def new_phase(process: Process | None, duration_ms: int) -> Phase:
    """Return a phase that begins where the process' last one ends."""
    last = process.phases[-1] if process is not None and process.phases else None
    if last is None:
        return Phase(workload=FIRST_WORKLOAD, duration_ms=duration_ms)
    start = min(last.start_ms + last.duration_ms, max(duration_ms - 1, 0))
    return replace(last, start_ms=start, duration_ms=max(duration_ms - start, 1))


def new_process(scenario: Scenario, sockets: Iterable[Socket]) -> Process:
    """Return a process with one phase that lasts the whole run, on the first socket."""
    socket = next((s.id for s in sockets), "")
    name = free_name("app", (p.id for p in scenario.processes))
    return Process(id=name, socket=socket, phases=(new_phase(None, scenario.duration_ms),))


def new_event(scenario: Scenario) -> TimedEvent:
    """Return an event in the middle of the run."""
    return TimedEvent(at_ms=scenario.duration_ms // 2, command="daxctl offline-memory dax0.0")


def new_scenario(scenario_id: str, name: str, sockets: Iterable[Socket]) -> Scenario:
    """Return a scenario that can be run as it is."""
    empty = Scenario(id=scenario_id, name=name, demotion=True, numa_balancing=2)
    return replace(empty, processes=(new_process(empty, sockets),))
