"""The tables of a report: what Linux makes of the platform, what was played, what came out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields

import numpy as np

from cxldesigner.document.model import Document, Process, Scenario
from cxldesigner.document.units import format_size
from cxldesigner.exchange.report_page import Origin, paragraph, table
from cxldesigner.linux.model import Derivation, Finding, Node, State
from cxldesigner.linux.ranges import ranges_text
from cxldesigner.recording.reader import RecordingReader

MAX_EVENTS = 300
MEAN_POINTS = 600
_OPS = re.compile(r"process\.(.+)\.ops")
_PAGE_BYTES = 4096
_NUMBERS_FROM_1 = frozenset(range(1, 20))


def node_tables(state: State) -> str:
    """Return nodes, distances, zones and regions."""
    nodes = [n for n in state.nodes.values() if n.online]
    ids = [n.id for n in nodes]
    parts = [
        table(
            f"NUMA nodes, by the rules of Linux {state.kernel}",
            Origin.MODELLED,
            ("node", "kind", "CPUs", "memory", "tier", "demotes to", "comes from"),
            (_node_row(n) for n in nodes),
        ),
        table(
            "Distances",
            Origin.MODELLED,
            ("from / to", *map(str, ids)),
            ((n.id, *(n.distance.get(i, "") for i in ids)) for n in nodes),
            _NUMBERS_FROM_1,
        ),
        table(
            "Zones, pages of 4 KiB (~ estimate: what boot reserves is not in the drawing)",
            Origin.MODELLED,
            ("zone", "present", "managed", "min", "low", "high"),
            (
                (
                    f"node {n.id} {z.name}",
                    z.present,
                    f"{z.managed}{'' if z.managed_known else ' ~'}",
                    z.min,
                    z.low,
                    z.high,
                )
                for n in nodes
                for z in n.zones
            ),
            _NUMBERS_FROM_1,
        ),
    ]
    if state.regions:
        parts.append(
            table(
                "CXL regions",
                Origin.MODELLED,
                ("region", "type", "size", "ways", "granularity", "devices", "node"),
                (
                    (r.name, r.type, format_size(r.size), r.ways, r.granularity,
                     " + ".join(r.targets), "" if r.node is None else r.node)
                    for r in state.regions
                ),
            )
        )  # fmt: skip
    return "".join(parts)


def _node_row(node: Node) -> tuple[object, ...]:
    return (
        node.id,
        node.kind.value,
        ranges_text(node.cpus),
        f"{node.managed * _PAGE_BYTES / 2**30:.2f} GiB",
        "" if node.tier is None else node.tier,
        ranges_text(node.demotion_preferred),
        ", ".join(node.items),
    )


def finding_table(findings: Iterable[Finding]) -> str:
    """Return the findings, or the sentence that there are none."""
    rows = [
        (f.severity.value, f.rule, str(f), f.mend.format(*f.args), ", ".join(f.items))
        for f in findings
    ]
    if not rows:
        return paragraph("None.")
    heads = ("severity", "rule", "finding", "what to do", "where")
    return table("", Origin.MODELLED, heads, rows)


def action_table(derivation: Derivation) -> str:
    """Return the host actions with what each did."""
    rows = [
        (r.command, "done" if r.exit == 0 else f"exit {r.exit}: {r.output}")
        for moment in derivation.moments
        for r in moment.results
    ]
    return table("Host actions", Origin.MODELLED, ("command", "result"), rows) if rows else ""


def scenario_tables(scenario: Scenario) -> str:
    """Return everything a scenario sets."""
    left_out = {"processes", "events", "story", "name", "id"}
    settings = [
        (f.name, getattr(scenario, f.name)) for f in fields(scenario) if f.name not in left_out
    ]
    parts = [
        paragraph(scenario.story) if scenario.story else "",
        table("Settings", Origin.GIVEN, ("setting", "value"), settings),
        table(
            "Processes",
            Origin.GIVEN,
            ("process", "on", "policy", "phase", "from", "for", "memory", "parameters"),
            (row for process in scenario.processes for row in _phase_rows(process)),
        ),
    ]
    if scenario.events:
        rows = [(f"{e.at_ms / 1000:g} s", e.command) for e in scenario.events]
        parts.append(table("Timed events", Origin.GIVEN, ("at", "command"), rows))
    return "".join(parts)


def _phase_rows(process: Process) -> Iterable[tuple[object, ...]]:
    nodes = f" {ranges_text(process.policy.nodes)}" if process.policy.nodes else ""
    who = (process.name or process.id, process.socket, f"{process.policy.mode.value}{nodes}")
    for phase in process.phases:
        parameters = ", ".join(f"{k} {v:g}" for k, v in phase.parameters.items())
        yield (
            *who,
            phase.workload,
            f"{phase.start_ms / 1000:g} s",
            f"{phase.duration_ms / 1000:g} s",
            format_size(phase.bytes),
            parameters,
        )


def result_tables(reader: RecordingReader) -> str:
    """Return how the processes fared, pages moved and the kernel counters at the end."""
    if not reader.ticks:
        return ""
    parts = []
    fared = [_process_row(reader, m[1]) for name in reader.columns if (m := _OPS.fullmatch(name))]
    if fared:
        fare = ("process", "accesses", "per second at the end", "latency", "latency at the end")
        parts.append(table("Processes", Origin.MODELLED, fare, fared, _NUMBERS_FROM_1))
    moved = [
        (cause.value, source, target, f"{pages:,}")
        for (cause, source, target), pages in reader.moved().items()
    ]
    if moved:
        heads = ("cause", "from node", "to node", "pages")
        parts.append(table("Pages moved", Origin.MODELLED, heads, moved, _NUMBERS_FROM_1))
    last = reader.row(reader.ticks - 1)
    rows = [
        (name.removeprefix("vmstat."), f"{last[place]:,.0f}")
        for name, place in reader.columns.items()
        if name.startswith("vmstat.") and last[place]
    ]
    if rows:
        head = ("counter", "at the end")
        caption = "Kernel counters that are not zero"
        parts.append(table(caption, Origin.MODELLED, head, rows, _NUMBERS_FROM_1))
    return "".join(parts)


def _process_row(reader: RecordingReader, process: str) -> tuple[str, str, str, str, str]:
    """Return accesses and latency of a process over the run and over its last tenth."""

    def mean(what: str, first: int) -> float:
        column = f"process.{process}.{what}"
        if column not in reader.columns:
            return 0.0
        _, low, high = reader.series(column, first, reader.ticks, MEAN_POINTS)
        middle = (np.asarray(low) + np.asarray(high)) / 2
        return float(np.nanmean(middle)) if len(middle) else 0.0

    tail = reader.ticks - max(1, reader.ticks // 10)
    seconds = reader.ticks * reader.meta.tick_ms / 1000
    total = reader.meta.summary.get(f"process.{process}.accesses", mean("ops", 0) * seconds)
    return (
        process,
        f"{total:,.0f}",
        f"{mean('ops', tail):,.0f}",
        f"{mean('latency_ns', 0):,.0f} ns",
        f"{mean('latency_ns', tail):,.0f} ns",
    )


def event_table(reader: RecordingReader) -> str:
    """Return what happened, and how much of it is not shown."""
    events = reader.events(limit=MAX_EVENTS + 1)
    if not events:
        return ""
    seconds = reader.meta.tick_ms / 1000
    rows = [
        (f"{e.tick * seconds:g} s", e.kind, e.text, e.process, "" if e.node < 0 else e.node)
        for e in events[:MAX_EVENTS]
    ]
    heads = ("at", "kind", "what", "process", "node")
    more = "" if len(events) <= MAX_EVENTS else paragraph(f"Only the first {MAX_EVENTS} are shown.")
    return table("", Origin.MODELLED, heads, rows) + more


def figures_table(document: Document) -> str:
    """Return the latency and bandwidth each part was given, which the costs are computed from."""
    rows = []
    for part in document.parts.values():
        perf = getattr(part, "perf", None)
        if perf is not None and (perf.read_latency_ns or perf.read_bandwidth_mbps):
            source = f"preset {part.preset}" if part.preset else "the drawing"
            rows.append(
                (
                    part.name or part.id,
                    perf.read_latency_ns,
                    perf.write_latency_ns,
                    perf.read_bandwidth_mbps,
                    perf.write_bandwidth_mbps,
                    source,
                )
            )
    heads = ("part", "read ns", "write ns", "read MB/s", "write MB/s", "from")
    if not rows:
        return ""
    return table("Access figures of parts", Origin.CALIBRATED, heads, rows, frozenset(range(1, 5)))
