"""The scene: one item for every part, window, link and target line, reconciled by id.

The scene follows documents and never changes one. Only what differs is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsSceneHelpEvent

from cxldesigner.document.model import Document, Link, Point
from cxldesigner.document.ports import Port, split_ref
from cxldesigner.geometry.placement import item_rects
from cxldesigner.geometry.ports import handle_point, port_point
from cxldesigner.geometry.rect import Rect, bounding
from cxldesigner.geometry.routing import Path, link_routes, target_route
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.carditem import CardItem
from cxldesigner.gui.canvas.linkitem import LinkItem, PathItem, TargetItem
from cxldesigner.gui.canvas.marks import NO_MARKS, Marks
from cxldesigner.gui.canvas.overlay import CanvasOverlay
from cxldesigner.gui.canvas.partitem import MemoryPartItem, PartItem, part_item
from cxldesigner.gui.canvas.windowitem import WindowItem

TARGETS = "targets"
"""Name of a window's handle in a reference ``window:targets``."""
_ROOM = 4000.0
_Item = TypeVar("_Item", bound=QGraphicsItem)
TargetKey = tuple[str, int]


class CanvasScene(QGraphicsScene):
    """Shows one document; :meth:`show_document` moves it to another with the least change.

    ``tip_asked`` carries the place on the scene and on the screen the pointer rests at.
    """

    tip_asked = Signal(QPointF, QPoint)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = Document()
        self.rects: dict[str, Rect] = {}
        self.parts: dict[str, PartItem] = {}
        self.windows: dict[str, WindowItem] = {}
        self.links: dict[str, LinkItem] = {}
        self.targets: dict[TargetKey, TargetItem] = {}
        self.marks: Mapping[str, Marks] = {}
        self._below: dict[str, list[Link]] = {}
        self._moved: dict[str, Rect] = {}
        self._selection: frozenset[str] = frozenset()
        self._highlight: frozenset[str] = frozenset()
        self._overlay: CanvasOverlay | None = None

    # --- following the document ---------------------------------------------------------------

    def show_document(self, document: Document) -> None:
        """Show a document: add, remove, move and change only the items that differ."""
        old, self.document, self._moved = self.document, document, {}
        new_rects = item_rects(document)
        moved = {k for k, r in new_rects.items() if self.rects.get(k) != r}
        self.rects = new_rects
        _drop(self, self.parts, document.parts)
        _drop(self, self.windows, document.windows)
        for part_id, part in document.parts.items():
            item = self.parts.get(part_id)
            if item is not None and type(item.part) is not type(part):
                self.removeItem(self.parts.pop(part_id))
                item = None
            if item is None:
                self.parts[part_id] = item = part_item(part, new_rects[part_id])
                self.addItem(item)
            else:
                if item.part is not part:
                    item.set_part(part)
                if part_id in moved:
                    item.set_rect(new_rects[part_id])
        for window_id, window in document.windows.items():
            band = self.windows.get(window_id)
            if band is None:
                self.windows[window_id] = band = WindowItem(window, new_rects[window_id])
                self.addItem(band)
            else:
                if band.shown is not window:
                    band.set_window(window)
                if window_id in moved:
                    band.set_rect(new_rects[window_id])
        changed = {k for k in document.parts if old.parts.get(k) is not document.parts[k]}
        if document.links is not old.links or changed:
            self._relink(document)
            self._route({*self._below})
        elif moved:
            self._route(self._affected(moved))
        self._retarget()
        self._grow()
        self.refresh_states()
        self._show_overlay()
        self.set_marks(self.marks)

    def _relink(self, document: Document) -> None:
        _drop(self, self.links, document.links)
        self._below = {}
        for link in document.links.values():
            self._below.setdefault(split_ref(link.upstream)[0], []).append(link)

    def _affected(self, moved: Iterable[str]) -> set[str]:
        """Return the parts whose links downwards must be routed again."""
        found = set(moved) & self._below.keys()
        for up, links in self._below.items():
            if any(split_ref(k.downstream)[0] in moved for k in links):
                found.add(up)
        return found

    def _route(self, uppers: Iterable[str]) -> None:
        rects = self.live_rects()
        for up in uppers:
            links = self._below[up]
            paths = link_routes(links, self.document.parts, rects)
            for link in links:
                self._set_link(link, paths.get(link.id))

    def _set_link(self, link: Link, path: Path | None) -> None:
        item = self.links.get(link.id)
        if path is None:
            if item is not None:
                self.removeItem(self.links.pop(link.id))
            return
        if item is None:
            self.links[link.id] = item = LinkItem(link.id, path)
            self.addItem(item)
        else:
            item.set_path(path)
        label, degraded = words.link_label(self.document, link)
        item.set_label(label, degraded=degraded)

    def _retarget(self) -> None:
        rects = self.live_rects()
        slots: dict[str, int] = {}
        wanted: dict[TargetKey, Path] = {}
        for track, window in enumerate(self.document.windows.values()):
            for index, bridge in enumerate(window.targets):
                if bridge in rects:
                    slot = slots.get(bridge, 0)
                    slots[bridge] = slot + 1
                    path = target_route(rects[window.id], rects[bridge], slot, track)
                    wanted[window.id, index] = path
        for key in [k for k in self.targets if k not in wanted]:
            self.removeItem(self.targets.pop(key))
        for key, path in wanted.items():
            item = self.targets.get(key)
            if item is None:
                self.targets[key] = item = TargetItem(*key, path)
                self.addItem(item)
            else:
                item.set_path(path)

    def _grow(self) -> None:
        area = bounding(self.rects.values()) or Rect(0, 0, 0, 0)
        left, top = area.x // _ROOM * _ROOM - _ROOM, area.y // _ROOM * _ROOM - _ROOM
        wide = QRectF(left, top, area.right - left + 2 * _ROOM, area.bottom - top + 2 * _ROOM)
        if not self.sceneRect().contains(wide.adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM)):
            self.setSceneRect(wide)

    # --- moving live --------------------------------------------------------------------------

    def live_rects(self) -> Mapping[str, Rect]:
        """Return where everything is drawn at this moment, a drag included."""
        return {**self.rects, **self._moved} if self._moved else self.rects

    def preview_move(self, positions: Mapping[str, Point]) -> None:
        """Show items elsewhere while they are dragged; an empty mapping puts all back."""
        changed = {*self._moved, *positions}
        self._moved = {
            k: Rect(p.x, p.y, self.rects[k].w, self.rects[k].h)
            for k, p in positions.items()
            if k in self.rects
        }
        rects = self.live_rects()
        for item_id in changed & rects.keys():
            item = self.card(item_id)
            if item is not None and item.rect != rects[item_id]:
                item.set_rect(rects[item_id])
        self._route(self._affected(changed))
        self._retarget()

    # --- states -------------------------------------------------------------------------------

    def card(self, item_id: str) -> CardItem | None:
        """Return the item of a part or window."""
        return self.parts.get(item_id) or self.windows.get(item_id)

    def cards(self) -> Iterator[CardItem]:
        """Iterate over the items of all parts and windows."""
        yield from self.parts.values()
        yield from self.windows.values()

    def set_selection(self, ids: frozenset[str]) -> None:
        """Show which ids are selected."""
        self._selection = ids
        self.refresh_states()

    def set_highlight(self, ids: frozenset[str]) -> None:
        """Frame some ids and fade all others; an empty set shows all plainly."""
        self._highlight = ids
        self.refresh_states()

    def refresh_states(self) -> None:
        """Show selection and highlighting again."""
        lit = self._highlight
        for card in self.cards():
            on = card.item_id in lit
            card.set_state(
                selected=card.item_id in self._selection,
                highlighted=on,
                faded=bool(lit) and not on,
            )
        for link in self.links.values():
            known = self.document.links[link.item_id]
            ends = {split_ref(known.upstream)[0], split_ref(known.downstream)[0]}
            on = link.item_id in lit or ends <= lit
            link.set_state(
                selected=link.item_id in self._selection,
                highlighted=on,
                faded=bool(lit) and not on,
            )
        for (window, index), line in self.targets.items():
            bridge = self.document.windows[window].targets[index]
            line.set_state(
                selected=window in self._selection or bridge in self._selection,
                highlighted=window in lit,
                faded=bool(lit) and window not in lit,
            )

    def set_marks(self, marks: Mapping[str, Marks]) -> None:
        """Show node badges and findings."""
        self.marks = marks
        for card in self.cards():
            card.set_marks(marks.get(card.item_id, NO_MARKS))

    def set_overlay(self, overlay: CanvasOverlay | None) -> None:
        """Show a moment of a recording, or the plain platform."""
        self._overlay = overlay
        self._show_overlay()

    def _show_overlay(self) -> None:
        overlay = self._overlay
        for part_id, item in self.parts.items():
            if isinstance(item, MemoryPartItem):
                fill = None if overlay is None else overlay.fills.get(part_id, {})
                item.set_fill(fill, "" if overlay is None else overlay.labels.get(part_id, ""))
        for link_id, link in self.links.items():
            use = None if overlay is None else overlay.links.get(link_id)
            label = ""
            if overlay is not None and use is not None:
                plain = words.translate("Canvas", "{} %").format(round(100 * use))
                label = overlay.link_labels.get(link_id, plain)
            link.set_use(use, label)

    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        self.tip_asked.emit(event.scenePos(), event.screenPos())

    # --- finding things -----------------------------------------------------------------------

    def part_at(self, point: QPointF) -> PartItem | WindowItem | None:
        """Return the topmost box that holds a point."""
        where = Point(point.x(), point.y())
        for item in self._near(point, 1.0):
            if isinstance(item, PartItem | WindowItem) and item.rect.contains(where):
                return item
        return None

    def near_parts(self, point: QPointF) -> list[PartItem]:
        """Return parts whose box, ports included, holds a point, topmost first."""
        where = Point(point.x(), point.y())
        return [
            item
            for item in self._near(point, 1.0)
            if isinstance(item, PartItem) and item.rect.grown(9.0).contains(where)
        ]

    def near_windows(self, point: QPointF) -> list[WindowItem]:
        """Return windows whose box, handle included, holds a point, topmost first."""
        where = Point(point.x(), point.y())
        return [
            item
            for item in self._near(point, 1.0)
            if isinstance(item, WindowItem) and item.rect.grown(9.0).contains(where)
        ]

    def path_at(self, point: QPointF, reach: float) -> PathItem | None:
        """Return a link or target line within ``reach`` of a point."""
        area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for item in self.items(area):
            if isinstance(item, PathItem):
                return item
        return None

    def _near(self, point: QPointF, reach: float) -> list[QGraphicsItem]:
        area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        return [item for item in self.items(area) if not getattr(item, "ghost", False)]

    def ids_in(self, area: QRectF) -> frozenset[str]:
        """Return parts and windows whose box meets an area."""
        wanted = Rect(area.x(), area.y(), area.width(), area.height())
        return frozenset(k for k, r in self.rects.items() if r.overlaps(wanted))

    def ref_point(self, ref: str) -> QPointF:
        """Return the middle of a port, or of a window's handle (``window:targets``).

        Raises
        ------
        KeyError
            The shown document has no such part or port.
        """
        item_id, name = split_ref(ref)
        rect = self.live_rects()[item_id]
        if item_id in self.windows and name == TARGETS:
            point = handle_point(rect)
        else:
            item = self.parts[item_id]
            if not any(p.name == name for p in item.ports):
                raise KeyError(ref)
            point = port_point(item.part, name, rect)
        return QPointF(point.x, point.y)

    def ports(self) -> Iterator[Port]:
        """Iterate over all ports of the shown document."""
        for item in self.parts.values():
            yield from item.ports


def _drop(scene: QGraphicsScene, items: dict[str, _Item], kept: Mapping[str, object]) -> None:
    for item_id in [k for k in items if k not in kept]:
        scene.removeItem(items.pop(item_id))
