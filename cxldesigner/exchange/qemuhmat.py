"""QEMU's HMAT where *access* figures of some nodes meet *read* and *write* figures of others.

QEMU writes a structure per data type over all nodes, with 0 for what was not told, and Linux takes
the last word on each figure, the 0 included. Parts have no figures that would say so, so the table
is kept as QEMU writes it (``hw/acpi/hmat.c``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cxldesigner.document.model import Document
from cxldesigner.exchange.machine import keep_tables
from cxldesigner.exchange.qemunodes import Node
from cxldesigner.firmware import hmat
from cxldesigner.firmware.build import PICOSECONDS, scale, units_of
from cxldesigner.firmware.compile import compile_document

DATA_TYPES = {
    "access-latency": hmat.DataType.ACCESS_LATENCY,
    "read-latency": hmat.DataType.READ_LATENCY,
    "write-latency": hmat.DataType.WRITE_LATENCY,
    "access-bandwidth": hmat.DataType.ACCESS_BANDWIDTH,
    "read-bandwidth": hmat.DataType.READ_BANDWIDTH,
    "write-bandwidth": hmat.DataType.WRITE_BANDWIDTH,
}

Told = Mapping[str, Mapping[tuple[int, int], int]]
"""Figures by data type and (initiator, target): ns and MB/s."""


def with_mixed_figures(document: Document, told: Told, nodes: Mapping[int, Node]) -> Document:
    """Keep the HMAT as QEMU writes it, if drawn figures would say something else."""
    if not any(_mixed(told, kind) for kind in ("latency", "bandwidth")):
        return document
    drawn = hmat.decode_hmat(compile_document(document).tables["HMAT"])
    initiators = tuple(n.id for n in nodes.values() if n.cpus)
    written = [
        _locality(DATA_TYPES[name], told[name], initiators, tuple(nodes))
        for name in DATA_TYPES
        if told.get(name)
    ]
    domains = [s for s in drawn.structures if isinstance(s, hmat.DomainAttributes)]
    rest = [s for s in drawn.structures if not isinstance(s, hmat.DomainAttributes | hmat.Locality)]
    table = replace(drawn, structures=(*domains, *written, *rest))
    return keep_tables(document, {"HMAT": hmat.encode_hmat(table)})


def _mixed(told: Told, kind: str) -> bool:
    return bool(told.get(f"access-{kind}")) and bool(
        told.get(f"read-{kind}") or told.get(f"write-{kind}")
    )


def _locality(
    kind: hmat.DataType,
    figures: Mapping[tuple[int, int], int],
    initiators: Iterable[int],
    targets: tuple[int, ...],
) -> hmat.Locality:
    initiators = tuple(initiators)
    factor = PICOSECONDS if kind <= hmat.DataType.WRITE_LATENCY else 1
    grid = [figures.get((i, t), 0) * factor for i in initiators for t in targets]
    unit, entries = scale(grid, units_of(kind))
    return hmat.Locality(
        data_type=kind, base_unit=unit, initiators=initiators, targets=targets, entries=entries
    )
