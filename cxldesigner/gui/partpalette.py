"""The palette: kinds of parts and hardware presets, dragged onto the canvas or added by Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QDrag, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document.catalog import catalog, with_preset
from cxldesigner.document.model import GIB, Part, Socket, Window
from cxldesigner.gui.canvas import words
from cxldesigner.gui.canvas.templates import MIME, Template, basic_templates, to_mime
from cxldesigner.gui.fonts import ui_font
from cxldesigner.gui.icons import icon, part_icon
from cxldesigner.gui.session import Session
from cxldesigner.gui.theme import theme_changed, tokens

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROW = 46
_HEADING_ROW = 30
_TILE = 34


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above a group of templates."""

    title: str


def preset_templates() -> tuple[Template, ...]:
    """Return a template for every hardware preset of the catalogue."""
    return tuple(
        Template(
            f"preset-{preset.id}",
            preset.product,
            "\n".join(preset.claims),
            with_preset(_base(preset.part_class), preset),
        )
        for preset in catalog().values()
    )


def _base(kind: type[Part]) -> Part:
    """Return what a preset is put on: for a socket, one with the usual CPUs and memory."""
    if kind is Socket:
        return Socket(id="new", cpus=8, dram_bytes=64 * GIB)
    return kind(id="new")


class PaletteModel(QAbstractListModel):
    """Templates under headings; ``set_filter`` keeps those whose words match."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[tuple[Heading, tuple[Template, ...]], ...] = (
            (Heading(self.tr("Parts")), basic_templates()),
            (Heading(self.tr("Hardware presets")), preset_templates()),
        )
        self._rows: list[Heading | Template] = []
        self.set_filter("")

    def set_filter(self, typed: str) -> None:
        """Show only templates whose title or kind holds all typed words."""
        needles = typed.lower().split()
        self.beginResetModel()
        self._rows = []
        for heading, group in self._groups:
            kept = [t for t in group if all(n in _haystack(t) for n in needles)]
            if kept:
                self._rows += [heading, *kept]
        self.endResetModel()

    def template(self, index: _Index) -> Template | None:
        """Return the template of a row, None for a heading."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if isinstance(row, Template) else None

    def row_of(self, key: str) -> int:
        """Return the row of a template by its key.

        Raises
        ------
        KeyError
            No such template is shown.
        """
        for row, entry in enumerate(self._rows):
            if isinstance(entry, Template) and entry.key == key:
                return row
        raise KeyError(key)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if isinstance(row, Heading):
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip
        if role == Qt.ItemDataRole.DecorationRole:
            return part_icon(row.kind)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.title}, {summary(row)}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self.template(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        for index in indexes:
            template = self.template(index)
            if template is not None:
                return to_mime(template)
        return QMimeData()

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


def _haystack(template: Template) -> str:
    return f"{template.title} {words.kind_name(template.item)}".lower()


def summary(template: Template) -> str:
    """Return the second line of a palette entry: what the part will have."""
    item = template.item
    if isinstance(item, Window):
        return words.window_line(item)
    return words.capacity(item) or words.subtitle(item)


class _Delegate(QStyledItemDelegate):
    """Draws an entry as a tinted tile with its icon, title and summary."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        heading = _template(index) is None
        return QSize(120, _HEADING_ROW if heading else _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        t, template = tokens(), _template(index)
        box: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title = str(index.data())
        if template is None:
            painter.setFont(ui_font(0.86, strong=True))
            painter.setPen(t.text_muted)
            words_at = box.adjusted(12, 8, -8, 0)
            painter.drawText(words_at, Qt.AlignmentFlag.AlignVCenter, title)
            painter.restore()
            return
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.selection if selected else t.hover)
            painter.drawRoundedRect(QRectF(box).adjusted(4, 1, -4, -1), 7, 7)
        paint_tile(painter, template, QRect(box.x() + 11, box.y() + 6, _TILE, _TILE))
        left = box.adjusted(_TILE + 22, 5, -10, -box.height() // 2)
        ink = t.selection_text if selected else t.text
        muted = t.selection_text if selected else t.text_muted
        _line(painter, left, title, 1.0, ink)
        below = box.adjusted(_TILE + 22, box.height() // 2 - 1, -10, -5)
        _line(painter, below, summary(template), 0.88, muted)
        painter.restore()


def _line(painter: QPainter, box: QRect, text: str, scale: float, colour: QColor) -> None:
    font = ui_font(scale)
    short = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)


def paint_tile(painter: QPainter, template: Template, box: QRect) -> None:
    """Paint a template's icon on a tile in the colour of its kind."""
    colours = tokens().parts[template.kind]
    painter.setPen(colours.edge)
    painter.setBrush(colours.fill)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
    inner = QRect(0, 0, 20, 20)
    inner.moveCenter(box.center())
    part_icon(template.kind).paint(painter, inner)


def _template(index: _Index) -> Template | None:
    model = index.model()
    return model.template(index) if isinstance(model, PaletteModel) else None


class _List(QListView):
    """The entries; dragging carries the template, Enter emits ``chosen``.

    Not ``activated``: some desktops emit that on a single click.
    """

    chosen = Signal(QModelIndex)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Delegate(self))

    def startDrag(self, supported: Qt.DropAction) -> None:
        template = _template(self.currentIndex())
        if template is None:
            return
        drag = QDrag(self)
        drag.setMimeData(to_mime(template))
        ratio = self.devicePixelRatioF()
        picture = QPixmap(QSize(_TILE, _TILE) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_tile(painter, template, QRect(0, 0, _TILE, _TILE))
        painter.end()
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(-12, -12))
        drag.exec(supported, Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class PartPalette(QWidget):
    """What can be put on the canvas.

    ``part_requested`` carries the part or window (with a stand-in id) that was activated; the
    shell connects it to :meth:`CanvasView.add_at_centre
    <cxldesigner.gui.canvas.view.CanvasView.add_at_centre>`.
    """

    part_requested = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = PaletteModel(self)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Filter parts"))
        self._search.setAccessibleName(self.tr("Filter parts"))
        self._search.setClearButtonEnabled(True)
        self._search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._list = _List(self)
        self._list.setModel(self._model)
        self._list.setAccessibleName(self.tr("Parts to add"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.addWidget(self._search)
        layout.addWidget(self._list, 1)
        self.setFocusProxy(self._list)
        self._select_first()
        self._search.textChanged.connect(self._on_search_changed)
        self._search.returnPressed.connect(self._on_search_returned)
        self._list.chosen.connect(self._on_activated)
        self._list.doubleClicked.connect(self._on_activated)
        session.mode_changed.connect(self._on_mode_changed)
        theme_changed.connect(self._list.viewport().update)
        self._on_mode_changed()

    @property
    def model(self) -> PaletteModel:
        """The entries."""
        return self._model

    def global_item_position(self, key: str) -> QPoint:
        """Return where an entry is on the screen (``device-volatile``), scrolled into view.

        Raises
        ------
        KeyError
            No such entry is shown.
        """
        index = self._model.index(self._model.row_of(key))
        self._list.scrollTo(index)
        middle = self._list.visualRect(index).center()
        return self._list.viewport().mapToGlobal(middle)

    def _select_first(self) -> None:
        for row in range(self._model.rowCount()):
            index = self._model.index(row)
            if self._model.template(index) is not None:
                self._list.setCurrentIndex(index)
                return

    def _on_search_changed(self, typed: str) -> None:
        self._model.set_filter(typed)
        self._select_first()

    def _on_search_returned(self) -> None:
        self._on_activated(self._list.currentIndex())

    def _on_activated(self, index: QModelIndex) -> None:
        template = self._model.template(index)
        if template is not None and self.isEnabled():
            self.part_requested.emit(template.item)

    def _on_mode_changed(self, _mode: str = "") -> None:
        self.setEnabled(self._session.mode == "edit")
