import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cxldesigner.document import edits
from cxldesigner.document.model import GIB, Document, MemoryDomain
from cxldesigner.firmware.cedt import Cfmws, decode_cedt
from cxldesigner.firmware.compile import compile_document
from cxldesigner.gui.addressmap.drawing import TITLES
from cxldesigner.gui.addressmap.panel import AddressMapPanel
from cxldesigner.gui.addressmap.ranges import Lane, address_ranges
from cxldesigner.gui.addressmap.scale import GAP_PIXELS, AddressScale
from cxldesigner.gui.session import Session
from cxldesigner.linux.model import Derivation, Moment, Region, State
from tests.build import platform

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def derived(document: Document, *, region: bool = True) -> Derivation:
    firmware = compile_document(document)
    bases = [
        s.base for s in decode_cedt(firmware.tables["CEDT"]).structures if isinstance(s, Cfmws)
    ]
    regions = (
        Region(
            name="region0",
            window=0,
            resource=bases[0],
            size=2 * GIB,
            type="ram",
            ways=2,
            granularity=256,
            targets=("mem0", "mem1"),
            node=1,
        ),
    )
    state = State(kernel="6.12", regions=regions if region else ())
    return Derivation(
        document=document, firmware=firmware, moments=(Moment(label="boot", state=state),)
    )


def lane(ranges, wanted):
    return [r for r in ranges if r.lane is wanted]


# --- what lies where --------------------------------------------------------------------------


def test_boot_memory_is_shown_under_the_parts_it_belongs_to():
    document = edits.add_part(platform(sockets=2), MemoryDomain(id="far", size_bytes=GIB))
    document = edits.connect(document, "s0:mem", "far:up")
    boot = lane(address_ranges(derived(document, region=False)), Lane.BOOT)

    sizes = {k: sum(r.size for r in boot if r.items == (k,)) for k in ("s0", "s1", "far")}
    assert sizes["s1"] == 4 * GIB
    assert 4 * GIB - (1 << 20) <= sizes["s0"] <= 4 * GIB
    assert sizes["far"] == GIB
    assert {r.kind for r in boot if r.items == ("far",)} == {"memory"}


def test_without_an_srat_boot_memory_comes_from_the_memory_map():
    document = platform()
    document = edits.set_host(document, type(document.host)(srat=False))
    boot = lane(address_ranges(derived(document, region=False)), Lane.BOOT)

    assert boot
    assert all(r.items == () for r in boot)
    assert sum(r.size for r in boot) <= 4 * GIB


def test_windows_lie_where_the_cedt_says():
    document = platform(bridges=2)
    derivation = derived(document, region=False)
    shown = lane(address_ranges(derivation), Lane.WINDOWS)
    table = decode_cedt(derivation.firmware.tables["CEDT"])
    entries = [s for s in table.structures if isinstance(s, Cfmws)]

    assert [(r.start, r.size) for r in shown] == [(s.base, s.size) for s in entries]
    assert [r.items for r in shown] == [("w0",), ("w1",)]


def test_a_region_selects_its_window_and_devices_which_share_it():
    ranges = address_ranges(derived(platform(devices=2)))
    region = lane(ranges, Lane.REGIONS)[0]
    devices = lane(ranges, Lane.DEVICES)

    assert region.items == ("w0", "mem0", "mem1")
    assert [(d.label, d.part, d.parts) for d in devices] == [("mem0", 0, 2), ("mem1", 1, 2)]
    assert all((d.start, d.end) == (region.start, region.end) for d in devices)


# --- scale ------------------------------------------------------------------------------------

spans = st.lists(
    st.tuples(st.integers(0, 1 << 63), st.integers(1, 1 << 45)).map(lambda p: (p[0], p[0] + p[1])),
    min_size=1,
    max_size=12,
)


@given(spans, st.floats(50, 4000))
def test_the_scale_never_turns_back_and_covers_everything(ranges, width):
    scale = AddressScale(ranges, width)
    edges = sorted(a for r in ranges for a in r)
    places = [scale.x(a) for a in edges]

    assert places == sorted(places)
    assert places[0] == 0.0
    for before, after in zip(scale.segments, scale.segments[1:], strict=False):
        assert before.end == after.start
        assert before.right == after.left


@given(spans, st.data())
def test_an_address_is_found_again_at_its_pixel(ranges, data):
    scale = AddressScale(ranges, 1000.0)
    start, end = data.draw(st.sampled_from(ranges))
    address = data.draw(st.integers(start, end - 1))
    again = scale.address(scale.x(address))
    segment = next(s for s in scale.segments if s.start <= address < s.end)
    pixel = (segment.end - segment.start) / max(segment.right - segment.left, 1e-9)

    assert abs(again - address) <= pixel * 0.01 + 1 or segment.right - segment.left < 1e-3


