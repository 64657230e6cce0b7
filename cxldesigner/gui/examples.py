"""The shipped example platforms: what is there, what each is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cxldesigner.assets import resource

DEFAULT = "story"


@dataclass(frozen=True, slots=True)
class Example:
    """One example. ``name`` is its file's stem, ``recording`` None when none is shipped.

    ``group`` is the folder it lies in, "" for the ones a newcomer should see first.
    """

    name: str
    title: str
    summary: str
    path: Path
    recording: Path | None
    group: str = ""


def examples() -> tuple[Example, ...]:
    """Return the shipped examples: by group, the one with the story first, then by title."""
    root = resource("examples")
    found = (_read(path, root) for path in root.rglob("*.cxld"))
    return tuple(sorted(found, key=lambda e: (e.group, e.name != DEFAULT, e.title)))


def example(name: str) -> Example | None:
    """Return the example of a name, None when there is none."""
    return next((e for e in examples() if e.name == name), None)


def _read(path: Path, root: Path) -> Example:
    """Read only title and first line of the notes: cheap enough for the start of the program."""
    raw = json.loads(path.read_bytes())
    notes = str(raw.get("notes", "")).strip()
    recording = path.with_suffix(".cxlrec")
    return Example(
        name=path.stem,
        title=str(raw.get("name", path.stem)),
        summary=notes.partition("\n")[0],
        path=path,
        recording=recording if recording.exists() else None,
        group="" if path.parent == root else path.parent.name,
    )
