"""Everything a platform can be exported to, as one table for window and command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cxldesigner.document.atomic import write_atomically
from cxldesigner.document.model import Document
from cxldesigner.document.store import canonical_bytes
from cxldesigner.exchange.notes import Note
from cxldesigner.exchange.qemuexport import export_qemu
from cxldesigner.exchange.script import write_script
from cxldesigner.firmware.compile import compile_document


@dataclass(frozen=True, slots=True)
class Exported:
    """Files by name (one file, unless the exporter makes a folder), and notes."""

    files: Mapping[str, bytes]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format: what it is, the usual end of its file name, whether it is a folder of files."""

    name: str
    what: str
    suffix: str
    make: Callable[[Document], Exported]
    folder: bool = False


def _qemu(document: Document) -> Exported:
    made = export_qemu(document)
    return Exported({"machine.sh": made.command.encode()}, made.notes)


def _script(document: Document) -> Exported:
    text, notes = write_script(document)
    return Exported({"actions.sh": text.encode()}, notes)


def _guest(document: Document) -> Exported:
    made = export_qemu(document)
    return Exported({"guest.sh": made.guest_script.encode()})


def _platform(document: Document) -> Exported:
    return Exported({"platform.cxld": canonical_bytes(document)})


def _acpi(document: Document) -> Exported:
    firmware = compile_document(document)
    tables = {f"{signature}.dat": data for signature, data in firmware.tables.items()}
    cdats = {f"{part}-CDAT.dat": data for part, data in firmware.cdat.items()}
    return Exported({**tables, **cdats})


EXPORTERS = (
    Exporter("qemu", "QEMU command line that boots the platform", ".sh", _qemu),
    Exporter("guest", "Host actions for the guest of that command line", ".sh", _guest),
    Exporter("script", "Host actions as a shell script for the machine", ".sh", _script),
    Exporter("platform", "The platform itself, as a platform file", ".cxld", _platform),
    Exporter("acpi", "ACPI tables and CDATs, one file each", "", _acpi, folder=True),
)
"""All formats, in the order they are offered."""
_READABLE = 0o444


def exporter_named(name: str) -> Exporter:
    """Return the exporter of a format."""
    return next(e for e in EXPORTERS if e.name == name)


def write_files(exporter: Exporter, made: Exported, target: Path) -> tuple[Path, ...]:
    """Write an export to a file, or to a folder where the format is one; return the paths.

    Shell scripts become executable for those who may read them.

    Raises
    ------
    OSError
        Something cannot be written.
    """
    if exporter.folder:
        target.mkdir(parents=True, exist_ok=True)
        for name, data in made.files.items():
            write_atomically(target / name, data)
        return tuple(target / name for name in made.files)
    (data,) = made.files.values()
    write_atomically(target, data)
    if data.startswith(b"#!"):
        mode = target.stat().st_mode
        target.chmod(mode | (mode & _READABLE) >> 2)
    return (target,)
