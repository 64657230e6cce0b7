"""The columns of a recording and how a row is filled (contract: recording.model)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cxldesigner.document.model import Device, Document, Scenario
from cxldesigner.engine.kernels.layout import ANON, FILE, KERNEL, TABLE, VMSTAT, ZONES_PER_NODE
from cxldesigner.engine.machine import Machine
from cxldesigner.linux.model import State
from cxldesigner.linux.watermarks import ZONE_NAMES
from cxldesigner.recording.model import Column

NODE_PAGES = (
    ("free", "free pages"), ("anon", "anonymous pages"), ("file", "page cache"),
    ("kernel", "kernel pages"), ("min", "min watermark"), ("low", "low watermark"),
    ("high", "high watermark"), ("promo", "promo watermark"),
    ("promoted", "pages promoted into the node"), ("demoted", "pages demoted out of the node"),
)  # fmt: skip
NODE_TRAFFIC = (
    ("read_mbps", "MB/s", "read traffic"), ("write_mbps", "MB/s", "write traffic"),
    ("latency_ns", "ns", "loaded read latency"), ("utilisation", "", "utilisation"),
)  # fmt: skip


def zone_columns(state: State) -> list[tuple[int, int]]:
    """Return (node, zone index) of every zone shown: those there, and where memory may come."""
    shown: list[tuple[int, int]] = []
    for node in sorted(state.nodes):
        there = [zone.name for zone in state.nodes[node].zones]
        shown += [
            (node, index)
            for index, name in enumerate(ZONE_NAMES)
            if name in there or (not there and index >= 2)
        ]
    return shown


def columns_of(document: Document, scenario: Scenario, state: State) -> tuple[Column, ...]:
    """Return the columns of a run."""
    return tuple(_columns(document, scenario, state))


def _columns(document: Document, scenario: Scenario, state: State) -> Iterator[Column]:
    nodes = sorted(state.nodes)
    for n in nodes:
        for name, label in NODE_PAGES:
            yield Column(f"node{n}.{name}", "pages", f"Node {n}: {label}")
        for name, unit, label in NODE_TRAFFIC:
            yield Column(f"node{n}.{name}", unit, f"Node {n}: {label}")
    for n, index in zone_columns(state):
        name = ZONE_NAMES[index]
        yield Column(f"zone{n}.{name}.free", "pages", f"Node {n}, zone {name}: free pages")
    for link in document.links:
        yield Column(f"link.{link}.mbps", "MB/s", f"Link {link}: traffic")
        yield Column(f"link.{link}.utilisation", "", f"Link {link}: utilisation")
    for part in document.parts.values():
        if isinstance(part, Device):
            yield Column(f"device.{part.id}.used", "pages", f"Device {part.id}: pages in use")
    for process in scenario.processes:
        yield Column(f"process.{process.id}.ops", "1/s", f"{process.id}: accesses per second")
        yield Column(f"process.{process.id}.latency_ns", "ns", f"{process.id}: mean latency")
        for n in nodes:
            label = f"{process.id}: resident on node {n}"
            yield Column(f"process.{process.id}.node{n}", "pages", label)
    for name in VMSTAT:
        yield Column(f"vmstat.{name}", "", name)


class RowFiller:
    """Writes values into a row by column name."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._place = {column.name: i for i, column in enumerate(columns)}
        self.row: NDArray[np.float64] = np.zeros(len(columns))

    def start(self) -> None:
        """Begin a fresh row of zeros."""
        self.row = np.zeros(len(self._place))

    def put(self, name: str, value: float) -> None:
        """Set one column."""
        self.row[self._place[name]] = value

    def memory(self, machine: Machine, zones: Sequence[tuple[int, int]]) -> None:
        """Set the page counts of nodes, zones and the counters."""
        memory = machine.memory
        per_node = memory.used.reshape(-1, ZONES_PER_NODE, 4).sum(axis=1)

        def marks(field: str) -> NDArray[np.int64]:
            sums: NDArray[np.int64] = memory.zones[field].reshape(-1, ZONES_PER_NODE).sum(axis=1)
            return sums

        sums = {name: marks(name) for name in ("free", "floor", "low", "high", "promo")}
        for node, i in machine.index.items():
            name = f"node{node}"
            self.put(f"{name}.free", sums["free"][i])
            self.put(f"{name}.anon", per_node[i, ANON])
            self.put(f"{name}.file", per_node[i, FILE])
            self.put(f"{name}.kernel", per_node[i, TABLE] + per_node[i, KERNEL])
            self.put(f"{name}.min", sums["floor"][i])
            for mark in ("low", "high", "promo"):
                self.put(f"{name}.{mark}", sums[mark][i])
        for node, index in zones:
            name = f"zone{node}.{ZONE_NAMES[index]}.free"
            self.put(name, memory.zones.free[machine.index[node] * ZONES_PER_NODE + index])
        for place, counter in enumerate(VMSTAT):
            self.put(f"vmstat.{counter}", memory.stats[place])
