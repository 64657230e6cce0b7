"""The user's settings: frozen values per section, kept in one INI file.

The only module that touches ``QSettings``. A value that does not fit its field (an edited or older
file) falls back to the field's default.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QByteArray, QSettings

from cxldesigner.gui.folders import config_folder
from cxldesigner.gui.theme import ThemeChoice

SCHEMA_VERSION = 1
RECENT_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the program looks. ``language`` "" follows the desktop."""

    theme: ThemeChoice = ThemeChoice.SYSTEM
    language: str = ""
    reduced_motion: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What was used last, newest first: files by absolute path, commands by action id."""

    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The window: geometry, and the docks of each mode, as Qt packs them."""

    geometry: bytes = b""
    edit: bytes = b""
    replay: bytes = b""


Section = TypeVar("Section", Appearance, History, Layout)


class Settings:
    """The settings file. Sections are read whole and written whole."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "settings.ini"
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)
        self._read: dict[type, Any] = {}
        if self._store.value("schema") is None:
            self._store.setValue("schema", SCHEMA_VERSION)

    def read(self, section: type[Section]) -> Section:
        """Return a section; fields that are missing or do not fit have their defaults."""
        if section in self._read:
            kept: Section = self._read[section]
            return kept
        default = section()
        values: dict[str, Any] = {}
        for field in dataclasses.fields(section):
            stored = self._store.value(f"{section.__name__}/{field.name}")
            if stored is not None:
                known = getattr(default, field.name)
                values[field.name] = _fit(stored, known)
        self._read[section] = replace(default, **values)
        return self.read(section)

    def write(self, section: Appearance | History | Layout) -> None:
        """Keep a section; on disk when this returns."""
        self._read[type(section)] = section
        for field in dataclasses.fields(section):
            value = getattr(section, field.name)
            self._store.setValue(f"{type(section).__name__}/{field.name}", _plain(value))
        self._store.sync()

    def change(self, section: type[Section], **changes: Any) -> Section:
        """Write a section with some fields changed; returns it."""
        changed = replace(self.read(section), **changes)
        self.write(changed)
        return changed

    def remember_file(self, path: str) -> None:
        """Put a file first among the recent ones."""
        files = _first(path, self.read(History).files, RECENT_LIMIT)
        self.change(History, files=files, folder=str(Path(path).parent))

    def forget_file(self, path: str) -> None:
        """Take a file off the recent ones (it is gone)."""
        files = tuple(f for f in self.read(History).files if f != path)
        self.change(History, files=files)

    def remember_command(self, action_id: str) -> None:
        """Put a command first among the recently used ones."""
        self.change(History, commands=_first(action_id, self.read(History).commands, 20))


def _first(value: str, values: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return (value, *(v for v in values if v != value))[:limit]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bytes):
        return QByteArray(value)
    return str(value).lower() if isinstance(value, bool) else value


def _fit(stored: Any, default: Any) -> Any:
    """Return what the INI file gave as the type of ``default``, or ``default``."""
    kinds: dict[type, Callable[[Any], Any]] = {bool: _bool, tuple: _strings, bytes: _bytes}
    try:
        return kinds.get(type(default), type(default))(stored)
    except (ValueError, TypeError):
        return default


def _bool(stored: Any) -> bool:
    return {"true": True, "false": False}.get(str(stored).lower(), False)


def _strings(stored: Any) -> tuple[str, ...]:
    values = stored if isinstance(stored, list) else [stored]
    return tuple(str(v) for v in values if v)


def _bytes(stored: Any) -> bytes:
    if not isinstance(stored, QByteArray):
        raise TypeError(type(stored))
    return bytes(stored.data())
