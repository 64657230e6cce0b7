from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from cxldesigner.gui.charts.axis import AXIS_WIDTH
from cxldesigner.gui.charts.board import ChartBoard
from cxldesigner.gui.charts.card import ChartCard
from cxldesigner.gui.charts.panel import ChartsPanel
from cxldesigner.gui.charts.quantity import scale, text
from cxldesigner.gui.charts.specs import ChartKind
from cxldesigner.gui.player.controller import PlayerController
from cxldesigner.gui.session import Session
from cxldesigner.gui.theme import ThemeChoice, apply_theme
from tests.gui import recordings
from tests.gui.fakerun import FakeRun

TICKS = 600


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recordings.write(tmp_path_factory.mktemp("charts") / "story.cxlrec", ticks=TICKS)


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[PlayerController]:
    FakeRun.made.clear()
    player = PlayerController(Session(recordings.two_tiers()), start_run=FakeRun)
    yield player
    player.shutdown()


@pytest.fixture
def panel(player: PlayerController, qtbot: QtBot) -> ChartsPanel:
    panel = ChartsPanel(player)
    qtbot.addWidget(panel)
    panel.resize(1000, 2000)
    panel.load()
    panel.show()
    return panel


@pytest.fixture
def board(panel: ChartsPanel, player: PlayerController, recording: Path) -> ChartBoard:
    player.open(recording)
    assert panel.board is not None
    panel.board.complete()
    return panel.board


def visible(board: ChartBoard) -> list[ChartCard]:
    return [c for c in board.cards.values() if c.isVisible()]


def shown_value(card: ChartCard, column: str) -> str:
    return next(c.value for c in card.chips if c.series.column == column)


def test_value_under_the_cursor_is_the_readers_at_ten_random_ticks(
    board: ChartBoard, player: PlayerController
) -> None:
    reader = player.reader
    assert reader is not None
    chance = random.Random(7)
    for tick in chance.sample(range(TICKS), 10):
        for card in visible(board):
            x = card.plot.x_of(tick * 0.1)
            card.plot.hovered.emit(card.plot.seconds_at(x))
            for chip in card.chips:
                column = chip.series.column
                value = reader.value(column, tick)
                assert board.value_under_cursor(column, card.plot.seconds_at(x)) == value
                factor = scale(card.spec.quantity, 100)
                assert chip.value == text(card.spec.quantity, value * factor)


def test_points_drawn_are_the_readers_values(board: ChartBoard, player: PlayerController) -> None:
    reader = player.reader
    assert reader is not None
    card = board.cards["latency"]
    item = card._content._items["node1.latency_ns"]
    chance = random.Random(3)

    drawn = {round(p.x() * 10): p.y() for p in item._line}

    assert len(drawn) == TICKS
    for tick in chance.sample(range(TICKS), 10):
        assert drawn[tick] == reader.value("node1.latency_ns", tick)


def test_mouse_stands_on_the_tick_it_shows(
    board: ChartBoard, player: PlayerController, qtbot: QtBot
) -> None:
    plot = board.cards["throughput"].plot
    rect = plot.plot_rect()
    middle = QPoint(round(rect.center().x()), round(rect.center().y()))

    qtbot.mouseMove(plot.viewport(), QPoint(middle.x() - 40, middle.y()))
    qtbot.mouseMove(plot.viewport(), middle)

    seconds = plot.seconds_at(middle.x())
    assert seconds == pytest.approx(30.0, abs=0.1)
    assert board.ruler._crosshair == pytest.approx(seconds)
    plot.hover_left.emit()
    assert board.ruler._crosshair is None
    assert shown_value(board.cards["node0"], "node0.free") == text(
        board.cards["node0"].spec.quantity, player.row(0)["node0.free"] * 4096
    )


