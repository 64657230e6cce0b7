"""The charts of a run: what fills, what moves, what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from cxldesigner.exchange.report_chart import Chart, Floats, Series
from cxldesigner.exchange.report_page import Origin
from cxldesigner.recording.reader import RecordingReader

POINTS = 600
PAGES_PER_GIB = 262_144
KINDS = ("kernel", "anon", "file")
MARKS = ("promo", "high", "low", "min")

_NODE = re.compile(r"node(\d+)\.free")
_PROCESS = re.compile(r"process\.(.+)\.ops")


def run_charts(reader: RecordingReader) -> Iterator[Chart]:
    """Yield the charts of a recording, occupancy of each node first."""
    if not reader.ticks:
        return
    lines = _Lines(reader)
    nodes = [int(m[1]) for name in reader.columns if (m := _NODE.fullmatch(name))]
    processes = [m[1] for name in reader.columns if (m := _PROCESS.fullmatch(name))]
    for node in nodes:
        yield lines.occupancy(node)
    per_second = 1000 / reader.meta.tick_ms
    titles = (("promoted", "Promotions into each node"), ("demoted", "Demotions out of each node"))
    for what, title in titles:
        series = lines.each((f"node{n}.{what}", f"node {n}") for n in nodes)
        yield lines.chart(title, "pages per second", _scaled(series, per_second))
    reads = lines.each((f"node{n}.read_mbps", f"node {n} read") for n in nodes)
    writes = lines.each((f"node{n}.write_mbps", f"node {n} write") for n in nodes)
    yield lines.chart("Bandwidth of each node", "MB/s", (*reads, *_dashed(writes)))
    latencies = lines.each((f"node{n}.latency_ns", f"node {n}") for n in nodes)
    yield lines.chart("Loaded read latency of each node", "ns", latencies)
    work = lines.each((f"process.{p}.ops", p) for p in processes)
    yield lines.chart("Accesses of each process", "per second", work)
    waits = lines.each((f"process.{p}.latency_ns", p) for p in processes)
    yield lines.chart("Mean access latency of each process", "ns", waits)


class _Lines:
    """Reads columns over the whole run, all on the same moments."""

    def __init__(self, reader: RecordingReader) -> None:
        self._reader = reader
        first = next(iter(reader.columns), None)
        ticks = reader.series(first, 0, reader.ticks, POINTS)[0] if first else np.zeros(0, int)
        self._seconds: Floats = np.asarray(ticks, np.float64) * (reader.meta.tick_ms / 1000)
        self._end = reader.ticks * reader.meta.tick_ms / 1000

    def chart(self, title: str, unit: str, series: tuple[Series, ...]) -> Chart:
        return Chart(title, unit, Origin.MODELLED, self._seconds, series, self._end)

    def each(self, wanted: Iterator[tuple[str, str]]) -> tuple[Series, ...]:
        """Return a series for every (column, name) that the recording has."""
        found = [(c, name) for c, name in wanted if c in self._reader.columns]
        return tuple(Series(name, *self._read(c), at) for at, (c, name) in enumerate(found))

    def occupancy(self, node: int) -> Chart:
        """Return a node's pages by kind, and its watermarks as used memory they stop at."""
        kinds = [k for k in KINDS if f"node{node}.{k}" in self._reader.columns]
        values = {k: self._read(f"node{node}.{k}") for k in (*kinds, "free")}
        total = np.sum([(low + high) / 2 for low, high in values.values()], axis=0)
        if not np.nanmax(total, initial=0.0):
            return self.chart("", "", ())
        stacks = []
        for at, kind in enumerate(kinds):
            low, high = (bound / PAGES_PER_GIB for bound in values[kind])
            stacks.append(Series(kind, low, high, at, stacked=True))
        lines = [Series("all memory", total / PAGES_PER_GIB, total / PAGES_PER_GIB, 6)]
        for at, mark in enumerate(MARKS):
            column = f"node{node}.{mark}"
            if column in self._reader.columns:
                limit = (total - self._read(column)[1]) / PAGES_PER_GIB
                name = f"free memory at its {mark} watermark"
                lines.append(Series(name, limit, limit, at + 3, mark=True))
        return self.chart(f"Memory in use on node {node}", "GiB", (*stacks, *lines))

    def _read(self, column: str) -> tuple[Floats, Floats]:
        _, low, high = self._reader.series(column, 0, self._reader.ticks, POINTS)
        return low, high


def _scaled(series: tuple[Series, ...], factor: float) -> tuple[Series, ...]:
    return tuple(Series(s.name, s.low * factor, s.high * factor, s.colour) for s in series)


def _dashed(series: tuple[Series, ...]) -> tuple[Series, ...]:
    return tuple(Series(s.name, s.low, s.high, s.colour, mark=True) for s in series)
