"""Make every picture of the README and the help pages from the running program.

    .venv/bin/python packaging/make_pictures.py [NAME…]

Each look (theme, scale) is a process of its own: the program on Qt's offscreen platform, with
settings and caches in a folder that is thrown away. The same program gives the same pictures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]
TARGET = ROOT / "resources" / "help" / "pictures"
LOOKS = (("light", 1), ("light", 2), ("dark", 2))
LIMIT_BYTES = 250_000


def main(arguments: list[str]) -> int:
    """Make the pictures named, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="make_pictures.py", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="pictures without .png")
    parser.add_argument("--look", nargs=2, metavar=("THEME", "SCALE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.look:
        from pictures import Studio

        Studio(options.look[0], int(options.look[1]), TARGET, set(options.names)).work()
        return 0
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for theme, scale in LOOKS:
            code = subprocess.call(
                [sys.executable, __file__, "--look", theme, str(scale), *options.names],
                env=_environment(home, theme, scale),
            )
            if code:
                return code
    large = [p.name for p in TARGET.glob("*.png") if p.stat().st_size > LIMIT_BYTES]
    for name in large:
        print(f"{name} is larger than {LIMIT_BYTES} bytes", file=sys.stderr)
    return 1 if large else 0


def _environment(home: str, theme: str, scale: int) -> dict[str, str]:
    """Return an environment in which nothing of the user's own settings shows."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "XDG_", "DISPLAY"))}
    folders = {
        "XDG_CACHE_HOME": f"{home}/cache",  # shared: a played example is found again
        "XDG_CONFIG_HOME": f"{home}/config-{theme}-{scale}",
        "XDG_STATE_HOME": f"{home}/state",
        "XDG_DATA_HOME": f"{home}/data",
    }
    kept.setdefault("NUMBA_CACHE_DIR", str(Path(sys.prefix) / "kernels"))
    qt = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale), "LC_ALL": "C.UTF-8"}
    return {**kept, **folders, **qt, "HOME": home}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
