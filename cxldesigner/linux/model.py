"""What Linux makes of a machine: values only. All are derived, none is edited.

Page counts are 4 KiB pages, sizes and addresses bytes, latencies ns, bandwidths MB/s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cxldesigner.document.model import Document, Perf
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.live import Live
from cxldesigner.linux.severity import Severity as Severity  # noqa: PLC0414  its users look here


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a fact is as it is: one step towards its cause.

    ``text`` is an English sentence template with ``{}`` places filled from ``args``; ``rule`` the
    rule id (``A12``); ``items`` the document ids it names; ``place`` e.g. ``CEDT+0x98``.
    """

    text: str
    args: tuple[str, ...] = ()
    rule: str = ""
    items: tuple[str, ...] = ()
    place: str = ""

    def __str__(self) -> str:
        return self.text.format(*self.args)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake or trap in the platform, in the user's words.

    ``rule`` is ``CXL-V008`` or ``P22``; ``text`` / ``mend`` are English templates with ``{}``
    filled from ``args`` (so that the GUI can translate the template); ``items`` are document ids
    to select; ``source`` names the rule or kernel function.
    """

    rule: str
    severity: Severity
    text: str
    args: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    mend: str = ""
    source: str = ""

    def __str__(self) -> str:
        return self.text.format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One populated zone of a node, in pages (B1, C5, C7).

    ``managed_known`` False: ``managed`` is an estimate (boot reservations are not drawable), and so
    are the marks. ``reserves``: lowmem_reserve by class DMA, DMA32, Normal, Movable.
    """

    name: str
    start_pfn: int
    spanned: int
    present: int
    managed: int
    min: int = 0
    low: int = 0
    high: int = 0
    promo: int = 0
    reserves: tuple[int, int, int, int] = (0, 0, 0, 0)
    managed_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRange:
    """Consecutive memory blocks of one node in one state.

    ``state`` ``online``/``offline``; ``zone`` is the zone they are in, or for an offline block the
    text of ``valid_zones`` (``Normal Movable``); ``none`` for a block across two zones.
    ``region`` is "" for boot memory.
    """

    first: int
    count: int
    state: str
    zone: str
    region: str = ""


class NodeKind(StrEnum):
    """What a node is to a reader: where its memory comes from."""

    DRAM = "dram"
    MEMORY = "memory"
    CXL = "cxl"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One possible NUMA node.

    ``pxm`` may be made up (A12). ``distance`` maps *every possible* node id to the value in force.
    ``fallback``: node ids of its zonelist (C3), only nodes with memory. ``tier``: memory tier id,
    None without online memory. ``access0``/``access1`` None when the kernel publishes none.
    ``items``: document ids this node comes from (sockets, memory, windows, devices).
    """

    id: int
    pxm: int
    kind: NodeKind
    made_up_pxm: bool = False
    cpus: tuple[int, ...] = ()
    online: bool = False
    generic_initiator: bool = False
    size_bytes: int = 0
    distance: Mapping[int, int] = field(default_factory=dict)
    fallback: tuple[int, ...] = ()
    zones: tuple[Zone, ...] = ()
    blocks: tuple[BlockRange, ...] = ()
    tier: int | None = None
    adistance: int | None = None
    access0: Perf | None = None
    access1: Perf | None = None
    demotion_preferred: tuple[int, ...] = ()
    demotion_fallback: tuple[int, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def has_memory(self) -> bool:
        """Whether any block is online (N_MEMORY, A17)."""
        return any(z.present for z in self.zones)

    @property
    def has_normal_memory(self) -> bool:
        """Whether any zone but MOVABLE has pages (N_NORMAL_MEMORY, A17)."""
        return any(z.present for z in self.zones if z.name != "Movable")

    @property
    def managed(self) -> int:
        """Pages the allocator has on this node."""
        return sum(z.managed for z in self.zones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A CXL region: a span of a window, served by endpoint decoders in target order."""

    name: str
    window: int
    resource: int
    size: int
    type: str
    ways: int
    granularity: int
    targets: tuple[str, ...]
    committed: bool = True
    node: int | None = None
    qos_class_mismatch: bool = False
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dax:
    """A dax device of a region. ``mode``: ``system-ram`` or ``devdax``; ``zone`` "" if offline."""

    name: str
    region: str
    size: int
    node: int
    mode: str = "system-ram"
    zone: str = ""
    online_blocks: int = 0
    total_blocks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """A committed decoder at one port for one region: what goes through this link."""

    item: str
    region: str
    ways: int
    granularity: int
    dpa_start: int = 0
    dpa_size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The machine at one moment.

    ``tiers``: tier id -> node ids. ``settings``: sysfs / sysctl values in force by path.
    ``iomem``: lines as in ``/proc/iomem``. ``reasons``: fact name -> chain of reasons, nearest
    first; fact names are ``node.2``, ``node.2.tier``, ``node.2.distance.0``, ``region0``, ….
    ``side_caches``: (level, size, line size, indexing, write policy) by node;
    ``access_initiators``: nodes linked to access class 0 and 1. ``live`` is what the next action
    starts from.
    """

    kernel: str
    nodes: Mapping[int, Node] = field(default_factory=dict)
    tiers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    dax: tuple[Dax, ...] = ()
    decoders: tuple[Decoder, ...] = ()
    block_bytes: int = 128 << 20
    settings: Mapping[str, str] = field(default_factory=dict)
    iomem: tuple[str, ...] = ()
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    side_caches: Mapping[int, tuple[tuple[int, int, int, int, int], ...]] = field(
        default_factory=dict
    )
    access_initiators: Mapping[int, tuple[tuple[int, ...], tuple[int, ...]]] = field(
        default_factory=dict
    )
    live: Live = field(default_factory=Live)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """One host action's outcome: exit code and the error text the tool prints (empty if 0)."""

    command: str
    exit: int = 0
    output: str = ""
    rule: str = ""


class Moment:
    """State after boot (label ``boot``) or after some host actions.

    Compared by identity. ``state`` is a value, or a function that makes it when first asked for:
    of many moments a reader looks at few.
    """

    __slots__ = ("_state", "label", "results")

    def __init__(
        self,
        *,
        label: str,
        state: State | Callable[[], State],
        results: tuple[ActionResult, ...] = (),
    ) -> None:
        self.label = label
        self.results = results
        self._state = state

    @property
    def state(self) -> State:
        """The machine at this moment."""
        if not isinstance(self._state, State):
            self._state = self._state()
        return self._state


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Everything derived from one document: :func:`cxldesigner.linux.derive.derive`.

    ``moments`` has one entry for boot, one for every action that names or ends a moment (without
    ``# moment:`` lines: one after each action). ``current`` is the last.
    """

    document: Document
    firmware: Firmware
    moments: tuple[Moment, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def current(self) -> State:
        """The state after all host actions."""
        return self.moments[-1].state
