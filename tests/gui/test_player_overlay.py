"""What the canvas is told of one row of a recording."""

from __future__ import annotations

from cxldesigner.gui.player.overlay import overlay_of
from tests.build import platform


def test_links_show_their_traffic_and_how_busy_they_are() -> None:
    document = platform(sockets=1, bridges=1)
    first, second = list(document.links)[:2]
    row = {
        f"link.{first}.mbps": 12_340.0,
        f"link.{first}.utilisation": 1.7,
        f"link.{second}.mbps": 3.2,
        f"link.{second}.utilisation": 0.25,
    }
    overlay = overlay_of(row, document, None)
    assert overlay.link_labels == {first: "12.3 GB/s", second: "3 MB/s"}
    assert overlay.links == {first: 1.0, second: 0.25}
