"""How fast the engine is: CPU time of one tick, and against numpy's way of counting accesses."""

from __future__ import annotations

import time

import numpy as np
import pytest

from cxldesigner.assets import resource
from cxldesigner.document.store import load_document
from cxldesigner.engine.kernels import access, layout, victims
from cxldesigner.engine.kernels.layout import MOVABLE, NORMAL
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.run import Run
from cxldesigner.engine.settings import Knobs, TaskSpec
from cxldesigner.recording.writer import RecordingWriter

pytestmark = pytest.mark.bench

PAGES = 1 << 20
VISITS = 50_000


def cpu_ms(work, repeat: int = 5) -> float:
    work()
    times = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return min(times)


@pytest.fixture(scope="module")
def machine():
    zones = {(0, NORMAL): PAGES // 2, (1, MOVABLE): PAGES}
    knobs = Knobs(kswapd="deferred", demotion=True, numa_balancing=2)
    made = Machine.build(
        zones, tiers={0: 4, 1: 22}, tasks=(TaskSpec(home=0),), pages=PAGES, knobs=knobs
    )
    made.fault(0, PAGES)
    return made


def test_rates_of_a_million_pages(machine, figures):
    rng, hits = np.random.default_rng(1), np.zeros(2, np.int64)
    visits = rng.integers(0, PAGES, VISITS)
    counts = np.zeros(PAGES, np.uint16)
    memory = machine.memory

    def touch() -> None:
        access.touch(memory, 0, visits, 0, 0, 100, hits)

    touching = cpu_ms(touch)
    ageing = cpu_ms(lambda: access.decay(memory.pages.heat))
    listing = cpu_ms(lambda: victims.list_victims(memory, 0, MOVABLE, True))
    plain = cpu_ms(lambda: np.add.at(counts, visits, 1))
    release = cpu_ms(lambda: access.release(memory, 0, PAGES), repeat=1)
    start = time.process_time()
    machine.fault(0, PAGES)
    faulting = (time.process_time() - start) * 1000
    for name, value in (
        ("touch 50 000 of 1 Mi pages", touching), ("age 1 Mi pages", ageing),
        ("list victims of 1 Mi pages", listing), ("fault 1 Mi pages", faulting),
        ("release 1 Mi pages", release), ("numpy's add.at of 50 000", plain),
    ):  # fmt: skip
        figures.tell(f"engine, {name}", value)
    assert memory.stats[layout.PGFAULT] >= 2 * PAGES
    figures.limit("engine, touch over numpy's add.at", touching / plain, 10, "×")
    figures.limit("engine, touch and age over list", (touching + ageing) / listing, 20, "×")


def test_the_story_is_played_faster_than_it_lasts(tmp_path, figures):
    document = load_document(resource("examples", "story.cxld"))
    run = Run(document, "story", lambda meta: RecordingWriter(tmp_path / "story.cxlrec", meta))
    run.step()  # loads the compiled kernels
    begun, ticks = time.process_time(), 0
    while not run.done:
        run.step()
        ticks += 1
    taken = time.process_time() - begun
    run.writer.finish()
    lasted = ticks * run.scenario.tick_ms / 1000
    figures.tell("engine, simulated seconds per second, story", lasted / taken, "s/s")
    figures.limit("engine, a tick of the story", taken / ticks * 1000, run.scenario.tick_ms)
