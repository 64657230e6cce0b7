"""Rows of the Linux view: a derived state in the words of ``numactl -H`` and ``/proc/zoneinfo``."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QLocale

from cxldesigner.document.units import format_size
from cxldesigner.gui.linuxview.table import Cell, Row
from cxldesigner.gui.sizes import short_size
from cxldesigner.linux.model import Node, NodeKind, Reason, State, Zone

translate = QCoreApplication.translate
PAGE_SHIFT = 12


def reason_text(reason: Reason) -> str:
    """Return one reason in the user's language."""
    return translate("Reasons", reason.text).format(*reason.args)


def why(state: State, fact: str) -> tuple[Reason, ...]:
    """Return the reasons of a fact; one without its own has those of the fact it belongs to."""
    while fact:
        if fact in state.reasons:
            return state.reasons[fact]
        fact = fact.rpartition(".")[0]
    return ()


def why_line(state: State, fact: str) -> str:
    """Return the nearest reason of a fact as one line, with its rule."""
    reasons = why(state, fact)
    if not reasons:
        return ""
    first = reasons[0]
    text = reason_text(first)
    return f"{text} ({first.rule})" if first.rule else text


def kind_text(node: Node) -> str:
    """Return what a node is."""
    return {
        NodeKind.DRAM: translate("LinuxView", "DRAM"),
        NodeKind.MEMORY: translate("LinuxView", "memory without CPUs"),
        NodeKind.CXL: translate("LinuxView", "CXL"),
        NodeKind.EMPTY: translate("LinuxView", "empty"),
    }[node.kind]


def state_text(node: Node) -> str:
    """Return how far a node has come: possible, online, with memory."""
    if node.has_memory:
        if node.has_normal_memory:
            return translate("LinuxView", "has memory")
        return translate("LinuxView", "has memory, movable only")
    if node.online:
        return translate("LinuxView", "online, no memory")
    return translate("LinuxView", "possible")


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers as the kernel writes a list: ``0-3,8``."""
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and out[-1][1] + 1 == number:
            out[-1][1] = number
        else:
            out.append([number, number])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in out)


def ids(numbers: Iterable[int]) -> str:
    """Return node ids in order, or a dash when there are none."""
    return " ".join(str(n) for n in numbers) or "–"


def pages_text(pages: int) -> str:
    """Return a number of 4 KiB pages in words."""
    return translate("LinuxView", "{} pages").format(QLocale().toString(pages))


def memory_text(node: Node) -> str:
    """Return a node's online memory; an estimate is marked."""
    if not node.has_memory:
        return "–"
    size = short_size(node.managed << PAGE_SHIFT)
    return size if exact(node) else translate("LinuxView", "≈ {}").format(size)


def exact(node: Node) -> bool:
    """Whether the managed pages of all zones are known, not estimated."""
    return all(zone.managed_known for zone in node.zones)


NODE_COLUMNS = 10


def node_columns() -> tuple[str, ...]:
    """Return the headings of the node table."""
    return (
        translate("LinuxView", "Node"),
        translate("LinuxView", "Kind"),
        translate("LinuxView", "CPUs"),
        translate("LinuxView", "Size"),
        translate("LinuxView", "Tier"),
        translate("LinuxView", "Zones"),
        translate("LinuxView", "Falls back to"),
        translate("LinuxView", "Demotes to"),
        translate("LinuxView", "Regions"),
        translate("LinuxView", "State"),
    )


def node_rows(state: State) -> list[Row]:
    """Return one row for every possible node."""
    regions: dict[int, list[str]] = {}
    for region in state.regions:
        if region.node is not None:
            regions.setdefault(region.node, []).append(region.name)
    return [_node_row(state, node, regions.get(node.id, [])) for node in state.nodes.values()]


def _node_row(state: State, node: Node, regions: list[str]) -> Row:
    name = f"node.{node.id}"
    if node.demotion_fallback and node.demotion_fallback != node.demotion_preferred:
        demotes = translate("LinuxView", "{} (else {})").format(
            ids(node.demotion_preferred),
            ids(n for n in node.demotion_fallback if n not in node.demotion_preferred),
        )
    else:
        demotes = ids(node.demotion_preferred)

    def cell(text: str, fact: str, detail: str = "", *, number: bool = False) -> Cell:
        return Cell(text, fact, why_line(state, fact), detail=detail, number=number)

    return Row(
        key=name,
        cells=(
            cell(str(node.id), name, number=True),
            cell(kind_text(node), name),
            cell(ranges(node.cpus) or "–", f"{name}.cpus"),
            cell(memory_text(node), f"{name}.size", pages_text(node.managed), number=True),
            cell("–" if node.tier is None else str(node.tier), f"{name}.tier", number=True),
            cell(", ".join(z.name for z in node.zones if z.present) or "–", f"{name}.zone"),
            cell(ids(node.fallback), f"{name}.fallback"),
            cell(demotes, f"{name}.demotion"),
            cell(" ".join(regions) or "–", regions[0] if regions else name),
            cell(state_text(node), name),
        ),
        items=node.items,
    )


