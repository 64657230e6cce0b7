"""The reason of every derived fact: chains from the fact to the part that caused it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from cxldesigner.firmware.model import Firmware, TableSpan
from cxldesigner.linux.hmat import DAX_ADISTANCE, DRAM_ADISTANCE, HmatFacts
from cxldesigner.linux.live import Live
from cxldesigner.linux.model import Reason
from cxldesigner.linux.numa import NumaMap

if TYPE_CHECKING:
    from cxldesigner.linux.machine import Machine

Reasons = dict[str, tuple[Reason, ...]]


class Provenance:
    """Looks up which part the bytes at an offset of a table came from."""

    def __init__(self, firmware: Firmware) -> None:
        self._spans: dict[str, tuple[list[int], list[TableSpan]]] = {}
        for signature, spans in firmware.spans.items():
            ordered = sorted(spans, key=lambda s: (s.start, -s.end))
            self._spans[signature] = ([s.start for s in ordered], ordered)

    def items_at(self, place: str) -> tuple[str, ...]:
        """Return the part ids behind a place written ``CEDT+0x98``."""
        signature, _, offset = place.partition("+")
        if not offset or signature not in self._spans:
            return ()
        starts, spans = self._spans[signature]
        at = int(offset, 16)
        index = bisect_right(starts, at) - 1
        found = spans[index] if index >= 0 else None
        if found is None or not found.start <= at < found.end or not found.origin.item:
            return ()
        return (found.origin.item,)

    def completed(self, reason: Reason) -> Reason:
        """Return the reason with the parts its place came from."""
        if reason.items or not reason.place:
            return reason
        return replace(reason, items=self.items_at(reason.place))


def boot_reasons(firmware: Firmware, numa: NumaMap, hmat: HmatFacts, block: int) -> Reasons:
    """Return the reasons of what boot alone decides: nodes, distances, block size."""
    provenance = Provenance(firmware)
    found: Reasons = {}
    for node, chain in numa.reasons.items():
        found[f"node.{node}"] = tuple(provenance.completed(r) for r in chain)
    slit = Reason("the SLIT says {}", ("{}",), "A20", (), "SLIT+0x2c")
    rejected = Reason("the SLIT was rejected: defaults are used", (), "A20", (), "SLIT+0x24")
    late = Reason("the SLIT is read before windows get their node", (), "A21")
    plain = Reason("no SLIT entry: 10 to itself, 20 to others", (), "A20")
    for a in numa.possible:
        for b in numa.possible:
            if (a, b) in numa.distances:
                chain = (replace(slit, args=(str(numa.distances[a, b]),)),)
            elif numa.slit_rejected:
                chain = (rejected,)
            elif a in numa.made_up or b in numa.made_up:
                chain = (late, *found[f"node.{a if a in numa.made_up else b}"])
            else:
                chain = (plain,)
            found[f"node.{a}.distance.{b}"] = chain
    found["block"] = (Reason("memory blocks of {} MiB", (str(block >> 20),), "B14"),)
    if hmat.mismatch:
        found["tiers"] = (
            Reason(
                "DRAM nodes {} and {} differ by more than 10 %: no tiers from HMAT",
                (str(hmat.mismatch[0]), str(hmat.mismatch[1])),
                "A30",
            ),
        )
    return found


def live_reasons(machine: Machine, live: Live) -> Reasons:
    """Return the reasons of what host actions decided: regions, tiers, zones, fallback."""
    found: Reasons = {}
    boot = machine.reasons
    roots = {r.number: r for r in machine.fabric.roots}
    for region in live.regions.values():
        root = roots[region.root]
        devices = tuple(d for d, _ in region.targets)
        place = f"CEDT+{root.entry.offset:#x}"
        found[region.name] = (
            Reason(
                "{} is the lowest free range of {} that holds it",
                (region.name, root.item or root.name),
                "A35",
                (*devices, *((root.item,) if root.item else ())),
            ),
            Reason("{} is CFMWS {} of the CEDT", (root.name, str(root.window)), "A2", (), place),
        )
    for hot in live.hot:
        chain = found.get(hot.region, ())
        for zone in sorted({r.zone for r in hot.runs if r.zone}):
            found[f"node.{hot.node}.zone.{zone}"] = (
                Reason("{} was onlined to {}", (hot.dax, zone), "B8"),
                *chain,
            )
    reference = machine.hmat.reference_node
    for node, distance in live.tier.items():
        if distance == DAX_ADISTANCE:
            why = Reason("no performance data: distance {} of hot-added memory", ("2880",), "A31")
        elif distance == DRAM_ADISTANCE:
            why = Reason("abstract distance {} of DRAM", ("576",), "A28")
        else:
            why = Reason(
                "abstract distance {} by its figures against DRAM node {}",
                (str(distance), str(reference)),
                "A29",
            )
        found[f"node.{node}.tier"] = (why, *boot.get(f"node.{node}", ()))
    for node, order in live.fallback.items():
        why = Reason(
            "nearest first, nodes without CPUs before others: {}",
            (" ".join(map(str, order)),),
            "C3",
        )
        found[f"node.{node}.fallback"] = (why,)
    return found
