"""The host side of an imported machine: sockets, boot memory, distances, figures of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cxldesigner.document.model import (
    GIB,
    AccessFigure,
    Distance,
    MemoryDomain,
    MemoryRange,
    Perf,
    Socket,
)
from cxldesigner.exchange.notes import Note
from cxldesigner.firmware import hmat, srat
from cxldesigner.firmware.hmat import DataType
from cxldesigner.firmware.layout import HOLE_END, HOLE_START
from cxldesigner.firmware.slit import Slit
from cxldesigner.firmware.spans import Span

INVENTED_CPUS = 8
INVENTED_BYTES = 64 * GIB
MAX_CPUS_OF_SOCKET = 8192
MAX_DISTANCES = 256
"""Domains a SLIT is taken over for; larger ones stay in the table only."""


@dataclass(slots=True)
class HostPart:
    """What was found out about the host; parts by proximity domain."""

    sockets: dict[int, Socket] = field(default_factory=dict)
    memory: dict[int, MemoryDomain] = field(default_factory=dict)
    coverage: list[tuple[int, Span]] = field(default_factory=list)
    ports: dict[int, int] = field(default_factory=dict)
    hotplug: tuple[int, Span] | None = None
    nodes: tuple[int, ...] = ()
    notes: list[Note] = field(default_factory=list)

    def part_of(self, pxm: int) -> str | None:
        """Return the socket or memory part of a domain."""
        part = self.sockets.get(pxm) or self.memory.get(pxm)
        return part.id if part else None


def invented_host(
    memory_map: tuple[MemoryRange, ...] | None, windows: Iterable[Span] = ()
) -> HostPart:
    """Return a host for sources that say nothing of one: a socket with all RAM there is.

    Where the RAM is not known either, it is made to end below the lowest CXL window.
    """
    ram = sum(r.end - r.start for r in memory_map or () if r.kind == "ram")
    if not ram:
        ram = INVENTED_BYTES
        lowest = min((w.start for w in windows), default=2 * INVENTED_BYTES)
        while ram > GIB and ram + 4 * GIB > lowest:
            ram //= 2
    socket = Socket(id="s0", cpus=INVENTED_CPUS, dram_bytes=ram)
    text = "No SRAT was given: one socket with {} CPUs and {} GiB of memory was assumed."
    args = (str(INVENTED_CPUS), str(socket.dram_bytes // GIB))
    return HostPart(sockets={0: socket}, nodes=(0,), notes=[Note(text, args, ("s0",))])


def read_srat(
    table: srat.Srat, windows: Iterable[Span], memory_map: tuple[MemoryRange, ...] | None
) -> HostPart:
    """Return the host an SRAT describes.

    Parameters
    ----------
    table : the SRAT.
    windows : address spans of the CXL windows; ranges in them are window coverage.
    memory_map : firmware memory map when known: it tells boot memory from room for hot-plug.
    """
    host = HostPart()
    counts: dict[int, int] = {}
    for cpu in table.cpus:
        pxm = table.domain(cpu)
        counts[pxm] = counts.get(pxm, 0) + 1
    boot: dict[int, list[Span]] = {}
    hot: dict[int, list[Span]] = {}
    flags: dict[int, int] = {}
    spans = tuple(windows)
    for item in table.memory:
        pxm, span = table.domain(item), Span(item.base, item.base + item.length)
        if any(span.start < w.end and w.start < span.end for w in spans):
            host.coverage.append((pxm, span))
        elif item.flags & srat.HOT_PLUGGABLE and not _has_ram(span, memory_map):
            hot.setdefault(pxm, []).append(span)
        else:
            boot.setdefault(pxm, []).append(span)
            flags[pxm] = flags.get(pxm, 0) | item.flags
    for n, (pxm, count) in enumerate(counts.items()):
        base, size = _run_of(boot.pop(pxm, []))
        cpus = min(count, MAX_CPUS_OF_SOCKET)
        host.sockets[pxm] = Socket(id=f"s{n}", cpus=cpus, pxm=pxm, base=base, dram_bytes=size)
    for pxm, pieces in boot.items():
        base, size = _run_of(pieces)
        host.memory[pxm] = MemoryDomain(
            id=f"hbm{len(host.memory)}",
            pxm=pxm,
            base=base,
            size_bytes=size,
            hotplug=bool(flags[pxm] & srat.HOT_PLUGGABLE),
            specific_purpose=bool(flags[pxm] & srat.SPECIFIC_PURPOSE),
        )
    for port in table.generic_ports:
        if port.uid is not None and port.handle[:8] in (b"ACPI0016", bytes(8)):
            host.ports.setdefault(port.uid, table.domain(port))
    _place_hot(host, hot)
    host.nodes = _node_order(table)
    if counts and list(counts) != _cpu_order(table):
        host.notes.append(
            Note(
                "The CPUs of the sockets are interleaved; they are drawn one socket after another."
            )
        )
    return host


def _run_of(pieces: list[Span]) -> tuple[int | None, int]:
    """Return first address and size of memory; the hole at 640 KiB counts, as on any PC."""
    if not pieces:
        return None, 0
    starts = {p.start for p in pieces}
    size = sum(p.end - p.start for p in pieces)
    if any(p.end == HOLE_START for p in pieces) and HOLE_END in starts:
        size += HOLE_END - HOLE_START
    return min(starts), min(size, (1 << 64) - 1)


def _has_ram(span: Span, memory_map: tuple[MemoryRange, ...] | None) -> bool:
    ranges = (r for r in memory_map or () if r.kind in ("ram", "soft-reserved"))
    return any(r.start < span.end and span.start < r.end for r in ranges)


def _cpu_order(table: srat.Srat) -> list[int]:
    """Return the domains of the CPUs with only direct repeats left out."""
    out: list[int] = []
    for cpu in table.cpus:
        pxm = table.domain(cpu)
        if not out or out[-1] != pxm:
            out.append(pxm)
    return out


def _node_order(table: srat.Srat) -> tuple[int, ...]:
    """Return the domain of each Linux node that the SRAT makes (A9)."""
    initiators = (
        i
        for i in table.structures
        if isinstance(i, srat.GenericAffinity) and i.type == srat.GENERIC_INITIATOR
    )
    enabled = (i for i in initiators if i.flags & srat.ENABLED)
    first = sorted((*table.cpus, *enabled), key=lambda i: i.offset)
    return tuple(dict.fromkeys(table.domain(i) for i in (*first, *table.memory)))


def _place_hot(host: HostPart, hot: Mapping[int, list[Span]]) -> None:
    """Sort out empty hot-pluggable ranges: one is the machine's, the rest are domains."""
    known = (*host.sockets, *host.memory, *host.ports.values())
    last = max(known, default=None)
    for pxm, pieces in hot.items():
        for piece in pieces:
            if host.hotplug is None and pxm == last:
                host.hotplug = (pxm, piece)
            elif pxm not in host.sockets and pxm not in host.memory:
                host.memory[pxm] = MemoryDomain(
                    id=f"hbm{len(host.memory)}",
                    name="room for hot-plug",
                    pxm=pxm,
                    base=piece.start,
                    size_bytes=piece.end - piece.start,
                    hotplug=True,
                )
            else:
                text = "The hot-pluggable range at 0x{} is kept in the imported SRAT only."
                host.notes.append(Note(text, (f"{piece.start:x}",)))


