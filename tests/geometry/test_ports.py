import pytest

from cxldesigner.document.model import (
    Device,
    HostBridge,
    MemoryDomain,
    Point,
    RootPort,
    Socket,
    Switch,
)
from cxldesigner.document.ports import ports_of
from cxldesigner.geometry.ports import nearest_port, port_hit_rect, port_point, port_under
from cxldesigner.geometry.rect import GRID, Rect
from cxldesigner.geometry.sizes import part_size

PARTS = [
    Socket(id="s0"),
    MemoryDomain(id="hbm0"),
    HostBridge(id="hb0"),
    RootPort(id="rp0"),
    Device(id="mem0"),
    *(Switch(id=f"sw{n}", downstream=n) for n in (0, 1, 2, 7, 32)),
]


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.id)
def test_ports_sit_on_the_edge_apart_from_each_other(part):
    at = Rect.at(Point(80, 40), part_size(part))
    points = [port_point(part, p.name, at) for p in ports_of(part)]

    assert len(set(points)) == len(points)
    for point in points:
        assert at.contains(point)
        assert point.x in (at.x, at.right) or point.y in (at.y, at.bottom)


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.id)
def test_the_port_under_the_middle_of_its_hit_square_is_that_port(part):
    at = Rect.at(Point(0, 0), part_size(part))
    for port in ports_of(part):
        middle = port_hit_rect(part, port.name, at).centre
        assert port_under(part, at, middle) == port
        assert nearest_port(part, ports_of(part), at, middle) == port


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.id)
def test_sizes_are_multiples_of_twice_the_grid(part):
    size = part_size(part)
    assert size.w % (2 * GRID) == 0
    assert size.h % (2 * GRID) == 0


def test_no_port_is_under_the_middle_of_a_part():
    part = Device(id="mem0")
    at = Rect.at(Point(0, 0), part_size(part))

    assert port_under(part, at, at.centre) is None
