"""The file ``cxl-snapshot.py`` writes on a server, sorted by what each piece tells.

The file is one JSON object: paths below ``/sys`` and ``/proc`` to text, to ``{"base64": …}`` for
binary data, or to ``{"link": …}`` for the target of a symbolic link; ``format`` names the layout,
``unread`` tells what the script could not read and why.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxldesigner.document.model import MemoryRange
from cxldesigner.exchange import iomem
from cxldesigner.exchange.acpi import DECODERS, FoundTable, is_cdat, split_tables
from cxldesigner.exchange.cxl_list import Inventory
from cxldesigner.exchange.notes import ImportRefused, Note
from cxldesigner.exchange.snapshotbus import BUS, read_bus
from cxldesigner.exchange.snapshotfiles import Files
from cxldesigner.exchange.snapshothost import HostFacts, read_host
from cxldesigner.exchange.snapshotmemory import firmware_ranges

FORMAT = "cxl-snapshot"
VERSION = f"{FORMAT} 1"
MAX_ENTRIES = 70_000
TABLES = "/sys/firmware/acpi/tables/"
_ROOTS = ("/sys/", "/proc/")


@dataclass(slots=True)
class Snapshot:
    """What a snapshot holds, as the other importers know it.

    ``cdats`` by a name that contains the endpoint's; ``zones`` the text of ``/proc/zoneinfo``.
    """

    tables: tuple[FoundTable, ...] = ()
    cdats: dict[str, bytes] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=Inventory)
    memory_map: tuple[MemoryRange, ...] | None = None
    zones: str = ""
    host: HostFacts = field(default_factory=HostFacts)
    notes: list[Note] = field(default_factory=list)


def is_snapshot(value: Any) -> bool:
    """Return whether a JSON value is shaped like a snapshot."""
    if not isinstance(value, dict):
        return False
    stated = value.get("format")
    if isinstance(stated, str) and stated.startswith(FORMAT):
        return True
    return bool(value) and all(key.startswith(_ROOTS) for key in value)


def read_snapshot(name: str, value: Mapping[str, Any]) -> Snapshot:
    """Return the parts of a snapshot.

    Raises
    ------
    ImportRefused
        A layout this program does not know, an entry that is neither text, data nor link, a table
        that is cut off, numbers that are none.
    """
    files = _files(name, value)
    found = Snapshot(inventory=read_bus(files), host=read_host(files))
    tables: list[FoundTable] = []
    for path, data in files.binaries.items():
        signature = path.removeprefix(TABLES)
        if signature in DECODERS:
            tables += split_tables(f"{name}, {path}", data)
        elif path.endswith("/CDAT") and is_cdat(data):
            found.cdats[path] = data
        elif path.endswith("/CDAT"):
            found.notes.append(Note("The CDAT at {} is not whole; it was left out.", (path,)))
    found.tables = tuple(tables)
    found.memory_map = _memory_map(files, found.notes)
    text = files.texts.get("/proc/zoneinfo", "")
    found.zones = text if iomem.is_zoneinfo(text) else ""
    _tell_unread(files, found.notes)
    return found


def _files(name: str, value: Mapping[str, Any]) -> Files:
    """Sort the entries by what they are."""
    stated = value.get("format", VERSION)
    if stated != VERSION:
        reason = f"this program reads {VERSION!r}; take the script that came with it"
        raise ImportRefused(name, "format", reason)
    if len(value) > MAX_ENTRIES:
        raise ImportRefused(name, "", f"more than {MAX_ENTRIES} entries")
    files = Files(name)
    for path, entry in value.items():
        if not path.startswith("/"):
            continue
        if isinstance(entry, str):
            files.texts[path] = entry
        elif isinstance(entry, dict) and isinstance(entry.get("link"), str):
            files.links[path] = entry["link"]
        elif isinstance(entry, dict) and isinstance(entry.get("base64"), str):
            files.binaries[path] = _decoded(name, path, entry["base64"])
        else:
            reason = "must be a text, {'base64': …} or {'link': …}"
            raise ImportRefused(name, path[:120], reason)
    unread = value.get("unread", {})
    if isinstance(unread, dict):
        files.unread = {p: w for p, w in unread.items() if isinstance(w, str)}
    return files


def _decoded(name: str, path: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImportRefused(name, path[:120], "the base64 text is broken") from error


def _memory_map(files: Files, notes: list[Note]) -> tuple[MemoryRange, ...] | None:
    """Return the memory map: from ``/proc/iomem``, else from what firmware told the kernel."""
    text = files.texts.get("/proc/iomem", "")
    if iomem.is_iomem(text):
        try:
            return iomem.memory_map(iomem.parse_iomem(f"{files.name}, /proc/iomem", text))
        except ImportRefused as refused:
            notes.append(Note("/proc/iomem was left out: {}.", (refused.reason,)))
    return firmware_ranges(files)


def _tell_unread(files: Files, notes: list[Note]) -> None:
    tables = [p.removeprefix(TABLES) for p in files.unread if p.startswith(TABLES)]
    if tables:
        text = "The snapshot was made without root rights: {} could not be read."
        notes.append(Note(text, (", ".join(tables[:8])[:120],)))
    elif files.unread:
        text = "The snapshot script could not read {} files, e.g. {}."
        notes.append(Note(text, (str(len(files.unread)), next(iter(files.unread))[:120])))
    places = [p for p in files.unread if p.startswith(f"{BUS}decoder") and p.endswith("/start")]
    if places and f"{TABLES}CEDT" not in files.binaries:
        notes.append(Note("Only root may read where the CXL windows are: none was drawn."))
