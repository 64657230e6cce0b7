"""The program's Python environment in ``.venv``: made, stamped, rebuilt. Standard library only.

The stamp is written last: an environment without it, or with another one, was interrupted or
is out of date and is made anew. A file lock keeps two set-ups apart.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "cxldesigner-stamp.json"
LOCK = ROOT / ".venv.lock"
PINS = {
    "runtime": ROOT / "packaging" / "requirements" / "runtime.txt",
    "dev": ROOT / "packaging" / "requirements" / "dev.txt",
}


def say(text: str) -> None:
    """Tell the user what happens now."""
    print(f"[set-up] {text}", flush=True)


def python() -> Path:
    """Return the environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def variables() -> dict[str, str]:
    """Return the process environment for programs of the project: kernels cached in ``.venv``."""
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME"}}
    env.setdefault("NUMBA_CACHE_DIR", str(VENV / "kernels"))
    return env


def prepare(*, dev: bool = False) -> None:
    """Make ``.venv`` fit: right Python, right pins, compiled page kernels.

    Raises
    ------
    system.Unprepared
        Something has to be done by hand; its text says what.
    """
    levels = ["runtime", "dev"] if dev else ["runtime"]
    with locked():
        have = _read_stamp()
        wanted = {level: _digest(level) for level in PINS}
        if have.get("base") != _base() or have.get("runtime") != wanted["runtime"]:
            _create()
            have = {"base": _base()}
        missing = [level for level in levels if have.get(level) != wanted[level]]
        if missing:
            STAMP.unlink(missing_ok=True)
            _install(missing)
            have.update({level: wanted[level] for level in missing})
        if not dev and have.get("dev") != wanted["dev"]:
            have.pop("dev", None)
        system.need_qt_libraries(python(), variables(), say)
        if missing or have.get("kernels") != _kernels():
            STAMP.unlink(missing_ok=True)
            _compile_kernels()
            have["kernels"] = _kernels()
            _write_stamp(have)
        else:
            say("environment is up to date")


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the set-up lock; wait for another set-up to end."""
    with LOCK.open("a+") as handle:
        if os.name == "nt":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another set-up is running; waiting for it to end")
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _base() -> str:
    return f"{sys.version} {sysconfig.get_platform()} {VENV}"


def _digest(level: str) -> str:
    return hashlib.sha256(PINS[level].read_bytes()).hexdigest()


def _kernels() -> str:
    """Return a digest of the page kernels' sources: they are compiled again when it changes."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "cxldesigner" / "engine").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and python().exists() else {}


def _write_stamp(stamp: dict[str, str]) -> None:
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(stamp, indent=1, sort_keys=True))
    part.replace(STAMP)


def _create() -> None:
    if VENV.exists():
        say("removing an unfinished or outdated environment")
        shutil.rmtree(VENV)
    say(f"creating the environment {VENV.name} with Python {platform.python_version()}")
    for attempt in (1, 2):
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
        )
        if made.returncode == 0 and _has_pip():
            break
        shutil.rmtree(VENV, ignore_errors=True)  # a half-made folder would pass for an environment
        if attempt == 2:
            raise system.Unprepared(
                f"making a virtual environment failed:\n{made.stdout}{made.stderr}"
            )
        system.install(system.venv_packages(), "Python's venv module", say)
    # The checkout itself, without a build: a path file is all an editable install comes to.
    where = subprocess.run(
        [str(python()), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (Path(where) / "cxldesigner-checkout.pth").write_text(f"{ROOT}\n")


def _has_pip() -> bool:
    command = [str(python()), "-m", "pip", "--version"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _install(levels: list[str]) -> None:
    for level in levels:
        say(f"installing pinned packages: {level}")
        done = subprocess.run(
            [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--no-input", "--only-binary", ":all:", "--require-hashes", "--no-deps",
             "--no-warn-script-location", "-r", str(PINS[level])],
            env=variables(), check=False,
        )  # fmt: skip
        if done.returncode:
            raise system.Unprepared(
                f"installing the packages of {PINS[level].relative_to(ROOT)} failed (see above); "
                "a second start begins anew"
            )


def _compile_kernels() -> None:
    say("compiling the page kernels (once; about half a minute)")
    command = [str(python()), "-m", "cxldesigner.engine.warm"]
    done = subprocess.run(command, env=variables(), cwd=ROOT, check=False)
    if done.returncode:
        raise system.Unprepared("compiling the page kernels failed (see above)")
