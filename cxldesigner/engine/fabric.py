"""The cost model's stages and paths of a drawn machine (A22, F1-F4, F18).

Figures are taken from the document (CDAT and HMAT figures of parts) where it has them, else from
the calibrated defaults below: they put a local DRAM access at 90 ns, a remote one at 150 ns, a
directly attached x8 32 GT/s device at 210 ns, and add 90 ns for a switch and 70 ns for the other
socket (F18).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    MemoryDomain,
    Perf,
    Socket,
    Switch,
)
from cxldesigner.document.ports import parent_link, parent_of
from cxldesigner.engine.cost import UNLIMITED, CostModel, Path, Stage
from cxldesigner.firmware.model import FabricKind, Firmware
from cxldesigner.linux.model import Node, State

DRAM = Perf(
    read_latency_ns=90, write_latency_ns=90, read_bandwidth_mbps=200_000, write_bandwidth_mbps=0
)
REMOTE_EXTRA_NS, REMOTE_MBPS = 60.0, 64_000.0
CXL_REMOTE_EXTRA_NS = 70.0
BRIDGE_NS, MEDIA_NS, SWITCH_NS = 70.0, 123.0, 90.0
DRAM_CURVE, CXL_CURVE = 0.05, 0.08


def payload_mbps(speed_gts: float, width: int) -> float:
    """Return usable MB/s of a CXL link in one direction: raw rate (F1) times efficiency (F4)."""
    if speed_gts <= 5:
        encoding = 0.8
    elif speed_gts <= 32:
        encoding = 128 / 130
    else:
        encoding = 1.0
    efficiency = 0.80 if speed_gts <= 32 else 0.85
    return int(speed_gts * 1000 / 8 * width * encoding) * efficiency


def link_latency_ns(speed_gts: float) -> float:
    """Return the time of one flit on one lane, as the kernel counts it (F3)."""
    flit = 68 if speed_gts <= 32 else 256
    return flit * 8 / speed_gts


class _Builder:
    def __init__(self, document: Document, firmware: Firmware, state: State) -> None:
        self.document, self.state = document, state
        self.fabric = {node.id: node for node in firmware.fabric}
        self.stages: list[Stage] = []
        self.known: dict[str, int] = {}
        self.node_of = {
            item: node.id for node in state.nodes.values() if node.cpus for item in node.items
        }

    def stage(self, stage: Stage) -> int:
        if stage.name not in self.known:
            self.known[stage.name] = len(self.stages)
            self.stages.append(stage)
        return self.known[stage.name]

    def socket_of(self, part: str) -> str | None:
        above: str | None = part
        while above is not None and not isinstance(self.document.parts.get(above), Socket):
            above = parent_of(self.document, above)
        return above

    def boot_memory(self, home: Node, node: Node) -> Iterator[tuple[int, float]]:
        parts = [self.document.parts[i] for i in node.items if i in self.document.parts]
        owner = next((p for p in parts if isinstance(p, Socket | MemoryDomain)), None)
        perf = owner.perf if owner is not None else Perf()
        if owner is not None and isinstance(owner, MemoryDomain):
            link = parent_link(self.document, owner.id)
            if link is not None:
                yield self.stage(Stage(name=f"link {link.id}", item=link.id)), 1.0
        yield (
            self.stage(
                Stage(
                    name=f"memory {node.id}",
                    latency_ns=float(perf.read_latency_ns or DRAM.read_latency_ns),
                    read_mbps=float(perf.read_bandwidth_mbps or DRAM.read_bandwidth_mbps),
                    shared=True,
                    curve=DRAM_CURVE,
                    item=owner.id if owner else "",
                )
            ),
            1.0,
        )
        near = node.id
        if owner is not None and isinstance(owner, MemoryDomain):
            socket = self.socket_of(owner.id)
            near = self.node_of.get(socket or "", node.id)
        if near != home.id and (node.cpus or near != node.id):
            yield self.crossing(home.id, near, REMOTE_EXTRA_NS), 1.0

    def crossing(self, a: int, b: int, extra_ns: float) -> int:
        low, high = min(a, b), max(a, b)
        measured = self.measured(a, b)
        if measured is not None:
            extra_ns = max(0.0, measured.read_latency_ns - self.local_ns(b)) or extra_ns
        mbps = measured.read_bandwidth_mbps if measured else 0
        return self.stage(
            Stage(
                name=f"sockets {low} {high} +{extra_ns:g}",
                latency_ns=extra_ns,
                read_mbps=float(mbps or REMOTE_MBPS),
                write_mbps=float((measured.write_bandwidth_mbps if measured else 0) or REMOTE_MBPS),
            )
        )

    def measured(self, home: int, target: int) -> Perf | None:
        for row in self.document.host.access:
            if self.node_of.get(row.initiator) == home and self.node_of.get(row.target) == target:
                return row.perf
        return None

    def local_ns(self, node: int) -> float:
        for item in self.state.nodes[node].items:
            part = self.document.parts.get(item)
            if isinstance(part, Socket) and part.perf.read_latency_ns:
                return float(part.perf.read_latency_ns)
        return float(DRAM.read_latency_ns)

    def device(self, home: Node, device: str, share: float) -> Iterator[tuple[int, float]]:
        part = self.document.parts.get(device)
        perf = part.perf if isinstance(part, Device) else Perf()
        yield (
            self.stage(
                Stage(
                    name=f"device {device}",
                    latency_ns=float(perf.read_latency_ns or MEDIA_NS),
                    read_mbps=float(perf.read_bandwidth_mbps or UNLIMITED),
                    write_mbps=float(perf.write_bandwidth_mbps or UNLIMITED),
                    curve=CXL_CURVE,
                    item=device,
                )
            ),
            share,
        )
        at: str | None = device
        while at is not None and not isinstance(self.document.parts.get(at), Socket):
            link = parent_link(self.document, at)
            yield from self.hop(at, link.id if link else "", share)
            at = parent_of(self.document, at)
        near = self.node_of.get(at) if at is not None else None
        if near is not None and near != home.id:
            yield self.crossing(home.id, near, CXL_REMOTE_EXTRA_NS), share

    def hop(self, part_id: str, link: str, share: float) -> Iterator[tuple[int, float]]:
        part, found = self.document.parts[part_id], self.fabric.get(part_id)
        if isinstance(part, HostBridge):
            yield (
                self.stage(
                    Stage(
                        name=f"bridge {part_id}",
                        latency_ns=float(part.perf.read_latency_ns or BRIDGE_NS),
                        read_mbps=float(part.perf.read_bandwidth_mbps or UNLIMITED),
                        write_mbps=float(part.perf.write_bandwidth_mbps or UNLIMITED),
                    )
                ),
                share,
            )
        speed = found.link_speed_gts if found and found.kind is not FabricKind.BRIDGE else 0.0
        wire = link_latency_ns(speed) if speed else 0.0
        if isinstance(part, Switch):
            crossing = float(part.perf.read_latency_ns or max(0.0, SWITCH_NS - wire))
            yield (
                self.stage(
                    Stage(
                        name=f"switch {part_id}",
                        latency_ns=crossing,
                        read_mbps=float(part.perf.read_bandwidth_mbps or UNLIMITED),
                        write_mbps=float(part.perf.write_bandwidth_mbps or UNLIMITED),
                    )
                ),
                share,
            )
        if link:
            mbps = payload_mbps(speed, found.link_width) if found and speed else UNLIMITED
            yield (
                self.stage(
                    Stage(
                        name=f"link {link}",
                        latency_ns=wire,
                        read_mbps=mbps,
                        write_mbps=mbps,
                        curve=CXL_CURVE,
                        item=link,
                    )
                ),
                share,
            )

    def path(self, home: Node, node: Node) -> Path:
        regions = [r for r in self.state.regions if r.node == node.id and r.committed and r.targets]
        total = sum(r.size for r in regions)
        if not total:
            return tuple(self.boot_memory(home, node))
        result: list[tuple[int, float]] = []
        for region in regions:
            for device in region.targets:
                share = region.size / total / len(region.targets)
                result += self.device(home, device, share)
        return tuple(result)


def cost_model(document: Document, firmware: Firmware, state: State) -> CostModel:
    """Return the cost model of a machine in a state; indexes follow ascending node ids.

    A node fed by regions splits its traffic by their sizes and evenly over each one's devices.
    """
    build = _Builder(document, firmware, state)
    nodes = [state.nodes[n] for n in sorted(state.nodes)]
    paths = [[build.path(home, node) for node in nodes] for home in nodes]
    return CostModel(build.stages, paths)


def device_shares(state: State) -> Mapping[int, Mapping[str, float]]:
    """Return for each node the share of its pages on each device (regions by size, even ways)."""
    result: dict[int, dict[str, float]] = {}
    for node in state.nodes:
        regions = [r for r in state.regions if r.node == node and r.committed and r.targets]
        total = sum(r.size for r in regions)
        shares: dict[str, float] = {}
        for region in regions:
            for device in region.targets:
                part = region.size / total / len(region.targets)
                shares[device] = shares.get(device, 0.0) + part
        result[node] = shares
    return result
