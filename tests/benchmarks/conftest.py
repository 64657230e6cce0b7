"""Figures of all benchmarks in one table at the end of the run."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

os.environ.setdefault("NUMBA_CACHE_DIR", f"{sys.prefix}/kernels")

TABLE = pytest.StashKey[list["Figure"]]()


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``limit`` None: reported only."""

    what: str
    value: float
    unit: str
    limit: float | None = None


class Figures:
    """Takes what a benchmark measured; :meth:`limit` also holds it to its limit."""

    def __init__(self, table: list[Figure]) -> None:
        self._table = table

    def tell(self, what: str, value: float, unit: str = "ms") -> None:
        """Report a figure."""
        self._table.append(Figure(what, float(value), unit))

    def limit(self, what: str, value: float, limit: float, unit: str = "ms") -> None:
        """Report a figure and require that it is at most ``limit``."""
        self._table.append(Figure(what, float(value), unit, limit))
        assert value <= limit, f"{what}: {value:.3g} {unit}, limit {limit:g} {unit}"


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Figures:
    """Where a benchmark reports what it measured."""
    return Figures(pytestconfig.stash.setdefault(TABLE, []))


@pytest.fixture
def cpu_ms() -> Callable[..., NDArray[np.float64]]:
    """Return a function that gives the processor time of each of ``times`` calls in ms.

    What other processes do costs a busy machine some calls their caches: limits are held against
    the best call or a percentile that the test names, never against a single one.
    """

    def measure(step: Callable[[], object], times: int) -> NDArray[np.float64]:
        taken = []
        for _ in range(times):
            begun = time.process_time()
            step()
            taken.append((time.process_time() - begun) * 1000)
        return np.array(taken)

    return measure


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    table = config.stash.get(TABLE, [])
    if not table:
        return
    terminalreporter.section("benchmarks (processor time)")
    width = max(len(figure.what) for figure in table)
    for figure in table:
        limit = "" if figure.limit is None else f"  limit {figure.limit:g} {figure.unit}"
        line = f"{figure.what:{width}}  {figure.value:>10.4g} {figure.unit}{limit}"
        terminalreporter.write_line(line.rstrip())
