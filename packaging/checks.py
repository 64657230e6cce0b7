"""Every check CI runs, in order, with what could not run listed at the end.

Each check is one command in the project's environment.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import environment
import system

ROOT = environment.ROOT
SCREEN_PACKAGES = ("xvfb", "openbox", "xdotool")
SCREEN_TOOLS = ("Xvfb", "openbox", "xdotool")


@dataclass(frozen=True)
class Check:
    """One check: its name, what it shows, how to run it (returns exit code and tests not run)."""

    name: str
    what: str
    run: Callable[[], tuple[int, list[str]]]


def main(arguments: list[str]) -> int:
    """Run all checks (or those named by ``--only``); return 0 only if all ran and passed."""
    parser = argparse.ArgumentParser(prog="test.py", description="Run every check CI runs.")
    parser.add_argument("--only", default="", help="names of checks, separated by commas")
    parser.add_argument("--list", action="store_true", help="list the checks and end")
    options = parser.parse_args(arguments)
    if options.list:
        for check in CHECKS:
            print(f"{check.name:12} {check.what}")
        return 0
    wanted = [n for n in options.only.split(",") if n]
    unknown = set(wanted) - {c.name for c in CHECKS}
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    try:
        environment.prepare(dev=True)
    except system.Unprepared as lack:
        print(f"[set-up] {lack}", file=sys.stderr)
        return 3
    return _run_all([c for c in CHECKS if not wanted or c.name in wanted])


def _run_all(checks: list[Check]) -> int:
    failed, not_run = [], []
    for check in checks:
        print(f"\n=== {check.name}: {check.what}", flush=True)
        started = time.monotonic()
        try:
            code, skipped = check.run()
        except system.Unprepared as lack:
            print(lack)
            code, skipped = 0, [f"{check.name}: all of it: {lack}"]
        not_run += skipped
        if code:
            failed.append(check.name)
        verdict = "FAILED" if code else "ok"
        print(f"=== {check.name}: {verdict} ({time.monotonic() - started:.0f} s)", flush=True)
    if not_run:
        print("\nNot run:")
        for item in not_run:
            print(f"  {item}")
    print(f"\n{len(checks) - len(failed)} passed, {len(failed)} failed", flush=True)
    if failed:
        print(f"Failed checks: {', '.join(failed)}")
    return 1 if failed or not_run else 0


def _tool(*command: str) -> Callable[[], tuple[int, list[str]]]:
    def run() -> tuple[int, list[str]]:
        return subprocess.call(
            [str(environment.python()), *command], cwd=ROOT, env=environment.variables()
        ), []

    return run


def _lint() -> tuple[int, list[str]]:
    code, _ = _tool("-m", "ruff", "check", ".")()
    formatted, _ = _tool("-m", "ruff", "format", "--check", ".")()
    return code or formatted, []


def _pytest(paths: list[str], *options: str, **more: str) -> tuple[int, list[str]]:
    """Run pytest; return its exit code and the tests that were skipped, with their reasons."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        code = subprocess.call(
            [str(environment.python()), "-m", "pytest", "-q", *paths, *options,
             f"--junitxml={report}"],
            cwd=ROOT, env={**environment.variables(), **more},
        )  # fmt: skip
        skipped = []
        if report.exists():
            for case in ET.parse(report).iter("testcase"):
                reason = case.find("skipped")
                if reason is not None:
                    name = f"{case.get('classname')}::{case.get('name')}"
                    skipped.append(f"{name}: {reason.get('message', 'skipped')}")
    return code, skipped


def _core() -> tuple[int, list[str]]:
    ignored = [f"--ignore=tests/{name}" for name in ("gui", "app", "benchmarks")]
    return _pytest(["tests"], "-n", "2", *ignored)


def _gui() -> tuple[int, list[str]]:
    return _pytest(["tests/gui"], "-n", "2", QT_QPA_PLATFORM="offscreen")


def _app() -> tuple[int, list[str]]:
    """Run the whole program; these tests start and end their own virtual screen."""
    if not all(shutil.which(tool) for tool in SCREEN_TOOLS):
        system.install(SCREEN_PACKAGES, "a virtual screen", environment.say)
    return _pytest(["tests/app"])


def _bench() -> tuple[int, list[str]]:
    return _pytest(["tests/benchmarks"], "-s", QT_QPA_PLATFORM="offscreen")


def _wheel() -> tuple[int, list[str]]:
    """Build the wheel without fetching anything, install it elsewhere, use it from outside."""
    with tempfile.TemporaryDirectory() as folder:
        python = str(environment.python())
        env = environment.variables()
        steps = [
            [python, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(ROOT)],
            [python, "-m", "venv", "--system-site-packages", f"{folder}/venv"],
        ]
        for step in steps:
            if subprocess.call(step, cwd=folder, env=env, stdout=subprocess.DEVNULL):
                return 1, []
        wheel = next(Path(folder).glob("cxldesigner-*.whl"))
        tester = [python, str(ROOT / "packaging" / "wheel_check.py"), str(wheel), folder]
        return subprocess.call(tester, cwd=folder, env=env), []


CHECKS = (
    Check("lint", "style and formatting (ruff)", _lint),
    Check("types", "strict types over the whole package (mypy)", _tool("-m", "mypy")),
    Check("layers", "a room imports only rooms above it (import-linter)",
          _tool("-c", "from importlinter.cli import lint_imports_command as c; c()")),
    Check("core", "rules, engine, files: everything without a window", _core),
    Check("gui", "widgets and canvas, offscreen", _gui),
    Check("app", "the whole program in a real window", _app),
    Check("bench", "speed, as ratios in one run", _bench),
    Check("wheel", "pip install gives a working program outside the tree", _wheel),
)  # fmt: skip
