"""Derivations reach the session: newest first, off the GUI thread, failures told."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from cxldesigner.document.edits import add_part, move
from cxldesigner.document.model import Device, Document, Point
from cxldesigner.firmware.model import Firmware
from cxldesigner.gui.derivation import DerivationRunner
from cxldesigner.gui.session import Session
from cxldesigner.linux.model import Derivation


class Deriver:
    """Stands in for the derivation: counts, can be held up, can fail."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.fails = False

    def __call__(self, document: Document) -> Derivation:
        self.documents.append(document)
        self.threads.add(threading.get_ident())
        assert self.gate.wait(10)
        if self.fails:
            raise ZeroDivisionError("planted")
        return Derivation(document=document, firmware=Firmware(), moments=())


@pytest.fixture
def session(qapp: object) -> Session:
    return Session(Document())


@pytest.fixture
def deriver() -> Deriver:
    return Deriver()


@pytest.fixture
def runner(session: Session, deriver: Deriver) -> DerivationRunner:
    return DerivationRunner(session, session, derive=deriver)


def add(session: Session, part_id: str) -> None:
    assert session.edit("Add", add_part, Device(id=part_id))


def test_an_edit_brings_a_derivation_made_in_another_thread(
    qtbot: QtBot, session: Session, deriver: Deriver, runner: DerivationRunner
) -> None:
    with qtbot.waitSignal(session.derivation_changed):
        add(session, "mem0")

    assert session.derivation is not None
    assert session.derivation.document is session.document
    assert deriver.threads.isdisjoint({threading.get_ident()})
    qtbot.waitUntil(lambda: not runner.busy)
    runner.shutdown()


def test_edits_during_a_derivation_are_skipped_up_to_the_newest(
    qtbot: QtBot, session: Session, deriver: Deriver, runner: DerivationRunner
) -> None:
    deriver.gate.clear()
    add(session, "mem0")
    qtbot.waitUntil(lambda: bool(deriver.documents))
    for part_id in ("mem1", "mem2", "mem3"):
        add(session, part_id)
    with qtbot.waitSignal(session.derivation_changed):
        deriver.gate.set()

    assert session.derivation is not None
    assert session.derivation.document is session.document
    assert [len(d.parts) for d in deriver.documents] == [1, 4]
    runner.shutdown()


def test_moving_a_part_derives_nothing(
    qtbot: QtBot, session: Session, deriver: Deriver, runner: DerivationRunner
) -> None:
    with qtbot.waitSignal(session.derivation_changed):
        add(session, "mem0")
    qtbot.waitUntil(lambda: not runner.busy)

    session.edit("Move", move, {"mem0": Point(5, 6)})

    assert session.derivation is not None
    assert session.derivation.document is session.document
    assert len(deriver.documents) == 1
    runner.shutdown()


def test_a_failure_is_told_with_details_and_the_next_edit_is_derived(
    qtbot: QtBot, session: Session, deriver: Deriver, runner: DerivationRunner
) -> None:
    deriver.fails = True
    with qtbot.waitSignal(runner.failed) as failed:
        add(session, "mem0")
    text, details = failed.args
    assert text
    assert "ZeroDivisionError: planted" in details
    assert session.derivation is None

    deriver.fails = False
    with qtbot.waitSignals([session.derivation_changed, runner.recovered]):
        add(session, "mem1")
    runner.shutdown()


def test_nothing_is_delivered_after_the_end(
    qtbot: QtBot, session: Session, deriver: Deriver, runner: DerivationRunner
) -> None:
    deriver.gate.clear()
    add(session, "mem0")
    qtbot.waitUntil(lambda: bool(deriver.documents))
    add(session, "mem1")
    deriver.gate.set()
    runner.shutdown()
    add(session, "mem2")
    qtbot.wait(20)

    assert session.derivation is None
    assert len(deriver.documents) == 1
