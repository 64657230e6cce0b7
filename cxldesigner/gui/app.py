"""The window's arguments, and loading the program behind it.

Nothing of Qt is imported here, so that a wrong argument is told at once. :func:`main` returns the
exit code.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from cxldesigner.gui.examples import DEFAULT, example


def parser() -> argparse.ArgumentParser:
    """Return the parser of the window's own arguments."""
    result = argparse.ArgumentParser(
        prog="cxldesigner", description="Open the designer on platforms and recordings."
    )
    result.add_argument("files", nargs="*", type=Path, metavar="FILE", help="*.cxld or *.cxlrec")
    result.add_argument(
        "--example",
        nargs="?",
        const=DEFAULT,
        metavar="NAME",
        help="open a shipped example with its replay, paused at the start",
    )
    result.add_argument("--debug-positions", type=Path, metavar="PATH", help=argparse.SUPPRESS)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with arguments ``argv`` (without its name); return its exit code."""
    arguments = parser().parse_args(sys.argv[1:] if argv is None else argv)
    if arguments.example and example(arguments.example) is None:
        print(f"cxldesigner: there is no example {arguments.example}", file=sys.stderr)  # noqa: T201
        return 2
    # While modules load there is nothing to collect, only much to look through; then the program
    # collects by itself.
    gc.disable()
    code: int = load_program().Program(arguments).run()
    return code


def load_program() -> ModuleType:
    """Import Qt and everything the first paint needs; returns the module that starts the window."""
    from cxldesigner.gui import program  # noqa: PLC0415  see the module

    return program
