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


def acpi_table(signature, body):
    table = bytearray(signature + (36 + len(body)).to_bytes(4, "little") + b"\3" + bytes(27) + body)
    table[9] = -sum(table) & 0xFF
    return bytes(table)


BOMBS = {
    "tiny structures": acpi_table(b"CEDT", b"\x09\0\4\0" * 400_000),
    "windows": acpi_table(b"CEDT", b"\1\0\x24\0" * 50_000),
    "domains": acpi_table(
        b"SRAT",
        bytes(12)
        + b"".join(b"\0\x10" + n.to_bytes(2, "little") + b"\1" + bytes(11) for n in range(9999)),
    ),
    "small tables": acpi_table(b"APIC", b"") * 20_000,
    "distances": acpi_table(b"SLIT", (1400).to_bytes(8, "little") + b"\x14" * 1400 * 1400),
    "no table": b"SRAT" + b"\0\0\0\1" * 2_000_000,
    "noise": bytes(range(256)) * 100_000,
    "numbers": b"[" + b"0," * 3_000_000 + b"0]",
    "objects": b'[{"memdev":"m","ram_size":1}' + b',{"memdev":"m"}' * 250_000 + b"]",
    "deep": b'{"bus":"root0","x":' * 20_000,
    "command": b"qemu-system-x86_64 -M q35 " + b"-device cxl-type3,bus=a,id=b " * 500_000,
    "lines": b"00000000-00000fff : System RAM\n" * 300_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_files_made_to_be_slow_are_not(name, tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name])
    started = time.process_time()
    try:
        import_sources([path])
    except ImportRefused as refused:
        assert "\n" not in str(refused)  # noqa: PT017
    assert time.process_time() - started < 3.0


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory):
    global FOLDER  # noqa: PLW0603  hypothesis runs many examples in one folder
    FOLDER = str(tmp_path_factory.mktemp("fuzz"))


FOLDER = ""
