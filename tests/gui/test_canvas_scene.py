import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from cxldesigner.document import edits as e
from cxldesigner.document.model import Device, Document, Link, Point, RootPort, Socket, Window
from cxldesigner.document.store import canonical_bytes
from cxldesigner.firmware.compile import compile_document
from cxldesigner.geometry.placement import item_rects
from cxldesigner.gui.canvas.marks import Marks, marks_of
from cxldesigner.gui.canvas.overlay import CanvasOverlay
from cxldesigner.gui.canvas.scene import CanvasScene
from cxldesigner.gui.canvas.view import CanvasView
from cxldesigner.gui.session import Session
from cxldesigner.gui.theme import apply_theme
from cxldesigner.linux.model import (
    Derivation,
    Finding,
    Moment,
    Node,
    NodeKind,
    Severity,
    State,
)
from tests.build import documents, edits, platform
from tests.gui.canvas_stage import Stage


def check(scene: CanvasScene, document: Document) -> None:
    """The scene shows exactly the document: ids, positions, values."""
    rects = item_rects(document)
    assert list(scene.parts) == [k for k in scene.parts if k in document.parts]
    assert scene.parts.keys() == document.parts.keys()
    assert scene.windows.keys() == document.windows.keys()
    for item_id, item in (*scene.parts.items(), *scene.windows.items()):
        assert (item.pos().x(), item.pos().y()) == (rects[item_id].x, rects[item_id].y)
        assert item.rect == rects[item_id]
        assert item.scene() is scene
    assert all(item.part is document.parts[k] for k, item in scene.parts.items())
    assert all(item.shown is document.windows[k] for k, item in scene.windows.items())
    shown = {
        k
        for k, link in document.links.items()
        if {link.upstream.split(":")[0], link.downstream.split(":")[0]} <= document.parts.keys()
    }
    assert scene.links.keys() == shown
    targets = {
        (k, i)
        for k, w in document.windows.items()
        for i, bridge in enumerate(w.targets)
        if bridge in rects
    }
    assert scene.targets.keys() == targets
    count = len(scene.parts) + len(scene.windows) + len(scene.links) + len(scene.targets)
    assert len(scene.items()) == count


def test_a_scene_shows_its_document(qapp):
    scene = CanvasScene()
    document = platform(bridges=2, devices=2, switch=True)
    scene.show_document(document)

    check(scene, document)


def test_only_what_differs_is_touched(qapp):
    scene = CanvasScene()
    document = e.move(platform(devices=2), {})
    document = e.move(document, {k: r.corner for k, r in item_rects(document).items()})
    scene.show_document(document)
    kept = {**scene.parts, **scene.windows, **scene.links}

    changed = e.set_field(document, "mem0", "name", "near")
    changed = e.add_part(changed, Device(id="mem9"), Point(2000, 0))
    scene.show_document(changed)

    assert all(
        {**scene.parts, **scene.windows, **scene.links}[k] is item for k, item in kept.items()
    )
    assert scene.parts["mem0"].part.name == "near"
    check(scene, changed)


def test_a_part_of_another_kind_under_the_same_id_gets_a_new_item(qapp):
    scene = CanvasScene()
    scene.show_document(Document(parts={"x": Socket(id="x")}))
    document = Document(parts={"x": RootPort(id="x")})
    scene.show_document(document)

    check(scene, document)
    assert scene.parts["x"].kind == "root-port"


def test_a_switch_that_grows_is_larger_and_keeps_its_links(qapp):
    scene = CanvasScene()
    document = platform(devices=3, switch=True)
    scene.show_document(document)
    before = scene.parts["sw0"].boundingRect().width()
    document = e.set_field(document, "sw0", "downstream", 16)
    scene.show_document(document)

    assert scene.parts["sw0"].boundingRect().width() > before
    check(scene, document)


@pytest.fixture
def canvas(qtbot):
    made = []

    def build(document):
        view = CanvasView(Session(document))
        qtbot.addWidget(view)
        made.append(view)
        return view

    return build


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=edits(min_size=2, max_size=14))
def test_undoing_all_gives_the_first_state_and_redoing_all_the_last(canvas, sequence):
    view = canvas(platform(bridges=2, devices=2))
    session = view.session
    first = canonical_bytes(session.document)
    for edit in sequence:
        session.edit("Edit", edit)
        check(view.canvas, session.document)
    last, document = canonical_bytes(session.document), session.document

    session.undo_stack.setIndex(0)
    assert canonical_bytes(session.document) == first
    check(view.canvas, session.document)

    session.undo_stack.setIndex(session.undo_stack.count())
    assert canonical_bytes(session.document) == last
    assert session.document is document
    check(view.canvas, session.document)
    view.deleteLater()


