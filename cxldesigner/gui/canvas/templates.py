"""What the palette offers, and how it travels through drag and drop."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QMimeData

from cxldesigner.document.edits import new_id
from cxldesigner.document.model import (
    GIB,
    Device,
    Document,
    HostBridge,
    MemoryDomain,
    Part,
    Perf,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.gui.tokens import PART_KINDS

MIME = "application/vnd.cxldesigner.part+json"
_CLASSES: Mapping[str, type[Part | Window]] = {name: kind for kind, name in PART_KINDS.items()}
_LARGEST = 1 << 16
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Template:
    """A part or window to be added: ``item.id`` is only a stand-in until it is."""

    key: str
    title: str
    tip: str
    item: Part | Window

    @property
    def kind(self) -> str:
        """Kind name, as in :data:`cxldesigner.gui.tokens.PART_KINDS`."""
        return PART_KINDS[type(self.item)]


class NotATemplate(ValueError):
    """Dragged data that is not a part."""


def fresh(document: Document, item: Part | Window) -> Part | Window:
    """Return a template's item under an id the document does not use yet."""
    return replace(item, id=new_id(document, type(item)))


def to_mime(template: Template) -> QMimeData:
    """Return a template as dragged data."""
    fields = dataclasses.asdict(template.item)
    del fields["id"]
    text = json.dumps({"kind": template.kind, "fields": fields})
    data = QMimeData()
    data.setData(MIME, text.encode())
    return data


def from_mime(data: QMimeData) -> Part | Window:
    """Return the part or window of dragged data, with a stand-in id.

    Raises
    ------
    NotATemplate
        The data is not what :func:`to_mime` makes.
    """
    raw = bytes(data.data(MIME).data())
    if not raw or len(raw) > _LARGEST:
        raise NotATemplate("no part in the dragged data")
    try:
        value = json.loads(raw)
        kind = _CLASSES[value["kind"]]
        return _build(kind, value["fields"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotATemplate(f"the dragged part cannot be read: {error}") from error


def _build(kind: type[Part | Window], fields: Mapping[str, Any]) -> Part | Window:
    example = kind(id="new")
    values: dict[str, Any] = {}
    for name, value in fields.items():
        default = getattr(example, name)
        if isinstance(default, Perf):
            values[name] = Perf(**{k: int(v) for k, v in value.items()})
        elif isinstance(default, tuple):
            values[name] = tuple(type(default[0])(v) if default else str(v) for v in value)
        elif not isinstance(value, int | None if default is None else type(default) | int):
            raise TypeError(name)
        else:
            values[name] = value
    return replace(example, **values)


def basic_templates() -> tuple[Template, ...]:
    """Return the kinds of parts every platform is made of."""
    return (
        Template(
            "socket",
            translate("Palette", "Socket with DRAM"),
            translate("Palette", "A processor package with its memory: one proximity domain"),
            Socket(id="new", cpus=8, dram_bytes=64 * GIB),
        ),
        Template(
            "memory",
            translate("Palette", "Memory domain (HBM)"),
            translate("Palette", "Boot memory without CPUs, beside a socket"),
            MemoryDomain(id="new", size_bytes=16 * GIB),
        ),
        Template(
            "bridge",
            translate("Palette", "Host bridge"),
            translate("Palette", "A CXL host bridge (ACPI0016), below a socket"),
            HostBridge(id="new"),
        ),
        Template(
            "root-port",
            translate("Palette", "Root port"),
            translate("Palette", "A root port of a host bridge; takes a device or a switch"),
            RootPort(id="new"),
        ),
        Template(
            "switch",
            translate("Palette", "Switch"),
            translate("Palette", "One upstream port and several downstream ports"),
            Switch(id="new"),
        ),
        Template(
            "device-volatile",
            translate("Palette", "Type 3, volatile"),
            translate("Palette", "A memory expander"),
            Device(id="new", volatile_bytes=128 * GIB),
        ),
        Template(
            "device-persistent",
            translate("Palette", "Type 3, persistent"),
            translate("Palette", "A device with persistent memory"),
            Device(id="new", persistent_bytes=128 * GIB),
        ),
        Template(
            "device-both",
            translate("Palette", "Type 3, both"),
            translate("Palette", "A device with volatile and persistent memory"),
            Device(id="new", volatile_bytes=64 * GIB, persistent_bytes=64 * GIB),
        ),
        Template(
            "window",
            translate("Palette", "ACPI window"),
            translate("Palette", "A fixed memory window (CFMWS) over one or more host bridges"),
            Window(id="new", size_bytes=256 * GIB),
        ),
    )
