"""Options of a QEMU command line as data, and their texts as numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cxldesigner.exchange.notes import ImportRefused

_NUMBER = r"[0-9]{1,20}(?:\.[0-9]{1,9})?|0x[0-9a-fA-F]{1,16}"
_SIZE = re.compile(rf"^({_NUMBER})([bBkKmMgGtTpPeE]?)(?:i?[bB])?$")
_SHIFT = {"b": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}
U64 = 1 << 64


@dataclass(frozen=True, slots=True)
class Properties:
    """Properties of one option, in order; keys may repeat (``cpus=``)."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, key: str, default: str = "") -> str:
        """Return the last value of a key."""
        return next((v for k, v in reversed(self.pairs) if k == key), default)

    def all(self, key: str) -> list[str]:
        """Return all values of a key."""
        return [v for k, v in self.pairs if k == key]

    def items_of(self) -> dict[str, str]:
        """Return the properties as a mapping, last value wins."""
        return dict(self.pairs)


@dataclass(slots=True)
class Options:
    """The options of a command line, sorted."""

    machine: dict[str, str] = field(default_factory=dict)
    memory: dict[str, str] = field(default_factory=dict)
    smp: dict[str, str] = field(default_factory=dict)
    numa: list[Properties] = field(default_factory=list)
    devices: list[Properties] = field(default_factory=list)
    objects: list[Properties] = field(default_factory=list)
    cpu: str = ""
    append: str = ""
    unknown: list[str] = field(default_factory=list)


class Values:
    """Turns property texts into numbers; what QEMU would refuse is refused with the option."""

    def __init__(self, file: str) -> None:
        self.file = file

    def size(self, text: str, what: str, *, unit: str = "b") -> int:
        """Return a size in bytes; ``unit`` is the suffix meant when there is none."""
        found = _SIZE.match(text.strip())
        if found is None:
            raise ImportRefused(self.file, what, f"{text[:40]!r} is no size")
        shift = _SHIFT[(found[2] or unit).lower()]
        number = found[1]
        if number.startswith("0x"):
            value = int(number, 16) << shift
        elif "." in number:
            value = round(float(number) * (1 << shift))
        else:
            value = int(number) << shift
        if value >= U64:
            raise ImportRefused(self.file, what, f"{text[:40]!r} is larger than 64 bits")
        return value

    def number(self, text: str, what: str, limit: int = U64) -> int:
        """Return a whole number below ``limit``."""
        try:
            value = int(text, 0) if len(text) <= 24 else -1
        except ValueError:
            value = -1
        if not 0 <= value < limit:
            raise ImportRefused(self.file, what, f"{text[:40]!r} is no number below {limit}")
        return value
