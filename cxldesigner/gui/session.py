"""The open document in the GUI: current value, undo stack, selection, derived state.

Views hold no truth. They call :meth:`Session.edit` with a pure edit and follow the signals. Only
this module pushes undo commands.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from cxldesigner.document.diff import changes
from cxldesigner.document.edits import EditRefused
from cxldesigner.document.model import Document
from cxldesigner.document.ports import Refusal
from cxldesigner.gui.regionactions import with_region_actions

if TYPE_CHECKING:
    from cxldesigner.linux.model import Derivation

P = ParamSpec("P")
UNDO_LIMIT = 500


class Mode(StrEnum):
    """What the window shows: the platform being edited, or the one a recording was made on."""

    EDIT = "edit"
    REPLAY = "replay"


class _Edit(QUndoCommand):
    """One named step: the values before and after. Equal merge keys join into one step.

    The session is held weakly: in a reference cycle the garbage collector would delete the
    commands before the stack that owns them, which Qt does not survive.
    """

    def __init__(
        self, session: Session, text: str, before: Document, after: Document, key: object
    ) -> None:
        super().__init__(text)
        self._session = weakref.ref(session)
        self._before, self._after, self._key = before, after, key

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)

    def _show(self, document: Document) -> None:
        session = self._session()
        if session is not None:
            session._show(document)

    def id(self) -> int:
        return 1 if self._key is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit) or other._key != self._key:
            return False
        self._after = other._after
        self.setText(other.text())
        return True


class Session(QObject):
    """One open platform. Signals carry the new value; views compare with what they show.

    ``document_changed(old, new)`` follows every edit, undo, redo, open of the edited document (for
    titles and saving). Views follow ``shown_changed(old, new)``: the edited document in edit mode,
    the one embedded in the recording in replay mode. ``derivation_changed`` comes when the
    derivation of the shown document is ready. ``refused`` reports an edit that could not be done;
    the shell words it.
    """

    document_changed = Signal(object, object)
    shown_changed = Signal(object, object)
    derivation_changed = Signal(object)
    selection_changed = Signal(frozenset)
    mode_changed = Signal(str)
    refused = Signal(object)

    def __init__(self, document: Document | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document or Document()
        self._derivation: Derivation | None = None
        self._selection: frozenset[str] = frozenset()
        self._mode = Mode.EDIT
        self._replayed: Document | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)

    @property
    def document(self) -> Document:
        """The platform being edited."""
        return self._document

    @property
    def shown_document(self) -> Document:
        """The platform the views show: the edited one, or the recording's in replay mode."""
        return self._document if self._replayed is None else self._replayed

    @property
    def derivation(self) -> Derivation | None:
        """The newest derivation of the shown document, None before the first one is ready."""
        return self._derivation

    @property
    def selection(self) -> frozenset[str]:
        """Selected document ids (parts, links, windows)."""
        return self._selection

    @property
    def mode(self) -> Mode:
        """Edit or replay."""
        return self._mode

    def edit(
        self,
        text: str,
        function: Callable[Concatenate[Document, P], Document],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> bool:
        """Apply a pure edit as one undo step named ``text``; False if refused or without effect.

        The host actions that create regions follow every edit of what they refer to
        (:mod:`cxldesigner.gui.regionactions`).
        """
        return self._apply(text, lambda d: function(d, *args, **kwargs), None)

    def edit_merging(
        self, key: object, text: str, function: Callable[..., Document], *args: Any
    ) -> bool:
        """Like :meth:`edit`, joined with the step before it when that has the same ``key``."""
        return self._apply(text, lambda d: function(d, *args), key)

    def edit_many(self, text: str, functions: Sequence[Callable[[Document], Document]]) -> bool:
        """Apply several edits as one undo step; all or none."""

        def run(document: Document) -> Document:
            for function in functions:
                document = function(document)
            return document

        return self._apply(text, run, None)

    def _apply(self, text: str, run: Callable[[Document], Document], key: object) -> bool:
        if self._mode is not Mode.EDIT:
            self.refused.emit(Refusal("replay-mode"))
            return False
        before = self._document
        try:
            after = with_region_actions(before, run(before))
        except EditRefused as error:
            self.refused.emit(error.refusal)
            return False
        if not changes(before, after):  # unlike ==, sees another order
            return False
        self.undo_stack.push(_Edit(self, text, before, after, key))
        return True

    def open(self, document: Document) -> None:
        """Replace the whole document (new, open, import); clears undo and selection."""
        self.undo_stack.clear()
        self._show(document)
        self.select(())

    def select(self, ids: Iterable[str]) -> None:
        """Set the selection; ids that the shown document does not have are dropped."""
        shown = self.shown_document
        known = {*shown.parts, *shown.links, *shown.windows}
        chosen = frozenset(i for i in ids if i in known)
        if chosen != self._selection:
            self._selection = chosen
            self.selection_changed.emit(chosen)

    def enter_replay(self, document: Document) -> None:
        """Show the platform of a recording; edits are refused until :meth:`leave_replay`."""
        self._switch(Mode.REPLAY, document)

    def leave_replay(self) -> None:
        """Show the edited platform again."""
        if self._mode is Mode.REPLAY:
            self._switch(Mode.EDIT, None)

    def set_derivation(self, derivation: Derivation) -> None:
        """Take a finished derivation; one of a document no longer shown is ignored."""
        if derivation.document is self.shown_document:
            self._derivation = derivation
            self.derivation_changed.emit(derivation)

    def _switch(self, mode: Mode, replayed: Document | None) -> None:
        old = self.shown_document
        self._replayed = replayed
        changed, self._mode = mode is not self._mode, mode
        if changed:
            self.mode_changed.emit(mode)
        self._announce(old)

    def _show(self, document: Document) -> None:
        shown, old = self.shown_document, self._document
        self._document = document
        self.document_changed.emit(old, document)
        self._announce(shown)

    def _announce(self, old: Document) -> None:
        new = self.shown_document
        if new is not old:
            self.shown_changed.emit(old, new)
            self.select(self._selection)
