"""A form made from a table of fields, for one or several subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QWidget

from cxldesigner.document.catalog import Basis, figure_of, kind_of, presets
from cxldesigner.document.edits import EditRefused
from cxldesigner.document.model import Document, Link, Window
from cxldesigner.gui.fonts import ui_font
from cxldesigner.gui.inspector.editors import (
    CheckEditor,
    ChoiceEditor,
    Editor,
    FactEditor,
    LineEditor,
)
from cxldesigner.gui.inspector.fields import KEEP, Field, Widget
from cxldesigner.gui.inspector.matrices import AccessEditor, DistanceEditor
from cxldesigner.gui.inspector.subjects import ItemSubject, Subject, read
from cxldesigner.gui.inspector.texteditor import TextEditor
from cxldesigner.gui.inspector.windoweditors import FlagsEditor, TargetsEditor
from cxldesigner.gui.messages import refusal_text
from cxldesigner.gui.session import Session
from cxldesigner.gui.theme import tokens

translate = QCoreApplication.translate
_MOST_NAMED = 3
_LABEL_CHARS = 17
"""Average characters of a label's line."""


class PresetEditor(ChoiceEditor):
    """The presets for the kind of the selected parts, as kept in ``kinds``."""

    kind = ""

    def choices(self, document: Document) -> Sequence[tuple[Any, str]]:
        """Return the presets of the kind, and none."""
        del document
        none = ("", translate("Inspector", "none"))
        return (none, *((preset.id, preset.product) for preset in presets(self.kind)))


EDITORS: Mapping[Widget, type[Editor]] = {
    Widget.LINE: LineEditor,
    Widget.TEXT: TextEditor,
    Widget.CHOICE: ChoiceEditor,
    Widget.CHECK: CheckEditor,
    Widget.PRESET: PresetEditor,
    Widget.FLAGS: FlagsEditor,
    Widget.TARGETS: TargetsEditor,
    Widget.DISTANCES: DistanceEditor,
    Widget.ACCESS: AccessEditor,
    Widget.FACT: FactEditor,
}
WIDE = frozenset({Widget.TEXT, Widget.TARGETS, Widget.DISTANCES, Widget.ACCESS})
"""Editors that take the whole width, below their label."""
_HEADED = frozenset({Widget.DISTANCES, Widget.ACCESS})
"""Those whose group has the same name."""


def basis_words(basis: Basis) -> str:
    """Return the mark shown beside a figure of the catalogue."""
    return {
        Basis.VENDOR: translate("Inspector", "vendor"),
        Basis.PRESS: translate("Inspector", "press"),
        Basis.MEASURED: translate("Inspector", "measured"),
        Basis.MODEL: translate("Inspector", "model"),
    }[basis]


def muted(label: QLabel) -> QLabel:
    """Return a label in the muted colour of the theme."""
    colours = label.palette()
    colours.setColor(QPalette.ColorRole.WindowText, tokens().text_muted)
    label.setPalette(colours)
    return label


