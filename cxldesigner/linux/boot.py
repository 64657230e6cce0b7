"""Boot: from what firmware says to the first state of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.assemble import assemble
from cxldesigner.linux.committed import assemble_committed
from cxldesigner.linux.hmat import DRAM_ADISTANCE
from cxldesigner.linux.hotplug import add_memory
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import Live, LiveDax, ZoneSpan
from cxldesigner.linux.machine import Machine, machine_of
from cxldesigner.linux.model import State
from cxldesigner.linux.sysfs import boot_settings
from cxldesigner.linux.watermarks import Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedZone:
    """What a running machine showed of one boot zone: managed pages, and its marks if known."""

    managed: int
    marks: Marks | None = None


HUGE_PAGE_MIN_PAGES = 512 << 8
"""Managed pages below which transparent huge pages are off at boot (512 MiB)."""

Observed = Mapping[tuple[int, str], ObservedZone]
"""Observed boot zones by (node, zone name)."""


def boot(firmware: Firmware, observed: Observed | None = None) -> State:
    """Return the machine right after boot.

    Parameters
    ----------
    firmware : everything the platform tells the kernel.
    observed : managed pages (and marks) of boot zones from a running machine; without it they are
        estimates, marked ``managed_known`` False.
    """
    machine = machine_of(firmware)
    return assemble(machine, _boot(machine, observed or {}))


def _boot(machine: Machine, observed: Observed) -> Live:
    kernel = Kernel(machine, Live())
    numa = machine.numa
    for zone in machine.zones:
        seen = observed.get((zone.node, zone.name))
        kernel.zones[zone.node, zone.name] = ZoneSpan(
            start=zone.start,
            end=zone.end,
            present=zone.present,
            managed=seen.managed if seen else zone.managed,
            early=zone.present,
            known=seen is not None,
        )
    kernel.online = set(numa.online_at_boot)
    kernel.settings = boot_settings(machine.cmdline, numa.possible, len(kernel.memory_nodes))
    kernel.build_all_lists()
    kernel.recompute_marks()
    if _huge_pages(kernel, observed):
        kernel.huge_pages = True
        kernel.recompute_marks()
    for key, seen in observed.items():
        if seen.marks is not None and key in kernel.zones:
            old = kernel.zones[key]
            kernel.zones[key] = ZoneSpan(
                start=old.start,
                end=old.end,
                present=old.present,
                managed=old.managed,
                early=old.early,
                min=seen.marks.min,
                low=seen.marks.low,
                high=seen.marks.high,
                promo=seen.marks.promo,
                known=True,
            )
    kernel.booted = True
    for node in sorted(kernel.memory_nodes):
        distance = kernel.hmat_adistance(node)
        kernel.memory_type[node] = (DRAM_ADISTANCE if distance is None else distance, 1)
        kernel.tier[node] = kernel.memory_type[node][0]
    kernel.establish_demotion()
    count = len(machine.fabric.roots)
    kernel.region_ids = set(range(count))
    kernel.next_region = {root.number: root.number for root in machine.fabric.roots}
    _claim_specific_purpose(kernel)
    assemble_committed(kernel)
    return kernel.freeze()


def _huge_pages(kernel: Kernel, observed: Observed) -> bool:
    """Return whether transparent huge pages are on, which raises ``min_free_kbytes`` (C6).

    They are off below 512 MiB of free memory early at boot. How much was free then shows in the
    observed marks, if there are any: khugepaged asks for far more than the kernel alone.
    """
    if kernel.machine.cmdline.thp_never:
        return False
    marks = [z.marks for k, z in observed.items() if z.marks is not None and k[1] != "Movable"]
    if marks:
        return sum(m.min for m in marks) * 4 > 2 * kernel.min_kbytes
    return sum(z.managed for z in kernel.zones.values()) >= HUGE_PAGE_MIN_PAGES


def _claim_specific_purpose(kernel: Kernel) -> None:
    """Let hmem make memory of specific-purpose ranges; those in CXL windows are left to CXL.

    They become system RAM by the online policy, as hot-added memory (B7). Source:
    ``drivers/dax/hmem``.
    """
    machine = kernel.machine
    for start, end in machine.soft_reserved:
        if any(r.entry.base < end and start < r.entry.end for r in machine.fabric.roots):
            continue
        number = next(i for i in range(len(kernel.region_ids) + 1) if i not in kernel.region_ids)
        kernel.region_ids.add(number)
        dax = LiveDax(
            name=f"dax{number}.0",
            region="",
            start=start,
            size=end - start,
            node=machine.node_at(start),
            driver="kmem",
            memmap_on_memory=False,
        )
        if machine.numa.node_at(start) is None or not add_memory(kernel, dax):
            dax = replace(dax, driver="")
        kernel.dax[dax.name] = dax
