"""Sets the watermarks and reserves of the engine's zones by the kernel's sums (C5-C7, M4)."""

from __future__ import annotations

from dataclasses import dataclass

from cxldesigner.engine.kernels.layout import MOVABLE, ZONES_PER_NODE, Memory
from cxldesigner.linux.watermarks import (
    ZONE_NAMES,
    automatic_min_kbytes,
    free_buffer_pages,
    lowmem_reserves,
    recommended_min_kbytes,
    zone_marks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSettings:
    """``min_free_kbytes`` None: the automatic value C6, raised as khugepaged does when ``thp``."""

    min_free_kbytes: int | None = None
    watermark_scale_factor: int = 10
    thp: bool = False


def set_marks(memory: Memory, settings: MarkSettings) -> int:
    """Recompute the marks and reserves of all zones in place; return ``min_free_kbytes``."""
    zones = memory.zones
    count = len(zones)
    low_zones = [z for z in range(count) if z % ZONES_PER_NODE != MOVABLE]
    kbytes = settings.min_free_kbytes
    if kbytes is None:
        buffers = free_buffer_pages((int(zones.managed[z]), int(zones.high[z])) for z in low_zones)
        kbytes = automatic_min_kbytes(buffers)
        if settings.thp:
            populated = sum(1 for z in low_zones if zones.managed[z])
            kbytes = max(kbytes, recommended_min_kbytes(populated, buffers))
    lowmem = sum(int(zones.managed[z]) for z in low_zones)
    memory.reserve[:] = 0
    for start in range(0, count, ZONES_PER_NODE):
        managed = [int(zones.managed[start + i]) for i in range(ZONES_PER_NODE)]
        reserves = lowmem_reserves((managed[0], managed[1], managed[2], managed[3]))
        for index, name in enumerate(ZONE_NAMES):
            zone = start + index
            marks = zone_marks(
                managed[index],
                index == MOVABLE,
                kbytes // 4,
                lowmem,
                settings.watermark_scale_factor,
            )
            populated_mark = managed[index] > 0
            zones.floor[zone] = marks.min * populated_mark
            zones.low[zone] = marks.low * populated_mark
            zones.high[zone] = marks.high * populated_mark
            zones.promo[zone] = marks.promo * populated_mark
            memory.reserve[zone] = reserves[name]
    return kbytes
