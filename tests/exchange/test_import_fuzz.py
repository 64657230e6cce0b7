"""Mutated real files: an import ends with a document or with one refusal, soon."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.notes import ImportRefused

DATA = Path(__file__).parent / "data"
T10 = DATA / "machines" / "t10-2socket"
SLOW = [HealthCheck.function_scoped_fixture]
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 70), 1 << 70),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(("mem0", "root0", "decoder0.0", "pci0000:0c", "0x10", "1.00 GiB (1 GB)")),
    st.just([]),
    st.just({}),
    st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=2), max_size=2),
)


def attempt(*paths):
    started = time.perf_counter()
    refusal = ""
    try:
        document = import_sources(paths).document
    except ImportRefused as refused:
        refusal, document = str(refused), None
    assert time.perf_counter() - started < 1.0
    assert "\n" not in refusal
    assert document is None or document.layout.keys() >= document.parts.keys()


@pytest.mark.parametrize("name", ["CEDT.dat", "SRAT.dat", "SLIT.dat"])
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_mutated_tables(name, data, tmp_path):
    raw = bytearray((T10 / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(raw)
    others = [T10 / n for n in ("CEDT.dat", "SRAT.dat", "cxl-list.json", "iomem.txt") if n != name]
    attempt(path, *others)


def places(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield (*path, i)
            yield from places(item, (*path, i))


LIST = json.loads((DATA / "cxl-list" / "captured-t4-with-region.json").read_text())
PLACES = list(places(LIST))


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(st.lists(st.tuples(st.sampled_from(PLACES), HOSTILE), min_size=1, max_size=4))
def test_mutated_lists(changes):
    value = json.loads(json.dumps(LIST))
    for path, replacement in changes:
        target = value
        try:
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = replacement
        except (TypeError, KeyError, IndexError):
            continue
    file = Path(FOLDER) / "cxl-list.json"
    file.write_text(json.dumps(value))
    attempt(file)


COMMAND = (DATA / "machines" / "a08-tiers3" / "qemu.cmd").read_text()


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_mutated_command_lines(data):
    text = COMMAND
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(20, len(text) - 1))
        length = data.draw(st.integers(0, 6))
        piece = data.draw(st.sampled_from((",", "=", "-", "0x", "9999999", "'", "G", "-numa node")))
        text = text[:at] + piece + text[at + length :]
    file = Path(FOLDER) / "qemu.cmd"
    file.write_text(text)
    attempt(file)


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory):
    global FOLDER  # noqa: PLW0603  hypothesis runs many examples in one folder
    FOLDER = str(tmp_path_factory.mktemp("fuzz"))


FOLDER = ""
