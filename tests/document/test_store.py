"""Platform files: exact round trips, canonical form, and one error for everything broken."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxldesigner.document import atomic
from cxldesigner.document.model import GIB, Device, Document, HostBridge, Perf, Switch, Window
from cxldesigner.document.store import (
    DocumentError,
    canonical_bytes,
    load_document,
    loads,
    save_document,
)
from tests.build import documents, edited, edits, platform

VALID = canonical_bytes(platform(bridges=2, devices=2, switch=True, notes="größer – 大"))


@given(documents())
@example(Document())
def test_any_document_reads_back_equal_and_canonical(document: Document) -> None:
    data = canonical_bytes(document)
    again = loads(data, "x.cxld")
    assert again == document
    assert canonical_bytes(again) == data


@given(edits(max_size=30))
def test_any_edited_document_can_be_saved(sequence: list[Any]) -> None:
    document = edited(platform(devices=2), sequence)
    assert loads(canonical_bytes(document), "x") == document


def test_the_form_is_the_published_one() -> None:
    device = Device(id="mem0", volatile_bytes=256 * GIB, perf=Perf(read_latency_ns=150))
    window = Window(id="w0", base=0x1_0000_0000, size_bytes=4097, targets=("hb0",))
    document = Document(
        name="one",
        parts={"hb0": HostBridge(id="hb0"), "mem0": device},
        windows={"w0": window},
    )
    assert canonical_bytes(document).decode() == (
        '{\n  "$schema": "cxld-1.schema.json",\n  "format": "cxldesigner-platform",\n'
        '  "version": 1,\n  "name": "one",\n'
        '  "bridges": [\n    {\n      "id": "hb0"\n    }\n  ],\n'
        '  "devices": [\n    {\n      "id": "mem0",\n      "volatile_bytes": "256 GiB",\n'
        '      "perf": {\n        "read_latency_ns": 150\n      }\n    }\n  ],\n'
        '  "windows": [\n    {\n      "id": "w0",\n      "base": "0x100000000",\n'
        '      "size_bytes": 4097,\n      "targets": [\n        "hb0"\n      ]\n    }\n  ]\n}\n'
    )


def test_order_within_a_kind_is_kept() -> None:
    document = platform(bridges=2)
    turned = replace(document, windows=dict(reversed(document.windows.items())))
    assert list(loads(canonical_bytes(turned), "x").windows) == ["w1", "w0"]


def test_sizes_and_addresses_are_read_in_every_form() -> None:
    def size(value: Any) -> int:
        raw = {"format": "cxldesigner-platform", "version": 1}
        raw["devices"] = [{"id": "m", "volatile_bytes": value}]  # type: ignore[assignment]
        part = loads(json.dumps(raw).encode(), "x").parts["m"]
        assert isinstance(part, Device)
        return part.volatile_bytes

    assert size("256 GiB") == size("256g") == size(256 * GIB) == size("0x4000000000") == 256 * GIB


def _changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(VALID), **changes}).encode()


def _device(**fields: Any) -> bytes:
    return json.dumps(
        {
            "format": "cxldesigner-platform",
            "version": 1,
            "devices": [{"id": "mem0"}, {"id": "mem1", **fields}],
        }
    ).encode()


def _link(up: str, down: str, **more: Any) -> dict[str, str]:
    return {"id": "k9", "upstream": up, "downstream": down, **more}


LOOP = json.dumps(
    {
        "format": "cxldesigner-platform",
        "version": 1,
        "switches": [{"id": "sw0"}, {"id": "sw1"}],
        "links": [
            {"id": "k0", "upstream": "sw0:d0", "downstream": "sw1:up"},
            {"id": "k1", "upstream": "sw1:d0", "downstream": "sw0:up"},
        ],
    }
).encode()

BROKEN: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "line 1, column 1", "not valid JSON"),
    "truncated": (VALID[: len(VALID) // 2], "line", "not valid JSON"),
    "binary": (b"\x7fELF\x02\x00\xff\xfe", "byte 6", "UTF-8"),
    "deep": (b"[" * 200_000, "", "nested too deeply"),
    "deep inside": (VALID[:-3] + b', "x": ' + b'{"a":' * 100_000, "", "nested too deeply"),
    "a list": (b"[1]", "", "must be an object"),
    "other json": (b'{"devices": []}', "format", '"cxldesigner-platform"'),
    "newer": (_changed(version=7), "", "version 7"),
    "no version": (_changed(version=None), "version", "version number"),
    "version true": (_changed(version=True), "version", "version number"),
    "unknown top": (_changed(extra=1), "extra", "not known"),
    "unknown key": (_device(colour="red"), "devices[1].colour", "known keys"),
    "unknown nested": (_device(perf={"x": 1}), "devices[1].perf.x", "not known"),
    "wrong type": (_device(cdat=1), "devices[1].cdat", "not known"),
    "text for number": (_device(hdm_decoders="4"), "devices[1].hdm_decoders", "whole number"),
    "true for number": (_device(hdm_decoders=True), "devices[1].hdm_decoders", "whole number"),
    "float for number": (_device(serial=1.5), "devices[1].serial", "whole number"),
    "list for object": (_device(perf=[]), "devices[1].perf", "an object"),
    "bad size": (_device(volatile_bytes="12 parsecs"), "devices[1].volatile_bytes", "256 GiB"),
    "decimal size": (_device(volatile_bytes="12 GB"), "devices[1].volatile_bytes", "GiB"),
    "negative": (_device(volatile_bytes=-1), "devices[1].volatile_bytes", "between 0 and"),
    "too large": (_device(volatile_bytes=1 << 64), "devices[1].volatile_bytes", "between 0"),
    "endless": (_device(serial=0).replace(b'l": 0', b'l": ' + b"9" * 9000), "", "digits"),
    "hundreds of digits": (
        _device(serial=10**400), "devices[1].serial", "more than 60 digits",
    ),
    "float overflow": (_device(speed_gts=32).replace(b"32", b"1e999"), "devices[1]", "not inf"),
    "nan": (_device(serial=float("nan")), "NaN", "no number"),
    "infinity": (_device(serial=float("-inf")), "-Infinity", "no number"),
    "speed": (_device(speed_gts=33), "devices[1].speed_gts", "one of 2.5, 5"),
    "no id": (_device(id=None), "devices[1].id", "text"),
    "bad id": (_device(id="Mem 1"), "devices[1].id", '"Mem 1"'),
    "id with newline": (_device(id="mem1\n"), "devices[1].id", "id of lower-case"),
    "long id": (_device(id="m" * 64), "devices[1].id", "63"),
    "twice": (_device(id="mem0"), "devices[1].id", "used twice"),
    "twice over kinds": (_changed(windows=[{"id": "mem0"}]), "windows[0].id", "used twice"),
    "key twice": (b'{"format": "x", "format": "y"}', "format", "twice"),
    "surrogate": (_device(name="\ud800"), "devices[1].name", "UTF-8"),
    "surrogate key": (_changed(**{"\udc00": 1}), "\\udc00", "not known"),
    "surrogate id": (_device(id="a\ud800"), "devices[1].id", "UTF-8"),
    "many ports": (
        _changed(switches=[{"id": "sw9", "downstream": 10**9}]),
        "switches[0].downstream",
        "between 1 and 256",
    ),
    "layout infinite": (
        _changed(layout={"mem0": {"x": 0, "y": 1}}).replace(b'"y": 1', b'"y": 1e999'),
        "layout.mem0.y",
        "no number",
    ),
    "layout of nothing": (_changed(layout={"nn": {"x": 0, "y": 1}}), "layout", "nn"),
    "layout list": (_changed(layout=[]), "layout", "an object"),
    "dangling link": (_changed(links=[_link("rp0:down", "mem7:up")]), "links[0]", "mem7:up"),
    "no such port": (_changed(links=[_link("sw0:d9", "mem0:up")]), "links[0]", "sw0:d9"),
    "unfit": (_changed(links=[_link("s0:io", "mem0:up")]), "links[0]", "do not fit"),
    "upside down": (_changed(links=[_link("mem0:up", "rp0:down")]), "links[0]", "do not fit"),
    "port twice": (
        _changed(links=[_link("sw0:d0", "mem0:up"), _link("sw0:d0", "mem1:up", id="k8")]),
        "links[1]",
        "already in use by link k9",
    ),
    "link to a number": (_changed(links=[_link("sw0:d0", 3)]), "links[0].downstream", "text"),  # type: ignore[arg-type]
    "circle": (LOOP, "links[0]", "circle"),
    "no ends": (_changed(links=[{"id": "k9"}]), "links[0].upstream", "missing"),
    "target": (_changed(windows=[{"id": "w9", "targets": ["mem0"]}]), "windows[0].targets[0]",
               "mem0"),
    "distance": (
        _changed(host={"distances": [{"a": "s0", "b": "zz", "value": 10}]}),
        "host.distances[0].b",
        "zz",
    ),
    "map": (
        _changed(host={"memory_map": [{"start": "0x10", "end": "0x0"}]}),
        "host.memory_map[0]",
        "begin before",
    ),
    "table": (
        _changed(tables=[{"signature": "CEDT", "raw": "*", "generated_sha256": ""}]),
        "tables[0].raw",
        "base64",
    ),
    "table not ascii": (
        _changed(tables=[{"signature": "CEDT", "raw": "é", "generated_sha256": ""}]),
        "tables[0].raw",
        "base64",
    ),
    "lists": (_changed(devices={"id": "mem0"}), "devices", "a list"),
    "number for list": (_changed(actions=4), "actions", "a list"),
    "number in actions": (_changed(actions=["x", 4]), "actions[1]", "text"),
    "policy": (
        _changed(scenarios=[{"id": "x", "processes": [{"id": "p", "policy": {"mode": "best"}}]}]),
        "scenarios[0].processes[0].policy.mode",
        "interleave",
    ),
    "process twice": (
        _changed(scenarios=[{"id": "x", "processes": [{"id": "p"}, {"id": "p"}]}]),
        "scenarios[0].processes[1].id",
        "used twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_give_one_sentence_with_file_place_and_reason(case: str) -> None:
    data, place, reason = BROKEN[case]
    with pytest.raises(DocumentError) as caught:
        loads(data, "broken.cxld")
    error = caught.value
    assert error.file == "broken.cxld"
    assert place in error.place
    assert reason in error.reason
    assert str(error).startswith("broken.cxld: ")
    assert "\n" not in str(error)
    str(error).encode()


def _document_or_error(data: bytes) -> None:
    started = time.process_time()
    try:
        assert isinstance(loads(data, "x"), Document)
    except DocumentError as error:
        str(error).encode()
    assert time.process_time() - started < 1


@given(st.binary())
def test_any_bytes_give_a_document_or_the_error(data: bytes) -> None:
    _document_or_error(data)


def test_every_truncation_gives_the_error() -> None:
    for length in range(0, len(VALID) - 2, 7):
        with pytest.raises(DocumentError):
            loads(VALID[:length], "x")


@given(
    st.lists(
        st.tuples(st.integers(0, len(VALID)), st.integers(0, 6), st.binary(max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_any_damage_gives_a_document_or_the_error(cuts: list[tuple[int, int, bytes]]) -> None:
    data = VALID
    for start, length, instead in cuts:
        data = data[:start] + instead + data[start + length :]
    _document_or_error(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=200)
def test_any_value_anywhere_gives_a_document_or_the_error(data: st.DataObject) -> None:
    raw = json.loads(VALID)
    node: Any = raw
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            node[key] = data.draw(json_values)
            break
        node = node[key]
    _document_or_error(json.dumps(raw).encode("utf-8", "surrogatepass"))


def test_a_large_valid_file_opens_fast_enough() -> None:
    switches = {f"sw{i}": Switch(id=f"sw{i}", downstream=32) for i in range(2000)}
    data = canonical_bytes(Document(parts=switches))
    started = time.process_time()
    assert len(loads(data, "x").parts) == 2000
    assert time.process_time() - started < 2


# --- files ----------------------------------------------------------------------------------


def test_save_and_load(tmp_path: Path) -> None:
    path = tmp_path / "böard.cxld"
    document = platform(bridges=2)
    save_document(document, path)
    assert load_document(path) == document
    assert path.read_bytes() == canonical_bytes(document)
    assert [p.name for p in tmp_path.iterdir()] == ["böard.cxld"]


def test_save_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    path, link = tmp_path / "real.cxld", tmp_path / "link.cxld"
    save_document(platform(), path)
    path.chmod(0o640)
    link.symlink_to(path)
    save_document(platform(bridges=2), link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load_document(path) == platform(bridges=2)


def test_new_files_follow_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        save_document(platform(), tmp_path / "a.cxld")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.cxld").stat().st_mode) == 0o640


@pytest.mark.parametrize("step", ["fsync", "fdopen", "open"])
def test_a_failed_save_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.cxld"
    save_document(platform(), path)

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, step, full)
    with pytest.raises(DocumentError, match=r"a\.cxld: .*No space left"):
        save_document(platform(bridges=2), path)
    monkeypatch.undo()
    assert load_document(path) == platform()
    assert [p.name for p in tmp_path.iterdir()] == ["a.cxld"]


def test_a_document_no_file_can_hold_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.cxld"
    save_document(platform(), path)
    wrong = (
        replace(platform(), name="\ud800"),
        replace(platform(), parts={"mem0": Device(id="mem0", volatile_bytes=-1)}, links={}),
    )
    for document in wrong:
        with pytest.raises(DocumentError):
            save_document(document, path)
    assert load_document(path) == platform()


def test_unreadable_paths_give_the_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cxld")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("missing.cxld", ".", "pipe.cxld", "loop", "a\0b", "n" * 300):
        with pytest.raises(DocumentError):
            load_document(tmp_path / name)
    for name in (".", "loop", "pipe.cxld", "no/folder.cxld", "a\0b", "n" * 300):
        with pytest.raises(DocumentError):
            save_document(platform(), tmp_path / name)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.cxld"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DocumentError, match="has 1099511627776 bytes"):
        load_document(path)


def test_reading_needs_no_heavy_library() -> None:
    code = (
        "import sys, cxldesigner.document.store; "
        "print([m for m in ('msgspec', 'numpy', 'PySide6', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
