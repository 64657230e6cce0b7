"""Mistakes and traps in a platform, in the user's words: rules CXL-V and field reports P."""

from __future__ import annotations

from cxldesigner.document.model import Document
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.model import ActionResult, Finding, State


def findings(
    document: Document,
    firmware: Firmware,
    state: State,
    results: tuple[ActionResult, ...] = (),
) -> tuple[Finding, ...]:
    """Return every finding."""
    return ()
