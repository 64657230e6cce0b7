"""Safety copies: written after edits, gone after saving, found when their program is dead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from cxldesigner.document.edits import add_part
from cxldesigner.document.model import Device, Document
from cxldesigner.document.store import load_document, save_document
from cxldesigner.gui import recovery
from cxldesigner.gui.files import Files
from cxldesigner.gui.recovery import RecoveryKeeper, orphans
from cxldesigner.gui.session import Session
from cxldesigner.gui.settings import Settings


class World:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.session = Session(Document(name="Mine"))
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.files = Files(self.session, Settings(), self.window)
        self.now = 0.0
        self.keeper = RecoveryKeeper(
            self.session, self.files, folder, self.window, clock=lambda: self.now
        )

    def add(self, part_id: str) -> None:
        assert self.session.edit("Add", add_part, Device(id=part_id))


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(recovery, "QUIET_MS", 30)
    made = World(qtbot, tmp_path)
    yield made
    made.keeper.shutdown()


def test_a_copy_is_written_soon_after_an_edit(qtbot: QtBot, world: World) -> None:
    world.add("mem0")
    qtbot.waitUntil(world.keeper.copy.exists)

    assert load_document(world.keeper.copy) == world.session.document
    world.add("mem1")
    qtbot.waitUntil(lambda: load_document(world.keeper.copy) == world.session.document)


def test_edits_without_a_pause_do_not_put_the_copy_off_for_ever(qtbot: QtBot, world: World) -> None:
    timer = world.keeper._timer
    timer.setInterval(60_000)
    world.add("mem0")
    world.now = 29
    world.add("mem1")
    started = timer.remainingTime()
    world.now = 31
    timer.setInterval(60_000)
    qtbot.wait(30)
    world.add("mem2")

    assert timer.isActive()
    assert timer.remainingTime() < started


def test_saving_and_undoing_to_the_saved_state_remove_the_copy(
    qtbot: QtBot, world: World, tmp_path: Path
) -> None:
    world.add("mem0")
    qtbot.waitUntil(world.keeper.copy.exists)
    world.session.undo_stack.undo()
    assert not world.keeper.copy.exists()

    world.session.undo_stack.redo()
    qtbot.waitUntil(world.keeper.copy.exists)
    world.files.path = tmp_path / "sub.saved"
    assert world.files.save()
    assert not world.keeper.copy.exists()


def test_a_living_programs_copy_is_not_offered(qtbot: QtBot, world: World, tmp_path: Path) -> None:
    world.add("mem0")
    assert world.keeper.save_now() == world.keeper.copy

    assert orphans(tmp_path) == []


DYING = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QLockFile
folder = Path(sys.argv[1])
lock = QLockFile(str(folder / "1-dead.lock"))
assert lock.tryLock(0)
os._exit(9)
"""


def test_a_dead_programs_copy_is_found_with_origin_and_age(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], check=False)
    copy = tmp_path / "1-dead.cxld"
    save_document(Document(name="Lost"), copy)
    told = {"origin": "/home/me/lost.cxld", "name": "Lost"}
    copy.with_suffix(".json").write_text(json.dumps(told))

    (found,) = orphans(tmp_path)

    assert (found.origin, found.name) == (Path("/home/me/lost.cxld"), "Lost")
    assert found.saved_at == pytest.approx(copy.stat().st_mtime)
    found.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("told", [None, b"{", b'{"origin": 3}', b"[]"])
def test_a_copy_without_good_description_is_still_found(tmp_path: Path, told: bytes | None) -> None:
    copy = tmp_path / "2-dead.cxld"
    save_document(Document(name="Lost"), copy)
    if told is not None:
        copy.with_suffix(".json").write_bytes(told)

    (found,) = orphans(tmp_path)

    assert (found.copy, found.origin, found.name) == (copy, None, "2-dead")


def test_nothing_unsaved_gives_no_copy(world: World) -> None:
    assert world.keeper.save_now() is None
    assert not world.keeper.copy.exists()
