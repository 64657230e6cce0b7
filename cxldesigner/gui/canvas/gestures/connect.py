"""Connecting: drag from a port to a port, or from a window's handle to a host bridge."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from cxldesigner.document.model import HostBridge, Point
from cxldesigner.document.ports import (
    MATES,
    Port,
    Refusal,
    connection_refusal,
    find_port,
    split_ref,
)
from cxldesigner.geometry.ports import handle_point, nearest_port, port_side, port_under
from cxldesigner.geometry.rect import Side
from cxldesigner.geometry.routing import Path, route
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.editing import target_refusal
from cxldesigner.gui.canvas.gestures.base import Gesture, Pointer, Stage
from cxldesigner.gui.canvas.gestures.feedback import WireItem
from cxldesigner.gui.canvas.paintkit import PortLight
from cxldesigner.gui.canvas.partitem import PartItem
from cxldesigner.gui.messages import refusal_text

_OPPOSITE = {
    Side.TOP: Side.BOTTOM,
    Side.BOTTOM: Side.TOP,
    Side.LEFT: Side.RIGHT,
    Side.RIGHT: Side.LEFT,
}


def legal_refs(stage: Stage, ref: str) -> frozenset[str]:
    """Return references of all ports that a port can be connected to now."""
    document = stage.session.shown_document
    own = find_port(document, ref)
    if own is None:
        return frozenset()
    return frozenset(
        port.ref
        for port in stage.canvas.ports()
        if _mate(own, port) and connection_refusal(document, ref, port.ref) is None
    )


def _mate(a: Port, b: Port) -> bool:
    return MATES.get(a.type) == b.type or MATES.get(b.type) == a.type


class WireGesture(Gesture):
    """Common half: a line from somewhere to the pointer, and a verdict about what is there."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: Pointer, origin: str, part_id: str) -> None:
        super().__init__(stage, start)
        self.origin = origin
        self._part_id = part_id
        self._wire: WireItem | None = None
        self._target = ""
        self._refusal: Refusal | None = None
        self._side = Side.BOTTOM

    def clicked(self, pointer: Pointer) -> None:
        self.stage.session.select((self._part_id,))

    def drag_began(self) -> None:
        self._wire = WireItem()
        self.stage.canvas.addItem(self._wire)
        self.light()

    def light(self) -> None:
        """Light what the wire may be dropped on."""
        raise NotImplementedError

    def judge(self, pointer: Pointer) -> tuple[str, Refusal | None, Point | None]:
        """Return what is under the pointer, why it cannot be taken, and where the wire ends."""
        raise NotImplementedError

    def promise(self, target: str) -> str:
        """Return what dropping on a target does, in words."""
        raise NotImplementedError

    def dragged(self, pointer: Pointer) -> None:
        if self._wire is None:
            return
        target, refusal, end = self.judge(pointer)
        if (target, refusal) != (self._target, self._refusal):
            self._target, self._refusal = target, refusal
            self.target_changed()
        free = Point(pointer.scene.x(), pointer.scene.y())
        start = self.stage.canvas.ref_point(self.origin)
        path = self._path(Point(start.x(), start.y()), end or free)
        accepted = bool(target) and refusal is None
        self._wire.set_path(path, accepted=accepted, refused=refusal is not None)
        if refusal is not None:
            self.stage.bubble.say(refusal_text(refusal), pointer.view, refused=True)
        elif target:
            self.stage.bubble.say(self.promise(target), pointer.view, refused=False)
        else:
            self.stage.bubble.hide()

    def _path(self, start: Point, end: Point) -> Path:
        """Return the path as the link will run: from its upper end downwards."""
        if self._side in {Side.TOP, Side.LEFT}:
            return route(end, _OPPOSITE[self._side], start, self._side)[::-1]
        return route(start, self._side, end, _OPPOSITE[self._side])

    def target_changed(self) -> None:
        """Show which target is meant now."""

    def dropped(self, pointer: Pointer) -> None:
        if self._refusal is not None:
            self.stage.session.refused.emit(self._refusal)
            self.stage.announce(refusal_text(self._refusal))
            self.stage.bubble.linger()
        else:
            self.stage.bubble.hide()
            if self._target:
                self.take(self._target)

    def take(self, target: str) -> None:
        """Make the edit."""
        raise NotImplementedError

    def cancelled(self) -> None:
        self.stage.bubble.hide()
        super().cancelled()

    def ended(self) -> None:
        if self._wire is not None:
            self.stage.canvas.removeItem(self._wire)
            self._wire = None


