"""Where runs keep what can be made again: compiled page kernels."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def kernel_cache() -> Path:
    """Return the folder for compiled kernels in the user's cache, by the desktop's rules.

    It is not made here: the compiler makes it when it has something to put there.
    """
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "cxldesigner" / "kernels"
