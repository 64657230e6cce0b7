"""CPU time of a derivation from nothing, and how it grows with devices."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from cxldesigner.document.model import GIB, Document, Perf
from cxldesigner.linux.derive import derive

pytestmark = pytest.mark.bench

FIGURES = Perf(
    read_latency_ns=150,
    write_latency_ns=150,
    read_bandwidth_mbps=30_000,
    write_bandwidth_mbps=30_000,
)


def fresh(document: Document) -> Document:
    """Return an equal document that no stage has seen."""
    return replace(
        document,
        parts=dict(document.parts),
        links=dict(document.links),
        windows=dict(document.windows),
        host=replace(document.host),
    )


def cpu_ms(document: Document) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        derive(fresh(document))
        best = min(best, (time.process_time() - start) * 1000)
    return best


def large(platform, devices: int, regions: int) -> Document:
    made = platform(sockets=2)
    for bridge in range(4):
        name = f"hb{bridge}"
        made.bridge(name, f"cpu{bridge % 2}", generic_port_pxm=10 + bridge, perf=FIGURES)
        for number in range(devices // 4):
            made.device(f"d{bridge}x{number}", name, volatile_bytes=256 * GIB, perf=FIGURES)
        made.window(f"w{bridge}", (name,), size_bytes=devices * 64 * GIB)
    made.host = replace(made.host, hmat=True)
    return made.document(
        *(
            f"cxl create-region -m -t ram -d decoder0.{r % 4} d{r % 4}x{r // 4}"
            for r in range(regions)
        )
    )


def test_twenty_devices_in_sixteen_regions(platform) -> None:
    document = large(platform, 20, 16)
    assert all(r.exit == 0 for m in derive(document).moments for r in m.results)
    assert cpu_ms(document) < 40


def test_time_grows_no_faster_than_devices(platform) -> None:
    few, many = (cpu_ms(large(platform, n, 4)) for n in (64, 256))
    assert many < 100
    assert many < 6 * few
