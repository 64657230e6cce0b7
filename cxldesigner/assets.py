"""Where the shipped files are: inside the wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*names: str) -> Path:
    """Return the path of a shipped file or folder, e.g. ``resource("examples", "story.cxld")``.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete; names the file.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*names)
        if path.exists():
            return path
    raise FileNotFoundError(f"shipped file missing: resources/{'/'.join(names)}; reinstall")
