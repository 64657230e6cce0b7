"""Use an installed wheel from outside the tree: program, shipped files, a derivation, a window.

    python wheel_check.py WHEEL FOLDER

FOLDER holds a virtual environment ``venv`` with the dependencies; the wheel is unpacked into it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CODE = """
import cxldesigner, pathlib, sys
from cxldesigner.assets import resource
here = pathlib.Path(cxldesigner.__file__).resolve()
assert pathlib.Path(sys.prefix).resolve() in here.parents, here
for name in ("icons", "fonts", "catalog", "schema", "examples", "help"):
    assert any(resource(name).iterdir()), name
print(resource("examples", "story.cxld"))
"""


def main(wheel: str, folder: str) -> int:
    """Install, run, compare; return 0 when everything works."""
    python = Path(folder, "venv", "Scripts" if os.name == "nt" else "bin", "python")
    program = python.with_name("cxldesigner")
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}

    def ask(*command: str) -> str:
        return subprocess.run(
            command, cwd=folder, env=env, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    # The nested environment sees the outer one's packages, but must not see its checkout.
    site = ask(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    outer = Path(sys.prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    Path(site, "dependencies.pth").write_text(f"{outer / 'site-packages'}\n")
    ask(str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    example = ask(str(python), "-c", CODE).strip()
    print(ask(str(program), "--version").strip())
    moments = json.loads(ask(str(program), "derive", example, "--json"))["moments"]
    assert moments[0]["label"] == "boot", moments
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
