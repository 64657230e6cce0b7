"""CPU time of the canvas with 200 devices (budget 16 ms a frame; ratios in one run)."""

import itertools

import numpy as np
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


def by_turns(cpu_ms, step) -> float:
    """Return the median time of a step that takes its number, in ms."""
    turns = itertools.count()
    return float(np.median(cpu_ms(lambda: step(next(turns)), ROUNDS)))


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
def test_panning_stays_below_a_frame(view, qapp, zoom, cpu_ms, figures):
    view.zoom_by(zoom / view.zoom)
    qapp.processEvents()

    def pan(i):
        view.scroll_by(12 if i % 2 else -12, 5)
        qapp.processEvents()

    spent = by_turns(cpu_ms, pan)
    figures.limit(f"canvas, pan at {zoom:g}", spent, FRAME_MS)


def test_zooming_stays_below_two_frames(view, qapp, cpu_ms, figures):
    def zoom(i):
        view.zoom_by(1.2 if i % 2 else 1 / 1.2)
        qapp.processEvents()

    spent = by_turns(cpu_ms, zoom)
    figures.limit("canvas, zoom", spent, 2 * FRAME_MS)


def test_dragging_one_part_stays_below_a_frame(view, qapp, cpu_ms, figures):
    rect = view.canvas.rects["mem100"]
    view.centerOn(rect.centre.x, rect.centre.y)
    qapp.processEvents()

    def drag(i):
        view.canvas.preview_move({"mem100": Point(rect.x + i, rect.y + i)})
        qapp.processEvents()

    spent = by_turns(cpu_ms, drag)
    figures.limit("canvas, drag one part", spent, FRAME_MS)


def test_a_new_overlay_stays_below_a_frame(view, qapp, cpu_ms, figures):
    links = list(view.session.document.links)

    def show(i):
        fills = {f"mem{k}": {"anon": (i + k) % 10 / 10} for k in range(200)}
        view.set_overlay(
            CanvasOverlay(fills=fills, links={k: (i + n) % 10 / 10 for n, k in enumerate(links)})
        )
        qapp.processEvents()

    figures.limit("canvas, new overlay", by_turns(cpu_ms, show), FRAME_MS)


def test_reconciling_one_edit_costs_a_fraction_of_a_rebuild(view, qapp, cpu_ms, figures):
    from cxldesigner.document.edits import set_field
    from cxldesigner.document.model import Document

    document = view.session.document
    changed = set_field(document, "mem3", "name", "x")
    edit = by_turns(cpu_ms, lambda i: view.canvas.show_document(changed if i % 2 else document))

    def rebuild(_i):
        view.canvas.show_document(Document())
        view.canvas.show_document(document)

    whole = by_turns(cpu_ms, rebuild)
    figures.tell("canvas, rebuild", whole)
    figures.tell("canvas, reconcile an edit", edit)
    figures.limit("canvas, edit over rebuild", edit / whole, 0.5, "×")
