"""Bandwidth and latency: what accesses cost while they share memory, devices and links (G1-G7).

A *stage* is one thing a memory access goes through. Its bandwidth in each direction is shared by
all traffic; its latency grows with its use. A *path* is the stages between the CPUs of one node
and the memory of another, each with the share of the traffic that takes it (interleaving).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LINE_BYTES = 64
UTILISATION_CAP = 0.95
UNLIMITED = 1e12
ROUNDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: idle read latency in ns, bandwidth in MB/s, shape of the loaded latency (G1).

    ``shared``: reads and writes share one bus (DRAM, G4), ``write_mbps`` is then unused.
    ``item`` is the document id of the link or part it stands for.
    """

    name: str
    latency_ns: float = 0.0
    read_mbps: float = UNLIMITED
    write_mbps: float = UNLIMITED
    shared: bool = False
    curve: float = 0.08
    item: str = ""


Path = tuple[tuple[int, float], ...]
"""(stage index, share of the path's traffic that takes it) in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one process wants in a tick.

    ``share`` is the part of its accesses that goes to each node; ``busy`` the part of the tick its
    threads have left for accesses (the rest went into faults and migrations, G5, G6).
    """

    home: int
    threads: float
    mlp: float
    compute_ns: float
    write_share: float
    share: Floats
    busy: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The answer: accesses per second and mean read latency of each process, use of every stage.

    ``read_mbps``/``write_mbps`` by stage; ``latency_ns`` by (home, node).
    """

    ops: Floats
    process_latency_ns: Floats
    read_mbps: Floats
    write_mbps: Floats
    utilisation: Floats
    latency_ns: Floats


def loaded(latency_ns: Floats, utilisation: Floats, curve: Floats) -> Floats:
    """Return loaded latency ``L0 (1 + 0.5 u + a u² / (1 - u))``, u at most 0.95 (G1)."""
    u = np.clip(utilisation, 0.0, UTILISATION_CAP)
    result: Floats = latency_ns * (1 + 0.5 * u + curve * u * u / (1 - u))
    return result


def write_factor(write_share: Floats) -> Floats:
    """Return what is left of a DRAM bus' peak read bandwidth at a share of writes (G4)."""
    result: Floats = np.interp(write_share, [0.0, 0.25, 1 / 3, 0.5], [1.0, 0.89, 0.87, 0.83])
    return result


class CostModel:
    """Solves the loop of demand, use and latency for a fixed set of stages and paths.

    Parameters
    ----------
    stages : all stages.
    paths : by (home index, node index).
    """

    def __init__(self, stages: Sequence[Stage], paths: Sequence[Sequence[Path]]) -> None:
        self.stages = tuple(stages)
        self._share = np.zeros((len(paths), len(paths[0]) if paths else 0, len(stages)))
        for home, row in enumerate(paths):
            for node, path in enumerate(row):
                for stage, share in path:
                    self._share[home, node, stage] += share
        self._idle = np.array([s.latency_ns for s in stages])
        self._curve = np.array([s.curve for s in stages])
        self._read = np.array([s.read_mbps for s in stages])
        self._write = np.array([s.write_mbps for s in stages])
        self._bus = np.array([s.shared for s in stages], bool)

    def idle_latency(self, home: int, node: int) -> float:
        """Return the unloaded read latency from one node's CPUs to another's memory."""
        return float(self._share[home, node] @ self._idle)

    def path_shares(self, home: int, node: int) -> Floats:
        """Return the share of a path's traffic by stage."""
        shares: Floats = self._share[home, node]
        return shares

    def _use(self, read: Floats, write: Floats) -> Floats:
        """Return utilisation by stage for traffic in MB/s; above 1 when too much is asked."""
        total = read + write
        mix = np.divide(write, total, out=np.zeros_like(total), where=total > 0)
        bus = total / (self._read * write_factor(mix))
        result: Floats = np.where(
            self._bus, bus, np.maximum(read / self._read, write / self._write)
        )
        return result

    def solve(
        self, demands: Sequence[Demand], read_mbps: Floats | None = None,
        write_mbps: Floats | None = None,
    ) -> Load:  # fmt: skip
        """Return what the processes get, with background traffic by stage (migrations, G7).

        Closed loop: a thread computes, then waits ``read share * latency / MLP`` per access (G4);
        more accesses raise use and latency. What exceeds a capacity is scaled down max-min fair
        in proportion to demand (G2).
        """
        count = len(self.stages)
        back_read = np.zeros(count) if read_mbps is None else read_mbps
        back_write = np.zeros(count) if write_mbps is None else write_mbps
        per_op = np.array(
            [d.share @ self._share[d.home] * LINE_BYTES / 1e6 for d in demands]
        ).reshape(len(demands), count)
        writes = np.array([d.write_share for d in demands])
        reads_per_op, writes_per_op = per_op * (1 - writes)[:, None], per_op * writes[:, None]
        ops = np.zeros(len(demands))
        latency = self._latency(self._use(back_read, back_write))
        for turn in range(ROUNDS):
            wanted = np.array([_rate(d, latency) for d in demands])
            ops = wanted if turn == 0 else (ops + wanted) / 2
            use = self._use(ops @ reads_per_op + back_read, ops @ writes_per_op + back_write)
            latency = self._latency(use)
        ops = self._fair(ops, reads_per_op, writes_per_op, back_read, back_write)
        read, write = ops @ reads_per_op + back_read, ops @ writes_per_op + back_write
        return Load(
            ops=ops,
            process_latency_ns=np.array([float(d.share @ latency[d.home]) for d in demands]),
            read_mbps=read,
            write_mbps=write,
            utilisation=np.minimum(self._use(read, write), 1.0),
            latency_ns=latency,
        )

    def _latency(self, use: Floats) -> Floats:
        result: Floats = self._share @ loaded(self._idle, use, self._curve)
        return result

    def _fair(
        self, wanted: Floats, reads: Floats, writes: Floats, back_read: Floats, back_write: Floats
    ) -> Floats:
        """Raise all processes together until a stage is full, stop those on it, go on (G2)."""
        ops = np.zeros_like(wanted)
        moving = wanted > 0
        level = 0.0
        while moving.any():
            step = wanted * moving
            low, high = 0.0, 1.0 - level
            if self._fits(ops + high * step, reads, writes, back_read, back_write):
                return np.asarray(ops + high * step)
            for _ in range(40):
                middle = (low + high) / 2
                if self._fits(ops + middle * step, reads, writes, back_read, back_write):
                    low = middle
                else:
                    high = middle
            ops = ops + low * step
            level += low
            slightly = ops + max(1e-6, 1e-6 * low) * step
            use = self._use(slightly @ reads + back_read, slightly @ writes + back_write)
            full = use >= 1.0
            stopped = moving & ((reads + writes)[:, full].sum(axis=1) > 0)
            if not stopped.any():
                break
            moving &= ~stopped
        return ops

    def _fits(
        self, ops: Floats, reads: Floats, writes: Floats, back_read: Floats, back_write: Floats
    ) -> bool:
        return bool((self._use(ops @ reads + back_read, ops @ writes + back_write) <= 1.0).all())


def _rate(demand: Demand, latency: Floats) -> float:
    """Return accesses per second of a process at these latencies."""
    if demand.share.sum() <= 0:
        return 0.0
    wait = (1 - demand.write_share) * float(demand.share @ latency[demand.home]) / demand.mlp
    return demand.threads * demand.busy * 1e9 / max(demand.compute_ns + wait, 1e-3)
