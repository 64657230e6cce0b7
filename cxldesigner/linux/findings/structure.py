"""Structure of the drawing: paths, links, kinds of devices (CXL-V048 to V051)."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.document.model import Device, Link, RootPort, Switch
from cxldesigner.document.ports import split_ref
from cxldesigner.linux.findings.context import Context
from cxldesigner.linux.model import Finding, Severity

SPEEDS = (2.5, 5.0, 8.0, 16.0, 32.0, 64.0)
WIDTHS = (1, 2, 4, 8, 12, 16)
FULL_SPEED, FULL_WIDTH = 32.0, 4


def structure_findings(context: Context) -> Iterator[Finding]:
    """Yield findings about connections and devices."""
    yield from _paths(context)
    yield from _devices(context)
    for link in context.document.links.values():
        yield from _link(context, link)


def _paths(context: Context) -> Iterator[Finding]:
    parents: dict[str, list[str]] = {}
    for link in context.document.links.values():
        parents.setdefault(split_ref(link.downstream)[0], []).append(split_ref(link.upstream)[0])
    on_bus = {n.id for n in context.firmware.fabric}
    for part in context.document.parts.values():
        if not isinstance(part, Switch | Device | RootPort):
            continue
        above = parents.get(part.id, [])
        if len(above) > 1:
            yield Finding(
                rule="CXL-V048",
                severity=Severity.ERROR,
                text="{0} hangs below {1} parts at once",
                args=(context.name(part.id), str(len(above))),
                items=(part.id, *above),
                mend="Keep one of its upstream links.",
                source="app rule",
            )
        elif part.id not in on_bus:
            yield Finding(
                rule="CXL-V048",
                severity=Severity.ERROR,
                text="{0} is not connected to a host bridge: Linux does not see it",
                args=(context.name(part.id),),
                items=(part.id,),
                mend="Connect it to a root port or switch.",
                source="app rule",
            )


def _devices(context: Context) -> Iterator[Finding]:
    for part in context.document.parts.values():
        if not isinstance(part, Device):
            continue
        memory = part.volatile_bytes or part.persistent_bytes
        if part.type == 2 and memory:
            yield Finding(
                rule="CXL-V039",
                severity=Severity.WARNING,
                text="{0} is a Type 2 device: its memory is device-coherent and belongs to its own "
                "driver, Linux takes it into no region",
                args=(context.name(part.id),),
                items=(part.id,),
                mend="Make it Type 3 if its memory is meant for the system.",
                source="cxl_region_attach (A18)",
            )
        if part.type == 1 and memory:
            text, mend = (
                "{0} is a Type 1 device and cannot have host-managed memory",
                "Make it Type 2 or 3, or take its memory away.",
            )
        elif part.type == 3 and not memory:
            text, mend = "{0} is a memory device without memory", "Give it a capacity."
        else:
            continue
        yield Finding(
            rule="CXL-V051",
            severity=Severity.ERROR,
            text=text,
            args=(context.name(part.id),),
            items=(part.id,),
            mend=mend,
            source="app rule (A18)",
        )


def _link(context: Context, link: Link) -> Iterator[Finding]:
    parts = context.document.parts
    upper = parts.get(split_ref(link.upstream)[0])
    lower = parts.get(split_ref(link.downstream)[0])
    if not isinstance(upper, RootPort | Switch) or not isinstance(lower, Switch | Device):
        return
    items = (link.id, upper.id, lower.id)
    best_speed = min(upper.speed_gts, lower.speed_gts)
    best_width = min(upper.width, lower.width)
    speed = best_speed if link.speed_gts is None else link.speed_gts
    width = best_width if link.width is None else link.width
    where = (context.name(upper.id), context.name(lower.id))
    shown = f"{speed:g} GT/s x{width}"
    if speed not in SPEEDS or width not in WIDTHS:
        yield Finding(
            rule="CXL-V049",
            severity=Severity.ERROR,
            text="The link from {0} to {1} runs at {2}, which PCIe does not have",
            args=(*where, shown),
            items=items,
            mend="Use 2.5, 5, 8, 16, 32 or 64 GT/s and x1, x2, x4, x8, x12 or x16.",
            source="app rule (F1)",
        )
    elif speed > best_speed or width > best_width:
        yield Finding(
            rule="CXL-V049",
            severity=Severity.ERROR,
            text="The link from {0} to {1} is set to {2}; its ends can do {3} at most",
            args=(*where, shown, f"{best_speed:g} GT/s x{best_width}"),
            items=items,
            mend="Lower the link or choose faster ports.",
            source="app rule (PCIe)",
        )
    elif speed < FULL_SPEED or width < FULL_WIDTH:
        yield Finding(
            rule="CXL-V050",
            severity=Severity.WARNING,
            text="The link from {0} to {1} runs at {2}: CXL allows that as degraded mode only",
            args=(*where, shown),
            items=items,
            mend="Use at least 32 GT/s and x4.",
            source="app rule",
        )
