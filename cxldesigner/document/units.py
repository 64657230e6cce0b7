"""Text of quantities as people write them: sizes, addresses, links, latencies, bandwidths.

Every ``parse_*`` takes what a person types and returns the exact value or raises
:class:`BadQuantity`, whose text says what is accepted. Every ``format_*`` gives text its parser
reads back to the same value.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

UNSIGNED_64 = (1 << 64) - 1
"""Largest size, address or serial number: what a 64-bit ACPI field holds."""

LINK_SPEEDS = (2.5, 5.0, 8.0, 16.0, 32.0, 64.0, 128.0)
"""Transfer rates of PCIe generations 1 to 7, GT/s."""

LINK_WIDTHS = (1, 2, 4, 8, 12, 16, 32)
"""Lane counts the PCIe link capability register can hold."""

_LONGEST = 80
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}
_UNIT_NAMES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_SIZE = re.compile(
    r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*(?:([kmgtpe])(i?)(b?)|(b|bytes?))?", re.IGNORECASE | re.ASCII
)
_NUMBER = re.compile(r"[0-9][0-9_]*", re.ASCII)
_HEX = re.compile(r"0x[0-9a-f][0-9a-f_]*", re.IGNORECASE)
_SPEED = re.compile(
    r"(?:([0-9]+(?:\.[0-9]+)?)\s*(?:gt/?s?)?|(?:gen|pcie)\s*([1-7])(?:\.[0-9])?)", re.IGNORECASE
)

_LINK = re.compile(r"(.*?)\s*(?:[x×]\s*([0-9]+))?", re.ASCII | re.DOTALL)

_SIZE_HELP = "write a size such as 256 GiB, 1.5 TiB, 512M or a number of bytes"
_ADDRESS_HELP = "write an address such as 0x1080000000 or 66 GiB"
_LINK_HELP = "write a link such as 32 GT/s x8, only one of the two, or auto"


class BadQuantity(ValueError):
    """Text that is no such quantity: a sentence template of :mod:`~cxldesigner.document.messages`.

    ``code`` names the template, ``shown`` the offending text (shortened).
    """

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        super().__init__(f"{self.shown!r}: {ACCEPTED[code]}")


ACCEPTED = {
    "bad-size": _SIZE_HELP,
    "decimal-size": "memory sizes are powers of two: write GiB instead of GB (or only G)",
    "part-byte": "the size is not a whole number of bytes",
    "bad-address": _ADDRESS_HELP,
    "bad-link": _LINK_HELP,
    "bad-speed": "write a link speed of 2.5, 5, 8, 16, 32, 64 or 128 GT/s",
    "bad-width": "write a link width of x1, x2, x4, x8, x12, x16 or x32",
    "bad-latency": "write whole nanoseconds such as 230 ns, or nothing when unknown",
    "bad-bandwidth": "write whole megabytes per second such as 28000 MB/s or 28 GB/s",
    "bad-integer": "write a whole number, decimal or 0x…",
    "bad-number": "write a number such as 0.5",
    "bad-time": "write a time such as 250 ms, 10 s or 1.5 min",
    "bad-range": (
        "write one range per line, such as 0x0-0x9fbff ram; "
        "kinds are ram, reserved, acpi and soft-reserved"
    ),
    "bad-committed": (
        "write one region per line, such as w0: mem0 mem1 = 256 GiB; "
        "then, if needed, at 4 GiB, granularity 1 KiB, ram"
    ),
    "too-large": "the number does not fit in 64 bits",
}
"""What is accepted instead, by :attr:`BadQuantity.code`; English, to be translated as a whole."""


def _prepared(text: str, code: str) -> str:
    stripped = text.strip()
    if not stripped or len(stripped) > _LONGEST:
        raise BadQuantity(code, text)
    return stripped


def _limited(value: int, text: str) -> int:
    if value > UNSIGNED_64:
        raise BadQuantity("too-large", text)
    return value


def parse_size(text: str) -> int:
    """Return bytes of ``256 GiB``, ``1.5T``, ``512M``, ``4096`` or ``0x1000``.

    Units are powers of 1024 with or without ``i`` and ``B``; ``GB`` alone is refused because it
    means 10^9 to a vendor and 2^30 to everybody else.
    """
    stripped = _prepared(text, "bad-size")
    if _HEX.fullmatch(stripped):
        return _limited(int(stripped, 16), text)
    match = _SIZE.fullmatch(stripped)
    if match is None:
        raise BadQuantity("bad-size", text)
    number, unit, binary, byte, _plain = match.groups()
    if unit and byte and not binary:
        raise BadQuantity("decimal-size", text)
    shift = _UNITS[(unit or "").lower()]
    whole, _, part = number.replace("_", "").partition(".")
    scaled = int(whole + part) << shift
    value, rest = divmod(scaled, 10 ** len(part))
    if rest:
        raise BadQuantity("part-byte", text)
    return _limited(value, text)


def format_size(value: int) -> str:
    """Return bytes exactly, in the largest binary unit that needs at most two decimals."""
    for power in range(len(_UNIT_NAMES) - 1, 0, -1):
        hundredths, rest = divmod(value * 100, 1 << (10 * power))
        if rest == 0 and hundredths >= 100:
            whole, part = divmod(hundredths, 100)
            decimals = f".{part:02}".rstrip("0") if part else ""
            return f"{whole}{decimals} {_UNIT_NAMES[power]}"
    return f"{value} B"


def parse_address(text: str) -> int:
    """Return the address of ``0x1080000000`` (underscores allowed), ``66 GiB`` or a number."""
    stripped = _prepared(text, "bad-address")
    try:
        return parse_size(stripped)
    except BadQuantity as error:
        raise BadQuantity(
            error.code if error.code == "too-large" else "bad-address", text
        ) from None


def format_address(value: int) -> str:
    """Return an address as ``0x…`` in lower case without padding."""
    return f"{value:#x}"


def parse_integer(text: str) -> int:
    """Return a whole number written in decimal or as ``0x…``; not negative."""
    stripped = _prepared(text, "bad-integer")
    if _HEX.fullmatch(stripped):
        return _limited(int(stripped, 16), text)
    if _NUMBER.fullmatch(stripped) is None:
        raise BadQuantity("bad-integer", text)
    return _limited(int(stripped.replace("_", "")), text)


def parse_number(text: str) -> float:
    """Return a finite number."""
    try:
        value = float(_prepared(text, "bad-number"))
    except ValueError:
        raise BadQuantity("bad-number", text) from None
    if not math.isfinite(value):
        raise BadQuantity("bad-number", text)
    return value


def format_number(value: float) -> str:
    """Return a number in its shortest form that reads back to the same value."""
    return repr(float(value) + 0.0).removesuffix(".0")


def _scaled(text: str, code: str, units: dict[str, int]) -> int:
    """Return a whole number of base units from ``NUMBER UNIT``; the unit may be left out."""
    stripped = _prepared(text, code)
    number = stripped.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/µ")
    unit = stripped[len(number) :].lower()
    if unit not in units or not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?\s*", number, re.ASCII):
        raise BadQuantity(code, text)
    try:
        value = Decimal(number.strip()) * units[unit]
    except InvalidOperation:
        raise BadQuantity(code, text) from None
    if value != value.to_integral_value():
        raise BadQuantity(code, text)
    return _limited(int(value), text)


def parse_latency(text: str) -> int:
    """Return ns of ``230 ns``, ``0.25 µs`` or ``230``; empty text is 0, unknown."""
    if not text.strip():
        return 0
    return _scaled(text, "bad-latency", {"": 1, "ns": 1, "us": 1000, "µs": 1000})


def format_latency(value: int) -> str:
    """Return ns with their unit; empty for 0, unknown."""
    return f"{value} ns" if value else ""


def parse_bandwidth(text: str) -> int:
    """Return MB/s (10^6) of ``28000 MB/s``, ``28.5 GB/s`` or ``28000``; empty is 0, unknown."""
    if not text.strip():
        return 0
    return _scaled(text, "bad-bandwidth", {"": 1, "mb/s": 1, "gb/s": 1000, "tb/s": 1_000_000})


def format_bandwidth(value: int) -> str:
    """Return MB/s (10^6) with their unit; empty for 0, unknown."""
    return f"{value} MB/s" if value else ""


def parse_time(text: str) -> int:
    """Return ms of ``250 ms``, ``10 s``, ``1.5 min`` or ``250``."""
    return _scaled(text, "bad-time", {"": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000})


def format_time(value: int) -> str:
    """Return ms as whole seconds when they are, else as ms."""
    return f"{value // 1000} s" if value and value % 1000 == 0 else f"{value} ms"


def parse_speed(text: str) -> float:
    """Return GT/s of ``32 GT/s``, ``32``, ``gen5`` or ``PCIe 5.0``."""
    match = _SPEED.fullmatch(_prepared(text, "bad-speed"))
    if match is None:
        raise BadQuantity("bad-speed", text)
    speed = LINK_SPEEDS[int(match[2]) - 1] if match[2] else float(match[1])
    if speed not in LINK_SPEEDS:
        raise BadQuantity("bad-speed", text)
    return speed


def parse_width(text: str) -> int:
    """Return the lane count of ``x8``, ``8`` or ``×8``."""
    stripped = _prepared(text, "bad-width").lower().removeprefix("x").removeprefix("×").strip()
    if _NUMBER.fullmatch(stripped) is None or int(stripped) not in LINK_WIDTHS:
        raise BadQuantity("bad-width", text)
    return int(stripped)


def parse_link(text: str) -> tuple[float | None, int | None]:
    """Return speed (GT/s) and width of ``32 GT/s x8``; what is left out is None, as in ``auto``."""
    stripped = _prepared(text, "bad-link").lower()
    if stripped == "auto":
        return None, None
    speed, width = _LINK.fullmatch(stripped).groups()  # type: ignore[union-attr]
    try:
        return parse_speed(speed) if speed else None, parse_width(width) if width else None
    except BadQuantity as error:
        raise BadQuantity(error.code, text) from None


def format_speed(speed: float) -> str:
    """Return GT/s with their unit."""
    return f"{format_number(speed)} GT/s"


def format_link(speed: float | None, width: int | None) -> str:
    """Return a link as ``32 GT/s x8``; ``auto`` when both are None."""
    parts = []
    if speed is not None:
        parts.append(format_speed(speed))
    if width is not None:
        parts.append(f"x{width}")
    return " ".join(parts) or "auto"
