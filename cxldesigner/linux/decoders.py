"""HDM decoders: DPA of endpoints, routing of a region through ports, commit order (A35-A42).

Functions work on a :class:`Kernel` and return the rule id of a refusal, "" on success.
Sources: ``drivers/cxl/core/region.c``, ``hdm.c``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cxldesigner.linux.fabric import Hop, Root
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import EndpointDecoder, LiveRegion, PortDecoder

REGION_WAYS = frozenset({1, 2, 3, 4, 6, 8, 12, 16})
MIN_GRANULARITY, MAX_GRANULARITY = 256, 16384
MAX_PORT_WAYS = 8
LAST_INTERLEAVE_BIT = 14
DPA_ALIGN = 256 << 20


def power_of_two(value: int) -> bool:
    """Return whether a number is a power of two."""
    return value > 0 and value & (value - 1) == 0


def granularity_is_legal(value: int) -> bool:
    """Return whether the kernel can encode an interleave granularity (A5)."""
    return power_of_two(value) and MIN_GRANULARITY <= value <= MAX_GRANULARITY


def interleaves(ways: int, granularity: int) -> bool:
    """Return whether a decoder can pick a target by the address bits this takes (A42).

    A decoder with all capabilities looks at bits 8 to 14: 16 KiB leaves one bit, so two ways.
    ``check_interleave_cap``.
    """
    power = ways // 3 if ways % 3 == 0 else ways
    bits = power.bit_length() - 1
    return bits == 0 or granularity.bit_length() - 1 + bits <= LAST_INTERLEAVE_BIT + 1


# --- endpoint capacity ------------------------------------------------------------------------


def decoders_of(kernel: Kernel, device: str) -> tuple[EndpointDecoder, ...]:
    """Return the endpoint decoders of a device, free ones included."""
    found = kernel.endpoints.get(device)
    if found is not None:
        return found
    return tuple(EndpointDecoder() for _ in range(kernel.machine.fabric.nodes[device].decoders))


def _put(kernel: Kernel, device: str, number: int, decoder: EndpointDecoder) -> None:
    found = list(decoders_of(kernel, device))
    found[number] = decoder
    kernel.endpoints[device] = tuple(found)


def free_decoder(kernel: Kernel, device: str) -> int | None:
    """Return the first endpoint decoder that maps no address, as ``cxl`` picks it."""
    return next((i for i, d in enumerate(decoders_of(kernel, device)) if not d.region), None)


def set_mode(kernel: Kernel, device: str, number: int, mode: str) -> str:
    """Choose the partition of a decoder; refused when the device has none of that kind."""
    node = kernel.machine.fabric.nodes[device]
    if not (node.volatile_bytes if mode == "ram" else node.persistent_bytes):
        return "CXL-V027"
    _put(kernel, device, number, replace(decoders_of(kernel, device)[number], mode=mode))
    return ""


def free_dpa(kernel: Kernel, device: str, number: int) -> str:
    """Give a decoder's capacity back; only the last one of the device may (A41)."""
    decoders = decoders_of(kernel, device)
    decoder = decoders[number]
    if not decoder.size:
        return ""
    if decoder.region or any(d.size for d in decoders[number + 1 :]):
        return "CXL-V035"
    _put(kernel, device, number, EndpointDecoder(mode=decoder.mode))
    return ""


def allocate_dpa(kernel: Kernel, device: str, number: int, size: int) -> str:
    """Reserve ``size`` bytes of device capacity for a decoder (A41, ``cxl_dpa_alloc``).

    Volatile capacity lies first; persistent capacity taken before it blocks what is left of it.
    """
    refused = free_dpa(kernel, device, number)
    if refused:
        return refused
    decoders = decoders_of(kernel, device)
    if any(not d.size for d in decoders[:number]):
        return "CXL-V035"
    mode = decoders[number].mode
    start, end = _free_span(kernel, device, mode)
    if size > end - start:
        return "CXL-V036"
    ram_start, ram_end = _free_span(kernel, device, "ram")
    skip = start - ram_start if mode == "pmem" and start == ram_end else 0
    _put(
        kernel,
        device,
        number,
        EndpointDecoder(start=start, size=size, skip=skip, mode=mode),
    )
    return ""


def _free_span(kernel: Kernel, device: str, mode: str) -> tuple[int, int]:
    """Return the free DPA range of a partition."""
    node = kernel.machine.fabric.nodes[device]
    ram_end = node.volatile_bytes
    used = [d for d in decoders_of(kernel, device) if d.size]
    if mode == "pmem":
        start = max([d.start + d.size for d in used if d.mode == "pmem"], default=ram_end)
        return start, ram_end + node.persistent_bytes
    if any(d.mode == "pmem" for d in used):
        return ram_end, ram_end
    return max([d.start + d.size for d in used if d.mode == "ram"], default=0), ram_end


def free_capacity(kernel: Kernel, device: str, mode: str) -> int:
    """Return the bytes of a partition a new decoder can have."""
    start, end = _free_span(kernel, device, mode)
    return end - start


# --- ports --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Routing:
    """A region being assembled: for each port the downstream ports in use, by device."""

    region: LiveRegion
    devices: list[str] = field(default_factory=list)
    dports: dict[str, dict[str, str]] = field(default_factory=dict)


def _port_decoders(kernel: Kernel, port: str) -> tuple[PortDecoder, ...]:
    return kernel.ports.get(port, ())


def port_refusal(kernel: Kernel, port: str, region: LiveRegion) -> str:
    """Return why a port cannot take another region (A41)."""
    decoders = _port_decoders(kernel, port)
    if any(d.region and kernel.regions[d.region].start > region.start for d in decoders):
        return "CXL-V034"
    if len(decoders) >= kernel.machine.fabric.port_decoders.get(port, 0):
        return "CXL-V033"
    if any(not d.region for d in decoders):
        return "CXL-V033"
    return ""