def zone_columns() -> tuple[str, ...]:
    """Return the headings of the zone table."""
    return (
        translate("LinuxView", "Node"),
        translate("LinuxView", "Zone"),
        translate("LinuxView", "Start"),
        translate("LinuxView", "Spanned"),
        translate("LinuxView", "Present"),
        translate("LinuxView", "Managed"),
        translate("LinuxView", "min"),
        translate("LinuxView", "low"),
        translate("LinuxView", "high"),
        translate("LinuxView", "promo"),
    )


def zone_rows(state: State) -> list[Row]:
    """Return one row for every populated zone."""
    return [_zone_row(state, node, zone) for node in state.nodes.values() for zone in node.zones]


def _zone_row(state: State, node: Node, zone: Zone) -> Row:
    fact = f"node.{node.id}.zone.{zone.name}"
    tip = why_line(state, fact)
    estimate = translate("LinuxView", "Estimated: boot reservations are not drawable.")

    def pages(count: int, field: str, *, known: bool = True) -> Cell:
        size = short_size(count << PAGE_SHIFT)
        text = size if known else translate("LinuxView", "≈ {}").format(size)
        lines = [line for line in (tip, "" if known else estimate) if line]
        words = pages_text(count)
        return Cell(text, f"{fact}.{field}", "\n".join(lines), detail=words, number=True)

    known = zone.managed_known
    return Row(
        key=fact,
        cells=(
            Cell(str(node.id), f"node.{node.id}", why_line(state, f"node.{node.id}"), number=True),
            Cell(zone.name, fact, tip),
            Cell(f"0x{zone.start_pfn << PAGE_SHIFT:x}", fact, tip, number=True),
            pages(zone.spanned, "spanned"),
            pages(zone.present, "present"),
            pages(zone.managed, "managed", known=known),
            pages(zone.min, "min", known=known),
            pages(zone.low, "low", known=known),
            pages(zone.high, "high", known=known),
            pages(zone.promo, "promo", known=known),
        ),
        items=node.items,
    )


def distance_columns(state: State) -> tuple[str, ...]:
    """Return the headings of the distance matrix."""
    to = (translate("LinuxView", "to {}").format(n) for n in state.nodes)
    return (translate("LinuxView", "From"), *to)


def distance_rows(state: State) -> list[Row]:
    """Return the distance matrix, one row for every possible node."""
    rows = []
    for node in state.nodes.values():
        name = f"node.{node.id}"
        cells = [Cell(str(node.id), name, why_line(state, name), number=True)]
        for other in state.nodes:
            fact = f"{name}.distance.{other}"
            value = node.distance.get(other)
            text = "–" if value is None else str(value)
            cells.append(Cell(text, fact, why_line(state, fact), number=True))
        rows.append(Row(name, tuple(cells), node.items))
    return rows


def region_columns() -> tuple[str, ...]:
    """Return the headings of the region table."""
    return (
        translate("LinuxView", "Region"),
        translate("LinuxView", "Window"),
        translate("LinuxView", "Address"),
        translate("LinuxView", "Size"),
        translate("LinuxView", "Type"),
        translate("LinuxView", "Ways"),
        translate("LinuxView", "Granularity"),
        translate("LinuxView", "Devices by position"),
        translate("LinuxView", "Node"),
        translate("LinuxView", "dax device"),
    )


def region_rows(state: State) -> list[Row]:
    """Return one row for every region."""
    dax: dict[str, list[str]] = {}
    for device in state.dax:
        zone = f" ({device.zone})" if device.zone else ""
        dax.setdefault(device.region, []).append(f"{device.name} {device.mode}{zone}")
    rows = []
    for region in state.regions:
        fact, tip = region.name, why_line(state, region.name)
        texts = (
            (region.name, False),
            (f"decoder0.{region.window}", False),
            (f"0x{region.resource:x}", True),
            (format_size(region.size), True),
            (region.type, False),
            (str(region.ways), True),
            (format_size(region.granularity), True),
            (" ".join(region.targets), False),
            ("–" if region.node is None else str(region.node), True),
            (", ".join(dax.get(region.name, ())) or "–", False),
        )
        cells = tuple(Cell(text, fact, tip, number=number) for text, number in texts)
        rows.append(Row(region.name, cells, region.items))
    return rows
