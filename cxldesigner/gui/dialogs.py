"""Every question the program asks, in one place that tests can script.

Functions are called through the module (``dialogs.ask_open(…)``), so that replacing one is enough.
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cxldesigner.gui.fonts import mono_font


class Unsaved(Enum):
    """Answers to "there are unsaved changes"."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


def platform_filter() -> str:
    """Return the file dialog's filter of platform files."""
    return QCoreApplication.translate("Dialogs", "Platforms (*.cxld)")


def ask_open(parent: QWidget, title: str, folder: str, filters: str) -> Path | None:
    """Ask for an existing file; None when given up."""
    name, _ = QFileDialog.getOpenFileName(parent, title, folder, filters)
    return Path(name) if name else None


def ask_open_many(parent: QWidget, title: str, folder: str, filters: str) -> list[Path]:
    """Ask for existing files; empty when given up."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, folder, filters)
    return [Path(name) for name in names]


def ask_folder(parent: QWidget, title: str, folder: str) -> Path | None:
    """Ask for an existing folder; None when given up."""
    name = QFileDialog.getExistingDirectory(parent, title, folder)
    return Path(name) if name else None


def ask_save(parent: QWidget, title: str, proposal: str, filters: str, suffix: str) -> Path | None:
    """Ask where to write; adds ``suffix`` (with its dot) to a name without one."""
    name, _ = QFileDialog.getSaveFileName(parent, title, proposal, filters)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(suffix)


def ask_unsaved(parent: QWidget, name: str) -> Unsaved:
    """Ask what to do with unsaved changes of the platform ``name``."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setText(QCoreApplication.translate("Dialogs", "Save the changes to “{}”?").format(name))
    box.setInformativeText(
        QCoreApplication.translate("Dialogs", "They are lost if you do not save them.")
    )
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Save | button.Discard | button.Cancel)
    box.setDefaultButton(button.Save)
    box.setEscapeButton(button.Cancel)
    answer = _run(box)
    return {button.Save: Unsaved.SAVE, button.Discard: Unsaved.DISCARD}.get(answer, Unsaved.CANCEL)


def ask_yes(parent: QWidget | None, text: str, more: str, yes: str, no: str) -> bool:
    """Ask a question with two answers; True for ``yes``."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(text)
    box.setInformativeText(more)
    agree = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    refuse = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(agree)
    box.setEscapeButton(refuse)
    _run(box)
    return box.clickedButton() is agree


def show_error(parent: QWidget | None, title: str, text: str, details: str = "") -> None:
    """Tell what went wrong, in one message; ``details`` can be unfolded and copied."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Critical)
    box.setText(title)
    box.setInformativeText(text)
    if details:
        box.setDetailedText(details)
        for edit in box.findChildren(QWidget, "qt_msgbox_detailedtext"):
            edit.setFont(mono_font(0.9))
    _run(box)


def show_note(parent: QWidget | None, title: str, text: str) -> None:
    """Tell something that needs no answer."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Information)
    box.setText(title)
    box.setInformativeText(text)
    _run(box)


def _run(box: QMessageBox) -> QMessageBox.StandardButton:
    box.setWindowTitle(QGuiApplication.applicationDisplayName())
    answer = QMessageBox.StandardButton(box.exec())
    box.deleteLater()
    return answer
