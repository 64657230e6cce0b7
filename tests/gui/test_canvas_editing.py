import pytest

from cxldesigner.document import edits
from cxldesigner.document.model import (
    GIB,
    Device,
    HostBridge,
    Point,
    RootPort,
)
from cxldesigner.gui.canvas.editing import CanvasEditor, add_target, below, pinned, target_refusal
from cxldesigner.gui.session import Session
from tests.build import platform


@pytest.fixture
def session(qapp):
    document = platform(bridges=2, devices=0)
    for n in range(3):
        document = edits.add_part(document, RootPort(id=f"rp{n}"))
    document = edits.connect(document, "hb0:rp", "rp0:up")
    document = edits.connect(document, "hb1:rp", "rp1:up")
    for n in range(2):
        document = edits.add_part(document, Device(id=f"mem{n}", volatile_bytes=GIB))
    return Session(document)


@pytest.fixture
def editor(session):
    return CanvasEditor(session)


def test_moving_something_pins_what_had_no_position(session, editor):
    assert not session.document.layout
    editor.move({"s0": Point(8, 16)})

    layout = session.document.layout
    assert layout.keys() == {*session.document.parts, *session.document.windows}
    assert layout["s0"] == Point(8, 16)


def test_pinning_a_pinned_document_changes_nothing(session):
    once = pinned(session.document)

    assert pinned(once) is once


def test_targets_are_refused_with_a_reason(session):
    document = session.document

    assert target_refusal(document, "w0", "hb1") is None
    assert target_refusal(document, "w0", "hb0").code == "target-repeated"
    assert target_refusal(document, "w0", "rp0").code == "target-not-bridge"
    assert target_refusal(document, "w7", "hb0").args == ("w7",)
    with pytest.raises(edits.EditRefused):
        add_target(document, "w0", "hb0")


def test_below_survives_a_ring():
    from cxldesigner.document.model import Document, Link, Switch

    ring = Document(
        parts={"a": Switch(id="a"), "b": Switch(id="b")},
        links={
            "k0": Link(id="k0", upstream="a:d0", downstream="b:up"),
            "k1": Link(id="k1", upstream="b:d0", downstream="a:up"),
        },
    )

    assert below(ring, ("a",)) == {"a", "b"}


def test_adding_in_replay_is_refused(session, editor):
    session.enter_replay(session.document)
    codes = []
    session.refused.connect(lambda r: codes.append(r.code))

    assert editor.add(HostBridge(id="new"), Point(0, 0)) is None
    assert codes == ["replay-mode"]
