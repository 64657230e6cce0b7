"""``cxldesigner derive``: what Linux makes of a platform, as JSON or as text."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from cxldesigner.cli.output import FOUND_ERRORS, GOOD, json_value, line
from cxldesigner.cli.platform import open_observed, open_platform
from cxldesigner.cli.text import finding_lines, reason_lines, result_lines, state_lines
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import Derivation, Moment, Reason, Severity
from cxldesigner.linux.snapshot import snapshot


def command(arguments: Namespace) -> int:
    """Derive a platform; exit code 1 when it has findings of severity error."""
    observed = open_observed(arguments.observed) if arguments.observed else None
    derivation = derive(open_platform(arguments.file, arguments.actions), observed)
    if arguments.json:
        json_value(
            {"moments": [moment_value(m, explain=arguments.explain) for m in derivation.moments]}
        )
    else:
        _write_text(derivation, explain=arguments.explain)
    bad = any(f.severity is Severity.ERROR for f in derivation.findings)
    return FOUND_ERRORS if bad else GOOD


def moment_value(moment: Moment, *, explain: bool) -> dict[str, Any]:
    """Return a moment as JSON: keys and units of a recorded snapshot, label, action results."""
    value: dict[str, Any] = {
        "label": moment.label,
        **snapshot(moment.state),
        "actions": [
            {"command": r.command, "exit": r.exit, "output": r.output} for r in moment.results
        ],
    }
    if explain:
        value["reasons"] = {
            fact: [_reason_value(reason) for reason in chain]
            for fact, chain in moment.state.reasons.items()
        }
    return value


def _reason_value(reason: Reason) -> dict[str, Any]:
    return {
        "text": str(reason),
        "rule": reason.rule,
        "items": list(reason.items),
        "place": reason.place,
    }


def _write_text(derivation: Derivation, *, explain: bool) -> None:
    for moment in derivation.moments:
        for text in result_lines(moment.results):
            line(text)
    for text in state_lines(derivation.current):
        line(text)
    if explain:
        line()
        for text in reason_lines(derivation.current):
            line(text)
    if derivation.findings:
        line()
        for text in finding_lines(derivation.findings):
            line(text)
