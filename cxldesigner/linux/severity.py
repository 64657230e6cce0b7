"""How bad a finding is; apart from the other values because the window's start needs only this."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; an error is something the kernel refuses or silently drops."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
