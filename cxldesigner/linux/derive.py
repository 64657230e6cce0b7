"""The whole derivation of a document: firmware, boot, every host action, findings.

Stages are kept by identity of what they are made of: an edit that only moves parts computes
nothing, one that only adds a host action runs only that.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from cxldesigner.document.model import Document
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.actions import act, is_comment, moment_name
from cxldesigner.linux.assemble import assemble
from cxldesigner.linux.boot import Observed, boot
from cxldesigner.linux.findings import findings
from cxldesigner.linux.live import Live
from cxldesigner.linux.machine import Machine, machine_of
from cxldesigner.linux.model import ActionResult, Derivation, Finding, Moment, State

_KEPT = 6
BOOT_LABEL = "boot"


class _Later:
    """The state after an action, made when it is first looked at and shared from then on."""

    __slots__ = ("_first", "_machine", "_state", "live")

    def __init__(self, machine: Machine, live: Live, first: State) -> None:
        self.live = live
        self._machine, self._first = machine, first
        self._state: State | None = None

    def __call__(self) -> State:
        if self._state is None:
            self._state = assemble(self._machine, self.live, self._first)
        return self._state


_Step = tuple[str, _Later, ActionResult]
"""A host action, the machine after it, how it ended."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """Results for one set of platform inputs (the tuple itself is kept, so ids stay taken)."""

    inputs: tuple[object, ...]
    firmware: Firmware
    first: State
    steps: tuple[_Step, ...] = ()
    findings: tuple[tuple[tuple[str, ...], tuple[Finding, ...]], ...] = ()


_stages: OrderedDict[tuple[int, ...], _Stage] = OrderedDict()
_lock = Lock()
"""The window derives in a thread of its own, while others may derive too."""


def _inputs(document: Document, observed: Observed | None) -> tuple[object, ...]:
    """Return what the firmware and boot are made of: layout, notes, scenarios are not."""
    return (
        document.parts,
        document.links,
        document.windows,
        document.host,
        document.tables,
        observed,
    )


def derive(document: Document, observed: Observed | None = None) -> Derivation:
    """Return everything Linux makes of a document.

    Parameters
    ----------
    document : the platform and its host actions.
    observed : managed pages of boot zones of a running machine, see
        :func:`cxldesigner.linux.boot.boot`.
    """
    inputs = _inputs(document, observed)
    key = tuple(id(i) for i in inputs)
    with _lock:
        stage = _stages.get(key)
    if stage is None or any(a is not b for a, b in zip(stage.inputs, inputs, strict=True)):
        firmware = compile_document(document)
        stage = _Stage(inputs, firmware, boot(firmware, observed))
    steps = _run(stage, document.actions)
    moments = _moments(stage.first, document.actions, steps)
    found = dict(stage.findings).get(document.actions)
    if found is None:
        found = findings(document, stage.firmware, moments[-1].state, _results(moments))
    kept = _Stage(inputs, stage.firmware, stage.first, steps, ((document.actions, found),))
    with _lock:
        _stages[key] = kept
        _stages.move_to_end(key)
        while len(_stages) > _KEPT:
            _stages.popitem(last=False)
    return Derivation(document=document, firmware=stage.firmware, moments=moments, findings=found)


def _run(stage: _Stage, actions: tuple[str, ...]) -> tuple[_Step, ...]:
    """Run the actions, from the first that differs from the last run of this stage."""
    steps: list[_Step] = []
    for old, line in zip(stage.steps, actions, strict=False):
        if old[0] != line:
            break
        steps.append(old)
    machine = machine_of(stage.firmware)
    live = steps[-1][1].live if steps else stage.first.live
    for line in actions[len(steps) :]:
        live, result = act(machine, live, line)
        steps.append((line, _Later(machine, live, stage.first), result))
    return tuple(steps)


def _results(moments: tuple[Moment, ...]) -> tuple[ActionResult, ...]:
    return tuple(r for m in moments for r in m.results)


def _moments(
    first: State, actions: tuple[str, ...], steps: tuple[_Step, ...]
) -> tuple[Moment, ...]:
    """Cut the run into moments: at ``# moment:`` lines, or after every action without any."""
    named = any(moment_name(line) for line in actions)
    moments = [Moment(label=BOOT_LABEL, state=first)]
    waiting: list[ActionResult] = []
    for line, state, result in steps:
        name = moment_name(line)
        if not is_comment(line):
            waiting.append(result)
            if not named:
                moments.append(Moment(label=line.strip(), state=state, results=tuple(waiting)))
                waiting = []
        elif name is not None:
            moments.append(Moment(label=name, state=state, results=tuple(waiting)))
            waiting = []
    if waiting:
        moments.append(Moment(label="end", state=steps[-1][1], results=tuple(waiting)))
    return tuple(moments)
