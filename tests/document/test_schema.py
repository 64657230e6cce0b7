"""The published JSON Schema: generated from the model, true to what the reader takes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from cxldesigner.assets import resource
from cxldesigner.document.model import Document
from cxldesigner.document.store import DocumentError, canonical_bytes, loads
from tests.build import documents

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = resource("schema", "cxld-1.schema.json")
VALIDATOR = Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_schema", ROOT / "packaging/make_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_published_schema_is_the_generated_one() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == _generator().text(), (
        "run packaging/make_schema.py after a change of the model"
    )
    Draft202012Validator.check_schema(VALIDATOR.schema)


@given(documents())
@settings(max_examples=50)
def test_every_written_file_fits_the_schema(document: Document) -> None:
    VALIDATOR.validate(json.loads(canonical_bytes(document)))


def test_every_shipped_example_fits_the_schema() -> None:
    for path in (ROOT / "resources").rglob("*.cxld"):
        VALIDATOR.validate(json.loads(path.read_bytes()))
        assert canonical_bytes(loads(path.read_bytes(), path.name)) == path.read_bytes()


HEAD: dict[str, Any] = {"format": "cxldesigner-platform", "version": 1}


@pytest.mark.parametrize(
    "more",
    [
        {"version": 2},
        {"format": "x"},
        {"colour": 1},
        {"devices": [{}]},
        {"devices": [{"id": "Mem"}]},
        {"devices": [{"id": "m", "colour": 1}]},
        {"devices": [{"id": "m", "volatile_bytes": -1}]},
        {"devices": [{"id": "m", "volatile_bytes": "1 GB"}]},
        {"devices": [{"id": "m", "volatile_bytes": True}]},
        {"devices": [{"id": "m", "width": 7}]},
        {"switches": [{"id": "m", "downstream": 1000}]},
        {"windows": [{"id": "m", "restrictions": ["x"]}]},
        {"layout": {"m": {"x": 0}}},
        {"tables": [{"signature": "CEDT"}]},
    ],
)
def test_schema_and_reader_refuse_the_same(more: dict[str, Any]) -> None:
    raw = {**HEAD, **more}
    assert not VALIDATOR.is_valid(raw)
    with pytest.raises(DocumentError):
        loads(json.dumps(raw).encode(), "x")
    assert VALIDATOR.is_valid(HEAD)
