"""Plain JSON values of the document's dataclasses, both ways, strict, by their type hints.

:func:`decode` takes nothing on trust: unknown keys, wrong types, numbers out of
:mod:`~cxldesigner.document.limits` and text that is no UTF-8 raise :class:`Malformed` with the
place.
:func:`encode` leaves out what has its default value. A field added to the model is read and
written without a change here.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from cxldesigner.document.limits import ID_PATTERN, Limits, Quantity, limits_of
from cxldesigner.document.ports import Refusal
from cxldesigner.document.units import (
    ACCEPTED,
    BadQuantity,
    format_address,
    format_size,
    parse_address,
    parse_size,
)

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]
Encoder = Callable[[Any], Any]

_ID = re.compile(ID_PATTERN)
_EXACT_JSON_INTEGER = 1 << 53
_MIB = 1 << 20
_SHOWN = 60


class Malformed(Exception):
    """A value that a document cannot hold: ``place`` is its path, ``refusal`` says why."""

    def __init__(self, code: str, place: str, *args: str) -> None:
        super().__init__(f"{place}: {code}")
        self.place = place
        self.refusal = Refusal(code, (place, *args))


def shown(value: Any) -> str:
    """Return a value as an error message names it: short, on one line, valid UTF-8."""
    match value:
        case None:
            return "null"
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > 200:
            return "a number of more than 60 digits"
        case str():
            text = ascii(value)[1:-1] if not _is_utf8(value) else value
            text = " ".join(text.split())
            return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'
    text = repr(value)
    return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fields_of(cls: type) -> tuple[dataclasses.Field[Any], ...]:
    """Return the fields of a model class in file order."""
    return dataclasses.fields(cls)


def has_default(field: dataclasses.Field[Any]) -> bool:
    """Whether a field may be left out of a file."""
    return not (
        field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Return the default value of a field that has one."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


@cache
def hints_of(cls: type) -> Mapping[str, Any]:
    """Return the resolved type hints of a model class."""
    return get_type_hints(cls)


def decode(cls: type[T], raw: Any, place: str) -> T:
    """Return the ``cls`` value of a JSON object, or raise :class:`Malformed`."""
    value: T = _object_decoder(cls)(raw, place)  # type: ignore[arg-type]
    return value


def encode(value: Any) -> dict[str, Any]:
    """Return the JSON object of a model value, default values left out."""
    result: dict[str, Any] = _object_encoder(type(value))(value)  # type: ignore[arg-type]
    return result


def check(item: Any, place: str) -> None:
    """Raise :class:`Malformed` when a file could not hold ``item``."""
    decode(type(item), encode(item), place)


# --- decoding -------------------------------------------------------------------------------


@cache
def _object_decoder(cls: type) -> Decoder:
    hints = hints_of(cls)
    decoders = {f.name: _decoder(hints[f.name], f.name) for f in fields_of(cls)}
    required = tuple(f.name for f in fields_of(cls) if not has_default(f))

    def run(raw: Any, place: str) -> Any:
        if not isinstance(raw, dict):
            raise Malformed("wrong-type", place, "an object", shown(raw))
        values = {}
        for key, value in raw.items():
            decoder = decoders.get(key)
            if decoder is None:
                raise unknown_key(place, key, decoders)
            values[key] = decoder(value, f"{place}.{key}")
        for name in required:
            if name not in values:
                raise Malformed("missing-key", f"{place}.{name}")
        return cls(**values)

    return run


def unknown_key(place: str, key: str, known: Mapping[str, Any]) -> Malformed:
    """Return the error for a key that ``place`` does not have."""
    name = shown(key)[1:-1]
    return Malformed("unknown-key", f"{place}.{name}" if place else name, ", ".join(known))


def _decoder(hint: Any, name: str) -> Decoder:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        inner = _decoder(next(a for a in args if a is not NoneType), name)
        return lambda raw, place: None if raw is None else inner(raw, place)
    if origin is tuple:
        return _list_decoder(_decoder(args[0], name))
    if origin is Mapping:
        return _mapping_decoder(_decoder(args[1], name))
    if dataclasses.is_dataclass(hint):
        return _object_decoder(hint)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum_decoder(hint)
    if hint is str:
        return _id if name == "id" else _text_decoder(limits_of(name))
    if hint is bool:
        return _flag
    if hint is bytes:
        return _bytes
    return _number_decoder(hint, limits_of(name))


def _list_decoder(inner: Decoder) -> Decoder:
    def run(raw: Any, place: str) -> Any:
        if not isinstance(raw, list):
            raise Malformed("wrong-type", place, "a list", shown(raw))
        return tuple(inner(value, f"{place}[{i}]") for i, value in enumerate(raw))

    return run


def _mapping_decoder(inner: Decoder) -> Decoder:
    def run(raw: Any, place: str) -> Any:
        if not isinstance(raw, dict):
            raise Malformed("wrong-type", place, "an object", shown(raw))
        return {text(k, place): inner(v, f"{place}.{shown(k)[1:-1]}") for k, v in raw.items()}

    return run


def _enum_decoder(kind: type[Enum]) -> Decoder:
    members = {str(member.value): member for member in kind}

    def run(raw: Any, place: str) -> Any:
        member = members.get(raw) if isinstance(raw, str) else None
        if member is None:
            raise Malformed("not-a-choice", place, ", ".join(members), shown(raw))
        return member

    return run


def text(raw: Any, place: str) -> str:
    """Return a JSON string that can be written as UTF-8."""
    if not isinstance(raw, str):
        raise Malformed("wrong-type", place, "text", shown(raw))
    if not _is_utf8(raw):
        raise Malformed("bad-text", place)
    return str(raw)


def _text_decoder(limits: Limits) -> Decoder:
    if not limits.choices:
        return text

    def run(raw: Any, place: str) -> str:
        value = text(raw, place)
        if value not in limits.choices:
            choices = ", ".join(str(choice) for choice in limits.choices)
            raise Malformed("not-a-choice", place, choices, shown(raw))
        return value

    return run


def _id(raw: Any, place: str) -> str:
    value = text(raw, place)
    if _ID.fullmatch(value) is None:
        raise Malformed("bad-id", place, shown(raw))
    return value


def _flag(raw: Any, place: str) -> bool:
    if not isinstance(raw, bool):
        raise Malformed("wrong-type", place, "true or false", shown(raw))
    return raw


def _bytes(raw: Any, place: str) -> bytes:
    try:
        return base64.b64decode(text(raw, place).encode(), validate=True)
    except binascii.Error:
        raise Malformed("bad-base64", place) from None


_PARSERS = {Quantity.SIZE: parse_size, Quantity.ADDRESS: parse_address}


def _number_decoder(kind: Any, limits: Limits) -> Decoder:
    whole, parse = kind is int, _PARSERS.get(limits.quantity)
    expected = "a whole number" if whole else "a number"
    if parse is not None:
        expected = f"{'an' if limits.quantity is Quantity.ADDRESS else 'a'} {limits.quantity}"

    def run(raw: Any, place: str) -> Any:
        value = raw
        if parse is not None and isinstance(raw, str):
            try:
                value = parse(raw)
            except BadQuantity as error:
                raise Malformed("bad-quantity", place, shown(raw), ACCEPTED[error.code]) from None
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise Malformed("wrong-type", place, expected, shown(raw))
        check_range(value, limits, place)
        return value if whole else float(value) + 0.0

    return run


def check_range(value: float, limits: Limits, place: str) -> None:
    """Raise :class:`Malformed` when a number is not one that ``limits`` allow."""
    if limits.choices:
        if value not in limits.choices:
            choices = ", ".join(f"{choice:g}" for choice in limits.choices)
            raise Malformed("not-a-choice", place, choices, shown(value))
    elif isinstance(value, float) and not math.isfinite(value):
        raise Malformed("not-a-number", place)
    elif not limits.minimum <= value <= limits.maximum:
        low, high = (_bound(bound, limits) for bound in (limits.minimum, limits.maximum))
        raise Malformed("out-of-range", place, low, high, shown(value))


def _bound(bound: float, limits: Limits) -> str:
    if limits.quantity in _PARSERS and bound:
        return format_address(int(bound))
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


# --- encoding -------------------------------------------------------------------------------


@cache
def _object_encoder(cls: type) -> Encoder:
    hints = hints_of(cls)
    encoders = tuple(
        (f.name, has_default(f), default_of(f) if has_default(f) else None,
         _encoder(hints[f.name], f.name))
        for f in fields_of(cls)
    )  # fmt: skip

    def run(value: Any) -> dict[str, Any]:
        result = {}
        for name, optional, default, encoder in encoders:
            field_value = getattr(value, name)
            if not (optional and field_value == default):
                result[name] = encoder(field_value)
        return result

    return run


def _encoder(hint: Any, name: str) -> Encoder:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        inner = _encoder(next(a for a in args if a is not NoneType), name)
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        element = _encoder(args[0], name)
        return lambda value: (
            [element(e) for e in value] if isinstance(value, tuple | list) else value
        )
    if origin is Mapping:
        element = _encoder(args[1], name)
        return lambda value: (
            {k: element(value[k]) for k in sorted(value, key=str)}
            if isinstance(value, Mapping)
            else value
        )
    if dataclasses.is_dataclass(hint):
        return lambda value: (
            _object_encoder(hint)(value) if isinstance(value, hint) else value  # type: ignore[arg-type]
        )
    if hint is bytes:
        return lambda value: base64.b64encode(value).decode() if isinstance(value, bytes) else value
    if hint is int:
        return _integer_encoder(limits_of(name).quantity)
    if hint is float:
        return _float
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: value.value if isinstance(value, Enum) else value
    return lambda value: value


def _integer_encoder(quantity: Quantity) -> Encoder:
    def run(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            return value
        if quantity is Quantity.ADDRESS:
            return format_address(value)
        if quantity is Quantity.SIZE and value:
            if value % _MIB == 0:
                return format_size(value)
            return value if value < _EXACT_JSON_INTEGER else f"{value} B"
        return value

    return run


def _float(value: Any) -> Any:
    """Return a float as the integer it is, where JSON can hold it: 32.0 is written 32."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_JSON_INTEGER:
        return int(value)
    return value
