"""The inspector panel: the form for the selection; the host's when nothing is selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from cxldesigner.document.model import Document, Link
from cxldesigner.gui.canvas.words import kind_name, title
from cxldesigner.gui.fonts import ui_font
from cxldesigner.gui.icons import icon, part_icon
from cxldesigner.gui.inspector.fields import Field
from cxldesigner.gui.inspector.form import Form, item_subjects, muted
from cxldesigner.gui.inspector.hostfields import host_fields, platform_fields
from cxldesigner.gui.inspector.partfields import fields_of_kind
from cxldesigner.gui.inspector.subjects import HostSubject, PlatformSubject
from cxldesigner.gui.session import Mode, Session
from cxldesigner.gui.theme import theme_changed
from cxldesigner.gui.tokens import PART_KINDS
from cxldesigner.gui.widgets.deferred import Deferred

_ICON = 20


def common_fields(items: Sequence[Any]) -> tuple[Field, ...]:
    """Return the fields all items have, in the order of the first item's form."""
    first, *rest = {type(item): item for item in items}.values()
    fields = fields_of_kind(type(first))
    if len(items) > 1:
        fields = tuple(field for field in fields if not field.single)
    for other in rest:
        keys = {field.key for field in fields_of_kind(type(other))}
        fields = tuple(f for f in fields if f.key in keys and f.paths != ("preset",))
    return fields


class InspectorPanel(QWidget):
    """Every field of what is selected, each change one undo step. Read-only in replay."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[tuple[str, type], ...] | None = None
        self.forms: tuple[Form, ...] = ()
        self._icon, self._title, self._about = QLabel(self), QLabel(self), muted(QLabel(self))
        self._title.setFont(ui_font(strong=True))
        for label in (self._title, self._about):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._about)
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 10, 4)
        head.setSpacing(8)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        # Reached by name (menu, canvas), not by Tab or a click into empty space.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._refresh = Deferred(self, self._show)
        session.selection_changed.connect(self._refresh.request)
        session.shown_changed.connect(self._refresh.request)
        session.mode_changed.connect(self._show_mode)
        theme_changed.connect(self._rebuild)
        self._show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self.focus_first_field()

    def focus_first_field(self) -> None:
        """Put the keyboard into the first field."""
        for form in self.forms:
            for editor in form.editors.values():
                if editor.focusProxy() is not None:
                    editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
                    return

    def _selected(self, document: Document) -> dict[str, Any]:
        everything = {**document.parts, **document.links, **document.windows}
        return {k: everything[k] for k in sorted(self._session.selection) if k in everything}

    def _rebuild(self) -> None:
        self._shown = None
        muted(self._about)
        self._show()

    def _show(self) -> None:
        """Show the selection; the form stays when only values changed."""
        document = self._session.shown_document
        items = self._selected(document)
        key = tuple((item_id, type(item)) for item_id, item in items.items())
        self._show_head(items)
        if key == self._shown:
            for form in self.forms:
                form.refresh(document)
            return
        self._shown = key
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 4, 10, 12)
        column.setSpacing(12)
        self.forms = self._item_forms(page, items) if items else self._host_forms(page)
        for form in self.forms:
            column.addWidget(form)
        if not any(form.editors for form in self.forms):
            nothing = QLabel(self.tr("These items have no field in common."), page)
            nothing.setWordWrap(True)
            column.addWidget(muted(nothing))
        column.addStretch(1)
        self._area.setWidget(page)
        self._show_mode()

    def _item_forms(self, page: QWidget, items: dict[str, Any]) -> tuple[Form, ...]:
        fields = common_fields(tuple(items.values()))
        return (Form(self._session, item_subjects(tuple(items)), fields, page),)

    def _host_forms(self, page: QWidget) -> tuple[Form, ...]:
        return (
            Form(self._session, (PlatformSubject(),), platform_fields(), page),
            Form(self._session, (HostSubject(),), host_fields(), page),
        )

    def _show_head(self, items: dict[str, Any]) -> None:
        kinds = {type(item) for item in items.values()}
        picture = icon("settings")
        if not items:
            name, about = self.tr("Platform and host"), self.tr("Nothing is selected")
        elif len(items) > 1:
            name = self.tr("{} items").format(len(items))
            about = ", ".join(items)
            picture = icon("select-all")
        else:
            ((item_id, item),) = items.items()
            if isinstance(item, Link):
                name, about = self.tr("Link"), item_id
            else:
                name, about = title(item), f"{kind_name(item)} · {item_id}"
        if len(kinds) == 1:
            kind = kinds.pop()
            picture = icon("link") if kind is Link else part_icon(PART_KINDS[kind])
        self._icon.setPixmap(picture.pixmap(_ICON, _ICON))
        self._title.setText(name)
        self._about.setText(about)

    def _show_mode(self) -> None:
        page = self._area.widget()
        if page is not None:
            page.setEnabled(self._session.mode is Mode.EDIT)
