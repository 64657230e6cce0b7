"""The small platform of the engine's tests: one socket, one CXL device, a cache beyond DRAM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cxldesigner.document.model import (
    GIB,
    Device,
    Document,
    HostBridge,
    Link,
    Phase,
    Policy,
    Process,
    RootPort,
    Scenario,
    Socket,
    TimedEvent,
    Window,
)
from cxldesigner.engine.run import Run

ONLINE_MOVABLE = "echo online_movable > /sys/devices/system/memory/auto_online_blocks"
TIERING_ON = "echo 2 > /proc/sys/kernel/numa_balancing"
CREATE = "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0"


class Sink:
    """Keeps what a run writes."""

    def __init__(self, meta):
        self.meta = meta
        self.rows, self.events, self.migrations, self.maps = [], [], [], []

    def tick(self, row, events=(), migrations=(), page_maps=()):
        self.rows.append(row.copy())
        self.events += events
        self.migrations += migrations
        self.maps += page_maps

    def column(self, name):
        place = [column.name for column in self.meta.columns].index(name)
        return np.array(self.rows)[:, place]


def story_document(*, dram: int = 2 * GIB, cxl: int = 4 * GIB) -> Document:
    """Return the platform: a socket with DRAM and one directly attached device, onlined movable."""
    return Document(
        parts={
            "cpu0": Socket(id="cpu0", cpus=4, dram_bytes=dram),
            "hb0": HostBridge(id="hb0"),
            "rp0": RootPort(id="rp0"),
            "mem0": Device(id="mem0", volatile_bytes=cxl),
        },
        links={
            "up": Link(id="up", upstream="cpu0:io", downstream="hb0:up"),
            "port": Link(id="port", upstream="hb0:rp", downstream="rp0:up"),
            "cable": Link(id="cable", upstream="rp0:down", downstream="mem0:up"),
        },
        windows={"w0": Window(id="w0", size_bytes=max(cxl, 4 * GIB), targets=("hb0",))},
        actions=(ONLINE_MOVABLE, CREATE),
    )


def story_scenario(**changes: object) -> Scenario:
    """Return the story: a cache of 3 GiB fills DRAM and spills to CXL; then it is sorted by heat.

    Demotion makes room by age alone while the cache fills; promotion is switched on at 32 s.
    """
    parameters = {"fill_mbps": 120, "exponent": 1.1}
    phase = Phase(workload="zipf-cache", duration_ms=60_000, bytes=3 * GIB, parameters=parameters)
    policy = changes.pop("policy", Policy())
    scenario = Scenario(
        id="story",
        granule_pages=8,
        demotion=True,
        promote_rate_limit_mbps=8,
        events=(TimedEvent(at_ms=32_000, command=TIERING_ON),),
        processes=(Process(id="cache", socket="cpu0", policy=policy, phases=(phase,)),),
    )
    return replace(scenario, **changes)


def play(document: Document, scenario: Scenario, ticks: int | None = None) -> Run:
    """Play a scenario (or its first ticks) into a :class:`Sink`."""
    run = Run(replace(document, scenarios={scenario.id: scenario}), scenario.id, Sink)
    while not run.done and (ticks is None or run.tick < ticks):
        run.step()
    return run


@pytest.fixture
def story() -> Callable[..., Document]:
    return story_document


@pytest.fixture
def scenario() -> Callable[..., Scenario]:
    return story_scenario


@pytest.fixture(name="play")
def play_fixture() -> Callable[..., Run]:
    return play
