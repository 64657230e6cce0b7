"""What a workload is: parameters that describe it, and a generator of page visits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Generator(Protocol):
    """Produces the pages a phase visits, tick by tick.

    Pages are numbered inside the phase's area from 0, file pages (if any) before anonymous ones.
    """

    def batch(self, visits: int, tick_ms: int) -> NDArray[np.int64]:
        """Return the page numbers visited in one tick, in order.

        ``visits`` is how many the program has time for; pages it fills or reads in for the first
        time come on top.
        """
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number a scenario may set: unit, default, range (inclusive) and what it means."""

    name: str
    unit: str
    default: float
    minimum: float
    maximum: float
    help: str
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What a generator is made for: simulated pages, how many of them file pages, page size."""

    pages: int
    file_pages: int
    page_bytes: int


MakeGenerator = Callable[[Shape, Mapping[str, float], np.random.Generator], Generator]


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    """One kind of workload: how it is called and described, its parameters, its generator."""

    id: str
    title: str
    help: str
    parameters: tuple[Parameter, ...]
    make: MakeGenerator

    def values(self, given: Mapping[str, float]) -> dict[str, float]:
        """Return every parameter's value: the given one or the default.

        Raises
        ------
        KeyError
            For a name the workload does not have.
        """
        known = {p.name: p.default for p in self.parameters}
        for name, value in given.items():
            if name not in known:
                raise KeyError(name)
            known[name] = float(value)
        return known


COMMON = (
    Parameter("threads", "", 8, 1, 1024, "threads that access memory at the same time", True),
    Parameter("mlp", "", 4, 1, 32, "cache misses a thread keeps in flight (G4)"),
    Parameter("compute_ns", "ns", 20, 0, 100_000, "time a thread computes between two misses"),
    Parameter("write_share", "", 0.25, 0, 1, "share of memory accesses that are writes"),
    Parameter(
        "visits_per_s", "1/s", 500_000, 0, 1e9,
        "page visits per second while every access is as fast as local memory",
    ),
    Parameter(
        "fill_mbps", "MB/s", 1000, 0.001, 1e6, "how fast the area is first written or read in"
    ),
)  # fmt: skip
"""Parameters of every workload."""
