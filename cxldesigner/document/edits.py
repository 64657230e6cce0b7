"""Pure edits: document -> document. The only way a document changes.

An edit raises :class:`EditRefused` with a :class:`~cxldesigner.document.ports.Refusal` when it is
not possible; it never half-applies. Edits that remove something also remove what refers to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from cxldesigner.document.codec import Malformed, check, text
from cxldesigner.document.model import (
    Device,
    Document,
    Host,
    HostBridge,
    Link,
    MemoryDomain,
    Part,
    Point,
    RootPort,
    Scenario,
    Socket,
    Switch,
    Window,
)
from cxldesigner.document.ports import (
    Refusal,
    connection_refusal,
    find_port,
    ports_of,
    split_ref,
)
from cxldesigner.document.validate import check_host, check_item

T = TypeVar("T")
P = ParamSpec("P")

PREFIXES: Mapping[type, str] = {
    Socket: "s",
    MemoryDomain: "hbm",
    HostBridge: "hb",
    RootPort: "rp",
    Switch: "sw",
    Device: "mem",
    Window: "w",
    Link: "k",
    Scenario: "sc",
}
"""Id prefix by kind: short and readable, because reviews and diffs speak in ids."""

LINK_ENDS = frozenset({"upstream", "downstream"})
"""Fields of a link that :func:`set_field` does not set: only :func:`connect` checks ports."""


class EditRefused(Exception):
    """An edit that cannot be done on this document; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.code}: {', '.join(refusal.args)}")
        self.refusal = refusal


def all_ids(document: Document) -> frozenset[str]:
    """Return every id in use, over all kinds: ids are unique in the whole document."""
    return frozenset((*document.parts, *document.links, *document.windows, *document.scenarios))


def new_id(document: Document, kind: type) -> str:
    """Return the lowest free id of a kind (``mem0``, ``mem1``, …)."""
    used, prefix, n = all_ids(document), PREFIXES[kind], 0
    while f"{prefix}{n}" in used:
        n += 1
    return f"{prefix}{n}"


