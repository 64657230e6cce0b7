"""The real engine in the worker: same seed, same recording."""

import time
from dataclasses import replace
from pathlib import Path

from cxldesigner.document.model import GIB, MIB, Document, Phase, Process, Scenario
from cxldesigner.document.store import canonical_bytes
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.runner import protocol
from cxldesigner.runner.handle import RunHandle
from tests.build import platform

PATIENCE = 110.0  # the first run on a machine compiles the page kernels
REGION = "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0"


def story(seed: int) -> Document:
    cache = Process(
        id="kv",
        socket="s0",
        phases=(Phase(workload="zipf-cache", duration_ms=60_000, bytes=1200 * MIB),),
    )
    scenario = Scenario(
        id="s",
        seed=seed,
        duration_ms=3_000,
        granule_pages=16,
        demotion=True,
        numa_balancing=2,
        processes=(cache,),
    )
    made = platform(dram_bytes=GIB, device_bytes=GIB)
    return replace(made, actions=(REGION,), scenarios={"s": scenario})


def play(path: Path, seed: int, inject: str = "") -> list[protocol.Message]:
    said: list[protocol.Message] = []
    with RunHandle(canonical_bytes(story(seed)), "s", path) as handle:
        handle.start(paused=bool(inject))
        if inject:
            handle.inject(inject)
            handle.resume()
        until = time.monotonic() + PATIENCE
        while not any(isinstance(m, protocol.Finished | protocol.Failed) for m in said):
            assert time.monotonic() < until, said
            said += handle.poll()
            time.sleep(0.01)
    assert said[-1] == protocol.Finished(30), said[-1]
    return said


def test_the_same_seed_gives_the_same_recording(tmp_path: Path) -> None:
    digests = []
    for run, seed in enumerate((4, 4, 5)):
        path = tmp_path / f"{run}.cxlrec"
        play(path, seed)
        with RecordingReader(path) as reader:
            assert reader.meta.complete
            assert reader.ticks == 30
            assert reader.value("vmstat.pgfault", 29) > 0
            digests.append(reader.digest())
    assert digests[0] == digests[1] != digests[2]


def test_an_injected_action_is_recorded_as_input(tmp_path: Path) -> None:
    path = tmp_path / "a.cxlrec"
    said = play(path, 4, "cxl create-region -m -t ram -d decoder0.9 mem9")

    injected = [m for m in said if isinstance(m, protocol.Injected)]
    assert len(injected) == 1
    assert injected[0].tick == 0
    assert injected[0].error, "there is no mem9"
    with RecordingReader(path) as reader:
        assert "cxl create-region -m -t ram -d decoder0.9 mem9" in [
            e.text for e in reader.events(0, 1)
        ]
