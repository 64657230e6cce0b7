"""The frame of the command line: exit codes, one line for every bad input, nothing heavy."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cxldesigner import __main__, __version__
from cxldesigner.document.store import canonical_bytes
from tests.cli.conftest import story

PROGRAM = (sys.executable, "-m", "cxldesigner")
COMMANDS = {
    "derive": ("derive", "{}"),
    "check": ("check", "{}", "--json"),
    "import": ("import", "{}", "-o", "{}.out.cxld"),
    "run": ("run", "{}", "--scenario", "story", "-o", "{}.out.cxlrec"),
    "report": ("report", "{}", "-o", "{}.out.html"),
    "demo": ("demo", "{}", "-o", "{}.out"),
}


def test_the_version_is_told(cli) -> None:
    assert cli("--version") == (0, f"cxldesigner {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("draw",), ("derive",), ("run", "x", "--seed")])
def test_wrong_arguments_are_unusable_input(cli, arguments: tuple[str, ...]) -> None:
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert "cxldesigner" in err


def test_help_names_every_command(cli) -> None:
    code, out, _ = cli("--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)


GOOD = canonical_bytes(story())
BAD_FILES = {
    "empty.cxld": b"",
    "truncated.cxld": GOOD[: len(GOOD) // 2],
    "binary.cxld": bytes(range(256)) * 64,
    "deep.cxld": b"[" * 200_000,
    "newer.cxld": GOOD.replace(b'"version": 1', b'"version": 99'),
    "type.cxld": GOOD.replace(b'"seed": 4', b'"seed": "four"'),
    "unknown.bin": b"\x00\x01" * 500,
    "text.txt": b"hello\n",
    "deep.json": b"[" * 200_000,
    "half.json": b'{"memdevs": [',
    "CEDT.dat": b"CEDT\xff\xff\xff\x7f" + bytes(100),
    "cut.cxlrec": b"SQLite format 3\0",
    "foreign.cxlrec": b"SQLite format 3\0" + bytes(5000),
}


@pytest.mark.parametrize("name", [*BAD_FILES, "missing.cxld", "missing.json", "folder"])
@pytest.mark.parametrize("command", COMMANDS)
def test_bad_input_is_one_line_with_the_file(cli, tmp_path: Path, command: str, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name in BAD_FILES:
        path.write_bytes(BAD_FILES[name])

    code, out, err = cli(*(a.replace("{}", str(path)) for a in COMMANDS[command]))

    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("cxldesigner: ")
    assert name in err
    assert not [p for p in tmp_path.iterdir() if ".out" in p.name]


def test_a_huge_file_is_refused_unread(cli, tmp_path: Path) -> None:
    for name in ("huge.cxld", "huge.json"):
        path = tmp_path / name
        with path.open("wb") as stream:
            stream.write(b'{"format": "cxldesigner-platform",')
            stream.truncate(1 << 33)
        code, _, err = cli("derive", path)
        assert code == 2
        assert name in err


def test_results_that_nobody_reads_end_quietly(story_file: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, "derive", str(story_file), "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == b""


def test_interrupting_a_run_keeps_it_up_to_there(story_file: Path, tmp_path: Path) -> None:
    text = story_file.read_text().replace('"duration": "3 s"', '"duration": "3000 s"')
    long = json.loads(story_file.read_text())
    long["scenarios"][0]["duration_ms"] = 3_000_000
    story_file.write_text(json.dumps(long) if text == story_file.read_text() else text)
    recording = tmp_path / "a.cxlrec"
    run = subprocess.Popen(
        [*PROGRAM, "run", str(story_file), "-o", str(recording), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while run.poll() is None and not Path(f"{recording}-wal").exists():
        pass
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)

    assert run.returncode == 130
    assert "Traceback" not in err
    assert "stopped" in err
    assert json.loads(out)["complete"] is True


LIGHT = """
import sys
from cxldesigner.__main__ import main
code = main(sys.argv[1:])
heavy = ("PySide6", "numba", "cxldesigner.gui", "cxldesigner.engine", "cxldesigner.runner.worker")
found = [name for name in heavy if name in sys.modules]
sys.exit(f"loaded: {found}" if found else code)
"""


@pytest.mark.parametrize("command", ["derive", "check", "run", "report"])
def test_commands_load_neither_qt_nor_the_engine(
    story_file: Path, tmp_path: Path, command: str
) -> None:
    path = str(story_file)
    recording, page = str(tmp_path / "a.cxlrec"), str(tmp_path / "a.html")
    if command == "report":
        assert __main__.main(["run", path, "-o", recording]) == 0
    arguments = {
        "derive": ["derive", path],
        "check": ["check", path],
        "run": ["run", path, "-o", recording],
        "report": ["report", recording, "-o", page],
    }[command]
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_a_subcommand_the_window_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr("cxldesigner.gui.app.main", lambda argv: opened.append(argv) or 7)
    assert __main__.main(["story.cxld"]) == 7
    assert __main__.main([]) == 7
    assert opened == [["story.cxld"], []]
