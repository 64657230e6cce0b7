"""Which regions a window can host: device sets, their order, ways and granularities (A35-A42).

The order is not searched but computed: positions are dealt out to the window's bridges in turn, and
at every port below in turn to its downstream ports, so each must have the same number of devices.
What is offered has been tried on a copy of the machine, with the checks of ``cxl create-region``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product

from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.cxlcli import create_region
from cxldesigner.linux.decoders import (
    DPA_ALIGN,
    MAX_GRANULARITY,
    MAX_PORT_WAYS,
    MIN_GRANULARITY,
    REGION_WAYS,
    decoders_of,
    free_capacity,
    free_decoder,
    free_extents,
    granularity_is_legal,
    interleaves,
    place,
    port_refusal,
    power_of_two,
)
from cxldesigner.linux.fabric import Fabric, Root
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import LiveRegion
from cxldesigner.linux.machine import machine_of
from cxldesigner.linux.model import State

GRANULARITIES = tuple(
    MIN_GRANULARITY << n for n in range((MAX_GRANULARITY // MIN_GRANULARITY).bit_length())
)
_MOST = 8
"""Alternatives looked at below one branch: offers are examples, their number is counted."""
_FAN_OUTS = tuple(1 << n for n in reversed(range(MAX_PORT_WAYS.bit_length())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A region that can be made now.

    ``devices`` are in position order; ``sets`` says how many sets of devices would do for these
    ways. ``size`` is the largest possible, bytes.
    """

    window: int
    decoder: str
    mode: str
    devices: tuple[str, ...]
    granularities: tuple[int, ...]
    size: int
    sets: int

    @property
    def ways(self) -> int:
        """Number of devices."""
        return len(self.devices)

    @property
    def command(self) -> str:
        """The command that makes it, with the smallest granularity."""
        return (
            f"cxl create-region -m -t {self.mode} -d {self.decoder} -w {self.ways} "
            f"-g {self.granularities[0]} -s {self.size >> 20}M {' '.join(self.devices)}"
        )


