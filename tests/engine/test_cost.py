"""The cost model against published measurements (R1, R4, R6, G1) and its rules."""

from __future__ import annotations

import numpy as np
import pytest

from cxldesigner.engine.cost import CostModel, Demand, Stage, loaded, write_factor
from cxldesigner.engine.fabric import cost_model, link_latency_ns, payload_mbps
from cxldesigner.linux.derive import derive

# R1: STREAM in MB/s, DRAM only, CXL only, 1:1 interleave, 9:1 heap only.
STREAM = {
    "copy": (200_923.2, 22_209.7, 44_666.2, 205_827.0),
    "scale": (202_123.0, 22_288.2, 44_781.6, 208_171.8),
    "add": (208_873.2, 24_419.1, 48_600.7, 217_352.0),
    "triad": (208_523.8, 24_484.6, 48_727.5, 216_884.8),
}
# R6: GB of redis on CXL -> run time relative to DRAM only; all 51.4 GB on CXL: 1.19.
REDIS = (
    (0.6, 1.00),
    (10.6, 1.05),
    (20.5, 1.08),
    (30.5, 1.12),
    (40.5, 1.14),
    (47.6, 1.18),
    (50.4, 1.18),
)


def two_nodes(dram_mbps: float, cxl_mbps: float) -> CostModel:
    stages = [
        Stage(name="dram", latency_ns=90, read_mbps=dram_mbps, shared=True, curve=0.05),
        Stage(name="cxl", latency_ns=250, read_mbps=cxl_mbps, write_mbps=cxl_mbps),
    ]
    return CostModel(stages, [[((0, 1.0),), ((1, 1.0),)]])


def bandwidth(
    model: CostModel, *share: float, threads: float = 64, write_share: float = 0
) -> float:
    demand = Demand(
        home=0, threads=64, mlp=16, compute_ns=0, write_share=write_share,
        share=np.array(share),
    )  # fmt: skip
    return float(model.solve([demand]).ops[0] * 64 / 1e6)


@pytest.mark.parametrize("kernel", STREAM)
def test_r1_interleave_bandwidth(kernel):
    dram, cxl, even, nine_to_one = STREAM[kernel]
    model = two_nodes(dram, cxl)
    assert bandwidth(model, 1, 0) == pytest.approx(dram, rel=0.01)
    assert bandwidth(model, 0, 1) == pytest.approx(cxl, rel=0.01)
    assert bandwidth(model, 0.5, 0.5) == pytest.approx(even, rel=0.02)
    assert bandwidth(model, 0.9, 0.1) == pytest.approx(nine_to_one, rel=0.10)


def test_r4_best_ratio_exists_and_moves_with_cxl_speed():
    shares = np.linspace(0, 0.5, 51)

    def best(cxl: float) -> float:
        model = two_nodes(100_000, cxl)
        return float(shares[np.argmax([bandwidth(model, 1 - s, s) for s in shares])])

    fast, slow = best(40_000), best(15_000)
    assert 0 < slow < fast < 0.5
    even = bandwidth(two_nodes(100_000, 40_000), 0.5, 0.5)
    assert even < bandwidth(two_nodes(100_000, 40_000), 1, 0)


def test_r6_run_time_is_linear_in_the_share_on_cxl():
    model = two_nodes(200_000, 25_000)

    def run_time(share: float, compute_ns: float) -> float:
        demand = Demand(
            home=0, threads=1, mlp=4, compute_ns=compute_ns, write_share=0.1,
            share=np.array([1 - share, share]),
        )  # fmt: skip
        return 1 / float(model.solve([demand]).ops[0])

    low, high = 0.0, 1000.0
    for _ in range(60):  # the compute time that makes CXL-only 1.19 times as long
        middle = (low + high) / 2
        if run_time(1, middle) / run_time(0, middle) > 1.19:
            low = middle
        else:
            high = middle
    for gigabytes, measured in REDIS:
        modelled = run_time(gigabytes / 51.4, low) / run_time(0, low)
        assert modelled == pytest.approx(measured, abs=0.012)


def test_g1_loaded_latency():
    use = np.array([0, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 2.0])
    dram = loaded(np.ones(9), use, np.full(9, 0.05))
    cxl = loaded(np.ones(9), use, np.full(9, 0.08))
    np.testing.assert_allclose(
        dram, [1, 1.05, 1.13, 1.28, 1.49, 1.56, 1.86, 2.38, 2.38], atol=0.011
    )
    expected = [1, 1.05, 1.13, 1.29, 1.56, 1.66, 2.10, 2.92, 2.92]
    np.testing.assert_allclose(cxl, expected, atol=0.011)


def test_g4_writes():
    np.testing.assert_allclose(write_factor(np.array([0, 0.25, 0.5, 1.0])), [1, 0.89, 0.83, 0.83])
    model = two_nodes(100_000, 20_000)
    assert bandwidth(model, 1, 0, write_share=0.5) == pytest.approx(83_000, rel=0.01)
    # a CXL link is full duplex: half writes, twice the bytes
    assert bandwidth(model, 0, 1, write_share=0.5) == pytest.approx(40_000, rel=0.01)


def test_g2_max_min_fair():
    model = two_nodes(100_000, 10_000)
    demands = [
        Demand(home=0, threads=t, mlp=4, compute_ns=0, write_share=0, share=np.array(share))
        for t, share in ((64, (0, 1)), (16, (0, 1)), (4, (1, 0)))
    ]
    load = model.solve(demands)
    mbps = load.ops * 64 / 1e6
    assert mbps[0] + mbps[1] == pytest.approx(10_000, rel=1e-3)
    assert mbps[0] / mbps[1] == pytest.approx(4, rel=0.05)
    alone = model.solve([demands[2]]).ops[0]
    assert load.ops[2] == pytest.approx(alone, rel=1e-6)
    assert load.utilisation[1] == pytest.approx(1.0, rel=1e-3)


def test_background_traffic_slows_the_rest():
    model = two_nodes(100_000, 20_000)
    demand = Demand(home=0, threads=8, mlp=4, compute_ns=0, write_share=0, share=np.array([0, 1.0]))
    alone = model.solve([demand])
    beside = model.solve([demand], read_mbps=np.array([0, 12_000.0]))
    assert beside.ops[0] < 0.7 * alone.ops[0]
    assert beside.read_mbps[1] <= 20_000 * 1.0001


def test_nothing_asked_nothing_used():
    model = two_nodes(100_000, 20_000)
    load = model.solve([])
    assert load.ops.shape == (0,)
    assert not load.utilisation.any()
    np.testing.assert_allclose(load.latency_ns, [[90, 250]])


@pytest.mark.parametrize(
    ("speed", "width", "mbps"), [(32, 8, 25_205), (32, 4, 12_602), (64, 8, 54_400), (5, 4, 1_600)]
)
def test_f1_f4_link_bandwidth(speed, width, mbps):
    assert payload_mbps(speed, width) == pytest.approx(mbps, abs=1)


def test_f3_link_latency():
    assert [link_latency_ns(s) for s in (32, 16, 8, 64)] == [17.0, 34.0, 68.0, 32.0]


def test_f18_defaults_of_a_drawn_machine(story):
    document = story()
    derivation = derive(document)
    model = cost_model(document, derivation.firmware, derivation.current)
    assert model.idle_latency(0, 0) == pytest.approx(90)
    assert model.idle_latency(0, 1) == pytest.approx(210)
    cable = next(stage for stage in model.stages if stage.item == "cable")
    assert cable.read_mbps == pytest.approx(25_205, abs=1)
