"""Edits: what they change, what they refuse, and that they never leave half of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from cxldesigner.document import edits as e
from cxldesigner.document.messages import TEMPLATES, sentence
from cxldesigner.document.model import (
    AccessFigure,
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    Link,
    Perf,
    Point,
    Process,
    Scenario,
    Switch,
    Window,
)
from cxldesigner.document.ports import Refusal, children_of, parent_of
from cxldesigner.document.store import DocumentError, canonical_bytes, loads
from tests.build import edits, platform


def test_the_builder_makes_a_connected_machine() -> None:
    document = platform(sockets=2, bridges=2, devices=2, switch=True)
    assert parent_of(document, "mem7") == "sw3"
    assert children_of(document, "hb3") == ("rp3",)
    assert document.windows["w3"].targets == ("hb3",)


@given(edits())
def test_an_edit_gives_a_new_document_and_leaves_the_old(sequence: list[Any]) -> None:
    document = platform(devices=2)
    before, codes = canonical_bytes(document), set()
    for edit in sequence:
        try:
            changed = edit(document)
        except e.EditRefused as error:
            codes.add(error.refusal.code)
            continue
        assert canonical_bytes(document) == before
        document, before = changed, canonical_bytes(changed)
    assert codes <= TEMPLATES.keys()


def _refused(function: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(e.EditRefused) as caught:
        function(*args, **kwargs)
    return sentence(caught.value.refusal)


def test_what_a_file_could_not_hold_is_refused_at_once() -> None:
    document = platform()
    for name, value in (
        ("volatile_bytes", -1),
        ("volatile_bytes", 1 << 64),
        ("volatile_bytes", 1.5),
        ("speed_gts", float("nan")),
        ("width", 7),
        ("name", "\ud800"),
        ("perf", Perf(read_latency_ns=-1)),
        ("perf", None),
    ):
        text = _refused(e.set_field, document, "mem0", name, value)
        assert text.startswith(f"mem0.{name}")
    assert "between 1 and 256" in _refused(e.add_part, document, Switch(id="x", downstream=10**9))
    assert "id of lower-case" in _refused(e.add_part, document, Device(id="Mem"))
    assert "mem0" in _refused(e.set_field, document, "w0", "targets", ("mem0",))
    assert "host bridges" in _refused(e.add_window, document, Window(id="x", targets=("hb7",)))
    assert _refused(e.move, document, {"mem0": Point(float("inf"), 0)})
    assert "no k99" in _refused(e.move, document, {"k99": Point(0, 0)})
    assert _refused(e.set_actions, document, ["\udcff"])
    assert _refused(e.describe, document, name="\udcff")
    distances = (Distance(a="s0", b="mem9", value=10),)
    assert "mem9" in _refused(e.set_host, document, Host(distances=distances))
    twice = Scenario(id="a", processes=(Process(id="p"), Process(id="p")))
    assert "used twice" in _refused(e.set_scenario, document, twice)


def test_references_cannot_be_set_from_under_others() -> None:
    document = platform(switch=True)
    assert "no field id" in _refused(e.set_field, document, "mem0", "id", "memx")
    assert "no field upstream" in _refused(e.set_field, document, "k0", "upstream", "hb0:rp")
    assert "no field" in _refused(e.set_field, document, "mem0", "colour", 1)
    assert "no zz" in _refused(e.set_field, document, "zz", "name", "x")
    two = platform(switch=True, devices=2)
    assert "sw0:d1" in _refused(e.set_field, two, "sw0", "downstream", 1)
    assert "in use" in _refused(e.add_part, document, Device(id="w0"))
    assert "in use" in _refused(e.add_window, document, Window(id="mem0"))
    assert "in use" in _refused(e.set_scenario, document, Scenario(id="mem0"))
    loose = e.add_part(two, Device(id="free"))
    loose = e.set_field(loose, "sw0", "downstream", 3)
    assert "in use" in _refused(e.connect, loose, "sw0:d2", "free:up", link_id="mem0")


def test_removing_takes_what_refers_to_it() -> None:
    document = platform(bridges=2)
    document = e.set_field(document, "w0", "targets", ("hb0", "hb1"))
    document = e.move(document, {"hb1": Point(1, 2), "s0": Point(3, 4)})
    host = Host(
        distances=(Distance(a="s0", b="hb1", value=30), Distance(a="s0", b="hb0", value=31)),
        access=(AccessFigure(initiator="s0", target="hb1", perf=Perf()),),
    )
    document = e.remove(e.set_host(document, host), ["hb1"])
    assert document.windows["w0"].targets == ("hb0",)
    assert set(document.layout) == {"s0"}
    assert [d.b for d in document.host.distances] == ["hb0"]
    assert document.host.access == ()
    assert not [k for k in document.links.values() if "hb1" in k.upstream + k.downstream]


def test_connect_in_either_order_and_refusals() -> None:
    document = Document()
    document = e.add_part(document, HostBridge(id="hb0"))
    document = platform()
    assert "itself" in _refused(e.connect, document, "rp0:up", "rp0:down")
    assert "already in use" in _refused(e.connect, document, "rp0:down", "mem0:up")
    assert "no port mem0:d9" in _refused(e.connect, document, "rp0:down", "mem0:d9")
    document = e.add_part(document, Device(id="loose"))
    assert "do not fit" in _refused(e.connect, document, "s0:io", "loose:up")
    chain = e.add_part(e.add_part(Document(), Switch(id="a")), Switch(id="b"))
    one = e.connect(chain, "a:d0", "b:up")
    assert one == e.connect(chain, "b:up", "a:d0")
    assert "cannot hang below" in _refused(e.connect, one, "b:d0", "a:up")


def test_chains_have_an_end() -> None:
    document = Document()
    for i in range(130):
        document = e.add_part(document, Switch(id=f"sw{i}"))
    for start in (0, 64):
        for i in range(start, start + 63):
            document = e.connect(document, f"sw{i}:d0", f"sw{i + 1}:up")
    assert "at most 64" in _refused(e.connect, document, "sw63:d0", "sw64:up")
    assert "at most 64" in _refused(e.connect, document, "sw63:d0", "sw129:up")
    assert e.connect(document, "sw62:d1", "sw129:up")
    assert loads(canonical_bytes(document), "x") == document
    link = Link(id="deep", upstream="sw63:d0", downstream="sw129:up")
    deeper = replace(document, links={**document.links, "deep": link})
    with pytest.raises(DocumentError, match="more than 64 parts"):
        loads(canonical_bytes(deeper), "x")


def test_windows_are_reordered_by_name() -> None:
    document = platform(bridges=3)
    turned = e.reorder_windows(document, ["w2", "w0", "w1"])
    assert list(turned.windows) == ["w2", "w0", "w1"]
    assert _refused(e.reorder_windows, document, ["w0"])


def test_every_refusal_in_the_code_has_a_sentence() -> None:
    for code, template in TEMPLATES.items():
        filled = sentence(Refusal(code, ("A", "B", "C", "D")))
        assert "{" not in filled, template
