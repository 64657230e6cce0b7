"""From an edit to Linux's view of the platform, and how that grows with devices and nodes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxldesigner.document.edits import set_field
from cxldesigner.document.model import GIB, Document
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import Derivation
from tests.build import platform

pytestmark = pytest.mark.bench

EDIT_LIMIT_MS = 50.0
BRIDGES = 8
"""Per socket: windows, nodes and regions stay the same while devices grow."""


def machine(devices: int, bridges: int = BRIDGES) -> Document:
    """Return two sockets with ``devices`` below switches, a region on one device per bridge."""
    below = devices // (2 * bridges)
    made = platform(
        sockets=2, bridges=bridges, devices=below, switch=True,
        dram_bytes=256 * GIB, device_bytes=64 * GIB,
    )  # fmt: skip
    regions = (
        f"cxl create-region -m -t ram -d decoder0.{n} mem{n * below}" for n in range(2 * bridges)
    )
    return replace(made, actions=tuple(regions))


def fresh(document: Document) -> Document:
    """Return an equal document that no stage has seen."""
    parts, links, windows = dict(document.parts), dict(document.links), dict(document.windows)
    return replace(document, parts=parts, links=links, windows=windows)


def nodes(derivation: Derivation, regions: int) -> int:
    """Return how many nodes there are, after checking that all regions were made."""
    assert [r.exit for m in derivation.moments for r in m.results] == [0] * regions
    return len(derivation.current.nodes)


def test_an_edit_of_twenty_devices(figures, cpu_ms) -> None:
    document = machine(20, bridges=5)
    assert nodes(derive(document), regions=10) == 12
    sizes = iter(range(1, 100))

    def edit() -> None:
        derive(set_field(document, "mem3", "volatile_bytes", next(sizes) * GIB))

    taken = cpu_ms(edit, 15)
    figures.tell("derivation after an edit, 20 devices, worst", taken.max())
    figures.limit("derivation after an edit, 20 devices, median", sorted(taken)[7], EDIT_LIMIT_MS)


def test_time_grows_no_faster_than_devices(figures, cpu_ms) -> None:
    best = {}
    for devices in (64, 256, 1000):
        document = machine(devices)
        assert nodes(derive(document), 2 * BRIDGES) == 2 + 2 * BRIDGES
        best[devices] = cpu_ms(lambda made=document: derive(fresh(made)), 5).min()
        figures.tell(f"derivation from nothing, {devices} devices", best[devices])
    figures.limit("derivation, 256 devices over 64", best[256] / best[64], 256 / 64, "×")
    figures.limit("derivation, 1000 devices over 256", best[1000] / best[256], 1000 / 256, "×")


def test_many_nodes_are_told(figures, cpu_ms) -> None:
    document = machine(1000, bridges=25)
    assert nodes(derive(document), regions=50) == 52
    taken = cpu_ms(lambda: derive(fresh(document)), 2)
    figures.tell("derivation from nothing, 1000 devices, 52 nodes", taken.min())