def _accept(checked: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Refuse what ``checked`` says a file of this document could not hold."""
    try:
        checked(*args, **kwargs)
    except Malformed as error:
        raise EditRefused(error.refusal) from None


def _with(mapping: Mapping[str, T], key: str, value: T) -> dict[str, T]:
    return {**mapping, key: value}


def _without(mapping: Mapping[str, T], keys: Iterable[str]) -> dict[str, T]:
    gone = set(keys)
    return {k: v for k, v in mapping.items() if k not in gone}


def add_part(document: Document, part: Part, at: Point | None = None) -> Document:
    """Return the document with one more part."""
    if part.id in all_ids(document):
        raise EditRefused(Refusal("id-taken", (part.id,)))
    _accept(check_item, document, part)
    changed = replace(document, parts=_with(document.parts, part.id, part))
    return changed if at is None else move(changed, {part.id: at})


def add_window(document: Document, window: Window, at: Point | None = None) -> Document:
    """Return the document with one more window, last in CEDT order."""
    if window.id in all_ids(document):
        raise EditRefused(Refusal("id-taken", (window.id,)))
    _accept(check_item, document, window)
    changed = replace(document, windows=_with(document.windows, window.id, window))
    return changed if at is None else move(changed, {window.id: at})


def connect(document: Document, a: str, b: str, *, link_id: str | None = None) -> Document:
    """Return the document with ports ``a`` and ``b`` joined (either order)."""
    refusal = connection_refusal(document, a, b)
    if refusal is not None:
        raise EditRefused(refusal)
    first = find_port(document, a)
    up, down = (a, b) if first is not None and first.faces_down else (b, a)
    link = Link(id=link_id or new_id(document, Link), upstream=up, downstream=down)
    if link.id in all_ids(document):
        raise EditRefused(Refusal("id-taken", (link.id,)))
    _accept(check_item, document, link)
    return replace(document, links=_with(document.links, link.id, link))


def remove(document: Document, ids: Iterable[str]) -> Document:
    """Return the document without parts, links and windows ``ids`` and what refers to them."""
    gone = set(ids)
    links = {
        k: link
        for k, link in document.links.items()
        if k not in gone
        and split_ref(link.upstream)[0] not in gone
        and split_ref(link.downstream)[0] not in gone
    }
    windows = {
        k: replace(w, targets=kept) if (kept := _kept(w.targets, gone)) != w.targets else w
        for k, w in document.windows.items()
        if k not in gone
    }
    distances = tuple(d for d in document.host.distances if d.a not in gone and d.b not in gone)
    access = tuple(
        a for a in document.host.access if a.initiator not in gone and a.target not in gone
    )
    committed = tuple(c for c in document.host.committed if gone.isdisjoint((c.window, *c.devices)))
    host = document.host
    if (distances, access, committed) != (host.distances, host.access, host.committed):
        host = replace(host, distances=distances, access=access, committed=committed)
    return replace(
        document,
        parts=_without(document.parts, gone),
        links=links,
        windows=windows,
        host=host,
        layout=_without(document.layout, gone),
    )


def _kept(targets: tuple[str, ...], gone: set[str]) -> tuple[str, ...]:
    return tuple(t for t in targets if t not in gone)


def move(document: Document, positions: Mapping[str, Point]) -> Document:
    """Return the document with parts or windows at new positions."""
    for item_id, point in positions.items():
        if item_id not in document.parts and item_id not in document.windows:
            raise EditRefused(Refusal("item-missing", (item_id,)))
        _accept(check, point, f"layout.{item_id}")
    return replace(document, layout={**document.layout, **positions})


def set_field(document: Document, item_id: str, name: str, value: Any) -> Document:
    """Return the document with one field of a part, link, window or scenario changed.

    Raises
    ------
    EditRefused
        Unknown item or field; a field that others refer to (``id``, ends of a link); a value no
        file can hold; a switch losing ports that are in use.
    """
    for attribute in ("parts", "links", "windows", "scenarios"):
        mapping: Mapping[str, Any] = getattr(document, attribute)
        item = mapping.get(item_id)
        if item is None:
            continue
        fixed = name == "id" or (isinstance(item, Link) and name in LINK_ENDS)
        if fixed or name not in {f.name for f in dataclasses.fields(item)}:
            raise EditRefused(Refusal("field-unknown", (item_id, name)))
        changed = replace(item, **{name: value})
        _accept(check_item, document, changed)
        if isinstance(changed, Switch):
            _check_ports_kept(document, changed)
        changes: dict[str, Any] = {attribute: _with(mapping, item_id, changed)}
        return replace(document, **changes)
    raise EditRefused(Refusal("item-missing", (item_id,)))


def _check_ports_kept(document: Document, changed: Switch) -> None:
    refs = {port.ref for port in ports_of(changed)}
    for link in document.links.values():
        if split_ref(link.upstream)[0] == changed.id and link.upstream not in refs:
            raise EditRefused(Refusal("port-in-use", (link.upstream, link.id)))


def set_host(document: Document, host: Host) -> Document:
    """Return the document with other host settings."""
    _accept(check_host, document.parts.keys() | document.windows.keys(), host)
    return replace(document, host=host)


def set_actions(document: Document, actions: Iterable[str]) -> Document:
    """Return the document with another list of host actions."""
    lines = tuple(actions)
    for i, line in enumerate(lines):
        _accept(text, line, f"actions[{i}]")
    return replace(document, actions=lines)


def describe(document: Document, *, name: str | None = None, notes: str | None = None) -> Document:
    """Return the document with another name or other notes; None keeps what is there."""
    for place, value in (("name", name), ("notes", notes)):
        if value is not None:
            _accept(text, value, place)
    return replace(
        document,
        name=document.name if name is None else name,
        notes=document.notes if notes is None else notes,
    )


def set_scenario(document: Document, scenario: Scenario) -> Document:
    """Return the document with a scenario added or replaced."""
    if scenario.id in all_ids(document) and scenario.id not in document.scenarios:
        raise EditRefused(Refusal("id-taken", (scenario.id,)))
    _accept(check_item, document, scenario)
    return replace(document, scenarios=_with(document.scenarios, scenario.id, scenario))


def remove_scenario(document: Document, scenario_id: str) -> Document:
    """Return the document without a scenario."""
    return replace(document, scenarios=_without(document.scenarios, [scenario_id]))


def reorder_windows(document: Document, order: Iterable[str]) -> Document:
    """Return the document with windows in another CEDT order (a permutation of their ids)."""
    ids = tuple(order)
    if sorted(ids) != sorted(document.windows):
        raise EditRefused(Refusal("not-a-permutation", ids))
    return replace(document, windows={k: document.windows[k] for k in ids})
