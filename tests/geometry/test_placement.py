from cxldesigner.document.edits import add_part, connect
from cxldesigner.document.model import Device, Document, HostBridge, Point, RootPort, Socket
from cxldesigner.geometry.placement import aligned, free_spot, item_rects, spot_at_port
from cxldesigner.geometry.rect import Rect, Size


def test_the_layout_of_the_document_is_used_where_it_has_one():
    document = add_part(Document(), Device(id="mem0"), Point(16, 24))

    assert item_rects(document)["mem0"].corner == Point(16, 24)


def test_a_part_without_position_finds_room_beside_the_others():
    document = add_part(Document(), Device(id="mem0"), Point(0, 0))
    document = add_part(document, Device(id="mem1"))

    rects = item_rects(document)

    assert list(rects) == ["mem0", "mem1"]
    assert not rects["mem0"].overlaps(rects["mem1"])


def test_a_free_spot_is_where_it_was_wanted_when_nothing_is_there():
    assert free_spot([], Size(10, 10), Point(33, 9)) == Point(32, 8)


def test_a_free_spot_keeps_clear_of_what_is_there():
    taken = [Rect(0, 0, 100, 100)]
    spot = free_spot(taken, Size(50, 50), Point(20, 20))

    assert not Rect.at(spot, Size(50, 50)).overlaps(taken[0])


def test_free_spots_of_many_parts_do_not_overlap():
    rects: list[Rect] = []
    for _ in range(30):
        rects.append(Rect.at(free_spot(rects, Size(160, 96), Point(0, 0)), Size(160, 96)))

    assert not any(a.overlaps(b) for i, a in enumerate(rects) for b in rects[i + 1 :])


def test_a_part_for_a_port_goes_below_it():
    document = add_part(Document(), Socket(id="s0"), Point(0, 0))
    document = add_part(document, HostBridge(id="hb0"), Point(0, 160))
    document = connect(document, "s0:io", "hb0:up")
    document = add_part(document, RootPort(id="rp0"), Point(24, 290))
    rects = item_rects(document)

    spot = spot_at_port(document, rects, "rp0:down", Size(160, 96))

    assert spot.y > rects["rp0"].bottom
    assert abs(spot.x + 80 - rects["rp0"].centre.x) <= 8


def test_aligning_takes_the_smaller_shift_and_shows_its_line():
    dx, dy, guides = aligned(Rect(103, 300, 50, 50), [Rect(100, 0, 80, 50)], 6)

    assert (dx, dy) == (-3, 0)
    assert len(guides) == 1
    assert guides[0].vertical
    assert guides[0].at == 100
    assert (guides[0].start, guides[0].end) == (0, 350)


def test_aligning_beyond_tolerance_does_nothing():
    assert aligned(Rect(120, 300, 50, 50), [Rect(100, 0, 10, 10)], 6) == (0, 0, ())
