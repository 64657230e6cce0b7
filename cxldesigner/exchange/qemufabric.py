"""``-device`` options of a QEMU command line: CXL bridges, ports, switches, memory devices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cxldesigner.document.model import Device, HostBridge, Part, Perf, RootPort, Switch
from cxldesigner.document.units import LINK_SPEEDS, LINK_WIDTHS
from cxldesigner.exchange.fabricpart import FabricPart
from cxldesigner.exchange.notes import ImportRefused, Note
from cxldesigner.exchange.qemuoptions import Options, Properties, Values

QEMU_DEVICE = Perf(
    read_latency_ns=150,
    write_latency_ns=250,
    read_bandwidth_mbps=16_000,
    write_bandwidth_mbps=16_000,
)
"""What QEMU's own CDAT says of a device without ``cdat=``."""
QEMU_SWITCH = Perf(
    read_latency_ns=150,
    write_latency_ns=150,
    read_bandwidth_mbps=16_000,
    write_bandwidth_mbps=16_000,
)
"""What QEMU's own CDAT says of a switch."""
DECODERS = 4
NO_SERIAL = (1 << 64) - 1
SPEEDS = {"2_5": 2.5, "5": 5.0, "8": 8.0, "16": 16.0, "32": 32.0, "64": 64.0}


def read_devices(
    options: Options, values: Values, backends: Mapping[str, int], taken: Iterable[str]
) -> FabricPart:
    """Return the CXL fabric.

    ``downstream`` of the result also has ``bus ID`` -> part id for every bridge by its QEMU id.
    """
    fabric = FabricPart(parts=dict.fromkeys(taken))  # type: ignore[arg-type]
    heads = tuple(fabric.parts)
    reader = _Devices(values, backends, fabric)
    for item in options.devices:
        reader.add(item)
    reader.finish()
    for head in heads:
        del fabric.parts[head]
    return fabric


def id_of(text: str) -> str:
    """Return a QEMU id as an id of ours."""
    word = re.sub(r"[^a-z0-9_-]", "-", text.lower())[:60]
    return word if word[:1].isalpha() else ""