def test_drawing_area_is_where_pyqtgraph_draws(board: ChartBoard) -> None:
    for card in visible(board):
        box = card.plot._box
        drawn = box.mapRectToScene(box.rect())
        assert drawn.left() == pytest.approx(card.plot.plot_rect().left(), abs=1)
        assert drawn.right() == pytest.approx(card.plot.plot_rect().right(), abs=1)
        assert drawn.top() == pytest.approx(card.plot.plot_rect().top(), abs=1)
        assert drawn.bottom() == pytest.approx(card.plot.plot_rect().bottom(), abs=1)


def test_ruler_lines_up_with_the_charts(board: ChartBoard) -> None:
    plot = board.cards["node0"].plot
    for seconds in (0.0, 30.0, 60.0):
        in_chart = plot.viewport().mapTo(board, QPoint(round(plot.x_of(seconds)), 0)).x()
        assert board.ruler._x(seconds) == pytest.approx(in_chart, abs=1)


def test_click_seeks_and_dragging_the_playhead_scrubs(
    board: ChartBoard, player: PlayerController, qtbot: QtBot
) -> None:
    plot = board.cards["node0"].plot
    y = round(plot.plot_rect().center().y())

    def at(seconds: float) -> QPoint:
        return QPoint(round(plot.x_of(seconds)), y)

    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at(20.0))
    assert player.tick == pytest.approx(200, abs=1)
    qtbot.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=at(20.0))
    qtbot.mouseMove(plot.viewport(), at(45.0))
    assert player.tick == pytest.approx(450, abs=1)
    qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=at(45.0))
    assert all(c.plot._playhead == pytest.approx(player.tick / 10) for c in visible(board))


def wheel(board: ChartBoard, x: float, y: float, steps: int, keys: Qt.KeyboardModifier) -> None:
    plot = board.cards["node0"].plot
    at = QPointF(x, y)
    event = QWheelEvent(
        at,
        plot.viewport().mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), event)


def test_ctrl_wheel_zooms_all_charts_around_the_mouse(board: ChartBoard) -> None:
    plot = board.cards["node0"].plot
    x = plot.x_of(20.0)

    wheel(board, x, 50, 3, Qt.KeyboardModifier.ControlModifier)
    board.complete()

    assert board.span.length == pytest.approx(60 * 0.8**3)
    assert plot.seconds_at(x) == pytest.approx(20.0, abs=0.01)
    assert {c.plot._span for c in visible(board)} == {(board.span.start, board.span.end)}
    board.span.fit()
    assert board.span.length == 60


def test_dragging_pans_a_zoomed_chart(board: ChartBoard, qtbot: QtBot) -> None:
    board.span.show(20.0, 40.0)
    board.complete()
    view = board.cards["node0"].plot.viewport()

    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(400, 50))
    qtbot.mouseMove(view, QPoint(390, 50))
    qtbot.mouseMove(view, QPoint(300, 50))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 50))

    per_px = 20.0 / board.cards["node0"].plot.plot_rect().width()
    assert board.span.start == pytest.approx(20.0 + 100 * per_px)
    assert board.span.length == pytest.approx(20.0)


def test_wheel_on_the_value_axis_zooms_values_of_one_chart(board: ChartBoard) -> None:
    plot = board.cards["node0"].plot
    before = plot.shown_values
    top = plot.plot_rect().top() + 2

    wheel(board, AXIS_WIDTH / 2, top, 10, Qt.KeyboardModifier.NoModifier)
    low, high = plot.shown_values

    assert high - low == pytest.approx((before[1] - before[0]) * 0.8**10)
    assert board.cards["node1"].plot._zoomed is None
    plot.reset_values()
    assert plot.shown_values == before


def test_legend_hides_a_series(board: ChartBoard) -> None:
    card = board.cards["throughput"]
    chip = next(c for c in card.chips if c.series.column == "process.cache.ops")

    chip.click()
    board.complete()

    assert card.hidden_columns == {"process.cache.ops"}
    assert card._content._items["process.cache.ops"]._line.isEmpty()
    assert not card._content._items["process.scan.ops"]._line.isEmpty()


