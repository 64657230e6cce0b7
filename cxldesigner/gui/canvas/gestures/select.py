"""Selecting and moving: press on a part, or a rubber band over the empty canvas; and panning."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt

from cxldesigner.document.model import Point
from cxldesigner.geometry.placement import Guide, aligned
from cxldesigner.geometry.rect import bounding, snapped
from cxldesigner.gui.canvas.gestures.base import Gesture, Pointer, Stage
from cxldesigner.gui.canvas.gestures.feedback import BandItem, GuidesItem
from cxldesigner.gui.session import Mode

_PULL = 5.0
"""Screen pixels within which a dragged part is aligned with another."""


class PressGesture(Gesture):
    """Press on something selectable: click selects it, dragging moves the selected parts."""

    def __init__(self, stage: Stage, start: Pointer, item_id: str) -> None:
        super().__init__(stage, start)
        self.item_id = item_id
        self._was_selected = item_id in stage.session.selection
        self._positions: dict[str, Point] = {}
        self._guides: GuidesItem | None = None
        if start.adds:
            stage.session.select(stage.session.selection ^ {item_id})
        elif not self._was_selected:
            stage.session.select((item_id,))

    def clicked(self, pointer: Pointer) -> None:
        if self._was_selected and not pointer.adds:
            self.stage.session.select((self.item_id,))

    def drag_began(self) -> None:
        if self.stage.session.mode is Mode.EDIT:
            self._guides = GuidesItem()
            self.stage.canvas.addItem(self._guides)

    def dragged(self, pointer: Pointer) -> None:
        rects = self.stage.canvas.rects
        moving = {k: rects[k] for k in self.stage.session.selection if k in rects}
        if self._guides is None or self.item_id not in moving:
            return
        way = pointer.scene - self.start.scene
        lead = moving[self.item_id]
        corner = snapped(Point(lead.x + way.x(), lead.y + way.y()))
        dx, dy = corner.x - lead.x, corner.y - lead.y
        guides: tuple[Guide, ...] = ()
        group = bounding(r.moved(dx, dy) for r in moving.values())
        if group is not None and not pointer.modifiers & Qt.KeyboardModifier.AltModifier:
            near = group.grown(600)
            others = [r for k, r in rects.items() if k not in moving and r.overlaps(near)]
            ax, ay, guides = aligned(group, others, _PULL / self.stage.zoom)
            dx, dy = dx + ax, dy + ay
        self._positions = {k: Point(r.x + dx, r.y + dy) for k, r in moving.items()}
        self.stage.canvas.preview_move(self._positions)
        self._guides.set_guides(guides)

    def dropped(self, pointer: Pointer) -> None:
        positions, self._positions = self._positions, {}
        rects = self.stage.canvas.rects
        changed = {k: p for k, p in positions.items() if rects[k].corner != p}
        self.stage.canvas.preview_move({})
        if changed:
            self.stage.editor.move(changed)

    def ended(self) -> None:
        if self._guides is not None:
            self.stage.canvas.removeItem(self._guides)
            self._guides = None
        if self._positions:
            self.stage.canvas.preview_move({})


class BandGesture(Gesture):
    """Press on the empty canvas: click clears the selection, dragging selects what it meets."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._before = stage.session.selection if start.adds else frozenset[str]()
        self._at_start = stage.session.selection
        self._band: BandItem | None = None

    def drag_began(self) -> None:
        self._band = BandItem()
        self.stage.canvas.addItem(self._band)

    def dragged(self, pointer: Pointer) -> None:
        if self._band is not None:
            area = QRectF(self.start.scene, pointer.scene).normalized()
            self._band.set_area(area)
            self.stage.session.select(self._before | self.stage.canvas.ids_in(area))

    def clicked(self, pointer: Pointer) -> None:
        if not pointer.adds:
            self.stage.session.select(())

    def cancelled(self) -> None:
        self.stage.session.select(self._at_start)
        super().cancelled()

    def ended(self) -> None:
        if self._band is not None:
            self.stage.canvas.removeItem(self._band)
            self._band = None


class PanGesture(Gesture):
    """Drag the whole canvas."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = False

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._last: QPoint = start.view

    def dragged(self, pointer: Pointer) -> None:
        way = pointer.view - self._last
        self._last = pointer.view
        self.stage.scroll_by(-way.x(), -way.y())
