"""What the kernel holds between two host actions: the dynamic half of a :class:`State`.

All values are frozen; :class:`cxldesigner.linux.kernel.Kernel` works on a copy and freezes it.
Blocks are memory-block numbers, pages 4 KiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxldesigner.document.model import Perf


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpan:
    """One zone of one node: pfn span, pages and watermarks. ``early``: present since boot."""

    start: int
    end: int
    present: int
    managed: int
    early: int = 0
    min: int = 0
    low: int = 0
    high: int = 0
    promo: int = 0
    known: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive hot-added blocks in one zone; ``zone`` "" = offline."""

    first: int
    count: int
    zone: str = ""


@dataclass(frozen=True, slots=True)
class MapHome:
    """A hot-added block that holds ``size`` bytes of the memory map of other memory."""

    block: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HotMemory:
    """Memory a dax device hot-added: one static memory group (A44, B10).

    ``altmap`` pages of each block hold its own memory map (B17), else ``map_homes`` are the
    hot-added blocks that hold it. ``leaked`` is the name of a dax device that went away while some
    of its blocks were online: the memory stays until the next boot.
    """

    dax: str
    region: str
    node: int
    runs: tuple[Run, ...]
    altmap: int = 0
    map_homes: tuple[MapHome, ...] = ()
    leaked: str = ""

    @property
    def first(self) -> int:
        """Lowest block."""
        return self.runs[0].first

    @property
    def count(self) -> int:
        """All blocks, online or not."""
        return sum(r.count for r in self.runs)

    @property
    def online(self) -> int:
        """Online blocks."""
        return sum(r.count for r in self.runs if r.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDecoder:
    """DPA held by an endpoint decoder; ``region`` "" while it is in none (A41)."""

    start: int = 0
    size: int = 0
    skip: int = 0
    mode: str = ""
    region: str = ""
    committed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PortDecoder:
    """A decoder of a host bridge or switch for one region."""

    region: str
    ways: int = 1
    granularity: int = 256
    targets: tuple[str, ...] = ()
    committed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRegion:
    """A region device. ``targets`` are (device id, decoder number) in position order."""

    id: int
    root: int
    mode: str
    start: int = 0
    size: int = 0
    ways: int = 1
    granularity: int = 256
    targets: tuple[tuple[str, int], ...] = ()
    committed: bool = False
    enabled: bool = False
    access: tuple[Perf, Perf] = (Perf(), Perf())

    @property
    def name(self) -> str:
        """Its device name."""
        return f"region{self.id}"

    @property
    def end(self) -> int:
        """First address above it."""
        return self.start + self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDax:
    """A dax device over bytes ``[start, start + size)``; ``driver`` ``kmem``, ``devdax``."""

    name: str
    region: str
    start: int
    size: int
    node: int
    driver: str
    persistent: bool = False
    memmap_on_memory: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Dynamic state. Keys: zones by (node, name), endpoint decoders by device id and number.

    ``memory_type`` is the abstract distance and use count a node's devices gave it, ``tier`` the
    distance of each node that is in a tier, ``attributes`` the access classes the CXL driver
    published, ``next_region`` the region id each root decoder hands out next.
    ``not_assembled``: firmware's regions, by index, that were not rebuilt, and the rule.
    ``huge_pages``: whether khugepaged runs and raises ``min_free_kbytes`` (C6).
    ``log`` are the kernel's messages about fallback order and demotion targets.
    """

    zones: Mapping[tuple[int, str], ZoneSpan] = field(default_factory=dict)
    hot: tuple[HotMemory, ...] = ()
    online: frozenset[int] = frozenset()
    regions: Mapping[str, LiveRegion] = field(default_factory=dict)
    next_region: Mapping[int, int] = field(default_factory=dict)
    region_ids: frozenset[int] = frozenset()
    endpoints: Mapping[str, tuple[EndpointDecoder, ...]] = field(default_factory=dict)
    ports: Mapping[str, tuple[PortDecoder, ...]] = field(default_factory=dict)
    dax: Mapping[str, LiveDax] = field(default_factory=dict)
    namespaces: Mapping[str, str] = field(default_factory=dict)
    memory_type: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    tier: Mapping[int, int] = field(default_factory=dict)
    attributes: Mapping[int, tuple[Perf, Perf]] = field(default_factory=dict)
    fallback: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    node_load: Mapping[int, int] = field(default_factory=dict)
    demotion: Mapping[int, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    min_kbytes: int = 0
    user_min_kbytes: int = -1
    settings: Mapping[str, str] = field(default_factory=dict)
    booted: bool = False
    huge_pages: bool = False
    not_assembled: Mapping[int, str] = field(default_factory=dict)
    log: tuple[str, ...] = ()
