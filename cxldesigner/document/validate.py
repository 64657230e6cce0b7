"""What must hold between the items of a document, whatever made it: files, edits, importers.

Only what every later stage relies on is refused here (references lead somewhere, ports fit, no
cycles). Wrong platforms are fine: findings speak about those.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from cxldesigner.document.codec import Malformed, check
from cxldesigner.document.model import (
    Document,
    Host,
    HostBridge,
    Link,
    MemoryRange,
    Part,
    Scenario,
    Window,
)
from cxldesigner.document.ports import MATES, MAX_DEPTH, SHARED, Port, ports_of, split_ref

Item = Part | Link | Window | Scenario


def check_item(document: Document, item: Item) -> None:
    """Raise :class:`Malformed` when ``item`` cannot be in ``document``.

    Looks at the item's values and at the parts it names, not at what its neighbours make of it.
    """
    check(item, item.id)
    if isinstance(item, Window):
        check_window(document.parts, item, item.id)
    if isinstance(item, Scenario):
        check_scenario(item, item.id)


def check_window(parts: Mapping[str, Part], window: Window, place: str) -> None:
    """Raise :class:`Malformed` when a window has a target that is not a host bridge."""
    for i, target in enumerate(window.targets):
        if not isinstance(parts.get(target), HostBridge):
            raise Malformed("target-not-bridge", f"{place}.targets[{i}]", target)


def check_scenario(scenario: Scenario, place: str) -> None:
    """Raise :class:`Malformed` when two processes of a scenario have the same id."""
    seen: set[str] = set()
    for i, process in enumerate(scenario.processes):
        if process.id in seen:
            raise Malformed("id-twice", f"{place}.processes[{i}].id", process.id)
        seen.add(process.id)


def check_host(known: Container[str], host: Host, place: str = "host") -> None:
    """Raise :class:`Malformed` when host settings name other domains than ``known`` ids.

    ``known`` are the ids of parts and windows: both can be proximity domains.
    """
    check(host, place)
    for i, distance in enumerate(host.distances):
        _check_known(known, f"{place}.distances[{i}]", distance, ("a", "b"))
    for i, row in enumerate(host.access):
        _check_known(known, f"{place}.access[{i}]", row, ("initiator", "target"))
    for i, region in enumerate(host.committed):
        where = f"{place}.committed[{i}]"
        _check_known(known, where, region, ("window",))
        for n, device in enumerate(region.devices):
            if device not in known:
                raise Malformed("reference-missing", f"{where}.devices[{n}]", device)
    for i, span in enumerate(host.memory_map or ()):
        check_range_order(span, f"{place}.memory_map[{i}]")


def check_range_order(span: MemoryRange, place: str) -> None:
    """Raise :class:`Malformed` when a memory range is empty or backwards."""
    if span.start >= span.end:
        raise Malformed("range-backwards", place)


def _check_known(known: Container[str], place: str, row: Any, names: tuple[str, ...]) -> None:
    for name in names:
        item_id = getattr(row, name)
        if item_id not in known:
            raise Malformed("reference-missing", f"{place}.{name}", item_id)


def check_links(parts: Mapping[str, Part], links: Mapping[str, Link]) -> None:
    """Raise :class:`Malformed` when a link leads nowhere, does not fit or closes a cycle.

    Linear in parts and links, unlike asking for every link whether it could be added.
    """
    ports: dict[str, Port] = {}
    for part in parts.values():
        ports.update((port.ref, port) for port in ports_of(part))
    taken: dict[str, str] = {}
    above: dict[str, str] = {}
    for i, link in enumerate(links.values()):
        place = f"links[{i}]"
        for name, ref in (("upstream", link.upstream), ("downstream", link.downstream)):
            port = ports.get(ref)
            if port is None:
                raise Malformed("reference-missing", f"{place}.{name}", ref)
            if port.type not in SHARED:
                if ref in taken:
                    raise Malformed("port-twice", f"{place}.{name}", ref, taken[ref])
                taken[ref] = link.id
        up, down = ports[link.upstream], ports[link.downstream]
        if MATES.get(up.type) != down.type:
            raise Malformed("ports-unfit", place, up.ref, down.ref)
        above[down.part] = up.part
    depths: dict[str, int] = {}
    for i, link in enumerate(links.values()):
        _check_depth(split_ref(link.downstream)[0], above, depths, f"links[{i}]")


def _check_depth(part: str, above: Mapping[str, str], depths: dict[str, int], place: str) -> None:
    """Find how deep ``part`` is, or raise; every part is walked once over all calls."""
    walked: list[str] = []
    seen: set[str] = set()
    while part in above and part not in depths:
        if part in seen:
            raise Malformed("link-cycle", place)
        seen.add(part)
        walked.append(part)
        part = above[part]
    depth = depths.get(part, 1)
    for child in reversed(walked):
        depth += 1
        depths[child] = depth
    if depth > MAX_DEPTH:
        raise Malformed("chain-too-deep", place, str(MAX_DEPTH))
