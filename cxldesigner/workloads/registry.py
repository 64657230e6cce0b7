"""The workloads a scenario can name, with their parameters: for the engine, the GUI, the schema."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxldesigner.workloads.generators import HotSet, PageCacheFirst, Scan, Uniform, Zipf
from cxldesigner.workloads.model import COMMON, Generator, Parameter, Shape, WorkloadSpec

EXPONENT = Parameter(
    "exponent", "", 0.99, 0, 3, "how unequal popularity is; 0.99 is YCSB's zipfian, 0 is even"
)
FILE_SHARE = Parameter("file_share", "", 0.5, 0, 1, "share of the area that is file data")

WORKLOADS: Mapping[str, WorkloadSpec] = {
    spec.id: spec
    for spec in (
        WorkloadSpec(
            "uniform",
            "Uniform",
            "Visits every page of its memory equally often.",
            COMMON,
            Uniform,
        ),
        WorkloadSpec(
            "zipf-cache",
            "Key-value cache (zipf)",
            "A cache whose popular keys are visited far more often than the rest.",
            (*COMMON, EXPONENT),
            Zipf,
        ),
        WorkloadSpec(
            "scan",
            "Streaming scan",
            "Reads its memory from start to end, again and again.",
            COMMON,
            Scan,
        ),
        WorkloadSpec(
            "moving-hot-set",
            "Moving hot set",
            "Most visits go to a hot part that moves on from time to time.",
            (
                *COMMON,
                Parameter("hot_share", "", 0.1, 0, 1, "share of the memory that is hot"),
                Parameter("hot_visits", "", 0.9, 0, 1, "share of visits the hot part gets"),
                Parameter("period_s", "s", 20, 0, 86_400, "time between two moves; 0 never moves"),
                Parameter("step_share", "", 0.1, 0, 1, "how far it moves, share of the memory"),
            ),
            HotSet,
        ),
        WorkloadSpec(
            "page-cache-first",
            "Page cache first",
            "Reads files into the page cache, then builds a heap and serves from it.",
            (
                *COMMON,
                EXPONENT,
                FILE_SHARE,
                Parameter("file_visits", "", 0.02, 0, 1, "share of later visits that read files"),
            ),
            PageCacheFirst,
        ),
    )
}
"""Workload id -> description, in the order they are offered."""


def file_pages(pages: int, values: Mapping[str, float]) -> int:
    """Return how many of an area's pages are file pages."""
    return min(pages, round(values.get(FILE_SHARE.name, 0.0) * pages))


def make_generator(
    workload: str,
    parameters: Mapping[str, float],
    pages: int,
    page_bytes: int,
    random: np.random.Generator,
) -> Generator:
    """Return the generator of a phase over ``pages`` simulated pages.

    Raises ``KeyError`` for an unknown workload or parameter;
    :func:`cxldesigner.workloads.checks.check_scenario` reports those first.
    """
    spec = WORKLOADS[workload]
    values = spec.values(parameters)
    return spec.make(Shape(pages, file_pages(pages, values), page_bytes), values, random)
