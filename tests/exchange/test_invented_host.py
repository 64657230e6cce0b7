"""A host nobody told us of must not lie where the CXL windows are."""

from __future__ import annotations

from cxldesigner.document.model import GIB
from cxldesigner.exchange.hostpart import invented_host
from cxldesigner.firmware.spans import Span


def test_invented_memory_ends_below_the_lowest_window() -> None:
    windows = [Span(28 * GIB, 32 * GIB), Span(64 * GIB, 128 * GIB)]
    (socket,) = invented_host(None, windows).sockets.values()
    assert 4 * GIB + socket.dram_bytes <= 28 * GIB
    assert socket.dram_bytes == 16 * GIB


def test_without_windows_it_is_a_plain_server() -> None:
    (socket,) = invented_host(None).sockets.values()
    assert socket.dram_bytes == 64 * GIB
