"""Tables the kernel ignores or takes otherwise than meant (CXL-V010 to V012, V015 to V017)."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.document.model import Socket
from cxldesigner.firmware.model import FabricKind
from cxldesigner.linux.findings.context import Context
from cxldesigner.linux.model import Finding, Severity
from cxldesigner.linux.numa import MAX_NODES


def table_findings(context: Context) -> Iterator[Finding]:
    """Yield findings about CEDT bridges, SRAT, SLIT and HMAT."""
    yield from _unreadable(context)
    yield from _bridges(context)
    yield from _numa(context)
    yield from _hmat(context)


def _unreadable(context: Context) -> Iterator[Finding]:
    for problem in context.machine.acpi.problems:
        yield Finding(
            rule="CXL-V016" if problem.startswith("SRAT") else "A7",
            severity=Severity.ERROR,
            text="A firmware table cannot be read: {0}",
            args=(problem,),
            mend="Import the table again or let it be generated.",
            source="acpi_table_parse",
        )


def _bridges(context: Context) -> Iterator[Finding]:
    acpi = context.machine.acpi
    bridges = [n for n in context.firmware.fabric if n.kind is FabricKind.BRIDGE]
    by_uid: dict[int, list[str]] = {}
    for node in bridges:
        by_uid.setdefault(node.port, []).append(node.id)
    for uid, items in by_uid.items():
        if len(items) > 1:
            yield Finding(
                rule="CXL-V010",
                severity=Severity.ERROR,
                text="Host bridges {0} share the _UID {1}",
                args=(", ".join(context.name(i) for i in items), str(uid)),
                items=tuple(items),
                mend="Give each bridge its own _UID, or none to have it assigned.",
                source="app rule (the kernel does not test it)",
            )
    versions = {b.version for b in acpi.bridges}
    if len(versions) > 1:
        yield Finding(
            rule="CXL-V011",
            severity=Severity.WARNING,
            text="CXL 1.1 and 2.0 host bridges are mixed; Linux calls that unsupported",
            items=tuple(n.id for n in bridges),
            mend="Use one CXL version for all bridges.",
            source="cxl_get_chbs (A1)",
        )
    for bridge in acpi.bridges:
        shown = ", ".join(map(context.name, by_uid.get(bridge.uid, ()))) or str(bridge.uid)
        if bridge.version == 0 and bridge.length != 8 << 10:
            yield Finding(
                rule="CXL-V012",
                severity=Severity.WARNING,
                text="The CHBS of bridge {0} is ignored: a CXL 1.1 bridge has 8 KiB of registers",
                args=(shown,),
                items=tuple(by_uid.get(bridge.uid, ())),
                mend="Let firmware state a length of 8 KiB.",
                source="cxl_get_chbs_iter (A1)",
            )


def _numa(context: Context) -> Iterator[Finding]:
    numa, acpi = context.machine.numa, context.machine.acpi
    lost = [i for i, node in enumerate(numa.window_node) if node is None]
    if lost and not numa.failed:
        items = tuple(context.window(i) for i in lost if context.window(i))
        yield Finding(
            rule="CXL-V015",
            severity=Severity.ERROR,
            text="Linux can have {0} nodes; {1} windows get none",
            args=(str(MAX_NODES), str(len(lost))),
            items=items,
            mend="Merge windows or cover several by one SRAT domain.",
            source="acpi_map_pxm_to_node (A14)",
        )
    sockets = [p.id for p in context.document.parts.values() if isinstance(p, Socket)]
    if numa.failed and numa.enabled and (len(sockets) > 1 or acpi.windows):
        yield Finding(
            rule="CXL-V016",
            severity=Severity.ERROR,
            text="Linux makes one node of the whole machine: {0}",
            args=(numa.failed,),
            items=tuple(sockets),
            mend="Let firmware write an SRAT that covers all memory.",
            source="acpi_numa_init, x86_numa_init (A15)",
        )
    if numa.slit_rejected:
        yield Finding(
            rule="CXL-V017",
            severity=Severity.WARNING,
            text="The SLIT is rejected and all distances are 10 or 20: every distance to itself "
            "must be 10 and every other above 10",
            items=tuple(sockets),
            mend="Correct the distances.",
            source="slit_valid (A20)",
        )


def _hmat(context: Context) -> Iterator[Finding]:
    hmat, numa = context.machine.hmat, context.machine.numa
    if hmat.mismatch is not None:
        one, two = hmat.mismatch
        yield Finding(
            rule="A30",
            severity=Severity.WARNING,
            text="DRAM nodes {0} and {1} differ by more than 10 % in the HMAT; Linux then takes no "
            "tier from performance",
            args=(str(one), str(two)),
            items=tuple(context.state.nodes[one].items + context.state.nodes[two].items),
            mend="Give all DRAM nodes figures within 10 %.",
            source="mt_set_default_dram_perf (A30)",
        )
    for uid, (pxm, _) in hmat.ports.items():
        node = numa.node_of_pxm(pxm)
        if node is None or node not in numa.made_up:
            continue
        items = tuple(
            n.id for n in context.firmware.fabric if n.kind is FabricKind.BRIDGE and n.port == uid
        )
        yield Finding(
            rule="A31",
            severity=Severity.WARNING,
            text="The domain {0} of the generic port of bridge {1} is also the one Linux invents "
            "for node {2}; its tier comes from the way to that port, not from the device",
            args=(str(pxm), ", ".join(map(context.name, items)) or str(uid), str(node)),
            items=(*items, *context.state.nodes[node].items),
            mend="Give a memory range of the SRAT a domain above all generic ports.",
            source="hmat_calculate_adistance (A12, A31)",
        )
