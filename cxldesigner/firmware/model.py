"""What an operating system could see of a machine: the value between drawing and derivation.

:class:`Firmware` is all that :mod:`cxldesigner.linux` may look at. A drawn platform is compiled to
it (:func:`cxldesigner.firmware.compile.compile_document`); an imported machine becomes a document
first and takes the same way. Sizes and addresses are bytes, speeds GT/s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cxldesigner.document.model import MemoryRange


class FabricKind(StrEnum):
    """Kinds of nodes on the CXL fabric that a driver enumerates."""

    BRIDGE = "bridge"
    ROOT_PORT = "root-port"
    SWITCH = "switch"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class FabricNode:
    """One thing a driver finds on the bus, parents before children in :attr:`Firmware.fabric`.

    Attributes
    ----------
    id : document part id (stable name for reasons and messages).
    parent : id of the node above; None for a host bridge.
    port : downstream port number in the parent (``dport id``); for a bridge its ``_UID``.
    host : PCI name: ``pci0000:0c`` for a bridge, ``0000:0d:00.0`` otherwise.
    link : id of the document link to the parent, "" for a bridge or an internal connection.
    link_speed_gts, link_width : negotiated with the parent; 0 when there is no PCIe link.
    decoders : HDM decoders it has; 0 = pass-through.
    pxm : ``_PXM`` of a bridge, None when firmware gives none.
    """

    id: str
    kind: FabricKind
    parent: str | None = None
    port: int = 0
    host: str = ""
    link: str = ""
    link_speed_gts: float = 0.0
    link_width: int = 0
    decoders: int = 0
    pxm: int | None = None
    cxl_version: int = 1
    type: int = 3
    volatile_bytes: int = 0
    persistent_bytes: int = 0
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of a table came from: the part (or window, host) and the field of it."""

    item: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class TableSpan:
    """Bytes ``[start, end)`` of a table and what they came from. ``what`` names the structure."""

    start: int
    end: int
    what: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedDecoders:
    """Decoders firmware committed for one region: where it lies and which devices serve it."""

    base: int
    size: int
    granularity: int
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """Everything the platform tells the kernel.

    Attributes
    ----------
    tables : ACPI tables by signature (``CEDT``, ``SRAT``, ``SLIT``, ``HMAT``), whole, checksummed.
        A missing table is a missing key.
    cdat : CDAT bytes by fabric node id (devices and switches that have one).
    fabric : the bus, parents before children.
    memory_map : firmware memory map, ascending, not overlapping.
    cpus : logical CPU number -> APIC id, in enumeration order.
    windows : document window id of each CFMWS, in CEDT order ("" for one nothing was drawn for).
    qtg : answers of the ACPI0017 _DSM: QTG ids in order of preference; empty = no _DSM.
    committed : regions that firmware committed, in the order the bus is probed.
    spans : provenance of table bytes by signature.
    """

    tables: Mapping[str, bytes] = field(default_factory=dict)
    cdat: Mapping[str, bytes] = field(default_factory=dict)
    fabric: tuple[FabricNode, ...] = ()
    memory_map: tuple[MemoryRange, ...] = ()
    cpus: tuple[int, ...] = ()
    windows: tuple[str, ...] = ()
    qtg: tuple[int, ...] = ()
    cmdline: str = ""
    kernel: str = "6.12"
    virtual_machine: bool = False
    committed: tuple[CommittedDecoders, ...] = ()
    spans: Mapping[str, tuple[TableSpan, ...]] = field(default_factory=dict)