def read_slit(table: Slit, host: HostPart, bridges: Mapping[int, str]) -> tuple[Distance, ...]:
    """Return the distances a SLIT gives between drawn parts; ``bridges``: domain -> bridge id."""
    size = min(len(table.matrix), MAX_DISTANCES)
    ids = {pxm: host.part_of(pxm) or bridges.get(pxm) for pxm in range(size)}
    drawn = [(pxm, part) for pxm, part in ids.items() if part is not None]
    out = []
    for a, first in drawn:
        if table.matrix[a][a] != 10:
            out.append(Distance(a=first, b=first, value=table.matrix[a][a]))
        for b, second in drawn:
            value, back = table.matrix[a][b], table.matrix[b][a]
            if b > a or (b < a and value != back):
                out.append(Distance(a=first, b=second, value=value))
    if len(drawn) < len(table.matrix):
        text = "Distances of domains that no part stands for are kept in the imported SLIT only."
        host.notes.append(Note(text))
    return tuple(out)


def read_hmat(table: hmat.Hmat) -> dict[tuple[int, int], Perf]:
    """Return the memory figures of an HMAT by (initiator, target), as Linux reads them (A23)."""
    out: dict[tuple[int, int], Perf] = {}
    for item in table.structures:
        if not isinstance(item, hmat.Locality) or item.flags & 0xF:
            continue
        fields = FIELDS.get(item.data_type, ())
        grid = ((i, t) for i in item.initiators for t in item.targets)
        for pair, entry in zip(grid, item.entries, strict=True):
            if entry in (0, hmat.UNREACHABLE):
                continue
            value = _value(entry * item.base_unit, item.data_type, table.header.revision)
            changes = dict.fromkeys(fields, min(value, (1 << 32) - 1))
            out[pair] = replace(out.get(pair, Perf()), **changes)
    return out


FIELDS: Mapping[int, tuple[str, ...]] = {
    DataType.ACCESS_LATENCY: ("read_latency_ns", "write_latency_ns"),
    DataType.READ_LATENCY: ("read_latency_ns",),
    DataType.WRITE_LATENCY: ("write_latency_ns",),
    DataType.ACCESS_BANDWIDTH: ("read_bandwidth_mbps", "write_bandwidth_mbps"),
    DataType.READ_BANDWIDTH: ("read_bandwidth_mbps",),
    DataType.WRITE_BANDWIDTH: ("write_bandwidth_mbps",),
}
"""Fields of :class:`Perf` a data type fills."""


def _value(product: int, data_type: int, revision: int) -> int:
    if revision == 1:
        return -(-product // 10)
    return -(-product // 1000) if data_type <= DataType.WRITE_LATENCY else product


def side_caches(table: hmat.Hmat) -> dict[int, int]:
    """Return the size of the memory-side cache of each domain that has one."""
    return {s.memory_pxm: s.size for s in table.structures if isinstance(s, hmat.SideCache)}


def place_figures(
    figures: Mapping[tuple[int, int], Perf],
    host: HostPart,
    bridges: Mapping[int, str],
    above: Mapping[str, str],
) -> tuple[dict[str, Perf], tuple[AccessFigure, ...]]:
    """Return the figures parts have of their own, and the rest as rows of the host.

    Parameters
    ----------
    figures : by (initiator, target) domain.
    bridges : bridge id by generic-port domain.
    above : socket id of each memory part and bridge.
    """
    own: dict[str, Perf] = {}
    rows = []
    for (initiator, target), perf in figures.items():
        first = host.sockets.get(initiator)
        second = host.part_of(target) or bridges.get(target)
        if first is None or second is None:
            text = "HMAT figures from domain {} to {} have no part to belong to."
            host.notes.append(Note(text, (str(initiator), str(target))))
        elif above.get(second, second) == first.id:
            own[second] = perf
        else:
            rows.append(AccessFigure(initiator=first.id, target=second, perf=perf))
    return own, tuple(rows)
