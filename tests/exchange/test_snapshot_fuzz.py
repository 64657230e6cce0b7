"""Mutated snapshots: an import ends with a document or with one refusal, soon."""

import base64
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.notes import ImportRefused
from tests.exchange.sysfstree import machine_tree
from tests.exchange.test_snapshot import SCRIPT, captured_bus

SLOW = [HealthCheck.function_scoped_fixture]
TEXTS = st.one_of(
    st.sampled_from(
        (
            "",
            "0x0",
            "-1",
            "0xffffffffffffffff",
            "18446744073709551616",
            "mem0",
            "region0",
            "decoder3.0",
            "decoder0.0",
            "port1",
            "root0",
            "1,2,3",
            "12," * 3000,
            "0-9999999",
            "Node 0, zone   Normal\n        present  99999999999999999999",
            "00000000-ffffffffffffffff : System RAM",
            "Linux version 999.999",
            "memhp_default_state=online_movable movablecore=50%",
        )
    ),
    st.text(max_size=30),
    st.integers(0, 1 << 65).map(hex),
)
VALUES = st.one_of(
    TEXTS,
    st.builds(lambda t: {"link": t}, TEXTS),
    st.binary(max_size=80).map(lambda b: {"base64": base64.b64encode(b).decode()}),
    st.sampled_from((None, 1, [], {}, {"link": 1}, {"base64": "?"})),
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Snapshots to start from, and a place to write the mutated ones to."""
    folder = tmp_path_factory.mktemp("snapshots")
    seeds = [captured_bus()]
    for name in ("t09-switch4", "t10-2socket", "t12-generic-port"):
        machine_tree(folder / name, name)
        seeds.append(SCRIPT.collect(folder / name))
    return folder / "cxl-snapshot.json", seeds


def attempt(path, value):
    """Import; returns whether there was a document."""
    path.write_text(json.dumps(value))
    started = time.process_time()
    try:
        document = import_sources([path]).document
    except ImportRefused as refused:
        assert "\n" not in str(refused)  # noqa: PT017
        document = None
    assert time.process_time() - started < 1.0
    assert document is None or document.layout.keys() >= document.parts.keys()
    return document is not None


@settings(max_examples=250, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_mutated_entries(data, recorded):
    path, seeds = recorded
    value = dict(data.draw(st.sampled_from(seeds)))
    paths = sorted(value)
    for _ in range(data.draw(st.integers(1, 8))):
        key = data.draw(st.sampled_from(paths))
        what = data.draw(st.integers(0, 3))
        if what == 0:
            value.pop(key, None)
        elif what == 1:
            value[key] = data.draw(VALUES)
        elif what == 2:
            value[key] = value.get(data.draw(st.sampled_from(paths)), "")
        else:
            value[key.replace("0", data.draw(st.sampled_from(("1", "7", "00", "x"))))] = data.draw(
                VALUES
            )
    attempt(path, value)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_mutated_tables(data, recorded):
    path, seeds = recorded
    value = dict(data.draw(st.sampled_from(seeds[1:])))
    tables = [p for p in value if "/acpi/tables/" in p]
    key = data.draw(st.sampled_from(tables))
    raw = bytearray(base64.b64decode(value[key]["base64"]))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    value[key] = {"base64": base64.b64encode(raw).decode()}
    attempt(path, value)


def test_the_seeds_themselves_are_good(recorded):
    path, seeds = recorded
    assert [attempt(path, seed) for seed in seeds] == [True] * len(seeds)


BUS = "/sys/bus/cxl/devices/"
MANY = range(2000)
ROOT = {f"{BUS}root0": {"link": "a/root0"}, f"{BUS}root0/dport1": {"link": "a/pci0000:0c"}}
BOMBS = {
    "devices": {
        **ROOT,
        **{f"{BUS}mem{n}": {"link": f"a/0000:{n:02x}:00.0/mem{n}"} for n in MANY},
    },
    "too many devices": {f"{BUS}mem{n}": {"link": f"a/mem{n}"} for n in range(30_000)},
    "windows": {
        **ROOT,
        **{f"{BUS}decoder0.{n}": {"link": f"a/root0/decoder0.{n}"} for n in MANY},
        **{f"{BUS}decoder0.{n}/size": "0x10000000" for n in MANY},
        **{f"{BUS}decoder0.{n}/start": hex((n + 16) << 28) for n in MANY},
    },
    "blocks": {f"/sys/devices/system/memory/memory{n}/state": "online" for n in range(60_000)},
    "dax": {
        "/sys/devices/system/memory/block_size_bytes": "1000",
        **{f"/sys/devices/system/memory/memory{n}/state": "online" for n in range(5000)},
        **{f"/sys/bus/dax/devices/dax{n}.0/size": "4096" for n in MANY},
    },
    "nodes": {f"/sys/devices/system/node/node{n}/cpulist": "0-9999" for n in range(1000)},
    "distances": {
        **{f"/sys/devices/system/node/node{n}/cpulist": f"{n}" for n in range(1000)},
        **{f"/sys/devices/system/node/node{n}/distance": "21 " * 1000 for n in range(1000)},
    },
    "depth": {
        **ROOT,
        **{
            f"{BUS}port{n}": {"link": "/".join(["root0", *(f"port{i}" for i in range(1, n))])}
            for n in range(1, 1500)
        },
    },
    "entries": {f"/sys/x{n}": "" for n in range(80_000)},
    "zoneinfo": {"/proc/zoneinfo": "Node 0, zone Normal\n present 9999999999999\n" * 100_000},
    "targets": {
        **ROOT,
        f"{BUS}decoder0.0": {"link": "root0/x"},
        f"{BUS}decoder0.0/target_list": "1," * 9999,
    },
}


@pytest.mark.parametrize("name", BOMBS)
def test_snapshots_made_to_be_slow_are_not(name, tmp_path):
    path = tmp_path / "bomb.json"
    path.write_text(json.dumps({"format": "cxl-snapshot 1", **BOMBS[name]}))
    started = time.process_time()
    try:
        import_sources([path])
    except ImportRefused as refused:
        assert "\n" not in str(refused)  # noqa: PT017
    assert time.process_time() - started < 3.0
