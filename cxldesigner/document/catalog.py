"""Hardware presets: published figures of real and model parts, each with its basis and source.

A preset sets fields of a part; the values then belong to the document, so a file never changes
its meaning when the catalogue does. The catalogue is ``resources/catalog/*.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache
from typing import Any

from cxldesigner.assets import resource
from cxldesigner.document.codec import decode, encode
from cxldesigner.document.edits import EditRefused, set_field
from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    MemoryDomain,
    Part,
    RootPort,
    Socket,
    Switch,
)
from cxldesigner.document.ports import Refusal

KINDS: Mapping[str, type[Part]] = {
    "socket": Socket,
    "memory": MemoryDomain,
    "host bridge": HostBridge,
    "root port": RootPort,
    "switch": Switch,
    "device": Device,
}
"""Kinds of part by the word the catalogue and messages use."""


class Basis(StrEnum):
    """Where a figure comes from."""

    VENDOR = "vendor"
    PRESS = "press"
    MEASURED = "measured"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a preset: model field (``perf.read_latency_ns``), value, basis, source."""

    field: str
    value: Any
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A product or model part: what it sets, and ``claims`` worth reading that no field holds."""

    id: str
    kind: str
    product: str
    figures: tuple[Figure, ...]
    claims: tuple[str, ...]

    @property
    def part_class(self) -> type[Part]:
        """The class of part the preset is for."""
        return KINDS[self.kind]


def kind_of(part: Part | type[Part]) -> str:
    """Return the word for a part's kind (``device``)."""
    cls = part if isinstance(part, type) else type(part)
    return next(word for word, kind in KINDS.items() if kind is cls)


@cache
def catalog() -> Mapping[str, Preset]:
    """Return all presets by id, in catalogue order.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete.
    """
    result: dict[str, Preset] = {}
    for path in sorted(resource("catalog").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for entry in content["presets"]:
            preset = _preset(entry, content["sources"])
            result[preset.id] = preset
    return result


def _preset(entry: dict[str, Any], sources: Mapping[str, str]) -> Preset:
    """Return a preset with its figures in model units (files may say ``256 GiB``)."""
    kind = KINDS[entry["kind"]]
    raw: dict[str, Any] = {"id": "x"}
    for figure in entry["figures"]:
        _put(raw, figure["field"], figure["value"])
    part = decode(kind, raw, entry["id"])
    figures = tuple(
        Figure(f["field"], _get(part, f["field"]), Basis(f["basis"]), sources[f["source"]])
        for f in entry["figures"]
    )
    return Preset(
        entry["id"], entry["kind"], entry["product"], figures, tuple(entry.get("claims", ()))
    )


def _put(raw: dict[str, Any], field: str, value: Any) -> None:
    *outer, last = field.split(".")
    for name in outer:
        raw = raw.setdefault(name, {})
    raw[last] = value


def _get(item: Any, field: str) -> Any:
    for name in field.split("."):
        item = getattr(item, name)
    return item


def presets(kind: str | type[Part]) -> tuple[Preset, ...]:
    """Return the presets for a kind of part, by its class or its word, in catalogue order."""
    word = kind if isinstance(kind, str) else kind_of(kind)
    return tuple(preset for preset in catalog().values() if preset.kind == word)


def apply_preset(document: Document, part_id: str, preset_id: str) -> Document:
    """Return the document with a part's figures set from a preset; "" forgets the preset.

    Figures the preset does not have stay as they are.

    Raises
    ------
    EditRefused
        No such part or preset, or the preset is for another kind of part.
    """
    part = document.parts.get(part_id)
    if part is None:
        raise EditRefused(Refusal("item-missing", (part_id,)))
    if not preset_id:
        return set_field(document, part_id, "preset", "")
    preset = catalog().get(preset_id)
    if preset is None:
        raise EditRefused(Refusal("preset-missing", (preset_id,)))
    if preset.part_class is not type(part):
        args = (preset_id, preset.kind, part_id, kind_of(part))
        raise EditRefused(Refusal("preset-kind", args))
    changed = with_preset(part, preset)
    for field in fields(changed):
        value = getattr(changed, field.name)
        if value != getattr(part, field.name):
            document = set_field(document, part_id, field.name, value)
    return document


def with_preset(part: Part, preset: Preset) -> Part:
    """Return a part of the preset's kind with the preset's figures."""
    raw = encode(part)
    for figure in preset.figures:
        _put(raw, figure.field, figure.value)
    return replace(decode(type(part), raw, part.id), preset=preset.id)


def figure_of(part: Part, field: str) -> Figure | None:
    """Return the catalogue figure a part's field still holds; None once a person changed it."""
    preset = catalog().get(part.preset)
    if preset is None or preset.part_class is not type(part):
        return None
    for figure in preset.figures:
        if figure.field == field and _get(part, field) == figure.value:
            return figure
    return None