class _Branch:
    """What lies below a port, or a device: how many sets of ``count`` devices it can give."""

    def __init__(self, fabric: Fabric, devices: Sequence[str], depth: int) -> None:
        self._fabric, self._devices, self._depth = fabric, devices, depth
        self._counts: dict[int, int] = {}

    @cached_property
    def ports(self) -> list[_Branch] | None:
        """The branches of its downstream ports in bus order; None for a device."""
        groups: dict[str, list[str]] = {}
        for device in self._devices:
            path = self._fabric.paths[device]
            if self._depth == len(path):
                return None
            groups.setdefault(path[self._depth].dport, []).append(device)
        return [_Branch(self._fabric, g, self._depth + 1) for g in groups.values()]

    def count(self, wanted: int) -> int:
        """Return how many sets of ``wanted`` devices can be interleaved here."""
        if wanted not in self._counts:
            self._counts[wanted] = self._count(wanted)
        return self._counts[wanted]

    def _count(self, wanted: int) -> int:
        if self.ports is None:
            return int(wanted == 1)
        total = 0
        for fan in _FAN_OUTS:
            if wanted % fan == 0:
                sums = [1] + [0] * fan
                for port in self.ports:
                    ways = port.count(wanted // fan)
                    for chosen in range(fan, 0, -1):
                        sums[chosen] += sums[chosen - 1] * ways
                total += sums[fan]
        return total

    def orders(self, wanted: int) -> Iterator[tuple[str, ...]]:
        """Yield sets of ``wanted`` devices in the order they take positions, widest first."""
        if self.ports is None:
            yield (self._devices[0],)
            return
        for fan in _FAN_OUTS:
            if wanted % fan:
                continue
            able = [p for p in self.ports if p.count(wanted // fan)]
            for chosen in combinations(able, fan):
                yield from _combined(chosen, wanted // fan)


def _combined(branches: Sequence[_Branch], wanted: int) -> Iterator[tuple[str, ...]]:
    """Yield orders with ``wanted`` devices of every branch, dealt out in turn."""
    for parts in product(*(tuple(islice(b.orders(wanted), _MOST)) for b in branches)):
        yield _deal(parts)


def _deal(parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Take one of each part in turn."""
    return tuple(device for row in zip(*parts, strict=True) for device in row)


def order_of(fabric: Fabric, root: Root, devices: Sequence[str]) -> tuple[str, ...] | None:
    """Return the order in which a window takes a set of devices, None if it takes it in none.

    Interleave arithmetic only: capacity, decoders in use and granularity are not looked at.
    """
    found = next(_window_orders(fabric, root, devices, len(devices)), None)
    return found if found is not None and set(found) == set(devices) else None


def _bridges(fabric: Fabric, root: Root, devices: Sequence[str]) -> list[_Branch] | None:
    """Return what lies below each bridge of a window; None when one is listed twice."""
    if len(set(root.bridges)) != len(root.bridges):
        return None
    return [
        _Branch(fabric, [d for d in devices if fabric.bridge_of.get(d) == bridge], 0)
        for bridge in root.bridges
    ]


def _window_orders(
    fabric: Fabric, root: Root, devices: Sequence[str], ways: int
) -> Iterator[tuple[str, ...]]:
    each, rest = divmod(ways, root.entry.ways)
    bridges = _bridges(fabric, root, devices)
    if rest or ways not in REGION_WAYS or not power_of_two(each) or bridges is None:
        return
    if not all(b.count(each) for b in bridges):
        return
    yield from _combined(bridges, each)


def _window_sets(fabric: Fabric, root: Root, devices: Sequence[str], ways: int) -> int:
    total = 1
    for bridge in _bridges(fabric, root, devices) or ():
        total *= bridge.count(ways // root.entry.ways)
    return total


def granularities_of(fabric: Fabric, root: Root, devices: Sequence[str]) -> tuple[int, ...]:
    """Return the granularities a window can interleave ordered devices with (A37, A38, A42)."""
    dports: dict[str, set[str]] = {}
    for device in devices:
        for hop in fabric.paths[device]:
            dports.setdefault(hop.port, set()).add(hop.dport)
    root_ways = root.entry.ways
    if not power_of_two(root_ways):
        root_ways //= 3
    factors: dict[str, tuple[int, int]] = {}
    for device in devices:
        factor = root_ways
        for hop in fabric.paths[device]:
            factors[hop.port] = (len(dports[hop.port]), factor)
            factor *= len(dports[hop.port])
    wanted = (root.granularity,) if root.entry.ways > 1 else GRANULARITIES
    return tuple(
        g
        for g in wanted
        if interleaves(len(devices), g)
        and all(
            granularity_is_legal(g * factor) and interleaves(ways, g * factor)
            for ways, factor in factors.values()
        )
    )


def offers(
    state: State, firmware: Firmware, *, window: int | None = None, limit: int = 4
) -> tuple[Offer, ...]:
    """Return regions that can be made now, for every window, kind of memory and number of ways.

    Parameters
    ----------
    state : the machine.
    firmware : what it was booted from.
    window : only this CFMWS, None for all.
    limit : at most so many sets of devices for the same window, kind and ways.
    """
    machine = machine_of(firmware)
    kernel = Kernel(machine, state.live)
    found: list[Offer] = []
    for root in machine.fabric.roots:
        if window is not None and root.window != window:
            continue
        for mode, allowed in (("ram", root.entry.volatile), ("pmem", root.entry.persistent)):
            if allowed:
                found += _offers(kernel, state, root, mode, limit)
    return tuple(found)


def _offers(kernel: Kernel, state: State, root: Root, mode: str, limit: int) -> Iterator[Offer]:
    fabric = kernel.machine.fabric
    usable = _usable(kernel, root, mode)
    room = max((end - start for start, end in free_extents(kernel, root)), default=0)
    for ways in sorted(REGION_WAYS):
        orders = _window_orders(fabric, root, tuple(usable), ways)
        sets = 0
        for order in islice(orders, limit):
            sets = sets or _window_sets(fabric, root, tuple(usable), ways)
            share = min(*(usable[d] for d in order), room // ways) // DPA_ALIGN * DPA_ALIGN
            granularities = granularities_of(fabric, root, order)
            if not share or not granularities:
                continue
            offer = Offer(
                window=root.window,
                decoder=root.name,
                mode=mode,
                devices=order,
                granularities=granularities,
                size=share * ways,
                sets=sets,
            )
            if works(kernel, state, offer.command):
                yield offer


def works(kernel: Kernel, state: State, command: str) -> bool:
    """Return whether ``cxl create-region`` would take a command, tried on a copy."""
    return not create_region(Kernel(kernel.machine, state.live), command.split()[2:]).exit


def _usable(kernel: Kernel, root: Root, mode: str) -> dict[str, int]:
    """Return the devices a new region of a window can use, with their free capacity."""
    start = place(kernel, root, DPA_ALIGN)
    if start is None:
        return {}
    region = LiveRegion(id=-1, root=root.number, mode=mode, start=start)
    fabric = kernel.machine.fabric
    found: dict[str, int] = {}
    for device in fabric.below(root):
        number = free_decoder(kernel, device)
        if number is None or any(not d.size for d in decoders_of(kernel, device)[:number]):
            continue
        if any(port_refusal(kernel, hop.port, region) for hop in fabric.paths[device]):
            continue
        free = free_capacity(kernel, device, mode)
        if free >= DPA_ALIGN:
            found[device] = free
    return found
