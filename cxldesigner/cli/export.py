"""``cxldesigner export``: a platform as QEMU command line, shell script or ACPI tables."""

from __future__ import annotations

from argparse import Namespace

from cxldesigner.cli.output import GOOD, Unusable, line, note
from cxldesigner.cli.platform import open_platform
from cxldesigner.exchange.exporters import exporter_named, write_files
from cxldesigner.exchange.qemuexportline import CannotExport
from cxldesigner.exchange.qemuexportscale import scaled


def command(arguments: Namespace) -> int:
    """Export a platform; what the format cannot say goes to standard error."""
    exporter = exporter_named(arguments.to)
    document, remarks = scaled(open_platform(arguments.file, arguments.actions), arguments.scale)
    try:
        made = exporter.make(document)
    except CannotExport as reason:
        raise Unusable(f"{arguments.file}: {reason}") from reason
    try:
        written = write_files(exporter, made, arguments.output)
    except OSError as error:
        raise Unusable(f"{arguments.output}: {error.strerror or error}") from error
    for remark in (*remarks, *made.notes):
        note(f"note: {remark}")
    for path in written:
        line(str(path))
    return GOOD
