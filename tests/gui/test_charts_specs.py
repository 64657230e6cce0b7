from __future__ import annotations

from cxldesigner.gui.charts.quantity import Quantity
from cxldesigner.gui.charts.specs import ChartKind, charts_of
from cxldesigner.recording.model import Column
from tests.gui import recordings

DOCUMENT = recordings.two_tiers()
CHARTS = {c.id: c for c in charts_of(recordings.columns(DOCUMENT), DOCUMENT.links)}


def test_a_recording_has_the_charts_of_the_story() -> None:
    shown = [c.id for c in CHARTS.values() if c.shown]

    assert shown == [
        "node0", "node1", "moves", "throughput", "bandwidth", "latency",
        "residency.cache", "residency.scan", "links",
    ]  # fmt: skip
    assert [c.id for c in CHARTS.values() if not c.shown] == [
        "process-latency", "utilisation", "devices", "zones0", "zones1",
    ]  # fmt: skip


def test_occupancy_is_a_stack_by_page_kind_with_watermarks() -> None:
    chart = CHARTS["node1"]

    assert (chart.kind, chart.quantity) == (ChartKind.STACK, Quantity.BYTES)
    assert [s.column for s in chart.series] == [
        "node1.kernel", "node1.anon", "node1.file", "node1.free",
    ]  # fmt: skip
    assert [s.column for s in chart.levels] == [
        "node1.promo",
        "node1.high",
        "node1.low",
        "node1.min",
    ]


def test_every_column_of_a_chart_exists() -> None:
    names = {c.name for c in recordings.columns(DOCUMENT)}

    assert {column for chart in CHARTS.values() for column in chart.columns} <= names


def test_series_of_a_chart_differ_by_more_than_colour() -> None:
    for chart in CHARTS.values():
        assert len({s.name for s in chart.series}) == len(chart.series)
        if chart.kind is ChartKind.LINES:
            assert len({s.mark for s in chart.series}) == len(chart.series)
            assert all(s.mark for s in chart.series)


def test_links_are_named_by_what_they_join() -> None:
    names = {s.column: s.name for s in CHARTS["links"].series}

    assert names["link.k0.utilisation"] == "s0–hb0"


def test_missing_columns_leave_out_series_and_empty_charts() -> None:
    charts = charts_of([Column("node0.free", "pages"), Column("node0.anon", "pages")])

    assert [c.id for c in charts] == ["node0"]
    assert charts[0].levels == ()


def test_ids_count_like_people_do() -> None:
    columns = [Column(f"node{n}.free", "pages") for n in (10, 9, 0)]

    assert [c.id for c in charts_of(columns)] == ["node0", "node9", "node10"]
