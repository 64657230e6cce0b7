"""The fields of a scenario, its processes, phases and events, with units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import units
from cxldesigner.document.model import Document, Phase, PolicyMode, Process, Socket, TimedEvent
from cxldesigner.document.units import BadQuantity
from cxldesigner.gui.inspector.fields import (
    Field,
    Widget,
    automatic_integer,
    choice,
    flag,
    integer,
    size,
)
from cxldesigner.gui.scenario.subject import PARAMETERS

if TYPE_CHECKING:  # loads numpy
    from cxldesigner.workloads.model import Parameter

translate = QCoreApplication.translate
MAX_NODE = 1023
_LONGEST_ACRONYM = 3


def fields_of(value: Any, document: Document) -> tuple[Field, ...]:
    """Return the fields of what is at a place of a scenario."""
    match value:
        case Process():
            return process_fields(document)
        case Phase():
            return phase_fields(value.workload)
        case TimedEvent():
            return event_fields()
    return scenario_fields()


def _time(path: str, noun: str, tip: str) -> Field:
    return Field(
        paths=(path,), noun=noun, tip=tip, parse=units.parse_time, format=units.format_time
    )


def scenario_fields() -> tuple[Field, ...]:
    """Return the settings of a run as a whole."""
    kernel = translate("Scenario", "Kernel")
    precision = translate("Scenario", "Precision")
    return (
        Field(
            paths=("name",),
            noun=translate("Scenario", "name"),
            tip=translate("Scenario", "What the scenario is called; its id stays as it is"),
            empty=translate("Scenario", "same as the id"),
        ),
        Field(
            paths=("story",),
            noun=translate("Scenario", "story"),
            tip=translate("Scenario", "What it shows, for whoever opens it"),
            widget=Widget.TEXT,
        ),
        _time(
            "duration_ms",
            translate("Scenario", "duration"),
            translate("Scenario", "Simulated time, such as 60 s or 1.5 min"),
        ),
        integer(
            "seed",
            translate("Scenario", "seed"),
            translate("Scenario", "Start of all random choices: the same seed, the same run"),
        ),
        flag(
            "demotion",
            translate("Scenario", "demotion"),
            translate("Scenario", "/sys/kernel/mm/numa/demotion_enabled: reclaim to a lower tier"),
            kernel,
        ),
        choice(
            "numa_balancing",
            translate("Scenario", "NUMA balancing"),
            translate("Scenario", "kernel.numa_balancing: promotion needs memory tiering"),
            (
                (0, translate("Scenario", "0, off")),
                (1, translate("Scenario", "1, normal")),
                (2, translate("Scenario", "2, memory tiering")),
                (3, translate("Scenario", "3, normal and tiering")),
            ),
            kernel,
        ),
        Field(
            paths=("promote_rate_limit_mbps",),
            noun=translate("Scenario", "promotion limit"),
            tip=translate("Scenario", "kernel.numa_balancing_promote_rate_limit_MBps"),
            group=kernel,
            parse=units.parse_bandwidth,
            format=units.format_bandwidth,
        ),
        choice(
            "kswapd",
            translate("Scenario", "background reclaim"),
            translate("Scenario", "When kswapd works: how it shares time with the processes"),
            (
                ("deferred", translate("Scenario", "a share of each tick")),
                ("immediate", translate("Scenario", "done at once when woken")),
                ("off", translate("Scenario", "off")),
            ),
            kernel,
        ),
        integer(
            "watermark_scale_factor",
            translate("Scenario", "watermark scale"),
            translate("Scenario", "vm.watermark_scale_factor, 1 to 3000: in 1/10000 of a zone"),
            kernel,
        ),
        automatic_integer(
            "min_free_kbytes",
            translate("Scenario", "minimum free (KiB)"),
            translate("Scenario", "vm.min_free_kbytes; empty: as the kernel computes it"),
            kernel,
        ),
        size(
            "swap_bytes",
            translate("Scenario", "swap"),
            translate("Scenario", "Size of the swap device, such as 8 GiB; 0: none"),
            kernel,
        ),
        _time(
            "tick_ms",
            translate("Scenario", "tick"),
            translate("Scenario", "Simulated time between two recorded rows"),
        ),
        integer(
            "granule_pages",
            translate("Scenario", "pages per simulated page"),
            translate(
                "Scenario",
                "4 KiB pages one simulated page stands for, a power of two; 1 is exact, more is "
                "faster on large machines",
            ),
            precision,
        ),
        flag(
            "page_tables",
            translate("Scenario", "page tables"),
            translate("Scenario", "Count the pages that page tables take"),
            precision,
        ),
    )


def process_fields(document: Document) -> tuple[Field, ...]:
    """Return the fields of a process on a platform."""
    sockets = [(p.id, p.name or p.id) for p in document.parts.values() if isinstance(p, Socket)]
    return (
        Field(
            paths=("id",),
            noun=translate("Scenario", "id"),
            tip=translate("Scenario", "Short name that charts and recordings use"),
        ),
        Field(
            paths=("name",),
            noun=translate("Scenario", "name"),
            tip=translate("Scenario", "Free text"),
        ),
        choice(
            "socket",
            translate("Scenario", "socket"),
            translate("Scenario", "Whose CPUs the process runs on"),
            (("", translate("Scenario", "first")), *sockets),
        ),
        choice(
            "policy.mode",
            translate("Scenario", "memory policy"),
            translate("Scenario", "As with numactl: where its pages may or should be"),
            (
                (PolicyMode.DEFAULT, translate("Scenario", "default: local first")),
                (PolicyMode.PREFERRED, translate("Scenario", "preferred")),
                (PolicyMode.BIND, translate("Scenario", "bind")),
                (PolicyMode.INTERLEAVE, translate("Scenario", "interleave")),
            ),
        ),
        Field(
            paths=("policy.nodes",),
            noun=translate("Scenario", "nodes"),
            tip=translate("Scenario", "Node ids of the policy, such as 0,2-3"),
            parse=parse_nodes,
            format=format_nodes,
            empty=translate("Scenario", "none"),
        ),
    )


def phase_fields(workload: str) -> tuple[Field, ...]:
    """Return the fields of a phase, with the parameters of its workload."""
    # Loads numpy; the window is shown before that.
    from cxldesigner.workloads.registry import WORKLOADS  # noqa: PLC0415

    spec = WORKLOADS.get(workload)
    group = translate("Scenario", "Parameters")
    parameters = tuple(
        Field(
            paths=(f"{PARAMETERS}.{p.name}",),
            noun=_parameter_noun(p),
            tip=translate("Scenario", "{}; {} to {} {}").format(
                translate("Workloads", p.help), f"{p.minimum:g}", f"{p.maximum:g}", p.unit
            ),
            group=group,
            parse=units.parse_integer if p.integer else units.parse_number,
            format=units.format_number,
        )
        for p in (() if spec is None else spec.parameters)
    )
    titles = [(s.id, translate("Workloads", s.title)) for s in WORKLOADS.values()]
    return (
        choice(
            "workload",
            translate("Scenario", "workload"),
            translate("Workloads", spec.help) if spec is not None else "",
            titles,
        ),
        size(
            "bytes",
            translate("Scenario", "memory"),
            translate("Scenario", "Size of the memory area it works on, such as 6 GiB"),
        ),
        _time(
            "start_ms",
            translate("Scenario", "start"),
            translate("Scenario", "When it begins, from the start of the run"),
        ),
        _time(
            "duration_ms",
            translate("Scenario", "duration"),
            translate("Scenario", "How long it lasts"),
        ),
        *parameters,
    )


def _parameter_noun(parameter: Parameter) -> str:
    """Return the name people see: words for underscores, and the unit."""
    name = parameter.name.removesuffix("_ns").removesuffix("_s").removesuffix("_mbps")
    words = name.replace("_per", "").replace("_", " ")
    if len(words) <= _LONGEST_ACRONYM:
        words = words.upper()
    return f"{words} ({parameter.unit})" if parameter.unit else words


def event_fields() -> tuple[Field, ...]:
    """Return the fields of a timed event."""
    return (
        _time(
            "at_ms",
            translate("Scenario", "time"),
            translate("Scenario", "When it happens, from the start of the run"),
        ),
        Field(
            paths=("command",),
            noun=translate("Scenario", "command"),
            tip=translate("Scenario", "What a person would type, such as daxctl offline-memory …"),
        ),
    )


def parse_nodes(text: str) -> tuple[int, ...]:
    """Return the node ids of ``0,2-3``, sorted, each once; none for no text."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        if not part:
            continue
        first, dash, last = part.partition("-")
        low = units.parse_integer(first)
        high = units.parse_integer(last) if dash else low
        if high < low or high > MAX_NODE:
            raise BadQuantity("bad-integer", text)
        found.update(range(low, high + 1))
    return tuple(sorted(found))


def format_nodes(nodes: tuple[int, ...]) -> str:
    """Return node ids as people write them: ``0,2-3``."""
    runs: list[list[int]] = []
    for node in sorted(nodes):
        if runs and node == runs[-1][1] + 1:
            runs[-1][1] = node
        else:
            runs.append([node, node])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)
