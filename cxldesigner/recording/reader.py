"""Reading a recording, finished or still growing, without ever loading all of it.

Use from one thread. A reader of a growing file sees what was committed at its last
:meth:`RecordingReader.refresh`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from cxldesigner.recording import schema
from cxldesigner.recording.blocks import BlockStore
from cxldesigner.recording.envelope import Floats, top_level
from cxldesigner.recording.file import RecordingFile
from cxldesigner.recording.happenings import read_events, read_migrations, read_moved
from cxldesigner.recording.meta import is_complete, read_meta
from cxldesigner.recording.model import Cause, Event, Meta, Migration, PageMap
from cxldesigner.recording.samples import SampleStore

Ticks = npt.NDArray[np.int64]
_BUCKETS_A_POINT = 8
"""How many buckets may be read for a point: finer levels cost more to decode than they show."""


class RecordingReader:
    """An open recording.

    Raises
    ------
    RecordingError
        From every method, when the file is not a readable recording; names file, place, reason.
    """

    def __init__(self, path: Path) -> None:
        self._file = RecordingFile(path)
        try:
            self._meta = read_meta(self._file)
            self._live = not self._meta.complete
            self._blocks = BlockStore(self._file, len(self._meta.columns))
            self._samples = SampleStore(self._file)
            self._ticks = sum(self._blocks.last())
        except BaseException:
            self._file.close()
            raise

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def meta(self) -> Meta:
        """What the recording says of itself, as of the last refresh."""
        return self._meta

    @property
    def ticks(self) -> int:
        """How many ticks there are, as of the last refresh."""
        return self._ticks

    @cached_property
    def columns(self) -> dict[str, int]:
        """Place of each column in a row, by name."""
        return {column.name: at for at, column in enumerate(self._meta.columns)}

    def refresh(self) -> bool:
        """Look for ticks committed since; return whether there is anything new."""
        if not self._live:
            return False
        if is_complete(self._file):
            # Let go of the write-ahead file, so that the writer can fold all into one.
            self._file.reopen(immutable=True)
            self._meta = read_meta(self._file)
            self._live = not self._meta.complete
            if self._live:
                self._file.reopen(immutable=False)
        before, self._ticks = self._ticks, max(self._ticks, sum(self._blocks.last()))
        if self._ticks != before:
            self._blocks.forget_from(before)
            self._samples.forget()
        return self._ticks != before or not self._live

    def row(self, tick: int) -> Floats:
        """Return all columns of a tick as float64 ``[columns]``; ``IndexError`` outside the run."""
        self._check(tick)
        t0 = tick - tick % schema.BLOCK_TICKS
        return np.array(self._blocks.block(t0, self._block_length(t0))[tick - t0])

    def value(self, column: str, tick: int) -> float:
        """Return one value; ``KeyError`` for an unknown column, ``IndexError`` for a tick."""
        at = self.columns[column]
        self._check(tick)
        t0 = tick - tick % schema.BLOCK_TICKS
        return float(self._blocks.block(t0, self._block_length(t0))[tick - t0, at])

    def series(
        self, column: str, t0: int, t1: int, max_points: int = 1000
    ) -> tuple[Ticks, Floats, Floats]:
        """Return a column over ticks ``[t0, t1)`` in at most ``max_points`` points.

        Returns
        -------
        ticks : int64 ``[points]``, first tick of the stretch each point stands for.
        low, high : float64 ``[points]``, lowest and highest value in that stretch; equal where a
            point is a single tick. NaN where the column has no value.
        """
        at = self.columns[column]
        t0, t1 = max(0, t0), min(t1, self._ticks)
        if t1 <= t0 or max_points < 1:
            return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
        level, size = 0, 1
        while (t1 - t0) / size > _BUCKETS_A_POINT * max_points and level < top_level(self._ticks):
            level, size = level + 1, size * schema.FACTOR
        first, last = t0 // size, (t1 - 1) // size + 1
        if level == 0:
            values = self._column_blocks(at, first, last)
        else:
            values = self._column_chunks(level, at, first, last)
        # Groups are counted from tick 0, so that points do not flicker while the range moves.
        group = 1
        while (last - 1) // group - first // group >= max_points:
            group *= 2
        starts = np.arange(first, last)
        cuts = np.union1d([0], np.flatnonzero(starts % group == 0))
        ticks = np.maximum(starts[cuts] * size, t0).astype(np.int64)
        low = np.fmin.reduceat(values[0], cuts)
        high = np.fmax.reduceat(values[1], cuts)
        return ticks, low, high

    def events(self, t0: int = 0, t1: int | None = None, limit: int = 100_000) -> list[Event]:
        """Return up to ``limit`` events of ticks ``[t0, t1)`` (all by default) in order."""
        end = schema.MAX_TICKS if t1 is None else t1
        return [e for part in read_events(self._file, t0, end, limit) for e in part]

    def migrations(
        self, t0: int = 0, t1: int | None = None, limit: int = 100_000
    ) -> list[Migration]:
        """Return up to ``limit`` migrations of ticks ``[t0, t1)`` (all by default) in order."""
        end = schema.MAX_TICKS if t1 is None else t1
        return [m for part in read_migrations(self._file, t0, end, limit) for m in part]

    def moved(self) -> dict[tuple[Cause, int, int], int]:
        """Return pages moved in the whole run by cause, source and target node."""
        return read_moved(self._file)

    def page_maps(self, tick: int) -> tuple[PageMap, ...]:
        """Return the newest page maps sampled at or before a tick; none before the first sample."""
        return self._samples.at(tick)

    def document(self) -> bytes:
        """Return the platform file the run was made on (canonical JSON)."""
        return self._meta.document

    def digest(self) -> str:
        """Return the SHA-256 of column names, decoded rows, events and migrations, in hex.

        Independent of compression, block sizes and where the file was committed.
        """
        digest = hashlib.sha256(json.dumps(list(self.columns)).encode())
        for t0 in range(0, self._ticks, schema.BLOCK_TICKS):
            rows = self._blocks.block(t0, self._block_length(t0))
            digest.update(np.ascontiguousarray(rows, "<f8").tobytes())
        for parts in (
            read_events(self._file, 0, schema.MAX_TICKS, schema.MAX_TICKS),
            read_migrations(self._file, 0, schema.MAX_TICKS, schema.MAX_TICKS),
        ):
            digest.update(b"\0")
            for line in _lines(parts):
                digest.update(line)
        return digest.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, tick: int) -> None:
        if not 0 <= tick < self._ticks:
            raise IndexError(f"tick {tick} is outside the recording of {self._ticks} ticks")

    def _block_length(self, t0: int) -> int:
        return min(schema.BLOCK_TICKS, self._ticks - t0)

    def _column_blocks(self, at: int, first: int, last: int) -> Floats:
        start = first - first % schema.BLOCK_TICKS
        parts = [
            self._blocks.block(t0, self._block_length(t0))[:, at]
            for t0 in range(start, last, schema.BLOCK_TICKS)
        ]
        values = np.concatenate(parts)[first - start : last - start]
        return np.stack([values, values])

    def _column_chunks(self, level: int, at: int, first: int, last: int) -> Floats:
        start = first // schema.FACTOR
        parts = [
            self._blocks.chunk(level, number)[:, :, at]
            for number in range(start, (last - 1) // schema.FACTOR + 1)
        ]
        skip = first - start * schema.FACTOR
        values = np.concatenate(parts, axis=1)[:, skip : skip + last - first]
        if values.shape[1] != last - first:
            raise self._file.error(f"envelope {level}", "has fewer buckets than the run has ticks")
        return values


def _lines(parts: Iterator[list[Event]] | Iterator[list[Migration]]) -> Iterator[bytes]:
    for part in parts:
        for entry in part:
            yield json.dumps(astuple(entry)).encode()
