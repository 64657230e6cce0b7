"""A recording as one HTML file: what was played on what, what happened, what it comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape

from cxldesigner.document.atomic import write_atomically
from cxldesigner.document.model import Document, Scenario
from cxldesigner.document.store import DocumentError, loads
from cxldesigner.exchange.report_chart import draw
from cxldesigner.exchange.report_page import (
    Origin,
    figure,
    legend_of_origins,
    page,
    paragraph,
    section,
    table,
)
from cxldesigner.exchange.report_platform import platform_svg
from cxldesigner.exchange.report_run import run_charts
from cxldesigner.exchange.report_tables import (
    action_table,
    event_table,
    figures_table,
    finding_table,
    node_tables,
    result_tables,
    scenario_tables,
)
from cxldesigner.linux.derive import derive
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.workloads.checks import check_scenario


def write_report(reader: RecordingReader, path: str | os.PathLike[str]) -> None:
    """Write the report of a recording to one self-contained HTML file.

    Raises
    ------
    RecordingError
        The recording cannot be read.
    OSError
        The file cannot be written; an old one is as it was.
    """
    write_atomically(path, report_html(reader).encode("utf-8", errors="replace"))


def report_html(reader: RecordingReader) -> str:
    """Return the report of a recording as HTML."""
    meta = reader.meta
    platform = _read_platform(reader)
    document = platform.document
    scenario = document.scenarios.get(meta.scenario) if document else None
    name = (scenario.name or scenario.id) if scenario else meta.scenario
    title = f"{document.name if document else reader.path.name}: {name}"
    head = f"<header>{_heading(title, reader)}{legend_of_origins()}</header>\n"
    sections = [head]
    if document is None:
        sections.append(section("Platform", paragraph(platform.problem, "error")))
    else:
        sections += _platform_sections(document)
    if document is not None and scenario is not None:
        sections.append(section("Scenario", scenario_tables(scenario)))
    sections += [
        section("The run", *(draw(chart) for chart in run_charts(reader))),
        section("Results", result_tables(reader)),
        section("Events", event_table(reader)),
    ]
    if document is not None:
        sections += _derived_sections(document, scenario)
    return page(title, sections)


@dataclass(frozen=True, slots=True)
class _Platform:
    """The platform in a recording, or why it cannot be read."""

    document: Document | None
    problem: str = ""


def _read_platform(reader: RecordingReader) -> _Platform:
    try:
        return _Platform(loads(reader.document(), reader.path.name))
    except DocumentError as error:
        return _Platform(None, f"The platform in this recording cannot be read. {error}")


def _heading(title: str, reader: RecordingReader) -> str:
    meta = reader.meta
    seconds = reader.ticks * meta.tick_ms / 1000
    state = "complete" if meta.complete else "not complete: the run was cut off"
    return (
        f"<h1>{escape(title)}</h1>\n"
        + paragraph(
            f"{seconds:g} s simulated in {reader.ticks} ticks of {meta.tick_ms} ms, seed"
            f" {meta.seed}, one simulated page = {meta.granule_pages} pages of 4 KiB, engine"
            f" {meta.engine}; {state}",
            "dim",
        )
        + paragraph(f"Digest of all values: {reader.digest()}", "dim")
    )


def _platform_sections(document: Document) -> list[str]:
    drawing = platform_svg(document)
    content = [figure("The platform", Origin.GIVEN, drawing)] if drawing else []
    if document.notes:
        content.append(paragraph(document.notes))
    if document.tables:
        rows = [(t.signature, len(t.raw)) for t in document.tables]
        caption = "Firmware tables taken from a machine"
        content.append(table(caption, Origin.RECORDED, ("table", "bytes"), rows, frozenset({1})))
    return [section("Platform", *content, figures_table(document))]


def _derived_sections(document: Document, scenario: Scenario | None) -> list[str]:
    derivation = derive(document)
    findings = derivation.findings
    if scenario is not None:
        findings = (*findings, *check_scenario(scenario, document, derivation.current))
    return [
        section("What Linux makes of it", node_tables(derivation.current)),
        section("Host actions", action_table(derivation)),
        section("Findings", finding_table(findings)),
    ]
