"""The processes of a scenario while they run: phases, areas, generators, what they visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxldesigner.document.model import Phase, Process, Scenario
from cxldesigner.engine.areas import Area, AreaSpec
from cxldesigner.engine.kernels.layout import ANON, FILE
from cxldesigner.engine.topology import PAGE_BYTES
from cxldesigner.workloads.model import Generator
from cxldesigner.workloads.registry import WORKLOADS, file_pages, make_generator


def _sizes(phase: Phase, granule: int) -> tuple[int, int]:
    """Return simulated file and anonymous pages of a phase."""
    pages = max(1, phase.bytes // (PAGE_BYTES * granule))
    files = file_pages(pages, WORKLOADS[phase.workload].values(phase.parameters))
    return files, pages - files


def areas_of(scenario: Scenario) -> list[AreaSpec]:
    """Return the areas of all processes: for each a heap, and a file if any phase reads one.

    The phases of a process share both, so each is as large as the largest phase needs.
    """
    areas: list[AreaSpec] = []
    for task, process in enumerate(scenario.processes):
        sizes = [_sizes(phase, scenario.granule_pages) for phase in process.phases]
        for kind, part in ((ANON, 1), (FILE, 0)):
            pages = max((size[part] for size in sizes), default=0)
            if pages:
                areas.append(AreaSpec(task, pages, kind))
    return areas


@dataclass(slots=True)
class Stage:
    """A phase with its generator and numbers."""

    phase: Phase
    generator: Generator
    values: dict[str, float]
    file_pages: int

    @property
    def end_ms(self) -> int:
        """When the phase is over."""
        return self.phase.start_ms + self.phase.duration_ms


class Program:
    """One process: not started, running, or over (``ended`` says why: "done", "oom", "refused").

    ``pace`` is how fast it runs against a machine of local idle memory only; it visits that much
    fewer pages when memory is slow.
    """

    def __init__(
        self,
        task: int,
        process: Process,
        areas: Sequence[Area],
        granule: int,
        random: np.random.Generator,
    ) -> None:
        self.task, self.process = task, process
        own = {area.kind: area for area in areas if area.owner == task}
        self.heap, self.file = own.get(ANON), own.get(FILE)
        self.granule = granule
        self.started, self.ended = False, ""
        self.pace = 1.0
        self.scan_cursor, self.scan_due_ms = 0, 0
        self._owed = 0.0
        self.stages: list[Stage] = []
        for phase in sorted(process.phases, key=lambda p: p.start_ms):
            files, anon = _sizes(phase, granule)
            generator = make_generator(
                phase.workload, phase.parameters, files + anon, PAGE_BYTES * granule, random
            )
            values = WORKLOADS[phase.workload].values(phase.parameters)
            self.stages.append(Stage(phase, generator, values, files))

    @property
    def start_ms(self) -> int:
        """When its first phase starts."""
        return min((s.phase.start_ms for s in self.stages), default=0)

    @property
    def end_ms(self) -> int:
        """When its last phase ends."""
        return max((s.end_ms for s in self.stages), default=0)

    def at(self, now_ms: int) -> Stage | None:
        """Return the phase of a moment: of several, the one that started last."""
        current = [s for s in self.stages if s.phase.start_ms <= now_ms < s.end_ms]
        return current[-1] if current else None

    def visits(self, stage: Stage, tick_ms: int) -> NDArray[np.int64]:
        """Return the simulated pages the process visits in one tick, as page-array indexes."""
        rate = stage.values["visits_per_s"] * tick_ms / 1000 / self.granule
        self._owed += rate * self.pace
        count = int(self._owed)
        self._owed -= count
        pages = stage.generator.batch(count, tick_ms)
        heap = self.heap.first if self.heap else 0
        file = self.file.first if self.file else 0
        is_file = pages < stage.file_pages
        return np.where(is_file, pages + file, pages - stage.file_pages + heap)
