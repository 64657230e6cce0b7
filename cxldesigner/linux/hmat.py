"""What the kernel takes from HMAT: figures of memory domains and generic ports (A22, A23, A29-A31).

A target is a proximity domain with memory in the SRAT, or one a generic port names. ``access0`` is
the best initiator of any kind, ``access1`` the best one with CPUs. Source:
``drivers/acpi/numa/hmat.c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxldesigner.document.model import Perf
from cxldesigner.linux.acpi import AcpiView, CacheEntry, LocalityEntry
from cxldesigner.linux.numa import NumaMap

DRAM_ADISTANCE = 4 * 128 + 64
DAX_ADISTANCE = 5 * DRAM_ADISTANCE
TIER_CHUNK = 128
_U32 = (1 << 32) - 1

_ACCESS_LATENCY, _READ_LATENCY, _WRITE_LATENCY = 0, 1, 2
_ACCESS_BANDWIDTH, _READ_BANDWIDTH, _WRITE_BANDWIDTH = 3, 4, 5
_INDEXING = {1: 0, 2: 1}
_WRITE_POLICY = {1: 0, 2: 1}


@dataclass(frozen=True, slots=True)
class Access:
    """Figures of one access class and the nodes that reach them (linked in sysfs)."""

    perf: Perf = field(default_factory=Perf)
    initiators: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SideCacheAttributes:
    """A memory-side cache as sysfs shows it. ``indexing`` / ``write_policy`` are its codes."""

    level: int
    size: int
    line_size: int
    indexing: int
    write_policy: int


@dataclass(frozen=True, slots=True)
class Target:
    """What HMAT says of one domain: access class 0 and 1, and its caches."""

    pxm: int
    access: tuple[Access, Access]
    caches: tuple[SideCacheAttributes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HmatFacts:
    """Targets by domain, generic ports by host bridge ``_UID`` and the DRAM reference (A30).

    ``tiering`` is False when HMAT gives no abstract distances (no reference, or DRAM nodes that
    differ by more than 10 %, then ``mismatch`` names them).
    """

    present: bool = False
    targets: Mapping[int, Target]
    ports: Mapping[int, tuple[int, tuple[Perf, Perf]]]
    reference: Perf | None = None
    reference_node: int | None = None
    mismatch: tuple[int, int] | None = None
    tiering: bool = False


NO_HMAT = HmatFacts(targets={}, ports={})


def read_hmat(acpi: AcpiView, numa: NumaMap, *, disabled: bool = False) -> HmatFacts:
    """Return the kernel's HMAT facts; nothing when the table is missing or NUMA is off."""
    if not acpi.has_hmat or disabled or not numa.enabled or not acpi.has_srat:
        return NO_HMAT
    slots = _locality_slots(acpi)
    nearest: dict[int, int] = {}
    domains = {m.pxm for m in acpi.memory}
    for entry in acpi.domains:
        if entry.processor is not None and entry.memory in domains:
            nearest[entry.memory] = entry.processor
    initiators = _initiators(acpi, numa)
    ports_by_pxm = {p.pxm: p.uid for p in acpi.ports}
    targets: dict[int, Target] = {}
    for pxm in (*dict.fromkeys(m.pxm for m in acpi.memory), *ports_by_pxm):
        if pxm in targets:
            continue
        caches = tuple(_cache(c) for c in acpi.caches if c.pxm == pxm)
        access = tuple(
            _access(pxm, nearest.get(pxm), initiators, slots, acpi, numa, cpus_only=cpus)
            for cpus in (False, True)
        )
        targets[pxm] = Target(pxm, (access[0], access[1]), caches)
    ports = {
        port.uid: (
            port.pxm,
            (
                _best(port.pxm, initiators, slots, cpus_only=False)[0],
                _best(port.pxm, initiators, slots, cpus_only=True)[0],
            ),
        )
        for port in acpi.ports
    }
    reference, node, mismatch, complete = _reference(targets, numa)
    return HmatFacts(
        present=True,
        targets=targets,
        ports=ports,
        reference=None if mismatch else reference,
        reference_node=node,
        mismatch=mismatch,
        tiering=reference is not None and complete,
    )


def adistance(perf: Perf, reference: Perf | None) -> int | None:
    """Return the abstract distance of memory against the reference DRAM (A29), None if unknown.

    The kernel's 32-bit unsigned arithmetic is kept, with its wrap-around.
    """
    latency = (perf.read_latency_ns + perf.write_latency_ns) & _U32
    bandwidth = (perf.read_bandwidth_mbps + perf.write_bandwidth_mbps) & _U32
    if reference is None or not latency or not bandwidth:
        return None
    dram_latency = (reference.read_latency_ns + reference.write_latency_ns) & _U32
    dram_bandwidth = (reference.read_bandwidth_mbps + reference.write_bandwidth_mbps) & _U32
    value = (DRAM_ADISTANCE * latency & _U32) // dram_latency
    value = (value * dram_bandwidth & _U32) // bandwidth
    return value - (1 << 32) if value >> 31 else value


def tier_of(distance: int) -> int:
    """Return the number of the memory tier of an abstract distance (A28)."""
    return distance // TIER_CHUNK


