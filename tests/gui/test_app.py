"""The program as a process: arguments, first window, positions, orderly end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cxldesigner.document.model import Document, Socket
from cxldesigner.document.store import save_document
from cxldesigner.gui.app import main, parser


def test_arguments() -> None:
    assert parser().parse_args([]).example is None
    assert parser().parse_args(["--example"]).example == "story"
    assert parser().parse_args(["--example", "tiers"]).example == "tiers"
    assert parser().parse_args(["a.cxld", "b.cxlrec"]).files == [Path("a.cxld"), Path("b.cxlrec")]


def test_an_unknown_example_is_refused_without_a_window(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--example", "nothing-like-it"]) == 2
    assert "nothing-like-it" in capsys.readouterr().err


def told(path: Path, process: subprocess.Popen[bytes], *, until: str) -> dict[str, Any]:
    """Return the positions once they hold something under ``until``."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1].decode())
        if path.exists():
            found: dict[str, Any] = json.loads(path.read_bytes())
            if found[until]:
                return found
        time.sleep(0.05)
    raise AssertionError(f"no {until} within a minute")


def test_the_program_opens_a_file_derives_it_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "one.cxld"
    save_document(Document(name="One", parts={"s0": Socket(id="s0", dram_bytes=1 << 33)}), path)
    positions = tmp_path / "positions.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "cxldesigner", str(path), "--debug-positions", str(positions)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        found = told(positions, process, until="derived")
        assert found["nodes"] == [0]
        assert "s0" in found["parts"]
        assert found["title"].startswith("one.cxld")
        assert found["palette"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
