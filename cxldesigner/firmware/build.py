"""Writing tables with provenance: structures joined, each with the part it came from."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd

from cxldesigner.document.model import Perf
from cxldesigner.firmware.hmat import DataType
from cxldesigner.firmware.model import Origin, TableSpan
from cxldesigner.firmware.table import HEADER_BYTES, Header, seal

MAX_ENTRY = 0xFFFE
"""Largest value an HMAT or CDAT entry can have (0xFFFF is "unreachable")."""


class Builder:
    """Collects the structures of one table and where they came from."""

    def __init__(self, signature: str, header: Header, fixed: bytes = b"") -> None:
        self._signature = signature
        self._header = header
        self._body = bytearray(fixed)
        self._spans: list[TableSpan] = []

    def add(self, data: bytes, what: str, item: str, field: str = "") -> None:
        """Append a structure (or a run of them) that came from ``field`` of ``item``."""
        start = HEADER_BYTES + len(self._body)
        self._body += data
        span = TableSpan(start, start + len(data), what, Origin(item, field))
        self._spans.append(span)

    def finish(self) -> tuple[bytes, tuple[TableSpan, ...]]:
        """Return the whole table and its provenance."""
        table = seal(self._signature.encode("ascii"), self._header, bytes(self._body))
        return table, tuple(self._spans)


def scale(values: Iterable[int], units: Iterable[int]) -> tuple[int, tuple[int, ...]]:
    """Return base unit and entries for ``values``; 0 stays 0 (not given).

    The first of ``units`` that is exact and large enough is taken, then the greatest common
    divisor, then the smallest unit that fits, with rounding to at least 1.
    """
    values = tuple(values)
    top = max(values, default=0)
    common = gcd(*values) or 1
    for unit in (*units, common):
        if common % unit == 0 and top // unit <= MAX_ENTRY:
            return unit, tuple(v // unit for v in values)
    unit = -(-top // MAX_ENTRY)
    return unit, tuple(max(v // unit, 1) if v else 0 for v in values)


PICOSECONDS = 1000
LATENCY_UNITS = (PICOSECONDS,)
BANDWIDTH_UNITS = (1, 10, 100, 1000)


def figures(perfs: tuple[Perf, ...], *, join: bool) -> tuple[tuple[DataType, tuple[int, ...]], ...]:
    """Return the rows to write for ``perfs`` by data type, latencies in ps, unknown rows left out.

    With ``join`` equal read and write rows become one *access* row.
    """
    read_latency = tuple(p.read_latency_ns * PICOSECONDS for p in perfs)
    write_latency = tuple(p.write_latency_ns * PICOSECONDS for p in perfs)
    read_bandwidth = tuple(p.read_bandwidth_mbps for p in perfs)
    write_bandwidth = tuple(p.write_bandwidth_mbps for p in perfs)
    rows: list[tuple[DataType, tuple[int, ...]]] = []
    for access, (read, write), (reads, writes) in (
        (
            DataType.ACCESS_LATENCY,
            (DataType.READ_LATENCY, DataType.WRITE_LATENCY),
            (read_latency, write_latency),
        ),
        (
            DataType.ACCESS_BANDWIDTH,
            (DataType.READ_BANDWIDTH, DataType.WRITE_BANDWIDTH),
            (read_bandwidth, write_bandwidth),
        ),
    ):
        if join and reads == writes:
            rows.append((access, reads))
        else:
            rows += ((read, reads), (write, writes))
    return tuple((kind, values) for kind, values in rows if any(values))


def units_of(kind: DataType) -> tuple[int, ...]:
    """Return the base units to try for a data type."""
    return LATENCY_UNITS if kind <= DataType.WRITE_LATENCY else BANDWIDTH_UNITS
