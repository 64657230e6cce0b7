"""Recordings for GUI tests: a two-node machine on which pages spill, are demoted and promoted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxldesigner.document.edits import set_scenario
from cxldesigner.document.model import GIB, Document, Phase, Process, Scenario
from cxldesigner.document.store import canonical_bytes
from cxldesigner.recording.model import Cause, Column, Event, Meta, Migration, PageMap
from cxldesigner.recording.writer import RecordingWriter
from tests.build import platform

NODE = {
    "free": "pages", "anon": "pages", "file": "pages", "kernel": "pages", "min": "pages",
    "low": "pages", "high": "pages", "promo": "pages", "promoted": "pages", "demoted": "pages",
    "read_mbps": "MB/s", "write_mbps": "MB/s", "latency_ns": "ns", "utilisation": "",
}  # fmt: skip
MANAGED = {0: 1 << 20, 1: 2 << 20}
PROCESSES = ("cache", "scan")
BINS = 512


def two_tiers() -> Document:
    """Return a socket with one expander and one scenario ``sc0``."""
    document = platform(devices=1, dram_bytes=4 * GIB, device_bytes=8 * GIB, name="Two tiers")
    phase = Phase(workload="zipf-cache", duration_ms=60_000, bytes=3 * GIB)
    scenario = Scenario(
        id="sc0",
        name="Story",
        processes=tuple(Process(id=p, socket="s0", phases=(phase,)) for p in PROCESSES),
    )
    return set_scenario(document, scenario)


def columns(document: Document) -> tuple[Column, ...]:
    """Return the columns a recording of :func:`two_tiers` has."""
    names = [(f"node{n}.{k}", unit) for n in MANAGED for k, unit in NODE.items()]
    names += [("zone0.Normal.free", "pages"), ("zone1.Movable.free", "pages")]
    names += [
        (f"link.{k}.{w}", u)
        for k in document.links
        for w, u in (("mbps", "MB/s"), ("utilisation", ""))
    ]
    names += [("device.mem0.used", "pages")]
    for process in PROCESSES:
        names += [(f"process.{process}.ops", "1/s"), (f"process.{process}.latency_ns", "ns")]
        names += [(f"process.{process}.node{n}", "pages") for n in MANAGED]
    names += [("vmstat.pgpromote_success", "pages"), ("vmstat.pgdemote_kswapd", "pages")]
    return tuple(Column(name, unit) for name, unit in names)


def rows(document: Document, ticks: int, seed: int = 1) -> np.ndarray:
    """Return float64 ``[ticks, columns]``: DRAM fills, spills, then hot and cold are sorted."""
    rng, t = np.random.default_rng(seed), np.arange(ticks) / max(ticks, 1)
    out: dict[str, np.ndarray] = {}
    used = np.clip(t / 0.35, 0, 1)
    total = 1.6e6 * used
    file0 = 1.6e5 * np.clip(t / 0.1, 0, 1) * (1 - 0.7 * np.clip((t - 0.4) / 0.3, 0, 1))
    near = np.minimum(total, 0.98 * MANAGED[0] - 6e4 - file0 - 2500 * rng.random(ticks))
    far = np.clip(total - near, 0, None)
    busy = np.clip((t - 0.32) * 12, 0, 1) * np.exp(-3 * np.clip(t - 0.45, 0, None))
    moved = np.floor(busy * 2600 * (0.5 + rng.random(ticks)))
    for n, anon, file, kernel in (
        (0, near, file0, 6e4 + 3e3 * t), (1, far, 1.6e5 - file0 * 0.9, 4e3 + 0 * t),
    ):  # fmt: skip
        parts = {
            "anon": np.floor(anon),
            "file": np.floor(np.clip(file * (t > 0.01), 0, None)),
            "kernel": np.floor(kernel),
        }
        out |= {f"node{n}.{k}": v for k, v in parts.items()}
        out[f"node{n}.free"] = MANAGED[n] - sum(parts.values())
        for k, v in {"min": 4000, "low": 12000, "high": 20000, "promo": 28000}.items():
            out[f"node{n}.{k}"] = np.full(ticks, float(v * (n + 1)))
        out[f"node{n}.promoted"] = moved * 0.8 * (n == 0)
        out[f"node{n}.demoted"] = moved * (n == 0)
        share = used * (0.8 if n == 0 else 0.5 * far / 8e5)
        out[f"node{n}.read_mbps"] = share * 22000 * (0.9 + 0.2 * rng.random(ticks))
        out[f"node{n}.write_mbps"] = share * 7000 * (0.9 + 0.2 * rng.random(ticks))
        out[f"node{n}.latency_ns"] = (90 if n == 0 else 220) * (
            1 + share**3 + 0.03 * rng.random(ticks)
        )
        out[f"node{n}.utilisation"] = share
    out["zone0.Normal.free"], out["zone1.Movable.free"] = out["node0.free"], out["node1.free"]
    for k in document.links:
        out[f"link.{k}.utilisation"] = np.clip(far / 9e5 + 0.05 * rng.random(ticks), 0, 1)
        out[f"link.{k}.mbps"] = out[f"link.{k}.utilisation"] * 32000
    out["device.mem0.used"] = MANAGED[1] - out["node1.free"]
    for process, weight in zip(PROCESSES, (0.7, 0.3), strict=True):
        out[f"process.{process}.node0"] = np.floor(near * weight)
        out[f"process.{process}.node1"] = np.floor(far * weight)
        latency = 90 + 130 * far / np.maximum(total, 1) * (1 - 0.6 * np.clip(t - 0.5, 0, 1))
        out[f"process.{process}.latency_ns"] = latency
        out[f"process.{process}.ops"] = (
            used * weight * 9e7 / latency * (0.95 + 0.1 * rng.random(ticks))
        )
    out["vmstat.pgpromote_success"] = np.cumsum(out["node0.promoted"])
    out["vmstat.pgdemote_kswapd"] = np.cumsum(out["node0.demoted"])
    return np.stack([out[c.name] for c in columns(document)], axis=1)


def page_map(process: str, at: float) -> PageMap:
    """Return a map of a process at a share ``at`` of the run: hot pages first, cold ones far."""
    place = np.arange(BINS) / BINS
    node = np.where(place < 0.55, 0, 1) if at > 0.6 else (place * 7 % 2 > 1.2).astype(int)
    node = np.where(place > max(at * 3, 0.02), 255, node)
    heat = 255 * np.exp(-4 * place)
    return PageMap(process, node.astype(np.uint8).tobytes(), heat.astype(np.uint8).tobytes())


def write(
    path: Path, document: Document | None = None, *, ticks: int = 600, finish: bool = True
) -> Path:
    """Write a recording of 100 ms ticks; unfinished it looks like a killed engine's."""
    document = document or two_tiers()
    meta = Meta(
        document=canonical_bytes(document), scenario="sc0", seed=1, tick_ms=100, granule_pages=1,
        columns=columns(document), engine="test",
    )  # fmt: skip
    writer = RecordingWriter(path, meta)
    events = {ticks // 3: Event(ticks // 3, "phase", "scan starts", "scan")}
    events[ticks // 2] = Event(ticks // 2, "action", "daxctl online-memory dax0.0", node=1)
    for tick, row in enumerate(rows(document, ticks)):
        moved = (
            int(row[[c.name for c in columns(document)].index("node0.demoted")])
            if ticks < 5000
            else 0
        )
        writer.tick(
            row,
            [events[tick]] if tick in events else [],
            [Migration(tick, Cause.DEMOTION_KSWAPD, 0, 1, moved)] if moved else [],
            [page_map(p, tick / ticks) for p in PROCESSES] if tick % 10 == 0 else [],
        )
    if finish:
        writer.finish({})
    else:
        writer.close()
    return path
