"""What a GUI or a command line holds of a run: start it, command it, hear from it, end it.

Knows neither Qt nor the engine. No call waits for the worker, but :meth:`RunHandle.stop` with a
timeout and :meth:`RunHandle.kill`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import IO, Self

from cxldesigner.runner import protocol

WORKER = "cxldesigner.runner.worker"
STDERR_BYTES = 16_384
_STDERR = "stderr.txt"
_PACKAGE = Path(__file__).resolve().parents[1]


class RunHandle:
    """One run in a process of its own.

    Use it as a context manager, or call :meth:`kill` at the end: no process is left behind. One
    that is forgotten ends when the handle is collected or this process ends.

    Parameters
    ----------
    document : platform file contents.
    scenario_id : which of its scenarios to play.
    recording_path : where the recording goes; a file there is replaced.
    worker_arguments : for tests.
    """

    def __init__(
        self,
        document: bytes,
        scenario_id: str,
        recording_path: Path,
        worker_arguments: tuple[str, ...] = (),
    ) -> None:
        self._document, self._scenario = document, scenario_id
        self._recording = Path(recording_path)
        self._arguments = worker_arguments
        self._inbox: queue.Queue[protocol.Message] = queue.Queue()
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._folder: Path | None = None
        self._ended = self._told_end = False

    def start(self, paused: bool = False) -> None:
        """Start the worker; ``OSError`` if there can be none. May be called once."""
        if self._process is not None:
            raise RuntimeError("a run starts once")
        self._folder = Path(tempfile.mkdtemp(prefix="cxldesigner-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / "platform.cxld"
        path.write_bytes(self._document)
        with (self._folder / _STDERR).open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", WORKER, *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        weakref.finalize(self, _end, self._process)
        stdout = self._process.stdout
        assert stdout is not None
        self._listener = threading.Thread(target=_listen, args=(stdout, self._inbox), daemon=True)
        self._listener.start()
        self._send(protocol.Start(str(path), self._scenario, str(self._recording), paused))

    def pause(self) -> None:
        """Stop after the tick under way; :class:`~protocol.Paused` answers."""
        self._send(protocol.Pause())

    def resume(self) -> None:
        """Go on."""
        self._send(protocol.Resume())

    def step(self, ticks: int = 1) -> None:
        """Make some ticks, then pause."""
        self._send(protocol.Step(ticks))

    def set_speed(self, factor: float) -> None:
        """Set simulated milliseconds per wall-clock millisecond; 0: as fast as it goes."""
        self._send(protocol.Speed(factor))

    def inject(self, command: str) -> None:
        """Apply a host action at the next tick; :class:`~protocol.Injected` answers."""
        self._send(protocol.Inject(command))

    def stop(self, timeout: float = 0.0) -> None:
        """Let the worker finish the recording at the tick it has reached, and end.

        With a ``timeout`` in seconds, wait that long for it, then end it by force.
        """
        self._send(protocol.Stop())
        if timeout and self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
            self.kill()

    def kill(self) -> None:
        """End the worker now, if it is there. What it had committed stays in the recording."""
        if self._process is not None:
            self._told_end = self._told_end or self._process.poll() is None
            _end(self._process)
            if self._listener is not None:
                self._listener.join()
            self._process.wait()

    def poll(self) -> list[protocol.Message]:
        """Return what the worker said since the last call, without waiting.

        A worker that ends without a last word is reported once as ``Failed("crashed", …)`` with
        what it left on standard error.
        """
        gone = self._process is not None and not self._running
        messages: list[protocol.Message] = []
        with contextlib.suppress(queue.Empty):
            while True:
                messages.append(self._inbox.get_nowait())
        self._ended = self._ended or any(
            isinstance(m, protocol.Finished | protocol.Failed) for m in messages
        )
        if gone and not self._ended and not self._told_end:
            self._ended = True
            messages.append(self._crash())
        return messages

    @property
    def alive(self) -> bool:
        """Whether the worker may still say or write something."""
        return self._running or not self._inbox.empty()

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None before the start."""
        return None if self._process is None else self._process.pid

    @property
    def errors(self) -> str:
        """The end of what the worker wrote to standard error."""
        if self._folder is None:
            return ""
        written = (self._folder / _STDERR).read_bytes()
        return written[-STDERR_BYTES:].decode(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def _running(self) -> bool:
        """Whether the process is there or its last words are still being read."""
        if self._process is None or self._listener is None:
            return False
        return self._process.poll() is None or self._listener.is_alive()

    def _send(self, message: protocol.Message) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(OSError, ValueError):  # it has ended; poll() tells
            self._process.stdin.write(protocol.encode(message))
            self._process.stdin.flush()

    def _crash(self) -> protocol.Failed:
        assert self._process is not None
        code = self._process.poll()
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        text = f"The engine process ended unexpectedly ({how}); the recording holds what it had."
        return protocol.Failed("crashed", text, self.errors)


def _listen(stream: IO[bytes], inbox: queue.Queue[protocol.Message]) -> None:
    with stream:
        for line in stream:
            try:
                inbox.put(protocol.decode(line))
            except ValueError as error:
                inbox.put(protocol.Failed("protocol", str(error)))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _environment() -> dict[str, str]:
    """Return the environment of a worker, which must find this very package."""
    env = dict(os.environ)
    home = _PACKAGE.parent
    if "site-packages" not in home.parts:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), env.get("PYTHONPATH"))))
    return env
