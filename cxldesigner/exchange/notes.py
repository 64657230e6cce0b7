"""What an import gives back: a document, what had to be invented, or why it was refused."""

from __future__ import annotations

from dataclasses import dataclass

from cxldesigner.document.model import Document

MAX_BYTES = 64 << 20
"""Largest file an importer reads; a real machine's dumps are far below."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something an import invented, left out or could not keep.

    ``text`` is an English sentence template with ``{}`` filled from ``args`` (so that the GUI can
    translate the template); ``items`` are ids of the imported document.
    """

    text: str
    args: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text.format(*self.args)


@dataclass(frozen=True, slots=True)
class Imported:
    """A finished import."""

    document: Document
    notes: tuple[Note, ...] = ()


class ImportRefused(Exception):
    """A source that cannot be imported: the file, the place in it, the reason."""

    def __init__(self, file: str, place: str, reason: str) -> None:
        where = f"{file}, {place}" if place else file
        super().__init__(f"{where}: {reason}")
        self.file = file
        self.place = place
        self.reason = reason
