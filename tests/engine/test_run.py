"""Runs: rows, determinism, host events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxldesigner.document.model import GIB, MIB, Phase, Policy, PolicyMode, Process, TimedEvent
from cxldesigner.engine.run import Run
from cxldesigner.recording.model import Cause
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.recording.writer import RecordingWriter

OFFLINE = "daxctl offline-memory dax0.0"
PATH = "/proc/sys/vm/min_free_kbytes"


def cache(bytes_: int, policy: Policy | None = None, **parameters: float) -> Process:
    values = {"fill_mbps": 4000, **parameters}
    phase = Phase(workload="uniform", duration_ms=60_000, bytes=bytes_, parameters=values)
    return Process(id="cache", socket="cpu0", policy=policy or Policy(), phases=(phase,))


BIND_FAR = Policy(mode=PolicyMode.BIND, nodes=(1,))


def test_same_seed_same_rows(play, story, scenario):
    runs = [play(story(), scenario(seed=seed, numa_balancing=2), ticks=260) for seed in (3, 3, 4)]
    first, again, other = (np.array(run.writer.rows) for run in runs)
    assert first.tobytes() == again.tobytes()
    assert runs[0].writer.migrations == runs[1].writer.migrations
    assert runs[0].writer.maps == runs[1].writer.maps
    assert first.tobytes() != other.tobytes()


def test_pages_by_kind_sum_to_managed(play, story, scenario):
    run = play(story(), scenario(numa_balancing=2), ticks=220)
    for node in (0, 1):
        total = sum(
            run.writer.column(f"node{node}.{kind}") for kind in ("free", "anon", "file", "kernel")
        )
        assert (total == run.shell.state.nodes[node].managed).all()
    moved = sum(m.pages for m in run.writer.migrations if m.cause is Cause.PROMOTION)
    assert moved == run.writer.column("node0.promoted").sum()
    assert moved == run.writer.column("vmstat.pgpromote_success")[-1]


def test_page_maps_show_where_the_pages_are(play, story, scenario):
    run = play(story(), scenario(processes=(cache(512 * MIB, BIND_FAR),)), ticks=21)
    (last,) = [m for m in run.writer.maps if m.process == "cache"][-1:]
    assert set(last.node) == {1}
    assert len(last.node) == len(last.heat) <= 4096
    assert max(last.heat) > 0


def test_a_recording_holds_the_run(play, story, scenario, tmp_path):
    document = replace(story(), scenarios={"story": scenario()})
    path = tmp_path / "run.cxlrec"
    run = Run(document, "story", lambda meta: RecordingWriter(path, meta))
    for _ in range(30):
        run.step()
    run.writer.finish(run.summary())
    run.writer.close()
    with RecordingReader(path) as reader:
        assert reader.meta.scenario == "story"
        assert reader.meta.summary["pgfault"] == run.machine.stat("pgfault")


def test_offline_moves_pages_away(play, story, scenario):
    event = TimedEvent(at_ms=2000, command=OFFLINE)
    run = play(
        story(), scenario(processes=(cache(512 * MIB, BIND_FAR),), events=(event,)), ticks=40
    )
    sink = run.writer
    assert sink.column("process.cache.node1")[19] == 512 * MIB // 4096
    assert sink.column("process.cache.node1")[-1] == 0
    assert sink.column("process.cache.node0")[-1] == 512 * MIB // 4096
    moved = sum(m.pages for m in sink.migrations if m.cause is Cause.OFFLINE)
    assert moved == 512 * MIB // 4096
    assert run.shell.state.nodes[1].managed == 0
    assert "offline" in [e.kind for e in sink.events]
    # E13: the mask of the only node that left is remapped, new pages come from node 0.
    assert run.machine.memory.mask[0].tolist() == [1, 0]


def test_offline_without_room_goes_on_for_ever(play, story, scenario):
    event = TimedEvent(at_ms=4000, command=OFFLINE)
    run = play(
        story(),
        scenario(processes=(cache(3 * GIB, BIND_FAR),), events=(event,)),
        ticks=80,
    )
    assert run.shell.state.nodes[1].managed == 4 * GIB // 4096
    assert "offline" not in [e.kind for e in run.writer.events]
    left = run.writer.column("process.cache.node1")
    assert 0 < left[-1] < left[38]


def test_memory_that_comes_later_is_used_by_default(play, story, scenario):
    document = replace(story(), actions=story().actions[:1])
    add = TimedEvent(at_ms=1000, command=story().actions[1])
    small = scenario(processes=(cache(3 * GIB, fill_mbps=400),), events=(add,), demotion=False)
    run = play(document, small, ticks=90)
    assert run.shell.state.nodes[1].managed == 4 * GIB // 4096
    assert run.writer.column("process.cache.node1")[-1] > 0
    assert run.writer.column("node1.free")[5] == 0


def test_injected_settings_take_effect(play, story, scenario):
    run = play(story(), scenario(demotion=False), ticks=5)
    assert run.inject("sysctl -w vm.min_free_kbytes=131072") == ""
    assert run.inject("echo 1 > /sys/kernel/mm/numa/demotion_enabled") == ""
    assert "Invalid argument" in run.inject("sysctl -w kernel.numa_balancing=9")
    assert "not found" in run.inject("frobnicate --hard")
    run.step()
    assert run.machine.knobs.demotion
    zones = run.shell.state.nodes[0].zones
    assert run.writer.column("node0.min")[-1] == sum(zone.min for zone in zones)
    assert run.writer.column("node0.min")[-1] > run.writer.column("node0.min")[0]
    assert [e.kind for e in run.writer.events].count("inject") == 4


def test_scenario_marks_are_the_kernels(play, story, scenario):
    run = play(story(), scenario(min_free_kbytes=16384, watermark_scale_factor=100), ticks=1)
    for node in (0, 1):
        zones = run.shell.state.nodes[node].zones
        for mark in ("min", "low", "high", "promo"):
            expected = sum(getattr(zone, mark) for zone in zones)
            assert run.writer.column(f"node{node}.{mark}")[0] == expected


def test_refused_policy_keeps_the_process_from_starting(play, story, scenario):
    document = replace(story(), actions=())
    run = play(document, scenario(processes=(cache(64 * MIB, BIND_FAR),)), ticks=3)
    assert [e.kind for e in run.writer.events] == ["refused"]
    assert run.machine.stat("pgfault") == 0


@pytest.mark.parametrize("granule", [1, 8, 512, 1024])
def test_granules_count_in_real_pages(play, story, scenario, granule):
    run = play(story(), scenario(granule_pages=granule, processes=(cache(64 * MIB),)), ticks=4)
    assert run.writer.column("process.cache.node0")[-1] == 64 * MIB // 4096
    assert run.machine.stat("pgfault") == 64 * MIB // 4096
    tables = run.writer.column("node0.kernel")[-1] - run.writer.column("node0.kernel")[0]
    assert run.writer.column("node0.kernel")[-1] == 32 + 3
    assert tables >= 0


def test_ended_process_gives_its_memory_back(play, story, scenario):
    phase = Phase(workload="page-cache-first", duration_ms=1000, bytes=64 * MIB)
    process = Process(id="cache", socket="cpu0", phases=(phase,))
    run = play(story(), scenario(processes=(process,)), ticks=15)
    assert run.writer.column("node0.anon")[8] == 32 * MIB // 4096
    assert run.writer.column("node0.anon")[-1] == 0
    assert run.writer.column("node0.kernel")[-1] == 0
    assert run.writer.column("node0.file")[-1] == 32 * MIB // 4096  # the page cache stays
    assert [e.kind for e in run.writer.events] == ["phase", "exit"]
