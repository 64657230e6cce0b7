"""Sentences for what the core refuses, in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cxldesigner.document.messages import template
from cxldesigner.document.ports import Refusal


def refusal_text(refusal: Refusal) -> str:
    """Return the sentence for a refusal: its template translated, then filled."""
    return QCoreApplication.translate("Refusals", template(refusal.code)).format(*refusal.args)
