"""``cxldesigner check``: findings of the platform, its host actions and its scenarios."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from cxldesigner.cli.output import FOUND_ERRORS, GOOD, json_value, line
from cxldesigner.cli.platform import open_platform
from cxldesigner.cli.text import counted, finding_lines, mend_text, result_lines
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import ActionResult, Derivation, Finding, Severity
from cxldesigner.workloads.checks import check_scenario


def command(arguments: Namespace) -> int:
    """Check a platform; exit code 1 when something would be refused or dropped."""
    derivation = derive(open_platform(arguments.file, arguments.actions))
    findings, failed = all_findings(derivation), failed_actions(derivation)
    if arguments.json:
        json_value(
            {
                "findings": [finding_value(f) for f in findings],
                "failed_actions": [
                    {"command": r.command, "exit": r.exit, "output": r.output} for r in failed
                ],
            }
        )
    else:
        for text in (*finding_lines(findings), *result_lines(failed)):
            line(text)
        counts = [counted(_count(findings, s), s) for s in Severity]
        line(", ".join([*counts, counted(len(failed), "failing host action")]))
    return FOUND_ERRORS if failed or _count(findings, Severity.ERROR) else GOOD


def all_findings(derivation: Derivation) -> tuple[Finding, ...]:
    """Return the findings of a platform and of each of its scenarios."""
    document, state = derivation.document, derivation.current
    scenarios = document.scenarios.values()
    return (
        *derivation.findings,
        *(f for scenario in scenarios for f in check_scenario(scenario, document, state)),
    )


def failed_actions(derivation: Derivation) -> tuple[ActionResult, ...]:
    """Return the host actions the kernel or a tool would refuse."""
    return tuple(r for m in derivation.moments for r in m.results if r.exit)


def finding_value(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "text": str(finding),
        "mend": mend_text(finding),
        "items": list(finding.items),
        "source": finding.source,
    }


def _count(findings: tuple[Finding, ...], severity: Severity) -> int:
    return sum(f.severity is severity for f in findings)
