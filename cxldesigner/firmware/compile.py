"""Compile a document to what an operating system sees: tables, bus, memory map (design section 2).

Never raises on a document that a file can hold: a wrong platform compiles to wrong tables, and
findings tell what Linux makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from cxldesigner.document.model import Device, Document, Socket, Switch
from cxldesigner.firmware import srat
from cxldesigner.firmware.bus import bus_addresses, fabric_of, uids_of
from cxldesigner.firmware.devicetables import device_cdat, switch_cdat
from cxldesigner.firmware.domains import number_domains
from cxldesigner.firmware.imported import CDAT_PREFIX, spans_of_import, verbatim, windows_of
from cxldesigner.firmware.layout import lay_out
from cxldesigner.firmware.model import CommittedDecoders, FabricNode, Firmware, TableSpan
from cxldesigner.firmware.platformtables import (
    MAX_CPUS,
    Plan,
    Table,
    cedt_of,
    hmat_of,
    slit_of,
    srat_of,
)
from cxldesigner.firmware.table import TableError
from cxldesigner.firmware.tree import tree_of

SIGNATURES = ("CEDT", "SRAT", "SLIT", "HMAT")


def compile_document(document: Document) -> Firmware:
    """Return everything the platform tells the kernel."""
    tree = tree_of(document)
    addresses = bus_addresses(document, tree)
    domains = number_domains(document)
    uids = uids_of(document, addresses)
    plan = Plan(document=document, domains=domains, layout=lay_out(document, domains), uids=uids)
    fabric = fabric_of(document, tree, addresses, uids)
    generated = generate(plan)
    tables: dict[str, bytes] = {}
    spans: dict[str, tuple[TableSpan, ...]] = {}
    for signature in SIGNATURES:
        made = generated.get(signature)
        kept = verbatim(document, signature, made[0] if made else None)
        if kept is not None:
            tables[signature] = kept.raw
            ours, origins = made or (b"", ())
            spans[signature] = spans_of_import(signature, kept.raw, ours, origins)
        elif made is not None:
            tables[signature], spans[signature] = made
    drawn = {plan.layout.windows[w]: w for w in document.windows}
    cedt_kept = "CEDT" in tables and tables["CEDT"] is not generated.get("CEDT", (b"", ()))[0]
    return Firmware(
        tables=tables,
        cdat=_cdats(document, fabric),
        fabric=fabric,
        memory_map=plan.layout.memory_map,
        cpus=_cpus(document, tables.get("SRAT")),
        windows=windows_of(tables["CEDT"], drawn) if cedt_kept else tuple(document.windows),
        qtg=tuple(dict.fromkeys(w.qtg_id for w in document.windows.values())),
        cmdline=document.host.cmdline,
        kernel=document.host.kernel,
        virtual_machine=document.host.virtual_machine,
        committed=tuple(
            CommittedDecoders(
                base=plan.layout.windows[region.window] + region.offset,
                size=region.size_bytes,
                granularity=region.granularity,
                devices=region.devices,
            )
            for region in document.host.committed
            if region.window in plan.layout.windows
        ),
        spans=spans,
    )


def generate(plan: Plan) -> Mapping[str, Table]:
    """Return the tables this platform has, as this program writes them."""
    host = plan.document.host
    made = {}
    if plan.uids or plan.document.windows:
        made["CEDT"] = cedt_of(plan)
    if host.srat:
        made["SRAT"] = srat_of(plan)
    if host.slit and host.distances:
        made["SLIT"] = slit_of(plan)
    if host.hmat:
        made["HMAT"] = hmat_of(plan)
    return made


def _cdats(document: Document, fabric: tuple[FabricNode, ...]) -> Mapping[str, bytes]:
    kept = {t.signature for t in document.tables}
    out = {}
    for node in fabric:
        part = document.parts[node.id]
        made = None
        if isinstance(part, Device):
            made = device_cdat(part)
        elif isinstance(part, Switch):
            made = switch_cdat(part)
        signature = CDAT_PREFIX + node.id
        raw = verbatim(document, signature, made) if signature in kept else None
        if raw is not None:
            made = raw.raw
        if made is not None:
            out[node.id] = made
    return out


def _cpus(document: Document, table: bytes | None) -> tuple[int, ...]:
    """Return the APIC id of each logical CPU: SRAT order, or the drawn count without an SRAT."""
    count = sum(p.cpus for p in document.parts.values() if isinstance(p, Socket))
    drawn = tuple(range(min(count, MAX_CPUS)))
    if table is None or not any(t.signature == "SRAT" for t in document.tables):
        return drawn
    try:
        entries = srat.decode_srat(table).cpus
    except TableError:
        return drawn
    found = (e for e in entries if isinstance(e, srat.LapicAffinity | srat.X2ApicAffinity))
    return tuple(e.apic_id for e in found) or drawn
