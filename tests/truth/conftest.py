"""Recorded machines: as documents drawn from their topology, with the actions that were run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cxldesigner.document.model import (
    MIB,
    AccessFigure,
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    Link,
    MemoryDomain,
    MemoryRange,
    Part,
    Perf,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.firmware.cedt import restrictions_of
from cxldesigner.firmware.domains import number_domains
from cxldesigner.firmware.layout import lay_out
from cxldesigner.linux.boot import Observed
from cxldesigner.linux.observed import read_observed

DATA = Path(__file__).parent / "data"
NAMES = sorted(p.name for p in DATA.iterdir())

MEDIA = Perf(
    read_latency_ns=150,
    write_latency_ns=250,
    read_bandwidth_mbps=16000,
    write_bandwidth_mbps=16000,
)
SWITCHING = Perf(
    read_latency_ns=150,
    write_latency_ns=150,
    read_bandwidth_mbps=16000,
    write_bandwidth_mbps=16000,
)


@dataclass
class Step:
    """One recorded step: a host action with how it ended, or the name of a snapshot."""

    label: str
    command: str = ""
    status: int = 0
    output: list[str] = field(default_factory=list)


@dataclass
class Recorded:
    """One recorded machine."""

    name: str
    topology: dict[str, Any]
    truth: dict[str, Any]
    tables: dict[str, bytes]
    devices: dict[str, str]
    steps: list[Step]
    command: str = ""

    @property
    def snapshots(self) -> dict[str, Any]:
        return self.truth["snapshots"]

    @property
    def observed(self) -> Observed:
        return read_observed(json.dumps(self.truth).encode(), self.name)

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(s.command or f"# moment: {s.label}" for s in self.steps)


class Drawing:
    """Draws a topology file as a person would."""

    def __init__(self, topology: dict[str, Any]) -> None:
        self.topology = topology
        self.parts: dict[str, Part] = {}
        self.links: dict[str, Link] = {}

    def changes(self) -> list[dict[str, Any]]:
        return self.topology.get("override", [])

    @property
    def told_apart(self) -> bool:
        """Whether the SRAT tells of windows what a drawn window cannot.

        Another order than the CEDT's, or a part that is not the first. Memory that only the SRAT
        knows can.
        """
        told = [c for c in self.changes() if c["op"] == "srat_window"]
        order = [c["window"] for c in told]
        return order != sorted(order) or any("offset" in c for c in told)

    def add(self, part: Part, above: str = "") -> str:
        self.parts[part.id] = part
        if above:
            key = f"l{len(self.links)}"
            self.links[key] = Link(id=key, upstream=above, downstream=f"{part.id}:up")
        return part.id

    def figures(self) -> dict[tuple[int, int], Perf]:
        """What the table says of each pair: one told apart leaves the joint figures without."""
        rows = self.topology.get("hmat", [])
        found: dict[tuple[int, int], dict[str, int]] = {}
        for row in rows:
            values = found.setdefault((row["from"], row["to"]), {})
            for key, name in (("latency", "latency_ns"), ("bandwidth", "bandwidth_mbps")):
                for kind in ("read", "write"):
                    apart = any(f"{kind}_{key}" in r for r in rows)
                    value = row.get(f"{kind}_{key}" if apart else key)
                    if value is not None:
                        values[f"{kind}_{name}"] = value
        return {k: Perf(**v) for k, v in found.items()}

    def document(self) -> Document:
        topology = self.topology
        figures = self.figures()
        part_of: dict[int, str] = {}
        for pxm, node in enumerate(topology["nodes"]):
            if node.get("cpus"):
                part_of[pxm] = self.add(
                    Socket(
                        id=f"socket{pxm}",
                        cpus=node["cpus"],
                        dram_bytes=node.get("mem", 0) * MIB,
                        pxm=pxm,
                        perf=figures.get((pxm, pxm), Perf()),
                    )
                )
        caches = {c["node"]: 64 * MIB for c in topology.get("hmat_cache", [])}
        ports = {b.get("generic_port_node") for b in topology.get("host_bridges", [])}
        for pxm, node in enumerate(topology["nodes"]):
            if not node.get("cpus") and pxm not in ports:
                initiator = node.get("initiator", 0)
                part_of[pxm] = self.add(
                    MemoryDomain(
                        id=f"memory{pxm}",
                        size_bytes=node.get("mem", 0) * MIB,
                        pxm=pxm,
                        perf=figures.get((initiator, pxm), Perf()),
                        cache_bytes=caches.get(pxm, 0),
                    ),
                    f"{part_of[initiator]}:mem",
                )
        for number, bridge in enumerate(topology.get("host_bridges", [])):
            port = bridge.get("generic_port_node")
            self.add(
                HostBridge(
                    id=bridge["id"],
                    bus=bridge.get("bus", 12 + 40 * number),
                    pxm=bridge.get("pxm"),
                    generic_port_pxm=port,
                    perf=figures.get((bridge.get("pxm", 0), port), Perf()),
                    hdm_decoders=4 if len(bridge["ports"]) > 1 or bridge.get("hdm") else 0,
                ),
                f"{part_of[bridge.get('pxm', 0)]}:io",
            )
            if port is not None:
                part_of[port] = bridge["id"]
            for index, below in enumerate(bridge["ports"]):
                root_port = self.add(
                    RootPort(id=f"{bridge['id']}rp{index}", number=index), f"{bridge['id']}:rp"
                )
                self.below(below, f"{root_port}:down")
        windows = self.windows()
        host = self.host(part_of)
        return Document(parts=self.parts, links=self.links, windows=windows, host=host)

    def below(self, what: dict[str, Any], port: str) -> None:
        if not what:
            return
        if "down" in what:
            switch = Switch(id=what["id"], downstream=len(what["down"]), perf=SWITCHING)
            self.add(switch, port)
            for index, inner in enumerate(what["down"]):
                self.below(inner, f"{what['id']}:d{index}")
            return
        self.add(
            Device(
                id=what["id"],
                volatile_bytes=what.get("volatile", 0) * MIB,
                persistent_bytes=what.get("pmem", 0) * MIB,
                serial=256 + int(what["id"][1:]),
                width=16,
                perf=MEDIA,
            ),
            port,
        )

    def windows(self) -> dict[str, Window]:
        windows = {
            f"w{i}": Window(
                id=f"w{i}",
                size_bytes=w["size"] * MIB,
                targets=tuple(w["targets"]),
                granularity=w.get("granularity", 256),
            )
            for i, w in enumerate(self.topology.get("windows", []))
        }
        for change in self.changes():
            key = f"w{change.get('window')}"
            if change["op"] == "cfmws_set":
                windows[key] = replace(
                    windows[key],
                    restrictions=restrictions_of(change["restrictions"]),
                    qtg_id=change.get("qtg", 0),
                )
            elif change["op"] == "srat_window" and not self.told_apart:
                size = change.get("size")
                windows[key] = replace(
                    windows[key],
                    srat_pxm=change["pxm"],
                    srat_bytes=size * MIB if size else None,
                )
        return windows

    def host(self, part_of: dict[int, str]) -> Host:
        topology = self.topology
        memory = sum(n.get("mem", 0) for n in topology["nodes"]) * MIB
        hotplug = 0
        if "maxmem" in topology and not self.told_apart:
            hotplug = (64 << 30) - memory + (8 << 30)
        figures = self.figures()
        own = {(n.get("initiator", i), i) for i, n in enumerate(topology["nodes"])}
        own |= {
            (b.get("pxm", 0), b.get("generic_port_node")) for b in topology.get("host_bridges", [])
        }
        host = Host(
            cmdline=self.topology.get("cmdline", ""),
            hmat=bool(figures),
            hotplug_bytes=hotplug,
            distances=tuple(
                Distance(a=part_of[a], b=part_of[b], value=v)
                for a, b, v in topology.get("distances", [])
                if a < b
            ),
            access=tuple(
                AccessFigure(initiator=part_of[a], target=part_of[b], perf=perf)
                for (a, b), perf in figures.items()
                if (a, b) not in own
            ),
        )
        for change in self.changes():
            if change["op"] == "srat_mem" or (change["op"] == "srat_window" and self.told_apart):
                self.add(
                    MemoryDomain(
                        id=f"memory{change['pxm']}",
                        pxm=change["pxm"],
                        base=change["base"],
                        size_bytes=change["size"],
                        hotplug=bool(change.get("flags", 2) & 2),
                    )
                )
                low = (
                    MemoryRange(start=0, end=0x9FC00),
                    MemoryRange(start=MIB, end=memory - 0x20000),
                )
                host = replace(host, memory_map=low)
        return host


def draw(topology: dict[str, Any]) -> Document:
    """Return the document of a topology file.

    Windows stay where they are without memory that only the SRAT was told of.
    """
    drawing = Drawing(topology)
    if not drawing.told_apart and not any(c["op"] == "srat_mem" for c in drawing.changes()):
        return drawing.document()
    plain = Drawing({**topology, "override": []}).document()
    bases = lay_out(plain, number_domains(plain)).windows
    changes = [
        {
            "base": bases[f"w{c['window']}"] + c.get("offset", 0) * MIB,
            "size": (c.get("size") or topology["windows"][c["window"]]["size"]) * MIB,
            **{k: v for k, v in c.items() if k != "size"},
        }
        if c["op"] == "srat_window" and drawing.told_apart
        else c
        for c in drawing.changes()
    ]
    room = lay_out(plain, number_domains(plain)).hotplug
    if drawing.told_apart and room is not None:
        last = len(topology["nodes"]) - 1
        span = {"op": "srat_mem", "pxm": last, "base": room.start, "size": room.end - room.start}
        changes.insert(0, {**span, "flags": 3})
    document = Drawing({**topology, "override": changes}).document()
    windows = {k: replace(w, base=bases[k]) for k, w in document.windows.items()}
    return replace(document, windows=windows)


def _steps(
    topology: dict[str, Any], runs: dict[str, list[str]]
) -> tuple[dict[str, str], list[Step]]:
    """Return ``memN`` -> device id, and the recorded steps in order."""
    devices: dict[str, str] = {}
    for line in topology["steps"]:
        words = line.split()
        if words[0] == "mk" and words[1] in runs:
            names = re.findall(r"\bmem\d+\b", runs[words[1]][0])
            devices.update(zip(names, (f"d{n}" for n in words[5:]), strict=True))
    ids = re.findall(r"'id': '(d\d+)'", str(topology))
    unnamed = {f"mem{n}" for n in range(len(ids))} - devices.keys()
    unused = set(ids) - set(devices.values())
    if len(unused) == 1:
        devices.update(zip(unnamed, unused, strict=True))
    steps: list[Step] = []
    for line in topology["steps"]:
        words = line.split()
        if words[0] == "snap":
            steps.append(Step(words[1]))
        elif words[0] == "echo":
            target = "/sys/devices/system/memory/auto_online_blocks"
            steps.append(Step("echo", f"echo {words[1]} > {target}"))
        elif words[0] in {"mk", "run", "setf", "rmr"}:
            labels = [words[1], f"{words[1]}-destroy"] if words[0] == "rmr" else [words[1]]
            steps += [_run(label, runs[label], devices) for label in labels if label in runs]
    return devices, steps


def _run(label: str, lines: list[str], devices: dict[str, str]) -> Step:
    def named(text: str) -> str:
        return re.sub(r"\bmem\d+\b", lambda m: devices.get(m[0], m[0]), text)

    command = lines[0].removeprefix("$ ")
    echo = re.fullmatch(r"sh -c (echo .*?); cat .*", command)
    status = int(lines[-1].removeprefix("rc="))
    return Step(label, named(echo[1] if echo else command), status, [named(x) for x in lines[1:-1]])


def load(name: str) -> Recorded:
    """Return one recorded machine."""
    folder = DATA / name
    topology = json.loads((folder / "topology.json").read_text())
    truth = json.loads((folder / "truth.json").read_text())
    devices, steps = _steps(topology, truth["runs"])
    tables = {p.stem: p.read_bytes() for p in folder.glob("*.dat")}
    command = (folder / "qemu.cmd").read_text()
    return Recorded(name, topology, truth, tables, devices, steps, command)


@pytest.fixture(params=NAMES)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """Every recorded machine in turn."""
    return load(request.param)


@pytest.fixture
def drawn() -> Callable[[dict[str, Any]], Document]:
    """How a topology file is drawn."""
    return draw


@pytest.fixture
def machine() -> Callable[[str], Recorded]:
    """How one recorded machine is loaded by name."""
    return load
