"""Opening the platform a command is about: a platform file, or anything an import can read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cxldesigner.cli.output import Unusable, note
from cxldesigner.document.model import Document, Scenario
from cxldesigner.document.store import FORMAT, DocumentError, load_document
from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.notes import Imported, ImportRefused
from cxldesigner.exchange.script import read_script
from cxldesigner.linux.boot import Observed
from cxldesigner.linux.observed import read_observed

MAX_SCRIPT_BYTES = 1 << 20
MAX_OBSERVED_BYTES = 64 << 20
_SNIFFED_BYTES = 4096


def open_platform(path: Path, actions: Path | None = None) -> Document:
    """Return the platform in a file or folder, with the host actions of a script appended.

    Raises
    ------
    Unusable
        It is neither a readable platform file nor anything an import understands.
    """
    document = _platform_file(path) if is_platform_file(path) else import_platform((path,))
    if actions is None:
        return document
    return replace(document, actions=(*document.actions, *script_lines(actions)))


def import_platform(paths: tuple[Path, ...]) -> Document:
    """Return the machine that other tools' files describe; notes go to standard error."""
    try:
        imported: Imported = import_sources(paths)
    except ImportRefused as error:
        raise Unusable(str(error)) from error
    for remark in imported.notes:
        note(f"note: {remark}")
    return imported.document


def script_lines(path: Path) -> tuple[str, ...]:
    """Return the host actions in a shell script; what is none is noted on standard error."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_SCRIPT_BYTES + 1)
        text = data.decode()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Unusable(f"{path}: byte {error.start}: is not UTF-8 text") from error
    if len(data) > MAX_SCRIPT_BYTES:
        raise Unusable(f"{path}: is longer than {MAX_SCRIPT_BYTES} bytes")
    script = read_script(text)
    for remark in script.notes:
        note(f"note: {path}: {remark}")
    return script.actions


def open_observed(path: Path) -> Observed:
    """Return the boot zones a running machine showed, from a JSON file."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_OBSERVED_BYTES + 1)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error
    if len(data) > MAX_OBSERVED_BYTES:
        raise Unusable(f"{path}: is longer than {MAX_OBSERVED_BYTES} bytes")
    try:
        return read_observed(data, str(path))
    except DocumentError as error:
        raise Unusable(str(error)) from error


def choose_scenario(document: Document, path: Path, name: str | None) -> Scenario:
    """Return the scenario with this id or name; without a name, the only one."""
    known = document.scenarios
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    matching = [s for s in known.values() if name in {s.id, s.name}]
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join(known) or "none"
    if name is None:
        why = f"say which scenario to play with --scenario (it has: {listed})"
    else:
        why = f"has no scenario {name!r} (it has: {listed})"
    raise Unusable(f"{path}: scenarios: {why}")


def _platform_file(path: Path) -> Document:
    try:
        return load_document(path)
    except DocumentError as error:
        raise Unusable(str(error)) from error


def is_platform_file(path: Path) -> bool:
    """Return whether a path is to be read as a platform file: by its name or its beginning."""
    if path.is_dir():
        return False
    if path.suffix == ".cxld":
        return True
    try:
        with path.open("rb") as stream:
            start = stream.read(_SNIFFED_BYTES)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error
    return start.lstrip()[:1] == b"{" and f'"{FORMAT}"'.encode() in start