class Form(QWidget):
    """Rows for fields of subjects that have them all."""

    def __init__(
        self,
        session: Session,
        subjects: Sequence[Subject],
        fields: Sequence[Field],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._subjects = tuple(subjects)
        self.editors: dict[tuple[object, ...], Editor] = {}
        self.bases: dict[tuple[object, ...], QLabel] = {}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._layout.setVerticalSpacing(7)
        self._label_width = min(
            max((self.fontMetrics().horizontalAdvance(f.label) for f in fields), default=0) + 1,
            self.fontMetrics().averageCharWidth() * _LABEL_CHARS,
        )
        group = ""
        for field in fields:
            if field.group and field.group != group:
                group = field.group
                self._add_heading(group)
            self._add(field)
        self.refresh(session.shown_document)

    def editor(self, noun: str) -> Editor:
        """Return the first editor of a field by its noun."""
        return next(e for e in self.editors.values() if e.field.noun == noun)

    def refresh(self, document: Document) -> None:
        """Show the values of a document."""
        items = [subject.find(document) for subject in self._subjects]
        if any(item is None for item in items):
            return
        for key, editor in self.editors.items():
            editor.show_values(document, [_value(item, editor.field) for item in items])
            self._show_basis(self.bases[key], editor.field, items)

    def _add_heading(self, words: str) -> None:
        heading = QLabel(words, self)
        heading.setFont(ui_font(strong=True))
        heading.setContentsMargins(0, 8, 0, 0)
        self._layout.addRow(heading)

    def _add(self, field: Field) -> None:
        editor = EDITORS[field.widget](field, self)
        if isinstance(editor, PresetEditor):
            part = self._subjects[0].find(self._session.shown_document)
            editor.kind = kind_of(part)
        editor.committed.connect(partial(self._commit, editor))
        basis = muted(QLabel(self))
        basis.hide()
        self.editors[field.key], self.bases[field.key] = editor, basis
        label = QLabel(field.label, self)
        label.setToolTip(field.tip)
        label.setBuddy(editor)
        if field.widget not in WIDE:  # a long name takes two lines rather than the field's room
            label.setWordWrap(True)
            label.setFixedWidth(self._label_width)
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(editor, 1)
        line.addWidget(basis, 0, Qt.AlignmentFlag.AlignTop)
        if field.widget in WIDE:
            self._layout.addRow(label)
            label.setVisible(field.widget not in _HEADED)
            self._layout.addRow(row)
        else:
            self._layout.addRow(label, row)
        self._layout.addRow(editor.problem)

    def _show_basis(self, label: QLabel, field: Field, items: Sequence[Any]) -> None:
        figures = {
            figure_of(item, path)
            for item in items
            for path in field.paths
            if not isinstance(item, Link | Window) and hasattr(item, "preset")
        }
        figure = figures.pop() if len(figures) == 1 else None
        label.setVisible(figure is not None)
        if figure is not None:
            label.setText(basis_words(figure.basis))
            label.setToolTip(figure.source)

    def _commit(self, editor: Editor, value: Any, words: str) -> None:
        """Take a value as one undo step, or show under its editor why it cannot be."""
        field, document = editor.field, self._session.shown_document
        values = value if len(field.paths) > 1 else (value,)
        pairs = zip(field.paths, values, strict=True)
        changes = [(path, new) for path, new in pairs if new is not KEEP]
        edits: list[Callable[[Document], Document]] = [
            partial(subject.put, changes=changes) for subject in self._subjects
        ]
        try:
            trial = document
            for edit in edits:
                trial = edit(trial)
        except EditRefused as error:
            editor.refuse(refusal_text(error.refusal))
            return
        text = words or undo_text(field, value, self._who(document), editor)
        self._session.edit_many(text, edits)
        self.refresh(self._session.shown_document)

    def _who(self, document: Document) -> str:
        titles = [subject.title(document) for subject in self._subjects]
        if len(titles) > _MOST_NAMED:
            return translate("Inspector", "{} items").format(len(titles))
        return ", ".join(titles)


def _value(item: Any, field: Field) -> Any:
    if field.fact is not None:
        return item
    values = tuple(read(item, path) for path in field.paths)
    return values if len(values) > 1 else values[0]


def undo_text(field: Field, value: Any, who: str, editor: Editor) -> str:
    """Return the name of the undo step that sets a field."""
    if field.widget is Widget.CHECK:
        if value:
            return translate("Inspector", "Turn on {} of {}").format(field.noun, who)
        return translate("Inspector", "Turn off {} of {}").format(field.noun, who)
    if isinstance(editor, ChoiceEditor):
        shown = editor.words(value)
    elif isinstance(value, tuple) and len(field.paths) > 1:
        shown = field.format(tuple(None if v is KEEP else v for v in value))
    else:
        shown = field.format(value)
    if not shown:
        return translate("Inspector", "Clear {} of {}").format(field.noun, who)
    return translate("Inspector", "Set {} of {} to {}").format(field.noun, who, shown)


def item_subjects(ids: Sequence[str]) -> tuple[Subject, ...]:
    """Return the subjects for selected ids."""
    return tuple(ItemSubject(item_id) for item_id in ids)