def test_used_stretches_are_to_scale_and_large_gaps_cut_out():
    scale = AddressScale([(0, 4 * GIB), (1 << 40, (1 << 40) + 8 * GIB)], 1234.0)

    first, cut, second = scale.segments
    assert cut.cut
    assert cut.right - cut.left == pytest.approx(GAP_PIXELS)
    assert second.right - second.left == pytest.approx(2 * (first.right - first.left))
    assert second.right == pytest.approx(1234.0)


def test_small_gaps_are_drawn_to_scale():
    scale = AddressScale([(0, 10 * GIB), (10 * GIB + 4096, 20 * GIB)], 100.0)

    assert len(scale.segments) == 1


def test_an_empty_scale_answers_all_the_same():
    scale = AddressScale((), 100.0)

    assert (scale.x(5), scale.address(7.0)) == (0.0, 0)


# --- panel ------------------------------------------------------------------------------------


@pytest.fixture
def panel(qtbot):
    document = platform(devices=2)
    session = Session(document)
    widget = AddressMapPanel(session)
    qtbot.addWidget(widget)
    widget.resize(1000, 230)
    widget.show()
    qtbot.waitExposed(widget)
    session.set_derivation(derived(document))
    widget.session = session
    return widget


def find(panel, label):
    return next(r for r in panel.ranges if r.label == label)


def middle(panel, label):
    return panel.range_rect(find(panel, label)).center().toPoint()


def test_a_click_selects_what_the_range_is_made_of(panel):
    QTest.mouseClick(panel.viewport(), LEFT, PLAIN, middle(panel, "region0"))
    assert panel.session.selection == {"w0", "mem0", "mem1"}

    QTest.mouseClick(panel.viewport(), LEFT, PLAIN, QPoint(20, 20))
    assert panel.session.selection == frozenset()


def test_devices_of_a_region_are_told_apart(panel):
    assert panel.range_at(middle(panel, "mem0")).label == "mem0"
    assert panel.range_at(middle(panel, "mem1")).label == "mem1"


def test_a_range_in_words_has_exact_addresses(panel):
    window = find(panel, "w0")

    assert f"{window.start:#x}" in panel.description(window)
    assert f"{window.end - 1:#x}" in panel.description(window)
    assert "8 GiB" in panel.description(window)


def test_keys_walk_lanes_and_select(panel):
    for _ in range(20):
        QTest.keyClick(panel, Qt.Key.Key_Right)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    assert panel.session.selection == {"mem1"}

    QTest.keyClick(panel, Qt.Key.Key_Up)
    QTest.keyClick(panel, Qt.Key.Key_Up)
    QTest.keyClick(panel, Qt.Key.Key_Space)
    assert panel.session.selection == {"w0"}


def test_zooming_keeps_the_address_under_the_pointer(panel):
    at = middle(panel, "w0")
    before = panel._scale.address(at.x() - TITLES)
    wheel = QWheelEvent(
        QPointF(at),
        QPointF(panel.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(panel.viewport(), wheel)

    assert panel.zoom > 2
    after = panel._scale.address(at.x() - TITLES + panel.horizontalScrollBar().value())
    assert abs(after - before) < 4 / panel._scale.pixels_per_byte
    QTest.keyClick(panel, Qt.Key.Key_0)
    assert panel.zoom == 1


def test_hovering_shows_the_exact_address_and_leaving_takes_it_away(panel):
    plain = panel.grab().toImage()
    QTest.mouseMove(panel.viewport(), middle(panel, "w0"))
    assert panel.grab().toImage() != plain
    QTest.mouseMove(panel.viewport(), QPoint(4, 4))
    assert panel.grab().toImage() == plain


def test_an_empty_document_says_what_to_do(panel):
    full = panel.grab().toImage()
    panel.session.open(Document())

    assert panel.ranges == ()
    assert panel.grab().toImage() != full


def test_far_addresses_and_great_zoom_paint(panel):
    document = edits.set_field(platform(devices=2), "w0", "base", (1 << 52) - 16 * GIB)
    panel.session.open(document)
    panel.session.set_derivation(derived(document))
    panel.grab()
    for _ in range(80):
        panel.zoom_by(1.25)
    panel.grab()

    assert panel.zoom > 1e5
