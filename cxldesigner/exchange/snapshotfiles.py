"""The files of a snapshot by path, and how single values are read from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cxldesigner.exchange.notes import ImportRefused

_NUMBER = re.compile(r"(-?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})")
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,16})")
U64 = 1 << 64


@dataclass(slots=True)
class Files:
    """Texts, binary data and link targets by path; ``name`` is the snapshot's own."""

    name: str
    texts: dict[str, str] = field(default_factory=dict)
    binaries: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """Return a one-line value without its line end; "" when it is not there."""
        return self.texts.get(path, "").strip()[:4096]

    def number(self, path: str, default: int = 0) -> int:
        """Return a decimal or 0x number; the default when it is not there, empty or negative.

        Raises
        ------
        ImportRefused
            Text that is no number of at most 64 bits.
        """
        text = self.text(path)
        if not text:
            return default
        found = _NUMBER.fullmatch(text)
        value = int(found[2], 16 if "x" in found[2].lower() else 10) if found else U64
        if value >= U64:
            raise ImportRefused(self.name, path[:120], "must be a number of at most 64 bits")
        return default if found and found[1] else value

    def hexadecimal(self, path: str) -> int | None:
        """Return a number written in hexadecimal with or without 0x; None when there is none."""
        found = _HEX.fullmatch(self.text(path))
        return int(found[1], 16) if found else None

    def target(self, path: str) -> str:
        """Return the last component of a link's target; "" when it is not there."""
        return self.links.get(path, "").rstrip("/").rpartition("/")[2][:120]

    def children(self, folder: str) -> dict[str, list[str]]:
        """Return what is in a folder (ending in /): name -> paths below it, without the folder."""
        out: dict[str, list[str]] = {}
        for path in self._paths():
            if path.startswith(folder):
                name, _, rest = path[len(folder) :].partition("/")
                out.setdefault(name, []).append(rest)
        return out

    def _paths(self) -> Iterator[str]:
        yield from self.links
        yield from self.texts
        yield from self.binaries
