"""What changed between two documents, by identity: unchanged items are shared, so this is cheap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cxldesigner.document.model import Document


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Ids of parts, links, windows and scenarios that differ between two documents.

    ``moved``: ids whose position differs. ``reordered``: the order within some kind differs though
    no item came or went. ``host``: host settings differ. ``text``: name, notes, actions or
    imported tables differ.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    reordered: bool = False
    host: bool = False
    text: bool = False

    def __bool__(self) -> bool:
        return bool(
            self.added
            or self.removed
            or self.changed
            or self.moved
            or self.reordered
            or self.host
            or self.text
        )


def changes(old: Document, new: Document) -> ChangeSet:
    """Return what to do to ``old`` to get ``new``; empty (false) for equal documents."""
    if old is new:
        return ChangeSet()
    added: set[str] = set()
    removed: set[str] = set()
    changed: set[str] = set()
    reordered = False
    for before, after in _mappings(old, new):
        if before is after:
            continue
        added |= after.keys() - before.keys()
        removed |= before.keys() - after.keys()
        kept = before.keys() & after.keys()
        changed |= {k for k in kept if _differ(before[k], after[k])}
        reordered |= _order(before, kept) != _order(after, kept)
    return ChangeSet(
        added=frozenset(added),
        removed=frozenset(removed),
        changed=frozenset(changed),
        moved=frozenset(_moved(old.layout, new.layout)),
        reordered=reordered,
        host=_differ(old.host, new.host),
        text=(old.name, old.notes, old.actions, old.tables)
        != (new.name, new.notes, new.actions, new.tables),
    )


def _mappings(
    old: Document, new: Document
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    yield old.parts, new.parts
    yield old.links, new.links
    yield old.windows, new.windows
    yield old.scenarios, new.scenarios


def _differ(before: Any, after: Any) -> bool:
    return before is not after and before != after


def _order(mapping: Mapping[str, Any], kept: set[str]) -> dict[type, list[str]]:
    """Return the kept ids by kind, in order: order across kinds carries no meaning."""
    order: dict[type, list[str]] = {}
    for key, item in mapping.items():
        if key in kept:
            order.setdefault(type(item), []).append(key)
    return order


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    if old is new:
        return set()
    return {k for k in old.keys() | new.keys() if _differ(old.get(k), new.get(k))}
