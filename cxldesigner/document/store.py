"""Reading and writing platform files (``.cxld``): canonical JSON, strict both ways.

The same document always gives the same bytes: keys in a fixed order, two spaces, LF, defaults
left out, sizes as ``"256 GiB"``, addresses as ``"0x…"``. Whatever is wrong with a file, the only
exception is :class:`DocumentError`. The schema is ``resources/schema/cxld-1.schema.json``.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from cxldesigner.document.atomic import write_atomically
from cxldesigner.document.codec import Malformed, decode, encode, shown, text, unknown_key
from cxldesigner.document.messages import sentence
from cxldesigner.document.model import (
    Device,
    Document,
    Host,
    HostBridge,
    ImportedTable,
    Link,
    MemoryDomain,
    Part,
    Point,
    RootPort,
    Scenario,
    Socket,
    Switch,
    Window,
)
from cxldesigner.document.ports import Refusal
from cxldesigner.document.validate import check_host, check_links, check_scenario, check_window

FORMAT = "cxldesigner-platform"
VERSION = 1
SCHEMA = "cxld-1.schema.json"
MAX_BYTES = 64 << 20

PART_LISTS: Mapping[str, type[Part]] = {
    "sockets": Socket,
    "memory": MemoryDomain,
    "bridges": HostBridge,
    "ports": RootPort,
    "switches": Switch,
    "devices": Device,
}
"""Lists of parts in a file, in file order."""

KEYS = (
    "$schema", "format", "version", "name", "notes", *PART_LISTS, "links", "windows", "host",
    "actions", "scenarios", "tables", "layout",
)  # fmt: skip
"""Keys of a file, in file order."""


class DocumentError(Exception):
    """A platform file that cannot be read or written.

    ``file`` is its name, ``place`` where in it (``devices[2].volatile_bytes``, ``line 3``; empty
    for the whole file), ``reason`` an English sentence. The text is one line with all three.
    """

    def __init__(self, file: str, place: str, reason: str) -> None:
        self.file, self.place, self.reason = file, place, reason
        where = "" if not place or place in reason else f"{place}: "
        super().__init__(f"{file}: {where}{reason}")


def _refuse(file: str, place: str, code: str, *args: str) -> NoReturn:
    raise DocumentError(file, place, sentence(Refusal(code, args))) from None


# --- writing --------------------------------------------------------------------------------


def canonical_bytes(document: Document) -> bytes:
    """Return the file contents of a document, the same bytes for equal documents.

    Raises
    ------
    DocumentError
        The document holds text that is no UTF-8 or a number that is none.
    """
    content: dict[str, Any] = {"$schema": SCHEMA, "format": FORMAT, "version": VERSION}
    content["name"] = document.name
    if document.notes:
        content["notes"] = document.notes
    for key, kind in PART_LISTS.items():
        content[key] = [encode(part) for part in document.parts.values() if type(part) is kind]
    content["links"] = [encode(link) for link in document.links.values()]
    content["windows"] = [encode(window) for window in document.windows.values()]
    content["host"] = encode(document.host)
    content["actions"] = list(document.actions)
    content["scenarios"] = [encode(scenario) for scenario in document.scenarios.values()]
    content["tables"] = [encode(table) for table in document.tables]
    content["layout"] = {key: encode(document.layout[key]) for key in sorted(document.layout)}
    content = {key: value for key, value in content.items() if value not in ([], {})}
    try:
        written = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
        return f"{written}\n".encode()
    except (ValueError, TypeError) as error:
        raise DocumentError(document.name, "", str(error)) from None


def save_document(document: Document, path: str | os.PathLike[str]) -> None:
    """Write a platform file so that either the old or the whole new one is there afterwards.

    Writes beside the file, reads nothing back from disk but checks first that the bytes load to
    the same document, keeps the permissions of the file that was there, follows a symbolic link.

    Raises
    ------
    DocumentError
        The document cannot be held by a file, or the file cannot be written; an old file is as
        it was.
    """
    name = Path(path).name
    data = canonical_bytes(document)
    if loads(data, name) != document:
        raise DocumentError(name, "", "The document would not read back as it is now.")
    try:
        write_atomically(path, data)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, a circle of links
        reason = getattr(error, "strerror", None) or str(error)
        _refuse(name, "", "file-unwritable", reason)


# --- reading --------------------------------------------------------------------------------


def load_document(path: str | os.PathLike[str]) -> Document:
    """Read a platform file.

    Raises
    ------
    DocumentError
        Whatever is wrong with the file or its contents.
    """
    path = Path(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            _refuse(path.name, "", "file-not-regular")
        if found.st_size > MAX_BYTES:
            _refuse_size(path.name, found.st_size)
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        _refuse(path.name, "", "file-unreadable", reason)
    return loads(data, path.name)


def _refuse_size(file: str, size: int) -> NoReturn:
    _refuse(file, "", "file-too-large", str(size), str(MAX_BYTES))


def loads(data: bytes, name: str) -> Document:
    """Return the document of a file's contents; ``name`` is for the error text.

    Raises
    ------
    DocumentError
        Whatever is wrong with the contents.
    """
    if len(data) > MAX_BYTES:
        _refuse_size(name, len(data))
    raw = _parse(data, name)
    try:
        return _document(raw)
    except Malformed as error:
        raise DocumentError(name, error.place, sentence(error.refusal)) from None


def _parse(data: bytes, name: str) -> Any:
    try:
        return json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        _refuse(name, f"byte {error.start}", "file-not-utf8", str(error.start))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(name, place, "file-not-json", place, error.msg.rstrip(":"))
    except Malformed as error:
        raise DocumentError(name, error.place, sentence(error.refusal)) from None
    except RecursionError:
        _refuse(name, "", "file-too-deep")
    except ValueError:  # int() refuses thousands of digits
        _refuse(name, "", "not-a-number", "A number of thousands of digits")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                raise Malformed("key-twice", shown(key)[1:-1])
            seen.add(key)
    return result


def _no_constant(constant: str) -> NoReturn:
    raise Malformed("not-a-number", constant)


def _document(raw: Any) -> Document:
    if not isinstance(raw, dict):
        raise Malformed("wrong-type", "The file", "an object", shown(raw))
    _check_format(raw)
    for key in raw:
        if key not in KEYS:
            raise unknown_key("", key, dict.fromkeys(KEYS))
    text(raw.get("$schema", SCHEMA), "$schema")
    ids: set[str] = set()
    parts: dict[str, Part] = {}
    for key, kind in PART_LISTS.items():
        parts.update(_by_id(kind, raw, key, ids))
    links = _by_id(Link, raw, "links", ids)
    windows = _by_id(Window, raw, "windows", ids)
    scenarios = _by_id(Scenario, raw, "scenarios", ids)
    host = decode(Host, raw.get("host", {}), "host")
    check_links(parts, links)
    for i, window in enumerate(windows.values()):
        check_window(parts, window, f"windows[{i}]")
    for i, scenario in enumerate(scenarios.values()):
        check_scenario(scenario, f"scenarios[{i}]")
    check_host(parts.keys() | windows.keys(), host)
    return Document(
        name=text(raw.get("name", Document().name), "name"),
        notes=text(raw.get("notes", ""), "notes"),
        parts=parts,
        links=links,
        windows=windows,
        host=host,
        actions=tuple(text(a, f"actions[{i}]") for i, a in enumerate(_list(raw, "actions"))),
        scenarios=scenarios,
        tables=tuple(
            decode(ImportedTable, t, f"tables[{i}]") for i, t in enumerate(_list(raw, "tables"))
        ),
        layout=_layout(raw, parts.keys() | windows.keys()),
    )


def _check_format(raw: dict[str, Any]) -> None:
    if raw.get("format") != FORMAT:
        raise Malformed("format-wrong", "format", f'"{FORMAT}"', shown(raw.get("format")))
    version = raw.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Malformed("format-wrong", "version", "a version number", shown(version))
    if version > VERSION:
        raise Malformed("version-newer", shown(version), str(VERSION))


def _list(raw: dict[str, Any], key: str) -> list[Any]:
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise Malformed("wrong-type", key, "a list", shown(value))
    return value


def _by_id(kind: type[Any], raw: dict[str, Any], key: str, ids: set[str]) -> dict[str, Any]:
    items = {}
    for i, entry in enumerate(_list(raw, key)):
        item = decode(kind, entry, f"{key}[{i}]")
        if item.id in ids:
            raise Malformed("id-twice", f"{key}[{i}].id", item.id)
        ids.add(item.id)
        items[item.id] = item
    return items


def _layout(raw: dict[str, Any], placed: set[str]) -> dict[str, Point]:
    value = raw.get("layout", {})
    if not isinstance(value, dict):
        raise Malformed("wrong-type", "layout", "an object", shown(value))
    for key in value:
        if key not in placed:
            raise Malformed("reference-missing", "layout", shown(key)[1:-1])
    return {key: decode(Point, point, f"layout.{key}") for key, point in value.items()}
