"""What the forms of the scenario panel edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QCoreApplication

from cxldesigner.document.edits import set_scenario
from cxldesigner.document.model import Document, Phase, Process, Scenario, TimedEvent
from cxldesigner.gui.inspector.subjects import with_field
from cxldesigner.gui.scenario import places
from cxldesigner.gui.scenario.places import Place

translate = QCoreApplication.translate
PARAMETERS = "parameters"


@dataclass(frozen=True, slots=True)
class ScenarioSubject:
    """A scenario or something in it.

    The parameters of a phase are found with their defaults filled in; one set to its default is
    not kept in the file. ``workload``: of the phase the form was made for; under another one there
    are other parameters, and the phase counts as gone.
    """

    scenario_id: str
    place: Place = ()
    workload: str = ""

    def find(self, document: Document) -> Any:
        """Return the value whose fields are shown, None when it is gone."""
        scenario = document.scenarios.get(self.scenario_id)
        value = None if scenario is None else places.at(scenario, self.place)
        if isinstance(value, Phase):
            return _with_defaults(value) if value.workload == self.workload else None
        return value

    def put(self, document: Document, changes: Sequence[tuple[str, Any]]) -> Document:
        """Return the document with fields set, by path."""
        scenario = document.scenarios[self.scenario_id]
        value = places.at(scenario, self.place)
        for path, new in changes:
            name, _, parameter = path.partition(".")
            if name == PARAMETERS:
                value = replace(value, parameters=_set(value, parameter, float(new)))
            elif isinstance(value, Phase) and name == "workload":
                value = _of_workload(value, new)
            else:
                value = with_field(value, path, new)
        return set_scenario(document, places.put(scenario, self.place, value))

    def title(self, document: Document) -> str:
        """Return what undo texts call it."""
        scenario = document.scenarios[self.scenario_id]
        match places.at(scenario, self.place):
            case Process() as process:
                return process.id
            case Phase():
                process = places.at(scenario, self.place[:2])
                return translate("Scenario", "a phase of {}").format(process.id)
            case TimedEvent():
                return translate("Scenario", "an event")
        return scenario_title(scenario)


def scenario_title(scenario: Scenario) -> str:
    """Return the scenario's name, else its id."""
    return scenario.name or scenario.id


def defaults_of(workload: str) -> dict[str, float]:
    """Return the parameters of a workload with their defaults; none for an unknown one."""
    # Loads numpy; the window is shown before that.
    from cxldesigner.workloads.registry import WORKLOADS  # noqa: PLC0415

    spec = WORKLOADS.get(workload)
    return {} if spec is None else {p.name: p.default for p in spec.parameters}


def _with_defaults(phase: Phase) -> SimpleNamespace:
    shown: dict[str, Any] = {f.name: getattr(phase, f.name) for f in fields(phase)}
    values = {**defaults_of(phase.workload), **phase.parameters}
    return SimpleNamespace(**{**shown, PARAMETERS: SimpleNamespace(**values)})


def _set(phase: Phase, parameter: str, value: float) -> dict[str, float]:
    kept = {k: v for k, v in phase.parameters.items() if k != parameter}
    if defaults_of(phase.workload).get(parameter) == value:
        return kept
    return {**kept, parameter: value}


def _of_workload(phase: Phase, workload: str) -> Phase:
    """Return the phase with another workload; parameters both have are kept."""
    known = defaults_of(workload)
    kept = {k: v for k, v in phase.parameters.items() if k in known}
    return replace(phase, workload=workload, parameters=kept)