def test_charts_are_switched_on_and_off(board: ChartBoard) -> None:
    assert "zones0" not in board.cards

    board.list.set_shown("latency", shown=False)
    board.list.set_shown("zones0", shown=True)
    board.complete()

    assert not board.cards["latency"].isVisible()
    assert board.list.is_shown("zones0")
    assert board.cards["zones0"].isVisible()
    order = [board.list._layout.itemAt(i).widget() for i in range(board.list._layout.count())]
    shown = [w.spec.id for w in order if isinstance(w, ChartCard)]
    assert shown[-2:] == ["links", "zones0"]
    assert order[-2] is board.pages


def test_only_visible_charts_are_drawn(
    panel: ChartsPanel, board: ChartBoard, player: PlayerController
) -> None:
    panel.resize(1000, 420)
    QApplication.processEvents()
    board.span.show(10.0, 50.0)
    board.complete()

    drawn = [c.spec.id for c in board.cards.values() if c.isVisible() and not c.stale]

    assert drawn[:2] == ["node0", "node1"]
    assert len(drawn) < 4


def test_a_long_recording_draws_no_more_points_than_pixels(
    panel: ChartsPanel, player: PlayerController, tmp_path: Path
) -> None:
    player.open(recordings.write(tmp_path / "long.cxlrec", ticks=6000))
    board = panel.board
    assert board is not None
    board.complete()

    card = board.cards["moves"]
    line = card._content._items["node0.promoted"]._line
    spread = card._content._items["node0.promoted"]._band
    width = card.plot.plot_rect().width()

    assert 100 < len(line) <= width
    assert len(spread) == 2 * len(line)
    reader = player.reader
    assert reader is not None
    peak = max(reader.value("node0.promoted", t) for t in range(6000))
    assert max(p.y() for p in spread) == peak * 10


def test_stack_reaches_what_the_node_manages(board: ChartBoard, player: PlayerController) -> None:
    card = board.cards["node1"]
    item = card._content._item
    managed = recordings.MANAGED[1] * 4096
    row = player.row(300)

    heights = [max(p.y() for p in area if round(p.x() * 10) == 300) for area in item._areas]
    parts = np.cumsum([row[f"node1.{k}"] * 4096 for k in ("kernel", "anon", "file")])

    assert card.spec.kind is ChartKind.STACK
    assert heights == pytest.approx(parts.tolist())
    marks = {round(line[0].y()) for line, _ in item._levels}
    assert marks == {
        round(managed - row[f"node1.{k}"] * 4096) for k in ("promo", "high", "low", "min")
    }


def test_live_run_grows_into_a_fixed_time_axis(
    panel: ChartsPanel, player: PlayerController, qtbot: QtBot
) -> None:
    player.run()
    run = FakeRun.made[0]
    run.make(30)
    player.advance(33)
    board = panel.board
    assert board is not None
    assert board.span.end == pytest.approx(10.0)
    board.complete()
    qtbot.waitUntil(lambda: not board.cards["latency"].stale)
    first = len(board.cards["latency"]._content._items["node0.latency_ns"]._line)

    run.make(30)
    player.advance(33)
    qtbot.waitUntil(lambda: not board.cards["latency"].stale)

    assert (first, len(board.cards["latency"]._content._items["node0.latency_ns"]._line)) == (
        30,
        60,
    )
    assert board.span.end == pytest.approx(10.0)


def test_playing_turns_the_page_of_a_zoomed_view(
    board: ChartBoard, player: PlayerController
) -> None:
    board.span.show(0.0, 10.0)
    player.play()
    player.seek(101.0)

    assert board.span.start < 10.1 < board.span.end
    assert board.span.length == pytest.approx(10.0)


def test_page_map_shows_the_sample_at_the_playhead(
    board: ChartBoard, player: PlayerController
) -> None:
    reader = player.reader
    assert reader is not None
    player.seek(400.0)

    assert board.pages.maps == reader.page_maps(400)
    rect = board.pages._lane_rect(0)
    found = board.pages.bin_at(rect.left() + rect.width() / 2, rect.top() + 3)
    assert found is not None
    shown, number = found
    assert number == pytest.approx(recordings.BINS / 2, abs=2)
    assert f"node {shown.node[number]}" in board.pages._words(shown, number)


