"""Every kind of bad file through every subcommand: exit 2, one line with file, place, reason."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cxldesigner.assets import resource
from cxldesigner.cli import main as cli_main
from cxldesigner.document.store import canonical_bytes
from tests.cli.conftest import story
from tests.recording.make_recording import make

DATA = Path(__file__).parent.parent / "exchange" / "data" / "machines" / "t10-2socket"
STORY = str(resource("examples", "story.cxld"))
GOOD = canonical_bytes(story())
CEDT = (DATA / "CEDT.dat").read_bytes()
LIST = (DATA / "cxl-list.json").read_bytes()
QEMU = b"qemu-system-x86_64 -machine q35,cxl=on -m 4G "
SQLITE = b"SQLite format 3\0"
BLOCKS = b'{"format": "cxldesigner-platform", "version": 1, "name": "x", "windows": '


def _edited(old: bytes, new: bytes) -> bytes:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


COMMANDS = {
    "derive": ("derive", "{}"),
    "derive-script": ("derive", STORY, "--actions", "{}"),
    "check": ("check", "{}", "--json"),
    "import": ("import", "{}", "-o", "{}.out.cxld"),
    "run": ("run", "{}", "--scenario", "story", "-o", "{}.out.cxlrec"),
    "report": ("report", "{}", "-o", "{}.out.html"),
    "demo": ("demo", "{}", "-o", "{}.out"),
    "export": ("export", "{}", "--to", "qemu", "-o", "{}.out"),
}
PLATFORM = {
    "empty.cxld": (b"", "line 1, column 1", "not valid JSON"),
    "truncated.cxld": (GOOD[: len(GOOD) // 2], "line ", "cut short"),
    "binary.cxld": (bytes(range(256)) * 64, "byte 128", "not text in UTF-8"),
    "utf16.cxld": (GOOD.decode().encode("utf-16"), "byte 0", "not text in UTF-8"),
    "deep.cxld": (b"[" * 200_000, "The file", "nested too deeply"),
    "inner.cxld": (BLOCKS + b"[" * 100_000 + b"]" * 100_000 + b"}", "", "nested too deeply"),
    "newer.cxld": (GOOD.replace(b'"version": 1', b'"version": 99'), "version 99", "version 1"),
    "type.cxld": (_edited(b'"seed": 4', b'"seed": "four"'), "scenarios[0].seed", "whole number"),
    "list.cxld": (b"[1, 2, 3]\n", "The file", "must be an object"),
    "number.cxld": (b"7\n", "The file", "must be an object"),
    "nan.cxld": (_edited(b'"seed": 4', b'"seed": NaN'), "NaN", "no number"),
    "twice.cxld": (_edited(b'"id": "hb0"', b'"id": "s0"'), "bridges[0].id", "used twice"),
    "key.cxld": (_edited(b'"seed": 4', b'"speed": 4'), "scenarios[0].speed", "not known here"),
    "other.cxld": (b'{"format": "another-tool", "version": 1}', "format", "not a platform file"),
    "recording.cxld": (SQLITE + bytes(5000), "line 1, column 1", "not valid JSON"),
}
IMPORTED = {
    "cut-CEDT.dat": (CEDT[: len(CEDT) // 2], "offset 0x0", "180 bytes"),
    "long-CEDT.dat": (CEDT[:4] + b"\xff\xff\xff\x7f" + CEDT[8:], "offset 0x0", "2147483647"),
    "short-CEDT.dat": (CEDT[:4] + b"\x08\0\0\0" + CEDT[8:], "offset 0x0", "8 bytes"),
    "inner-CEDT.dat": (CEDT[:38] + b"\0\0" + CEDT[40:], "offset 0x24", "has length 0"),
    "noise.dat": (b"\x00\x01" * 500, "", "nothing in it is known"),
    "dump.txt": (b"CEDT @ 0x0000000000000000\n  0000: 43 45 ZZ 54\n", "line 1", "CEDT"),
    "text.txt": (b"hello\n", "", "nothing in it is known"),
    "half.json": (LIST[: len(LIST) // 2], "line 151", "not JSON"),
    "deep.json": (b"[" * 200_000, "", "nested too deeply"),
    "type.json": (b'[{"memdev": 5, "ram_size": "much"}]', "", "nothing in it is known"),
    "foreign.json": (b'{"hello": [1, 2]}', "", "nothing in it is known"),
    "binary.json": (b'{"memdevs": "\xff\xfe"}', "", "nothing in it is known"),
    "quote.sh": (QEMU + b'-object memory-backend-ram,id="m0\n', "line 1", "quotation"),
    "option.sh": (QEMU + b"-device pxb-cxl,id=c,bus_nr=twelve\n", "-device pxb-cxl", "'twelve'"),
    "size.sh": (QEMU.replace(b"4G", b"much") + b"\n", "-m", "is no size"),
}
RECORDINGS = {
    "empty.cxlrec": (b"", "header", "not a recording"),
    "cut.cxlrec": (SQLITE, "header", "not a recording"),
    "zeros.cxlrec": (SQLITE + bytes(5000), "header", "not a recording"),
    "platform.cxlrec": (GOOD, "header", "not a recording"),
}
CHANGED = {
    "newer.cxlrec": ("PRAGMA user_version = 7", "7", "newer"),
    "damaged.cxlrec": ("UPDATE block SET crc = crc + 1", "tick", "checksum"),
    "type.cxlrec": ("UPDATE block SET data = 5", "tick", "wrong type"),
    "bare.cxlrec": ("DELETE FROM meta WHERE key = 'document'", "document", "missing"),
}
FILES = {**PLATFORM, **IMPORTED, **RECORDINGS}
PLATFORM_COMMANDS = ("derive", "check", "import", "run", "demo", "export")


@pytest.fixture
def refusal(cli: Callable[..., tuple[int, str, str]], tmp_path: Path) -> Callable[..., str]:
    """Run a subcommand on a file of ``tmp_path``; return its one line, after all that is common."""

    def refused(command: str, name: str, seconds: float = 1.0) -> str:
        path = tmp_path / name
        begun = time.process_time()
        code, out, err = cli(*(a.replace("{}", str(path)) for a in COMMANDS[command]))
        assert time.process_time() - begun < seconds
        assert (code, out) == (2, "")
        assert err.startswith("cxldesigner: ")
        assert err.count("\n") == 1
        assert name in err
        assert not [p for p in tmp_path.iterdir() if ".out" in p.name]
        return err.partition(name)[2]

    return refused


def test_every_subcommand_is_tried() -> None:
    assert {arguments[0] for arguments in COMMANDS.values()} == set(cli_main.COMMANDS)


@pytest.mark.parametrize("name", [*PLATFORM, *IMPORTED])
@pytest.mark.parametrize("command", PLATFORM_COMMANDS)
def test_a_bad_platform(refusal, tmp_path: Path, command: str, name: str) -> None:
    content, place, reason = FILES[name]
    (tmp_path / name).write_bytes(content)
    line = refusal(command, name)
    if command == "import" and name.endswith(".cxld"):
        assert "needs no import" in line
    else:
        assert place in line
        assert reason in line


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_bad_recording(refusal, tmp_path: Path, name: str) -> None:
    content, place, reason = RECORDINGS[name]
    (tmp_path / name).write_bytes(content)
    line = refusal("report", name)
    assert place in line
    assert reason in line


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_recording(refusal, tmp_path: Path, name: str) -> None:
    statement, place, reason = CHANGED[name]
    with contextlib.closing(sqlite3.connect(make(tmp_path / name, 100))) as database:
        database.execute(statement)
        database.commit()
    line = refusal("report", name)
    assert place in line
    assert reason in line


@pytest.mark.parametrize("name", ["binary.cxld", "utf16.cxld"])
def test_a_bad_script_of_host_actions(refusal, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name][0])
    assert "byte" in refusal("derive-script", name)


@pytest.mark.parametrize("name", ["missing.cxld", "missing.json", "missing.cxlrec", "folder"])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_there_or_no_file(refusal, tmp_path: Path, command: str, name: str) -> None:
    if name == "folder":
        (tmp_path / name).mkdir()
    refusal(command, name)


@pytest.mark.parametrize("name", ["huge.cxld", "huge.json", "huge.dat", "huge.sh", "huge.cxlrec"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_huge_file_is_refused_unread(refusal, tmp_path: Path, command: str, name: str) -> None:
    starts = {"huge.cxlrec": SQLITE, "huge.dat": CEDT, "huge.sh": QEMU}
    with (tmp_path / name).open("wb") as stream:
        stream.write(starts.get(name, BLOCKS))
        stream.truncate(1 << 33)
    refusal(command, name, seconds=5.0)
