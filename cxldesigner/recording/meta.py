"""What a recording says of itself, read from its ``meta`` table and checked."""

from __future__ import annotations

import json
from typing import Any

from cxldesigner.recording import schema
from cxldesigner.recording.file import RecordingFile
from cxldesigner.recording.model import Column, Meta

_MAX_NUMBER = 1 << 53


def read_meta(file: RecordingFile) -> Meta:
    """Return the description of a recording; :class:`RecordingError` when any of it is amiss."""
    about = _json(file, "about")
    state = _json(file, "state")
    if not isinstance(about, dict) or not isinstance(state, dict):
        raise file.error("meta", "is not what a recording says of itself")
    summary, complete = state.get("summary"), state.get("complete")
    if not isinstance(summary, dict) or not isinstance(complete, bool):
        raise file.error("meta: state", "has values of the wrong type")
    return Meta(
        document=_value(file, "document", schema.MAX_DOCUMENT_BYTES),
        scenario=_text(file, about, "scenario"),
        engine=_text(file, about, "engine"),
        seed=_whole(file, about, "seed", 0, 1 << 128),
        tick_ms=_whole(file, about, "tick_ms", 1, 1 << 31),
        granule_pages=_whole(file, about, "granule_pages", 1, 1 << 31),
        columns=_columns(file),
        format=schema.FORMAT,
        complete=complete,
        summary={str(key): _number(file, key, value) for key, value in summary.items()},
    )


def is_complete(file: RecordingFile) -> bool:
    """Return whether the writer has marked the recording complete."""
    state = _json(file, "state")
    return isinstance(state, dict) and state.get("complete") is True


def _value(file: RecordingFile, key: str, limit: int) -> bytes:
    place = f"meta: {key}"
    rows = file.query("SELECT value FROM meta WHERE key = ?", (key,), place=place, limit=1)
    if not rows:
        raise file.error(place, "is missing")
    value = rows[0][0]
    if not isinstance(value, bytes):
        raise file.error(place, "has values of the wrong type")
    if len(value) > limit:
        raise file.error(place, f"is longer than {limit} bytes")
    return value


def _json(file: RecordingFile, key: str) -> Any:
    try:
        return json.loads(_value(file, key, schema.MAX_JSON_BYTES))
    except (ValueError, RecursionError) as error:
        raise file.error(f"meta: {key}", "is not readable JSON") from error


def _columns(file: RecordingFile) -> tuple[Column, ...]:
    entries, place = _json(file, "columns"), "meta: columns"
    if not isinstance(entries, list) or len(entries) > schema.MAX_COLUMNS:
        raise file.error(place, f"is not a list of up to {schema.MAX_COLUMNS} columns")
    columns: dict[str, Column] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise file.error(place, "has values of the wrong type")
        column = Column(*(_text(file, entry, key) for key in ("name", "unit", "label")))
        if column.name in columns:
            raise file.error(place, f"names {column.name!r} twice")
        columns[column.name] = column
    return tuple(columns.values())


def _text(file: RecordingFile, entries: dict[str, Any], key: str) -> str:
    value = entries.get(key)
    if not isinstance(value, str) or len(value) > schema.MAX_TEXT:
        raise file.error(f"meta: {key}", "is missing or no text")
    return value


def _whole(file: RecordingFile, entries: dict[str, Any], key: str, low: int, high: int) -> int:
    value = entries.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value < high:
        raise file.error(f"meta: {key}", f"is missing or no whole number from {low}")
    return value


def _number(file: RecordingFile, key: object, value: object) -> float:
    if isinstance(value, float):
        return value
    if isinstance(value, int) and abs(value) <= _MAX_NUMBER:
        return float(value)
    raise file.error(f"meta: summary: {str(key)[:80]}", "is no number")
