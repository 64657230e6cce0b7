"""A working copy of the kernel's state: onlining and offlining blocks with all that follows.

Made from a :class:`Live`, changed by one action, frozen again. After every block the kernel
recomputes watermarks from the marks then in force (C6, M4); a long range is therefore replayed
block by block only at its ends, which gives the same numbers at a bounded cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cxldesigner.document.model import Perf
from cxldesigner.linux.hmat import DRAM_ADISTANCE, adistance, tier_of
from cxldesigner.linux.live import HotMemory, Live, LiveRegion, ZoneSpan
from cxldesigner.linux.machine import Machine
from cxldesigner.linux.ranges import ranges_text
from cxldesigner.linux.watermarks import (
    automatic_min_kbytes,
    free_buffer_pages,
    recommended_min_kbytes,
    zone_marks,
)
from cxldesigner.linux.zonelist import build_list, build_lists, preferred_targets

_REPLAYED_BLOCKS = 6


def _chunks(count: int) -> Iterator[int]:
    """Yield how many blocks to account at once: the first and the last few one by one."""
    if count <= _REPLAYED_BLOCKS + 1:
        yield from (1 for _ in range(count))
        return
    yield 1
    yield count - 1 - _REPLAYED_BLOCKS
    yield from (1 for _ in range(_REPLAYED_BLOCKS))


class Kernel:
    """Mutable working copy; attributes as in :class:`Live`."""

    def __init__(self, machine: Machine, live: Live) -> None:
        self.machine = machine
        self.zones = dict(live.zones)
        self.hot = list(live.hot)
        self.online = set(live.online)
        self.regions = dict(live.regions)
        self.next_region = dict(live.next_region)
        self.region_ids = set(live.region_ids)
        self.endpoints = dict(live.endpoints)
        self.ports = dict(live.ports)
        self.dax = dict(live.dax)
        self.namespaces = dict(live.namespaces)
        self.memory_type = dict(live.memory_type)
        self.tier = dict(live.tier)
        self.attributes = dict(live.attributes)
        self.fallback = dict(live.fallback)
        self.node_load = dict(live.node_load)
        self.demotion = dict(live.demotion)
        self.min_kbytes = live.min_kbytes
        self.user_min_kbytes = live.user_min_kbytes
        self.settings = dict(live.settings)
        self.booted = live.booted
        self.huge_pages = live.huge_pages
        self.not_assembled = dict(live.not_assembled)
        self.log = list(live.log)

    def freeze(self) -> Live:
        """Return the state as a value."""
        return Live(
            zones=self.zones,
            hot=tuple(self.hot),
            online=frozenset(self.online),
            regions=self.regions,
            next_region=self.next_region,
            region_ids=frozenset(self.region_ids),
            endpoints=self.endpoints,
            ports=self.ports,
            dax=self.dax,
            namespaces=self.namespaces,
            memory_type=self.memory_type,
            tier=self.tier,
            attributes=self.attributes,
            fallback=self.fallback,
            node_load=self.node_load,
            demotion=self.demotion,
            min_kbytes=self.min_kbytes,
            user_min_kbytes=self.user_min_kbytes,
            settings=self.settings,
            booted=self.booted,
            huge_pages=self.huge_pages,
            not_assembled=self.not_assembled,
            log=tuple(self.log),
        )

    # --- nodes ------------------------------------------------------------------------------

    @property
    def memory_nodes(self) -> frozenset[int]:
        """Nodes with online memory (N_MEMORY)."""
        return frozenset(node for (node, _), z in self.zones.items() if z.present)

    @property
    def _cpu_nodes(self) -> frozenset[int]:
        """Nodes whose CPUs are up: none yet when the first lists are built."""
        return frozenset(self.machine.numa.cpus) if self.booted else frozenset()

    def build_all_lists(self) -> None:
        """Rebuild the fallback lists of all possible nodes (C3)."""
        numa = self.machine.numa
        lists, self.node_load = build_lists(
            numa.possible, self.memory_nodes, self._cpu_nodes, numa.distance
        )
        self.fallback = dict(lists)
        for node, order in lists.items():
            self._log_list(node, order)

    def bring_node_online(self, node: int) -> None:
        """Prepare a node for its first hot-added memory: only its own list is built."""
        if node in self.online:
            return
        numa = self.machine.numa
        self.node_load = {}
        self.fallback[node] = build_list(
            node, self.memory_nodes, self._cpu_nodes, numa.distance, self.node_load
        )
        self._log_list(node, self.fallback[node])
        self.online.add(node)

    def drop_node(self, node: int) -> None:
        """Take a node offline that has neither blocks nor CPUs left."""
        boot = node in self.machine.numa.cpus or any(z.node == node for z in self.machine.zones)
        if boot or any(h.node == node for h in self.hot):
            return
        self.online.discard(node)
        self.attributes.pop(node, None)

    def _log_list(self, node: int, order: tuple[int, ...]) -> None:
        self.log.append(f"Fallback order for Node {node}: " + "".join(f"{n} " for n in order))

    # --- zones and marks --------------------------------------------------------------------

    def online_blocks(self, node: int, first: int, count: int, zone: str, altmap: int = 0) -> None:
        """Put blocks ``[first, first + count)`` of ``node`` into a zone (B11)."""
        pages = self.machine.block_pages
        at = first
        for blocks in _chunks(count):
            empty = not self._zone(node, zone).present
            first_memory = node not in self.memory_nodes
            old = self._zone(node, zone)
            start, end = at * pages, (at + blocks) * pages
            self.zones[node, zone] = replace(
                old,
                start=min(old.start, start) if old.end else start,
                end=max(old.end, end),
                present=old.present + blocks * pages,
                managed=old.managed + blocks * (pages - altmap),
            )
            if empty:
                self.build_all_lists()
            self.recompute_marks()
            if first_memory:
                self._publish_attributes(node)
                self._enter_tier(node)
            at += blocks

    def offline_blocks(self, node: int, first: int, count: int, zone: str, altmap: int = 0) -> None:
        """Take blocks out of their zone (E2.7)."""
        pages = self.machine.block_pages
        left = count
        for blocks in _chunks(count):
            old = self._zone(node, zone)
            left -= blocks
            present = old.present - blocks * pages
            self.zones[node, zone] = replace(
                old, present=present, managed=old.managed - blocks * (pages - altmap)
            )
            self.recompute_marks()
            if present <= 0:
                self.build_all_lists()
            if node not in self.memory_nodes:
                self._leave_tier(node)
        self._shrink(node, zone, first * pages, (first + count) * pages)

    def _zone(self, node: int, zone: str) -> ZoneSpan:
        empty = ZoneSpan(start=0, end=0, present=0, managed=0)
        return self.zones.get((node, zone), empty)

    def _shrink(self, node: int, zone: str, start: int, end: int) -> None:
        """Shrink a zone's span when blocks at its edge went (``shrink_zone_span``)."""
        old = self.zones[node, zone]
        if old.present <= 0:
            self.zones[node, zone] = ZoneSpan(start=0, end=0, present=0, managed=0)
            return
        if start > old.start and end < old.end:
            return
        pages = self.machine.block_pages
        spans = [
            (run.first * pages, (run.first + run.count) * pages)
            for hot in self.hot
            if hot.node == node
            for run in hot.runs
            if run.zone == zone and not (start <= run.first * pages < end)
        ]
        spans += [(z.start, z.end) for z in self.machine.zones if (z.node, z.name) == (node, zone)]
        if spans:
            self.zones[node, zone] = replace(
                old, start=min(s for s, _ in spans), end=max(e for _, e in spans)
            )

    def _lowmem(self) -> list[ZoneSpan]:
        return [z for (_, name), z in self.zones.items() if name != "Movable" and z.present]

    def recompute_marks(self) -> None:
        """Recompute ``min_free_kbytes`` and all marks after memory came or went (C5, C6, B11)."""
        chosen = automatic_min_kbytes(self._buffer_pages())
        if chosen > self.user_min_kbytes:
            self.min_kbytes = chosen
        self.set_marks()
        if self.huge_pages:
            wanted = recommended_min_kbytes(len(self._lowmem()), self._buffer_pages())
            self.min_kbytes = max(self.min_kbytes, wanted)
            self.set_marks()

    def _buffer_pages(self) -> int:
        return free_buffer_pages((z.managed, z.high) for z in self._lowmem())

    def set_marks(self) -> None:
        """Set all zones' watermarks from ``min_free_kbytes`` in force (C5)."""
        scale = int(self.settings.get("/proc/sys/vm/watermark_scale_factor", "10"))
        lowmem = sum(z.managed for z in self._lowmem())
        for key, zone in self.zones.items():
            if not zone.present:
                continue
            marks = zone_marks(
                zone.managed, key[1] == "Movable", self.min_kbytes // 4, lowmem, scale
            )
            if (zone.min, zone.low, zone.high) == (marks.min, marks.low, marks.high):
                continue
            # dataclasses.replace is slow, and this runs twice a block for all zones
            self.zones[key] = ZoneSpan(
                start=zone.start,
                end=zone.end,
                present=zone.present,
                managed=zone.managed,
                early=zone.early,
                known=zone.known,
                min=marks.min,
                low=marks.low,
                high=marks.high,
                promo=marks.promo,
            )

    # --- tiers ------------------------------------------------------------------------------

    def hmat_adistance(self, node: int) -> int | None:
        """Return the abstract distance HMAT gives a node, None if it gives none (A29, A31).

        A window's made-up domain may equal the domain of a generic port; HMAT then answers with
        the way to that port.
        """
        hmat = self.machine.hmat
        target = hmat.targets.get(self.machine.numa.pxm.get(node, -1))
        if target is None or not hmat.tiering:
            return None
        return adistance(target.access[1].perf, hmat.reference)

    def device_adistance(self, node: int, default: int) -> int:
        """Return the abstract distance of memory a device adds to a node (A31)."""
        found = self.hmat_adistance(node)
        if found is not None:
            return found
        for region in self._regions_on(node):
            value = adistance(region.access[1], self.machine.hmat.reference)
            if value is not None:
                return value
        return default

    def _regions_on(self, node: int) -> list[LiveRegion]:
        return [
            r for r in self.regions.values() if r.enabled and self.machine.node_at(r.start) == node
        ]

    def _enter_tier(self, node: int) -> None:
        """Put a node into its tier when its first block comes online (A32)."""
        if node not in self.memory_type:
            self.memory_type[node] = (self.device_adistance(node, DRAM_ADISTANCE), 1)
        self.tier[node] = self.memory_type[node][0]
        self.establish_demotion()

    def _leave_tier(self, node: int) -> None:
        if node not in self.tier:
            return
        del self.tier[node]
        if not any(h.node == node for h in self.hot):
            self.memory_type.pop(node, None)
        self.establish_demotion()

    def establish_demotion(self) -> None:
        """Recompute demotion targets of all nodes (A34)."""
        numa = self.machine.numa
        memory = sorted(self.memory_nodes)
        by_tier: dict[int, list[int]] = {}
        for node in memory:
            if node in self.tier:
                by_tier.setdefault(tier_of(self.tier[node]), []).append(node)
        order = sorted(by_tier)
        self.demotion = {}
        for node in memory:
            if node not in self.tier:
                continue
            slower = order[order.index(tier_of(self.tier[node])) + 1 :]
            preferred: tuple[int, ...] = ()
            if slower:
                preferred = preferred_targets(
                    node, by_tier[slower[0]], self._cpu_nodes, numa.distance, self.node_load
                )
            lower = tuple(sorted(n for t in slower for n in by_tier[t]))
            self.demotion[node] = (preferred, lower)
            text = (
                f"preferred: {ranges_text(preferred)}, fallback: {ranges_text(lower)}"
                if preferred
                else "null"
            )
            self.log.append(f"Demotion targets for Node {node}: {text}")

    def _publish_attributes(self, node: int) -> None:
        """Publish access classes of a node whose first memory comes online (A22)."""
        numa, hmat = self.machine.numa, self.machine.hmat
        access = next(
            (r.access for r in self._regions_on(node) if any(p != Perf() for p in r.access)), None
        )
        if node in numa.made_up:
            if access is not None:
                self.attributes[node] = access
            return
        target = hmat.targets.get(numa.pxm.get(node, -1))
        if target is None or target.pxm in {p for p, _ in hmat.ports.values()}:
            return
        self.attributes[node] = access or (target.access[0].perf, target.access[1].perf)

    # --- small helpers ----------------------------------------------------------------------

    def hot_of(self, dax: str) -> HotMemory | None:
        """Return the memory a dax device added, None if it is not system RAM."""
        return next((h for h in self.hot if h.dax == dax), None)

    def replace_hot(self, old: HotMemory, new: HotMemory | None) -> None:
        """Exchange or drop one hot-added range."""
        index = self.hot.index(old)
        self.hot[index : index + 1] = [] if new is None else [new]
