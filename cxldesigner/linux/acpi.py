"""The ACPI tables as the kernel reads them: one typed view of SRAT, SLIT, CEDT and HMAT.

Only what a rule of the derivation asks for is here, in the order of the tables, with the byte
offset of each structure so that a reason can name its place. Broken structures are left out, as
the kernel leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CpuEntry:
    """An enabled SRAT processor or x2APIC entry."""

    pxm: int
    apic_id: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class InitiatorEntry:
    """An enabled SRAT generic-initiator entry (A9)."""

    pxm: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """An enabled SRAT memory entry: bytes ``[start, end)`` of a proximity domain."""

    pxm: int
    start: int
    end: int
    hotplug: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PortEntry:
    """An enabled SRAT generic-port entry: the host bridge ``_UID`` its handle names (A22)."""

    pxm: int
    uid: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class BridgeEntry:
    """A CHBS of the CEDT (A1). ``version`` 0 is CXL 1.1."""

    uid: int
    version: int
    base: int
    length: int
    offset: int = 0

    @property
    def usable(self) -> bool:
        """Whether the driver takes the structure (A1)."""
        return self.base != 0 and (self.version != 0 or self.length == 8 << 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEntry:
    """A CFMWS of the CEDT (A2), codes decoded; ``ways`` / ``granularity`` 0 for an invalid code.

    ``restrictions`` is the raw bit field (A3), ``ways_code`` / ``granularity_code`` the raw codes,
    ``targets`` the list of host-bridge ``_UID`` values as far as the structure has room for them.
    """

    base: int
    size: int
    ways: int
    granularity: int
    arithmetic: int
    restrictions: int
    qtg: int
    targets: tuple[int, ...]
    ways_code: int = 0
    granularity_code: int = 0
    offset: int = 0

    @property
    def end(self) -> int:
        """First address above the window."""
        return self.base + self.size

    @property
    def type3(self) -> bool:
        """Bit 1: host-only coherent (Type 3) memory."""
        return bool(self.restrictions & 2)

    @property
    def volatile(self) -> bool:
        """Whether ``cxl`` calls it volatile capable: Type 3 and volatile bits (A3)."""
        return self.restrictions & 6 == 6

    @property
    def persistent(self) -> bool:
        """Whether ``cxl`` calls it pmem capable: Type 3 and persistent bits (A3)."""
        return self.restrictions & 10 == 10


@dataclass(frozen=True, slots=True)
class XorEntry:
    """A CXIMS of the CEDT: XOR maps for one granularity (A6)."""

    granularity: int
    maps: tuple[int, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class DomainEntry:
    """An HMAT proximity-domain structure: which processor domain is nearest to a memory domain."""

    memory: int
    processor: int | None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class LocalityEntry:
    """An HMAT locality structure of the memory hierarchy.

    ``data_type`` 0-2 access / read / write latency, 3-5 bandwidth. ``values`` maps (initiator
    domain, target domain) to ns or MB/s after A23, 0 where unknown.
    """

    data_type: int
    initiators: tuple[int, ...]
    values: Mapping[tuple[int, int], int]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """An HMAT memory-side cache of a memory domain; ``attributes`` is the raw field."""

    pxm: int
    size: int
    attributes: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcpiView:
    """All tables the derivation reads. ``slit`` None: no table; rows are square."""

    has_srat: bool = False
    has_hmat: bool = False
    has_cedt: bool = False
    first_pass: tuple[CpuEntry | InitiatorEntry, ...] = ()
    memory: tuple[MemoryEntry, ...] = ()
    ports: tuple[PortEntry, ...] = ()
    slit: tuple[tuple[int, ...], ...] | None = None
    bridges: tuple[BridgeEntry, ...] = ()
    windows: tuple[WindowEntry, ...] = ()
    xor: tuple[XorEntry, ...] = ()
    domains: tuple[DomainEntry, ...] = ()
    localities: tuple[LocalityEntry, ...] = ()
    caches: tuple[CacheEntry, ...] = ()
    problems: tuple[str, ...] = field(default=())
