"""The order in which tools meet things: that of their names in a sysfs directory."""

from __future__ import annotations

_GOLDEN_RATIO = 0x61C8864680B583EB
_MASK = (1 << 64) - 1


def listing_key(name: str) -> int:
    """Return what sysfs sorts a name by, a hash (``fs/kernfs/dir.c`` ``kernfs_name_hash``)."""
    value = 0
    for letter in name.encode():
        value = (value + (letter << 4) + (letter >> 4)) * 11 & _MASK
    return ((value * _GOLDEN_RATIO & _MASK) >> 32) & 0x7FFFFFFF
