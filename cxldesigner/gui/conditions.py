"""Which conditions of :class:`~cxldesigner.gui.actions.When` hold in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cxldesigner.gui.actions import When
from cxldesigner.gui.session import Mode
from cxldesigner.gui.settings import Appearance

if TYPE_CHECKING:
    from cxldesigner.gui.main_window import MainWindow


def conditions(window: MainWindow) -> frozenset[str]:
    """Return the conditions that hold; ``panel-ID`` for every panel that is shown."""
    held: set[str] = {f"panel-{d.spec.id}" for d in window.docks.values() if not d.isHidden()}
    look = window.settings.read(Appearance)
    held.add(f"theme-{look.theme.value}")
    if look.reduced_motion:
        held.add(When.REDUCED_MOTION)
    if window.windowState() & Qt.WindowState.WindowFullScreen:
        held.add(When.FULL_SCREEN)
    if not window.commands.welcome_shown:
        held |= _of_session(window)
    player = window.commands.player
    if player is not None:
        held.add(When.PLAYER)
        if player.reader is not None or player.live:
            held.add(When.RECORDING)
        if player.live:
            held.add(When.LIVE)
        if player.state == "playing":
            held.add(When.PLAYING)
    return frozenset(held)


def _of_session(window: MainWindow) -> set[str]:
    session = window.session
    held: set[str] = {When.EDITOR, When.EDIT if session.mode is Mode.EDIT else When.REPLAY}
    if session.selection:
        held.add(When.SELECTION)
    if len(session.selection) == 1:
        held.add(When.ONE_SELECTED)
    shown = session.shown_document
    if shown.parts or shown.windows:
        held.add(When.PARTS)
    if shown.scenarios:
        held.add(When.SCENARIO)
    if session.undo_stack.canUndo():
        held.add(When.UNDO)
    if session.undo_stack.canRedo():
        held.add(When.REDO)
    return held
