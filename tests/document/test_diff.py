"""Differences between documents."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from cxldesigner.document import edits as e
from cxldesigner.document.diff import ChangeSet, changes
from cxldesigner.document.model import Device, Host, Point
from cxldesigner.document.store import canonical_bytes
from tests.build import edited, edits, platform


def test_each_kind_of_change_is_named() -> None:
    old = platform(devices=2, bridges=2)
    assert changes(old, old) == ChangeSet()
    assert not changes(old, platform(devices=2, bridges=2))
    new = e.add_part(old, Device(id="memx"), Point(1, 1))
    new = e.set_field(new, "mem0", "volatile_bytes", 1)
    new = e.remove(new, ["mem1"])
    found = changes(old, new)
    assert found.added == {"memx"}
    assert found.changed == {"mem0"}
    assert found.removed == {"mem1", "k4"}
    assert found.moved == {"memx"}
    assert (found.reordered, found.host, found.text) == (False, False, False)
    assert changes(old, e.reorder_windows(old, ["w1", "w0"])) == ChangeSet(reordered=True)
    assert changes(old, e.set_host(old, Host(hmat=True))) == ChangeSet(host=True)
    assert changes(old, e.describe(old, notes="n")) == ChangeSet(text=True)
    moved = e.move(old, {"mem0": Point(0, 0)})
    assert changes(old, moved) == ChangeSet(moved=frozenset({"mem0"}))


@given(edits(), edits())
def test_no_change_means_the_same_file(first: list[Any], second: list[Any]) -> None:
    a = edited(platform(), first)
    b = edited(a, second)
    assert bool(changes(a, b)) == (canonical_bytes(a) != canonical_bytes(b))
    there, back = changes(a, b), changes(b, a)
    assert (there.added, there.removed, there.changed) == (back.removed, back.added, back.changed)
