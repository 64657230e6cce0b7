"""Host actions the machine would refuse, with the tool's own sentence (CXL-V020 to V041, P)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxldesigner.linux.findings.context import Context
from cxldesigner.linux.model import ActionResult, Finding, Severity

_MEND = {
    "CXL-V020": "Use 1, 2, 3, 4, 6, 8, 12 or 16 devices.",
    "CXL-V021": "Use a power-of-two multiple of the window's ways.",
    "CXL-V022": "Use a granularity of 256, 512, … 16384 bytes.",
    "CXL-V023": "Use the window's granularity, or leave -g out.",
    "CXL-V024": "Use a size that is a multiple of 256 MiB times the number of devices.",
    "CXL-V025": "Make the region smaller or the window larger.",
    "CXL-V026": "Leave the size out, or give one all devices can hold.",
    "CXL-V027": "Choose a window and devices that allow this type of memory.",
    "CXL-V028": "Name every device once.",
    "CXL-V029": "Order the devices as the window lists its bridges, and use devices below them.",
    "CXL-V030": "Use 1, 2, 4 or 8 ports of every bridge and switch.",
    "CXL-V031": "Use a smaller granularity.",
    "CXL-V032": "Alternate between the ports of every bridge and switch.",
    "CXL-V033": "Give the bridge or switch HDM decoders, or destroy a region that uses them.",
    "CXL-V034": "Make regions in ascending address order.",
    "CXL-V035": "Give capacity back in reverse order.",
    "CXL-V036": "Give a size with -s; volatile capacity must be taken before persistent.",
    "CXL-V037": "Use fewer devices or a smaller granularity: decoders see address bits 8 to 14.",
    "CXL-V038": "Disable the region first, or use -f.",
    "CXL-V040": "Name as many devices as there are ways.",
    "CXL-V041": "Use devices whose QoS class is that of the window, or leave -Q out.",
    "CXL-V043": "Make the region larger than one memory block.",
    "P1": "Hide the hypervisor flag from the guest.",
    "P11": "First: echo offline > /sys/devices/system/memory/auto_online_blocks, or use -f.",
    "P20": "Namespaces are for pmem regions; a ram region becomes memory by itself.",
    "E2": "First remove the memory whose memory map it holds: the region made after it.",
    "E3": "Boot memory that holds kernel data cannot go offline.",
    "E7": "Offline the memory first, or use -f.",
    "unknown": "Remove the line, or write it as one of the known commands.",
}
_NOISE = re.compile(r"cmd_\w+_region: |region_action: |^\s*$")


def action_findings(context: Context, results: tuple[ActionResult, ...]) -> Iterator[Finding]:
    """Yield one finding for every host action that fails."""
    for result in results:
        if result.exit == 0:
            continue
        lines = [x for x in result.output.splitlines() if not _NOISE.search(x)]
        yield Finding(
            rule=result.rule or "action",
            severity=Severity.ERROR,
            text="“{0}” will fail: {1}",
            args=(result.command.strip(), lines[0] if lines else f"exit status {result.exit}"),
            items=_items(context, result.command),
            mend=_MEND.get(result.rule, "Correct the command."),
            source="cxl-cli, daxctl and kernel as recorded",
        )


def _items(context: Context, command: str) -> tuple[str, ...]:
    """Return the devices and the window a command names."""
    fabric = context.machine.fabric
    found: list[str] = []
    for word in re.split(r"[\s,]+", command):
        root = next((r for r in fabric.roots if r.name == word), None)
        if root is not None and root.item:
            found.append(root.item)
        device = fabric.find_device(word) if word else None
        if device is not None:
            found.append(device)
    return tuple(dict.fromkeys(found))
