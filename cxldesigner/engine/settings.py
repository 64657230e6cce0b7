"""Settings of a machine and of its tasks, and how requests end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cxldesigner.document.model import Policy, Scenario
from cxldesigner.engine.marks import MarkSettings

KSWAPD_MODES = {"off": 0, "immediate": 1, "deferred": 2}


class Constraint(StrEnum):
    """Why an allocation ended in OOM (C13), in the kernel log's words."""

    NONE = "CONSTRAINT_NONE"
    CPUSET = "CONSTRAINT_CPUSET"
    MEMORY_POLICY = "CONSTRAINT_MEMORY_POLICY"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a batch of requests came.

    ``failed`` is "" when all were served, else ``null`` (the caller got no memory) or ``oom``.
    ``zones`` counts pages by (node, zone index) for kernel requests.
    """

    done: int
    failed: str = ""
    constraint: Constraint = Constraint.NONE
    zones: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """A task: the node of its CPUs, its policy, the nodes of its cpuset (empty: all)."""

    home: int
    policy: Policy = field(default_factory=Policy)
    cpuset: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """Kernel and model settings of a machine; see :class:`cxldesigner.document.model.Scenario`.

    ``seed`` None: the first of equal demotion targets is always taken (M8).
    """

    granule: int = 1
    kswapd: str = "off"
    demotion: bool = False
    numa_balancing: int = 0
    promote_rate_limit_mbps: int = 65536
    hot_threshold_ms: int = 1000
    page_tables: bool = False
    marks: MarkSettings = field(default_factory=lambda: MarkSettings(min_free_kbytes=1024))
    swap_bytes: int = 0
    seed: int | None = None


def knobs_of(scenario: Scenario) -> Knobs:
    """Return the knobs a scenario asks for."""
    return Knobs(
        granule=scenario.granule_pages,
        kswapd=scenario.kswapd,
        demotion=scenario.demotion,
        numa_balancing=scenario.numa_balancing,
        promote_rate_limit_mbps=scenario.promote_rate_limit_mbps,
        page_tables=scenario.page_tables,
        marks=MarkSettings(
            min_free_kbytes=scenario.min_free_kbytes,
            watermark_scale_factor=scenario.watermark_scale_factor,
            thp=True,
        ),
        swap_bytes=scenario.swap_bytes,
        seed=scenario.seed,
    )
