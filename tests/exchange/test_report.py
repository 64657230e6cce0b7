"""Reports: one file, nothing foreign in it, numbers labelled, text escaped."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from cxldesigner.document.model import (
    GIB,
    Document,
    ImportedTable,
    Perf,
    Phase,
    Process,
    Scenario,
    TimedEvent,
)
from cxldesigner.document.store import canonical_bytes
from cxldesigner.exchange import svg
from cxldesigner.exchange.report import report_html, write_report
from cxldesigner.exchange.report_chart import Chart, Series, draw, short
from cxldesigner.exchange.report_page import Origin
from cxldesigner.exchange.report_platform import platform_svg
from cxldesigner.exchange.report_run import run_charts
from cxldesigner.recording.model import Cause, Column, Event, Meta, Migration
from cxldesigner.recording.reader import RecordingReader
from cxldesigner.recording.writer import RecordingWriter
from tests.build import platform

EVIL = "<script>alert('x')</script>\"&"
TOTAL = 262_144.0  # pages of 1 GiB
KINDS = ("free", "anon", "file", "kernel", "min", "low", "high", "promo", "promoted", "demoted")
COLUMNS = tuple(
    Column(name, "")
    for name in (
        *(f"node{n}.{k}" for n in (0, 1) for k in KINDS),
        *(f"node{n}.{k}" for n in (0, 1) for k in ("read_mbps", "write_mbps", "latency_ns")),
        "process.kv.ops",
        "process.kv.latency_ns",
        "vmstat.pgpromote_success",
    )
)
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Collects what a page is made of, and that its elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.events: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [v or "" for k, v in attrs if k in {"src", "href", "xlink:href", "action"}]
        self.events += [k for k, _ in attrs if k.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


def document() -> Document:
    made = platform(sockets=1, bridges=2, switch=True, name=EVIL, notes=EVIL)
    parts = {
        key: replace(part, name=EVIL, perf=Perf(read_latency_ns=90, read_bandwidth_mbps=10_000))
        if key == "mem0"
        else part
        for key, part in made.parts.items()
    }
    phase = Phase(workload="uniform", parameters={})
    scenario = Scenario(
        id="s",
        name=EVIL,
        story=EVIL,
        processes=(Process(id="kv", name=EVIL, socket="s0", phases=(phase,)),),
        events=(TimedEvent(at_ms=500, command=f"echo {EVIL}"),),
    )
    return replace(
        made,
        parts=parts,
        actions=("cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0", "nonsense <b>"),
        scenarios={"s": scenario},
    )


def row(tick: int) -> list[float]:
    anon = min(tick * 2000.0, 200_000.0)
    node0 = [TOTAL - anon - 300, anon, 200, 100, 1000, 2000, 3000, 4000, tick % 7, tick % 5]
    node1 = [TOTAL - 50, 50, 0, 0, 10, 20, 30, 40, 0, 0]
    return [*node0, *node1, 9000, 3000, 90, 100, 50, 210, 1e6, 120 + tick, tick * 3]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[object]:
    readers = []

    def record(contents: bytes, ticks: int = 300, complete: bool = True) -> RecordingReader:
        meta = Meta(
            document=contents, scenario="s", seed=1, tick_ms=100, granule_pages=1,
            columns=COLUMNS, engine=EVIL,
        )  # fmt: skip
        path = tmp_path / f"{len(readers)}.cxlrec"
        writer = RecordingWriter(path, meta)
        for tick in range(ticks):
            events = [Event(tick, "phase", EVIL, "kv", 0)] if tick % 100 == 3 else []
            moved = [Migration(tick, Cause.PROMOTION, 1, 0, 1_000)] if tick % 2 else []
            writer.tick(row(tick), events, moved)
        if complete:
            writer.finish({"process.kv.accesses": 12_345.0})
        writer.close()
        readers.append(RecordingReader(path))
        return readers[-1]

    yield record
    for reader in readers:
        reader.close()


@pytest.fixture
def page(make) -> str:
    return report_html(make(canonical_bytes(document())))


def test_the_page_is_self_contained(page: str) -> None:
    found = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(found.tags)
    assert found.links == []
    assert found.events == []
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_text_of_the_document_is_escaped(page: str) -> None:
    assert "<script" not in page
    assert "nonsense <b>" not in page
    assert Page(page).text.count("<script>alert('x')</script>\"&") >= 8


def test_everything_a_reader_needs_is_there(page: str) -> None:
    text = Page(page).text
    for head in ("Platform", "Scenario", "Results", "The run", "Events", "What Linux makes of it",
                 "Host actions", "Findings"):  # fmt: skip
        assert head in text
    for fact in ("12,345", "promotion", "150,000", "pgpromote_success", "897", "demotion",
                 "300 ticks of 100 ms", "exit 127", "Digest"):  # fmt: skip
        assert fact in text, fact


def test_every_table_and_picture_is_labelled(page: str) -> None:
    tables = re.findall(r"<caption>.*?</caption>", page)
    figures = re.findall(r"<figcaption>.*?</figcaption>", page)
    assert len(figures) >= 8
    assert len(tables) >= 8
    for caption in (*tables, *figures):
        assert re.search(r'class="tag"[^>]*>(recorded|modelled|calibrated|given)<', caption)


def test_firmware_of_a_real_machine_is_labelled_recorded(make) -> None:
    imported = ImportedTable(signature="SLIT", raw=b"SLIT" * 11, generated_sha256="0" * 64)
    page = report_html(make(canonical_bytes(replace(document(), tables=(imported,)))))
    assert re.search(r'Firmware tables taken from a machine <span class="tag"[^>]*>recorded', page)


def test_both_colour_schemes_are_there(page: str) -> None:
    assert "color-scheme:light dark" in page
    assert "prefers-color-scheme:dark" in page


def test_a_run_cut_off_says_so(make) -> None:
    page = report_html(make(canonical_bytes(document()), complete=False))
    assert "the run was cut off" in page


def test_an_empty_recording_has_a_report(make) -> None:
    page = report_html(make(canonical_bytes(Document(name="nothing")), ticks=0))
    assert Page(page).text
    assert "<svg" not in page


def test_a_broken_platform_does_not_stop_the_report(make) -> None:
    page = report_html(make(b'{"format": "other"}'))
    text = Page(page).text
    assert "The platform in this recording cannot be read" in text
    assert "Memory in use on node 0" in text


def test_write_report_writes_the_page(make, tmp_path: Path) -> None:
    reader, path = make(canonical_bytes(document())), tmp_path / "a.html"
    write_report(reader, path)
    assert path.read_text(encoding="utf-8") == report_html(reader)
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ".cxlrec"] == ["a.html"]


def test_pictures_are_well_formed(page: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) >= 8
    for picture in pictures:
        ET.fromstring(picture)


def test_occupancy_is_stacked_under_the_watermarks(make) -> None:
    charts = {c.title: c for c in run_charts(make(canonical_bytes(document())))}
    chart = charts["Memory in use on node 0"]
    series = {s.name: s for s in chart.series}
    assert [s.name for s in chart.series if s.stacked] == ["kernel", "anon", "file"]
    np.testing.assert_allclose(series["anon"].middle[50] * TOTAL, 100_000)
    np.testing.assert_allclose(series["all memory"].middle * TOTAL, TOTAL)
    low = series["free memory at its low watermark"]
    np.testing.assert_allclose(low.middle * TOTAL, TOTAL - 2_000)
    assert chart.unit == "GiB"
    moved = charts["Promotions into each node"]
    assert moved.series[0].high.max() == 6 * 10  # pages a tick, ten ticks a second
    assert len(charts) == 8


def test_a_chart_shows_gaps_and_bounds() -> None:
    low = np.array([0.0, 1.0, np.nan, 1.0])
    chart = Chart(
        "A < B", "MB/s", Origin.MODELLED, np.arange(4.0), (Series("s & t", low, low + 1, 0),)
    )
    drawn = draw(chart)
    line = re.search(r'<path d="([^"]*)" class="line s0"', drawn)
    assert line
    assert line[1].count("M") == 2
    assert 'class="band f0"' in drawn
    assert "A &lt; B, MB/s" in drawn
    assert "s &amp; t" in drawn


def test_values_sit_where_the_axis_says() -> None:
    values = np.array([0.0, 50.0, 100.0])
    series = (Series("a", values, values, 0),)
    drawn = draw(Chart("t", "u", Origin.MODELLED, np.array([0.0, 1.0, 2.0]), series))
    points = re.search(r'<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', drawn)
    assert points
    x0, y0, x1, y1, x2, y2 = map(float, points.groups())
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    grid = {float(y) for y in re.findall(r'y1="([\d.]+)"', drawn)}
    assert {y0, y2} <= grid


@pytest.mark.parametrize(
    ("value", "label"), [(0, "0"), (0.25, "0.25"), (20_000, "20,000"), (3e8, "300 M"), (2e9, "2 G")]
)
def test_axis_labels_are_short(value: float, label: str) -> None:
    assert short(value) == label


def test_the_drawing_has_every_part_link_and_window() -> None:
    drawn = document()
    picture = ET.fromstring(platform_svg(drawn))
    assert len(picture.findall("rect")) == len(drawn.parts) + len(drawn.windows)
    assert len(picture.findall("path[@class='link']")) == len(drawn.links)
    words = {t.text for t in picture.findall("text")}
    assert {f"{4 * GIB // GIB} GiB DRAM", EVIL, "hb0", "w0"} <= words


def test_elements_escape_and_shorten() -> None:
    assert svg.element("a", x=1.04, class_='"&') == '<a x="1" class="&quot;&amp;"/>'
    assert svg.text(1, 2, "<") == '<text x="1" y="2">&lt;</text>'
    assert svg.path_of([(0, 0), (1, 1), None, (2.25, 2)]) == "M0 0L1 1M2.2 2"
