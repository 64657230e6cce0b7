import itertools

from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document.model import Device, Link, Point, Switch
from cxldesigner.geometry.rect import Rect, Side
from cxldesigner.geometry.routing import (
    label_point,
    link_routes,
    route,
    simplified,
    target_route,
    tracks,
)
from cxldesigner.geometry.sizes import part_size

coordinates = st.integers(-500, 500).map(float)
points = st.builds(Point, coordinates, coordinates)


@given(points, st.sampled_from(Side), points, st.sampled_from(Side), st.integers(0, 5))
def test_every_stretch_is_horizontal_or_vertical(start, leaves, end, enters, track):
    path = route(start, leaves, end, enters, track)

    assert path[0] == start
    assert path[-1] == end
    for a, b in itertools.pairwise(path):
        assert a.x == b.x or a.y == b.y


@given(points, points)
def test_a_link_leaves_downwards_and_arrives_from_above(start, end):
    path = route(start, Side.BOTTOM, end, Side.TOP)
    if start.y + 32 <= end.y:
        assert path[1].y > start.y
        assert path[-2].y < end.y


def test_a_part_straight_below_gets_a_straight_link():
    assert route(Point(0, 0), Side.BOTTOM, Point(0, 90), Side.TOP) == (Point(0, 0), Point(0, 90))


def test_simplifying_drops_points_in_the_middle_of_a_straight():
    path = simplified([Point(0, 0), Point(0, 0), Point(0, 5), Point(0, 9), Point(4, 9)])

    assert path == (Point(0, 0), Point(0, 9), Point(4, 9))


def test_links_of_a_switch_do_not_lie_on_each_other():
    switch = Switch(id="sw0", downstream=4)
    devices = {f"mem{i}": Device(id=f"mem{i}") for i in range(4)}
    rects = {"sw0": Rect.at(Point(300, 0), part_size(switch))} | {
        k: Rect.at(Point(i * 192, 200), part_size(d)) for i, (k, d) in enumerate(devices.items())
    }
    links = [Link(id=f"k{i}", upstream=f"sw0:d{i}", downstream=f"mem{i}:up") for i in range(4)]

    paths = list(link_routes(links, {"sw0": switch, **devices}, rects).values())

    for i, a in enumerate(paths):
        for b in paths[i + 1 :]:
            assert not _share_a_stretch(a, b)


def _share_a_stretch(a, b):
    for p, q in itertools.pairwise(a):
        for r, s in itertools.pairwise(b):
            if p.y == q.y == r.y == s.y and min(max(p.x, q.x), max(r.x, s.x)) > max(
                min(p.x, q.x), min(r.x, s.x)
            ):
                return True
    return False


def test_links_from_one_shared_port_share_their_track():
    assert tracks({"k0": (0, -50), "k1": (0, -90), "k2": (0, 70)}) == {"k0": 0, "k1": 0, "k2": 0}


def test_a_link_with_a_missing_end_has_no_path():
    link = Link(id="k0", upstream="gone:io", downstream="mem0:up")

    assert link_routes([link], {"mem0": Device(id="mem0")}, {"mem0": Rect(0, 0, 10, 10)}) == {}


def test_target_lines_of_two_windows_arrive_at_different_places():
    bridge = Rect(400, 200, 176, 64)
    first = target_route(Rect(0, 0, 256, 96), bridge, 0, 0)
    second = target_route(Rect(0, 200, 256, 96), bridge, 1, 1)

    assert first[-1] != second[-1]
    assert first[-1].y == second[-1].y == bridge.y


def test_the_label_is_on_the_last_stretch():
    assert label_point((Point(0, 0), Point(0, 10), Point(40, 10), Point(40, 30))) == Point(40, 20)
