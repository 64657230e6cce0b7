"""A platform with all sizes divided, so that a machine of terabytes boots in an emulator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cxldesigner.document.model import (
    GIB,
    MIB,
    Device,
    Document,
    MemoryDomain,
    Part,
    Socket,
    Window,
)
from cxldesigner.exchange.notes import Note
from cxldesigner.firmware.tree import parents_of
from cxldesigner.linux.cmdline import parse_size

LEAST = 256 * MIB
"""No size becomes smaller; capacities and windows are multiples of it anyway."""
_SIZE_OPTION = re.compile(r"(\s(?:-s\s*|--size(?:=|\s+)))([0-9][\w.]*)")
_WAYS_OPTION = re.compile(r"\s(?:-w\s*|--ways(?:=|\s+))([0-9]{1,4})\b")


def scaled(document: Document, divisor: int) -> tuple[Document, tuple[Note, ...]]:
    """Return a document with sizes and CPU counts divided, and what that means.

    Sizes are rounded to 256 MiB, at least that; windows grow where rounding made their devices
    larger than a share. Bases, imported tables, regions committed by firmware and the memory
    map are dropped: they would not fit.

    Parameters
    ----------
    divisor : 1 changes nothing.
    """
    if divisor <= 1:
        return document, ()
    parts = {k: _part(p, divisor) for k, p in document.parts.items()}
    above = parents_of(document)
    windows = {
        k: replace(
            w,
            size_bytes=max(_size(w.size_bytes, divisor), _needed(w, document, parts, above)),
            base=None,
            srat_bytes=None if w.srat_bytes is None else _size(w.srat_bytes, divisor),
        )
        for k, w in document.windows.items()
    }
    host = replace(
        document.host,
        hotplug_bytes=max(_size(document.host.hotplug_bytes, divisor), 2 * GIB)
        if document.host.hotplug_bytes
        else 0,
        memory_map=None,
        window_base=None,
        committed=(),
    )
    actions = tuple(_action(a, divisor) for a in document.actions)
    text = "Sizes and CPU counts are divided by {}, to multiples of 256 MiB and one CPU at least."
    made = replace(document, parts=parts, windows=windows, host=host, actions=actions, tables=())
    return made, (Note(text, (str(divisor),)),)


def _size(size: int, divisor: int) -> int:
    return max(round(size / divisor / LEAST), 1) * LEAST if size else 0


def _part(part: Part, divisor: int) -> Part:
    match part:
        case Socket():
            return replace(
                part,
                dram_bytes=_size(part.dram_bytes, divisor),
                cpus=max(part.cpus // divisor, 1) if part.cpus else 0,
                base=None,
            )
        case MemoryDomain():
            return replace(
                part,
                size_bytes=_size(part.size_bytes, divisor),
                cache_bytes=_size(part.cache_bytes, divisor),
                base=None,
            )
        case Device():
            return replace(
                part,
                volatile_bytes=_size(part.volatile_bytes, divisor),
                persistent_bytes=_size(part.persistent_bytes, divisor),
            )
        case _:
            return part


def _needed(
    window: Window, document: Document, parts: Mapping[str, Part], above: Mapping[str, str]
) -> int:
    """Return what the scaled devices of a window need, if the drawn ones have room in it."""
    drawn = smaller = 0
    for part_id, part in document.parts.items():
        top: str | None = part_id
        while top is not None and top not in window.targets:
            top = above.get(top)
        small = parts[part_id]
        if top is not None and isinstance(part, Device) and isinstance(small, Device):
            drawn += part.volatile_bytes + part.persistent_bytes
            smaller += small.volatile_bytes + small.persistent_bytes
    return smaller if drawn <= window.size_bytes else 0


def _action(line: str, divisor: int) -> str:
    """Return a region's command with its size divided."""
    if not re.match(r"\s*(?:sudo\s+)?cxl\s+create-region\b", line):
        return line

    ways = _WAYS_OPTION.search(line)
    unit = LEAST * max(int(ways[1]), 1) if ways else LEAST

    def smaller(match: re.Match[str]) -> str:
        size = parse_size(match[2])
        share = -(-_size(size, divisor) // unit) * unit
        return f"{match[1]}{share >> 20}M" if size else match[0]

    return _SIZE_OPTION.sub(smaller, line)
