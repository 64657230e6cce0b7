"""The lines of ``/proc/iomem`` that matter here: RAM, windows, regions, dax devices, kmem."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxldesigner.linux.live import Live
from cxldesigner.linux.machine import Machine


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    name: str
    inner: list[_Line] = field(default_factory=list)


def iomem_lines(machine: Machine, live: Live) -> tuple[str, ...]:
    """Return the resource tree as text, children indented by two blanks."""
    top = [_Line(s, e, "System RAM") for s, e in machine.ram]
    top += [
        _Line(s, e, "Soft Reserved", _dax_lines(machine, live, "", s, e))
        for s, e in machine.soft_reserved
    ]
    for root in machine.fabric.roots:
        window = _Line(root.entry.base, root.entry.end, f"CXL Window {root.number}")
        window.inner = [
            _region(machine, live, name)
            for name, region in live.regions.items()
            if region.root == root.number and region.size
        ]
        spans = [(r.start, r.end) for r in live.regions.values() if r.size]
        window.inner += [
            line
            for line in _leaked(machine, live, root.entry.base, root.entry.end)
            if not any(start <= line.start < end for start, end in spans)
        ]
        window.inner.sort(key=lambda line: line.start)
        top.append(window)
    lines: list[str] = []
    _print(sorted(top, key=lambda t: t.start), 0, lines)
    return tuple(lines)


def _region(machine: Machine, live: Live, name: str) -> _Line:
    region = live.regions[name]
    line = _Line(region.start, region.end, name)
    line.inner = _dax_lines(machine, live, name, region.start, region.end)
    line.inner += _leaked(machine, live, region.start, region.end)
    if region.mode == "pmem" and region.enabled:
        return _Line(region.start, region.end, "Persistent Memory", [line])
    return line


def _dax_lines(machine: Machine, live: Live, region: str, start: int, end: int) -> list[_Line]:
    """Return the dax devices of a region (or of specific-purpose memory, "") in a range."""
    lines: list[_Line] = []
    for dax in live.dax.values():
        if dax.region != region or not dax.driver or not start <= dax.start < end:
            continue
        low, high = dax.start, dax.start + dax.size
        inner = []
        if dax.driver == "kmem":
            block = machine.block
            low, high = -(-low // block) * block, high // block * block
            inner = [_Line(low, high, "System RAM (kmem)")]
        lines.append(_Line(low, high, dax.name, inner))
    return lines


def _leaked(machine: Machine, live: Live, start: int, end: int) -> list[_Line]:
    """Return memory in a range whose dax device went away without it."""
    block = machine.block
    return [
        _Line(low, high, hot.leaked, [_Line(low, high, "System RAM (kmem)")])
        for hot in live.hot
        for low, high in [(hot.first * block, (hot.first + hot.count) * block)]
        if hot.leaked and start <= low < end
    ]


def _print(lines: list[_Line], depth: int, out: list[str]) -> None:
    for line in lines:
        out.append(f"{'  ' * depth}{line.start:08x}-{line.end - 1:08x} : {line.name}")
        _print(line.inner, depth + 1, out)
