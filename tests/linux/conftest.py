"""A small platform that tests change in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cxldesigner.document.model import (
    GIB,
    Device,
    Document,
    Host,
    HostBridge,
    Link,
    Part,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.linux.derive import derive


class Platform:
    """Builds documents: sockets, bridges with root ports and devices, windows."""

    def __init__(self, sockets: int = 1) -> None:
        self.parts: dict[str, Part] = {}
        self.links: dict[str, Link] = {}
        self.windows: dict[str, Window] = {}
        self.host = Host()
        self.actions: tuple[str, ...] = ()
        for number in range(sockets):
            self.part(Socket(id=f"cpu{number}", cpus=2, dram_bytes=4 * GIB))

    def part(self, part: Part, above: str = "", **link: Any) -> str:
        self.parts[part.id] = part
        if above:
            key = f"link{len(self.links)}"
            self.links[key] = Link(id=key, upstream=above, downstream=f"{part.id}:up", **link)
        return part.id

    def bridge(self, name: str, socket: str = "cpu0", **fields: Any) -> str:
        return self.part(HostBridge(id=name, **fields), f"{socket}:io")

    def device(
        self, name: str, bridge: str, link: dict[str, Any] | None = None, **fields: Any
    ) -> str:
        port = self.part(RootPort(id=f"{name}port"), f"{bridge}:rp")
        fields.setdefault("volatile_bytes", GIB)
        return self.part(Device(id=name, **fields), f"{port}:down", **(link or {}))

    def switch(self, name: str, bridge: str, devices: list[str], **fields: Any) -> str:
        port = self.part(RootPort(id=f"{name}port"), f"{bridge}:rp")
        self.part(Switch(id=name, downstream=max(len(devices), 1)), f"{port}:down")
        for number, device in enumerate(devices):
            self.part(Device(id=device, volatile_bytes=GIB, **fields), f"{name}:d{number}")
        return name

    def window(self, name: str, targets: tuple[str, ...], **fields: Any) -> str:
        fields.setdefault("size_bytes", 4 * GIB)
        self.windows[name] = Window(id=name, targets=targets, **fields)
        return name

    def document(self, *actions: str, **host: Any) -> Document:
        return Document(
            parts=dict(self.parts),
            links=dict(self.links),
            windows=dict(self.windows),
            host=replace(self.host, **host),
            actions=actions,
        )


@pytest.fixture
def platform() -> type[Platform]:
    """The builder class."""
    return Platform


def two_devices() -> Platform:
    """Return one socket, one bridge with two devices, one window."""
    made = Platform()
    made.bridge("hb0")
    made.device("mem0dev", "hb0")
    made.device("mem1dev", "hb0")
    made.window("win0", ("hb0",))
    return made


@pytest.fixture
def simple() -> Platform:
    """Two devices under one window, to be changed."""
    return two_devices()


@pytest.fixture(scope="session")
def plain() -> Document:
    """Two devices under one window, as a document."""
    return two_devices().document()


@pytest.fixture
def check_rule() -> Callable[[str, Document, Document], None]:
    """Assert that a rule fires on the first document, fully worded, and not on the second."""

    def check(rule: str, firing: Document, silent: Document) -> None:
        everything = derive(firing).findings
        hits = [f for f in everything if f.rule == rule]
        assert hits, [(f.rule, str(f)) for f in everything]
        known = {*firing.parts, *firing.links, *firing.windows}
        for finding in hits:
            assert "{" not in str(finding)
            assert finding.mend
            assert finding.source
            assert set(finding.items) <= known
        assert not [str(f) for f in derive(silent).findings if f.rule == rule]

    return check
