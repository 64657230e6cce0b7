"""A QEMU command line being written: options in order, and what could not be said with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxldesigner.exchange.notes import Note

_SUFFIXES = (("T", 40), ("G", 30), ("M", 20), ("K", 10))


class CannotExport(Exception):
    """QEMU cannot start anything like this machine; the text says why and what to do."""


@dataclass(slots=True)
class Line:
    """Options collected so far, and notes on what was changed or left out."""

    arguments: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def add(self, option: str, *words: str) -> None:
        """Append ``-option word,word,…``; empty words are left out."""
        self.arguments += [f"-{option}", ",".join(w for w in words if w)]

    def note(self, text: str, *args: str, items: tuple[str, ...] = ()) -> None:
        """Append a note."""
        self.notes.append(Note(text, args, items))


def size_text(value: int) -> str:
    """Return bytes as QEMU reads them, with the largest suffix that is exact."""
    for letter, shift in _SUFFIXES:
        if value and value % (1 << shift) == 0:
            return f"{value >> shift}{letter}"
    return f"{value}B"
