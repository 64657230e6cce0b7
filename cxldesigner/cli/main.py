"""The command line: every capability without a screen.

Exit codes: 0 good, 1 findings of severity error, 2 unusable input (the reason is one line on
standard error: file, place, reason), 130 interrupted. Results go to standard output, notes and
progress to standard error. Neither Qt nor the engine is ever loaded here.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cxldesigner import __version__
from cxldesigner.cli.output import INTERRUPTED, UNUSABLE, Unusable, note

COMMANDS = ("derive", "check", "import", "export", "run", "report", "demo")
"""Names of the subcommands; each is a module of this package with ``command(arguments) -> int``."""

FORMATS = ("qemu", "guest", "script", "platform", "acpi")
"""What ``export`` writes, see :data:`cxldesigner.exchange.exporters.EXPORTERS`."""

_MODULES = {"import": "importing", "run": "running"}
PIPE_BROKEN = 141
"""What a shell reports for a program ended by SIGPIPE."""


def main(argv: Sequence[str]) -> int:
    """Run one subcommand and return the exit code; ``argv`` without the program's name."""
    try:
        code = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (``| head``). Python would complain again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_BROKEN
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED
    return code


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as end:  # argparse has said why
        return int(end.code or 0)
    name = arguments.subcommand
    module = importlib.import_module(f"cxldesigner.cli.{_MODULES.get(name, name)}")
    try:
        return int(module.command(arguments))
    except Unusable as reason:
        note(str(reason))
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cxldesigner",
        description="Draw a CXL memory platform, see what Linux makes of it, play workloads on it.",
        epilog="Without a subcommand the window opens; file arguments are opened in it.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"cxldesigner {__version__}")
    commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    def add_platform(to: argparse.ArgumentParser, *, json: bool = True) -> None:
        to.add_argument(
            "file", type=Path, metavar="FILE", help="platform file, or what import reads"
        )
        to.add_argument(
            "--actions",
            type=Path,
            metavar="SCRIPT",
            help="host actions to run after those of FILE, one shell line each",
        )
        if json:
            to.add_argument("--json", action="store_true", help="write JSON to standard output")

    derive = add("derive", "Show what Linux makes of a platform: nodes, zones, tiers, regions.")
    add_platform(derive)
    derive.add_argument("--explain", action="store_true", help="give the reason of every fact")
    derive.add_argument(
        "--observed",
        type=Path,
        metavar="BOOT.json",
        help="managed pages of the boot zones of a running machine (a snapshot's nodes and zones)",
    )
    add_platform(add("check", "List every mistake the kernel would refuse, and every trap."))
    imports = add("import", "Make a platform file of ACPI tables, cxl list output, QEMU commands.")
    imports.add_argument("sources", type=Path, nargs="+", metavar="SRC", help="files or folders")
    imports.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    export = add("export", "Write a platform as QEMU command line, shell script or ACPI tables.")
    add_platform(export, json=False)
    export.add_argument("--to", choices=FORMATS, required=True, help="what to write")
    export.add_argument(
        "--scale", type=_divisor, default=1, metavar="K", help="divide sizes and CPU counts by K"
    )
    export.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    run = add("run", "Play a scenario of a platform and record it.")
    add_platform(run)
    run.add_argument("--scenario", metavar="NAME", help="id or name; needed if there are several")
    run.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.cxlrec")
    report = add("report", "Write a recording as one HTML file with pictures.")
    report.add_argument("recording", type=Path, metavar="OUT.cxlrec")
    report.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.html")
    demo = add("demo", "Play a scenario without a window; leave its recording and report.")
    demo.add_argument("file", type=Path, metavar="FILE")
    demo.add_argument("--scenario", metavar="NAME", help="id or name; the first by default")
    demo.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    return parser


def _divisor(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1 << 20:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 1048576")
    return value
