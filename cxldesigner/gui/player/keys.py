"""Keys that drive the player wherever the keyboard is in its bar or the charts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from cxldesigner.gui.player.controller import PlayerController


def drive(player: PlayerController, event: QKeyEvent) -> bool:
    """Obey Space, comma, period, Home and End; return whether the key was one of them."""
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    match event.key():
        case Qt.Key.Key_Space:
            player.toggle()
        case Qt.Key.Key_Comma:
            player.step(-1)
        case Qt.Key.Key_Period:
            player.step(1)
        case Qt.Key.Key_Home:
            player.home()
        case Qt.Key.Key_End:
            player.end()
        case _:
            return False
    return True
