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
        _Line(r.start, r.end, "Soft Reserved")
        for r in machine.firmware.memory_map
        if r.kind == "soft-reserved"
    ]
    for root in machine.fabric.roots:
        window = _Line(root.entry.base, root.entry.end, f"CXL Window {root.number}")
        window.inner = [
            _region(machine, live, name)
            for name, region in sorted(live.regions.items(), key=lambda i: i[1].start)
            if region.root == root.number and region.size
        ]
        top.append(window)
    lines: list[str] = []
    _print(sorted(top, key=lambda t: t.start), 0, lines)
    return tuple(lines)


def _region(machine: Machine, live: Live, name: str) -> _Line:
    region = live.regions[name]
    line = _Line(region.start, region.end, name)
    for dax in live.dax.values():
        if dax.region != name or not dax.driver:
            continue
        start, end = dax.start, dax.start + dax.size
        inner = []
        if dax.driver == "kmem":
            block = machine.block
            start, end = -(-start // block) * block, end // block * block
            inner = [_Line(start, end, "System RAM (kmem)")]
        line.inner.append(_Line(start, end, dax.name, inner))
    if region.mode == "pmem" and region.enabled:
        return _Line(region.start, region.end, "Persistent Memory", [line])
    return line


def _print(lines: list[_Line], depth: int, out: list[str]) -> None:
    for line in lines:
        out.append(f"{'  ' * depth}{line.start:08x}-{line.end - 1:08x} : {line.name}")
        _print(line.inner, depth + 1, out)
