"""Every snapshot, refusal and kernel message of every recorded machine, against the derivation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cxldesigner.document.model import Document
from cxldesigner.exchange.qemu import read_command
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.actions import apply, is_comment, moment_name
from cxldesigner.linux.boot import boot
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import State
from cxldesigner.linux.snapshot import snapshot

Drawn = Callable[[dict[str, Any]], Document]


def play(recorded: Any, document: Document, tables: dict[str, bytes] | None = None):
    """Return {moment: state} and [(step, result)] of the recorded steps; "" is the last state."""
    firmware = compile_document(document)
    if tables is not None:
        firmware = replace(firmware, tables=tables, spans={})
    state = boot(firmware, recorded.observed)
    moments: dict[str, State] = {"boot": state}
    results = []
    for step, line in zip(recorded.steps, recorded.actions, strict=True):
        if is_comment(line):
            moments[moment_name(line)] = state
        else:
            state, result = apply(state, firmware, line)
            results.append((step, result))
    return {**moments, "": state}, results


def normal(facts: dict[str, Any], recorded: Any, *, derived: bool) -> dict[str, Any]:
    """Return a snapshot with what no derivation can know made equal."""
    facts = dict(facts)
    regions = []
    for shown in facts.get("regions", []):
        region = dict(shown)
        mappings = region.pop("mappings", None)
        if mappings is not None:
            region["mappings"] = [
                (
                    m["position"],
                    recorded.devices.get(m["memdev"], m["memdev"]),
                    int(str(m["decoder"]).rpartition(".")[2]),
                )
                for m in sorted(mappings, key=lambda m: m["position"])
            ]
        regions.append(region)
    if regions:
        facts["regions"] = regions
    if recorded.topology.get("override"):
        # the tables given to that guest lay in the middle of its RAM
        facts["iomem"] = [x for x in facts["iomem"] if not x.endswith(" : System RAM")]
    return facts


def unnumbered(lines: list[str]) -> list[str]:
    """Endpoints are numbered as devices happen to be ready, all at the same time."""
    return [re.sub(r"\bdecoder[1-9]\d*\.(\d+)\b", r"decoder.\1", line) for line in lines]


def without_mappings(facts: dict[str, Any]) -> dict[str, Any]:
    """Some machines were recorded without the regions' mappings."""
    if "regions" in facts:
        facts["regions"] = [
            {k: v for k, v in r.items() if k != "mappings"} for r in facts["regions"]
        ]
    return facts


@pytest.mark.parametrize("way", ["drawn", "tables", "command line"])
def test_every_snapshot_is_what_the_kernel_showed(recorded: Any, drawn: Drawn, way: str) -> None:
    """The machine as a person draws it, with the guest's own tables, and imported from QEMU."""
    document = drawn(recorded.topology)
    tables = recorded.tables if way == "tables" else None
    if way == "command line":
        document, _ = read_command(recorded.name, recorded.command)
        if recorded.topology.get("override"):
            tables = recorded.tables  # that guest was given other tables than its command says
    moments, _ = play(recorded, document, tables)
    assert set(moments) >= set(recorded.snapshots)
    for label, facts in recorded.snapshots.items():
        expected = normal(facts, recorded, derived=False)
        found = normal(snapshot(moments[label]), recorded, derived=True)
        if any("mappings" not in r for r in expected.get("regions", [])):
            found, expected = without_mappings(found), without_mappings(expected)
        for node in set(expected["nodes"]) & set(found["nodes"]):
            assert found["nodes"][node] == expected["nodes"][node], f"{label}, node {node}"
        for key in expected.keys() | found.keys():
            assert found.get(key) == expected.get(key), f"{label}: {key}"


def test_every_command_ends_as_recorded(recorded: Any, drawn: Drawn) -> None:
    _, results = play(recorded, drawn(recorded.topology))
    for step, result in results:
        assert result.exit == step.status, f"{step.label}: {result.output}"
        if step.status:
            assert unnumbered(result.output.splitlines()) == unnumbered(step.output), step.label


def test_kernel_messages_come_out_in_order(recorded: Any, drawn: Drawn) -> None:
    moments, _ = play(recorded, drawn(recorded.topology))
    expected = [
        line.rstrip()
        for line in recorded.truth["dmesg"]
        if line.startswith(("Fallback order", "Demotion targets"))
    ]
    if not any(line.startswith("+ [") for line in recorded.truth["dmesg"]):
        moments[""] = moments["boot"]  # that log was read at boot, not at the end
    assert [line.rstrip() for line in moments[""].live.log] == expected


def test_without_observation_all_but_managed_pages_is_the_same(recorded: Any, drawn: Drawn) -> None:
    document = replace(drawn(recorded.topology), actions=recorded.actions)
    derivation = derive(document)
    states = {m.label: m.state for m in derivation.moments}
    observed, _ = play(recorded, document)
    for label, state in states.items():
        if label not in observed:
            continue
        found, expected = snapshot(state), snapshot(observed[label])
        for facts in (found, expected):
            for node in facts["nodes"].values():
                node.pop("MemTotal_kB")
                for zone in node.get("zones", {}).values():
                    for key in ("managed", "min", "low", "high"):
                        zone.pop(key)
        assert found == expected, label


def test_drawing_and_importing_a_machine_give_the_same_facts(recorded: Any, drawn: Drawn) -> None:
    tables = recorded.tables if recorded.topology.get("override") else None
    one, said = play(recorded, drawn(recorded.topology), tables)
    imported, _ = read_command(recorded.name, recorded.command)
    two, also_said = play(recorded, imported, tables)
    assert one.keys() == two.keys()
    for label, state in one.items():
        assert snapshot(state) == snapshot(two[label]), label
        assert state.live.log == two[label].live.log
    assert [r for _, r in said] == [r for _, r in also_said]


def test_no_module_knows_a_recorded_machine() -> None:
    from pathlib import Path

    import cxldesigner

    package = Path(cxldesigner.__file__).parent
    for module in package.rglob("*.py"):
        assert not re.search(r"\b[atu]\d\d\w?-[a-z]", module.read_text(encoding="utf-8")), module