gestures = st.lists(
    st.tuples(
        st.sampled_from(["add", "connect", "target", "move", "nudge", "remove", "arrange"]),
        st.integers(0, 999),
        st.integers(0, 999),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=gestures)
def test_what_the_canvas_edits_can_be_undone_exactly(canvas, sequence):
    view = canvas(platform(bridges=2, devices=1))
    first = canonical_bytes(view.session.document)
    for name, a, b in sequence:
        _edit(view, name, a, b)
        check(view.canvas, view.session.document)
    last = canonical_bytes(view.session.document)

    stack = view.session.undo_stack
    assert all(stack.text(i) for i in range(stack.count()))
    stack.setIndex(0)
    assert canonical_bytes(view.session.document) == first
    check(view.canvas, view.session.document)
    stack.setIndex(stack.count())
    assert canonical_bytes(view.session.document) == last
    check(view.canvas, view.session.document)
    view.deleteLater()


def _edit(view, name, a, b):
    from cxldesigner.gui.canvas.templates import basic_templates

    document, editor = view.session.document, view.editor
    ids = sorted((*document.parts, *document.windows))
    ports = sorted(p.ref for p in view.canvas.ports())
    if name == "add":
        templates = basic_templates()
        view.add_at_centre(templates[a % len(templates)].item)
    elif name == "connect" and ports:
        editor.connect_ports(ports[a % len(ports)], ports[b % len(ports)])
    elif name == "target" and document.windows:
        windows = sorted(document.windows)
        editor.target(windows[a % len(windows)], ids[b % len(ids)])
    elif name == "move" and ids:
        editor.move({ids[a % len(ids)]: Point(a * 8.0, b * 8.0)})
    elif name == "nudge" and ids:
        editor.nudge({ids[a % len(ids)]}, 8.0, 0.0)
    elif name == "remove":
        known = [*ids, *sorted(document.links)]
        editor.remove(known[a % len(known) :][:1] if known else ())
    elif name == "arrange":
        editor.arrange()


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=documents(), second=documents())
def test_any_document_a_file_can_hold_is_shown_and_painted(canvas, first, second):
    view = canvas(first)
    view.resize(600, 400)
    view.grab()
    view.session.open(second)
    view.grab()

    assert view.canvas.parts.keys() == second.parts.keys()
    assert view.canvas.windows.keys() == second.windows.keys()
    view.deleteLater()


def test_a_link_with_a_missing_end_is_left_out(qapp):
    scene = CanvasScene()
    parts = {"rp0": RootPort(id="rp0")}
    links = {"k0": Link(id="k0", upstream="rp0:down", downstream="gone:up")}
    scene.show_document(Document(parts=parts, links=links))

    assert not scene.links


# --- marks, highlighting, overlay -------------------------------------------------------------


def derivation(document: Document) -> Derivation:
    nodes = {
        0: Node(id=0, pxm=0, kind=NodeKind.DRAM, items=("s0",)),
        1: Node(id=1, pxm=1, kind=NodeKind.CXL, items=("w0", "mem0")),
    }
    moment = Moment(label="boot", state=State(kernel="6.12", nodes=nodes))
    findings = (
        Finding(rule="CXL-V1", severity=Severity.WARNING, text="", items=("mem0",)),
        Finding(rule="CXL-V2", severity=Severity.ERROR, text="", items=("mem0",)),
        Finding(rule="CXL-V3", severity=Severity.NOTE, text="", items=("s0",)),
    )
    return Derivation(
        document=document,
        firmware=compile_document(document),
        moments=(moment,),
        findings=findings,
    )


def test_parts_carry_their_nodes_and_their_worst_finding():
    marks = marks_of(derivation(platform()))

    assert marks == {
        "s0": Marks((0,)),
        "w0": Marks((1,)),
        "mem0": Marks((1,), "error"),
    }
    assert marks_of(None) == {}


def test_the_canvas_follows_the_derivation(qtbot):
    stage = Stage(qtbot, platform())
    stage.session.set_derivation(derivation(stage.document))

    assert stage.view.canvas.parts["mem0"].marks.nodes == (1,)


def test_highlighting_frames_some_and_fades_the_rest(qtbot):
    stage = Stage(qtbot, platform(devices=2))
    stage.view.highlight({"w0", "mem0"})

    canvas = stage.view.canvas
    assert canvas.parts["mem0"].highlighted
    assert canvas.parts["mem1"].faded
    assert canvas.targets["w0", 0].highlighted
    stage.view.highlight(())
    assert not any(card.faded or card.highlighted for card in canvas.cards())


