"""Keeps the host action that gives a newly connected device to the kernel.

CXL memory becomes a node's memory only once someone created a region (design: host actions). An
administrator would type one line for each device behind a window of its own; every edit, from
whichever view, adds that line in the same undo step as the connection, and takes it back with the
connection, device or window. Lines a person wrote are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cxldesigner.document.edits import set_actions
from cxldesigner.document.model import Device, Document, HostBridge, Restriction, Window
from cxldesigner.document.ports import parent_of

_OURS = re.compile(r"cxl create-region -m -t ram -d decoder0\.(\d+) -w 1 -g 256 (\S+)")
_CREATES = re.compile(r"cxl\s+create-region\b(?P<rest>.*)")


def region_action(window_number: int, device: str) -> str:
    """Return the line that makes a whole device's volatile memory a region of a window."""
    return f"cxl create-region -m -t ram -d decoder0.{window_number} -w 1 -g 256 {device}"


def with_region_actions(before: Document, after: Document) -> Document:
    """Return ``after`` with the lines its change of connections calls for.

    A device that came below a host bridge of a 1-way window gets a line unless one names it; a
    line of ours follows its window's number, and goes with its device, connection or window.
    """
    if all(getattr(before, name) is getattr(after, name) for name in ("parts", "links", "windows")):
        return after
    served_before, served = _served(before), _served(after)
    lines: list[str] = []
    for line in after.actions:
        ours = _OURS.fullmatch(line.strip())
        if ours is None or line not in before.actions:
            lines.append(line)
            continue
        kept = _followed(before, after, int(ours[1]), ours[2], served)
        if kept is not None:
            lines.append(kept)
    for device in after.parts:
        new = device in served and device not in served_before
        if new and not _named(lines, device):
            lines.append(region_action(_best_window(after, served[device], lines), device))
    return after if tuple(lines) == after.actions else set_actions(after, lines)


def _followed(
    before: Document, after: Document, number: int, device: str, served: dict[str, list[int]]
) -> str | None:
    """Return our line as it has to read now, None when it has lost its reason."""
    if device not in after.parts:
        return None if device in before.parts else region_action(number, device)
    old = list(before.windows)
    window = old[number] if number < len(old) else None
    if device not in served:
        was_served = device in _served(before)
        return None if was_served else region_action(number, device)
    if window is not None and window in after.windows:
        moved = list(after.windows).index(window)
        if moved in served[device] or number not in _served(before).get(device, []):
            return region_action(moved, device)
    return region_action(served[device][0], device)


def _served(document: Document) -> dict[str, list[int]]:
    """Return, by device with volatile memory, numbers of the 1-way windows above it."""
    windows: dict[str, list[int]] = {}
    for number, window in enumerate(document.windows.values()):
        if _takes_ram(window):
            windows.setdefault(window.targets[0], []).append(number)
    found: dict[str, list[int]] = {}
    for device in document.parts.values():
        if isinstance(device, Device) and device.type == 3 and device.volatile_bytes:
            bridge = _bridge_above(document, device.id)
            if bridge in windows:
                found[device.id] = windows[bridge]
    return found


def _takes_ram(window: Window) -> bool:
    ways = window.ways or len(window.targets)
    return ways == 1 and len(window.targets) == 1 and Restriction.VOLATILE in window.restrictions


def _bridge_above(document: Document, part_id: str) -> str | None:
    seen: set[str] = set()
    above = parent_of(document, part_id)
    while above is not None and above not in seen:
        if isinstance(document.parts.get(above), HostBridge):
            return above
        seen.add(above)
        above = parent_of(document, above)
    return None


def _named(lines: Iterable[str], device: str) -> bool:
    matches = (_CREATES.search(line) for line in lines)
    return any(m is not None and device in m["rest"].split() for m in matches)


def _best_window(document: Document, numbers: list[int], lines: Iterable[str]) -> int:
    """Return the first window with room left beside the regions our lines make, else the first."""
    windows = list(document.windows.values())
    used = dict.fromkeys(numbers, 0)
    for line in lines:
        ours = _OURS.fullmatch(line.strip())
        device = document.parts.get(ours[2]) if ours else None
        if ours and int(ours[1]) in used and isinstance(device, Device):
            used[int(ours[1])] += device.volatile_bytes
    return next((n for n in numbers if used[n] < windows[n].size_bytes), numbers[0])
