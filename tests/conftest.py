"""What every test gets: own folders instead of the user's, and Qt without a screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["QT_LOGGING_RULES"] = "qt.qpa.fonts.warning=false"
os.environ["LC_ALL"] = "C.UTF-8"

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    # Explaining a failure traces every line, which takes minutes where Qt calls back into Python.
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
settings.load_profile("project")

_FOLDERS = {
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Redirect the user's folders; returns the one they are in."""
    root = tmp_path_factory.mktemp("user")
    for variable, name in _FOLDERS.items():
        monkeypatch.setenv(variable, str(root / name))
    return root
