"""Host bridges, root ports, switches, devices and windows of a document as QEMU options.

Bridges, ports, switches and devices keep their ids; what has no part (backends, downstream ports,
generic ports) gets an id with a dot or a prefix, which no part of ours has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxldesigner.document.model import MIB, Device, Document, HostBridge, Switch, Window
from cxldesigner.document.units import format_size
from cxldesigner.exchange.qemuexportline import Line, size_text
from cxldesigner.exchange.qemuexportmachine import MachinePlan
from cxldesigner.exchange.qemufabric import NO_SERIAL, SPEEDS
from cxldesigner.firmware.cedt import ENIW
from cxldesigner.firmware.model import FabricKind, FabricNode, Firmware

CAPACITY_UNIT = 256 * MIB
"""Capacities and windows are multiples of this (CXL Identify, CFMWS)."""
LABEL_BYTES = MIB
FIRST_SERIAL = 0x1001
FIRST_BUS = 12
BUSES = 256
SLOTS = 32
GRANULARITIES = frozenset(256 << code for code in range(7))
_SPEED_NAMES = {value: name for name, value in SPEEDS.items()}
_FASTEST = max(_SPEED_NAMES)
_FASTEST_WITHOUT_FLITS = 32.0


def serials_of(firmware: Firmware) -> Mapping[str, int]:
    """Return a serial number for every device: its own, or a free one where it is no name."""
    devices = [n for n in firmware.fabric if n.kind is FabricKind.DEVICE]
    own = [d.serial for d in devices]
    good = {s for s in own if 0 < s < NO_SERIAL and own.count(s) == 1}
    out, free = {}, FIRST_SERIAL
    for device in devices:
        if device.serial in good:
            out[device.id] = device.serial
            continue
        while free in good:
            free += 1
        out[device.id] = free
        free += 1
    return out


def write_fabric(
    document: Document, firmware: Firmware, plan: MachinePlan, line: Line
) -> tuple[tuple[Window, str], ...]:
    """Add the fabric; return the windows that QEMU can have, with their ``-machine`` words."""
    writer = _Fabric(document, firmware, plan, line)
    writer.write()
    return writer.windows()


@dataclass(slots=True)
class _Fabric:
    """Writes the bus part by part, parents before children."""

    document: Document
    firmware: Firmware
    plan: MachinePlan
    line: Line
    buses: dict[str, int] = field(default_factory=dict)
    ports: dict[tuple[str, int], str] = field(default_factory=dict)
    serials: Mapping[str, int] = field(default_factory=dict)
    slot: int = 0

    def write(self) -> None:
        """Add everything that is connected."""
        self._place_buses()
        self.serials = serials_of(self.firmware)
        counts: dict[str, int] = {}
        for node in self.firmware.fabric:
            if node.kind is FabricKind.ROOT_PORT:
                counts[node.parent or ""] = counts.get(node.parent or "", 0) + 1
        for node in self.firmware.fabric:
            match node.kind:
                case FabricKind.BRIDGE:
                    self._bridge(node, counts.get(node.id, 0))
                case FabricKind.ROOT_PORT:
                    self._root_port(node)
                case FabricKind.SWITCH:
                    self._switch(node)
                case FabricKind.DEVICE:
                    self._device(node)
        listed = {n.id for n in self.firmware.fabric}
        stray = tuple(
            p.id
            for p in self.document.parts.values()
            if isinstance(p, Device | Switch) and p.id not in listed
        )
        if stray:
            text = "Parts that no host bridge is above are left out: {}."
            self.line.note(text, ", ".join(stray), items=stray)

    def _place_buses(self) -> None:
        """Give each bridge its bus number, another one where ranges would overlap."""
        bridges = [n for n in self.firmware.fabric if n.kind is FabricKind.BRIDGE]
        needs = dict.fromkeys((b.id for b in bridges), 1)
        bridge = ""
        for node in self.firmware.fabric:
            bridge = node.id if node.kind is FabricKind.BRIDGE else bridge
            part = self.document.parts[node.id]
            if node.kind is FabricKind.ROOT_PORT:
                needs[bridge] += 1
            elif isinstance(part, Switch):
                needs[bridge] += 1 + part.downstream
        taken: set[int] = {0}
        for pinned in (True, False):
            for node in bridges:
                segment, bus = (int(x, 16) for x in node.host.removeprefix("pci").split(":"))
                wanted = range(bus, bus + needs[node.id])
                fits = segment == 0 and wanted.stop <= BUSES and not taken & set(wanted)
                if pinned and fits:
                    self.buses[node.id] = bus
                    taken.update(wanted)
                elif not pinned and node.id not in self.buses:
                    self._move_bus(node, needs[node.id], taken)

    def _move_bus(self, node: FabricNode, need: int, taken: set[int]) -> None:
        for bus in range(FIRST_BUS, BUSES - need + 1):
            wanted = range(bus, bus + need)
            if not taken & set(wanted):
                self.buses[node.id] = bus
                taken.update(wanted)
                text = "{} starts at bus {}: from its own there are not enough bus numbers free."
                self.line.note(text, node.id, str(bus), items=(node.id,))
                return
        text = "{} and all below it are left out: QEMU has one segment of 256 buses."
        self.line.note(text, node.id, items=(node.id,))

    def _bridge(self, node: FabricNode, root_ports: int) -> None:
        if node.id not in self.buses:
            return
        words = [f"pxb-cxl,id={node.id},bus=pcie.0,bus_nr={self.buses[node.id]}"]
        number = self.plan.node(node.pxm)
        if number is not None and "SRAT" in self.firmware.tables:
            words.append(f"numa_node={number}")
        if root_ports == 1 and node.decoders:
            words.append("hdm_for_passthrough=on")
        self.line.add("device", *words)
        self.ports[node.id, -1] = node.id
        part = self.document.parts[node.id]
        port = part.generic_port_pxm if isinstance(part, HostBridge) else None
        target = self.plan.node(port)
        if target is not None and "SRAT" in self.firmware.tables:
            self.line.add("object", f"acpi-generic-port,id=gp-{node.id},pci-bus={node.id}",
                          f"node={target}")  # fmt: skip

    def _root_port(self, node: FabricNode) -> None:
        part = self.document.parts[node.id]
        if (node.parent or "", -1) not in self.ports:
            return
        if int(node.host[-1], 16):
            text = "{} is left out with all below it: a bridge of QEMU has 32 root ports."
            self.line.note(text, node.id, items=(node.id,))
            return
        link = self._link(node.id, getattr(part, "speed_gts", 0.0), getattr(part, "width", 0))
        words = f"cxl-rp,id={node.id},bus={node.parent},port={node.port}"
        self.line.add("device", words, self._chassis(), link)
        self.ports[node.id, 0] = node.id

    def _switch(self, node: FabricNode) -> None:
        bus = self.ports.get((node.parent or "", node.port))
        part = self.document.parts[node.id]
        if bus is None or not isinstance(part, Switch):
            return
        serial = f"sn={node.serial}" if node.serial else ""
        up = self._link(node.id, node.link_speed_gts, node.link_width)
        self.line.add("device", f"cxl-upstream,id={node.id},bus={bus}", serial, up)
        if part.downstream > SLOTS:
            text = "Ports of {} from the {}th on are left out: a switch of QEMU has 32."
            self.line.note(text, node.id, str(SLOTS + 1), items=(node.id,))
        down = self._link(node.id, part.speed_gts, part.width)
        for port in range(min(part.downstream, SLOTS)):
            name = f"{node.id}.d{port}"
            words = f"cxl-downstream,id={name},bus={node.id},port={port}"
            self.line.add("device", words, self._chassis(), down)
            self.ports[node.id, port] = name

    def _device(self, node: FabricNode) -> None:
        bus = self.ports.get((node.parent or "", node.port))
        if bus is None:
            return
        if node.type != 3 or not (node.volatile_bytes or node.persistent_bytes):
            text = "{} is left out: QEMU has type 3 devices with memory only."
            self.line.note(text, node.id, items=(node.id,))
            return
        words = [f"cxl-type3,id={node.id},bus={bus}"]
        if node.volatile_bytes:
            words.append(self._backend(node, "volatile", node.volatile_bytes))
        if node.persistent_bytes:
            words.append(self._backend(node, "persistent", node.persistent_bytes))
            self._memory(f"l-{node.id}", LABEL_BYTES)
            words.append(f"lsa=l-{node.id}")
        words.append(f"sn={self.serials[node.id]}")
        self.line.add("device", *words, self._link(node.id, node.link_speed_gts, node.link_width))

    def _backend(self, node: FabricNode, kind: str, size: int) -> str:
        """Add the memory of a device; return the word that uses it."""
        whole = max(size // CAPACITY_UNIT, 1) * CAPACITY_UNIT
        if whole != size:
            text = "The {} capacity of {} is {} instead of {}: QEMU has multiples of 256 MiB."
            args = (kind, node.id, format_size(whole), format_size(size))
            self.line.note(text, *args, items=(node.id,))
        name = f"{kind[0]}-{node.id}"
        self._memory(name, whole)
        return f"{kind}-memdev={name}"

    def _memory(self, name: str, size: int) -> None:
        words = f"memory-backend-ram,id={name},size={size_text(size)},share=on,reserve=off"
        self.line.add("object", words)

    def _chassis(self) -> str:
        self.slot += 1
        return f"chassis=0,slot={self.slot}"

    def _link(self, part: str, speed: float, width: int) -> str:
        """Return the words for the fastest speed and the widest link of a port."""
        if speed > _FASTEST:
            text = "The link of {} is {} GT/s at most: QEMU knows no faster one."
            self.line.note(text, part, f"{_FASTEST:g}", items=(part,))
            speed = _FASTEST
        if speed > _FASTEST_WITHOUT_FLITS:
            text = "The link of {} has flits of 68 bytes in QEMU: its links have no flit mode."
            self.line.note(text, part, items=(part,))
        return f"x-speed={_SPEED_NAMES[speed]},x-width={width}"

    def windows(self) -> tuple[tuple[Window, str], ...]:
        """Return the windows with their ``-machine`` words, those left out noted."""
        out: list[tuple[Window, str]] = []
        for window in self.document.windows.values():
            refusal = self._window_refusal(window)
            if refusal:
                text = "{} is left out, and later windows move up: {}."
                self.line.note(text, window.id, refusal, items=(window.id,))
                continue
            size = max(-(-window.size_bytes // CAPACITY_UNIT), 1) * CAPACITY_UNIT
            if size != window.size_bytes:
                text = "{} has {}: windows of QEMU are multiples of 256 MiB."
                self.line.note(text, window.id, format_size(size), items=(window.id,))
            granularity = window.granularity
            if granularity not in GRANULARITIES:
                text = "{} has a granularity of 256 bytes: QEMU knows none above 16 KiB."
                self.line.note(text, window.id, items=(window.id,))
                granularity = 256
            key = f"cxl-fmw.{len(out)}"
            words = [f"{key}.targets.{i}={t}" for i, t in enumerate(window.targets)]
            words += [f"{key}.size={size_text(size)}"]
            if granularity != 256:
                words.append(f"{key}.interleave-granularity={granularity}")
            out.append((window, ",".join(words)))
        return tuple(out)

    def _window_refusal(self, window: Window) -> str:
        count = len(window.targets)
        if any(t not in self.buses for t in window.targets):
            return "a target of it is left out"
        if count not in ENIW or (window.ways or count) != count:
            return "its targets are not 1, 2, 3, 4, 6, 8, 12 or 16, one per way"
        return ""
