from __future__ import annotations

import numpy as np
import pytest

from cxldesigner.workloads.model import COMMON
from cxldesigner.workloads.registry import WORKLOADS, file_pages, make_generator

PAGE = 4096
FILL_ALL = {"fill_mbps": 1e6}


def generator(workload: str, pages: int = 1000, seed: int = 1, **parameters: float):
    return make_generator(
        workload, {**FILL_ALL, **parameters}, pages, PAGE, np.random.default_rng(seed)
    )


@pytest.mark.parametrize("workload", WORKLOADS)
def test_fills_every_page_once_in_order_then_stays_inside(workload):
    source = generator(workload)
    first = source.batch(0, 100)
    assert first.tolist() == list(range(1000))
    later = source.batch(5000, 100)
    assert len(later) == 5000
    assert later.min() >= 0
    assert later.max() < 1000


@pytest.mark.parametrize("workload", WORKLOADS)
def test_fill_rate_and_no_visit_to_pages_not_filled(workload):
    source = generator(workload, fill_mbps=0.4096)  # one page in 10 ms
    seen = 0
    for tick in range(1, 20):
        pages = source.batch(100, 25)
        filled = tick * 25 // 10
        assert pages[: filled - seen].tolist() == list(range(seen, filled))
        assert (pages < filled).all()
        seen = filled


@pytest.mark.parametrize("workload", WORKLOADS)
def test_same_seed_same_visits(workload):
    a, b, c = (generator(workload, seed=seed) for seed in (5, 5, 6))
    for source in (a, b, c):
        source.batch(0, 100)
    visits = [source.batch(2000, 100).tolist() for source in (a, b, c)]
    assert visits[0] == visits[1]
    assert workload == "scan" or visits[0] != visits[2]


@pytest.mark.parametrize(("exponent", "expected"), [(0.0, 0.1), (0.99, 0.67), (1.5, 0.95)])
def test_zipf_share_of_the_hottest_tenth(exponent, expected):
    source = generator("zipf-cache", exponent=exponent)
    source.batch(0, 100)
    counts = np.sort(np.bincount(source.batch(200_000, 100), minlength=1000))[::-1]
    assert counts[:100].sum() / counts.sum() == pytest.approx(expected, abs=0.03)


def test_scan_goes_round():
    source = generator("scan", pages=10)
    source.batch(0, 100)
    assert source.batch(7, 100).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert source.batch(5, 100).tolist() == [7, 8, 9, 0, 1]


def test_hot_set_gets_its_share_and_moves():
    source = generator("moving-hot-set", hot_share=0.1, hot_visits=0.9, period_s=1, step_share=0.5)
    source.batch(0, 100)
    before = source.batch(10_000, 500)
    assert ((before < 100).sum()) / 10_000 == pytest.approx(0.91, abs=0.02)
    source.batch(0, 500)
    after = source.batch(10_000, 100)
    assert ((after >= 500) & (after < 600)).sum() / 10_000 == pytest.approx(0.91, abs=0.02)


def test_page_cache_first_reads_files_before_the_heap():
    source = generator("page-cache-first", file_share=0.3, file_visits=0.1)
    assert file_pages(1000, {"file_share": 0.3}) == 300
    assert source.batch(0, 100)[:300].tolist() == list(range(300))
    visits = source.batch(20_000, 100)
    assert (visits < 300).mean() == pytest.approx(0.1, abs=0.01)


def test_every_parameter_has_a_default_in_range():
    for spec in WORKLOADS.values():
        names = [p.name for p in spec.parameters]
        assert len(set(names)) == len(names)
        assert set(names) >= {p.name for p in COMMON}
        for parameter in spec.parameters:
            assert parameter.minimum <= parameter.default <= parameter.maximum
            assert parameter.help


def test_unknown_parameter_is_refused():
    with pytest.raises(KeyError, match="heat"):
        WORKLOADS["uniform"].values({"heat": 1})
