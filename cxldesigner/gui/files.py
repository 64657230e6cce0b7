"""The open file: new, open, save, close with unsaved changes, recent, examples.

A file that cannot be read gives one message; what was open stays open.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWidgets import QWidget

from cxldesigner.document.model import Document
from cxldesigner.document.store import DocumentError, load_document, save_document
from cxldesigner.gui import dialogs
from cxldesigner.gui.background import Cancelled, wait_for
from cxldesigner.gui.dialogs import Unsaved
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import History, Settings

PLATFORM = ".cxld"
RECORDING = ".cxlrec"


class Files(QObject):
    """Which file the session's document is in, and every way to change that.

    ``changed``: path or name to show. ``modified_changed(bool)``. ``recording_chosen(path)``: the
    user opened a recording. ``opened``: another platform is in the session.
    """

    changed = Signal()
    modified_changed = Signal(bool)
    recording_chosen = Signal(object)
    opened = Signal()

    def __init__(self, session: Session, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        self.path: Path | None = None
        session.undo_stack.cleanChanged.connect(self._on_clean_changed)
        session.document_changed.connect(self._on_document_changed)

    @property
    def modified(self) -> bool:
        """Whether there are changes that are in no file."""
        return not self._session.undo_stack.isClean()

    @property
    def title(self) -> str:
        """What to call the open document: file name, else the platform's name."""
        return self.path.name if self.path is not None else self._session.document.name

    @property
    def folder(self) -> str:
        """Where a file dialog starts."""
        if self.path is not None:
            return str(self.path.parent)
        return self._settings.read(History).folder or str(Path.home())

    def new(self) -> bool:
        """Start with an empty platform."""
        if not self.may_leave():
            return False
        self.show(Document(name=self.tr("Untitled platform")), None)
        return True

    def open(self) -> bool:
        """Ask for a file and open it."""
        filters = ";;".join(
            (
                self.tr("Platforms and recordings (*.cxld *.cxlrec)"),
                self.tr("Platforms (*.cxld)"),
                self.tr("Recordings (*.cxlrec)"),
            )
        )
        path = dialogs.ask_open(self._window, self.tr("Open"), self.folder, filters)
        return path is not None and self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a platform or a recording, by its suffix; False if that was not possible."""
        path = Path(path).absolute()
        if path.suffix.lower() == RECORDING:
            self.recording_chosen.emit(path)
            return True
        if not self.may_leave():
            return False
        document = self._load(path)
        if document is None:
            return False
        self.show(document, path)
        self._settings.remember_file(str(path))
        self.changed.emit()
        return True

    def open_copy(self, path: Path, *, origin: Path | None = None, modified: bool = False) -> bool:
        """Open a shipped example or a safety copy: its contents, but not its place on disk.

        ``origin`` is the file it goes back to when saved, None asks. ``modified`` marks it unsaved.
        """
        document = self._load(path)
        if document is None:
            return False
        self.show(document, origin, modified=modified)
        return True

    def open_example(self, path: Path) -> bool:
        """Open a shipped example; saving it asks for a place."""
        return self.may_leave() and self.open_copy(path)

    def show(self, document: Document, path: Path | None, *, modified: bool = False) -> None:
        """Put a document into the session as the contents of ``path``."""
        self._session.leave_replay()
        self.path = path
        self._session.open(document)
        if modified:
            self._session.undo_stack.resetClean()
        self.opened.emit()
        self.changed.emit()
        self.modified_changed.emit(self.modified)

    def save(self) -> bool:
        """Write the document to its file; asks for one when it has none."""
        return self.save_as() if self.path is None else self._save_to(self.path)

    def save_as(self) -> bool:
        """Ask for a place and write the document there."""
        name = self.path.name if self.path is not None else _file_name(self._session.document.name)
        proposal = str(Path(self.folder) / name)
        path = dialogs.ask_save(
            self._window, self.tr("Save platform"), proposal, dialogs.platform_filter(), PLATFORM
        )
        return path is not None and self._save_to(path.absolute())

    def may_leave(self) -> bool:
        """Ask about unsaved changes; False when the user wants to stay."""
        if not self.modified:
            return True
        match dialogs.ask_unsaved(self._window, self.title):
            case Unsaved.SAVE:
                return self.save()
            case Unsaved.DISCARD:
                return True
            case _:
                return False

    def open_urls(self, urls: list[QUrl]) -> bool:
        """Open the first local file that was dropped on the window."""
        paths = [Path(u.toLocalFile()) for u in urls if u.isLocalFile()]
        return bool(paths) and self.open_path(paths[0])

    def _load(self, path: Path) -> Document | None:
        try:
            label = self.tr("Reading {}…").format(path.name)
            return wait_for(self._window, label, lambda _: load_document(path))
        except Cancelled:
            return None
        except DocumentError as error:
            self._settings.forget_file(str(path))
            dialogs.show_error(
                self._window, self.tr("“{}” could not be opened.").format(path.name), str(error)
            )
            return None

    def _save_to(self, path: Path) -> bool:
        document = self._session.document
        try:
            label = self.tr("Saving {}…").format(path.name)
            wait_for(self._window, label, lambda _: save_document(document, path))
        except Cancelled:
            return False
        except DocumentError as error:
            dialogs.show_error(
                self._window, self.tr("“{}” could not be saved.").format(path.name), str(error)
            )
            return False
        self.path = path
        self._settings.remember_file(str(path))
        if self._session.document is document:
            self._session.undo_stack.setClean()
        self.changed.emit()
        return True

    def _on_clean_changed(self, clean: bool) -> None:
        self.modified_changed.emit(not clean)

    def _on_document_changed(self, old: Document, new: Document) -> None:
        if old.name != new.name:
            self.changed.emit()


def _file_name(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_. " else "-" for c in name).strip(" .-")
    return f"{kept or 'platform'}{PLATFORM}"
