"""Proximity domains of the parts of a document: those told, and numbers for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxldesigner.document.model import Document, HostBridge, MemoryDomain, Socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """Which proximity domain everything is in.

    Attributes
    ----------
    memory : domain of each socket and memory domain part, sockets first, in document order.
    ports : domain of each host bridge that has a generic port.
    windows : domain of each window that an SRAT range covers.
    """

    memory: Mapping[str, int]
    ports: Mapping[str, int]
    windows: Mapping[str, int]

    def of(self, item: str) -> int | None:
        """Return the domain of a part or window id, None when it has none."""
        for known in (self.memory, self.ports, self.windows):
            if item in known:
                return known[item]
        return None

    @property
    def last(self) -> int | None:
        """The highest domain of parts: where a hot-plug range goes. None without parts."""
        return max((*self.memory.values(), *self.ports.values()), default=None)


def number_domains(document: Document) -> Domains:
    """Return the proximity domains: a part without one gets the lowest that no part claims."""
    parts = document.parts.values()
    owners: tuple[Socket | MemoryDomain, ...] = (
        *(p for p in parts if isinstance(p, Socket)),
        *(p for p in parts if isinstance(p, MemoryDomain)),
    )
    ports = {
        p.id: p.generic_port_pxm
        for p in parts
        if isinstance(p, HostBridge) and p.generic_port_pxm is not None
    }
    taken = {p.pxm for p in owners if p.pxm is not None} | set(ports.values())
    memory, free = {}, 0
    for part in owners:
        if part.pxm is not None:
            memory[part.id] = part.pxm
            continue
        while free in taken:
            free += 1
        taken.add(free)
        memory[part.id] = free
    windows = {w.id: w.srat_pxm for w in document.windows.values() if w.srat_pxm is not None}
    return Domains(memory=memory, ports=ports, windows=windows)
