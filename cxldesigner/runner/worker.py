"""The worker process of a run: ``python -m cxldesigner.runner.worker``.

Commands come as lines on standard input, answers go as lines to standard output
(:mod:`cxldesigner.runner.protocol`), data goes into the recording. The process ends when the run is
done, when it is told to stop, and when its parent is gone (end of input); in each case the
recording is whole up to the last tick made.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from io import FileIO
from pathlib import Path

from cxldesigner.document.model import Document
from cxldesigner.document.store import DocumentError, load_document
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.model import Meta
from cxldesigner.recording.writer import RecordingWriter
from cxldesigner.runner import protocol
from cxldesigner.runner.folders import kernel_cache
from cxldesigner.runner.pacing import Pace
from cxldesigner.runner.playing import Inbox, Player, Say

ENGINE = "cxldesigner.engine.run"
GRACE_SECONDS = 5.0
"""How long a worker whose parent is gone may take for the tick under way."""


def main(arguments: list[str]) -> int:
    """Serve one run; return 0 when it came to its end, 1 when it failed.

    The only argument, for tests, names the module that has the engine's ``Run``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the parent's business
    os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_cache()))
    out = _own_standard_output()
    inbox: Inbox = queue.Queue()

    def say(message: protocol.Message) -> None:
        try:
            out.write(protocol.encode(message))
        except OSError:
            inbox.put(None)  # nobody listens any more

    threading.Thread(target=_listen, args=(inbox, say), daemon=True).start()
    say(protocol.Ready())
    start = inbox.get()
    while start is not None and not isinstance(start, protocol.Start):
        start = inbox.get()
    if start is None:
        return 0
    failure = _serve(start, arguments[0] if arguments else ENGINE, inbox, say)
    if failure is not None:
        say(failure)
        return 1
    return 0


def _serve(
    start: protocol.Start,
    engine: str,
    inbox: Inbox,
    say: Say,
) -> protocol.Failed | None:
    if start.version != protocol.VERSION:
        text = f"The engine speaks version {protocol.VERSION}, not {start.version}; restart."
        return protocol.Failed("protocol", text)
    try:
        document = load_document(start.document_path)
        _play(engine, document, start, inbox, say)
    except DocumentError as error:
        return protocol.Failed("document", str(error))
    except RecordingError as error:
        return protocol.Failed("recording", str(error))
    except Exception as error:
        text = f"The engine failed: {type(error).__name__}: {error}"
        return protocol.Failed("engine", text, traceback.format_exc())
    return None


def _play(engine: str, document: Document, start: protocol.Start, inbox: Inbox, say: Say) -> None:
    scenario = document.scenarios.get(start.scenario)
    if scenario is None:
        known = ", ".join(document.scenarios) or "none"
        reason = f"has no scenario {start.scenario!r} (it has: {known})"
        raise DocumentError(start.document_path, "scenarios", reason)
    module = importlib.import_module(engine)
    with contextlib.ExitStack() as stack:

        def open_writer(meta: Meta) -> RecordingWriter:
            return stack.enter_context(RecordingWriter(Path(start.recording_path), meta))

        run = module.Run(document, start.scenario, open_writer)
        pace = Pace(scenario.tick_ms)
        Player(run, run.writer, inbox, say, pace, paused=start.paused).play()


def _listen(inbox: Inbox, say: Say) -> None:
    """Put commands into the inbox, None when there will be no more."""
    for line in sys.stdin.buffer:
        try:
            inbox.put(protocol.decode(line))
        except ValueError as error:
            say(protocol.Failed("protocol", str(error)))
            break
    inbox.put(None)
    time.sleep(GRACE_SECONDS)
    os._exit(1)  # the tick under way takes too long; what was committed is safe


def _own_standard_output() -> FileIO:
    """Return the pipe to the parent; prints of anything else go to standard error from here on."""
    out = FileIO(os.dup(1), "w")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