class _Devices:
    """Adds one ``-device`` after the other; buses are known by the id of what makes them."""

    def __init__(self, values: Values, backends: Mapping[str, int], fabric: FabricPart) -> None:
        self._values = values
        self._backends = backends
        self._fabric = fabric
        self._ports: dict[str, list[str]] = {}
        self._downs: dict[str, dict[int, str]] = {}
        self._switches: dict[str, tuple[str, Properties]] = {}
        self._below: dict[str, list[Properties]] = {}
        self._waiting: list[tuple[str, str]] = []
        self._bypass: dict[str, bool] = {}

    def add(self, item: Properties) -> None:
        """Take one device; what is no CXL device is passed over."""
        match item.get("driver"):
            case "pxb-cxl":
                self._bridge(item)
            case "cxl-rp":
                self._root_port(item)
            case "cxl-upstream":
                self._upstream(item)
            case "cxl-downstream":
                self._downstream(item)
            case "cxl-type3":
                self._device(item)

    def _add(self, part: Part, qemu_id: str) -> None:
        self._fabric.parts[part.id] = part
        if qemu_id in self._ports:
            reason = f"the id {qemu_id[:40]!r} is used twice"
            raise ImportRefused(self._values.file, "-device", reason)
        self._ports[qemu_id] = []

    def _bridge(self, item: Properties) -> None:
        bus = self._values.number(item.get("bus_nr", "0"), "-device pxb-cxl", 256)
        if bus in self._fabric.bridges:
            raise ImportRefused(self._values.file, "-device pxb-cxl", f"bus {bus} is in use")
        part_id = self._fabric.free_id(id_of(item.get("id")), "hb")
        node = item.get("numa_node")
        pxm = self._values.number(node, "-device pxb-cxl", 128) if node else None
        self._fabric.bridges[bus] = part_id
        self._add(HostBridge(id=part_id, uid=bus, bus=bus, pxm=pxm), item.get("id", part_id))
        self._fabric.downstream[f"bus {item.get('id')}"] = part_id
        self._bypass[part_id] = item.get("hdm_for_passthrough") not in ("on", "true", "yes")

    def _root_port(self, item: Properties) -> None:
        above = self._fabric.downstream.get(f"bus {item.get('bus')}")
        part_id = self._fabric.free_id(id_of(item.get("id")), "rp")
        speed, width = self._link(item, 64.0, 32)
        number = self._values.number(item.get("port", "0"), "-device cxl-rp", 256)
        part = RootPort(id=part_id, number=number, speed_gts=speed, width=width)
        self._add(part, item.get("id", part_id))
        self._fabric.downstream[f"port {item.get('id')}"] = f"{part_id}:down"
        if above is None:
            text = "Root port {} is on no CXL host bridge: it is drawn unconnected."
            self._fabric.notes.append(Note(text, (part_id,), (part_id,)))
            return
        self._fabric.connect(f"{above}:rp", f"{part_id}:up")
        self._ports.setdefault(f"rp of {above}", []).append(part_id)

    def _upstream(self, item: Properties) -> None:
        part_id = self._fabric.free_id(id_of(item.get("id")), "sw")
        self._add(Switch(id=part_id), item.get("id", part_id))
        self._switches[item.get("id")] = (part_id, item)
        self._downs[item.get("id")] = {}
        self._waiting.append((item.get("bus"), part_id))

    def _downstream(self, item: Properties) -> None:
        downs = self._downs.get(item.get("bus"))
        if downs is None:
            reason = f"there is no cxl-upstream {item.get('bus')[:40]!r} before it"
            raise ImportRefused(self._values.file, "-device cxl-downstream", reason)
        number = self._values.number(item.get("port", "0"), "-device cxl-downstream", 256)
        while number in downs and number < 255:
            number += 1
        downs[number] = item.get("id")
        self._below.setdefault(item.get("bus"), []).append(item)
        switch, _ = self._switches[item.get("bus")]
        self._fabric.downstream[f"port {item.get('id')}"] = f"{switch}:d{number}"

    def _device(self, item: Properties) -> None:
        part_id = self._fabric.free_id(id_of(item.get("id")), "mem")
        speed, width = self._link(item, 32.0, 16)
        serial = self._values.number(item.get("sn", str(NO_SERIAL)), "-device cxl-type3")
        persistent = item.get("persistent-memdev") or item.get("memdev")
        part = Device(
            id=part_id,
            volatile_bytes=self._backend(item.get("volatile-memdev")),
            persistent_bytes=self._backend(persistent),
            serial=0 if serial == NO_SERIAL else serial,
            speed_gts=speed,
            width=width,
            hdm_decoders=DECODERS,
            perf=QEMU_DEVICE,
        )
        self._add(part, item.get("id", part_id))
        if item.get("volatile-dc-memdev"):
            text = "Dynamic capacity of {} is left out: Linux 6.12 does not use it."
            self._fabric.notes.append(Note(text, (part_id,), (part_id,)))
        if item.get("cdat"):
            text = "The CDAT file of {} is not read: QEMU's own figures were taken."
            self._fabric.notes.append(Note(text, (part_id,), (part_id,)))
        self._waiting.append((item.get("bus"), part_id))

    def _backend(self, name: str) -> int:
        if not name:
            return 0
        if name not in self._backends:
            reason = f"there is no memory backend {name[:40]!r}"
            raise ImportRefused(self._values.file, "-device cxl-type3", reason)
        return self._backends[name]

    def _link(self, item: Properties, speed: float, width: int) -> tuple[float, int]:
        """Return speed and width of a port."""
        given, lanes = item.get("x-speed"), item.get("x-width")
        if given:
            speed = SPEEDS.get(given, 0.0)
        if lanes:
            width = self._values.number(lanes, "x-width", 33)
        if speed not in LINK_SPEEDS or width not in LINK_WIDTHS:
            where = f"-device {item.get('driver')}"
            raise ImportRefused(self._values.file, where, "no such link speed or width")
        return speed, width

    def finish(self) -> None:
        """Connect what waits for its port, then set what depends on the whole."""
        parts = self._fabric.parts
        for qemu_id, (part_id, item) in self._switches.items():
            serial = self._values.number(item.get("sn", "0"), "-device cxl-upstream")
            ports = [self._link(i, 32.0, 16) for i in (item, *self._below.get(qemu_id, ()))]
            parts[part_id] = Switch(
                id=part_id,
                speed_gts=max(speed for speed, _ in ports),
                width=max(width for _, width in ports),
                downstream=max(self._downs[qemu_id], default=0) + 1,
                hdm_decoders=DECODERS,
                perf=QEMU_SWITCH,
                serial=serial,
            )
        for bus, part_id in self._waiting:
            upstream = self._fabric.downstream.pop(f"port {bus}", None)
            if upstream is None:
                text = "{} is on no free CXL port: it is drawn unconnected."
                self._fabric.notes.append(Note(text, (part_id,), (part_id,)))
                continue
            self._fabric.connect(upstream, f"{part_id}:up")
        for part_id, item in self._switches.values():
            self._limit_link(part_id, *self._link(item, 32.0, 16))
        for uid, part_id in self._fabric.bridges.items():
            bridge = parts[part_id]
            lone = len(self._ports.get(f"rp of {part_id}", ())) == 1
            if isinstance(bridge, HostBridge):
                parts[part_id] = HostBridge(
                    id=part_id,
                    uid=uid,
                    bus=bridge.bus,
                    pxm=bridge.pxm,
                    hdm_decoders=0 if lone and self._bypass[part_id] else DECODERS,
                )

    def _limit_link(self, switch: str, speed: float, width: int) -> None:
        """Limit the link to a switch where its upstream port does less than those below."""
        part = self._fabric.parts[switch]
        if isinstance(part, Switch) and (speed, width) != (part.speed_gts, part.width):
            for key, link in self._fabric.links.items():
                if link.downstream == f"{switch}:up":
                    self._fabric.links[key] = replace(link, speed_gts=speed, width=width)
