"""``cxl list`` output, any verbosity, plain or human (``-u``), read into flat lists.

The nesting of the JSON depends on the options given, so it is walked and every object is known by
the key it carries (cxl-cli ``cxl/json.c``); nothing relies on a fixed place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.exchange.pcilink import PciLink

MAX_DEPTH = 64
MAX_OBJECTS = 60_000
MAX_ITEMS = 2048
"""Ports, devices and regions a machine may have."""
U64 = 1 << 64
BLOCK = 256 << 20
_HUMAN = re.compile(r"^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|TiB|PiB)(?: \(.*\))?$")
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50}
_LEAVES = frozenset({"mappings", "targets", "dports", "media_errors", "devices"})
MARKS = ("bus", "port", "endpoint", "memdev", "decoder", "region")
"""The key that names the kind of an object."""
TOP = frozenset(
    {
        "anon memdevs",
        "buses",
        "ports",
        "endpoints",
        "memdevs",
        "root decoders",
        "port decoders",
        "endpoint decoders",
        "regions",
    }
)
"""Keys of the outermost objects when several kinds are listed."""


@dataclass(frozen=True, slots=True)
class Dport:
    """A downstream port: PCI (or platform) name and port id (for a bridge its ``_UID``)."""

    name: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A host bridge's port (depth 1) or a switch (deeper); ``decoders`` None if not listed."""

    name: str
    host: str
    depth: int
    parent_dport: str = ""
    dports: tuple[Dport, ...] = ()
    decoders: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memdev:
    """A memory device; ``parent_dport`` "" when its endpoint is not listed."""

    name: str
    host: str = ""
    ram: int = 0
    pmem: int = 0
    serial: int = 0
    numa_node: int | None = None
    endpoint: str = ""
    parent_dport: str = ""
    decoders: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RootDecoder:
    """A window as the driver shows it; ``targets`` are (``_UID``, name) by position."""

    name: str
    base: int
    size: int
    ways: int = 1
    granularity: int = 256
    targets: tuple[tuple[int, str], ...] = ()
    qos_class: int | None = None
    volatile: bool = False
    persistent: bool = False
    accelerator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRegion:
    """A region; ``memdevs`` by position; ``dax_mode`` and ``movable`` None when not listed."""

    name: str
    decoder: str
    base: int
    size: int
    type: str
    ways: int
    granularity: int
    memdevs: tuple[str, ...]
    enabled: bool = True
    dax_mode: str | None = None
    movable: bool | None = None


@dataclass(slots=True)
class Inventory:
    """Everything found, flat.

    ``dpa``: (memdev, region) -> start of its share in the device; ``pci``: link state by PCI name
    (not from ``cxl list``, which has none).
    """

    bridges: dict[str, int] = field(default_factory=dict)
    ports: dict[str, Port] = field(default_factory=dict)
    memdevs: dict[str, Memdev] = field(default_factory=dict)
    decoders: dict[str, RootDecoder] = field(default_factory=dict)
    regions: dict[str, ListedRegion] = field(default_factory=dict)
    dpa: dict[tuple[str, str], int] = field(default_factory=dict)
    approximate: bool = False
    pci: dict[str, PciLink] = field(default_factory=dict)


