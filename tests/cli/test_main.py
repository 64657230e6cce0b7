"""The frame of the command line: exit codes, one line for every bad input, nothing heavy."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxldesigner import __main__
from cxldesigner.cli.main import COMMANDS

PROGRAM = (sys.executable, "-m", "cxldesigner")


@pytest.mark.parametrize("arguments", [(), ("draw",), ("derive",), ("run", "x", "--seed")])
def test_wrong_arguments_are_unusable_input(cli, arguments: tuple[str, ...]) -> None:
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert "cxldesigner" in err


def test_help_names_every_command(cli) -> None:
    code, out, _ = cli("--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)


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


INTERRUPTIBLE = """
import signal, sys
from cxldesigner.__main__ import main
# a job that a shell started in the background inherits that interrupts are ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main(sys.argv[1:]))
"""


def test_interrupting_a_run_keeps_it_up_to_there(story_file: Path, tmp_path: Path) -> None:
    text = story_file.read_text().replace('"duration": "3 s"', '"duration": "3000 s"')
    long = json.loads(story_file.read_text())
    long["scenarios"][0]["duration_ms"] = 3_000_000
    story_file.write_text(json.dumps(long) if text == story_file.read_text() else text)
    recording = tmp_path / "a.cxlrec"
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            INTERRUPTIBLE,
            "run",
            str(story_file),
            "-o",
            str(recording),
            "--json",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while run.poll() is None and not Path(f"{recording}-wal").exists():
        time.sleep(0.05)
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
