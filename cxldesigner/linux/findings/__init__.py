"""Mistakes and traps in a platform, in the user's words: rules CXL-V and field reports P."""

from __future__ import annotations

from cxldesigner.document.model import Document
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.findings.actions import action_findings
from cxldesigner.linux.findings.context import Context
from cxldesigner.linux.findings.memory import memory_findings
from cxldesigner.linux.findings.orders import order_findings
from cxldesigner.linux.findings.reach import reach_findings
from cxldesigner.linux.findings.structure import structure_findings
from cxldesigner.linux.findings.tables import table_findings
from cxldesigner.linux.findings.windows import window_findings
from cxldesigner.linux.machine import machine_of
from cxldesigner.linux.model import ActionResult, Finding, Severity, State

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def findings(
    document: Document,
    firmware: Firmware,
    state: State,
    results: tuple[ActionResult, ...] = (),
) -> tuple[Finding, ...]:
    """Return every finding, errors first.

    Parameters
    ----------
    document : the drawing, for what only it can say (links, names).
    firmware : what it compiles to.
    state : the machine after all host actions.
    results : how the host actions ended.
    """
    context = Context(document, firmware, machine_of(firmware), state)
    found = [
        *structure_findings(context),
        *window_findings(context),
        *table_findings(context),
        *reach_findings(context),
        *memory_findings(context),
        *action_findings(context, results),
        *order_findings(context, results),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda f: _ORDER[f.severity]))
