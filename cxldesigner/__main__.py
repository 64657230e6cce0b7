"""Start the program: a subcommand runs without a window, anything else opens one."""

from __future__ import annotations

import sys

from cxldesigner.cli.main import COMMANDS
from cxldesigner.cli.main import main as command_line

_WITHOUT_WINDOW = frozenset({*COMMANDS, "--version", "--help", "-h"})


def main(argv: list[str] | None = None) -> int:
    """Run the program; return its exit code. ``argv`` without the program's name."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] in _WITHOUT_WINDOW:
        return command_line(arguments)
    # Qt is loaded only when there is a window to open.
    from cxldesigner.gui.app import main as window  # noqa: PLC0415

    return window(arguments)


if __name__ == "__main__":
    sys.exit(main())
