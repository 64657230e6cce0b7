"""Where the command line writes to: results to standard output, everything else beside it."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

GOOD, FOUND_ERRORS, UNUSABLE = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
"""Exit codes; the last as a shell reports a program ended by Ctrl-C."""


class Unusable(Exception):
    """Input that cannot be worked with; the text is one line naming file, place and reason."""


def line(text: str = "") -> None:
    """Write a line of the result."""
    sys.stdout.write(f"{text}\n")


def json_value(value: Any) -> None:
    """Write the result as JSON."""
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def note(text: str) -> None:
    """Write a line beside the result; line breaks in ``text`` would break the promise of one."""
    sys.stderr.write(f"cxldesigner: {' '.join(text.split())}\n")


class Progress:
    """A line that changes in place, only where somebody watches."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._length = 0

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._shown:
            sys.stderr.write(f"\r{text.ljust(self._length)}")
            sys.stderr.flush()
            self._length = len(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self._length:
            sys.stderr.write(f"\r{' ' * self._length}\r")
            self._length = 0
