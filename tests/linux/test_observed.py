from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document.store import DocumentError
from cxldesigner.linux.derive import derive
from cxldesigner.linux.observed import read_observed
from cxldesigner.linux.snapshot import snapshot

ZONES = {"DMA": {"managed": 3840, "min": 10, "low": 12, "high": 15}, "DMA32": {"managed": 500000}}
SNAPSHOT = {"nodes": {"0": {"MemTotal_kB": 1, "zones": ZONES}, "1": {"cpulist": "1"}}}


@pytest.mark.parametrize(
    "value",
    [
        SNAPSHOT,
        {"kernel": "6.12", "snapshots": {"boot": SNAPSHOT, "later": {}}},
        {"moments": [{"label": "boot", **SNAPSHOT}, {"label": "end"}]},
    ],
)
def test_a_snapshot_is_found_in_every_file_that_has_one(value) -> None:
    found = read_observed(json.dumps(value).encode(), "boot.json")
    assert found[0, "DMA32"].managed == 500000
    assert found[0, "DMA32"].marks is None
    marks = found[0, "DMA"].marks
    assert marks is not None
    assert (marks.min, marks.low, marks.high, marks.promo) == (10, 12, 15, 18)


def test_what_was_observed_is_what_is_shown(plain) -> None:
    first = snapshot(derive(plain).current)
    first["nodes"]["0"]["zones"]["DMA32"]["managed"] -= 1234
    observed = read_observed(json.dumps(first).encode(), "boot.json")
    derivation = derive(plain, observed)
    assert snapshot(derivation.current) == {
        **first,
        "nodes": {
            **first["nodes"],
            "0": {
                **first["nodes"]["0"],
                "MemTotal_kB": first["nodes"]["0"]["MemTotal_kB"] - 4 * 1234,
            },
        },
    }
    assert all(z.managed_known for z in derivation.current.nodes[0].zones)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([], "not a JSON object"),
        ({}, "nodes"),
        ({"snapshots": {}}, "snapshots.boot"),
        ({"nodes": {"x": {}}}, "nodes.x"),
        ({"nodes": {"0": 5}}, "nodes.0"),
        ({"nodes": {"0": {"zones": []}}}, "nodes.0.zones"),
        ({"nodes": {"0": {"zones": {"DMA": 1}}}}, "nodes.0.zones.DMA"),
        ({"nodes": {"0": {"zones": {"DMA": {"managed": -1}}}}}, "nodes.0.zones.DMA.managed"),
        ({"nodes": {"0": {"zones": {"DMA": {"managed": True}}}}}, "nodes.0.zones.DMA.managed"),
        ({"nodes": {"0": {}}}, "no memory zone"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(value, place: str) -> None:
    with pytest.raises(DocumentError, match=r"^boot\.json: ") as raised:
        read_observed(json.dumps(value).encode(), "boot.json")
    assert place in str(raised.value)
    assert "\n" not in str(raised.value)


@given(st.binary(max_size=200) | st.just(b"[" * 100_000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read_observed(data, "x")
