"""What is behind a refused ``cxl create-region``, and the command that works (P2 to P7)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from cxldesigner.linux.cxlcli import region_request
from cxldesigner.linux.decoders import interleaves
from cxldesigner.linux.fabric import Fabric, Root
from cxldesigner.linux.findings.context import Context
from cxldesigner.linux.model import ActionResult, Finding, Severity
from cxldesigner.linux.solve import granularities_of, order_of

_SOURCE = "cxl_region_attach (A36 to A39), field report {}"


def order_findings(context: Context, results: tuple[ActionResult, ...]) -> Iterator[Finding]:
    """Yield the cause of every refusal that has to do with which devices stand where."""
    fabric = context.machine.fabric
    for result in results:
        words = _words(result.command)
        if not result.exit or words[:2] != ["cxl", "create-region"]:
            continue
        options, named = region_request(words[2:])
        root = next((r for r in fabric.roots if r.name == options.get("decoder")), None)
        devices = [d for d in map(fabric.find_device, named) if d is not None]
        if root is None or not devices or len(devices) != len(named):
            continue
        found = _cause(context, root, devices, options, result)
        if found is not None:
            yield found


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return []
    return words[1:] if words[:1] == ["sudo"] else words


def _cause(
    context: Context,
    root: Root,
    devices: list[str],
    options: dict[str, str],
    result: ActionResult,
) -> Finding | None:
    fabric = context.machine.fabric
    away = [d for d in devices if fabric.bridge_of[d] not in root.bridges]
    order = order_of(fabric, root, devices)
    match result.rule:
        case "CXL-V029" | "CXL-V040" if away:
            return _unreachable(context, root, away, result)
        case "CXL-V021" | "CXL-V029" | "CXL-V030" | "CXL-V032" if order is None:
            return _no_order(context, root, devices, result)
        case "CXL-V029" if order is not None:
            return _other_order(context, root, order, options, "P4", result)
        case "CXL-V032" if order is not None:
            return _other_order(context, root, order, options, "P5", result)
        case "CXL-V031" | "CXL-V037" if order is not None:
            return _too_coarse(context, root, order, options, result)
        case "CXL-V023":
            return _window_granularity(context, root, devices, options, result)
        case _:
            return None


def _finding(
    rule: str,
    text: str,
    mend: str,
    args: tuple[str, ...],
    items: tuple[str, ...],
    result: ActionResult,
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        text=text,
        args=(*args, result.command.strip()),
        items=items,
        mend=mend,
        source=_SOURCE.format(rule),
    )


def _items(root: Root, devices: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (*devices, *((root.item,) if root.item else ()))


def _names(context: Context, devices: list[str] | tuple[str, ...]) -> str:
    return ", ".join(context.name(d) for d in devices) or "none"


def _unreachable(context: Context, root: Root, away: list[str], result: ActionResult) -> Finding:
    fabric = context.machine.fabric
    windows = [
        context.window_name(r.window)
        for r in fabric.roots
        if all(fabric.bridge_of[d] in r.bridges for d in away)
    ]
    mend = "Window {3} reaches them." if windows else "Add a window that targets their bridge."
    return _finding(
        "P2",
        "{0} cannot be used through window {1}, which reaches {2}",
        mend,
        (
            _names(context, away),
            context.window_name(root.window),
            _names(context, fabric.below(root)),
            ", ".join(windows),
        ),
        _items(root, away),
        result,
    )


def _no_order(context: Context, root: Root, devices: list[str], result: ActionResult) -> Finding:
    fabric = context.machine.fabric
    shares = ", ".join(
        f"{context.name(b)} {sum(fabric.bridge_of[d] == b for d in devices)}" for b in root.bridges
    )
    return _finding(
        "P3",
        "Window {0} hosts these {1} devices in no order; they are below {2}",
        "Take as many devices below every bridge of the window, and below every port in use: "
        "1, 2, 4 or 8 ports of each.",
        (context.window_name(root.window), str(len(devices)), shares),
        _items(root, devices),
        result,
    )


def _command(
    root: Root, order: tuple[str, ...] | list[str], options: dict[str, str], granularity: int
) -> str:
    extra = f" -s {options['size']}" if options.get("size") else ""
    kind = options.get("type", "ram")
    return (
        f"cxl create-region -m -t {kind} -d {root.name} -w {len(order)} -g {granularity}"
        f"{extra} {' '.join(order)}"
    )


def _asked(root: Root, options: dict[str, str]) -> int:
    text = options.get("granularity", "")
    return int(text) if text.isdigit() else root.granularity


def _other_order(
    context: Context,
    root: Root,
    order: tuple[str, ...],
    options: dict[str, str],
    rule: str,
    result: ActionResult,
) -> Finding:
    text = {
        "P4": "Devices must take turns between the bridges of window {0}: {1}",
        "P5": "Devices must take turns between the ports of bridges and switches in window {0}: "
        "{1}",
    }[rule]
    return _finding(
        rule,
        text,
        "Use: {2}",
        (
            context.window_name(root.window),
            _names(context, order),
            _command(root, order, options, _asked(root, options)),
        ),
        _items(root, order),
        result,
    )


def _too_coarse(
    context: Context,
    root: Root,
    order: tuple[str, ...],
    options: dict[str, str],
    result: ActionResult,
) -> Finding:
    fabric = context.machine.fabric
    asked = _asked(root, options)
    fine = [g for g in granularities_of(fabric, root, order) if g < asked]
    return _finding(
        "P6",
        "With chunks of {0} bytes the decoders would be {1}: beyond what hardware decodes",
        "Use: {2}" if fine else "Give window {3} a smaller granularity.",
        (
            str(asked),
            _port_settings(context, fabric, root, order, asked),
            _command(root, order, options, fine[-1]) if fine else "",
            context.window_name(root.window),
        ),
        _items(root, order),
        result,
    )


def _port_settings(
    context: Context, fabric: Fabric, root: Root, order: tuple[str, ...], granularity: int
) -> str:
    """Return ways and granularity of every decoder on the way that cannot be programmed."""
    dports: dict[str, set[str]] = {}
    for device in order:
        for hop in fabric.paths[device]:
            dports.setdefault(hop.port, set()).add(hop.dport)
    found: dict[str, str] = {}
    for device in order:
        step = granularity * (root.entry.ways // 3 if root.entry.ways % 3 == 0 else root.entry.ways)
        for hop in fabric.paths[device]:
            ways = len(dports[hop.port])
            if not interleaves(ways, step) or step > 16384:
                found[hop.port] = f"{context.name(hop.port)} {ways} ways at {step}"
            step *= ways
    if not interleaves(len(order), granularity):
        found["endpoint"] = f"every device {len(order)} ways at {granularity}"
    return ", ".join(found.values())


def _window_granularity(
    context: Context,
    root: Root,
    devices: list[str],
    options: dict[str, str],
    result: ActionResult,
) -> Finding:
    return _finding(
        "P7",
        "Window {0} interleaves {1} bridges in chunks of {2} bytes, so its regions do",
        "Use: {3}",
        (
            context.window_name(root.window),
            str(root.entry.ways),
            str(root.granularity),
            _command(root, devices, options, root.granularity),
        ),
        _items(root, devices),
        result,
    )
