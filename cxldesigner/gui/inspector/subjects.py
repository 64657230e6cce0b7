"""What a form edits: an item of the drawing, the host settings, or the platform itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import edits
from cxldesigner.document.catalog import apply_preset
from cxldesigner.document.model import Document
from cxldesigner.gui.canvas import words

translate = QCoreApplication.translate


class Subject(Protocol):
    """Something with fields, found anew in every document."""

    def find(self, document: Document) -> Any:
        """Return the value whose fields are shown."""

    def put(self, document: Document, changes: Sequence[tuple[str, Any]]) -> Document:
        """Return the document with fields set, by path."""

    def title(self, document: Document) -> str:
        """Return what undo texts call it."""


def read(value: Any, path: str) -> Any:
    """Return the field at a path such as ``perf.read_latency_ns``."""
    for name in path.split("."):
        value = getattr(value, name)
    return value


def with_field(value: Any, path: str, new: Any) -> Any:
    """Return ``value`` with the field at a path changed."""
    name, _, rest = path.partition(".")
    return replace(value, **{name: with_field(getattr(value, name), rest, new) if rest else new})


@dataclass(frozen=True, slots=True)
class ItemSubject:
    """A part, link or window, by id."""

    id: str

    def find(self, document: Document) -> Any:
        """Return the item, None when it is gone."""
        for mapping in (document.parts, document.windows, document.links):
            if self.id in mapping:
                return mapping[self.id]
        return None

    def put(self, document: Document, changes: Sequence[tuple[str, Any]]) -> Document:
        """Return the document with fields set; ``preset`` applies the whole preset."""
        for path, new in changes:
            if path == "preset":
                document = apply_preset(document, self.id, new)
                continue
            name = path.partition(".")[0]
            changed = with_field(self.find(document), path, new)
            document = edits.set_field(document, self.id, name, getattr(changed, name))
        return document

    def title(self, document: Document) -> str:
        """Return its name, else its id."""
        return words.item_title(document, self.id)


@dataclass(frozen=True, slots=True)
class HostSubject:
    """The settings of the machine as a whole."""

    def find(self, document: Document) -> Any:
        """Return the host settings."""
        return document.host

    def put(self, document: Document, changes: Sequence[tuple[str, Any]]) -> Document:
        """Return the document with host settings changed."""
        host = document.host
        for path, new in changes:
            host = with_field(host, path, new)
        return edits.set_host(document, host)

    def title(self, document: Document) -> str:
        """Return what the host is called."""
        del document
        return translate("Inspector", "the host")


@dataclass(frozen=True, slots=True)
class PlatformSubject:
    """Name and notes of the platform."""

    def find(self, document: Document) -> Any:
        """Return the document itself."""
        return document

    def put(self, document: Document, changes: Sequence[tuple[str, Any]]) -> Document:
        """Return the document with name or notes changed."""
        return edits.describe(document, **dict(changes))

    def title(self, document: Document) -> str:
        """Return what the platform is called."""
        del document
        return translate("Inspector", "the platform")
