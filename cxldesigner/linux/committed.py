"""Regions that firmware committed: rebuilt when the devices are probed (A43)."""

from __future__ import annotations

from dataclasses import replace

from cxldesigner.firmware.model import CommittedDecoders
from cxldesigner.linux.coordinates import region_figures
from cxldesigner.linux.decoders import (
    REGION_WAYS,
    Routing,
    allocate_dpa,
    attach,
    commit,
    free_decoder,
    granularity_is_legal,
    power_of_two,
    set_mode,
)
from cxldesigner.linux.fabric import Root
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.regions import delete_region, enable, new_region


def assemble_committed(kernel: Kernel) -> None:
    """Rebuild all regions firmware made; what does not fit is noted in ``not_assembled``."""
    for index, made in enumerate(kernel.machine.firmware.committed):
        root = next(
            (
                r
                for r in kernel.machine.fabric.roots
                if r.entry.base <= made.base and made.base + made.size <= r.entry.end
            ),
            None,
        )
        rule = "CXL-V025" if root is None else _assemble(kernel, root, made)
        if rule:
            kernel.not_assembled[index] = rule


def _assemble(kernel: Kernel, root: Root, made: CommittedDecoders) -> str:
    """Rebuild one region; return the rule it breaks, "" when it stands."""
    ways = len(made.devices)
    multiple, rest = divmod(ways, root.entry.ways)
    if ways not in REGION_WAYS:
        return "CXL-V020"
    if rest or not power_of_two(multiple):
        return "CXL-V021"
    if not granularity_is_legal(made.granularity):
        return "CXL-V022"
    if not made.size or made.size % ways:
        return "CXL-V024"
    if any(r.start < made.base + made.size and made.base < r.end for r in kernel.regions.values()):
        return "CXL-V025"
    region = replace(
        new_region(kernel, root, "ram"),
        start=made.base,
        size=made.size,
        ways=ways,
        granularity=made.granularity,
    )
    kernel.regions[region.name] = region
    routing = Routing(region)
    targets: list[tuple[str, int]] = []
    for device in made.devices:
        number, rule = _endpoint(kernel, device, made.size // ways)
        rule = rule or attach(kernel, routing, root, device, number)
        if rule:
            delete_region(kernel, region.name)
            return rule
        targets.append((device, number))
    machine = kernel.machine
    region = replace(
        region,
        targets=tuple(targets),
        committed=True,
        access=region_figures(
            made.devices, region.mode, machine.perf, machine.fabric, machine.figures
        ),
    )
    kernel.regions[region.name] = region
    commit(kernel, region)
    enable(kernel, region)
    return ""


def _endpoint(kernel: Kernel, device: str, share: int) -> tuple[int, str]:
    """Return the decoder that holds a device's share, and the rule it breaks."""
    if device not in kernel.machine.fabric.devices:
        return 0, "CXL-V039"
    number = free_decoder(kernel, device)
    if number is None:
        return 0, "CXL-V033"
    rule = set_mode(kernel, device, number, "ram") or allocate_dpa(kernel, device, number, share)
    return number, rule
