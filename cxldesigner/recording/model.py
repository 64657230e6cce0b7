"""The values a recording holds, and the names of its columns.

A recording is a table of one float64 row per tick, plus events, migrations and binned page maps.

Column names (``n`` a node id, page counts always in 4 KiB pages)
----------------------------------------------------------------
``node{n}.free .anon .file .kernel``   pages by kind; sums to managed
``node{n}.min .low .high .promo``      watermarks summed over the node's zones, pages
``node{n}.promoted .demoted``          pages promoted into / demoted out of the node in this tick
``node{n}.read_mbps .write_mbps``      traffic, MB/s
``node{n}.latency_ns``                 loaded read latency, ns
``node{n}.utilisation``                0 … 1
``zone{n}.{Zone}.free``                free pages of a zone
``link.{id}.mbps .utilisation``        traffic over a document link (both directions)
``device.{id}.used``                   pages in use on a device
``process.{id}.ops``                   accesses per second
``process.{id}.latency_ns``            mean access latency
``process.{id}.node{n}``               resident pages
``vmstat.{name}``                      cumulative counter with vmstat's name
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """Why pages moved; every migration has one."""

    DEMOTION_KSWAPD = "demotion-kswapd"
    DEMOTION_DIRECT = "demotion-direct"
    PROMOTION = "promotion"
    OFFLINE = "offline"
    POLICY = "policy"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Column:
    """One series: name (see the module), unit and what it means in words."""

    name: str
    unit: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a tick: ``kind`` (``phase``, ``action``, ``oom``, ``offline`` …).

    ``process`` and ``node`` say whom it concerns ("" / -1 for nobody).
    """

    tick: int
    kind: str
    text: str
    process: str = ""
    node: int = -1


@dataclass(frozen=True, slots=True)
class Migration:
    """Pages that moved in one tick from one node to another for one reason."""

    tick: int
    cause: Cause
    source: int
    target: int
    pages: int


@dataclass(frozen=True, slots=True)
class PageMap:
    """A binned picture of a process' pages at a tick.

    ``node``: bytes, node id of most pages of each bin, 255 where nothing is mapped;
    ``heat``: bytes, 0 … 255 recent accesses per page, both of equal length (<= 4096).
    """

    process: str
    node: bytes
    heat: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a recording says of itself.

    ``document`` is the whole platform file as canonical JSON bytes, so that replay shows the
    platform it was made on. ``summary`` holds results known only at the end.
    """

    document: bytes
    scenario: str
    seed: int
    tick_ms: int
    granule_pages: int
    columns: tuple[Column, ...]
    engine: str
    format: int = 1
    complete: bool = False
    summary: dict[str, float] = field(default_factory=dict)
