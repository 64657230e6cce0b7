"""Fallback order of nodes and demotion targets: who is tried after whom (C3, A34)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

Distance = Callable[[int, int], int]

LOAD_BASE = 1024
"""Weight of a step in distance against a step in node load (MAX_NUMNODES)."""


def next_best_node(
    node: int,
    used: set[int],
    memory: Iterable[int],
    cpu_nodes: Collection[int],
    distance: Distance,
    load: Mapping[int, int],
) -> int | None:
    """Return the next node in the list of ``node`` and mark it used (``find_next_best_node``)."""
    candidates = [n for n in memory if n not in used]
    if node not in used and node in candidates:
        used.add(node)
        return node
    best: int | None = None
    least = 0
    for other in candidates:
        steps = distance(node, other) + (other < node) + (other in cpu_nodes)
        score = steps * LOAD_BASE + load.get(other, 0)
        if best is None or score < least:
            best, least = other, score
    if best is not None:
        used.add(best)
    return best


def build_list(
    node: int,
    memory: Collection[int],
    cpu_nodes: Collection[int],
    distance: Distance,
    load: dict[int, int],
) -> tuple[int, ...]:
    """Return the fallback list of one node; ``load`` is counted up in place (C3)."""
    used: set[int] = set()
    order: list[int] = []
    previous = node
    ordered = sorted(memory)
    while (best := next_best_node(node, used, ordered, cpu_nodes, distance, load)) is not None:
        if distance(node, best) != distance(node, previous):
            load[best] = load.get(best, 0) + 1
        order.append(best)
        previous = best
    return tuple(order)


def build_lists(
    nodes: Iterable[int],
    memory: Collection[int],
    cpu_nodes: Collection[int],
    distance: Distance,
) -> tuple[dict[int, tuple[int, ...]], dict[int, int]]:
    """Return the lists of all ``nodes`` in id order, and the node load they leave behind."""
    load: dict[int, int] = {}
    lists = {n: build_list(n, memory, cpu_nodes, distance, load) for n in sorted(nodes)}
    return lists, load


def preferred_targets(
    node: int,
    tier: Collection[int],
    cpu_nodes: Collection[int],
    distance: Distance,
    load: Mapping[int, int],
) -> tuple[int, ...]:
    """Return the preferred demotion targets of ``node`` in the next lower ``tier`` (A34)."""
    used: set[int] = set()
    chosen: list[int] = []
    ordered = sorted(tier)
    while (best := next_best_node(node, used, ordered, cpu_nodes, distance, load)) is not None:
        if chosen and distance(node, best) != distance(node, chosen[0]):
            break
        chosen.append(best)
    return tuple(sorted(chosen))
