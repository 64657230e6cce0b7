"""An error of the program: logged, told once, with a copy saved first."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

from cxldesigner.gui import crash, dialogs
from cxldesigner.gui.crash import CrashHandler, start_logging

Messages = list[tuple[str, str, str]]


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    shown: Messages = []

    def show(_parent: object, title: str, text: str, details: str = "") -> None:
        shown.append((title, text, details))

    monkeypatch.setattr(dialogs, "show_error", show)
    return shown


@pytest.fixture
def handler(qapp: object, tmp_path: Path) -> Iterator[CrashHandler]:
    made = CrashHandler(tmp_path)
    yield made
    made._faults.close()


def fail(error: Exception) -> None:
    raise error


def raised(error: Exception) -> Callable[[CrashHandler], None]:
    def run(handler: CrashHandler) -> None:
        try:
            fail(type(error)(*error.args))
        except type(error) as caught:
            handler.handle(type(caught), caught, caught.__traceback__)

    return run


def test_the_copy_is_saved_before_the_message_and_named_in_it(
    qtbot: QtBot, handler: CrashHandler, messages: Messages, tmp_path: Path
) -> None:
    saved: list[int] = []

    def save() -> Path:
        saved.append(len(messages))
        return tmp_path / "copy.cxld"

    handler.save_copy = save
    raised(ValueError("planted"))(handler)
    qtbot.waitUntil(lambda: bool(messages))

    assert saved == [0]
    title, text, details = messages[0]
    assert "planted" in title
    assert str(tmp_path / "copy.cxld") in text
    assert "Traceback" in details


def test_the_same_error_again_is_not_told_again(
    qtbot: QtBot, handler: CrashHandler, messages: Messages
) -> None:
    run = raised(ValueError("every frame"))
    for _ in range(3):
        run(handler)
    raised(KeyError("another"))(handler)
    qtbot.waitUntil(lambda: len(messages) >= 2)
    qtbot.wait(10)

    assert ["every frame" in m[0] for m in messages] == [True, False]


def test_a_copy_that_fails_is_said(qtbot: QtBot, handler: CrashHandler, messages: Messages) -> None:
    def fail() -> Path:
        raise OSError("disk full")

    handler.save_copy = fail
    raised(ValueError("x"))(handler)
    qtbot.waitUntil(lambda: bool(messages))

    assert "could not be written" in messages[0][1]


def test_errors_of_other_threads_are_told_on_the_gui_thread(
    qtbot: QtBot, handler: CrashHandler, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", handler._on_thread_exception)
    where: list[int] = []

    def copy() -> None:
        where.append(threading.get_ident())

    handler.save_copy = copy

    def fail() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(messages))

    assert "in a thread" in messages[0][0]
    assert where == [threading.get_ident()]


def test_hooks_are_taken_and_given_back(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "qInstallMessageHandler", lambda _: None)
    monkeypatch.setattr(crash.faulthandler, "enable", lambda _: None)
    monkeypatch.setattr(crash.faulthandler, "disable", lambda: None)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handler = CrashHandler(tmp_path)

    handler.install()
    assert sys.excepthook == handler.handle
    handler.remove()
    assert sys.excepthook is sys.__excepthook__


def test_messages_of_qt_go_to_the_log(
    qapp: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtCore import qInstallMessageHandler

    before = qInstallMessageHandler(crash.log_qt_message)
    try:
        qWarning("from Qt")
    finally:
        qInstallMessageHandler(before)

    assert [(r.levelno, r.message) for r in caplog.records if r.name.startswith("qt.")] == [
        (logging.WARNING, "from Qt")
    ]


def test_the_log_is_written_to_a_file_that_cannot_grow_for_ever(tmp_path: Path) -> None:
    handler = start_logging(tmp_path)
    try:
        logging.getLogger("cxldesigner.test").warning("something %s", "happened")
        for _ in range(3000):
            logging.getLogger("cxldesigner.test").warning("x" * 1000)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()

    logs = sorted(tmp_path.glob("cxldesigner.log*"))
    assert len(logs) == 4
    assert sum(p.stat().st_size for p in logs) < 4 * (520 << 10)
