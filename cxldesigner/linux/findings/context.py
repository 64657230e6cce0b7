"""What the finding rules look at, and how they name things."""

from __future__ import annotations

from dataclasses import dataclass

from cxldesigner.document.model import Document
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.machine import Machine
from cxldesigner.linux.model import State

_UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


@dataclass(frozen=True, slots=True)
class Context:
    """One platform with everything derived from it."""

    document: Document
    firmware: Firmware
    machine: Machine
    state: State

    def window(self, index: int) -> str:
        """Return the document id of a CFMWS, "" when nothing was drawn for it."""
        ids = self.firmware.windows
        return ids[index] if index < len(ids) else ""

    def window_name(self, index: int) -> str:
        """Return how a user calls a CFMWS."""
        window = self.document.windows.get(self.window(index))
        if window is not None:
            return window.name or window.id
        return f"CFMWS {index}"

    def name(self, item: str) -> str:
        """Return how a user calls a part."""
        part = self.document.parts.get(item)
        return (part.name or part.id) if part is not None else item


def size_text(size: int) -> str:
    """Return a size in the largest unit that divides it, or with one decimal."""
    for unit, name in _UNITS:
        if size >= unit:
            whole, rest = divmod(size, unit)
            return f"{whole} {name}" if not rest else f"{size / unit:.1f} {name}"
    return f"{size} bytes"
