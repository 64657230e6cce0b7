"""Dropping a part from the palette: a ghost where it would go, and what it would be joined to."""

from __future__ import annotations

from PySide6.QtCore import QMimeData

from cxldesigner.document.model import Document, Part, Point, Window
from cxldesigner.document.ports import Refusal, ports_of, split_ref
from cxldesigner.geometry.placement import item_rects, sizes, spot_at_port
from cxldesigner.geometry.ports import port_point, port_side, port_under
from cxldesigner.geometry.rect import Rect, snapped
from cxldesigner.geometry.routing import route
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.carditem import CardItem
from cxldesigner.gui.canvas.gestures.base import Pointer, Stage
from cxldesigner.gui.canvas.gestures.feedback import ABOVE_ALL, WireItem
from cxldesigner.gui.canvas.partitem import part_item
from cxldesigner.gui.canvas.templates import from_mime
from cxldesigner.gui.canvas.windowitem import WindowItem
from cxldesigner.gui.messages import refusal_text
from cxldesigner.gui.session import Mode


class DropPreview:
    """One drag of a part over the canvas, from entering to leaving or dropping."""

    def __init__(self, stage: Stage, data: QMimeData) -> None:
        self._stage = stage
        self._item: Part | Window = from_mime(data)
        self._size = sizes(_alone(self._item))[self._item.id]
        rect = Rect.at(Point(0, 0), self._size)
        self._ghost: CardItem = (
            WindowItem(self._item, rect)
            if isinstance(self._item, Window)
            else part_item(self._item, rect)
        )
        self._ghost.ghost = True
        self._ghost.setZValue(ABOVE_ALL)
        self._wire = WireItem()
        self._attach = ""
        self._refusal: Refusal | None = None
        stage.canvas.addItem(self._ghost)
        stage.canvas.addItem(self._wire)

    @property
    def refusal(self) -> Refusal | None:
        """Why a drop at the last place would be refused."""
        return self._refusal

    def moved(self, pointer: Pointer) -> None:
        """Show what a drop here would do."""
        self._attach, self._refusal = self._judge(pointer)
        corner = self._corner(pointer)
        self._ghost.set_rect(Rect.at(corner, self._size))
        self._ghost.set_state(refused=self._refusal is not None)
        self._show_wire()
        if self._refusal is not None:
            self._stage.bubble.say(refusal_text(self._refusal), pointer.view, refused=True)
        elif self._attach:
            promise = words.translate("Canvas", "Add and connect to {}").format(self._attach)
            self._stage.bubble.say(promise, pointer.view, refused=False)
        else:
            self._stage.bubble.hide()

    def _judge(self, pointer: Pointer) -> tuple[str, Refusal | None]:
        if self._stage.session.mode is not Mode.EDIT:
            return "", Refusal("replay-mode")
        where = Point(pointer.scene.x(), pointer.scene.y())
        for item in self._stage.canvas.near_parts(pointer.scene):
            port = port_under(item.part, item.rect, where)
            if port is not None:
                return self._stage.editor.attachment(self._item, port.ref)
        on = self._stage.canvas.part_at(pointer.scene)
        if on is None:
            return "", None
        return self._stage.editor.attachment(self._item, on.item_id)

    def _corner(self, pointer: Pointer) -> Point:
        if self._refusal is None and ":" in self._attach:
            document = self._stage.session.document
            return spot_at_port(document, item_rects(document), self._attach, self._size)
        return snapped(
            Point(
                pointer.scene.x() - self._size.w / 2,
                pointer.scene.y() - self._size.h / 2,
            )
        )

    def _show_wire(self) -> None:
        canvas = self._stage.canvas
        if self._refusal is not None or ":" not in self._attach or isinstance(self._item, Window):
            self._wire.set_path((), accepted=False, refused=False)
            return
        part_id, name = split_ref(self._attach)
        theirs = canvas.parts[part_id]
        start = port_point(theirs.part, name, theirs.rect)
        ports = ports_of(self._item)
        own = next((p for p in ports if p.name == "up"), ports[0])
        end = port_point(self._item, own.name, self._ghost.rect)
        path = route(start, port_side(theirs.part, name), end, port_side(self._item, own.name))
        self._wire.set_path(path, accepted=True, refused=False)

    def dropped(self, pointer: Pointer) -> bool:
        """Add the part here; False if that is refused (the reason stays for a moment)."""
        self.moved(pointer)
        attach, refusal = self._attach, self._refusal
        self._take_away()
        if refusal is not None:
            self._stage.session.refused.emit(refusal)
            self._stage.announce(refusal_text(refusal))
            self._stage.bubble.linger()
            return False
        self._stage.bubble.hide()
        near = Point(pointer.scene.x(), pointer.scene.y())
        added = self._stage.editor.add(self._item, near, attach)
        if added is not None:
            document = self._stage.session.document
            self._stage.announce(
                words.translate("Canvas", "Added {}").format(words.description(document, added))
            )
        return added is not None

    def left(self) -> None:
        """Forget the drag."""
        self._take_away()
        self._stage.bubble.hide()

    def _take_away(self) -> None:
        self._stage.canvas.removeItem(self._ghost)
        self._stage.canvas.removeItem(self._wire)


def _alone(item: Part | Window) -> Document:
    if isinstance(item, Window):
        return Document(windows={item.id: item})
    return Document(parts={item.id: item})
