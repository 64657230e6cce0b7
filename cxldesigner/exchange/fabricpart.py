"""The CXL side of an imported machine: bridges, root ports, switches, devices and their links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from cxldesigner.document.limits import ID_PATTERN
from cxldesigner.document.model import (
    Device,
    HostBridge,
    Link,
    Part,
    Perf,
    RootPort,
    Switch,
)
from cxldesigner.exchange.cxl_list import Inventory, Memdev, Port
from cxldesigner.exchange.hostpart import FIELDS
from cxldesigner.exchange.notes import Note
from cxldesigner.exchange.pcilink import train
from cxldesigner.firmware import cdat, cedt
from cxldesigner.firmware.hmat import DataType

_BRIDGE_NAME = re.compile(r"^pci([0-9a-fA-F]{4}):([0-9a-fA-F]{2})$")
MAX_PORTS = 256
MAX_UID = (1 << 32) - 1
MAX_DECODERS = 32


@dataclass(slots=True)
class FabricPart:
    """What was found out about the CXL fabric.

    ``bridges``: ``_UID`` -> part id; ``devices``: memdev name -> part id; ``downstream``: name of a
    downstream port -> port reference a link leaves from.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    bridges: dict[int, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    downstream: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def connect(self, upstream: str, downstream: str) -> None:
        """Add a link."""
        link_id = f"k{len(self.links)}"
        self.links[link_id] = Link(id=link_id, upstream=upstream, downstream=downstream)

    def free_id(self, wanted: str, prefix: str) -> str:
        """Return ``wanted`` if it can be an id and is free, else the next free ``prefixN``."""
        if re.fullmatch(ID_PATTERN, wanted) and wanted not in self.parts:
            return wanted
        n = 0
        while f"{prefix}{n}" in self.parts:
            n += 1
        return f"{prefix}{n}"


def changed(part: Part, **changes: Any) -> Part:
    """Return ``part`` with other values of fields that its kind has."""
    return cast("Part", replace(cast("Any", part), **changes))


def read_fabric(
    table: cedt.Cedt | None,
    inventory: Inventory,
    taken: Iterable[str],
    ports: Mapping[int, int],
    targets: Iterable[int],
) -> FabricPart:
    """Return the fabric of a machine.

    Parameters
    ----------
    table : the CEDT, when there is one: it knows bridges that ``cxl list`` does not show.
    inventory : what ``cxl list`` showed (may be empty).
    taken : ids in use.
    ports : generic-port domain by bridge ``_UID``.
    targets : ``_UID`` of every window target.
    """
    fabric = FabricPart(parts=dict.fromkeys(taken))  # type: ignore[arg-type]
    known = tuple(fabric.parts)
    _bridges(fabric, table, inventory, ports)
    _missing_bridges(fabric, targets)
    names = {name: fabric.bridges[uid] for name, uid in inventory.bridges.items()}
    below = sorted(inventory.ports.values(), key=lambda p: (p.depth, p.host))
    for port in below:
        if port.host in names:
            _root_ports(fabric, port, names[port.host])
    for port in below:
        if port.host not in names and port.depth > 1:
            _switch(fabric, port)
    for memdev in inventory.memdevs.values():
        _device(fabric, memdev)
    for part_id in known:
        del fabric.parts[part_id]
    train(fabric.parts, fabric.links, inventory.pci)
    hosts = {fabric.devices[m.name]: m.host for m in inventory.memdevs.values()}
    unknown = tuple(d for d, host in hosts.items() if host not in inventory.pci)
    if unknown:
        text = "Link speed and width are not known: 32 GT/s x8 was assumed for devices."
        fabric.notes.append(Note(text, (), unknown))
    return fabric


def _bridges(
    fabric: FabricPart, table: cedt.Cedt | None, inventory: Inventory, ports: Mapping[int, int]
) -> None:
    """Add bridges: those with a CHBS in its order, then listed ones, then mere window targets."""
    buses = {uid: found for name, uid in inventory.bridges.items() if (found := _bus(name))}
    listed = list(inventory.bridges.values())
    chbs = {b.uid: b for b in (table.bridges if table else ())}
    counts = {
        inventory.bridges[p.host]: p
        for p in inventory.ports.values()
        if p.host in inventory.bridges
    }
    for uid in dict.fromkeys((*chbs, *listed)):
        if uid > MAX_UID:
            continue
        entry = chbs.get(uid)
        decoders, guessed = _bridge_decoders(counts.get(uid))
        part_id = fabric.free_id("", "hb")
        fabric.bridges[uid] = part_id
        fabric.parts[part_id] = HostBridge(
            id=part_id,
            uid=uid,
            bus=buses.get(uid),
            cxl_version=entry.version if entry else 1,
            chbs=entry is not None or table is None,
            generic_port_pxm=ports.get(uid),
            hdm_decoders=decoders,
        )
        if guessed:
            text = "The decoders of host bridge {} are not listed: {} were assumed."
            fabric.notes.append(Note(text, (part_id, str(decoders)), (part_id,)))


def _missing_bridges(fabric: FabricPart, targets: Iterable[int]) -> None:
    """Add a bridge without CHBS for each window target that is none: the driver skips both."""
    for uid in dict.fromkeys(targets):
        if uid in fabric.bridges or uid > MAX_UID:
            continue
        part_id = fabric.free_id("", "hb")
        fabric.bridges[uid] = part_id
        fabric.parts[part_id] = HostBridge(id=part_id, uid=uid, chbs=False)
        text = "A window names host bridge {}, which nothing else tells of: drawn without CHBS."
        fabric.notes.append(Note(text, (str(uid),), (part_id,)))


def _bus(name: str) -> int | None:
    """Return the bus number in ``pci0000:0c``; the document knows segment 0 only."""
    found = _BRIDGE_NAME.match(name)
    return int(found[2], 16) if found and found[1] == "0000" else None


def _bridge_decoders(port: Port | None) -> tuple[int, bool]:
    """Return HDM decoders of a bridge, and whether that is a guess.

    A bridge with one root port and no decoders of its own shows exactly one, made up by the
    driver (pass-through, A45).
    """
    if port is None or port.decoders is None:
        return 4, True
    if port.decoders == 1 and len(port.dports) == 1:
        return 0, False
    return min(port.decoders, MAX_DECODERS), False


def _root_ports(fabric: FabricPart, port: Port, bridge: str) -> None:
    for dport in sorted(port.dports, key=lambda d: d.id):
        part_id = fabric.free_id("", "rp")
        number = dport.id if dport.id < MAX_PORTS else None
        fabric.parts[part_id] = RootPort(id=part_id, name=dport.name, number=number)
        fabric.downstream[dport.name] = f"{part_id}:down"
        fabric.connect(f"{bridge}:rp", f"{part_id}:up")


def _switch(fabric: FabricPart, port: Port) -> None:
    part_id = fabric.free_id("", "sw")
    dports = sorted(port.dports, key=lambda d: d.id)[:MAX_PORTS]
    top = max((d.id for d in dports), default=0) + 1
    numbers = [d.id for d in dports]
    if top > MAX_PORTS or len(set(numbers)) != len(numbers):
        numbers, top = list(range(len(dports))), max(len(dports), 1)
        text = "The ports of switch {} were numbered anew from 0."
        fabric.notes.append(Note(text, (part_id,), (part_id,)))
    decoders = 4 if port.decoders is None else min(port.decoders, MAX_DECODERS)
    fabric.parts[part_id] = Switch(
        id=part_id, name=port.host, downstream=top, hdm_decoders=decoders
    )
    for number, dport in zip(numbers, dports, strict=True):
        fabric.downstream[dport.name] = f"{part_id}:d{number}"
    _hang(fabric, port.parent_dport, part_id)


def _device(fabric: FabricPart, memdev: Memdev) -> None:
    part_id = fabric.free_id(memdev.name, "mem")
    decoders = 4 if memdev.decoders is None else min(memdev.decoders, MAX_DECODERS)
    fabric.devices[memdev.name] = part_id
    fabric.parts[part_id] = Device(
        id=part_id,
        name=memdev.host,
        volatile_bytes=memdev.ram,
        persistent_bytes=memdev.pmem,
        serial=memdev.serial,
        hdm_decoders=decoders,
    )
    _hang(fabric, memdev.parent_dport, part_id)


def _hang(fabric: FabricPart, dport: str, part_id: str) -> None:
    """Connect a part below a downstream port; below a new root port when that is not known."""
    upstream = fabric.downstream.pop(dport, None)
    if upstream is None:
        bridge = next(iter(fabric.bridges.values()), None)
        if bridge is None:
            bridge = fabric.free_id("", "hb")
            fabric.parts[bridge] = HostBridge(id=bridge)
            fabric.bridges[-1] = bridge
        root = fabric.free_id("", "rp")
        fabric.parts[root] = RootPort(id=root)
        fabric.connect(f"{bridge}:rp", f"{root}:up")
        upstream = f"{root}:down"
        text = "Where {} is connected is not listed: a root port of {} was assumed."
        fabric.notes.append(Note(text, (part_id, bridge), (part_id, root)))
    fabric.connect(upstream, f"{part_id}:up")


def device_perf(table: cdat.Cdat) -> tuple[Perf, Perf]:
    """Return the figures of the volatile and the persistent range of a device's CDAT."""
    kinds = {
        d.handle: bool(d.flags & cdat.NON_VOLATILE)
        for d in table.structures
        if isinstance(d, cdat.Dsmas)
    }
    perfs = {False: Perf(), True: Perf()}
    for item in table.structures:
        if not isinstance(item, cdat.Dslbis) or item.flags & 0xF or item.handle not in kinds:
            continue
        kind = kinds[item.handle]
        perfs[kind] = with_figure(perfs[kind], item.data_type, item.entries[0] * item.base_unit)
    return perfs[False], perfs[True]


def switch_perf(table: cdat.Cdat) -> Perf:
    """Return the figure from the upstream port to the first downstream port of a switch."""
    perf = Perf()
    for item in table.structures:
        if isinstance(item, cdat.Sslbis) and item.paths:
            perf = with_figure(perf, item.data_type, item.paths[0].value * item.base_unit)
    return perf


def with_figure(perf: Perf, data_type: int, product: int) -> Perf:
    """Return ``perf`` with one CDAT figure (ps or MB/s) filled in (A23)."""
    value = -(-product // 1000) if data_type <= DataType.WRITE_LATENCY else product
    fields = FIELDS.get(data_type, ())
    return replace(perf, **dict.fromkeys(fields, min(value, (1 << 32) - 1)))
