"""What derivation says about single parts, as the canvas marks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxldesigner.linux.severity import Severity

if TYPE_CHECKING:
    from cxldesigner.linux.model import Derivation


@dataclass(frozen=True, slots=True)
class Marks:
    """NUMA nodes a part belongs to, and the worst finding that names it ("" for none)."""

    nodes: tuple[int, ...] = ()
    severity: str = ""


NO_MARKS = Marks()
_RANK = {Severity.ERROR: 2, Severity.WARNING: 1}


def marks_of(derivation: Derivation | None) -> dict[str, Marks]:
    """Return the marks of every item that has any, by id."""
    if derivation is None:
        return {}
    nodes: dict[str, list[int]] = {}
    for node in derivation.current.nodes.values():
        for item in node.items:
            nodes.setdefault(item, []).append(node.id)
    worst: dict[str, Severity] = {}
    for finding in derivation.findings:
        rank = _RANK.get(finding.severity, 0)
        for item in finding.items if rank else ():
            if item not in worst or rank > _RANK[worst[item]]:
                worst[item] = finding.severity
    return {
        k: Marks(tuple(sorted(set(nodes.get(k, ())))), str(worst.get(k, "")))
        for k in {*nodes, *worst}
    }