def attach(kernel: Kernel, routing: Routing, root: Root, device: str, number: int) -> str:
    """Attach a device's decoder at the next position of a region (A39, ``cxl_region_attach``)."""
    region = routing.region
    position = len(routing.devices)
    fabric = kernel.machine.fabric
    bridge = fabric.bridge_of[device]
    decoder = decoders_of(kernel, device)[number]
    if not interleaves(region.ways, region.granularity):
        return "CXL-V037"
    if bridge not in root.bridges:
        return "CXL-V029"
    if decoder.size * region.ways != region.size:
        return "CXL-V026"
    if device in routing.devices:
        return "CXL-V028"
    if root.bridges[position % len(root.bridges)] != bridge:
        return "CXL-V029"
    for hop in reversed(fabric.paths[device]):
        if hop.port not in routing.dports:
            refused = port_refusal(kernel, hop.port, region)
            if refused:
                return refused
    for hop in fabric.paths[device]:
        routing.dports.setdefault(hop.port, {})[device] = hop.dport
    routing.devices.append(device)
    if len(routing.devices) == region.ways:
        return _set_up_targets(kernel, routing, root)
    return ""


def _set_up_targets(kernel: Kernel, routing: Routing, root: Root) -> str:
    """Program every port's interleave and check the order of devices (A38, A39)."""
    fabric = kernel.machine.fabric
    region = routing.region
    settings: dict[str, tuple[int, int]] = {}
    order: dict[str, list[str]] = {}
    for position, device in enumerate(routing.devices):
        hops = fabric.paths[device]
        for depth in range(1, len(hops) + 1):
            refused = _route(routing, root, settings, order, hops[:depth], position)
            if refused:
                return refused
    for port, (ways, granularity) in settings.items():
        kernel.ports[port] = (
            *_port_decoders(kernel, port),
            PortDecoder(
                region=region.name,
                ways=ways,
                granularity=granularity,
                targets=tuple(order[port]),
            ),
        )
    return ""


def _route(
    routing: Routing,
    root: Root,
    settings: dict[str, tuple[int, int]],
    order: dict[str, list[str]],
    hops: tuple[Hop, ...],
    position: int,
) -> str:
    """Route one position through the last of ``hops`` (``cxl_port_setup_targets``)."""
    hop = hops[-1]
    ways = len(set(routing.dports[hop.port].values()))
    if not power_of_two(ways):
        return "CXL-V030"
    seen = order.setdefault(hop.port, [])
    if seen:
        if hop.dport in seen:
            distance = root.entry.ways
            for above in hops:
                distance *= len(set(routing.dports[above.port].values()))
            peer = position - distance
            if peer < 0:
                return "CXL-V032"
            if routing.dports[hop.port].get(routing.devices[peer]) != hop.dport:
                return "CXL-V032"
            return ""
        seen.append(hop.dport)
        return "" if len(seen) <= ways else "CXL-V032"
    if len(hops) == 1:
        above_ways = root.entry.ways
        if not power_of_two(above_ways):
            above_ways //= 3
        above_granularity = routing.region.granularity
    else:
        above_ways, above_granularity = settings[hops[-2].port]
    if ways > MAX_PORT_WAYS:
        return "CXL-V030"
    granularity = above_granularity * above_ways
    if not granularity_is_legal(granularity):
        return "CXL-V031"
    if not interleaves(ways, granularity):
        return "CXL-V037"
    settings[hop.port] = (ways, granularity)
    seen.append(hop.dport)
    return ""


def commit(kernel: Kernel, region: LiveRegion) -> None:
    """Mark all decoders of a region as committed."""
    for port, decoders in kernel.ports.items():
        kernel.ports[port] = tuple(
            replace(d, committed=True) if d.region == region.name else d for d in decoders
        )
    for device, number in region.targets:
        decoder = decoders_of(kernel, device)[number]
        _put(kernel, device, number, replace(decoder, region=region.name, committed=True))


def release(kernel: Kernel, name: str) -> None:
    """Reset all decoders of a region; one below a committed one stays reserved (A41)."""
    for port, decoders in list(kernel.ports.items()):
        left = [PortDecoder(region="") if d.region == name else d for d in decoders]
        while left and not left[-1].region:
            left.pop()
        if left:
            kernel.ports[port] = tuple(left)
        else:
            del kernel.ports[port]
    for device, endpoint in list(kernel.endpoints.items()):
        if any(d.region == name for d in endpoint):
            kernel.endpoints[device] = tuple(
                replace(d, region="", committed=False) if d.region == name else d for d in endpoint
            )


# --- addresses ----------------------------------------------------------------------------------


def free_extents(kernel: Kernel, root: Root) -> list[tuple[int, int]]:
    """Return the free byte ranges of a window, ascending."""
    block = kernel.machine.block
    taken = sorted(
        [(r.start, r.end) for r in kernel.regions.values() if r.root == root.number and r.size]
        + [
            (h.first * block, (h.first + h.count) * block)
            for h in kernel.hot
            if h.leaked and root.entry.base <= h.first * block < root.entry.end
        ]
    )
    extents: list[tuple[int, int]] = []
    at = root.entry.base
    for start, end in taken:
        if start > at:
            extents.append((at, start))
        at = max(at, end)
    if at < root.entry.end:
        extents.append((at, root.entry.end))
    return extents


def place(kernel: Kernel, root: Root, size: int) -> int | None:
    """Return the lowest free address for a region, 256 MiB aligned, None without room (A35)."""
    for start, end in free_extents(kernel, root):
        at = -(-start // DPA_ALIGN) * DPA_ALIGN
        if at + size <= end:
            return at
    return None
