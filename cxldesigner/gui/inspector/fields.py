"""What one field of a form is: where its value is, how it is read, written and explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import units
from cxldesigner.document.model import Document

translate = QCoreApplication.translate


class Widget(Enum):
    """The kinds of editor a field can have."""

    LINE = auto()
    TEXT = auto()
    CHOICE = auto()
    CHECK = auto()
    PRESET = auto()
    FLAGS = auto()
    TARGETS = auto()
    DISTANCES = auto()
    ACCESS = auto()
    FACT = auto()


class Keep:
    """Part of a parsed value that text left out: the field keeps what it has."""


KEEP = Keep()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One row of a form.

    ``paths`` are the model fields it shows; with several, values are tuples. ``noun`` is the
    field's name inside a sentence ("Set … of mem0"); its label is the same with a capital.
    ``empty`` is shown for None or 0 (automatic, unknown). ``fact`` words a row that is only read.
    ``single``: only shown when one thing is selected.
    """

    paths: tuple[str, ...]
    noun: str
    tip: str
    group: str = ""
    widget: Widget = Widget.LINE
    parse: Callable[[str], Any] = str
    format: Callable[[Any], str] = str
    empty: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    fact: Callable[[Document, Any], str] | None = None
    single: bool = False

    @property
    def label(self) -> str:
        """The noun with a capital letter."""
        return self.noun[:1].upper() + self.noun[1:]

    @property
    def key(self) -> tuple[object, ...]:
        """What makes the same field of two kinds of part the same."""
        return self.paths, self.widget, self.noun


def optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a parser for which no text, or ``auto``, is None."""

    def run(text: str) -> Any:
        stripped = text.strip().lower()
        return None if stripped in {"", "auto", "automatic", "none"} else parse(text)

    return run


def or_empty(form: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return a formatter that gives no text for None."""
    return lambda value: "" if value is None else form(value)


def automatic() -> str:
    """Return the word for a value that the firmware or Linux chooses."""
    return translate("Inspector", "automatic")


def unknown() -> str:
    """Return the word for a figure that nobody has given."""
    return translate("Inspector", "unknown")


def name_field() -> Field:
    """Return the field of an item's free name."""
    return Field(
        paths=("name",),
        noun=translate("Inspector", "name"),
        tip=translate("Inspector", "Free text shown on the canvas; the id stays as it is"),
        empty=translate("Inspector", "same as the id"),
    )


def preset_field() -> Field:
    """Return the field that picks a hardware preset."""
    return Field(
        paths=("preset",),
        noun=translate("Inspector", "preset"),
        tip=translate("Inspector", "Published figures of a product, or of a model part"),
        widget=Widget.PRESET,
    )


def size(path: str, noun: str, tip: str, group: str = "") -> Field:
    """Return a field of bytes."""
    return Field(
        paths=(path,),
        noun=noun,
        tip=tip,
        group=group,
        parse=units.parse_size,
        format=units.format_size,
    )


def integer(path: str, noun: str, tip: str, group: str = "") -> Field:
    """Return a field of a whole number."""
    return Field(paths=(path,), noun=noun, tip=tip, group=group, parse=units.parse_integer)


def automatic_integer(path: str, noun: str, tip: str, group: str = "", empty: str = "") -> Field:
    """Return a field of a whole number that may be left to the firmware."""
    return Field(
        paths=(path,),
        noun=noun,
        tip=tip,
        group=group,
        parse=optional(units.parse_integer),
        format=or_empty(str),
        empty=empty or automatic(),
    )


def address(path: str, noun: str, tip: str, group: str = "") -> Field:
    """Return a field of an address that may be left to the firmware."""
    return Field(
        paths=(path,),
        noun=noun,
        tip=tip,
        group=group,
        parse=optional(units.parse_address),
        format=or_empty(units.format_address),
        empty=translate("Inspector", "placed by the firmware"),
    )


def flag(path: str, noun: str, tip: str, group: str = "") -> Field:
    """Return a field that is on or off."""
    return Field(paths=(path,), noun=noun, tip=tip, group=group, widget=Widget.CHECK)


def choice(
    path: str, noun: str, tip: str, choices: Sequence[tuple[Any, str]], group: str = ""
) -> Field:
    """Return a field with a few possible values."""
    return Field(
        paths=(path,),
        noun=noun,
        tip=tip,
        group=group,
        widget=Widget.CHOICE,
        choices=tuple(choices),
    )


def perf(prefix: str, group: str) -> tuple[Field, ...]:
    """Return the four access figures at ``prefix``, 0 meaning unknown."""

    def latency(path: str, noun: str) -> Field:
        return Field(
            paths=(f"{prefix}.{path}",),
            noun=noun,
            tip=translate("Inspector", "In ns, such as 150 ns or 0.15 µs; empty when unknown"),
            group=group,
            parse=units.parse_latency,
            format=units.format_latency,
            empty=unknown(),
        )

    def bandwidth(path: str, noun: str) -> Field:
        return Field(
            paths=(f"{prefix}.{path}",),
            noun=noun,
            tip=translate("Inspector", "In MB/s (10^6), such as 28000 or 28 GB/s; empty: unknown"),
            group=group,
            parse=units.parse_bandwidth,
            format=units.format_bandwidth,
            empty=unknown(),
        )

    return (
        latency("read_latency_ns", translate("Inspector", "read latency")),
        latency("write_latency_ns", translate("Inspector", "write latency")),
        bandwidth("read_bandwidth_mbps", translate("Inspector", "read bandwidth")),
        bandwidth("write_bandwidth_mbps", translate("Inspector", "write bandwidth")),
    )


def _parse_own_link(text: str) -> tuple[Any, Any]:
    speed, width = units.parse_link(text)
    if speed is None and width is None:
        raise units.BadQuantity("bad-link", text)
    return KEEP if speed is None else speed, KEEP if width is None else width


def own_link(group: str) -> Field:
    """Return the field of the best link a part can train: speed and width together."""
    return Field(
        paths=("speed_gts", "width"),
        noun=translate("Inspector", "best link"),
        tip=translate(
            "Inspector", "Fastest speed and widest link, such as 32 GT/s x8; or one of the two"
        ),
        group=group,
        parse=_parse_own_link,
        format=lambda value: units.format_link(*value),
    )


def memory_group() -> str:
    """Return the heading over sizes and places."""
    return translate("Inspector", "Memory")


def tables_group() -> str:
    """Return the heading over what firmware tables say."""
    return translate("Inspector", "Firmware tables")


def base_field() -> Field:
    """Return the field of where memory begins."""
    return address(
        "base",
        translate("Inspector", "base address"),
        translate("Inspector", "Where the memory begins, such as 0x100000000 or 4 GiB"),
        memory_group(),
    )
