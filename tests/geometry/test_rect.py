from cxldesigner.document.model import Point
from cxldesigner.geometry.rect import Rect, Size, bounding, snapped


def test_touching_rectangles_do_not_overlap():
    left, right = Rect(0, 0, 10, 10), Rect(10, 0, 10, 10)

    assert not left.overlaps(right)
    assert left.overlaps(right.moved(-1, 0))


def test_bounding_of_nothing_is_nothing():
    assert bounding([]) is None


def test_bounding_holds_every_rectangle():
    assert bounding([Rect(0, 0, 1, 1), Rect(-5, 7, 2, 3)]) == Rect(-5, 0, 6, 10)


def test_snapping_takes_the_nearest_grid_point():
    assert snapped(Point(11.9, -4.1)) == Point(8, -8)
    assert snapped(Point(12.1, -3.9)) == Point(16, 0)


def test_growing_keeps_the_centre():
    rect = Rect.at(Point(3, 4), Size(10, 20))

    assert rect.grown(5).centre == rect.centre
    assert rect.grown(5).contains(Point(-2, -1))
