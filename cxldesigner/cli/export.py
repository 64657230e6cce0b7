"""``cxldesigner export``: a platform as QEMU command line, shell script or ACPI tables."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from cxldesigner.cli.output import GOOD, Unusable, line, note
from cxldesigner.cli.platform import open_platform
from cxldesigner.document.atomic import write_atomically
from cxldesigner.exchange.exporters import EXPORTERS, Exporter
from cxldesigner.exchange.qemuexportline import CannotExport
from cxldesigner.exchange.qemuexportscale import scaled

_READABLE = 0o444


def command(arguments: Namespace) -> int:
    """Export a platform; what the format cannot say goes to standard error."""
    exporter = next(e for e in EXPORTERS if e.name == arguments.to)
    document, remarks = scaled(open_platform(arguments.file, arguments.actions), arguments.scale)
    try:
        made = exporter.make(document)
    except CannotExport as reason:
        raise Unusable(f"{arguments.file}: {reason}") from reason
    try:
        written = _write(exporter, made.files, arguments.output)
    except OSError as error:
        raise Unusable(f"{arguments.output}: {error.strerror or error}") from error
    for remark in (*remarks, *made.notes):
        note(f"note: {remark}")
    for path in written:
        line(str(path))
    return GOOD


def _write(exporter: Exporter, files: Mapping[str, bytes], output: Path) -> list[Path]:
    if not exporter.folder:
        (data,) = files.values()
        write_atomically(output, data)
        if data.startswith(b"#!"):
            mode = output.stat().st_mode
            output.chmod(mode | (mode & _READABLE) >> 2)
        return [output]
    output.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in files.items():
        write_atomically(output / name, data)
        paths.append(output / name)
    return paths
