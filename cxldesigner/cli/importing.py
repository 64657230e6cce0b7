"""``cxldesigner import``: other tools' files become a platform file."""

from __future__ import annotations

from argparse import Namespace

from cxldesigner.cli.output import GOOD, Unusable, line
from cxldesigner.cli.platform import import_platform
from cxldesigner.document.store import DocumentError, save_document


def command(arguments: Namespace) -> int:
    """Import sources and save them."""
    document = import_platform(tuple(arguments.sources))
    try:
        save_document(document, arguments.output)
    except DocumentError as error:
        raise Unusable(str(error)) from error
    parts = len(document.parts)
    line(f"{arguments.output}: {parts} parts, {len(document.actions)} host actions")
    return GOOD
