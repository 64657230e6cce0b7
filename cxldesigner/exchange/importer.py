"""Open what other tools wrote of a machine: files or folders in, one document and notes out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cxldesigner.document.model import Document, MemoryRange
from cxldesigner.document.store import DocumentError, canonical_bytes, loads
from cxldesigner.exchange import acpi, cxl_list, iomem, qemu, snapshot
from cxldesigner.exchange.machine import Sources, assemble
from cxldesigner.exchange.notes import MAX_BYTES, Imported, ImportRefused, Note
from cxldesigner.exchange.pcilink import PciLink
from cxldesigner.exchange.snapshothost import HostFacts, distances_of, host_of_nodes, with_host
from cxldesigner.firmware.cedt import decode_cedt
from cxldesigner.geometry.autolayout import auto_layout

MAX_TEXT = 8 << 20
MAX_COMMAND = 256 << 10
"""Largest text and command line read, bytes."""
MAX_FILES = 500
"""Files looked at in a folder; a machine's dump has a few dozen."""


def import_sources(paths: Iterable[str | os.PathLike[str]]) -> Imported:
    """Return the machine that files and folders describe, merged into one platform.

    Understood: ACPI tables (binary, several in a row, ``acpidump`` text), CDAT, ``cxl list`` JSON,
    ``/proc/iomem``, ``/proc/zoneinfo``, QEMU command lines, the snapshot ``cxl-snapshot.py`` makes
    on a running machine. In a folder other files are passed over; a file named alone must be one
    of these.

    Raises
    ------
    ImportRefused
        A file that cannot be read or is broken, or nothing to import.
    """
    listed = tuple(Path(p) for p in paths)
    gathered = _Gatherer()
    for path in listed:
        if path.is_dir():
            gathered.folder(path)
        else:
            gathered.file(path, alone=True)
    name = listed[0].resolve().stem if listed else ""
    return gathered.finish(name[:200])


