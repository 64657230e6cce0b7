"""What the canvas shows of one row of a recording: how full parts are, how busy links are."""

from __future__ import annotations

from collections.abc import Mapping

from cxldesigner.document.model import Device, Document, MemoryDomain, Part, Socket
from cxldesigner.gui.canvas.overlay import CanvasOverlay
from cxldesigner.linux.model import Node, State

PAGE_BYTES = 4096
KINDS = ("anon", "file", "kernel")


def overlay_of(row: Mapping[str, float], document: Document, state: State | None) -> CanvasOverlay:
    """Return the overlay of one row.

    Devices are filled by ``device.{id}.used``, split by the page kinds of the node they back;
    sockets and memory domains by the pages of their node. Without ``state`` (not derived yet)
    devices are shown as anon and the rest is left out.

    Parameters
    ----------
    row : value by column name (:mod:`cxldesigner.recording.model`).
    document : the platform shown.
    state : what Linux made of it.
    """
    nodes = {} if state is None else state.nodes
    fills = {}
    for part in document.parts.values():
        node = next((n for n in nodes.values() if part.id in n.items), None)
        fill = _fill(part, node, row)
        if fill is not None:
            fills[part.id] = fill
    links = {
        link: min(max(row[column], 0.0), 1.0)
        for link in document.links
        if (column := f"link.{link}.utilisation") in row
    }
    traffic = {
        link: _traffic(row[column])
        for link in document.links
        if (column := f"link.{link}.mbps") in row
    }
    return CanvasOverlay(fills=fills, links=links, link_labels=traffic)


def _traffic(mbps: float) -> str:
    """Word traffic briefly; connections inside a socket have no capacity a share could be of."""
    return f"{mbps / 1000:.1f} GB/s" if mbps >= 50 else f"{mbps:.0f} MB/s"


def _fill(part: Part, node: Node | None, row: Mapping[str, float]) -> dict[str, float] | None:
    if isinstance(part, Device):
        used = row.get(f"device.{part.id}.used")
        capacity = part.volatile_bytes + part.persistent_bytes
        if used is None or capacity <= 0:
            return None
        share = min(used * PAGE_BYTES / capacity, 1.0)
        kinds = {} if node is None else _kinds(node, row)
        total = sum(kinds.values())
        if total <= 0:
            return {"anon": share}
        return {kind: share * pages / total for kind, pages in kinds.items()}
    if isinstance(part, Socket | MemoryDomain) and node is not None:
        kinds = _kinds(node, row)
        managed = sum(kinds.values()) + row.get(f"node{node.id}.free", 0.0)
        return {kind: pages / managed for kind, pages in kinds.items()} if managed > 0 else None
    return None


def _kinds(node: Node, row: Mapping[str, float]) -> dict[str, float]:
    return {kind: row.get(f"node{node.id}.{kind}", 0.0) for kind in KINDS}
