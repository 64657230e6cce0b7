"""The tree of a document as an item model: sockets and what hangs below, windows, loose parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from cxldesigner.document.model import Document, Part, Socket, Window
from cxldesigner.document.ports import split_ref
from cxldesigner.gui.canvas import words
from cxldesigner.gui.icons import icon, part_icon
from cxldesigner.gui.tokens import PART_KINDS

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
WINDOWS, LOOSE = "/windows", "/loose"
"""Keys of the two headings; no id can begin with a slash."""

Branch = tuple[str, Sequence["Branch"]]
"""A key and the branches below it."""


@dataclass(eq=False, slots=True)
class _Node:
    """A row. ``item`` is None for a heading; it stays while rows are on their way out."""

    key: str
    serial: int
    item: Part | Window | None = None
    parent: _Node | None = None
    children: list[_Node] = field(default_factory=list)

    @property
    def row(self) -> int:
        return self.parent.children.index(self) if self.parent else 0


def branches_of(document: Document) -> list[Branch]:
    """Return the tree of ids: sockets, then windows, then what hangs on no socket."""
    below: dict[str, list[str]] = {}
    hanging: set[str] = set()
    for link in document.links.values():
        child = split_ref(link.downstream)[0]
        below.setdefault(split_ref(link.upstream)[0], []).append(child)
        hanging.add(child)

    def branch(part_id: str) -> Branch:
        return part_id, [branch(child) for child in below.get(part_id, ())]

    parts = document.parts
    sockets = [branch(k) for k, part in parts.items() if isinstance(part, Socket)]
    loose = [
        branch(k) for k, part in parts.items() if k not in hanging and not isinstance(part, Socket)
    ]
    windows: list[Branch] = [(k, ()) for k in document.windows]
    headings: list[Branch] = [(WINDOWS, windows), (LOOSE, loose)]
    return [*sockets, *((key, children) for key, children in headings if children)]


class OutlineModel(QAbstractItemModel):
    """Two columns: what an item is called, and its capacity or port in short.

    :meth:`show` changes only the rows that differ, so that a view keeps what is expanded.
    ``rename`` is called with id and new name when a name is edited in place.
    """

    def __init__(
        self,
        document: Document,
        rename: Callable[[str, str], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.editable = True
        self._rename = rename
        self._document = document
        self._serial = 0
        self._nodes: dict[int, _Node] = {}
        self._by_key: dict[str, _Node] = {}
        self._top = _Node("", 0)
        self._sync(self._top, branches_of(document))

    def show(self, document: Document) -> bool:
        """Show another document; return whether rows came, went or moved."""
        self._document = document
        serial, count = self._serial, len(self._nodes)
        self._sync(self._top, branches_of(document))
        for node in list(self._nodes.values()):
            item = self._item(node.key)
            if item is not node.item:
                node.item = item
                at = self._index(node)
                self.dataChanged.emit(at, at.siblingAtColumn(1))
        return (serial, count) != (self._serial, len(self._nodes))

    def key(self, index: _Index) -> str:
        """Return the id of an item, or the key of a heading; "" for no row, or one that is gone."""
        return self._node(index).key

    def item_id(self, index: _Index) -> str:
        """Return the document id of a row, "" for a heading."""
        key = self.key(index)
        return "" if key.startswith("/") else key

    def index_of(self, key: str) -> QModelIndex:
        """Return the row of an id or heading; invalid when there is none."""
        node = self._by_key.get(key)
        return self._index(node) if node is not None else QModelIndex()

    def all_keys(self) -> Iterator[str]:
        """Yield the keys of all rows."""
        yield from self._by_key

    # --- structure ----------------------------------------------------------------------------

    def _index(self, node: _Node, column: int = 0) -> QModelIndex:
        if node is self._top:
            return QModelIndex()
        return self.createIndex(node.row, column, node.serial)

    def _node(self, index: _Index) -> _Node:
        """Return the row of an index; a stale one (Qt may keep it for a turn) counts as no row."""
        return self._nodes.get(index.internalId(), self._top) if index.isValid() else self._top

    def _sync(self, node: _Node, wanted: Sequence[Branch]) -> None:
        """Make the children of ``node`` those wanted, with the fewest rows touched."""
        keys = {key for key, _ in wanted}
        for row in reversed(range(len(node.children))):
            if node.children[row].key not in keys:
                self._take(node, row)
        for row, (key, below) in enumerate(wanted):
            if row < len(node.children) and node.children[row].key == key:
                self._sync(node.children[row], below)
                continue
            later = next((i for i, c in enumerate(node.children) if c.key == key), None)
            if later is not None:
                self._take(node, later)
            self._insert(node, row, (key, below))

    def _take(self, node: _Node, row: int) -> None:
        self.beginRemoveRows(self._index(node), row, row)
        self._forget(node.children.pop(row))
        self.endRemoveRows()

    def _forget(self, node: _Node) -> None:
        del self._nodes[node.serial]
        if self._by_key.get(node.key) is node:
            del self._by_key[node.key]
        for child in node.children:
            self._forget(child)

    def _insert(self, node: _Node, row: int, branch: Branch) -> None:
        self.beginInsertRows(self._index(node), row, row)
        node.children.insert(row, self._build(node, branch))
        self.endInsertRows()

    def _build(self, parent: _Node, branch: Branch) -> _Node:
        self._serial += 1
        node = _Node(branch[0], self._serial, self._item(branch[0]), parent)
        self._nodes[node.serial] = self._by_key[node.key] = node
        node.children = [self._build(node, below) for below in branch[1]]
        return node

    # --- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _ROOT) -> int:
        node = self._node(parent)
        nothing = parent.isValid() and (parent.column() > 0 or node is self._top)
        return 0 if nothing else len(node.children)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        del parent
        return 2

    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self._index(self._node(parent).children[row], column)

    def parent(self, index: _Index | None = None) -> Any:
        if index is None:
            return super().parent()
        node = self._node(index).parent
        return QModelIndex() if node is None else self._index(node)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self._node(index) is self._top:
            return Qt.ItemFlag.NoItemFlags
        if not self.item_id(index):
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.editable and index.column() == 0:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (self.tr("Item"), self.tr("What it has"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        node = self._node(index)
        if node is self._top:
            return None
        key, item = node.key, node.item
        if item is None:
            return self._heading(key, index.column(), role)
        if role == Qt.ItemDataRole.DisplayRole:
            return words.title(item) if index.column() == 0 else _summary(item)
        if role == Qt.ItemDataRole.EditRole and index.column() == 0:
            return item.name
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return part_icon(PART_KINDS[type(item)])
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return words.description(self._document, key)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        item_id = self.item_id(index)
        if role != Qt.ItemDataRole.EditRole or not item_id or index.column():
            return False
        return self._rename(item_id, str(value).strip())

    @staticmethod
    def _heading(key: str, column: int, role: int) -> Any:
        if column:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            titles = {
                WINDOWS: QCoreApplication.translate("OutlineModel", "Windows"),
                LOOSE: QCoreApplication.translate("OutlineModel", "Not connected"),
            }
            return titles[key]
        if role == Qt.ItemDataRole.DecorationRole:
            return icon({WINDOWS: "address-map", LOOSE: "warning"}[key])
        return None

    def _item(self, key: str) -> Part | Window | None:
        return self._document.parts.get(key) or self._document.windows.get(key)


def _summary(item: Part | Window) -> str:
    if isinstance(item, Window):
        return words.window_line(item)
    return words.capacity(item) or words.subtitle(item)