class ConnectGesture(WireGesture):
    """Drag from a port to another: legal ports are lit, all others dimmed."""

    def __init__(self, stage: Stage, start: Pointer, ref: str) -> None:
        part_id, name = split_ref(ref)
        super().__init__(stage, start, ref, part_id)
        self._side = port_side(stage.canvas.parts[part_id].part, name)
        self._legal: frozenset[str] = frozenset()

    def light(self) -> None:
        self._legal = legal_refs(self.stage, self.origin)
        self._show_lights()

    def _show_lights(self) -> None:
        for item in self.stage.canvas.parts.values():
            item.set_lights({p.name: self._light(p.ref) for p in item.ports})

    def _light(self, ref: str) -> PortLight:
        if ref == self.origin:
            return PortLight.PLAIN
        if ref in self._legal:
            return PortLight.TARGET if ref == self._target else PortLight.LIT
        return PortLight.DIM

    def target_changed(self) -> None:
        self._show_lights()

    def judge(self, pointer: Pointer) -> tuple[str, Refusal | None, Point | None]:
        where = Point(pointer.scene.x(), pointer.scene.y())
        for item in self.stage.canvas.near_parts(pointer.scene):
            if item.item_id == self._part_id:
                continue
            port = self._meant(item, where)
            if port is None:
                continue
            if port.ref in self._legal:
                end = self.stage.canvas.ref_point(port.ref)
                return port.ref, None, Point(end.x(), end.y())
            document = self.stage.session.shown_document
            return port.ref, connection_refusal(document, self.origin, port.ref), None
        return self._on_window(pointer.scene)

    def _meant(self, item: PartItem, where: Point) -> Port | None:
        """Return the port under the pointer, else the nearest legal, else the nearest fitting."""
        exact = port_under(item.part, item.rect, where)
        if exact is not None:
            return exact
        own = find_port(self.stage.session.shown_document, self.origin)
        legal = [p for p in item.ports if p.ref in self._legal]
        fitting = [p for p in item.ports if own is not None and _mate(own, p)]
        return nearest_port(item.part, legal or fitting or item.ports, item.rect, where)

    def _on_window(self, at: QPointF) -> tuple[str, Refusal | None, Point | None]:
        for item in self.stage.canvas.near_windows(at):
            return item.item_id, Refusal("port-to-window", (self.origin, item.item_id)), None
        return "", None, None

    def promise(self, target: str) -> str:
        return words.translate("Canvas", "Connect {} to {}").format(self.origin, target)

    def take(self, target: str) -> None:
        if self.stage.editor.connect_ports(self.origin, target):
            self.stage.announce(
                words.translate("Canvas", "{} connected to {}").format(self.origin, target)
            )

    def ended(self) -> None:
        super().ended()
        for item in self.stage.canvas.parts.values():
            item.set_lights({})


class TargetGesture(WireGesture):
    """Drag from a window's handle to a host bridge, which becomes its next target."""

    def __init__(self, stage: Stage, start: Pointer, ref: str) -> None:
        super().__init__(stage, start, ref, split_ref(ref)[0])
        self._side = Side.RIGHT

    def light(self) -> None:
        document = self.stage.session.shown_document
        for item in self.stage.canvas.parts.values():
            legal = target_refusal(document, self._part_id, item.item_id) is None
            item.set_state(highlighted=legal, faded=not isinstance(item.part, HostBridge))

    def judge(self, pointer: Pointer) -> tuple[str, Refusal | None, Point | None]:
        item = self.stage.canvas.part_at(pointer.scene)
        if item is None or item.item_id == self._part_id:
            return "", None, None
        document = self.stage.session.shown_document
        refusal = target_refusal(document, self._part_id, item.item_id)
        return item.item_id, refusal, None

    def promise(self, target: str) -> str:
        window = self.stage.session.shown_document.windows[self._part_id]
        return words.translate("Canvas", "Make {} target {} of {}").format(
            target, len(window.targets), self._part_id
        )

    def take(self, target: str) -> None:
        if self.stage.editor.target(self._part_id, target):
            self.stage.announce(
                words.translate("Canvas", "{} now targets {}").format(self._part_id, target)
            )

    def ended(self) -> None:
        super().ended()
        self.stage.canvas.refresh_states()


def handle_hit(at: QPointF, handle: Point, reach: float) -> bool:
    """Whether a point is on a window's handle."""
    return abs(at.x() - handle.x) <= reach and abs(at.y() - handle.y) <= reach


def wire_at(stage: Stage, pointer: Pointer) -> WireGesture | None:
    """Return the gesture that starts where the pointer is, if a port or handle is there."""
    where = Point(pointer.scene.x(), pointer.scene.y())
    for window in stage.canvas.near_windows(pointer.scene):
        if handle_hit(pointer.scene, handle_point(window.rect), 11.0):
            return TargetGesture(stage, pointer, f"{window.item_id}:targets")
    for item in stage.canvas.near_parts(pointer.scene):
        port = port_under(item.part, item.rect, where)
        if port is not None:
            return ConnectGesture(stage, pointer, port.ref)
    return None
