"""Where the program keeps what is not the user's documents, by the desktop's own rules."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

_NAME = "cxldesigner"


def _folder(kind: QStandardPaths.StandardLocation, *names: str) -> Path:
    path = Path(QStandardPaths.writableLocation(kind)).joinpath(_NAME, *names)
    path.mkdir(parents=True, exist_ok=True)
    return path


def config_folder() -> Path:
    """Return the folder of the settings, made if missing."""
    return _folder(QStandardPaths.StandardLocation.GenericConfigLocation)


def state_folder(*names: str) -> Path:
    """Return the folder of logs and recovery copies, or one inside it, made if missing."""
    return _folder(QStandardPaths.StandardLocation.GenericStateLocation, *names)


def cache_folder(*names: str) -> Path:
    """Return the folder of what can be made again, or one inside it, made if missing."""
    return _folder(QStandardPaths.StandardLocation.GenericCacheLocation, *names)
