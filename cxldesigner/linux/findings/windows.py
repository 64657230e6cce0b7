"""Windows the kernel drops or uses otherwise than meant (CXL-V001 to V014, V018, V031)."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.linux.decoders import MAX_GRANULARITY, power_of_two
from cxldesigner.linux.fabric import Root
from cxldesigner.linux.findings.context import Context, size_text
from cxldesigner.linux.model import Finding, Severity
from cxldesigner.linux.numa import REMOTE_DISTANCE

_DROPPED = {
    "CXL-V001": (
        "Window {0} starts at {1}, which is not a multiple of 256 MiB; Linux drops it",
        "Move the window to a multiple of 256 MiB.",
    ),
    "CXL-V002": (
        "Window {0} is {2} long, which is not a multiple of 256 MiB; Linux drops it",
        "Make its size a multiple of 256 MiB, at least 256 MiB.",
    ),
    "CXL-V003": (
        "Window {0} uses an unknown interleave arithmetic; Linux drops it",
        "Choose modulo or XOR.",
    ),
    "CXL-V004": (
        "Window {0} has a number of ways that cannot be encoded; Linux drops it",
        "Use 1, 2, 3, 4, 6, 8, 12 or 16 ways.",
    ),
    "CXL-V005": (
        "Window {0} has fewer target bridges than ways; Linux drops it",
        "Add targets until there is one per way.",
    ),
    "CXL-V006": (
        "Window {0} has a granularity above 16 KiB; Linux drops it",
        "Use 256 bytes to 16 KiB.",
    ),
    "CXL-V007": (
        "Window {0} uses XOR interleave, but firmware gives no XOR maps for it; Linux drops it",
        "Use modulo arithmetic, or let firmware add a CXIMS of the same granularity.",
    ),
    "CXL-V008": (
        "Window {0} targets a host bridge that Linux does not have: {3}; Linux drops it",
        "Connect the target bridge and give it a CHBS entry.",
    ),
    "CXL-V009": (
        "Window {0} overlaps another window; Linux drops it",
        "Move one of the windows.",
    ),
}
_SOURCE = {
    "CXL-V007": "cxl_parse_cxims (A6)",
    "CXL-V008": "decoder_populate_targets (A7)",
    "CXL-V009": "add_or_reset_cxl_resource",
}


def window_findings(context: Context) -> Iterator[Finding]:
    """Yield findings about windows as firmware describes them."""
    acpi, fabric = context.machine.acpi, context.machine.fabric
    for index, (rule, why) in fabric.dropped.items():
        entry = acpi.windows[index]
        text, mend = _DROPPED[rule]
        yield _about(
            context,
            index,
            rule,
            Severity.ERROR,
            text,
            (context.window_name(index), f"{entry.base:#x}", size_text(entry.size), why),
            mend,
            _SOURCE.get(rule, "cxl_acpi_cfmws_verify"),
        )
    for index, entry in enumerate(acpi.windows):
        for start, end, node in context.machine.numa.ram:
            if start < entry.end and entry.base < end:
                yield _about(
                    context,
                    index,
                    "CXL-V018",
                    Severity.ERROR,
                    "Window {0} lies over boot memory of node {1}",
                    (context.window_name(index), str(node)),
                    "Move the window above all boot memory.",
                    "A11",
                )
                break
    for root in fabric.roots:
        yield from _root_findings(context, root)
    yield from _nested(context)
    yield from _near_windows(context)


def _about(
    context: Context,
    index: int,
    rule: str,
    severity: Severity,
    text: str,
    args: tuple[str, ...],
    mend: str,
    source: str,
) -> Finding:
    window = context.window(index)
    return Finding(
        rule=rule,
        severity=severity,
        text=text,
        args=args,
        items=(window,) if window else (),
        mend=mend,
        source=source,
    )


def _root_findings(context: Context, root: Root) -> Iterator[Finding]:
    entry, name = root.entry, context.window_name(root.window)
    if len(set(root.bridges)) < len(root.bridges):
        yield _about(
            context,
            root.window,
            "CXL-V010",
            Severity.ERROR,
            "Window {0} has the same host bridge at two positions",
            (name,),
            "Give every position its own bridge.",
            "app rule (the kernel does not test it)",
        )
    ways = entry.ways if power_of_two(entry.ways) else entry.ways // 3
    if entry.ways > 1 and ways * entry.granularity > MAX_GRANULARITY:
        yield _about(
            context,
            root.window,
            "CXL-V031",
            Severity.ERROR,
            "No region can be made in window {0}: {1} ways of {2} exceed 16 KiB",
            (name, str(entry.ways), size_text(entry.granularity)),
            "Lower the granularity of the window.",
            "cxl_port_setup_targets (A38)",
        )
    devices = [context.machine.fabric.nodes[d] for d in context.machine.fabric.below(root)]
    fits = any(
        (entry.volatile and d.volatile_bytes) or (entry.persistent and d.persistent_bytes)
        for d in devices
        if d.type == 3
    )
    if not fits:
        why = (
            "it allows neither volatile nor persistent memory of Type 3 devices"
            if not entry.volatile and not entry.persistent
            else "no device below its bridges has memory of a kind it allows"
        )
        yield _about(
            context,
            root.window,
            "CXL-V013",
            Severity.WARNING,
            "Nothing can be put into window {0}: {1}",
            (name, why),
            "Change its restrictions or connect a device below its bridges.",
            "cfmws_to_decoder_flags (A3)",
        )


def _nested(context: Context) -> Iterator[Finding]:
    """Two windows one inside the other: the kernel takes both, no machine can mean it."""
    ordered = sorted(context.machine.fabric.roots, key=lambda r: (r.entry.base, -r.entry.end))
    reach: Root | None = None
    for root in ordered:
        if reach is not None and root.entry.base < reach.entry.end:
            yield _about(
                context,
                root.window,
                "CXL-V009",
                Severity.ERROR,
                "Window {0} lies inside window {1}",
                (context.window_name(root.window), context.window_name(reach.window)),
                "Move one of the windows.",
                "app rule",
            )
        if reach is None or root.entry.end > reach.entry.end:
            reach = root


def _near_windows(context: Context) -> Iterator[Finding]:
    """CXL memory that counts as nearer than another socket's DRAM (A21)."""
    numa = context.machine.numa
    dram = sorted({node for _, _, node in numa.ram})
    far = [
        (a, b, numa.distance(a, b))
        for a in dram
        for b in dram
        if a < b and numa.distance(a, b) > REMOTE_DISTANCE
    ]
    if not far:
        return
    first, second, distance = far[0]
    for index, node in enumerate(numa.window_node):
        if node is None or node not in numa.made_up:
            continue
        yield _about(
            context,
            index,
            "CXL-V014",
            Severity.WARNING,
            "Memory of window {0} (node {1}) has distance 20 and is used before the DRAM of the "
            "other socket (nodes {2} and {3} are {4} apart)",
            (context.window_name(index), str(node), str(first), str(second), str(distance)),
            "Cover the window by an SRAT range of its own domain and give that SLIT entries.",
            "acpi_numa_init (A21)",
        )
