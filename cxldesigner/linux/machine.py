"""What does not change after boot: tables, numbering, boot memory, bus, figures of a machine.

Kept by identity of the :class:`Firmware` value, so that stepping through host actions, or an edit
that leaves the firmware alone, reads the tables once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.acpi import AcpiView
from cxldesigner.linux.acpi_read import read_tables
from cxldesigner.linux.bootmem import (
    PAGE,
    BootBlocks,
    BootZone,
    block_bytes,
    boot_blocks,
    boot_zones,
    system_ram,
)
from cxldesigner.linux.cmdline import CommandLine, parse_cmdline
from cxldesigner.linux.coordinates import DevicePerf, PathFigures, device_figures
from cxldesigner.linux.fabric import Fabric, read_fabric
from cxldesigner.linux.hmat import HmatFacts, read_hmat
from cxldesigner.linux.model import Reason
from cxldesigner.linux.numa import NumaMap, number_nodes
from cxldesigner.linux.reasons import boot_reasons

_FOUR_GIB = 4 << 30
_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine at boot. ``block`` is the memory block size in bytes.

    ``soft_reserved`` are byte ranges of specific-purpose memory the kernel keeps out of RAM (P10).
    """

    firmware: Firmware
    cmdline: CommandLine
    acpi: AcpiView
    numa: NumaMap
    ram: tuple[tuple[int, int], ...]
    soft_reserved: tuple[tuple[int, int], ...]
    zones: tuple[BootZone, ...]
    blocks: tuple[BootBlocks, ...]
    block: int
    fabric: Fabric
    hmat: HmatFacts
    perf: Mapping[tuple[str, str], DevicePerf]
    figures: PathFigures = field(repr=False)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict, repr=False)

    @property
    def block_pages(self) -> int:
        """Pages of one memory block."""
        return self.block // PAGE

    def node_at(self, address: int) -> int:
        """Return the node hot-added memory at ``address`` goes to (A15, A16)."""
        found = self.numa.node_at(address)
        if found is not None:
            return found
        return self.numa.blocks[0].node if self.numa.blocks else 0


_machines: OrderedDict[int, Machine] = OrderedDict()
_lock = Lock()


def machine_of(firmware: Firmware) -> Machine:
    """Return the machine of a firmware value, the same one for the same value."""
    key = id(firmware)
    with _lock:
        found = _machines.get(key)
        if found is not None and found.firmware is firmware:
            _machines.move_to_end(key)
            return found
    machine = _read(firmware)
    with _lock:
        _machines[key] = machine
        while len(_machines) > _KEPT:
            _machines.popitem(last=False)
    return machine


def _read(firmware: Firmware) -> Machine:
    cmdline = parse_cmdline(firmware.cmdline)
    acpi = read_tables(firmware.tables)
    memory_map = firmware.memory_map
    if cmdline.nosoftreserve:
        memory_map = tuple(
            replace(r, kind="ram") if r.kind == "soft-reserved" else r for r in memory_map
        )
    ram = system_ram(memory_map)
    numa = number_nodes(acpi, ram, firmware.cpus, cmdline, firmware.windows)
    hot = [(m.start, m.end) for m in acpi.memory if m.hotplug]
    top = max([end for _, end in ram] + [end for _, end in hot], default=0)
    zones = boot_zones(numa.ram, hot, cmdline, addresses_above_4g=top > _FOUR_GIB)
    block = block_bytes(ram, virtual_machine=firmware.virtual_machine)
    fabric = read_fabric(firmware, acpi)
    hmat = read_hmat(acpi, numa, disabled=cmdline.hmat_off)
    return Machine(
        firmware=firmware,
        cmdline=cmdline,
        acpi=acpi,
        numa=numa,
        ram=ram,
        soft_reserved=tuple((r.start, r.end) for r in memory_map if r.kind == "soft-reserved"),
        zones=zones,
        blocks=boot_blocks(numa.ram, zones, block),
        block=block,
        fabric=fabric,
        hmat=hmat,
        perf=device_figures(firmware, fabric, hmat),
        figures=PathFigures(firmware, fabric, hmat),
        reasons=boot_reasons(firmware, numa, hmat, block),
    )
