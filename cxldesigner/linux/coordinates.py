"""Performance of the way to a device and of a region (A22-A27, F2, F3).

A device has figures only when its host bridge has a generic port with HMAT data, every switch on
the way a complete SSLBIS and the device a DSMAS with DSLBIS, and when the platform's QTG answer is
the ``qtg_id`` of some window. Sources: ``drivers/cxl/core/cdat.c``, ``port.c``, ``pci.c``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cxldesigner.document.model import Perf
from cxldesigner.firmware.cdat import (
    ANY_PORT,
    UPSTREAM_PORT,
    Cdat,
    Dslbis,
    Dsmas,
    Sslbis,
    decode_cdat,
)
from cxldesigner.firmware.model import FabricNode, Firmware
from cxldesigner.firmware.table import TableError
from cxldesigner.linux.acpi_read import normalize
from cxldesigner.linux.fabric import Fabric, Hop
from cxldesigner.linux.hmat import HmatFacts

_ENCODED_MBPS = {2.5: 2000, 5.0: 4000, 8.0: 7876, 16.0: 15753, 32.0: 31507, 64.0: 64000}
"""Mb/s per lane after encoding (F1)."""

_FLIT_68, _FLIT_256 = 68, 256
_LATENCIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePerf:
    """What the driver knows of one partition of a device.

    ``access``: whole way, class 0 and 1; ``media``: the device alone; ``qos_class`` None = none.
    """

    access: tuple[Perf, Perf]
    media: Perf
    qos_class: int


def link_latency_ns(speed_gts: float, width: int) -> int:
    """Return the latency a link adds: a flit over all lanes, rounded up, as recorded (F3)."""
    rate = link_mbps(speed_gts, width)
    if rate <= 0:
        return 0
    picoseconds = (_FLIT_256 if speed_gts > 32 else _FLIT_68) * 1_000_000 // rate
    return -(-picoseconds // 1000)


def link_mbps(speed_gts: float, width: int) -> int:
    """Return the rate the region bandwidth uses: no encoding overhead (F2), MB/s."""
    return int(speed_gts * 1000) * width // 8


def encoded_mbps(speed_gts: float, width: int) -> int:
    """Return what ``pcie_bandwidth_available`` gives for a link, MB/s (F1)."""
    return _ENCODED_MBPS.get(speed_gts, int(speed_gts * 1000)) * width // 8


def combine(a: Perf, b: Perf) -> Perf:
    """Return two stages in series: latencies add, the smaller bandwidth holds (A24)."""
    return Perf(
        read_latency_ns=a.read_latency_ns + b.read_latency_ns,
        write_latency_ns=a.write_latency_ns + b.write_latency_ns,
        read_bandwidth_mbps=_least(a.read_bandwidth_mbps, b.read_bandwidth_mbps),
        write_bandwidth_mbps=_least(a.write_bandwidth_mbps, b.write_bandwidth_mbps),
    )


def _least(a: int, b: int) -> int:
    return min(a, b) if a and b else a


def _complete(perf: Perf) -> bool:
    return bool(
        perf.read_latency_ns
        and perf.write_latency_ns
        and perf.read_bandwidth_mbps
        and perf.write_bandwidth_mbps
    )


def _capped(perf: Perf, mbps: int) -> Perf:
    return combine(perf, Perf(read_bandwidth_mbps=mbps, write_bandwidth_mbps=mbps))


def _figures(entries: Iterable[tuple[int, int]]) -> Perf:
    """Return the figures of (HMAT data type, value) pairs."""
    values: dict[str, int] = {}
    for kind, value in entries:
        what = "latency_ns" if kind < _LATENCIES else "bandwidth_mbps"
        if kind % 3 != 2:
            values[f"read_{what}"] = value
        if kind % 3 != 1:
            values[f"write_{what}"] = value
    return Perf(**values)


def _open(data: bytes | None) -> Cdat | None:
    if data is None:
        return None
    try:
        return decode_cdat(data)
    except TableError:
        return None


def media_figures(cdat: Cdat) -> list[tuple[int, int, Perf]]:
    """Return (DPA start, DPA end, figures) of every DSMAS, in table order."""
    found: list[tuple[int, int, Perf]] = []
    for area in (s for s in cdat.structures if isinstance(s, Dsmas)):
        values = [
            (s.data_type, normalize(s.entries[0], s.base_unit, s.data_type, 2))
            for s in cdat.structures
            if isinstance(s, Dslbis) and s.handle == area.handle and s.flags & 0xF == 0
        ]
        found.append((area.base, area.base + area.length, _figures(values)))
    return found


def switch_figures(cdat: Cdat, downstream: int) -> Perf:
    """Return the SSLBIS figures from the upstream port to one downstream port."""
    values: list[tuple[int, int]] = []
    for table in (s for s in cdat.structures if isinstance(s, Sslbis)):
        for path in table.paths:
            if path.port_x == UPSTREAM_PORT:
                port = path.port_y
            elif path.port_x == ANY_PORT:
                port = path.port_x if path.port_y == UPSTREAM_PORT else path.port_y
            else:
                port = path.port_x
            if port in {ANY_PORT, downstream}:
                value = normalize(path.value, table.base_unit, table.data_type, 2)
                values.append((table.data_type, value))
    return _figures(values)


class PathFigures:
    """Figures along the bus of one machine, computed once per port."""

    def __init__(self, firmware: Firmware, fabric: Fabric, hmat: HmatFacts) -> None:
        self._firmware = firmware
        self._fabric = fabric
        self._hmat = hmat
        self._switch: dict[str, Cdat | None] = {}

    def node(self, item: str) -> FabricNode:
        """Return the bus node of a part."""
        return self._fabric.nodes[item]

    def generic_port(self, bridge: str) -> tuple[Perf, Perf] | None:
        """Return both classes CPU -> host bridge, None without complete data (A22)."""
        found = self._hmat.ports.get(self.node(bridge).port)
        if found is None or not all(_complete(p) for p in found[1]):
            return None
        return found[1]

    def switch(self, hop: Hop) -> Perf:
        """Return the figures through the switch of a hop."""
        if hop.port not in self._switch:
            self._switch[hop.port] = _open(self._firmware.cdat.get(hop.port))
        cdat = self._switch[hop.port]
        return switch_figures(cdat, self.node(hop.link_item).port) if cdat else Perf()

    def path(self, device: str) -> tuple[Perf, Perf] | None:
        """Return both classes CPU -> device link end, None when any stage is unknown (A24)."""
        hops = self._fabric.paths[device]
        host = self.generic_port(hops[0].port)
        if host is None:
            return None
        first, second = host
        bandwidth = 0
        for index, hop in enumerate(hops):
            below = self.node(hop.link_item)
            if index:
                stage = self.switch(hop)
                if not _complete(stage):
                    return None
                first, second = combine(first, stage), combine(second, stage)
            delay = link_latency_ns(below.link_speed_gts, below.link_width)
            link = Perf(read_latency_ns=delay, write_latency_ns=delay)
            first, second = combine(first, link), combine(second, link)
            if below.link_speed_gts and below.link_width:
                rate = encoded_mbps(below.link_speed_gts, below.link_width)
                bandwidth = min(bandwidth, rate) if bandwidth else rate
        return _capped(first, bandwidth), _capped(second, bandwidth)


def device_figures(
    firmware: Firmware, fabric: Fabric, hmat: HmatFacts
) -> dict[tuple[str, str], DevicePerf]:
    """Return the figures the driver keeps, by (device id, ``ram`` or ``pmem``) (A24, A26)."""
    result: dict[tuple[str, str], DevicePerf] = {}
    if not hmat.ports or not firmware.qtg:
        return result
    figures = PathFigures(firmware, fabric, hmat)
    known_qtg = {r.entry.qtg for r in fabric.roots}
    reached = {b for r in fabric.roots for b in r.bridges}
    for device in fabric.devices:
        cdat = _open(firmware.cdat.get(device))
        if cdat is None or fabric.bridge_of[device] not in reached:
            continue
        way = figures.path(device)
        if way is None or firmware.qtg[0] not in known_qtg:
            continue
        node = fabric.nodes[device]
        split = node.volatile_bytes
        for start, end, media in media_figures(cdat):
            if split and end <= split:
                mode = "ram"
            elif start >= split and end <= split + node.persistent_bytes:
                mode = "pmem"
            else:
                continue
            result[device, mode] = DevicePerf(
                access=(combine(media, way[0]), combine(media, way[1])),
                media=media,
                qos_class=firmware.qtg[0],
            )
    return result


def region_figures(
    targets: Sequence[str],
    mode: str,
    known: Mapping[tuple[str, str], DevicePerf],
    fabric: Fabric,
    figures: PathFigures,
) -> tuple[Perf, Perf]:
    """Return both access classes of a region: worst latency, shared bandwidth (A25)."""
    parts = [known[d, mode] for d in targets if (d, mode) in known]
    result = []
    for access in (0, 1):
        perfs = [p.access[access] for p in parts]
        result.append(
            Perf(
                read_latency_ns=max((p.read_latency_ns for p in perfs), default=0),
                write_latency_ns=max((p.write_latency_ns for p in perfs), default=0),
                read_bandwidth_mbps=sum(p.read_bandwidth_mbps for p in perfs),
                write_bandwidth_mbps=sum(p.write_bandwidth_mbps for p in perfs),
            )
        )
    depths = {len(fabric.paths[d]) for d in targets}
    if len(parts) != len(targets) or len(depths) != 1:
        return result[0], result[1]
    shared = [_shared(list(targets), mode, known, fabric, figures, access) for access in (0, 1)]
    return (
        _with_bandwidth(result[0], shared[0]),
        _with_bandwidth(result[1], shared[1]),
    )


def _with_bandwidth(perf: Perf, bandwidth: tuple[int, int]) -> Perf:
    return Perf(
        read_latency_ns=perf.read_latency_ns,
        write_latency_ns=perf.write_latency_ns,
        read_bandwidth_mbps=bandwidth[0],
        write_bandwidth_mbps=bandwidth[1],
    )


def _shared(
    targets: list[str],
    mode: str,
    known: Mapping[tuple[str, str], DevicePerf],
    fabric: Fabric,
    figures: PathFigures,
    access: int,
) -> tuple[int, int]:
    """Return read and write bandwidth with shared upstream links counted once (A25)."""
    depth = len(fabric.paths[targets[0]])
    flows: dict[str, tuple[int, int]] = {}
    for device in targets:
        media = known[device, mode].media
        hop = fabric.paths[device][-1]
        flow = _through(
            figures, hop, depth > 1, (media.read_bandwidth_mbps, media.write_bandwidth_mbps)
        )
        flows[device] = flow
    below = {d: d for d in targets}
    for level in range(depth - 2, -1, -1):
        grouped: dict[str, tuple[int, int]] = {}
        hops: dict[str, Hop] = {}
        for device in targets:
            key = fabric.paths[device][level + 1].port
            if below[device] in flows:
                had = grouped.get(key, (0, 0))
                flow = flows.pop(below[device])
                grouped[key] = (had[0] + flow[0], had[1] + flow[1])
            hops[key] = fabric.paths[device][level]
            below[device] = key
        flows = {k: _through(figures, hops[k], level > 0, f) for k, f in grouped.items()}
    total = (0, 0)
    bridges: dict[str, tuple[int, int]] = {}
    for device in targets:
        bridge = fabric.bridge_of[device]
        flow = flows.pop(below[device], (0, 0))
        had = bridges.get(bridge, (0, 0))
        bridges[bridge] = (had[0] + flow[0], had[1] + flow[1])
    for bridge, flow in bridges.items():
        port = figures.generic_port(bridge)
        limit = port[access] if port else Perf()
        total = (
            total[0] + _least(flow[0], limit.read_bandwidth_mbps),
            total[1] + _least(flow[1], limit.write_bandwidth_mbps),
        )
    return total


def _through(
    figures: PathFigures, hop: Hop, in_switch: bool, flow: tuple[int, int]
) -> tuple[int, int]:
    """Return a flow limited by the link of a hop, and by the switch the hop leaves."""
    below = figures.node(hop.link_item)
    rate = link_mbps(below.link_speed_gts, below.link_width)
    read, write = _least(flow[0], rate), _least(flow[1], rate)
    if in_switch:
        stage = figures.switch(hop)
        read = _least(read, stage.read_bandwidth_mbps)
        write = _least(write, stage.write_bandwidth_mbps)
    return read, write
