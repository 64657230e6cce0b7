"""``cxldesigner demo``: play a scenario without a window and leave something to look at."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from cxldesigner.cli.output import GOOD, INTERRUPTED, Unusable, line
from cxldesigner.cli.platform import choose_scenario, open_platform
from cxldesigner.cli.running import Interrupted, play
from cxldesigner.exchange.report import write_report
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.reader import RecordingReader


def command(arguments: Namespace) -> int:
    """Play, record, report."""
    try:
        for path in play_headless(arguments.file, arguments.output, arguments.scenario):
            line(str(path))
    except Interrupted:
        return INTERRUPTED
    return GOOD


def play_headless(platform: Path, folder: Path, name: str | None = None) -> tuple[Path, Path]:
    """Play a scenario (the first by default); return its recording and its report in ``folder``.

    Raises
    ------
    Unusable
        The platform cannot be read or played, or the folder cannot be written to.
    """
    document = open_platform(platform)
    scenario = choose_scenario(document, platform, name or next(iter(document.scenarios), None))
    recording, report = (folder / f"{platform.stem}{end}" for end in (".cxlrec", ".html"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        play(document, scenario, recording)
        with RecordingReader(recording) as reader:
            write_report(reader, report)
    except RecordingError as error:
        raise Unusable(str(error)) from error
    except OSError as error:
        raise Unusable(f"{folder}: {error.strerror or error}") from error
    return recording, report
