"""Whether a scenario can be played on a machine: findings in the user's words."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.document.model import Document, Phase, PolicyMode, Process, Scenario, Socket
from cxldesigner.linux.model import Finding, State
from cxldesigner.linux.severity import Severity
from cxldesigner.workloads.registry import WORKLOADS

MAX_SIMULATED_PAGES = 64 << 20
PAGE_BYTES = 4096


def check_scenario(scenario: Scenario, document: Document, state: State) -> tuple[Finding, ...]:
    """Return everything that keeps a scenario from being played as written.

    Errors stop a run from starting; warnings name what will end badly (out of memory).
    """
    found: list[Finding] = []
    if scenario.tick_ms <= 0 or scenario.duration_ms < scenario.tick_ms:
        found.append(
            _error(
                "SCN-001",
                "Scenario {}: {} ms in ticks of {} ms is not a run.",
                (scenario.id, str(scenario.duration_ms), str(scenario.tick_ms)),
                mend="Set a tick above 0 and a duration of at least one tick.",
            )
        )
    if scenario.granule_pages < 1 or scenario.granule_pages & (scenario.granule_pages - 1):
        found.append(
            _error(
                "SCN-002",
                "Scenario {}: a simulated page of {} pages is not a power of two.",
                (scenario.id, str(scenario.granule_pages)),
            )
        )
    for process in scenario.processes:
        found += _process(process, document, state)
    found += _size(scenario, state)
    return tuple(found)


def _process(process: Process, document: Document, state: State) -> Iterator[Finding]:
    if process.socket and not isinstance(document.parts.get(process.socket), Socket):
        yield _error(
            "SCN-003",
            "Process {} runs on {}, which is not a socket of this platform.",
            (process.id, process.socket),
            mend="Choose one of the platform's sockets.",
        )
    for node in process.policy.nodes:
        if node not in state.nodes:
            yield _error(
                "SCN-004",
                "Process {} names node {}, which this machine does not have.",
                (process.id, str(node)),
                mend="Choose node ids the Linux view shows.",
            )
    usable = [n for n in process.policy.nodes if n in state.nodes and state.nodes[n].has_memory]
    if process.policy.mode is not PolicyMode.DEFAULT and not usable:
        yield Finding(
            "SCN-005",
            Severity.WARNING,
            "Process {} has policy {} but none of its nodes has memory: Linux refuses it (EINVAL).",
            (process.id, process.policy.mode.value),
            mend="Bring memory online on one of the nodes first, or choose another node.",
            source="C16",
        )
    for phase in process.phases:
        yield from _phase(process, phase)


def _phase(process: Process, phase: Phase) -> Iterator[Finding]:
    spec = WORKLOADS.get(phase.workload)
    if spec is None:
        yield _error(
            "SCN-006",
            "Process {} uses the workload {}, which does not exist.",
            (process.id, phase.workload),
            mend="Known workloads: " + ", ".join(WORKLOADS) + ".",
        )
        return
    if phase.bytes < PAGE_BYTES:
        yield _error(
            "SCN-007",
            "Process {}, workload {}: an area of {} bytes is less than a page.",
            (process.id, phase.workload, str(phase.bytes)),
        )
    known = {p.name: p for p in spec.parameters}
    for name, value in phase.parameters.items():
        parameter = known.get(name)
        if parameter is None:
            yield _error(
                "SCN-008",
                "Process {}, workload {}: there is no parameter {}.",
                (process.id, phase.workload, name),
                mend="It has: " + ", ".join(known) + ".",
            )
        elif not parameter.minimum <= value <= parameter.maximum:
            yield _error(
                "SCN-009",
                "Process {}, workload {}: {} = {} is outside {} … {}.",
                (
                    process.id,
                    phase.workload,
                    name,
                    f"{value:g}",
                    f"{parameter.minimum:g}",
                    f"{parameter.maximum:g}",
                ),
            )


def _size(scenario: Scenario, state: State) -> Iterator[Finding]:
    wanted = sum(
        max((phase.bytes for phase in process.phases), default=0) for process in scenario.processes
    )
    simulated = wanted // PAGE_BYTES // max(1, scenario.granule_pages)
    if simulated > MAX_SIMULATED_PAGES:
        yield _error(
            "SCN-010",
            "Scenario {} needs {} simulated pages; at most {} can be played.",
            (scenario.id, str(simulated), str(MAX_SIMULATED_PAGES)),
            mend="Let one simulated page stand for more pages.",
        )
    capacity = sum(node.managed for node in state.nodes.values()) * PAGE_BYTES + scenario.swap_bytes
    if wanted > capacity:
        yield Finding(
            "SCN-011",
            Severity.WARNING,
            "Scenario {} uses {} MiB but the machine has {} MiB: a process will run out of memory.",
            (scenario.id, str(wanted >> 20), str(capacity >> 20)),
            mend="Add memory or make the processes smaller.",
            source="C13",
        )


def _error(rule: str, text: str, args: tuple[str, ...], mend: str = "") -> Finding:
    return Finding(rule, Severity.ERROR, text, args, mend=mend)
