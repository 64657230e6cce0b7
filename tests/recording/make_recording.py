"""Recordings with known content; as a program: ``FILE [TICKS]``, without TICKS until killed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cxldesigner.recording.model import Cause, Column, Event, Meta, Migration, PageMap
from cxldesigner.recording.writer import RecordingWriter

COLUMNS = ("node0.free", "node1.free", "vmstat.pgdemote_kswapd", "gap")


def meta(columns: int = len(COLUMNS), **changes: object) -> Meta:
    names = (*COLUMNS, *(f"extra{n}" for n in range(columns)))[:columns]
    fields: dict[str, object] = {
        "document": b'{"format": "cxldesigner"}',
        "scenario": "story",
        "seed": 7,
        "tick_ms": 100,
        "granule_pages": 1,
        "columns": tuple(Column(name, "pages", f"{name} in words") for name in names),
        "engine": "test",
    }
    return Meta(**{**fields, **changes})  # type: ignore[arg-type]


def row(tick: int, columns: int = len(COLUMNS)) -> np.ndarray:
    """Return values that differ by tick and column; the fourth has gaps."""
    values = np.arange(columns) * 1000.0 + (tick * 7919 % 997) - tick / 3
    if columns > 3 and tick % 50 < 20:
        values[3] = np.nan
    return values


def events(tick: int) -> tuple[Event, ...]:
    return (Event(tick, "phase", f"Phase <{tick}>", "kv", 1),) if tick % 40 == 0 else ()


def migrations(tick: int) -> tuple[Migration, ...]:
    if tick % 3:
        return ()
    return (
        Migration(tick, Cause.DEMOTION_KSWAPD, 0, 1, tick + 1),
        Migration(tick, Cause.PROMOTION, 1, 0, 5),
    )


def maps(tick: int) -> tuple[PageMap, ...]:
    """Sample every fourth tick; the second process lives in ticks 100 to 199."""
    if tick % 4:
        return ()
    bins = np.arange(512)
    one = PageMap(
        "kv",
        ((bins * 3 + tick // 40) % 4).astype(np.uint8).tobytes(),
        ((bins + tick) % 256).astype(np.uint8).tobytes(),
    )
    other = PageMap("scan", bytes([1]) * 64, bytes([tick % 251]) * 64)
    return (one, other) if 100 <= tick < 200 else (one,)


def fill(writer: RecordingWriter, start: int, stop: int, columns: int = len(COLUMNS)) -> None:
    for tick in range(start, stop):
        writer.tick(row(tick, columns), events(tick), migrations(tick), maps(tick))


def make(path: Path, ticks: int, columns: int = len(COLUMNS)) -> Path:
    writer = RecordingWriter(path, meta(columns))
    fill(writer, 0, ticks, columns)
    writer.finish({"ticks": float(ticks)})
    return path


def main() -> None:
    """Write, saying after each commit how many ticks are safe."""
    if len(sys.argv) > 2:
        make(Path(sys.argv[1]), int(sys.argv[2]))
        return
    writer, said = RecordingWriter(Path(sys.argv[1]), meta()), 0
    tick = 0
    while True:
        fill(writer, tick, tick + 1)
        tick += 1
        if writer.committed != said:
            said = writer.committed
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
