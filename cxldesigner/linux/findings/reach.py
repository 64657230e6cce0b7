"""Devices and windows that do not meet: P8, P9, P19, P22, P1."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.linux.findings.context import Context, size_text
from cxldesigner.linux.model import Finding, NodeKind, Severity


def reach_findings(context: Context) -> Iterator[Finding]:
    """Yield findings about which device can be used through which window."""
    fabric = context.machine.fabric
    by_bridge: dict[str, list[int]] = {}
    for root in fabric.roots:
        for bridge in set(root.bridges):
            by_bridge.setdefault(bridge, []).append(root.number)
    for device in fabric.devices:
        windows = [fabric.roots[n] for n in by_bridge.get(fabric.bridge_of[device], [])]
        node = fabric.nodes[device]
        if not windows:
            yield Finding(
                rule="P19",
                severity=Severity.WARNING,
                text="Device {0} is in no window: Linux cannot use its memory",
                args=(context.name(device),),
                items=(device, fabric.bridge_of[device]),
                mend="Add a window that targets its host bridge.",
                source="A4, field report P19",
            )
            continue
        if all(w.entry.ways > 1 for w in windows):
            ways = min(w.entry.ways for w in windows)
            yield Finding(
                rule="P8",
                severity=Severity.NOTE,
                text="Device {0} can only be used together with others: every window it is in "
                "interleaves {1} or more bridges",
                args=(context.name(device), str(ways)),
                items=(device, *(w.item for w in windows if w.item)),
                mend="Add a window that targets its bridge alone.",
                source="interleave_ways_store (A36)",
            )
        capacity = max(node.volatile_bytes, node.persistent_bytes)
        room = max(w.entry.size // w.entry.ways for w in windows)
        if room < capacity:
            yield Finding(
                rule="P22",
                severity=Severity.WARNING,
                text="Device {0} has {1}, but its window has room for {2} of it",
                args=(context.name(device), size_text(capacity), size_text(room)),
                items=(device, *(w.item for w in windows if w.item)),
                mend="Make the window as large as the devices behind it.",
                source="alloc_hpa (A35), field report P22",
            )
    yield from _merged(context)
    if context.firmware.virtual_machine and fabric.roots and fabric.devices:
        yield Finding(
            rule="P1",
            severity=Severity.WARNING,
            text="In a virtual machine Linux refuses to commit a region: it cannot flush caches",
            items=(),
            mend="Hide the hypervisor flag, or build the kernel with "
            "CONFIG_CXL_REGION_INVALIDATION_TEST.",
            source="cxl_region_invalidate_memregion, field report P1",
        )


def _merged(context: Context) -> Iterator[Finding]:
    """CXL windows that share a node with DRAM."""
    for index, node in enumerate(context.machine.numa.window_node):
        if node is None:
            continue
        if context.state.nodes[node].kind in {NodeKind.DRAM, NodeKind.MEMORY}:
            item = context.window(index)
            yield Finding(
                rule="P9",
                severity=Severity.WARNING,
                text="Memory of window {0} joins node {1}, which has DRAM: programs cannot tell "
                "them apart",
                args=(context.window_name(index), str(node)),
                items=(item,) if item else (),
                mend="Give the window an SRAT domain of its own, or none.",
                source="acpi_parse_cfmws (A11), field report P9",
            )
