"""Documents for tests: a plain builder, and hypothesis strategies of documents and edits."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from cxldesigner.document import edits as e
from cxldesigner.document.codec import default_of, fields_of, has_default, hints_of
from cxldesigner.document.limits import limits_of
from cxldesigner.document.model import (
    GIB,
    AccessFigure,
    CommittedRegion,
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    ImportedTable,
    Link,
    MemoryDomain,
    MemoryRange,
    Part,
    Perf,
    Point,
    RootPort,
    Scenario,
    Socket,
    Switch,
    Window,
)
from cxldesigner.document.ports import MATES, connection_refusal, ports_of

KINDS: tuple[type[Part], ...] = (Socket, MemoryDomain, HostBridge, RootPort, Switch, Device)


def platform(
    *,
    sockets: int = 1,
    bridges: int = 1,
    devices: int = 1,
    switch: bool = False,
    dram_bytes: int = 4 * GIB,
    device_bytes: int = 4 * GIB,
    windows: bool = True,
    **document: Any,
) -> Document:
    """Return a regular machine, built through the edits.

    Every socket ``s0 …`` has ``bridges`` host bridges ``hb0 …``; each bridge has ``devices``
    devices ``mem0 …``, on a root port ``rp0 …`` each or below one switch ``sw0 …``; one window
    ``w0 …`` per bridge holds all its devices. Numbering runs through the whole machine.
    """
    made = Document(**document)
    for _ in range(sockets):
        socket = e.new_id(made, Socket)
        made = e.add_part(made, Socket(id=socket, cpus=2, dram_bytes=dram_bytes))
        for _ in range(bridges):
            bridge = e.new_id(made, HostBridge)
            made = e.add_part(made, HostBridge(id=bridge))
            made = e.connect(made, f"{socket}:io", f"{bridge}:up")
            made = _below(made, bridge, devices, device_bytes, switch)
            if windows:
                size = max(devices, 1) * device_bytes
                window = Window(id=e.new_id(made, Window), size_bytes=size, targets=(bridge,))
                made = e.add_window(made, window)
    return made


def _below(made: Document, bridge: str, devices: int, size: int, switch: bool) -> Document:
    free: list[str] = []
    for _ in range(1 if switch else devices):
        port = e.new_id(made, RootPort)
        made = e.add_part(made, RootPort(id=port))
        made = e.connect(made, f"{bridge}:rp", f"{port}:up")
        free.append(f"{port}:down")
    if switch:
        part = e.new_id(made, Switch)
        made = e.add_part(made, Switch(id=part, downstream=max(devices, 1)))
        made = e.connect(made, free[0], f"{part}:up")
        free = [f"{part}:d{i}" for i in range(devices)]
    for ref in free:
        device = e.new_id(made, Device)
        made = e.add_part(made, Device(id=device, volatile_bytes=size))
        made = e.connect(made, ref, f"{device}:up")
    return made


# --- any document ---------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=12)
ids = st.from_regex(r"[a-z][a-z0-9_-]{0,7}", fullmatch=True)


def values(hint: Any, name: str) -> st.SearchStrategy[Any]:
    """Return a strategy of all values a field may hold, by its type hint and limits."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return st.none() | values(args[0], name)
    if origin is tuple:
        return st.lists(values(args[0], name), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(texts, values(args[1], name), max_size=3)
    if dataclasses.is_dataclass(hint):
        return items(hint)  # type: ignore[arg-type]
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    limits = limits_of(name)
    if limits.choices:
        return st.sampled_from(limits.choices)
    if hint is str:
        return ids if name == "id" else texts
    if hint is bool:
        return st.booleans()
    if hint is bytes:
        return st.binary(max_size=20)
    if hint is float:
        return st.floats(limits.minimum, limits.maximum)
    low, high = int(limits.minimum), int(limits.maximum)
    round_sizes = st.integers(0, 64).map(lambda n: max(low, min(n << 28, high)))
    return st.integers(low, high) | round_sizes


def items(cls: type[Any], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy of one class of the model; a field is mostly left at its default."""
    hints, strategies = hints_of(cls), {}
    for field in fields_of(cls):
        if field.name in fixed:
            strategies[field.name] = fixed[field.name]
            continue
        strategy = values(hints[field.name], field.name)
        if has_default(field):
            strategy = st.just(default_of(field)) | strategy
        strategies[field.name] = strategy
    return st.builds(cls, **strategies)


@st.composite
def documents(draw: st.DrawFn, max_parts: int = 8) -> Document:
    """Return any document a file can hold, sensible or not."""
    names = draw(st.lists(ids, unique=True, min_size=0, max_size=max_parts + 12))
    free = iter(names)
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=max_parts))
    parts = [draw(items(kind, id=st.just(name))) for kind, name in zip(kinds, free, strict=False)]
    made = Document(name=draw(texts), notes=draw(texts), parts={p.id: p for p in parts})
    made = _linked(draw, made, [f"{name}" for name, _ in zip(free, range(6), strict=False)])
    return _furnished(draw, made, free)


def _linked(draw: st.DrawFn, made: Document, names: list[str]) -> Document:
    ports = [port for part in made.parts.values() for port in ports_of(part)[:6]]
    tops = [port.ref for port in ports if port.type in MATES]
    ups = [port.ref for port in ports if port.type not in MATES]
    if not tops or not ups:
        return made
    for name in names:
        top, up = draw(st.sampled_from(tops)), draw(st.sampled_from(ups))
        if connection_refusal(made, top, up) is None:
            end = {"upstream": st.just(top), "downstream": st.just(up)}
            link = draw(items(Link, id=st.just(name), **end))
            made = replace(made, links={**made.links, name: link})
    return made


def _furnished(draw: st.DrawFn, made: Document, free: Any) -> Document:
    bridges = [k for k, part in made.parts.items() if isinstance(part, HostBridge)]
    targets = st.lists(st.sampled_from(bridges), max_size=4) if bridges else st.just([])
    spare = list(free)
    windows = {
        name: draw(items(Window, id=st.just(name), targets=targets.map(tuple)))
        for name in spare[:2]
    }
    scenarios = {name: draw(_scenario(name)) for name in spare[2:4]}
    placed = [*made.parts, *windows]
    layout = draw(st.dictionaries(st.sampled_from(placed), items(Point))) if placed else {}
    return replace(
        made,
        windows=windows,
        scenarios=scenarios,
        host=draw(_host([*made.parts, *windows])),
        actions=tuple(draw(st.lists(texts, max_size=3))),
        tables=tuple(draw(st.lists(items(ImportedTable), max_size=2))),
        layout=layout,
    )


def _scenario(name: str) -> st.SearchStrategy[Scenario]:
    def distinct(made: Scenario) -> Scenario:
        return replace(made, processes=tuple({p.id: p for p in made.processes}.values()))

    return items(Scenario, id=st.just(name)).map(distinct)


def _host(domains: list[str]) -> st.SearchStrategy[Host]:
    whole = st.integers(1, (1 << 64) - 2)
    ranges = items(MemoryRange, start=whole, end=whole).map(
        lambda r: replace(r, start=min(r.start, r.end - 1), end=max(r.start + 1, r.end))
    )
    memory_map = st.none() | st.lists(ranges, max_size=3).map(tuple)
    if not domains:
        nothing = st.just(())
        return items(
            Host, distances=nothing, access=nothing, memory_map=memory_map, committed=nothing
        )
    known = st.sampled_from(domains)
    distances = st.lists(items(Distance, a=known, b=known), max_size=3).map(tuple)
    access = st.lists(items(AccessFigure, initiator=known, target=known), max_size=3).map(tuple)
    regions = items(CommittedRegion, window=known, devices=st.lists(known, max_size=3).map(tuple))
    return items(
        Host,
        distances=distances,
        access=access,
        memory_map=memory_map,
        committed=st.lists(regions, max_size=2).map(tuple),
    )


# --- any edit -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """One edit a person could make, resolved against whatever document it is applied to.

    Calling it gives the edited document or raises ``EditRefused``; the same edit and document
    always give the same result.
    """

    action: str
    numbers: tuple[int, ...]

    def __call__(self, document: Document) -> Document:
        made: Document = _ACTIONS[self.action](document, *self.numbers)
        return made


def _choose(options: Any, number: int) -> Any:
    options = list(options)
    return options[number % len(options)] if options else "nothing"


def _value(hint: Any, name: str, n: int) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return None if n % 3 == 0 else _value(args[0], name, n)
    if origin in {tuple, Mapping} or (isinstance(hint, type) and issubclass(hint, Enum)):
        return dataclasses.MISSING
    limits = limits_of(name)
    if limits.choices:
        return limits.choices[n % len(limits.choices)]
    if hint is Perf:
        return Perf(read_latency_ns=n % 1000, read_bandwidth_mbps=n % 50_000)
    if hint is str:
        return f"text {n}"
    if hint is bool:
        return bool(n % 2)
    return hint(limits.minimum + n % 1024 % (int(limits.maximum - limits.minimum) + 1))


def _add(document: Document, a: int, b: int, c: int) -> Document:
    kind: Any = _choose(KINDS, a)
    size = {Device: "volatile_bytes", Socket: "dram_bytes", MemoryDomain: "size_bytes"}.get(kind)
    fields = {size: (b % 16 + 1) * GIB} if size else {}
    part = kind(id=e.new_id(document, kind), **fields)
    return e.add_part(document, part, Point(float(b % 900), float(c % 700)))


def _window(document: Document, a: int, b: int, c: int) -> Document:
    bridges = [k for k, part in document.parts.items() if isinstance(part, HostBridge)]
    targets = tuple(_choose(bridges, b + i) for i in range(c % 3)) if bridges else ()
    size = (a % 8 + 1) * GIB
    return e.add_window(
        document, Window(id=e.new_id(document, Window), size_bytes=size, targets=targets)
    )


def _connect(document: Document, a: int, b: int, _c: int) -> Document:
    """Join a free upstream-facing port with one that takes it, if there are both."""
    ports = [port for part in document.parts.values() for port in ports_of(part)]
    ups = [p.ref for p in ports if p.type not in MATES]
    up = _choose(ups, a)
    fits = [p.ref for p in ports if connection_refusal(document, p.ref, up) is None]
    return e.connect(document, _choose(fits or [p.ref for p in ports], b), up)


def _remove(document: Document, a: int, b: int, c: int) -> Document:
    everything = [*document.parts, *document.links, *document.windows]
    return e.remove(document, {_choose(everything, n) for n in (a, b)[: c % 2 + 1]})


def _move(document: Document, a: int, b: int, c: int) -> Document:
    item = _choose([*document.parts, *document.windows], a)
    return e.move(document, {item: Point(float(b % 900), float(c % 700))})


def _set(document: Document, a: int, b: int, c: int) -> Document:
    everything = {**document.parts, **document.links, **document.windows, **document.scenarios}
    item = _choose(everything.values(), a)
    if isinstance(item, str):
        return e.set_field(document, item, "name", "x")
    name = _choose([f.name for f in fields_of(type(item))], b)
    value = _value(hints_of(type(item))[name], name, c)
    return document if value is dataclasses.MISSING else e.set_field(document, item.id, name, value)


def _set_host(document: Document, a: int, b: int, c: int) -> Document:
    name = _choose(["hmat", "slit", "srat", "hotplug_bytes", "cmdline"], a)
    value = _value(hints_of(Host)[name], name, b * 256 + c)
    return e.set_host(document, replace(document.host, **{name: value}))


_ACTIONS: Mapping[str, Callable[[Document, int, int, int], Document]] = {
    "add": _add,
    "window": _window,
    "connect": _connect,
    "remove": _remove,
    "move": _move,
    "set": _set,
    "host": _set_host,
    "describe": lambda d, a, b, _c: e.describe(d, name=f"name {a % 5}", notes=f"notes {b % 5}"),
    "reorder": lambda d, a, _b, _c: e.reorder_windows(
        d, [*list(d.windows)[a % 3 :], *list(d.windows)[: a % 3]]
    ),
}
_OFTEN = ("add", "add", "add", "connect", "connect", "connect", *_ACTIONS)


def edits(min_size: int = 1, max_size: int = 20) -> st.SearchStrategy[list[Edit]]:
    """Return a strategy of edit sequences; an edit may be refused by the document it meets."""
    number = st.integers(0, 10_000)
    one = st.builds(Edit, st.sampled_from(_OFTEN), st.tuples(number, number, number))
    return st.lists(one, min_size=min_size, max_size=max_size)


def edited(document: Document, sequence: list[Edit]) -> Document:
    """Return the document after a sequence of edits, the refused ones left out."""
    for edit in sequence:
        try:
            document = edit(document)
        except e.EditRefused:
            continue
    return document