def image(stage):
    return stage.view.grab().toImage()


def test_an_overlay_fills_devices_and_links_and_goes_away_again(qtbot):
    stage = Stage(qtbot, platform())
    plain = image(stage)
    link = next(k.id for k in stage.document.links.values() if k.downstream == "mem0:up")
    half = CanvasOverlay(fills={"mem0": {"anon": 0.3, "file": 0.2}}, links={link: 0.5})
    stage.view.set_overlay(half)
    filled = image(stage)
    full = CanvasOverlay(fills={"mem0": {"anon": 0.9}}, links={link: 0.95})
    stage.view.set_overlay(full)

    assert filled != plain
    assert image(stage) != filled
    stage.view.set_overlay(None)
    assert image(stage) == plain


def test_an_overlay_stays_when_parts_appear(qtbot):
    stage = Stage(qtbot, platform())
    stage.view.set_overlay(CanvasOverlay(fills={"mem9": {"anon": 1.0}}))
    stage.session.edit("Add", e.add_part, Device(id="mem9", volatile_bytes=1 << 30))

    assert stage.view.canvas.parts["mem9"]._fill == {"anon": 1.0}


def test_dark_and_light_look_different_and_follow_at_once(qtbot):
    stage = Stage(qtbot, platform())
    light = image(stage)
    try:
        apply_theme("dark")
        assert image(stage) != light
    finally:
        apply_theme("light")
    assert image(stage) == light


@pytest.mark.parametrize("zoom", [0.1, 0.3, 0.7, 1.0, 3.0])
def test_every_level_of_detail_paints_parts(qtbot, zoom):
    stage = Stage(qtbot, platform(bridges=2, devices=3, switch=True))
    stage.session.select(("mem0",))
    stage.view.zoom_by(zoom / stage.view.zoom)
    picture = image(stage)
    spots = [(x, y) for x in range(0, 1100, 9) for y in range(0, 750, 9)]
    colours = {picture.pixelColor(x, y).name() for x, y in spots}

    assert len(colours) > 3


def test_an_empty_canvas_says_what_to_do(qtbot):
    stage = Stage(qtbot, Document())
    assert stage.view._hint.isVisible()
    stage.session.edit("Add", e.add_part, Socket(id="s0"))
    assert not stage.view._hint.isVisible()
    stage.session.undo_stack.undo()
    assert stage.view._hint.isVisible()


def test_opening_another_platform_fits_it(qtbot):
    stage = Stage(qtbot, platform())
    stage.view.zoom_by(4.0)
    stage.session.open(platform(sockets=2, bridges=2, devices=3))

    area = stage.view.viewport().rect()
    assert all(area.contains(stage.part(k)) for k in stage.document.parts)


def test_editing_does_not_move_the_view(qtbot):
    stage = Stage(qtbot, platform())
    stage.view.zoom_by(2.0)
    before = stage.view.mapToScene(0, 0)
    stage.session.edit("Add", e.add_window, Window(id="w9"), Point(9000, 9000))

    assert stage.view.mapToScene(0, 0) == before
    assert stage.view.zoom > 1


def test_positions_on_the_screen_are_where_things_are(qtbot):
    stage = Stage(qtbot, platform())
    stage.click(stage.part("mem0"))
    assert stage.session.selection == {"mem0"}
    for wrong in ("mem0:side", "gone:up", "w0:up"):
        with pytest.raises(KeyError):
            stage.view.global_port_position(wrong)
    with pytest.raises(KeyError):
        stage.view.global_part_position("gone")


def test_the_whole_platform_is_shown_again_when_the_view_changes_a_lot(qtbot):
    stage = Stage(qtbot, platform(bridges=2, devices=2))
    view = stage.view

    def whole():
        shown = view.mapToScene(view.viewport().rect()).boundingRect()
        return all(
            shown.contains(QRectF(r.x, r.y, r.w, r.h)) for r in stage.view.canvas.rects.values()
        )

    assert whole()
    view.zoom_in()
    view.zoom_in()
    chosen = view.zoom
    view.resize(1050, 720)
    assert view.zoom == chosen
    view.resize(500, 360)
    assert whole()
    view.resize(480, 300)
    assert whole()


def test_the_zoom_buttons_cover_nothing_when_there_is_a_free_corner(qtbot):
    stage = Stage(qtbot, platform(devices=4))
    bar = stage.view._bar
    for size in ((700, 420), (520, 700), (900, 380)):
        stage.view.resize(*size)
        stage.view.fit()
        area = stage.view.mapToScene(bar.geometry()).boundingRect()
        assert not stage.view.canvas.ids_in(area)
