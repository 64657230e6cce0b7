"""What the operating system must provide: venv, Qt's libraries, a display. Standard library only.

On Debian and Ubuntu, as root, missing packages are installed by apt-get; elsewhere one command
is printed for the user to run, and the program ends with exit code 3.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Say = Callable[[str], None]

QT_PACKAGES = (
    "libgl1", "libegl1", "libglib2.0-0", "libfontconfig1", "libfreetype6", "fontconfig",
    "libdbus-1-3", "libxkbcommon0", "libxkbcommon-x11-0", "libx11-xcb1", "libxcb-cursor0",
    "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0", "libxcb-render-util0",
    "libxcb-shape0", "libxcb-sync1", "libxcb-xfixes0", "libxcb-xinerama0", "libxcb-xkb1",
    "libwayland-client0", "libwayland-cursor0", "libwayland-egl1",
)  # fmt: skip
"""Debian packages that hold the libraries Qt's wheels link to but do not bring."""

_LOAD_QT = """
import ctypes, pathlib, sys
import PySide6.QtWidgets, PySide6.QtSvg, PySide6.QtNetwork
folder = pathlib.Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms"
for plugin in sorted(folder.glob("libqxcb.so")) + sorted(folder.glob("libqwayland*.so")):
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        if "cannot open shared object" in str(error):
            sys.exit(f"{plugin.name}: {error}")
"""

_OPEN_WINDOW = """
from PySide6.QtWidgets import QApplication
application = QApplication([])
print(application.platformName(), len(application.screens()))
"""


class Unprepared(Exception):
    """The machine lacks something; the text says what and which command brings it."""


def need_qt_libraries(python: Path, env: Mapping[str, str], say: Say) -> None:
    """Make sure Qt can be loaded, by loading it in a child process.

    Raises
    ------
    Unprepared
        A library is missing and cannot be installed from here.
    """
    problem = _try(python, _LOAD_QT, {**env, "QT_QPA_PLATFORM": "offscreen"})
    if problem is None:
        return
    say(f"Qt lacks a library: {problem.splitlines()[-1] if problem else 'unknown'}")
    if sys.platform != "linux":
        raise Unprepared(f"Qt cannot be loaded:\n{problem}")
    install(QT_PACKAGES, "the libraries Qt needs", say)
    problem = _try(python, _LOAD_QT, {**env, "QT_QPA_PLATFORM": "offscreen"})
    if problem is not None:
        raise Unprepared(f"Qt still cannot be loaded:\n{problem}")


def display(python: Path, env: Mapping[str, str]) -> str | None:
    """Return the Qt platform that opens a window here, None when there is none.

    The user's own ``QT_QPA_PLATFORM`` is tried first, then Wayland or X11 as their variables are
    set; macOS and Windows always have one.
    """
    if sys.platform != "linux":
        return "cocoa" if sys.platform == "darwin" else "windows"
    candidates = [env.get("QT_QPA_PLATFORM", "")]
    if env.get("WAYLAND_DISPLAY"):
        candidates.append("wayland")
    if env.get("DISPLAY"):
        candidates.append("xcb")
    for name in filter(None, candidates):
        if _try(python, _OPEN_WINDOW, {**env, "QT_QPA_PLATFORM": name}) is None:
            return name
    return None


def _try(python: Path, code: str, env: Mapping[str, str]) -> str | None:
    """Run code in a child; None if it worked, else what it said."""
    try:
        child = subprocess.run(
            [str(python), "-c", code], env=dict(env), capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "no answer within 60 s"
    return None if child.returncode == 0 else (child.stderr.strip() or f"exit {child.returncode}")


def venv_packages() -> tuple[str, ...]:
    """Return the Debian packages that complete this Python's venv module."""
    return (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", "python3-venv")


def install(packages: Sequence[str], purpose: str, say: Say) -> None:
    """Install Debian packages, or raise :class:`Unprepared` with the command that does it.

    Packages this release of the distribution does not know are left out.
    """
    apt = shutil.which("apt-get")
    if apt is None:
        raise Unprepared(
            f"missing: {purpose}. Install what your distribution calls: {' '.join(packages)}"
        )
    if os.geteuid() != 0:
        raise Unprepared(
            f"missing: {purpose}. Run:\n    sudo apt-get update && sudo apt-get install -y "
            f"--no-install-recommends {' '.join(packages)}"
        )
    say(f"installing {purpose} with apt-get")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    common = [apt, "-q", "-y", "-o", "DPkg::Lock::Timeout=600"]
    _run([*common, "update"], env)
    known = [p for p in packages if _known(p, env)]
    _run([*common, "install", "--no-install-recommends", *known], env)


def _known(package: str, env: Mapping[str, str]) -> bool:
    command = ["apt-get", "-q", "--simulate", "install", "--no-install-recommends", package]
    return subprocess.run(command, env=dict(env), capture_output=True, check=False).returncode == 0


def _run(command: Sequence[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise Unprepared(f"{' '.join(command[:6])} … failed:\n{tail}")