class _Gatherer:
    """Reads files one by one and sorts what they hold."""

    def __init__(self) -> None:
        self._sources = Sources()
        self._command: tuple[str, str] | None = None
        self._zones: tuple[str, str] | None = None
        self._seen_list = False
        self._pci: dict[str, PciLink] = {}
        self._facts: HostFacts | None = None
        self._passed: list[str] = []
        self._notes: list[Note] = []

    def folder(self, path: Path) -> None:
        """Read every file of a folder (not of folders in it), in the order of their names."""
        try:
            names = sorted(p for p in path.iterdir() if p.is_file())
        except OSError as error:
            raise ImportRefused(path.name, "", error.strerror or "cannot be listed") from error
        if len(names) > MAX_FILES:
            raise ImportRefused(path.name, "", f"more than {MAX_FILES} files")
        for name in names:
            self.file(name, alone=False)

    def file(self, path: Path, *, alone: bool) -> None:
        """Read one file; ``alone``: the user named it, so it has to be something."""
        data = _read(path, alone=alone)
        if data is None or not self._take(path.name, data, alone=alone):
            if alone:
                raise ImportRefused(path.name, "", "nothing in it is known to any importer")
            self._passed.append(path.name)

    def _take(self, name: str, data: bytes, *, alone: bool) -> bool:
        if acpi.is_known_start(data) or (alone and acpi.is_table(data)):
            self._tables(name, acpi.split_tables(name, data))
            return True
        if acpi.is_cdat(data):
            self._sources.cdats[name] = data
            return True
        if len(data) > MAX_TEXT:
            return False
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        if text.lstrip()[:1] in ("[", "{"):
            return self._json(name, text, alone=alone)
        if acpi.is_dump(text):
            self._tables(name, acpi.parse_dump(name, text))
        elif iomem.is_iomem(text):
            self._sources.memory_map = iomem.memory_map(iomem.parse_iomem(name, text))
        elif iomem.is_zoneinfo(text):
            self._zones = (name, text)
        elif len(text) <= MAX_COMMAND and qemu.is_command(text):
            self._command = (name, text)
        else:
            return False
        return True

    def _json(self, name: str, text: str, *, alone: bool) -> bool:
        try:
            value = cxl_list.parse_json(name, text)
        except ImportRefused:
            if alone or "cxl" in name:
                raise
            return False
        if snapshot.is_snapshot(value):
            self._snapshot(name, snapshot.read_snapshot(name, value))
            return True
        if not cxl_list.is_cxl_list(value):
            return False
        self._sources.inventory = cxl_list.parse_cxl_list(name, value)
        self._seen_list = True
        return True

    def _snapshot(self, name: str, found: snapshot.Snapshot) -> None:
        if self._facts is not None:
            raise ImportRefused(name, "", "a second snapshot: one machine at a time")
        self._tables(name, found.tables)
        self._sources.cdats |= found.cdats
        if not self._seen_list:
            self._sources.inventory = found.inventory
        self._pci = found.inventory.pci
        self._sources.memory_map = self._sources.memory_map or found.memory_map
        if found.zones:
            self._zones = (f"{name}, /proc/zoneinfo", found.zones)
        self._facts = found.host
        self._notes += found.notes

    def _tables(self, name: str, tables: Iterable[acpi.FoundTable]) -> None:
        for table in tables:
            if table.signature not in acpi.DECODERS:
                self._passed.append(f"{name}: {table.signature}")
                continue
            if table.signature in self._sources.tables:
                raise ImportRefused(name, "", f"a second {table.signature}: one machine at a time")
            for warning in acpi.check_table(name, table):
                self._notes.append(Note("{}: {}", (name, str(warning))))
            self._sources.tables[table.signature] = table.data

    def finish(self, name: str) -> Imported:
        """Return the machine of all that was read."""
        known = self._seen_list or self._facts is not None
        if self._command is not None and not known:
            if self._sources.tables:
                text = "{} tells more of the machine than its tables; the tables were left out."
                self._notes.append(Note(text, (self._command[0],)))
            document, notes = qemu.read_command(*self._command)
        elif self._sources.tables or known:
            if self._command is not None:
                self._passed.append(self._command[0])
            self._running_machine()
            self._zone_memory()
            document, notes = assemble(name, self._sources)
            if self._facts is not None:
                document, more = with_host(document, self._facts)
                notes += more
        else:
            raise ImportRefused(name, "", "there is nothing to import here")
        if self._passed:
            shown = ", ".join(self._passed[:20])
            self._notes.append(Note("Not used: {}.", (shown,)))
        return Imported(_finished(replace(document, name=name), name), (*self._notes, *notes))

    def _running_machine(self) -> None:
        """Add what a snapshot tells and no other source does."""
        self._sources.inventory.pci = self._pci
        if self._facts is None:
            return
        self._sources.policy = self._facts.policy
        self._sources.host = host_of_nodes(self._facts.nodes)
        if self._sources.host is not None:
            self._sources.distances = distances_of(self._facts.nodes, self._sources.host)

    def _zone_memory(self) -> None:
        """Take RAM from ``/proc/zoneinfo`` when there is no ``/proc/iomem``."""
        if self._zones is None or self._sources.memory_map is not None:
            return
        if self._sources.host is not None and "SRAT" not in self._sources.tables:
            return  # where firmware put the memory of each node is not known
        ranges = iomem.zone_ranges(*self._zones)
        windows = _window_spans(self._sources)
        spans = sorted(
            span
            for node in ranges.values()
            for span in node
            if not any(span[0] < end and start < span[1] for start, end in windows)
        )
        merged: list[MemoryRange] = []
        for start, end in spans:
            if merged and start <= merged[-1].end:
                merged[-1] = MemoryRange(start=merged[-1].start, end=max(end, merged[-1].end))
            else:
                merged.append(MemoryRange(start=start, end=end))
        if merged:
            self._sources.memory_map = tuple(merged)
            self._notes.append(Note("The memory map was made from zones; holes in them are lost."))


def _window_spans(sources: Sources) -> list[tuple[int, int]]:
    spans = [(d.base, d.base + d.size) for d in sources.inventory.decoders.values()]
    if "CEDT" in sources.tables:
        table = decode_cedt(sources.tables["CEDT"])
        spans += [(w.base, w.base + w.size) for w in table.windows]
    return spans


def _read(path: Path, *, alone: bool) -> bytes | None:
    """Return a file's bytes; None for one in a folder that is not worth a look."""
    try:
        if path.stat().st_size > MAX_BYTES:
            if not alone:
                return None
            raise ImportRefused(path.name, "", f"larger than {MAX_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise ImportRefused(path.name, "", error.strerror or "cannot be read") from error


def _finished(document: Document, name: str) -> Document:
    """Return the document laid out, and checked to be one that a file can hold."""
    document = replace(document, layout=auto_layout(document))
    try:
        return loads(canonical_bytes(document), name)
    except DocumentError as error:
        raise ImportRefused(name, error.place, error.reason) from error
