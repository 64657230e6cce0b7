from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxldesigner.document.model import Document, Point, Scenario
from cxldesigner.linux.derive import derive
from cxldesigner.linux.snapshot import snapshot

MK = "cxl create-region -m -t ram -d decoder0.0"


def with_actions(document: Document, *lines: str) -> Document:
    return replace(document, actions=lines)


def test_every_action_makes_a_moment_without_moment_lines(plain: Document) -> None:
    document = with_actions(plain, f"{MK} mem0dev", "# said twice", "cxl disable-region all")
    moments = derive(document).moments
    assert [m.label for m in moments] == ["boot", f"{MK} mem0dev", "cxl disable-region all"]
    assert [len(m.results) for m in moments] == [0, 1, 1]


def test_moment_lines_name_the_moments(plain: Document) -> None:
    document = with_actions(
        plain, f"{MK} mem0dev", f"{MK} mem1dev", "# moment: both", "cxl disable-region all"
    )
    moments = derive(document).moments
    assert [m.label for m in moments] == ["boot", "both", "end"]
    assert [len(m.results) for m in moments] == [0, 2, 1]


def test_what_does_not_reach_linux_recomputes_nothing(plain: Document) -> None:
    before = derive(with_actions(plain, f"{MK} mem0dev"))
    moved = replace(
        before.document,
        layout={"hb0": Point(10, 20)},
        notes="text",
        name="other",
        scenarios={"a": Scenario(id="a")},
    )
    after = derive(moved)
    assert after.document is moved
    assert after.firmware is before.firmware
    assert after.current is before.current
    assert after.findings is before.findings


def test_a_further_action_keeps_the_states_before_it(plain: Document) -> None:
    before = derive(with_actions(plain, f"{MK} mem0dev"))
    after = derive(with_actions(plain, f"{MK} mem0dev", f"{MK} mem1dev"))
    assert after.moments[1].state is before.moments[1].state
    changed = derive(with_actions(plain, f"{MK} mem1dev", f"{MK} mem0dev"))
    assert changed.moments[0].state is before.moments[0].state
    assert changed.moments[1].state != before.moments[1].state


def test_another_parts_mapping_is_another_platform(plain: Document) -> None:
    before = derive(plain)
    smaller = {
        k: replace(p, volatile_bytes=256 << 20) if k == "mem0dev" else p
        for k, p in plain.parts.items()
    }
    after = derive(replace(plain, parts=smaller))
    assert after.firmware != before.firmware


def test_reasons_lead_from_node_to_window(plain: Document) -> None:
    state = derive(with_actions(plain, f"{MK} mem0dev")).current
    (reason,) = state.reasons["node.1"]
    assert str(reason) == "window win0 is not covered by the SRAT"
    assert reason.rule == "A12"
    assert reason.place.startswith("CEDT+0x")
    assert reason.items == ("win0",)
    assert state.reasons["region0"][0].items[0] == "mem0dev"
    assert state.reasons["node.1.distance.0"][0].rule == "A21"
    assert state.reasons["node.1.tier"][-1] == reason
    assert "mem0dev" in state.nodes[1].items


def test_every_shown_fact_has_a_reason(plain: Document) -> None:
    state = derive(with_actions(plain, f"{MK} mem0dev")).current
    for node in state.nodes.values():
        assert f"node.{node.id}" in state.reasons
        assert f"node.{node.id}.fallback" in state.reasons
        for other in state.nodes:
            assert f"node.{node.id}.distance.{other}" in state.reasons
        if node.tier is not None:
            assert f"node.{node.id}.tier" in state.reasons
    for region in state.regions:
        assert region.name in state.reasons
    for chain in state.reasons.values():
        assert all("{" not in str(r) and r.rule for r in chain)


def test_removing_the_cause_changes_the_fact(plain: Document) -> None:
    document = with_actions(plain, f"{MK} mem0dev")
    state = derive(document).current
    (cause,) = state.reasons["node.1"][0].items
    without = replace(document, windows={k: w for k, w in document.windows.items() if k != cause})
    assert 1 not in derive(without).current.nodes


@settings(max_examples=25)
@given(st.permutations(range(4)), st.integers(0, 3))
def test_order_across_kinds_and_new_ids_change_nothing(
    plain: Document, order: list[int], suffix: int
) -> None:
    """Only the order within a kind counts, and no fact depends on how a part is called."""
    document = with_actions(plain, f"{MK} mem0dev mem1dev")
    kinds: dict[str, list[str]] = {}
    for key, part in document.parts.items():
        kinds.setdefault(type(part).__name__, []).append(key)
    names = [list(kinds)[i] for i in order]
    shuffled = {k: document.parts[k] for name in names for k in kinds[name]}
    one = derive(document).current
    assert snapshot(derive(replace(document, parts=shuffled)).current) == snapshot(one)

    def renamed(key: str) -> str:
        return f"{key}x{suffix}" if key in document.parts else key

    def ref(text: str) -> str:
        part, _, port = text.partition(":")
        return f"{renamed(part)}:{port}"

    other = replace(
        document,
        parts={renamed(k): replace(p, id=renamed(k)) for k, p in document.parts.items()},
        links={
            k: replace(x, upstream=ref(x.upstream), downstream=ref(x.downstream))
            for k, x in document.links.items()
        },
        windows={
            k: replace(w, targets=tuple(renamed(t) for t in w.targets))
            for k, w in document.windows.items()
        },
        actions=tuple(f"{MK} {renamed('mem0dev')} {renamed('mem1dev')}" for _ in range(1)),
    )
    two = snapshot(derive(other).current)
    for region in two["regions"]:
        for mapping in region["mappings"]:
            mapping["memdev"] = mapping["memdev"].rpartition("x")[0]
    assert two == snapshot(one)


@pytest.mark.parametrize("count", [1, 3])
def test_windows_add_one_node_each(platform, count: int) -> None:
    made = platform()
    made.bridge("hb0")
    for number in range(count):
        made.window(f"w{number}", ("hb0",))
    nodes = derive(made.document()).current.nodes
    assert len(nodes) == 1 + count
    assert [nodes[i].made_up_pxm for i in nodes] == [False] + [True] * count
