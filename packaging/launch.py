"""What ``run.py`` does once Python fits: set up, find a display, start the program."""

from __future__ import annotations

import subprocess
import sys

import environment
import system

EXAMPLE = environment.ROOT / "resources" / "examples" / "story.cxld"


def run(arguments: list[str]) -> int:
    """Start the program; return its exit code, 3 when the machine lacks something."""
    try:
        environment.prepare()
    except system.Unprepared as lack:
        print(f"[set-up] {lack}", file=sys.stderr)
        return 3
    env = environment.variables()
    program = [str(environment.python()), "-m", "cxldesigner"]
    if arguments:
        if arguments[0] in COMMANDS:
            return subprocess.call([*program, *arguments], env=env)
        opening = arguments
    else:
        opening = ["--example", "story"]
    platform = system.display(environment.python(), env)
    if platform is None:
        return _play_without_window(program, env)
    environment.say(f"opening CXL Designer ({platform})")
    return subprocess.call([*program, *opening], env={**env, "QT_QPA_PLATFORM": platform})


COMMANDS = (
    "derive", "check", "import", "export", "run", "report", "demo",
    "--version", "--help", "-h",
)  # fmt: skip
"""First arguments that need no window."""


def _play_without_window(program: list[str], env: dict[str, str]) -> int:
    out = environment.ROOT / "build" / "demo"
    environment.say(
        "no usable display (no Wayland or X11 display answers): "
        "playing the example without a window"
    )
    code = subprocess.call([*program, "demo", str(EXAMPLE), "-o", str(out)], env=env)
    if code == 0:
        environment.say(f"open in a browser: {out / 'story.html'}")
    return code
