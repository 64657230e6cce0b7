"""The platform document: everything a ``.cxld`` file holds, as frozen values.

A document is immutable; an edit (:mod:`cxldesigner.document.edits`) returns a new one that shares
what did not change. Order carries meaning: the order of sockets and memory parts is the order of
the SRAT, the order of host bridges that of the CHBS entries, the order of windows that of the
CFMWS entries (Linux numbers nodes by it: A9, A12). Mappings are plain ``dict`` by contract never
mutated after construction.

Sizes and addresses are bytes, latencies ns, bandwidths MB/s (10^6), link speeds GT/s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MIB = 1 << 20
GIB = 1 << 30


class Restriction(StrEnum):
    """What a window may hold; the CFMWS restriction bits of A3, in bit order."""

    TYPE2 = "type2"
    TYPE3 = "type3"
    VOLATILE = "volatile"
    PERSISTENT = "persistent"
    FIXED = "fixed"
    BACK_INVALIDATE = "back-invalidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Perf:
    """Access figures of one piece of memory or one hop: ns and MB/s; 0 means unknown."""

    read_latency_ns: int = 0
    write_latency_ns: int = 0
    read_bandwidth_mbps: int = 0
    write_bandwidth_mbps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A processor package with its boot DRAM: one proximity domain.

    ``pxm`` None takes the lowest free number in document order. ``base`` None lets the firmware
    compiler lay the memory out like a PC (hole below 4 GiB). ``perf`` is the HMAT figure from the
    socket's own CPUs; it is written to an HMAT only if the host has ``hmat`` on.
    """

    id: str
    name: str = ""
    cpus: int = 1
    dram_bytes: int = 0
    pxm: int | None = None
    base: int | None = None
    perf: Perf = Perf()
    preset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryDomain:
    """Boot memory without CPUs: an HBM stack, an SNC slice without cores, a far DIMM.

    Attached to a socket by a link (its initiator). ``hotplug`` marks the SRAT range hot-pluggable,
    ``specific_purpose`` sets EFI_MEMORY_SP (soft-reserved, left to hmem), ``cache_bytes`` is a
    memory-side cache in front of it (0: none).
    """

    id: str
    name: str = ""
    size_bytes: int = 0
    pxm: int | None = None
    base: int | None = None
    hotplug: bool = False
    specific_purpose: bool = False
    cache_bytes: int = 0
    perf: Perf = Perf()
    preset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostBridge:
    """A CXL host bridge (ACPI0016). ``uid`` None: assigned by the compiler (A1, ``_UID``).

    ``pxm``: the ``_PXM`` of its PCI devices, None when firmware gives none.
    ``generic_port_pxm``: proximity domain of an SRAT generic-port entry, None for none (A22);
    ``perf`` are the HMAT figures CPU -> generic port, used only with a generic port.
    ``hdm_decoders`` 0 = pass-through when it has a single root port (A45).
    """

    id: str
    name: str = ""
    uid: int | None = None
    bus: int | None = None
    pxm: int | None = None
    cxl_version: int = 1
    hdm_decoders: int = 4
    chbs: bool = True
    generic_port_pxm: int | None = None
    perf: Perf = Perf()
    preset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootPort:
    """A root port of a host bridge: port number, fastest speed and widest link it can train."""

    id: str
    name: str = ""
    number: int | None = None
    speed_gts: float = 32.0
    width: int = 16
    preset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A CXL switch: one upstream port and ``downstream`` downstream ports ``d0 … dN-1``.

    ``perf`` is its CDAT SSLBIS figure, upstream port to any downstream port.
    """

    id: str
    name: str = ""
    downstream: int = 4
    speed_gts: float = 32.0
    width: int = 16
    hdm_decoders: int = 4
    perf: Perf = Perf()
    serial: int = 0
    preset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A CXL memory device. Type 3 with volatile and/or persistent capacity (DPA: volatile first).

    ``perf`` is its CDAT DSLBIS figure (the whole device; persistent falls back to it when
    ``pmem_perf`` is unknown). ``qos_class`` None: the platform's QTG answer is taken (A26).
    """

    id: str
    name: str = ""
    type: int = 3
    volatile_bytes: int = 0
    persistent_bytes: int = 0
    serial: int = 0
    speed_gts: float = 32.0
    width: int = 8
    hdm_decoders: int = 4
    perf: Perf = Perf()
    pmem_perf: Perf = Perf()
    preset: str = ""


