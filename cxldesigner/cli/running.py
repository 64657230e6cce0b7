"""``cxldesigner run``: play a scenario in a process of its own and record it."""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path

from cxldesigner.cli.check import finding_value
from cxldesigner.cli.output import (
    FOUND_ERRORS,
    GOOD,
    INTERRUPTED,
    Progress,
    Unusable,
    json_value,
    line,
    note,
)
from cxldesigner.cli.platform import choose_scenario, open_platform
from cxldesigner.cli.text import finding_lines
from cxldesigner.document.model import Document, Scenario
from cxldesigner.document.store import DocumentError, canonical_bytes
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import Finding, Severity
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.runner import protocol
from cxldesigner.runner.handle import RunHandle
from cxldesigner.workloads.checks import check_scenario

STOP_SECONDS = 10.0
_POLL_SECONDS = 0.02


class Interrupted(Exception):
    """The user stopped a run; the recording is complete up to there."""


def command(arguments: Namespace) -> int:
    """Play a scenario; exit code 1 when findings of severity error keep it from starting."""
    document = open_platform(arguments.file, arguments.actions)
    scenario = choose_scenario(document, arguments.file, arguments.scenario)
    findings = check_scenario(scenario, document, derive(document).current)
    for text in finding_lines(findings):
        note(text)
    code = FOUND_ERRORS if any(f.severity is Severity.ERROR for f in findings) else GOOD
    if code == GOOD:
        try:
            play(document, scenario, arguments.output)
        except Interrupted:
            code = INTERRUPTED
    _tell(arguments, findings, code)
    return code


def play(document: Document, scenario: Scenario, recording: Path) -> None:
    """Play a scenario to its end.

    Raises
    ------
    Unusable
        The run could not start, or failed on the way.
    Interrupted
        Ctrl-C: the run was finished early.
    """
    progress = Progress()
    try:
        contents = canonical_bytes(document)
    except DocumentError as error:
        raise Unusable(str(error)) from error
    with RunHandle(contents, scenario.id, recording) as handle:
        handle.start()
        try:
            _follow(handle, progress)
        except KeyboardInterrupt:
            progress.clear()
            handle.stop(STOP_SECONDS)
            note(f"stopped; {recording} holds the run up to here")
            raise Interrupted from None
        finally:
            progress.clear()


def _follow(handle: RunHandle, progress: Progress) -> None:
    while True:
        for message in handle.poll():
            match message:
                case protocol.Progress(ticks=ticks, total=total):
                    progress.show(f"tick {ticks} of {total}")
                case protocol.Failed(text=text, traceback=traceback):
                    progress.clear()
                    for words in traceback.splitlines()[-20:]:
                        note(words)
                    raise Unusable(text)
                case protocol.Finished():
                    return
                case _:
                    pass
        time.sleep(_POLL_SECONDS)


def _tell(arguments: Namespace, findings: tuple[Finding, ...], code: int) -> None:
    if code == FOUND_ERRORS:
        if arguments.json:
            json_value({"findings": [finding_value(f) for f in findings]})
        return
    try:
        with RecordingReader(arguments.output) as reader:
            meta, ticks, digest = reader.meta, reader.ticks, reader.digest()
    except RecordingError as error:
        raise Unusable(str(error)) from error
    if arguments.json:
        json_value(
            {
                "recording": str(arguments.output),
                "scenario": meta.scenario,
                "seed": meta.seed,
                "ticks": ticks,
                "tick_ms": meta.tick_ms,
                "complete": meta.complete,
                "digest": digest,
                "summary": meta.summary,
                "findings": [finding_value(f) for f in findings],
            }
        )
        return
    line(f"{arguments.output}: {ticks} ticks of {meta.tick_ms} ms, digest {digest}")
    for name, value in meta.summary.items():
        line(f"  {name}: {value:g}")
