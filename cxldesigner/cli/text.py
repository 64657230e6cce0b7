"""A derived machine, findings and results as text, close to what Linux' own tools print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxldesigner.document.units import format_size
from cxldesigner.linux.model import ActionResult, Finding, Node, State
from cxldesigner.linux.ranges import ranges_text

_MIB = 1 << 20
_PAGE = 4096


def state_lines(state: State) -> Iterator[str]:
    """Yield a machine: nodes and distances as ``numactl -H``, then zones, tiers, regions."""
    nodes = [n for n in state.nodes.values() if n.online]
    ids = ranges_text(n.id for n in nodes)
    yield f"available: {len(nodes)} nodes ({ids})"
    for node in nodes:
        yield f"node {node.id} cpus:{''.join(f' {c}' for c in node.cpus)}"
        yield f"node {node.id} size: {node.managed * _PAGE // _MIB} MB"
    yield "node distances:"
    yield "node  " + "".join(f"{n.id:>5}" for n in nodes)
    for node in nodes:
        row = "".join(f"{node.distance.get(n.id, 0):>5}" for n in nodes)
        yield f"{node.id:>4}: {row}"
    yield ""
    yield from _zone_lines(nodes)
    yield ""
    for tier, members in state.tiers.items():
        yield f"memory_tier{tier}: nodes {ranges_text(members)}"
    for node in nodes:
        if node.demotion_preferred:
            yield f"node {node.id} demotes to: {ranges_text(node.demotion_preferred)}"
    for region in state.regions:
        at = "" if region.node is None else f", node {region.node}"
        yield (
            f"{region.name}: {region.type}, {format_size(region.size)},"
            f" {counted(region.ways, 'way')} of {region.granularity} bytes,"
            f" {'+'.join(region.targets)}{at}"
        )
    for dax in state.dax:
        online = f"{dax.online_blocks} of {dax.total_blocks} blocks online"
        yield f"{dax.name}: {dax.mode}, node {dax.node}, {online}"
    yield ""
    yield f"Modelled by the rules of Linux {state.kernel}; nothing here was measured."


def _zone_lines(nodes: list[Node]) -> Iterator[str]:
    heads = ("start_pfn", "spanned", "present", "managed", "min", "low", "high")
    yield "pages of 4 KiB  " + "".join(f"{h:>11}" for h in heads)
    estimated = False
    for node in nodes:
        for zone in node.zones:
            figures = "".join(f"{getattr(zone, h):>11}" for h in heads)
            mark = "" if zone.managed_known else " ~"
            estimated |= not zone.managed_known
            yield f"node {node.id:<3} {zone.name:<8}{figures}{mark}"
    if estimated:
        yield "~ managed and the marks are estimates: what boot reserves is not in the drawing"


def result_lines(results: Iterable[ActionResult]) -> Iterator[str]:
    """Yield host actions with what each would print when it fails."""
    for result in results:
        yield f"$ {result.command.strip()}"
        if result.exit:
            yield from (f"  {text}" for text in result.output.splitlines())
            yield f"  [exit {result.exit}{f', rule {result.rule}' if result.rule else ''}]"


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield findings, worst first."""
    order = ("error", "warning", "note")
    for finding in sorted(findings, key=lambda f: order.index(f.severity)):
        items = f" ({', '.join(finding.items)})" if finding.items else ""
        yield f"{finding.severity}: {finding.rule}: {finding}{items}"
        if finding.mend:
            yield f"  {mend_text(finding)}"


def mend_text(finding: Finding) -> str:
    """Return what to do about a finding."""
    return finding.mend.format(*finding.args)


def reason_lines(state: State) -> Iterator[str]:
    """Yield every derived fact with the chain of its reasons, nearest first."""
    for fact, chain in state.reasons.items():
        yield f"{fact}:"
        for reason in chain:
            details = [reason.rule, reason.place, ", ".join(reason.items)]
            found = "; ".join(d for d in details if d)
            yield f"  {reason}{f' [{found}]' if found else ''}"


def counted(number: int, word: str) -> str:
    """Return ``1 error``, ``2 errors``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
