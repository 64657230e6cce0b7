"""``cxldesigner report``: a recording becomes one HTML file."""

from __future__ import annotations

from argparse import Namespace

from cxldesigner.cli.output import GOOD, Unusable, line
from cxldesigner.exchange.report import write_report
from cxldesigner.recording.errors import RecordingError
from cxldesigner.recording.reader import RecordingReader


def command(arguments: Namespace) -> int:
    """Write the report of a recording."""
    try:
        with RecordingReader(arguments.recording) as reader:
            write_report(reader, arguments.output)
    except RecordingError as error:
        raise Unusable(str(error)) from error
    except OSError as error:
        raise Unusable(f"{arguments.output}: {error.strerror or error}") from error
    line(str(arguments.output))
    return GOOD
