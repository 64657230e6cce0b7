"""What a gesture is, and what it may use of the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, Qt

from cxldesigner.gui.canvas.bubble import Bubble
from cxldesigner.gui.canvas.editing import CanvasEditor
from cxldesigner.gui.canvas.scene import CanvasScene
from cxldesigner.gui.session import Session

CLICK_REACH = 4.0
"""Pixels the pointer may wander during a click."""


class Stage(Protocol):
    """The canvas as gestures see it."""

    @property
    def session(self) -> Session:
        """The open platform."""

    @property
    def editor(self) -> CanvasEditor:
        """Makes edits."""

    @property
    def canvas(self) -> CanvasScene:
        """The items."""

    @property
    def bubble(self) -> Bubble:
        """The text near the pointer."""

    @property
    def zoom(self) -> float:
        """Screen pixels per canvas unit."""

    def scroll_by(self, dx: float, dy: float) -> None:
        """Move the visible part by screen pixels."""

    def announce(self, words: str) -> None:
        """Say something to a screen reader."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is: on the scene, on the viewport, and which modifier keys are down."""

    scene: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def adds(self) -> bool:
        """Whether a click adds to the selection instead of replacing it."""
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        return bool(self.modifiers & both)


class Gesture:
    """One pointer gesture from press to release; Escape cancels it and changes nothing."""

    cursor = Qt.CursorShape.ArrowCursor
    scrolls = True
    """Whether dragging to the border moves the visible part."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        self.stage = stage
        self.start = start
        self.dragging = False

    def moved(self, pointer: Pointer) -> None:
        """Follow the pointer; small movements are still a click."""
        away = (pointer.view - self.start.view).manhattanLength()
        if not self.dragging and away < CLICK_REACH:
            return
        if not self.dragging:
            self.dragging = True
            self.drag_began()
        self.dragged(pointer)

    def released(self, pointer: Pointer) -> None:
        """End: what was dragged is dropped, or the press was a click."""
        if self.dragging:
            self.dragged(pointer)
            self.dropped(pointer)
        else:
            self.clicked(pointer)
        self.ended()

    def cancelled(self) -> None:
        """End without effect."""
        self.ended()

    def drag_began(self) -> None:
        """Prepare for dragging."""

    def dragged(self, pointer: Pointer) -> None:
        """Show what a drop here would do."""

    def dropped(self, pointer: Pointer) -> None:
        """Make the edit."""

    def clicked(self, pointer: Pointer) -> None:
        """Handle a press that never became a drag."""

    def ended(self) -> None:
        """Take away everything shown during the gesture."""
