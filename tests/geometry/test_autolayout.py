import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from cxldesigner.document.edits import add_part, add_window, connect
from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    Link,
    MemoryDomain,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.geometry.autolayout import auto_layout
from cxldesigner.geometry.placement import sizes
from cxldesigner.geometry.rect import GRID, Rect


def platform(*, sockets=1, bridges=2, devices=3, windows=1) -> Document:
    d = Document()
    for s in range(sockets):
        d = add_part(d, Socket(id=f"s{s}"))
        d = connect(add_part(d, MemoryDomain(id=f"hbm{s}")), f"s{s}:mem", f"hbm{s}:up")
        for b in range(bridges):
            n = f"{s}{b}"
            d = connect(add_part(d, HostBridge(id=f"hb{n}")), f"s{s}:io", f"hb{n}:up")
            d = connect(add_part(d, RootPort(id=f"rp{n}")), f"hb{n}:rp", f"rp{n}:up")
            d = add_part(d, Switch(id=f"sw{n}", downstream=max(devices, 1)))
            d = connect(d, f"rp{n}:down", f"sw{n}:up")
            for k in range(devices):
                d = add_part(d, Device(id=f"mem{n}{k}"))
                d = connect(d, f"sw{n}:d{k}", f"mem{n}{k}:up")
    for w in range(windows):
        d = add_window(d, Window(id=f"w{w}", targets=("hb00",) * (w % 6)))
    return add_part(d, Device(id="loose"))


def rects_of(document: Document) -> dict[str, Rect]:
    size = sizes(document)
    return {k: Rect.at(p, size[k]) for k, p in auto_layout(document).items()}


@settings(max_examples=25, deadline=None)
@given(
    sockets=st.integers(1, 2),
    bridges=st.integers(1, 3),
    devices=st.integers(0, 5),
    windows=st.integers(0, 4),
)
def test_everything_is_placed_on_the_grid_without_overlaps(sockets, bridges, devices, windows):
    document = platform(sockets=sockets, bridges=bridges, devices=devices, windows=windows)
    rects = rects_of(document)

    assert set(rects) == {*document.parts, *document.windows}
    assert all(r.x % GRID == 0 and r.y % GRID == 0 for r in rects.values())
    for (a, ra), (b, rb) in itertools.combinations(rects.items(), 2):
        assert not ra.overlaps(rb), (a, b)


def test_every_part_is_below_what_feeds_it_and_devices_in_port_order():
    rects = rects_of(platform())

    assert rects["s0"].bottom < rects["hb00"].y < rects["rp00"].y < rects["sw00"].y
    assert rects["mem000"].x < rects["mem001"].x < rects["mem002"].x
    assert rects["hbm0"].y == rects["s0"].y


def test_a_part_is_centred_above_its_only_child():
    rects = rects_of(platform(bridges=1, devices=1))

    assert rects["rp00"].centre.x == rects["sw00"].centre.x == rects["mem000"].centre.x


def test_windows_stand_left_of_all_parts():
    rects = rects_of(platform(windows=2))
    leftmost = min(r.x for k, r in rects.items() if not k.startswith("w"))

    assert rects["w0"].right < leftmost
    assert rects["w0"].bottom < rects["w1"].y


def test_an_empty_document_has_an_empty_layout():
    assert auto_layout(Document()) == {}


def test_rings_and_dangling_links_of_a_broken_file_are_placed_all_the_same():
    parts = {k: Switch(id=k) for k in ("a", "b", "c")}
    links = {
        "k0": Link(id="k0", upstream="a:d0", downstream="b:up"),
        "k1": Link(id="k1", upstream="b:d0", downstream="a:up"),
        "k2": Link(id="k2", upstream="c:d0", downstream="gone:up"),
        "k3": Link(id="k3", upstream="c:d1", downstream="c:up"),
    }

    assert set(auto_layout(Document(parts=parts, links=links))) == {"a", "b", "c"}


def test_a_chain_far_deeper_than_any_machine_is_placed():
    parts = {f"sw{i}": Switch(id=f"sw{i}") for i in range(3000)}
    links = {
        f"k{i}": Link(id=f"k{i}", upstream=f"sw{i}:d0", downstream=f"sw{i + 1}:up")
        for i in range(2999)
    }

    assert len(auto_layout(Document(parts=parts, links=links))) == 3000
