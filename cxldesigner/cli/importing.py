"""``cxldesigner import``: other tools' files become a platform file."""

from __future__ import annotations

from argparse import Namespace

from cxldesigner.cli.output import GOOD, Unusable, line
from cxldesigner.cli.platform import import_platform, is_platform_file
from cxldesigner.document.store import DocumentError, save_document


def command(arguments: Namespace) -> int:
    """Import sources and save them."""
    for source in arguments.sources:
        if is_platform_file(source):
            raise Unusable(f"{source}: a platform file needs no import; every command opens it")
    document = import_platform(tuple(arguments.sources))
    try:
        save_document(document, arguments.output)
    except DocumentError as error:
        raise Unusable(str(error)) from error
    parts = len(document.parts)
    line(f"{arguments.output}: {parts} parts, {len(document.actions)} host actions")
    return GOOD
