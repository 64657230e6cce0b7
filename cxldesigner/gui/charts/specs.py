"""Which charts a recording has: derived from its columns. No widgets, no pyqtgraph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from cxldesigner.document.model import Link
from cxldesigner.document.ports import split_ref
from cxldesigner.gui.charts.quantity import Quantity
from cxldesigner.recording.model import Column

translate = QCoreApplication.translate


class ChartKind(StrEnum):
    """How a chart is drawn."""

    STACK = "stack"
    LINES = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One column in a chart.

    ``colour`` is a token path: ``node.2``, ``pages.anon``, ``watermarks.min``. ``mark`` is the
    short text at the line's end (colour is never the only sign). ``below``: drawn downwards from
    zero in a mirrored chart. ``rest``: in a stack, the part left empty on top.
    """

    column: str
    name: str
    colour: str
    mark: str = ""
    below: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSpec:
    """One chart: its series, and the levels drawn over a stack (from its top downwards)."""

    id: str
    title: str
    kind: ChartKind
    quantity: Quantity
    series: tuple[Series, ...]
    levels: tuple[Series, ...] = ()
    tip: str = ""
    shown: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the chart reads."""
        return tuple(s.column for s in (*self.series, *self.levels))


def charts_of(
    columns: Sequence[Column], links: Mapping[str, Link] | None = None
) -> tuple[ChartSpec, ...]:
    """Return the charts that a recording with these columns can show, in display order.

    ``links`` are the platform's, to name them by the parts they join.
    """
    ends = {
        k: f"{_part(link.upstream)}–{_part(link.downstream)}" for k, link in (links or {}).items()
    }
    names = {c.name for c in columns}
    nodes = _ids(names, r"node(\d+)\.free")
    processes = _ids(names, r"process\.(.+)\.ops")
    link_ids = _ids(names, r"link\.(.+)\.utilisation")
    devices = _ids(names, r"device\.(.+)\.used")
    charts = [
        *(_occupancy(n) for n in nodes),
        _moves(nodes),
        _lines(
            "throughput",
            translate("Charts", "Process throughput, accesses"),
            Quantity.PER_SECOND,
            _per_process(processes, "ops"),
            tip=translate("Charts", "Memory accesses per second of each process"),
        ),
        _bandwidth(nodes),
        _lines(
            "latency",
            translate("Charts", "Memory latency"),
            Quantity.NANOSECONDS,
            _per_node(nodes, "latency_ns"),
            tip=translate("Charts", "Loaded read latency of each node"),
        ),
        *(_residency(p, nodes) for p in processes),
        _lines(
            "links",
            translate("Charts", "Link utilisation"),
            Quantity.SHARE,
            tuple(
                Series(
                    column=f"link.{k}.utilisation",
                    name=ends.get(k, k),
                    colour=f"node.{i}",
                    mark=k,
                )
                for i, k in enumerate(link_ids)
            ),
            tip=translate(
                "Charts", "Traffic over each link, both directions, as a share of what it can carry"
            ),
        ),
        _lines(
            "process-latency",
            translate("Charts", "Process access latency"),
            Quantity.NANOSECONDS,
            _per_process(processes, "latency_ns"),
            shown=False,
            tip=translate("Charts", "Mean latency of the accesses of each process"),
        ),
        _lines(
            "utilisation",
            translate("Charts", "Memory utilisation"),
            Quantity.SHARE,
            _per_node(nodes, "utilisation"),
            shown=False,
            tip=translate("Charts", "Traffic of each node as a share of its bandwidth"),
        ),
        _lines(
            "devices",
            translate("Charts", "Device use"),
            Quantity.BYTES,
            tuple(
                Series(column=f"device.{d}.used", name=d, colour=f"node.{i}", mark=d)
                for i, d in enumerate(devices)
            ),
            shown=False,
            tip=translate("Charts", "Pages in use on each CXL device"),
        ),
        *(_zones(n, names) for n in nodes),
    ]
    known = (_only_known(chart, names) for chart in charts)
    return tuple(chart for chart in known if chart.series)


def _only_known(chart: ChartSpec, names: set[str]) -> ChartSpec:
    return ChartSpec(
        id=chart.id,
        title=chart.title,
        kind=chart.kind,
        quantity=chart.quantity,
        series=tuple(s for s in chart.series if s.column in names),
        levels=tuple(s for s in chart.levels if s.column in names),
        tip=chart.tip,
        shown=chart.shown,
    )


def _ids(names: set[str], pattern: str) -> list[str]:
    found = {m[1] for name in names if (m := re.fullmatch(pattern, name))}
    return sorted(found, key=_natural)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key that puts ``mem10`` after ``mem9``."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", name)]


def _part(ref: str) -> str:
    return split_ref(ref)[0]


def _lines(
    chart: str,
    title: str,
    quantity: Quantity,
    series: tuple[Series, ...],
    *,
    tip: str,
    shown: bool = True,
) -> ChartSpec:
    return ChartSpec(
        id=chart,
        title=title,
        kind=ChartKind.LINES,
        quantity=quantity,
        series=series,
        tip=tip,
        shown=shown,
    )


def _per_node(nodes: Sequence[str], what: str) -> tuple[Series, ...]:
    return tuple(
        Series(
            column=f"node{n}.{what}",
            name=translate("Charts", "node {}").format(n),
            colour=f"node.{n}",
            mark=f"N{n}",
        )
        for n in nodes
    )


def _per_process(processes: Sequence[str], what: str) -> tuple[Series, ...]:
    return tuple(
        Series(column=f"process.{p}.{what}", name=p, colour=f"node.{i}", mark=p)
        for i, p in enumerate(processes)
    )


def _occupancy(n: str) -> ChartSpec:
    kinds = (
        ("kernel", translate("Charts", "kernel")),
        ("anon", translate("Charts", "anon")),
        ("file", translate("Charts", "file")),
    )
    series = tuple(
        Series(column=f"node{n}.{kind}", name=name, colour=f"pages.{kind}") for kind, name in kinds
    )
    free = Series(
        column=f"node{n}.free", name=translate("Charts", "free"), colour="pages.free", rest=True
    )
    marks = (
        ("promo", translate("Charts", "promo mark")),
        ("high", translate("Charts", "high mark")),
        ("low", translate("Charts", "low mark")),
        ("min", translate("Charts", "min mark")),
    )
    levels = tuple(
        Series(column=f"node{n}.{mark}", name=name, colour=f"watermarks.{mark}", mark=mark)
        for mark, name in marks
    )
    return ChartSpec(
        id=f"node{n}",
        title=translate("Charts", "Node {}").format(n),
        kind=ChartKind.STACK,
        quantity=Quantity.BYTES,
        series=(*series, free),
        levels=levels,
        tip=translate(
            "Charts",
            "Pages of the node by kind, up to what the allocator manages. When the coloured part "
            "reaches a watermark's line, no more than that many pages are free.",
        ),
    )


def _moves(nodes: Sequence[str]) -> ChartSpec:
    ups = tuple(
        Series(
            column=f"node{n}.promoted",
            name=translate("Charts", "▲ into node {}").format(n),
            colour=f"node.{n}",
            mark=f"▲N{n}",
        )
        for n in nodes
    )
    downs = tuple(
        Series(
            column=f"node{n}.demoted",
            name=translate("Charts", "▼ out of node {}").format(n),
            colour=f"node.{n}",
            mark=f"▼N{n}",
            below=True,
        )
        for n in nodes
    )
    return _lines(
        "moves",
        translate("Charts", "Promotions ▲ and demotions ▼, pages"),
        Quantity.PAGES_PER_SECOND,
        (*ups, *downs),
        tip=translate(
            "Charts", "Pages promoted into a node upwards, pages demoted out of a node downwards"
        ),
    )


def _bandwidth(nodes: Sequence[str]) -> ChartSpec:
    series = [
        Series(
            column=f"node{n}.{what}_mbps",
            name=name.format(n),
            colour=f"node.{n}",
            mark=f"{sign}N{n}",
            below=what == "write",
        )
        for what, name, sign in (
            ("read", translate("Charts", "▲ read node {}"), "▲"),
            ("write", translate("Charts", "▼ write node {}"), "▼"),
        )
        for n in nodes
    ]
    return _lines(
        "bandwidth",
        translate("Charts", "Bandwidth: reads ▲, writes ▼"),
        Quantity.MBPS,
        tuple(series),
        tip=translate("Charts", "Traffic of each node: reads upwards, writes downwards"),
    )


def _residency(process: str, nodes: Sequence[str]) -> ChartSpec:
    return ChartSpec(
        id=f"residency.{process}",
        title=translate("Charts", "Where {} lives").format(process),
        kind=ChartKind.STACK,
        quantity=Quantity.BYTES,
        series=tuple(
            Series(
                column=f"process.{process}.node{n}",
                name=translate("Charts", "node {}").format(n),
                colour=f"node.{n}",
                mark=f"N{n}",
            )
            for n in nodes
        ),
        tip=translate("Charts", "Resident pages of the process by node"),
    )


def _zones(n: str, names: set[str]) -> ChartSpec:
    zones = _ids(names, rf"zone{n}\.(.+)\.free")
    return _lines(
        f"zones{n}",
        translate("Charts", "Free pages by zone, node {}").format(n),
        Quantity.BYTES,
        tuple(
            Series(column=f"zone{n}.{z}.free", name=z, colour=f"node.{i}", mark=z)
            for i, z in enumerate(zones)
        ),
        shown=False,
        tip=translate("Charts", "Free pages of each zone of the node"),
    )
