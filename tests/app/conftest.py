"""A screen of our own, and the real program on it, used with a real pointer and keyboard."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PAUSE = 0.08
"""Seconds between two steps of a gesture: the window system needs to see each of them."""
STEPS = 6
"""Steps of the pointer in a drag."""


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """An X display with a window manager."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        display = f":{answer.readline().strip()}"
    assert display != ":", "Xvfb did not start"
    manager = subprocess.Popen(
        ["openbox"], env={**os.environ, "DISPLAY": display}, stderr=subprocess.DEVNULL
    )
    try:
        yield display
    finally:
        _end(manager)
        _end(server)


class Program:
    """The running program: what it shows, and a hand on mouse and keyboard."""

    def __init__(self, display: str, home: Path, *arguments: str) -> None:
        self.told = home / "positions.json"
        self.told.unlink(missing_ok=True)
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("WAYLAND")},
            "DISPLAY": display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_DATA_HOME": str(home / "data"),
            "QT_QPA_PLATFORM": "xcb",
            "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", f"{sys.prefix}/kernels"),
            "LC_ALL": "C.UTF-8",
        }
        self.log = home / "program.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cxldesigner", "--debug-positions", str(self.told),
                 *arguments],
                env=self.env, stdout=log, stderr=log,
            )  # fmt: skip

    def wait(self) -> None:
        """Wait until the window can be used."""
        self.until(lambda seen: seen["derived"], "the first derivation", 60)
        self.settle()
        if not self.dialogs():
            self.enlarge()

    def enlarge(self) -> None:
        """Give the window the screen, so that everything that is dragged is in sight."""
        end, found = time.monotonic() + 20, ""
        while not found and time.monotonic() < end:
            found = self.hand_output("search", "--onlyvisible", "--name", " — CXL Designer$")
            time.sleep(0.1)
        window = found.split()[0]
        self.hand("windowmove", "--sync", window, 10, 10)
        self.hand("windowsize", window, 1560, 930)
        self.until(lambda seen: seen["canvas"][1] < 200, "the larger window")
        self.settle()

    def settle(self, seconds: float = 0.7) -> None:
        """Wait until nothing has moved for a while: panels load, the window manager decorates."""
        before: dict[str, Any] = {}
        end = time.monotonic() + 30
        while time.monotonic() < end:
            now = self.look()
            if now == before:
                return
            before = now
            time.sleep(seconds)

    def look(self) -> dict[str, Any]:
        """Return what the program last said of itself."""
        return json.loads(self.told.read_text())

    def until(
        self, true: Callable[[dict[str, Any]], Any], what: str, seconds: float = 20
    ) -> dict[str, Any]:
        """Wait until something holds of what the program shows; return what it shows."""
        end = time.monotonic() + seconds
        seen: dict[str, Any] = {}
        while time.monotonic() < end:
            assert self.process.poll() is None, f"program ended: {self.log.read_text()[-2000:]}"
            with contextlib.suppress(OSError, ValueError, KeyError):
                seen = self.look()
                if true(seen):
                    return seen
            time.sleep(0.1)
        raise AssertionError(f"never came: {what}; shown: { {k: seen.get(k) for k in _SHORT} }")

    def hand(self, *words: object) -> None:
        """Move the mouse or press keys."""
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True)
        time.sleep(PAUSE)

    def hand_output(self, *words: object) -> str:
        """Return what xdotool prints; nothing when it finds nothing."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        return done.stdout

    def click(self, at: list[int]) -> None:
        """Click a place on the screen."""
        self.hand("mousemove", *at[:2])
        self.hand("click", 1)

    def drag(self, start: list[int], end: list[int]) -> None:
        """Press at one place, move in steps as a person does, release at another."""
        self.hand("mousemove", *start)
        time.sleep(0.3)
        self.hand("mousedown", 1)
        for i in range(1, STEPS + 1):
            done = i / STEPS
            self.hand(
                "mousemove", *(round(a + (b - a) * done) for a, b in zip(start, end, strict=True))
            )
        time.sleep(0.3)
        self.hand("mouseup", 1)

    def key(self, *keys: str) -> None:
        """Press keys one after the other."""
        for one in keys:
            self.hand("key", "--clearmodifiers", one)

    def button(self, text: str) -> list[int]:
        """Return the middle of a visible button by its text or accessible name."""
        for widgets in self.look()["windows"].values():
            for widget in widgets:
                if text in {widget.get("text"), widget.get("accessible"), widget.get("name")}:
                    x, y, width, height = widget["box"]
                    if min(x, y) < 0:  # in a tab that is not in front
                        continue
                    return [x + width // 2, y + height // 2]
        raise AssertionError(f"no button {text!r}")

    def dialogs(self) -> list[str]:
        """Return the window ids of the messages and questions on the screen."""
        return self.hand_output("search", "--onlyvisible", "--name", "^CXL Designer$").split()

    def answer(self) -> None:
        """Wait for the one message on the screen and press its default button."""
        end = time.monotonic() + 30
        while not self.dialogs() and time.monotonic() < end:
            time.sleep(0.1)
        (dialog,) = self.dialogs()
        time.sleep(0.5)  # until the window manager has given it the keyboard
        self.hand("windowfocus", "--sync", dialog)
        self.key("Return")

    def close(self) -> None:
        """End the program from outside, by its process id."""
        _end(self.process)

    def kill(self) -> None:
        """End it as the power switch would."""
        self.process.kill()
        self.process.wait()


_SHORT = ("title", "mode", "message", "nodes", "selection", "ticks", "tick", "player", "derived")


@pytest.fixture
def program(screen: str, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Start the program; several times in one test if need be."""
    running: list[Program] = []

    def start(*arguments: str, wait: bool = True) -> Program:
        running.append(Program(screen, tmp_path, *arguments))
        if wait:
            running[-1].wait()
        return running[-1]

    yield start
    for one in running:
        one.close()
        text = one.log.read_text()
        assert "Traceback" not in text, text[-3000:]
        assert "QObject::" not in text, text[-3000:]
