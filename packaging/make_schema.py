"""Write ``resources/schema/cxld-1.schema.json`` from the document's dataclasses.

Run it after a change of the model; a test compares the committed file with the generated one.
The schema says shape, types and ranges; references between items are checked by the program.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cxldesigner.document import model  # noqa: E402
from cxldesigner.document.codec import default_of, fields_of, has_default, hints_of  # noqa: E402
from cxldesigner.document.limits import ID_PATTERN, Quantity, limits_of  # noqa: E402
from cxldesigner.document.store import FORMAT, KEYS, PART_LISTS, SCHEMA, VERSION  # noqa: E402

TARGET = ROOT / "resources" / "schema" / SCHEMA
PATTERNS = {
    Quantity.SIZE: r"^[0-9][0-9_]*(\.[0-9]+)?\s*([kKmMgGtTpPeE]([iI][bB]?)?|[bB])?$",
    Quantity.ADDRESS: "^0[xX][0-9a-fA-F][0-9a-fA-F_]*$",
}
LISTS: Mapping[str, type] = {
    **PART_LISTS,
    "links": model.Link,
    "windows": model.Window,
    "scenarios": model.Scenario,
    "tables": model.ImportedTable,
}


def schema() -> dict[str, Any]:
    """Return the whole schema."""
    definitions: dict[str, Any] = {}
    properties: dict[str, Any] = {
        "$schema": {"type": "string"},
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "name": {"type": "string"},
        "notes": {"type": "string"},
        "actions": {"type": "array", "items": {"type": "string"}},
        "host": _object(model.Host, definitions),
        "layout": {
            "type": "object",
            "propertyNames": {"pattern": f"^{ID_PATTERN}$"},
            "additionalProperties": _object(model.Point, definitions),
        },
    }
    for key, kind in LISTS.items():
        properties[key] = {"type": "array", "items": _object(kind, definitions)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "CXL Designer platform",
        "type": "object",
        "properties": {key: properties[key] for key in KEYS},
        "required": ["format", "version"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}  # reserves the name while its fields are read
        hints, properties = hints_of(cls), {}
        for field in fields_of(cls):
            properties[field.name] = _hinted(hints[field.name], field.name, definitions)
            default = default_of(field) if has_default(field) else None
            if isinstance(default, str | int | float) and not isinstance(default, Enum):
                properties[field.name]["default"] = default
        definitions[cls.__name__] = {
            "description": re.sub(r"`+(.*?)`+", r"\1", (cls.__doc__ or "").split("\n\n")[0]),
            "type": "object",
            "properties": properties,
            "required": [f.name for f in fields_of(cls) if not has_default(f)],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _hinted(hint: Any, name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        inner = next(a for a in args if a is not NoneType)
        return {"anyOf": [_hinted(inner, name, definitions), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _hinted(args[0], name, definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _hinted(args[1], name, definitions)}
    if dataclasses.is_dataclass(hint):
        return _object(hint, definitions)
    if issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    if hint is bytes:
        return {"type": "string", "contentEncoding": "base64"}
    if hint is bool:
        return {"type": "boolean"}
    return _scalar(hint, name)


def _scalar(hint: type, name: str) -> dict[str, Any]:
    limits = limits_of(name)
    if limits.choices:
        return {"enum": [_plain(choice) for choice in limits.choices]}
    if hint is str:
        return {"type": "string", **({"pattern": f"^{ID_PATTERN}$"} if name == "id" else {})}
    number = {
        "type": "integer" if hint is int else "number",
        "minimum": _plain(limits.minimum),
        "maximum": _plain(limits.maximum),
    }
    patterns = [PATTERNS[limits.quantity]] if limits.quantity in PATTERNS else []
    if limits.quantity is Quantity.ADDRESS:
        patterns.append(PATTERNS[Quantity.SIZE])
    texts = [{"type": "string", "pattern": pattern} for pattern in patterns]
    return {"anyOf": [*texts, number]} if texts else number


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def text() -> str:
    """Return the schema file's contents."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text(), encoding="utf-8", newline="\n")
    print(f"wrote {TARGET.relative_to(ROOT)}")
