"""Who hangs below whom, looked up once: the links of a document as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxldesigner.document.model import Document, Link
from cxldesigner.document.ports import split_ref


@dataclass(frozen=True, slots=True)
class Branch:
    """A link downwards: the port it leaves from, the part below, the link itself."""

    port: str
    child: str
    link: Link


Tree = Mapping[str, tuple[Branch, ...]]
"""Part id -> what hangs below it, in document order of the links."""


def tree_of(document: Document) -> Tree:
    """Return the tree of a document's links."""
    below: dict[str, list[Branch]] = {}
    for link in document.links.values():
        part, port = split_ref(link.upstream)
        below.setdefault(part, []).append(Branch(port, split_ref(link.downstream)[0], link))
    return {part: tuple(branches) for part, branches in below.items()}


def parents_of(document: Document) -> Mapping[str, str]:
    """Return the part above each connected part."""
    return {
        split_ref(link.downstream)[0]: split_ref(link.upstream)[0]
        for link in document.links.values()
    }
