"""The generators: uniform, zipf, scan, moving hot set, page cache first. All are seeded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cxldesigner.workloads.model import Shape

Values = Mapping[str, float]
Pages = NDArray[np.int64]


class Filling:
    """An area that is filled in page order at ``fill_mbps`` while it is already being used.

    Visits to pages not filled yet are dropped, as a lookup that finds nothing.
    """

    def __init__(self, shape: Shape, values: Values, random: np.random.Generator) -> None:
        self.pages = shape.pages
        self.random = random
        self.filled = 0
        self._owed = 0.0
        self._pages_per_ms = values["fill_mbps"] * 1000 / shape.page_bytes

    def batch(self, visits: int, tick_ms: int) -> Pages:
        """Return the pages filled in this tick, then those visited."""
        fresh = self._fill(tick_ms)
        visited = self.visit(visits)
        visited = visited[visited < self.filled]
        return np.concatenate((fresh, visited))

    def visit(self, count: int) -> Pages:
        """Return ``count`` visited pages of the whole area."""
        raise NotImplementedError

    def _fill(self, tick_ms: int) -> Pages:
        self._owed = min(self._owed + self._pages_per_ms * tick_ms, float(self.pages))
        count = min(int(self._owed), self.pages - self.filled)
        self._owed -= count
        self.filled += count
        return np.arange(self.filled - count, self.filled, dtype=np.int64)


class Uniform(Filling):
    """Every page is equally likely."""

    def visit(self, count: int) -> Pages:
        """Return random pages."""
        return self.random.integers(0, self.pages, count)


class Zipf(Filling):
    """Keys of a cache: the page of popularity rank r is visited in proportion to r^-exponent.

    Popular pages lie scattered over the area. Ranks are drawn by inverting the continuous
    distribution on [1, pages + 1).
    """

    def __init__(self, shape: Shape, values: Values, random: np.random.Generator) -> None:
        super().__init__(shape, values, random)
        self._exponent = values["exponent"]
        self._page_of_rank = random.permutation(shape.pages)

    def visit(self, count: int) -> Pages:
        """Return pages drawn by popularity."""
        u = self.random.random(count)
        end = float(self.pages + 1)
        if abs(self._exponent - 1) < 1e-9:
            rank = end**u
        else:
            power = 1 - self._exponent
            rank = (1 + u * (end**power - 1)) ** (1 / power)
        index = np.minimum(rank.astype(np.int64) - 1, self.pages - 1)
        return self._page_of_rank[index]


class Scan(Filling):
    """Reads the area from start to end, again and again."""

    def __init__(self, shape: Shape, values: Values, random: np.random.Generator) -> None:
        super().__init__(shape, values, random)
        self._next = 0

    def visit(self, count: int) -> Pages:
        """Return the next pages in order; nothing before the area is filled."""
        if self.filled < self.pages:
            return np.empty(0, np.int64)
        pages = (self._next + np.arange(count, dtype=np.int64)) % self.pages
        self._next = (self._next + count) % self.pages
        return pages


class HotSet(Filling):
    """A contiguous hot part gets most visits and moves on through the area from time to time."""

    def __init__(self, shape: Shape, values: Values, random: np.random.Generator) -> None:
        super().__init__(shape, values, random)
        self._hot_pages = max(1, round(values["hot_share"] * shape.pages))
        self._hot_visits = values["hot_visits"]
        self._period_ms = values["period_s"] * 1000
        self._step = round(values["step_share"] * shape.pages)
        self._start = 0
        self._clock_ms = 0.0

    def batch(self, visits: int, tick_ms: int) -> Pages:
        """Return the tick's pages and move the hot part when its time has come."""
        pages = super().batch(visits, tick_ms)
        if self.filled == self.pages:
            self._clock_ms += tick_ms
            while self._clock_ms >= self._period_ms > 0:
                self._clock_ms -= self._period_ms
                self._start = (self._start + self._step) % self.pages
        return pages

    def visit(self, count: int) -> Pages:
        """Return pages of the hot part with its probability, else of the whole area."""
        hot = self.random.random(count) < self._hot_visits
        inside = self._start + self.random.integers(0, self._hot_pages, count)
        anywhere = self.random.integers(0, self.pages, count)
        return np.where(hot, inside % self.pages, anywhere)


class PageCacheFirst(Filling):
    """Start-up of a server: it reads its files, then builds its heap, then serves from the heap.

    The page cache takes the near memory before the heap exists (R5).
    """

    def __init__(self, shape: Shape, values: Values, random: np.random.Generator) -> None:
        super().__init__(shape, values, random)
        self._file_pages = shape.file_pages
        self._file_visits = values["file_visits"]
        heap = Shape(max(1, shape.pages - shape.file_pages), 0, shape.page_bytes)
        self._heap = Zipf(heap, values, random)

    def visit(self, count: int) -> Pages:
        """Return mostly heap pages by popularity, some file pages evenly."""
        heap = self._file_pages + self._heap.visit(count)
        if not self._file_pages:
            return heap
        file = self.random.integers(0, self._file_pages, count)
        return np.where(self.random.random(count) < self._file_visits, file, heap)