def _initiators(acpi: AcpiView, numa: NumaMap) -> dict[int, bool]:
    """Return the initiator domains HMAT names that have a node -> whether it has CPUs."""
    known = {pxm: node for node, pxm in numa.pxm.items() if node not in numa.made_up}
    return {
        pxm: known[pxm] in numa.cpus
        for entry in acpi.localities
        for pxm in sorted(entry.initiators)
        if pxm in known
    }


def _locality_slots(acpi: AcpiView) -> tuple[LocalityEntry | None, ...]:
    """Return the structures in force: write latency, read latency, write and read bandwidth."""
    slots: list[LocalityEntry | None] = [None, None, None, None]
    wanted = {
        _ACCESS_LATENCY: (0, 1),
        _WRITE_LATENCY: (0,),
        _READ_LATENCY: (1,),
        _ACCESS_BANDWIDTH: (2, 3),
        _WRITE_BANDWIDTH: (2,),
        _READ_BANDWIDTH: (3,),
    }
    for entry in acpi.localities:
        for slot in wanted.get(entry.data_type, ()):
            slots[slot] = entry
    return tuple(slots)


def _put(perf: dict[str, int], data_type: int, value: int) -> None:
    kind = "latency_ns" if data_type < _ACCESS_BANDWIDTH else "bandwidth_mbps"
    if data_type not in {_WRITE_LATENCY, _WRITE_BANDWIDTH}:
        perf[f"read_{kind}"] = value
    if data_type not in {_READ_LATENCY, _READ_BANDWIDTH}:
        perf[f"write_{kind}"] = value


def _best(
    pxm: int,
    initiators: Mapping[int, bool],
    slots: tuple[LocalityEntry | None, ...],
    *,
    cpus_only: bool,
    start: Mapping[str, int] | None = None,
) -> tuple[Perf, tuple[int, ...]]:
    """Return the best figures of a target and the initiator domains that have all of them."""
    perf: dict[str, int] = dict(start or {})
    left = [p for p in sorted(initiators) if initiators[p] or not cpus_only]
    for slot in slots:
        if slot is None:
            continue
        latency = slot.data_type < _ACCESS_BANDWIDTH
        best = 0
        kept: list[int] = []
        for initiator in left:
            value = slot.values.get((initiator, pxm), 0)
            if value and (not best or (value < best if latency else value > best)):
                best, kept = value, []
            if value == best:
                kept.append(initiator)
        left = kept
        if best:
            _put(perf, slot.data_type, best)
    return Perf(**perf), tuple(left)


def _access(
    pxm: int,
    nearest: int | None,
    initiators: Mapping[int, bool],
    slots: tuple[LocalityEntry | None, ...],
    acpi: AcpiView,
    numa: NumaMap,
    *,
    cpus_only: bool,
) -> Access:
    """Return one access class of a target, from its own processor domain if it names one."""
    node_of = {p: n for n, p in numa.pxm.items()}
    stated: dict[str, int] = {}
    if nearest is not None:
        has_cpus = node_of.get(nearest) in numa.cpus
        if has_cpus or not cpus_only:
            for entry in acpi.localities:
                value = entry.values.get((nearest, pxm))
                if value is not None:
                    _put(stated, entry.data_type, value)
            linked = () if nearest not in node_of else (node_of[nearest],)
            return Access(Perf(**stated), linked)
    if not acpi.localities:
        return Access()
    perf, best = _best(pxm, initiators, slots, cpus_only=cpus_only)
    return Access(perf, tuple(node_of[p] for p in best if p in node_of))


def _cache(entry: CacheEntry) -> SideCacheAttributes:
    bits = entry.attributes
    return SideCacheAttributes(
        level=(bits >> 4) & 0xF,
        size=entry.size,
        line_size=bits >> 16,
        indexing=_INDEXING.get((bits >> 8) & 0xF, 2),
        write_policy=_WRITE_POLICY.get((bits >> 12) & 0xF, 2),
    )


def _reference(
    targets: Mapping[int, Target], numa: NumaMap
) -> tuple[Perf | None, int | None, tuple[int, int] | None, bool]:
    """Return the DRAM reference (A30), its node, the pair of DRAM nodes that differ, and success.

    One DRAM node without figures keeps HMAT from giving distances, not the CXL driver.
    """
    reference: Perf | None = None
    reference_node: int | None = None
    with_memory = {n for _, _, n in numa.ram}
    for node in sorted(with_memory & set(numa.cpus)):
        target = targets.get(numa.pxm[node])
        if target is None:
            continue
        perf = target.access[1].perf
        if not (perf.read_latency_ns + perf.write_latency_ns) or not (
            perf.read_bandwidth_mbps + perf.write_bandwidth_mbps
        ):
            return reference, reference_node, None, False
        if reference is None:
            reference, reference_node = perf, node
            continue
        pairs = (
            (perf.read_latency_ns, reference.read_latency_ns),
            (perf.write_latency_ns, reference.write_latency_ns),
            (perf.read_bandwidth_mbps, reference.read_bandwidth_mbps),
            (perf.write_bandwidth_mbps, reference.write_bandwidth_mbps),
        )
        if any(abs(a - b) * 10 > b for a, b in pairs) and reference_node is not None:
            return reference, reference_node, (reference_node, node), False
    return reference, reference_node, None, True
