"""The first example's story, and that changing one thing visibly changes it."""

from __future__ import annotations

import numpy as np
import pytest

from cxldesigner.document.model import GIB, Policy, PolicyMode


def last_ops(run) -> float:
    return float(run.writer.column("process.cache.ops")[-100:].mean())


def first_tick(values) -> int:
    return int(np.argmax(values > 0))


@pytest.fixture
def told(play, story, scenario):
    return play(story(), scenario())


def test_dram_fills_then_spills_then_is_sorted(told):
    sink = told.writer
    near, far = sink.column("node0.anon"), sink.column("node1.anon")
    promoted, demoted = sink.column("node0.promoted"), sink.column("node0.demoted")
    latency = sink.column("process.cache.latency_ns")
    spill, switched_on = first_tick(far), 320
    assert 100 < spill < 250  # DRAM is full after 10 to 25 seconds
    assert near[spill - 1] > 0.9 * near.max()
    assert demoted[: spill - 1].sum() == 0
    assert demoted[spill:switched_on].sum() > 5_000
    assert promoted[:switched_on].sum() == 0
    assert promoted[switched_on:].sum() > 5_000
    local = latency[spill - 50 : spill].mean()
    spilled = latency[switched_on - 50 : switched_on].mean()
    assert spilled > 1.1 * local
    assert latency[-100:].mean() < local + 0.4 * (spilled - local)
    assert [e.kind for e in sink.events] == ["phase", "action"]


def test_one_change_changes_the_end(told, play, story, scenario):
    tiered = last_ops(told)
    no_promotion = last_ops(play(story(), scenario(events=())))
    no_demotion = last_ops(play(story(), scenario(demotion=False)))
    far_only = Policy(mode=PolicyMode.BIND, nodes=(1,))
    bound = last_ops(play(story(), scenario(policy=far_only)))
    large = last_ops(play(story(dram=4 * GIB), scenario()))
    assert bound < 0.9 * no_demotion
    assert no_demotion < 0.95 * no_promotion
    assert no_promotion < 0.97 * tiered
    assert tiered < large


def test_interleave_uses_both_from_the_start(play, story, scenario):
    policy = Policy(mode=PolicyMode.INTERLEAVE, nodes=(0, 1))
    sink = play(story(), scenario(policy=policy), ticks=50).writer
    near, far = sink.column("process.cache.node0"), sink.column("process.cache.node1")
    np.testing.assert_allclose(near, far, atol=8)


def test_without_room_the_process_is_killed(play, story, scenario):
    small = play(story(cxl=GIB // 2), scenario(demotion=False))
    kinds = [event.kind for event in small.writer.events]
    assert "oom" in kinds
    assert small.writer.column("vmstat.oom_kill")[-1] == 1
    assert small.writer.column("process.cache.ops")[-1] == 0
    assert small.writer.column("node0.anon")[-1] == 0
