"""CPU time of the canvas with 200 devices (budget 16 ms a frame; ratios in one run)."""

import statistics
import time

import pytest

from cxldesigner.document.model import Point
from cxldesigner.gui.canvas.overlay import CanvasOverlay
from cxldesigner.gui.canvas.view import CanvasView
from cxldesigner.gui.fonts import install_fonts
from cxldesigner.gui.session import Session
from tests.build import platform

pytestmark = pytest.mark.bench
FRAME_MS = 16.0
ROUNDS = 25


def cpu_ms(run) -> float:
    """Return the median CPU time of a call in ms."""
    spent = []
    for i in range(ROUNDS):
        start = time.process_time()
        run(i)
        spent.append((time.process_time() - start) * 1000)
    return statistics.median(spent)


@pytest.fixture
def view(qtbot, qapp):
    install_fonts(qapp)
    made = CanvasView(Session(platform(sockets=2, bridges=10, devices=10, switch=True)))
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    qapp.processEvents()
    made.zoom_reset()
    qapp.processEvents()
    return made


@pytest.mark.parametrize("zoom", [0.1, 0.4, 1.0])
def test_panning_stays_below_a_frame(view, qapp, zoom, record_property):
    view.zoom_by(zoom / view.zoom)
    qapp.processEvents()

    def pan(i):
        view.scroll_by(12 if i % 2 else -12, 5)
        qapp.processEvents()

    spent = cpu_ms(pan)
    record_property("pan_ms", spent)
    assert spent < FRAME_MS


def test_zooming_stays_below_two_frames(view, qapp, record_property):
    def zoom(i):
        view.zoom_by(1.2 if i % 2 else 1 / 1.2)
        qapp.processEvents()

    spent = cpu_ms(zoom)
    record_property("zoom_ms", spent)
    assert spent < 2 * FRAME_MS


def test_dragging_one_part_stays_below_a_frame(view, qapp, record_property):
    rect = view.canvas.rects["mem100"]
    view.centerOn(rect.centre.x, rect.centre.y)
    qapp.processEvents()

    def drag(i):
        view.canvas.preview_move({"mem100": Point(rect.x + i, rect.y + i)})
        qapp.processEvents()

    spent = cpu_ms(drag)
    record_property("drag_ms", spent)
    assert spent < FRAME_MS


def test_a_new_overlay_stays_below_a_frame(view, qapp, record_property):
    links = list(view.session.document.links)

    def show(i):
        fills = {f"mem{k}": {"anon": (i + k) % 10 / 10} for k in range(200)}
        view.set_overlay(
            CanvasOverlay(fills=fills, links={k: (i + n) % 10 / 10 for n, k in enumerate(links)})
        )
        qapp.processEvents()

    spent = cpu_ms(show)
    record_property("overlay_ms", spent)
    assert spent < FRAME_MS


def test_reconciling_one_edit_costs_a_fraction_of_a_rebuild(view, qapp, record_property):
    from cxldesigner.document.edits import set_field
    from cxldesigner.document.model import Document

    document = view.session.document
    changed = set_field(document, "mem3", "name", "x")
    edit = cpu_ms(lambda i: view.canvas.show_document(changed if i % 2 else document))

    def rebuild(_i):
        view.canvas.show_document(Document())
        view.canvas.show_document(document)

    whole = cpu_ms(rebuild)
    record_property("edit_ms", edit)
    record_property("rebuild_ms", whole)
    assert edit < whole / 2
