"""Typed ports of parts, and which two of them may be joined.

A port is written ``part:port``. Port names by kind of part:

=============  ===============================================================
socket         ``io`` (host bridges, any number), ``mem`` (memory domains, any number)
memory domain  ``up``
host bridge    ``up`` (one socket), ``rp`` (root ports, any number)
root port      ``up`` (one host bridge), ``down`` (one link)
switch         ``up``, ``d0`` … ``dN-1`` (one link each)
device         ``up``
=============  ===============================================================

Refusals are returned as :class:`Refusal` values (code and arguments), so that the GUI words them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    Link,
    MemoryDomain,
    Part,
    RootPort,
    Socket,
    Switch,
)

MAX_DEPTH = 64
"""Most parts on the way from a socket to a device: far more than bus numbers allow, few enough
for every walk of the tree."""


class PortType(StrEnum):
    """What a port speaks; a link joins a downstream-facing type with its upstream-facing twin."""

    SOCKET_IO = "socket-io"
    SOCKET_MEMORY = "socket-memory"
    MEMORY = "memory"
    BRIDGE_UP = "bridge-up"
    BRIDGE_DOWN = "bridge-down"
    ROOT_UP = "root-up"
    CXL_DOWN = "cxl-down"
    CXL_UP = "cxl-up"


MATES = {
    PortType.SOCKET_IO: PortType.BRIDGE_UP,
    PortType.SOCKET_MEMORY: PortType.MEMORY,
    PortType.BRIDGE_DOWN: PortType.ROOT_UP,
    PortType.CXL_DOWN: PortType.CXL_UP,
}
"""Downstream-facing port type -> the upstream-facing type it takes."""

SHARED = frozenset({PortType.SOCKET_IO, PortType.SOCKET_MEMORY, PortType.BRIDGE_DOWN})
"""Port types that take any number of links."""


@dataclass(frozen=True, slots=True)
class Port:
    """One port of one part."""

    part: str
    name: str
    type: PortType

    @property
    def ref(self) -> str:
        """The port as links write it."""
        return f"{self.part}:{self.name}"

    @property
    def faces_down(self) -> bool:
        """Whether the port is the end nearer the CPU of its links."""
        return self.type in MATES


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an edit is not possible: a code the GUI has a sentence for, and its arguments."""

    code: str
    args: tuple[str, ...] = ()


def ports_of(part: Part) -> tuple[Port, ...]:
    """Return the ports of ``part``, upstream-facing first."""
    match part:
        case Socket():
            return (
                Port(part.id, "io", PortType.SOCKET_IO),
                Port(part.id, "mem", PortType.SOCKET_MEMORY),
            )
        case MemoryDomain():
            return (Port(part.id, "up", PortType.MEMORY),)
        case HostBridge():
            return (
                Port(part.id, "up", PortType.BRIDGE_UP),
                Port(part.id, "rp", PortType.BRIDGE_DOWN),
            )
        case RootPort():
            return (
                Port(part.id, "up", PortType.ROOT_UP),
                Port(part.id, "down", PortType.CXL_DOWN),
            )
        case Switch():
            down = (Port(part.id, f"d{i}", PortType.CXL_DOWN) for i in range(part.downstream))
            return (Port(part.id, "up", PortType.CXL_UP), *down)
        case Device():
            return (Port(part.id, "up", PortType.CXL_UP),)


def split_ref(ref: str) -> tuple[str, str]:
    """Return part id and port name of a reference ``part:port``."""
    part, _, name = ref.partition(":")
    return part, name


def find_port(document: Document, ref: str) -> Port | None:
    """Return the port a reference names, None if its part or port does not exist."""
    part = document.parts.get(split_ref(ref)[0])
    if part is None:
        return None
    return next((port for port in ports_of(part) if port.ref == ref), None)


def links_at(document: Document, ref: str) -> tuple[Link, ...]:
    """Return the links that end at a port, in document order."""
    return tuple(k for k in document.links.values() if ref in (k.upstream, k.downstream))


def parent_link(document: Document, part_id: str) -> Link | None:
    """Return the link towards the CPU of a part, None when it is not connected."""
    ref = f"{part_id}:up"
    return next((k for k in document.links.values() if k.downstream == ref), None)


def parent_of(document: Document, part_id: str) -> str | None:
    """Return the id of the part a part hangs below, None when it is not connected."""
    link = parent_link(document, part_id)
    return split_ref(link.upstream)[0] if link else None


def children_of(document: Document, part_id: str) -> tuple[str, ...]:
    """Return the ids of parts directly below a part, in document order of the links."""
    return tuple(
        split_ref(k.downstream)[0]
        for k in document.links.values()
        if split_ref(k.upstream)[0] == part_id
    )


def connection_refusal(document: Document, a: str, b: str) -> Refusal | None:
    """Return why ports ``a`` and ``b`` (references, either order) cannot be joined, or None."""
    first, second = find_port(document, a), find_port(document, b)
    if first is None or second is None:
        return Refusal("port-missing", (a if first is None else b,))
    if first.part == second.part:
        return Refusal("same-part", (first.part,))
    up, down = (first, second) if first.faces_down else (second, first)
    if MATES.get(up.type) != down.type:
        return Refusal("port-types", (first.ref, first.type, second.ref, second.type))
    for port in (up, down):
        taken = links_at(document, port.ref)
        if port.type not in SHARED and taken:
            return Refusal("port-taken", (port.ref, taken[0].id))
    above: str | None = up.part
    depth = 0
    while above is not None:
        if above == down.part:
            return Refusal("cycle", (down.part, up.part))
        depth += 1
        above = parent_of(document, above)
    if len(document.parts) > MAX_DEPTH and depth + _height(document, down.part) > MAX_DEPTH:
        return Refusal("too-deep", (down.part, str(MAX_DEPTH)))
    return None


def _height(document: Document, part_id: str) -> int:
    """Return how many parts the longest way down from a part has, itself included."""
    below: dict[str, list[str]] = {}
    for link in document.links.values():
        below.setdefault(split_ref(link.upstream)[0], []).append(split_ref(link.downstream)[0])
    height, level = 0, [part_id]
    while level:
        height += 1
        level = [child for part in level for child in below.get(part, ())]
    return height
