"""Compile the page kernels ahead of time: ``python -m cxldesigner.engine.warm``.

Plays a machine small enough to take every path within seconds (fill, spill, direct reclaim,
demotion, promotion, offline, policies, swap, exit), so that numba compiles each kernel for the
types it will meet and keeps it in ``NUMBA_CACHE_DIR``. Set-up calls it; the first run of a user
then starts at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxldesigner.document.model import (
    MIB,
    Device,
    Document,
    HostBridge,
    Link,
    Phase,
    Policy,
    PolicyMode,
    Process,
    RootPort,
    Scenario,
    Socket,
    TimedEvent,
    Window,
)
from cxldesigner.engine.run import Run
from cxldesigner.recording.model import Event, Meta, Migration, PageMap

SMALL = 256 * MIB


class Nowhere:
    """A sink that keeps nothing."""

    def __init__(self, meta: Meta) -> None:
        self.meta = meta

    def tick(
        self,
        row: np.ndarray,
        events: Sequence[Event] = (),
        migrations: Sequence[Migration] = (),
        page_maps: Sequence[PageMap] = (),
    ) -> None:
        """Drop one tick."""


def main() -> None:
    """Play the small machine under each memory policy."""
    for mode in PolicyMode:
        run = Run(_platform(mode), "warm", Nowhere)
        while not run.done:
            run.step()


def _platform(mode: PolicyMode) -> Document:
    nodes = () if mode is PolicyMode.DEFAULT else (0, 1)
    areas = (("page-cache-first", 160), ("moving-hot-set", 96), ("zipf-cache", 96), ("scan", 32))
    processes = tuple(
        Process(
            id=f"p{i}",
            socket="s0",
            policy=Policy(mode=mode, nodes=nodes),
            phases=(
                Phase(
                    workload=name,
                    duration_ms=4500,
                    bytes=size * MIB,
                    parameters={"fill_mbps": 400},
                ),
            ),
        )
        for i, (name, size) in enumerate(areas)
    )
    scenario = Scenario(
        id="warm",
        duration_ms=5000,
        demotion=True,
        numa_balancing=2,
        swap_bytes=SMALL,
        processes=processes,
        events=(TimedEvent(at_ms=3000, command="daxctl offline-memory dax0.0"),),
    )
    return Document(
        parts={
            "s0": Socket(id="s0", dram_bytes=SMALL),
            "hb0": HostBridge(id="hb0"),
            "rp0": RootPort(id="rp0"),
            "mem0": Device(id="mem0", volatile_bytes=SMALL),
        },
        links={
            "k0": Link(id="k0", upstream="s0:io", downstream="hb0:up"),
            "k1": Link(id="k1", upstream="hb0:rp", downstream="rp0:up"),
            "k2": Link(id="k2", upstream="rp0:down", downstream="mem0:up"),
        },
        windows={"w0": Window(id="w0", size_bytes=SMALL, targets=("hb0",))},
        actions=(
            "echo online_movable > /sys/devices/system/memory/auto_online_blocks",
            "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0",
        ),
        scenarios={scenario.id: scenario},
    )


if __name__ == "__main__":
    main()
