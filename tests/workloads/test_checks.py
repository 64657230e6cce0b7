from __future__ import annotations

from dataclasses import replace

import pytest

from cxldesigner.document.model import (
    GIB,
    Document,
    Phase,
    Policy,
    PolicyMode,
    Process,
    Scenario,
    Socket,
)
from cxldesigner.linux.derive import derive
from cxldesigner.linux.severity import Severity
from cxldesigner.workloads.checks import check_scenario

DOCUMENT = Document(parts={"cpu0": Socket(id="cpu0", cpus=2, dram_bytes=2 * GIB)})
PHASE = Phase(workload="uniform", bytes=GIB)
PROCESS = Process(id="p", socket="cpu0", phases=(PHASE,))
GOOD = Scenario(id="s", processes=(PROCESS,))


@pytest.fixture(scope="module")
def state():
    return derive(DOCUMENT).current


def with_process(**changes) -> Scenario:
    return replace(GOOD, processes=(replace(PROCESS, **changes),))


def with_phase(**changes) -> Scenario:
    return with_process(phases=(replace(PHASE, **changes),))


def test_a_good_scenario_has_no_findings(state):
    assert check_scenario(GOOD, DOCUMENT, state) == ()
    edge = with_phase(parameters={"write_share": 1.0, "threads": 1})
    assert check_scenario(edge, DOCUMENT, state) == ()


BIND_9 = Policy(mode=PolicyMode.BIND, nodes=(9,))


@pytest.mark.parametrize(
    ("scenario", "rule", "words"),
    [
        (replace(GOOD, tick_ms=0), "SCN-001", "0 ms"),
        (replace(GOOD, duration_ms=50), "SCN-001", "50 ms"),
        (replace(GOOD, granule_pages=3), "SCN-002", "3 pages"),
        (with_process(socket="cpu7"), "SCN-003", "cpu7"),
        (with_process(policy=BIND_9), "SCN-004", "node 9"),
        (with_phase(workload="nap"), "SCN-006", "nap"),
        (with_phase(bytes=100), "SCN-007", "100 bytes"),
        (with_phase(parameters={"heat": 1}), "SCN-008", "heat"),
        (with_phase(parameters={"write_share": 1.5}), "SCN-009", "1.5"),
        (with_phase(bytes=1 << 50), "SCN-010", "simulated pages"),
    ],
)
def test_errors(state, scenario, rule, words):
    errors = [f for f in check_scenario(scenario, DOCUMENT, state) if f.severity is Severity.ERROR]
    assert [f.rule for f in errors] == [rule]
    assert words in str(errors[0])


@pytest.mark.parametrize(
    ("scenario", "rule"),
    [
        (with_process(policy=Policy(mode=PolicyMode.INTERLEAVE)), "SCN-005"),
        (with_phase(bytes=3 * GIB), "SCN-011"),
    ],
)
def test_warnings(state, scenario, rule):
    (finding,) = check_scenario(scenario, DOCUMENT, state)
    assert (finding.rule, finding.severity) == (rule, Severity.WARNING)
    assert "{}" not in str(finding)
