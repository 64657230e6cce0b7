"""The open file: every way to open, save and leave it, and every way that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from cxldesigner.document.edits import add_part
from cxldesigner.document.model import Device, Document
from cxldesigner.document.store import load_document, save_document
from cxldesigner.gui import dialogs
from cxldesigner.gui.dialogs import Unsaved
from cxldesigner.gui.files import Files
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import History, Settings


class Answers:
    """Scripted answers to dialogs; an unexpected question fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[Path | None] = []
        self.unsaved: list[Unsaved] = []
        self.errors: list[tuple[str, str]] = []
        self.proposals: list[str] = []
        monkeypatch.setattr(dialogs, "ask_open", lambda *_: self.paths.pop(0))
        monkeypatch.setattr(dialogs, "ask_save", self._save)
        monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: self.unsaved.pop(0))
        monkeypatch.setattr(dialogs, "show_error", self._error)

    def _save(self, _parent: object, _title: str, proposal: str, *_: str) -> Path | None:
        self.proposals.append(proposal)
        return self.paths.pop(0)

    def _error(self, _parent: object, title: str, text: str, _details: str = "") -> None:
        self.errors.append((title, text))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    return Answers(monkeypatch)


@pytest.fixture
def session(qapp: object) -> Session:
    return Session(Document(name="First"))


@pytest.fixture
def files(qtbot: QtBot, session: Session, answers: Answers) -> Iterator[Files]:
    window = QMainWindow()
    qtbot.addWidget(window)
    yield Files(session, Settings(), window)
    assert not answers.unsaved


def add(session: Session, part_id: str = "mem0") -> None:
    assert session.edit("Add", add_part, Device(id=part_id))


def test_save_asks_for_a_place_once_then_writes_there(
    files: Files, session: Session, answers: Answers, tmp_path: Path
) -> None:
    add(session)
    assert files.modified
    path = tmp_path / "mine.cxld"
    answers.paths = [path]

    assert files.save()

    assert Path(answers.proposals[0]).name == "First.cxld"
    assert load_document(path) == session.document
    assert not files.modified
    assert files.title == "mine.cxld"
    add(session, "mem1")
    assert files.modified
    assert files.save()
    assert load_document(path) == session.document
    assert Settings().read(History).files == (str(path),)


def test_undo_back_to_what_is_saved_is_not_modified(
    qtbot: QtBot, files: Files, session: Session, answers: Answers, tmp_path: Path
) -> None:
    answers.paths = [tmp_path / "a.cxld"]
    assert files.save()
    with qtbot.waitSignal(files.modified_changed, check_params_cb=lambda m: m):
        add(session)
    with qtbot.waitSignal(files.modified_changed, check_params_cb=lambda m: not m):
        session.undo_stack.undo()


def test_open_shows_the_file_and_forgets_the_undo_steps(
    files: Files, session: Session, answers: Answers, tmp_path: Path
) -> None:
    path = tmp_path / "b.cxld"
    save_document(Document(name="B", parts={"mem7": Device(id="mem7")}), path)
    answers.paths = [path]

    assert files.open()

    assert session.document.name == "B"
    assert files.path == path
    assert not files.modified
    assert session.undo_stack.count() == 0


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (b'{"format": "cxldesigner-platform", "version": 99}', "99"),
        (b"\x00\xff\x00", ""),
        (b'{"format": "cxldesigner-pl', "line 1"),
        (b"[" * 200_000, ""),
    ],
)
def test_a_bad_file_gives_one_message_and_what_was_open_stays(
    files: Files,
    session: Session,
    answers: Answers,
    tmp_path: Path,
    contents: bytes,
    reason: str,
) -> None:
    add(session)
    before = session.document
    path = tmp_path / "bad.cxld"
    path.write_bytes(contents)
    answers.unsaved = [Unsaved.DISCARD]

    assert not files.open_path(path)

    assert session.document is before
    assert files.modified
    assert session.undo_stack.count() == 1
    assert len(answers.errors) == 1
    title, text = answers.errors[0]
    assert "bad.cxld" in title
    assert "bad.cxld" in text
    assert reason in text


def test_a_recent_file_that_is_gone_is_forgotten(
    files: Files, answers: Answers, tmp_path: Path
) -> None:
    Settings().remember_file(str(tmp_path / "gone.cxld"))

    assert not files.open_path(tmp_path / "gone.cxld")

    assert Settings().read(History).files == ()
    assert len(answers.errors) == 1


@pytest.mark.parametrize("answer", list(Unsaved))
def test_leaving_unsaved_changes_asks(
    files: Files, session: Session, answers: Answers, tmp_path: Path, answer: Unsaved
) -> None:
    add(session)
    before = session.document
    answers.unsaved = [answer]
    answers.paths = [tmp_path / "kept.cxld"]

    assert files.new() is (answer is not Unsaved.CANCEL)

    assert (session.document is before) is (answer is Unsaved.CANCEL)
    assert (tmp_path / "kept.cxld").exists() is (answer is Unsaved.SAVE)


def test_giving_up_the_save_place_keeps_everything(
    files: Files, session: Session, answers: Answers
) -> None:
    add(session)
    answers.unsaved = [Unsaved.SAVE]
    answers.paths = [None]

    assert not files.new()
    assert files.modified


def test_a_place_that_cannot_be_written_is_told_and_stays_unsaved(
    files: Files, session: Session, answers: Answers, tmp_path: Path
) -> None:
    add(session)
    answers.paths = [tmp_path / "no" / "such" / "folder.cxld"]

    assert not files.save_as()

    assert files.modified
    assert files.path is None
    assert "folder.cxld" in answers.errors[0][0]


def test_an_example_is_opened_without_its_place(
    files: Files, session: Session, answers: Answers, tmp_path: Path
) -> None:
    path = tmp_path / "shipped.cxld"
    save_document(Document(name="Shipped"), path)

    assert files.open_example(path)

    assert session.document.name == "Shipped"
    assert files.path is None
    assert files.title == "Shipped"


def test_dropped_files_are_opened_recordings_are_handed_on(
    qtbot: QtBot, files: Files, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "d.cxld"
    save_document(Document(name="Dropped"), path)

    assert files.open_urls([QUrl("https://example.org/x.cxld"), QUrl.fromLocalFile(str(path))])
    assert session.document.name == "Dropped"
    recording = tmp_path / "r.CXLREC"
    with qtbot.waitSignal(files.recording_chosen) as chosen:
        assert files.open_urls([QUrl.fromLocalFile(str(recording))])
    assert chosen.args == [recording]
    assert not files.open_urls([])


def test_a_document_changed_while_it_is_written_stays_modified(
    files: Files,
    session: Session,
    answers: Answers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cxldesigner.gui import files as module

    add(session)
    answers.paths = [tmp_path / "late.cxld"]

    def save_slowly(document: Document, path: Path) -> None:
        save_document(document, path)

    def wait_and_edit(_parent: object, _label: str, function: object) -> object:
        result = function(None)  # type: ignore[operator]
        add(session, "mem9")
        return result

    monkeypatch.setattr(module, "save_document", save_slowly)
    monkeypatch.setattr(module, "wait_for", wait_and_edit)

    assert files.save()
    assert files.modified
