"""The session: steps, order, and that throwing it away is safe."""

from __future__ import annotations

import gc

from PySide6.QtWidgets import QApplication

from cxldesigner.document import edits as e
from cxldesigner.gui.session import Session
from tests.build import platform


def test_another_order_alone_is_a_step(qapp: QApplication) -> None:
    session = Session(platform(bridges=2))
    assert session.edit("turn", e.reorder_windows, ["w1", "w0"])
    assert list(session.document.windows) == ["w1", "w0"]
    assert not session.edit("again", e.reorder_windows, ["w1", "w0"])
    session.undo_stack.undo()
    assert list(session.document.windows) == ["w0", "w1"]


def test_sessions_with_steps_can_be_collected(qapp: QApplication) -> None:
    """Commands and stack once died in the wrong order: a crash of the whole process."""
    for _ in range(20):
        session = Session(platform())
        session.undo_stack.setObjectName("kept")
        for name in ("a", "b", "c"):
            session.edit(name, e.set_field, "mem0", "name", name)
        del session
        gc.collect()
