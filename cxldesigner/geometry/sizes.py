"""How large each kind of part is drawn."""

from __future__ import annotations

from math import ceil

from cxldesigner.document.model import (
    Device,
    HostBridge,
    MemoryDomain,
    Part,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.geometry.rect import Rect, Size

PORT_PITCH = 32.0
"""Distance of neighbouring switch ports."""
CHIPS_PER_ROW = 4
CHIP = Size(56.0, 24.0)
"""A target of a window: its number and its host bridge."""
_CHIP_MARGIN = 10.0
_CHIP_TOP = 56.0


def part_size(part: Part) -> Size:
    """Return the size a part is drawn at."""
    match part:
        case Socket():
            return Size(224.0, 96.0)
        case MemoryDomain():
            return Size(176.0, 96.0)
        case HostBridge():
            return Size(176.0, 64.0)
        case RootPort():
            return Size(128.0, 48.0)
        case Switch():
            ports = max(part.downstream, 1)
            return Size(max(192.0, ceil(ports * PORT_PITCH / 16 + 1) * 16.0), 80.0)
        case Device():
            return Size(176.0, 96.0)


def window_size(window: Window) -> Size:
    """Return the size of a window's band: a header and rows of target chips."""
    rows = max(1, ceil(len(window.targets) / CHIPS_PER_ROW))
    return Size(256.0, 96.0 + (rows - 1) * 32.0)


def chip_rect(at: Rect, index: int) -> Rect:
    """Return where target number ``index`` is drawn in a window drawn at ``at``."""
    row, column = divmod(index, CHIPS_PER_ROW)
    x = at.x + _CHIP_MARGIN + column * (CHIP.w + 4)
    return Rect(x, at.y + _CHIP_TOP + row * 32.0, CHIP.w, CHIP.h)