def test_events_have_flags_with_their_text(board: ChartBoard) -> None:
    found = board.ruler.events_at(board.ruler._x(30.0))

    assert [e.text for _, e in found] == ["daxctl online-memory dax0.0"]


@pytest.mark.parametrize("theme", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_charts_take_the_colours_of_the_theme(board: ChartBoard, theme: ThemeChoice) -> None:
    apply_theme(theme)
    try:
        board.complete()
        picture = board.grab().toImage()
        corner = QColor(picture.pixel(picture.width() // 3, board.ruler.geometry().bottom() + 6))
        assert (corner.lightness() < 128) == (theme is ThemeChoice.DARK)
    finally:
        apply_theme(ThemeChoice.LIGHT)


def test_export_of_values_is_the_recording(
    board: ChartBoard, player: PlayerController, tmp_path: Path, qtbot: QtBot
) -> None:
    board.span.show(10.0, 20.0)
    target = tmp_path / "moves.csv"
    with qtbot.waitSignal(player.saved):
        board.export_chart("moves", "csv", target)

    with target.open(newline="") as file:
        head, *lines = csv.reader(file)
    assert head[:3] == ["time [s]", "tick", "node0.promoted [pages]"]
    assert [int(line[1]) for line in lines] == list(range(100, 201))
    reader = player.reader
    assert reader is not None
    for line in lines[::13]:
        assert float(line[2]) == reader.value("node0.promoted", int(line[1]))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_export_of_pictures(
    board: ChartBoard, player: PlayerController, tmp_path: Path, qtbot: QtBot, kind: str
) -> None:
    target = tmp_path / f"node0.{kind}"
    with qtbot.waitSignal(player.saved):
        board.export_chart("node0", kind, target)

    card = board.cards["node0"]
    if kind == "png":
        picture = QImage(str(target))
        assert picture.width() == card.width() * 2
        assert picture.height() == (card.height() + board.ruler.height()) * 2
        assert len({picture.pixel(x, picture.height() // 2) for x in range(picture.width())}) > 3
    else:
        words = target.read_text()
        assert "Node 0" in words
        assert "GiB" in words
        assert words.count("<polygon") + words.count("<path") > 3
        assert "<image" not in words


def test_damaged_recording_is_told_once_and_nothing_breaks(
    panel: ChartsPanel, player: PlayerController, tmp_path: Path
) -> None:
    import sqlite3
    from contextlib import closing

    path = recordings.write(tmp_path / "bad.cxlrec", ticks=200)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE block SET data = x'00' WHERE t0 = 128")
        db.commit()
    told: list[str] = []
    player.failed.connect(lambda code, text: told.append(code))
    player.open(path)
    assert panel.board is not None
    panel.board.complete()
    player.seek(150.0)
    panel.board.complete()

    assert told == ["recording-damaged"]


def test_empty_state_offers_to_run(panel: ChartsPanel, player: PlayerController) -> None:
    assert panel._run.isVisible()

    panel._run.click()

    assert len(FakeRun.made) == 1
    assert not panel._run.isVisible()


def test_charts_load_by_themselves_after_the_first_paint(
    player: PlayerController, recording: Path, qtbot: QtBot
) -> None:
    player.open(recording)
    panel = ChartsPanel(player)
    qtbot.addWidget(panel)
    assert panel.board is None

    with qtbot.waitSignal(panel.ready, timeout=20_000):
        panel.show()

    assert panel.board is not None
    qtbot.waitUntil(lambda: panel.board is not None and panel.board.isVisible())


def test_everything_has_a_name(board: ChartBoard) -> None:
    for button in board.findChildren(QAbstractButton):
        assert button.accessibleName() or button.text(), button
    for card in board.cards.values():
        assert card.plot.accessibleName()
