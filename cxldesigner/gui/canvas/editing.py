"""The edits the canvas makes, as undo steps with full phrases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count

from PySide6.QtCore import QObject

from cxldesigner.document import edits
from cxldesigner.document.edits import EditRefused
from cxldesigner.document.model import Document, HostBridge, Part, Point, Window
from cxldesigner.document.ports import (
    Refusal,
    connection_refusal,
    find_port,
    ports_of,
    split_ref,
)
from cxldesigner.geometry.autolayout import auto_layout
from cxldesigner.geometry.placement import free_spot, item_rects, sizes, spot_at_port
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.templates import fresh
from cxldesigner.gui.session import Session


def target_refusal(document: Document, window_id: str, bridge_id: str) -> Refusal | None:
    """Return why a window cannot take a part as its next target, or None."""
    window, bridge = document.windows.get(window_id), document.parts.get(bridge_id)
    if window is None or bridge is None:
        return Refusal("item-missing", (window_id if window is None else bridge_id,))
    if not isinstance(bridge, HostBridge):
        return Refusal("target-not-bridge", (window_id, bridge_id))
    if bridge_id in window.targets:
        return Refusal("target-repeated", (bridge_id, window_id))
    return None


def add_target(document: Document, window_id: str, bridge_id: str) -> Document:
    """Return the document with a host bridge as last target of a window."""
    refusal = target_refusal(document, window_id, bridge_id)
    if refusal is not None:
        raise EditRefused(refusal)
    targets = (*document.windows[window_id].targets, bridge_id)
    return edits.set_field(document, window_id, "targets", targets)


def pinned(document: Document) -> Document:
    """Return the document with a position for everything, where it is shown now.

    Automatic positions depend on what else there is; pinned, they stay when something is added.
    """
    missing = {k: r.corner for k, r in item_rects(document).items() if k not in document.layout}
    return edits.move(document, missing) if missing else document


class CanvasEditor(QObject):
    """Makes edits for gestures, menus, keys and the palette."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._nudges = count()
        self._nudge = next(self._nudges)

    # --- adding -------------------------------------------------------------------------------

    def attachment(self, item: Part | Window, target: str) -> tuple[str, Refusal | None]:
        """Return which port (or window) a new item dropped on ``target`` would join.

        Parameters
        ----------
        target : a port reference, or the id of a part or window.

        Returns
        -------
        The reference to connect to ("" when there is none), and why it cannot be.
        """
        document = self.session.document
        item = fresh(document, item)
        if isinstance(item, Window):
            if target in document.windows:
                return "", Refusal("window-on-window", (target,))
            bridge = split_ref(target)[0]
            trial = edits.add_window(document, item)
            return bridge, target_refusal(trial, item.id, bridge)
        if target in document.windows:
            trial = edits.add_part(document, item)
            return target, target_refusal(trial, target, item.id)
        trial = edits.add_part(document, item)
        own = [p.ref for p in ports_of(item)]
        exact = find_port(document, target)
        part = document.parts.get(split_ref(target)[0])
        theirs = [exact] if exact else list(ports_of(part)) if part else []
        first: tuple[str, Refusal | None] | None = None
        for port in theirs:
            for ref in own:
                refusal = connection_refusal(trial, port.ref, ref)
                if refusal is None:
                    return port.ref, None
                mates = refusal.code != "port-types"
                if first is None or (mates and first[1] and first[1].code == "port-types"):
                    first = port.ref, refusal
        return first or ("", Refusal("port-missing", (target,)))

    def add(self, item: Part | Window, near: Point, attach: str = "") -> str | None:
        """Add a part or window in one undo step; return its id, None if refused.

        Parameters
        ----------
        near : wanted middle of it; the nearest free room is taken. Unused with ``attach``.
        attach : what to join it to: a port reference, a host bridge (for a window), or a window
            (for a host bridge).
        """
        before = self.session.document
        item = fresh(before, item)
        if attach:
            text = self.tr("Add {} at {}").format(item.id, attach)
        else:
            text = self.tr("Add {}").format(item.id)

        def run(document: Document) -> Document:
            document = pinned(document)
            at = self._place(document, item, near, attach)
            if isinstance(item, Window):
                document = edits.add_window(document, item, at)
            else:
                document = edits.add_part(document, item, at)
            return self._joined(document, item, attach) if attach else document

        if not self.session.edit(text, run):
            return None
        self.session.select((item.id,))
        return item.id

    def _place(self, document: Document, item: Part | Window, near: Point, attach: str) -> Point:
        rects = item_rects(document)
        trial = (
            edits.add_window(Document(), item)
            if isinstance(item, Window)
            else edits.add_part(Document(), item)
        )
        size = sizes(trial)[item.id]
        if ":" in attach and split_ref(attach)[0] in rects:
            return spot_at_port(document, rects, attach, size)
        if attach and isinstance(item, Window):
            bridge = rects[attach]
            near = Point(bridge.x - 96 - size.w / 2, bridge.centre.y)
        elif attach in rects:
            near = Point(rects[attach].right + 96 + size.w / 2, rects[attach].centre.y)
        corner = Point(near.x - size.w / 2, near.y - size.h / 2)
        return free_spot(rects.values(), size, corner)

    def _joined(self, document: Document, item: Part | Window, attach: str) -> Document:
        if isinstance(item, Window):
            return add_target(document, item.id, attach)
        if attach in document.windows:
            return add_target(document, attach, item.id)
        refusal: Refusal | None = None
        for port in ports_of(item):
            refusal = connection_refusal(document, attach, port.ref)
            if refusal is None:
                return edits.connect(document, attach, port.ref)
        raise EditRefused(refusal or Refusal("port-missing", (attach,)))

    # --- changing -----------------------------------------------------------------------------

    def connect_ports(self, a: str, b: str) -> bool:
        """Join two ports."""
        document = self.session.document
        port = find_port(document, a)
        down, up = (b, a) if port is not None and port.faces_down else (a, b)
        text = self.tr("Connect {} to {}").format(split_ref(down)[0], split_ref(up)[0])
        return self.session.edit(text, lambda d: edits.connect(d, a, b))

    def target(self, window_id: str, bridge_id: str) -> bool:
        """Make a host bridge the next target of a window."""
        text = self.tr("Target {} from {}").format(bridge_id, window_id)
        return self.session.edit(text, lambda d: add_target(d, window_id, bridge_id))

    def untarget(self, window_id: str, index: int) -> bool:
        """Take one target out of a window's list."""
        window = self.session.document.windows[window_id]
        text = self.tr("Remove target {} from {}").format(window.targets[index], window_id)
        left = (*window.targets[:index], *window.targets[index + 1 :])
        return self.session.edit(text, lambda d: edits.set_field(d, window_id, "targets", left))

    def remove(self, ids: Iterable[str]) -> bool:
        """Delete parts, links and windows, and what refers to them."""
        document = self.session.document
        known = sorted(
            k for k in ids if k in document.parts or k in document.links or k in document.windows
        )
        if not known:
            return False
        if len(known) > 1:
            text = self.tr("Delete {} items").format(len(known))
        elif known[0] in document.links:
            link = document.links[known[0]]
            text = self.tr("Disconnect {} from {}").format(
                split_ref(link.downstream)[0], split_ref(link.upstream)[0]
            )
        else:
            text = self.tr("Delete {}").format(words.item_title(document, known[0]))
        return self.session.edit(text, lambda d: edits.remove(d, known))

    def move(self, positions: Mapping[str, Point]) -> bool:
        """Put parts and windows elsewhere."""
        return self.session.edit(self._move_text(positions), _moved, positions)

    def nudge(self, ids: Iterable[str], dx: float, dy: float) -> bool:
        """Shift parts and windows a little; a row of nudges of the same things is one step."""
        rects = item_rects(self.session.document)
        moved = {k: Point(rects[k].x + dx, rects[k].y + dy) for k in sorted(ids) if k in rects}
        if not moved:
            return False
        key = ("nudge", self._nudge, tuple(moved))
        return self.session.edit_merging(key, self._move_text(moved), _moved, moved)

    def end_nudge(self) -> None:
        """Let the next nudge begin a new undo step."""
        self._nudge = next(self._nudges)

    def _move_text(self, positions: Mapping[str, Point]) -> str:
        if len(positions) == 1:
            only = next(iter(positions))
            return self.tr("Move {}").format(words.item_title(self.session.document, only))
        return self.tr("Move {} items").format(len(positions))

    def arrange(self) -> bool:
        """Lay everything out automatically."""
        return self.session.edit(
            self.tr("Arrange automatically"), lambda d: replace(d, layout=auto_layout(d))
        )


def _moved(document: Document, positions: Mapping[str, Point]) -> Document:
    return edits.move(pinned(document), positions)


def below(document: Document, ids: Iterable[str]) -> frozenset[str]:
    """Return parts with everything that hangs below them."""
    found: set[str] = set()
    todo = [k for k in ids if k in document.parts]
    children: dict[str, list[str]] = {}
    for link in document.links.values():
        up, down = split_ref(link.upstream)[0], split_ref(link.downstream)[0]
        children.setdefault(up, []).append(down)
    while todo:
        part_id = todo.pop()
        if part_id not in found:
            found.add(part_id)
            todo.extend(children.get(part_id, ()))
    return frozenset(found)