def parse_json(name: str, text: str) -> Any:
    """Return the JSON value of a file; raises :class:`ImportRefused` with line and column."""
    try:
        return json.loads(text, parse_constant=lambda word: _refuse_word(name, word))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise ImportRefused(name, place, f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise ImportRefused(name, "", "the JSON is nested too deeply") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise ImportRefused(name, "", "a number in the JSON is too long") from error


def _refuse_word(name: str, word: str) -> Any:
    raise ImportRefused(name, "", f"{word} is no number")


def is_cxl_list(value: Any) -> bool:
    """Return whether a JSON value is shaped like ``cxl list`` output."""
    objects = value if isinstance(value, list) else [value]
    return all(
        isinstance(o, dict)
        and (any(isinstance(o.get(mark), str) for mark in MARKS) or not TOP.isdisjoint(o))
        for o in objects
    )


def parse_cxl_list(name: str, value: Any) -> Inventory:
    """Return what a ``cxl list`` JSON value says; raises :class:`ImportRefused` on nonsense."""
    return _Reader(name).read(value)


class _Reader:
    """Walks the JSON; ``place`` strings name where a refused value stands."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found = Inventory()
        self._count = 0

    def read(self, value: Any) -> Inventory:
        self._walk(value, "", 0, "", {})
        found = self._found
        for kind in (found.bridges, found.ports, found.memdevs, found.decoders, found.regions):
            if len(kind) > MAX_ITEMS:
                raise ImportRefused(self._name, "", f"more than {MAX_ITEMS} items of one kind")
        return found

    def _walk(
        self, value: Any, place: str, depth: int, owner: str, endpoint: Mapping[str, Any]
    ) -> None:
        """Visit ``value``; ``owner`` is the name after the colon of the key it stands under."""
        if depth > MAX_DEPTH:
            raise ImportRefused(self._name, place[:120], "nested too deeply")
        if isinstance(value, list):
            for i, item in enumerate(value):
                self._walk(item, f"{place}[{i}]", depth + 1, owner, endpoint)
            return
        if not isinstance(value, dict):
            return
        self._count += 1
        if self._count > MAX_OBJECTS:
            raise ImportRefused(self._name, place[:120], f"more than {MAX_OBJECTS} objects")
        if isinstance(value.get("endpoint"), str):
            endpoint = value
        self._object(value, place, owner, endpoint)
        for key, item in value.items():
            if key in _LEAVES:
                continue
            below = key.partition(":")[2] or owner
            self._walk(item, f"{place}/{key}" if place else key, depth + 1, below, endpoint)

    def _object(
        self, value: dict[str, Any], place: str, owner: str, endpoint: Mapping[str, Any]
    ) -> None:
        if isinstance(value.get("bus"), str):
            for dport in self._dports(value, place):
                self._found.bridges[dport.name] = dport.id
        elif isinstance(value.get("port"), str):
            self._port(value, place)
        elif isinstance(value.get("memdev"), str):
            self._memdev(value, place, endpoint)
        elif isinstance(value.get("region"), str) and "decoder" not in value:
            self._region(value, place, owner)
        elif isinstance(value.get("decoder"), str):
            self._decoder(value, place, owner, endpoint)

    def _dports(self, value: dict[str, Any], place: str) -> tuple[Dport, ...]:
        out = []
        for i, item in enumerate(self._list(value, "dports", place)):
            here = f"{place}/dports[{i}]"
            out.append(Dport(self._text(item, "dport", here), self._int(item, "id", here)))
        return tuple(out)

    def _port(self, value: dict[str, Any], place: str) -> None:
        name = value["port"]
        listed = value.get(f"decoders:{name}")
        self._found.ports[name] = Port(
            name=name,
            host=self._text(value, "host", place),
            depth=self._int(value, "depth", place),
            parent_dport=self._text(value, "parent_dport", place),
            dports=self._dports(value, place),
            decoders=len(listed) if isinstance(listed, list) else None,
        )

    def _memdev(self, value: dict[str, Any], place: str, endpoint: Mapping[str, Any]) -> None:
        name = value["memdev"]
        listed = endpoint.get(f"decoders:{endpoint.get('endpoint')}")
        node = value.get("numa_node")
        pmem = self._int(value, "pmem_size", place)
        ram = self._int(value, "ram_size", place)
        self._found.memdevs[name] = Memdev(
            name=name,
            host=self._text(value, "host", place),
            ram=ram,
            pmem=pmem,
            serial=self._int(value, "serial", place),
            numa_node=node if type(node) is int and 0 <= node < 1024 else None,
            endpoint=self._text(endpoint, "endpoint", place),
            parent_dport=self._text(endpoint, "parent_dport", place),
            decoders=len(listed) if isinstance(listed, list) else None,
        )

    def _decoder(
        self, value: dict[str, Any], place: str, owner: str, endpoint: Mapping[str, Any]
    ) -> None:
        region = value.get("region")
        memdev = endpoint.get("memdev")
        if isinstance(region, str) and "dpa_resource" in value:
            device = memdev.get("memdev") if isinstance(memdev, dict) else None
            if isinstance(device, str):
                self._found.dpa[device, region] = self._int(value, "dpa_resource", place)
            return
        if not (owner.startswith("root") or "max_available_extent" in value):
            return
        targets = []
        for i, item in enumerate(self._list(value, "targets", place)):
            here = f"{place}/targets[{i}]"
            at = self._int(item, "position", here)
            targets.append((at, self._int(item, "id", here), self._text(item, "target", here)))
            self._found.bridges.setdefault(targets[-1][2], targets[-1][1])
        qos = value.get("qos_class")
        self._found.decoders[value["decoder"]] = RootDecoder(
            name=value["decoder"],
            base=self._int(value, "resource", place),
            size=self._int(value, "size", place),
            ways=self._int(value, "interleave_ways", place, 1),
            granularity=self._int(value, "interleave_granularity", place, 256),
            targets=tuple((uid, name) for _, uid, name in sorted(targets)),
            qos_class=qos if type(qos) is int and 0 <= qos < 1 << 16 else None,
            volatile=value.get("volatile_capable") is True,
            persistent=value.get("pmem_capable") is True,
            accelerator=value.get("accelmem_capable") is True,
        )

    def _region(self, value: dict[str, Any], place: str, owner: str) -> None:
        mappings = []
        for i, item in enumerate(self._list(value, "mappings", place)):
            here = f"{place}/mappings[{i}]"
            at = self._int(item, "position", here)
            mappings.append((at, self._text(item, "memdev", here)))
        mode, movable = self._dax(value)
        self._found.regions[value["region"]] = ListedRegion(
            name=value["region"],
            decoder=owner if owner.startswith("decoder") else "",
            base=self._int(value, "resource", place),
            size=self._int(value, "size", place),
            type=self._text(value, "type", place) or "ram",
            ways=self._int(value, "interleave_ways", place, 1),
            granularity=self._int(value, "interleave_granularity", place, 256),
            memdevs=tuple(name for _, name in sorted(mappings)),
            enabled=value.get("state") != "disabled" and value.get("decode_state") != "reset",
            dax_mode=mode,
            movable=movable,
        )

    @staticmethod
    def _dax(value: dict[str, Any]) -> tuple[str | None, bool | None]:
        """Return mode and zone of a region's first dax device."""
        dax = value.get("daxregion")
        devices = dax.get("devices") if isinstance(dax, dict) else None
        first = devices[0] if isinstance(devices, list) and devices else None
        if not isinstance(first, dict):
            return None, None
        mode, movable = first.get("mode"), first.get("movable")
        if first.get("online_memblocks") == 0:
            movable = None
        return (
            mode if isinstance(mode, str) else None,
            movable if isinstance(movable, bool) else None,
        )

    def _list(self, value: Mapping[str, Any], key: str, place: str) -> list[Mapping[str, Any]]:
        items = value.get(key, [])
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise ImportRefused(self._name, f"{place}/{key}"[:120], "must be a list of objects")
        return items

    def _text(self, value: Mapping[str, Any], key: str, place: str) -> str:
        text = value.get(key, "")
        if not isinstance(text, str):
            raise ImportRefused(self._name, f"{place}/{key}"[:120], "must be a text")
        return text

    def _int(self, value: Mapping[str, Any], key: str, place: str, default: int = 0) -> int:
        given = value.get(key, default)
        number = self._number(given) if isinstance(given, str) else given
        if type(number) is not int or not 0 <= number < U64:
            reason = "must be a whole number of at most 64 bits, or a size"
            raise ImportRefused(self._name, f"{place}/{key}"[:120], reason)
        return number

    def _number(self, text: str) -> int | None:
        """Return the number of a ``-u`` text; sizes there are rounded, so to 256 MiB here."""
        if re.fullmatch(r"0x[0-9a-fA-F]{1,16}", text):
            return int(text, 16)
        if re.fullmatch(r"[0-9]{1,20}", text):
            return int(text)
        size = _HUMAN.match(text)
        if size is None or len(size[1]) > 20:
            return None
        value = round(float(size[1]) * _UNITS[size[2]])
        if size[2] in ("GiB", "TiB", "PiB") and value % BLOCK:
            self._found.approximate = True
            value = max(round(value / BLOCK), 1) * BLOCK
        return value
