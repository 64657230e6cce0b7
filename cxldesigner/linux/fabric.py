"""The CXL bus as drivers see it: ports above each device, root decoders (A1-A7, A39, A45)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxldesigner.firmware.cedt import xor_maps_needed
from cxldesigner.firmware.model import FabricKind, FabricNode, Firmware
from cxldesigner.linux.acpi import AcpiView, WindowEntry

WINDOW_ALIGN = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A port on the way to a device: its part id and the downstream port it leaves by.

    ``link_item`` is the part below that downstream port (whose link it is).
    """

    port: str
    dport: str
    link_item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A root decoder ``decoder0.<number>``: CFMWS ``window`` and the bridges it interleaves."""

    number: int
    window: int
    entry: WindowEntry
    bridges: tuple[str, ...]
    item: str

    @property
    def name(self) -> str:
        """Its device name."""
        return f"decoder0.{self.number}"

    @property
    def granularity(self) -> int:
        """Granularity ``cxl`` shows; a window of one bridge counts as 256 (A37)."""
        return self.entry.granularity if self.entry.ways > 1 else 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """Devices with the hops from host bridge down, root decoders, dropped windows (A7).

    ``dropped`` maps the index of a CFMWS the driver refuses to (rule, why).
    ``memdevs`` maps ``memN`` to device ids in bus order; ``endpoint_base`` is the port number of
    the first endpoint (root, bridges and switches in use come before it).
    """

    nodes: Mapping[str, FabricNode]
    paths: Mapping[str, tuple[Hop, ...]]
    bridge_of: Mapping[str, str]
    roots: tuple[Root, ...]
    dropped: Mapping[int, tuple[str, str]]
    memdevs: Mapping[str, str]
    port_decoders: Mapping[str, int]
    endpoint_base: int = 1

    @property
    def devices(self) -> tuple[str, ...]:
        """Memory devices in bus order."""
        return tuple(self.memdevs.values())

    def below(self, root: Root) -> tuple[str, ...]:
        """Return the devices a window reaches, in bus order."""
        bridges = set(root.bridges)
        return tuple(d for d in self.devices if self.bridge_of.get(d) in bridges)

    def find_device(self, name: str) -> str | None:
        """Return the device a command names: part id, ``memN``, serial number or PCI address.

        Host actions name devices by part id, so an id wins over the kernel's number.
        """
        node = self.nodes.get(name)
        if node is not None and node.kind is FabricKind.DEVICE:
            return name
        if name in self.memdevs:
            return self.memdevs[name]
        for device in self.devices:
            found = self.nodes[device]
            serial = str(found.serial) == name or hex(found.serial) == name.lower()
            if found.host == name or (serial and found.serial):
                return device
        return None

    def memdev_of(self, device: str) -> str:
        """Return the ``memN`` name of a device."""
        return next((m for m, d in self.memdevs.items() if d == device), device)


def read_fabric(firmware: Firmware, acpi: AcpiView) -> Fabric:
    """Return the bus of a machine."""
    nodes = {n.id: n for n in firmware.fabric}
    children: dict[str, list[str]] = {}
    for node in firmware.fabric:
        if node.parent is not None:
            children.setdefault(node.parent, []).append(node.id)
    uids = {n.port: n.id for n in reversed(firmware.fabric) if n.kind is FabricKind.BRIDGE}
    usable = {b.uid for b in acpi.bridges if b.usable}
    paths: dict[str, tuple[Hop, ...]] = {}
    bridge_of: dict[str, str] = {}
    memdevs: dict[str, str] = {}
    for node in firmware.fabric:
        if node.kind is not FabricKind.DEVICE:
            continue
        hops, bridge = _hops(node, nodes)
        if bridge is None:
            continue
        paths[node.id] = hops
        bridge_of[node.id] = bridge
        # only memory devices (Type 3) are driven by cxl_pci; others have drivers of their own
        if node.type == 3 and (node.volatile_bytes or node.persistent_bytes):
            memdevs[f"mem{len(memdevs)}"] = node.id
    roots, dropped = _roots(firmware, acpi, uids, usable)
    ports = {hop.port for path in paths.values() for hop in path}
    decoders = {
        n.id: n.decoders or (1 if len(children.get(n.id, ())) <= 1 else 0)
        for n in firmware.fabric
        if n.kind in {FabricKind.BRIDGE, FabricKind.SWITCH}
    }
    return Fabric(
        nodes=nodes,
        paths=paths,
        bridge_of=bridge_of,
        roots=roots,
        dropped=dropped,
        memdevs=memdevs,
        port_decoders=decoders,
        endpoint_base=1
        + len({n.id for n in firmware.fabric if n.kind is FabricKind.BRIDGE} | ports),
    )


def _hops(
    device: FabricNode, nodes: Mapping[str, FabricNode]
) -> tuple[tuple[Hop, ...], str | None]:
    """Return the hops of a device, host bridge first, and its bridge (None when cut off)."""
    hops: list[Hop] = []
    below, seen = device, {device.id}
    while below.parent is not None and below.parent not in seen:
        above = nodes.get(below.parent)
        if above is None:
            return (), None
        seen.add(above.id)
        if above.kind is FabricKind.ROOT_PORT:
            bridge = nodes.get(above.parent or "")
            if bridge is None or bridge.kind is not FabricKind.BRIDGE:
                return (), None
            hops.append(Hop(port=bridge.id, dport=above.id, link_item=below.id))
            return tuple(reversed(hops)), bridge.id
        if above.kind is FabricKind.BRIDGE:
            hops.append(Hop(port=above.id, dport=f"{above.id}:{below.port}", link_item=below.id))
            return tuple(reversed(hops)), above.id
        hops.append(Hop(port=above.id, dport=f"{above.id}:{below.port}", link_item=below.id))
        below = above
    return (), None


def window_problem(
    entry: WindowEntry,
    acpi: AcpiView,
    uids: Mapping[int, str],
    usable: set[int],
    earlier: list[tuple[int, int]],
) -> tuple[str, str] | None:
    """Return (rule, why) the driver drops a window (A7), None if it takes it."""
    if entry.base % WINDOW_ALIGN:
        return "CXL-V001", "its base is not a multiple of 256 MiB"
    if entry.size == 0 or entry.size % WINDOW_ALIGN:
        return "CXL-V002", "its size is not a multiple of 256 MiB"
    if entry.arithmetic not in {0, 1}:
        return "CXL-V003", f"interleave arithmetic {entry.arithmetic} is unknown"
    if not entry.ways:
        return "CXL-V004", f"interleave ways code {entry.ways_code} is unknown"
    if len(entry.targets) < entry.ways:
        return "CXL-V005", f"it has {len(entry.targets)} targets for {entry.ways} ways"
    if not entry.granularity:
        return "CXL-V006", f"granularity code {entry.granularity_code} is unknown"
    if entry.arithmetic == 1 and entry.ways not in {1, 3}:
        maps = [x for x in acpi.xor if x.granularity == entry.granularity]
        if not maps or len(maps[0].maps) < xor_maps_needed(entry.ways):
            return "CXL-V007", "no XOR maps (CXIMS) for its granularity"
    for uid in entry.targets[: entry.ways]:
        if uid not in uids or uid not in usable:
            return "CXL-V008", f"no host bridge with _UID {uid} and a usable CHBS"
    for start, end in earlier:
        crossing = start < entry.end and entry.base < end
        nested = (start <= entry.base and entry.end <= end) or (
            entry.base <= start and end <= entry.end
        )
        if crossing and not nested:
            return "CXL-V009", "it overlaps another window"
    return None


def _roots(
    firmware: Firmware, acpi: AcpiView, uids: Mapping[int, str], usable: set[int]
) -> tuple[tuple[Root, ...], dict[int, tuple[str, str]]]:
    roots: list[Root] = []
    dropped: dict[int, tuple[str, str]] = {}
    taken: list[tuple[int, int]] = []
    for index, entry in enumerate(acpi.windows):
        problem = window_problem(entry, acpi, uids, usable, taken)
        if problem:
            dropped[index] = problem
            continue
        taken.append((entry.base, entry.end))
        item = firmware.windows[index] if index < len(firmware.windows) else ""
        roots.append(
            Root(
                number=len(roots),
                window=index,
                entry=entry,
                bridges=tuple(uids[u] for u in entry.targets[: entry.ways]),
                item=item,
            )
        )
    return tuple(roots), dropped
