"""CDAT of the drawn devices and switches."""

from __future__ import annotations

from functools import lru_cache

from cxldesigner.document.model import Device, Perf, Switch
from cxldesigner.firmware import cdat
from cxldesigner.firmware.build import figures, scale, units_of

VOLATILE_HANDLE = 0
PERSISTENT_HANDLE = 1


def device_cdat(device: Device) -> bytes:
    """Return a device's CDAT: a range per kind of capacity with its figures and EFI type."""
    return _device_cdat(
        device.volatile_bytes, device.persistent_bytes, device.perf, device.pmem_perf
    )


@lru_cache(maxsize=4096)
def _device_cdat(volatile: int, persistent: int, perf: Perf, pmem_perf: Perf) -> bytes:
    ranges: list[cdat.CdatStructure] = []
    rates: list[cdat.CdatStructure] = []
    types: list[cdat.CdatStructure] = []
    base = 0
    for handle, size, flags, memory_type, numbers in (
        (VOLATILE_HANDLE, volatile, 0, cdat.EFI_SPECIFIC_PURPOSE, perf),
        (
            PERSISTENT_HANDLE,
            persistent,
            cdat.NON_VOLATILE,
            cdat.EFI_RESERVED,
            perf if pmem_perf == Perf() else pmem_perf,
        ),
    ):
        if not size:
            continue
        ranges.append(cdat.Dsmas(handle=handle, base=base, length=size, flags=flags))
        for kind, values in figures((numbers,), join=False):
            unit, entries = scale(values, units_of(kind))
            rates.append(
                cdat.Dslbis(
                    handle=handle, data_type=kind, base_unit=unit, entries=(entries[0], 0, 0)
                )
            )
        types.append(cdat.Dsemts(handle=handle, memory_type=memory_type, dpa=0, length=size))
        base = min(base + size, (1 << 64) - 1)
    return cdat.encode_cdat(cdat.Cdat(structures=(*ranges, *rates, *types)))


def switch_cdat(switch: Switch) -> bytes | None:
    """Return a switch's CDAT: upstream port to each downstream port; None without figures."""
    return _switch_cdat(switch.downstream, switch.perf)


@lru_cache(maxsize=1024)
def _switch_cdat(downstream: int, perf: Perf) -> bytes | None:
    structures = []
    for kind, values in figures((perf,), join=True):
        unit, entries = scale(values, units_of(kind))
        paths = tuple(
            cdat.SwitchPath(port_x=cdat.UPSTREAM_PORT, port_y=port, value=entries[0])
            for port in range(downstream)
        )
        structures.append(cdat.Sslbis(data_type=kind, base_unit=unit, paths=paths))
    if not structures:
        return None
    return cdat.encode_cdat(cdat.Cdat(structures=tuple(structures)))