Part = Socket | MemoryDomain | HostBridge | RootPort | Switch | Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A connection of two typed ports, written ``part:port`` (:mod:`cxldesigner.document.ports`).

    ``upstream`` is the end nearer the CPU. ``speed_gts``/``width`` None: the best both ends can;
    a value below that is a degraded link.
    """

    id: str
    upstream: str
    downstream: str
    speed_gts: float | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A fixed memory window of the CEDT (CFMWS, A2). ``base`` None: placed by the compiler.

    ``targets`` are host-bridge part ids in interleave order, one per way. ``ways`` None means
    ``len(targets)``; another value is kept so that broken firmware can be drawn.
    ``srat_pxm``: proximity domain of an SRAT range covering the first ``srat_bytes`` of the window
    (None: not covered, A12; ``srat_bytes`` None: all of it).
    """

    id: str
    name: str = ""
    base: int | None = None
    size_bytes: int = 0
    targets: tuple[str, ...] = ()
    ways: int | None = None
    granularity: int = 256
    arithmetic: int = 0
    restrictions: tuple[Restriction, ...] = (
        Restriction.TYPE3,
        Restriction.VOLATILE,
        Restriction.PERSISTENT,
    )
    qtg_id: int = 0
    srat_pxm: int | None = None
    srat_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """One SLIT entry between two proximity domains, by id (socket, memory, host bridge, window)."""

    a: str
    b: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFigure:
    """One HMAT latency/bandwidth row: CPUs of ``initiator`` to memory of ``target`` (part ids)."""

    initiator: str
    target: str
    perf: Perf


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRange:
    """One range of the firmware memory map, ``end`` exclusive.

    ``kind``: ``ram``, ``reserved``, ``acpi`` or ``soft-reserved`` (EFI_MEMORY_SP).
    """

    start: int
    end: int
    kind: str = "ram"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedRegion:
    """A volatile region that firmware committed before the kernel started (A19, A43).

    ``devices`` are part ids in position order, ``offset`` is counted from the window's base.
    ``memory`` is what the memory map calls the range: ``soft-reserved`` leaves it to drivers,
    ``ram`` makes it boot memory.
    """

    window: str
    devices: tuple[str, ...]
    size_bytes: int
    offset: int = 0
    granularity: int = 256
    memory: str = "soft-reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTable:
    """Firmware bytes kept verbatim from an import, and what we would have written at that time.

    As long as the compiler still produces bytes with digest ``generated_sha256`` for this table,
    nothing it describes was edited and ``raw`` is used instead.
    """

    signature: str
    raw: bytes
    generated_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Settings of the machine as a whole.

    ``hotplug_bytes``: an enabled, hot-pluggable SRAT range above boot memory in the last domain
    (what QEMU's ``maxmem`` makes). ``srat`` / ``slit`` / ``hmat``: whether firmware writes the
    table. ``distances`` None entries default to 10 / 20. ``memory_map`` None: made by the
    compiler. ``virtual_machine``: the kernel sees the hypervisor flag (P1). ``committed``: regions
    made by firmware.
    """

    kernel: str = "6.12"
    cmdline: str = ""
    srat: bool = True
    slit: bool = True
    hmat: bool = False
    hotplug_bytes: int = 0
    distances: tuple[Distance, ...] = ()
    access: tuple[AccessFigure, ...] = ()
    memory_map: tuple[MemoryRange, ...] | None = None
    window_base: int | None = None
    virtual_machine: bool = False
    committed: tuple[CommittedRegion, ...] = ()


# --- scenario -------------------------------------------------------------------------------


class PolicyMode(StrEnum):
    """Memory policy modes of C15-C22, by their ``numactl``/kernel names."""

    DEFAULT = "default"
    PREFERRED = "preferred"
    BIND = "bind"
    INTERLEAVE = "interleave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A task's memory policy: mode and node ids of the derived machine (empty for default)."""

    mode: PolicyMode = PolicyMode.DEFAULT
    nodes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One stretch of a process: which workload generator runs, from when, for how long.

    ``parameters`` are the generator's own (:mod:`cxldesigner.workloads`), plain numbers.
    ``bytes`` is the size of the memory area the phase works on.
    """

    workload: str
    start_ms: int = 0
    duration_ms: int = 10_000
    bytes: int = 64 * MIB
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A program: where its CPUs are (socket part id), its policy, its phases."""

    id: str
    name: str = ""
    socket: str = ""
    policy: Policy = Policy()
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvent:
    """A host action at a moment of the run, as the command a person would type."""

    at_ms: int
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Processes and events to play on the platform, with the kernel knobs they run under.

    ``granule_pages``: 4 KiB pages one simulated page stands for (1 = exact). ``kswapd``: ``off``,
    ``immediate`` or ``deferred`` (M5). ``swap_bytes`` 0 = no swap.
    """

    id: str
    name: str = ""
    story: str = ""
    seed: int = 1
    tick_ms: int = 100
    duration_ms: int = 60_000
    granule_pages: int = 1
    demotion: bool = False
    numa_balancing: int = 0
    promote_rate_limit_mbps: int = 65536
    kswapd: str = "deferred"
    lru: str = "classic"
    page_tables: bool = True
    min_free_kbytes: int | None = None
    watermark_scale_factor: int = 10
    swap_bytes: int = 0
    processes: tuple[Process, ...] = ()
    events: tuple[TimedEvent, ...] = ()


# --- layout ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """Top-left corner of a part on the canvas, in canvas units."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One platform: drawing, host settings, host actions, scenarios, layout, notes.

    ``actions`` are shell lines run after boot, in order (``cxl create-region …``,
    ``daxctl …``, ``echo … > /sys/…``); a line ``# moment: NAME`` names the moment after the line
    before it. Devices are named in them by their part id.
    ``layout`` maps part and window ids to positions and never influences the derivation.
    """

    name: str = "Untitled platform"
    notes: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    windows: Mapping[str, Window] = field(default_factory=dict)
    host: Host = Host()
    actions: tuple[str, ...] = ()
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    tables: tuple[ImportedTable, ...] = ()
    layout: Mapping[str, Point] = field(default_factory=dict)
