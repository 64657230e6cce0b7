"""The outline: the document as a tree, selected together with the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeView, QVBoxLayout, QWidget

from cxldesigner.document import edits
from cxldesigner.gui.canvas.editing import CanvasEditor
from cxldesigner.gui.canvas.words import item_title
from cxldesigner.gui.icons import icon
from cxldesigner.gui.outlinemodel import OutlineModel
from cxldesigner.gui.session import Mode, Session
from cxldesigner.gui.theme import theme_changed
from cxldesigner.gui.widgets.deferred import Deferred


class _Tree(QTreeView):
    """A tree whose Delete removes what is selected and whose Return opens the inspector."""

    delete_pressed = Signal()
    return_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() == Qt.Key.Key_Delete and not editing:
            self.delete_pressed.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not editing:
            self.return_pressed.emit()
        else:
            super().keyPressEvent(event)


class OutlinePanel(QWidget):
    """Sockets with everything below them, windows in CEDT order, parts not connected.

    F2 renames, Delete removes, Return asks for the inspector (``inspector_requested`` with the id).
    """

    inspector_requested = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._editor = CanvasEditor(session, self)
        self._following = False
        self.model = OutlineModel(session.shown_document, self._rename, self)
        self._expanded = set(self.model.all_keys())
        self._known = set(self.model.all_keys())
        self.tree = _Tree(self)
        self.tree.setModel(self.model)
        self.tree.setAccessibleName(self.tr("Outline of the platform"))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(False)
        self.tree.setFrameShape(QTreeView.Shape.NoFrame)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.tree.expandAll()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tree)
        self.setFocusProxy(self.tree)
        self.tree.expanded.connect(lambda index: self._expanded.add(self.model.key(index)))
        self.tree.collapsed.connect(lambda index: self._expanded.discard(self.model.key(index)))
        self.tree.selectionModel().selectionChanged.connect(self._select_in_session)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.tree.delete_pressed.connect(self.delete_selection)
        self.tree.return_pressed.connect(self._request_inspector)
        self.tree.doubleClicked.connect(lambda _index: self._request_inspector())
        self._refresh = Deferred(self, self._show)
        session.shown_changed.connect(self._refresh.request)
        session.selection_changed.connect(self._follow_selection)
        session.mode_changed.connect(self._follow_mode)
        theme_changed.connect(self.tree.viewport().update)
        self._follow_mode()
        self._follow_selection()

    # --- following ----------------------------------------------------------------------------

    def _show(self) -> None:
        """Show the document as it is; what was expanded stays, what is new is expanded."""
        self._following = True
        if self.model.show(self._session.shown_document):
            keys = set(self.model.all_keys())
            self._expanded |= keys - self._known
            self._known |= keys
            for key in keys & self._expanded:
                self.tree.setExpanded(self.model.index_of(key), True)
        self._following = False
        self._follow_selection()

    def _follow_selection(self) -> None:
        """Select what the session selects; of one item, show its row."""
        if self._following:
            return
        chosen = QItemSelection()
        rows = [self.model.index_of(item_id) for item_id in sorted(self._session.selection)]
        rows = [row for row in rows if row.isValid()]
        for row in rows:
            chosen.select(row, row.siblingAtColumn(1))
        self._following = True
        selection = self.tree.selectionModel()
        if set(selection.selectedRows()) != set(rows):
            selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            if len(rows) == 1:
                selection.setCurrentIndex(rows[0], QItemSelectionModel.SelectionFlag.NoUpdate)
                self.tree.scrollTo(rows[0])
        self._following = False

    def _select_in_session(self) -> None:
        if self._following:
            return
        self._following = True
        self._session.select(
            self.model.item_id(index) for index in self.tree.selectionModel().selectedRows()
        )
        self._following = False

    def _follow_mode(self) -> None:
        self.model.editable = self._session.mode is Mode.EDIT

    # --- doing --------------------------------------------------------------------------------

    def _rename(self, item_id: str, name: str) -> bool:
        title = item_title(self._session.document, item_id)
        text = self.tr("Rename {} to {}").format(title, name or item_id)
        return self._session.edit(text, edits.set_field, item_id, "name", name)

    def delete_selection(self) -> None:
        """Delete the selected items and what refers to them, as one undo step."""
        self._editor.remove(self._session.selection)

    def move_window(self, step: int) -> None:
        """Move the selected window up or down in CEDT order."""
        window, order = self._only_selected(), list(self._session.document.windows)
        if window not in order or not 0 <= order.index(window) + step < len(order):
            return
        row = order.index(window)
        order[row], order[row + step] = order[row + step], order[row]
        words = self.tr("Move window {} up") if step < 0 else self.tr("Move window {} down")
        title = item_title(self._session.document, window)
        self._session.edit(words.format(title), edits.reorder_windows, order)

    def _only_selected(self) -> str:
        return next(iter(self._session.selection)) if len(self._session.selection) == 1 else ""

    def _request_inspector(self) -> None:
        if self._only_selected():
            self.inspector_requested.emit(self._only_selected())

    def menu(self) -> QMenu:
        """Return the context menu for the selection."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editable, only = self.model.editable, self._only_selected()
        windows = list(self._session.shown_document.windows)
        row = windows.index(only) if only in windows else -1

        def add(words: str, picture: str, run: Callable[[], None], *, enabled: bool) -> QAction:
            action = menu.addAction(icon(picture), words)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _checked=False: run())
            return action

        add(self.tr("Rename"), "edit", self._edit_name, enabled=editable and bool(only))
        add(self.tr("Show in inspector"), "inspector", self._request_inspector, enabled=bool(only))
        if row >= 0:
            up, down = editable and row > 0, editable and row < len(windows) - 1
            add(self.tr("Move up"), "up", lambda: self.move_window(-1), enabled=up)
            add(self.tr("Move down"), "down", lambda: self.move_window(1), enabled=down)
        some = editable and bool(self._session.selection)
        add(self.tr("Delete"), "delete", self.delete_selection, enabled=some)
        menu.addSeparator()
        add(self.tr("Expand all"), "chevron-down", self.tree.expandAll, enabled=True)
        add(self.tr("Collapse all"), "chevron-right", self.tree.collapseAll, enabled=True)
        return menu

    def _edit_name(self) -> None:
        self.tree.edit(self.model.index_of(self._only_selected()))

    def _show_menu(self, at: QPoint) -> None:
        self.menu().popup(self.tree.viewport().mapToGlobal(at))
