"""Where the memory areas of processes lie in the page arrays, and their page-table trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxldesigner.engine.kernels.layout import PAGES_PER_TABLE, Pages, Records, new_pages, new_tables


@dataclass(frozen=True, slots=True)
class AreaSpec:
    """A memory area to make: owning task, simulated pages, kind (ANON or FILE)."""

    owner: int
    pages: int
    kind: int


@dataclass(frozen=True, slots=True)
class Area:
    """A memory area: its first simulated page and how many it has."""

    owner: int
    first: int
    count: int
    kind: int

    @property
    def end(self) -> int:
        """The page after the last."""
        return self.first + self.count


def lay_out(specs: Sequence[AreaSpec], granule: int) -> tuple[tuple[Area, ...], Pages, Records]:
    """Place areas one after another, each at the start of a page table; make their arrays.

    A page-table page serves 512 pages, one above it 512 page tables, and so on for four levels
    (M12); the two topmost belong to the task. Page table ``t`` of the last level serves the 4 KiB
    pages ``512 t … 512 t + 511`` of the page arrays.
    """
    align = max(1, PAGES_PER_TABLE // granule)
    areas: list[Area] = []
    end = 0
    for spec in specs:
        areas.append(Area(spec.owner, end, spec.pages, spec.kind))
        end += -(-spec.pages // align) * align
    pages = new_pages(end)
    for area in areas:
        pages.kind[area.first : area.end] = area.kind
        pages.owner[area.first : area.end] = area.owner
    parents, owners = _tables(areas, end, granule)
    return tuple(areas), pages, new_tables(parents, owners)


def _tables(
    areas: Sequence[Area], end: int, granule: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    leaves = -(-end * granule // PAGES_PER_TABLE)
    parents = [-1] * leaves
    owners = [0] * leaves
    tops: dict[int, int] = {}

    def add(parent: int, owner: int) -> int:
        parents.append(parent)
        owners.append(owner)
        return len(parents) - 1

    for area in areas:
        if area.owner not in tops:
            tops[area.owner] = add(add(-1, area.owner), area.owner)
        first = area.first * granule // PAGES_PER_TABLE
        last = -(-area.end * granule // PAGES_PER_TABLE)
        for start in range(first, last, PAGES_PER_TABLE):
            middle = add(tops[area.owner], area.owner)
            for leaf in range(start, min(start + PAGES_PER_TABLE, last)):
                parents[leaf] = middle
                owners[leaf] = area.owner
    return np.array(parents, np.int64), np.array(owners, np.int64)
