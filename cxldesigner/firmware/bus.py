"""The bus a driver finds: host bridges, root ports, switches and devices with their PCI names.

Numbers are given as a BIOS scan gives them: depth first, every port with a bus of its own below
it. Parts that are not connected to a host bridge are not on the bus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cxldesigner.document.model import Device, Document, HostBridge, Link, RootPort, Switch
from cxldesigner.firmware.model import FabricKind, FabricNode
from cxldesigner.firmware.tree import Branch, Tree

FIRST_BUS = 12
BUS_STEP = 16
"""Bridges start at multiples of this from :data:`FIRST_BUS`, so that small edits move none."""
BUSES = 256
FUNCTIONS = 8
SLOTS = 32


@dataclass(frozen=True, slots=True)
class Address:
    """Segment and bus a host bridge starts at."""

    segment: int
    bus: int


def bridges_of(document: Document) -> tuple[HostBridge, ...]:
    """Return the host bridges in document order (that of the CHBS entries)."""
    return tuple(p for p in document.parts.values() if isinstance(p, HostBridge))


def bus_addresses(document: Document, tree: Tree) -> Mapping[str, Address]:
    """Return where each bridge starts: as told, else the lowest place its subtree fits in."""
    taken: set[tuple[int, int]] = set()
    sizes = {b.id: _subtree_buses(document, tree, b.id) for b in bridges_of(document)}
    out: dict[str, Address] = {}
    for bridge in bridges_of(document):
        if bridge.bus is not None:
            out[bridge.id] = Address(0, bridge.bus)
            taken.update((0, bridge.bus + i) for i in range(min(sizes[bridge.id], BUSES)))
    segment, bus = 0, FIRST_BUS
    for bridge in bridges_of(document):
        if bridge.bus is not None:
            continue
        need = min(sizes[bridge.id], BUSES - FIRST_BUS)
        while any((segment, bus + i) in taken for i in range(need)) or bus + need > BUSES:
            bus += BUS_STEP
            if bus >= BUSES:
                segment, bus = segment + 1, FIRST_BUS
        out[bridge.id] = Address(segment, bus)
        taken.update((segment, bus + i) for i in range(need))
    return out


def uids_of(document: Document, addresses: Mapping[str, Address]) -> Mapping[str, int]:
    """Return the ``_UID`` of each bridge: as told, else its bus number, else the lowest free."""
    told = {b.id: b.uid for b in bridges_of(document) if b.uid is not None}
    taken = set(told.values())
    out = {}
    for bridge in bridges_of(document):
        if bridge.id in told:
            out[bridge.id] = told[bridge.id]
            continue
        address = addresses[bridge.id]
        uid = address.segment * BUSES + address.bus
        while uid in taken:
            uid += 1
        taken.add(uid)
        out[bridge.id] = uid
    return out


def fabric_of(
    document: Document, tree: Tree, addresses: Mapping[str, Address], uids: Mapping[str, int]
) -> tuple[FabricNode, ...]:
    """Return the bus, parents before children."""
    out: list[FabricNode] = []
    for bridge in bridges_of(document):
        start = addresses[bridge.id]
        out.append(
            FabricNode(
                id=bridge.id,
                kind=FabricKind.BRIDGE,
                port=uids[bridge.id],
                host=f"pci{start.segment:04x}:{start.bus:02x}",
                decoders=bridge.hdm_decoders,
                pxm=bridge.pxm,
                cxl_version=bridge.cxl_version,
            )
        )
        out += _Scan(document, tree, start).below_bridge(bridge.id)
    return tuple(out)


def _subtree_buses(document: Document, tree: Tree, bridge: str) -> int:
    """Return how many bus numbers a bridge needs: its own, one per port, one per switch."""
    count, waiting, seen = 1, [bridge], {bridge}
    while waiting:
        part_id = waiting.pop()
        part = document.parts.get(part_id)
        if isinstance(part, Switch):
            count += 1 + part.downstream
        if isinstance(part, RootPort):
            count += 1
        for branch in tree.get(part_id, ()):
            if branch.child not in seen:
                seen.add(branch.child)
                waiting.append(branch.child)
    return count


@dataclass(frozen=True, slots=True)
class _Task:
    """A downstream port whose bus is numbered next, and what hangs on it (None: nothing)."""

    above: RootPort | Switch
    number: int
    branch: Branch | None


class _Scan:
    """The depth-first walk below one bridge, counting buses."""

    def __init__(self, document: Document, tree: Tree, start: Address) -> None:
        self._parts = document.parts
        self._tree = tree
        self._start = start
        self._last = start.bus

    def below_bridge(self, bridge: str) -> Iterator[FabricNode]:
        """Yield everything below a bridge, parents before children."""
        ports = [
            (branch, part)
            for branch in self._tree.get(bridge, ())
            if isinstance(part := self._parts.get(branch.child), RootPort)
        ]
        numbers = _port_numbers([part for _, part in ports])
        for index, ((branch, part), number) in enumerate(zip(ports, numbers, strict=True)):
            yield FabricNode(
                id=part.id,
                kind=FabricKind.ROOT_PORT,
                parent=bridge,
                port=number,
                host=self._name(self._start.bus, index),
                link=branch.link.id,
            )
            below = self._tree.get(part.id, ())
            yield from self._below_port(_Task(part, 0, below[0] if below else None))

    def _below_port(self, first: _Task) -> Iterator[FabricNode]:
        waiting = [first]
        while waiting:
            task = waiting.pop()
            self._last += 1
            part = None if task.branch is None else self._parts.get(task.branch.child)
            if task.branch is None or not isinstance(part, Switch | Device):
                continue
            yield self._node(task, part, task.branch.link)
            if isinstance(part, Switch):
                self._last += 1  # the bus its downstream ports are on
                below = {b.port: b for b in self._tree.get(part.id, ())}
                waiting += (
                    _Task(part, number, below.get(f"d{number}"))
                    for number in reversed(range(part.downstream))
                )

    def _node(self, task: _Task, part: Switch | Device, link: Link) -> FabricNode:
        speed, width = _negotiated(task.above, part, link)
        node = FabricNode(
            id=part.id,
            kind=FabricKind.SWITCH,
            parent=task.above.id,
            port=task.number,
            host=self._name(self._last, 0),
            link=link.id,
            link_speed_gts=speed,
            link_width=width,
            decoders=part.hdm_decoders,
            serial=part.serial,
        )
        if isinstance(part, Switch):
            return node
        return replace(
            node,
            kind=FabricKind.DEVICE,
            type=part.type,
            volatile_bytes=part.volatile_bytes,
            persistent_bytes=part.persistent_bytes,
        )

    def _name(self, bus: int, index: int) -> str:
        """Return a PCI name; a subtree of more than 256 buses goes on in the next segment."""
        segment = self._start.segment + bus // BUSES
        function = index // SLOTS % FUNCTIONS
        return f"{segment:04x}:{bus % BUSES:02x}:{index % SLOTS:02x}.{function:x}"


def _port_numbers(ports: list[RootPort]) -> list[int]:
    """Return the port number of each root port: as told, else the lowest free."""
    taken = {p.number for p in ports if p.number is not None}
    out, free = [], 0
    for port in ports:
        if port.number is not None:
            out.append(port.number)
            continue
        while free in taken:
            free += 1
        taken.add(free)
        out.append(free)
    return out


def _negotiated(above: RootPort | Switch, part: Switch | Device, link: Link) -> tuple[float, int]:
    """Return speed and width both ends and the link itself can do."""
    speed = min(above.speed_gts, part.speed_gts)
    width = min(above.width, part.width)
    if link.speed_gts is not None:
        speed = min(speed, link.speed_gts)
    if link.width is not None:
        width = min(width, link.width)
    return speed, width
