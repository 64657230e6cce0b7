"""Five platforms for ``boot_in_qemu.py --proof``, drawn anew: run in the program's environment.

    .venv/bin/python packaging/boot_in_qemu_platforms.py FOLDER

Sizes are small, so that each boots and fills in a minute of emulation; every figure is one that
QEMU itself has, so that nothing need differ from the drawing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cxldesigner.document.model import (
    MIB,
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    Link,
    Part,
    Perf,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.document.store import save_document
from cxldesigner.exchange.qemufabric import QEMU_DEVICE, QEMU_SWITCH
from cxldesigner.exchange.qemumachine import QEMU_RESTRICTIONS

ONLINE = "/sys/devices/system/memory/auto_online_blocks"
DEMOTION = "/sys/kernel/mm/numa/demotion_enabled"


@dataclass
class Drawing:
    """A platform being drawn; parts are linked to the port they are added at."""

    parts: dict[str, Part] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)

    def add(self, part: Part, port: str = "") -> None:
        """Add a part below a port."""
        self.parts[part.id] = part
        if port:
            name = f"k{len(self.links)}"
            self.links[name] = Link(id=name, upstream=port, downstream=f"{part.id}:up")

    def bridge(self, part: HostBridge, socket: str, ports: int = 1) -> None:
        """Add a host bridge with root ports ``<bridge>-0 …``."""
        self.add(part, f"{socket}:io")
        for number in range(ports):
            self.add(RootPort(id=f"{part.id}-{number}"), f"{part.id}:rp")

    def device(self, name: str, port: str, volatile: int = 0, persistent: int = 0) -> None:
        """Add a memory device of so many MiB."""
        serial = 0x2000 + sum(isinstance(p, Device) for p in self.parts.values())
        sizes = {"volatile_bytes": volatile * MIB, "persistent_bytes": persistent * MIB}
        self.add(Device(id=name, serial=serial, perf=QEMU_DEVICE, **sizes), port)

    def window(self, targets: Iterable[str], size: int, granularity: int = 256) -> None:
        """Add a window of so many MiB."""
        name = f"w{len(self.windows)}"
        self.windows[name] = Window(
            id=name,
            size_bytes=size * MIB,
            targets=tuple(targets),
            granularity=granularity,
            restrictions=QEMU_RESTRICTIONS,
        )

    def document(self, name: str, actions: str, host: Host | None = None) -> Document:
        """Return the platform."""
        return Document(
            name=name,
            parts=self.parts,
            links=self.links,
            windows=self.windows,
            host=host or Host(),
            actions=tuple(line.strip() for line in actions.strip().splitlines()),
        )


def switch() -> Document:
    """Draw a switch: two of three ports have a device; one two-way region, taken down again."""
    drawing = Drawing()
    drawing.add(Socket(id="cpu", cpus=2, dram_bytes=768 * MIB))
    drawing.bridge(HostBridge(id="hb"), "cpu")
    drawing.add(Switch(id="fan", downstream=3, perf=QEMU_SWITCH, serial=0x99), "hb-0:down")
    drawing.device("left", "fan:d0", 512)
    drawing.device("right", "fan:d2", 512)
    drawing.window(("hb",), 2048)
    return drawing.document(
        "Switch",
        f"""
        echo online_movable > {ONLINE}
        cxl create-region -m -t ram -d decoder0.0 -w 2 -g 512 left right
        # moment: two ways
        echo 1 > {DEMOTION}
        cxl disable-region region0
        # moment: region off
        cxl destroy-region -f region0
        cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 right
        # moment: one device
        """,
    )


def four_ways() -> Document:
    """Draw two bridges with two devices each behind one window: the order of devices matters."""
    drawing = Drawing()
    drawing.add(Socket(id="cpu", cpus=2, dram_bytes=1024 * MIB))
    for side in ("a", "b"):
        drawing.bridge(HostBridge(id=f"hb-{side}"), "cpu", ports=2)
        for number in (0, 1):
            drawing.device(f"{side}{number}", f"hb-{side}-{number}:down", 256)
    drawing.window(("hb-a", "hb-b"), 2048, 1024)
    return drawing.document(
        "Four ways",
        """
        cxl create-region -m -t ram -d decoder0.0 -w 4 -g 1024 a0 a1 b0 b1
        # moment: refused
        cxl create-region -m -t ram -d decoder0.0 -w 4 -g 256 a0 b0 a1 b1
        cxl create-region -m -t ram -d decoder0.0 -w 4 -g 1024 a0 b0 a1 b1
        # moment: four ways
        """,
    )


def generic_port() -> Document:
    """Draw an HMAT with figures to the generic port of a bridge, and a link of half the width."""
    drawing = Drawing()
    figures = Perf(
        read_latency_ns=90,
        write_latency_ns=90,
        read_bandwidth_mbps=120_000,
        write_bandwidth_mbps=120_000,
    )
    drawing.add(Socket(id="cpu", cpus=2, dram_bytes=768 * MIB, pxm=0, perf=figures))
    port = replace(figures, read_latency_ns=140, write_latency_ns=140)
    port = replace(port, read_bandwidth_mbps=48_000, write_bandwidth_mbps=48_000)
    drawing.bridge(HostBridge(id="hb", pxm=0, generic_port_pxm=1, perf=port), "cpu", ports=2)
    drawing.device("near", "hb-0:down", 512)
    drawing.device("spare", "hb-1:down", 256)
    drawing.window(("hb",), 1024)
    return drawing.document(
        "Generic port",
        """
        cxl create-region -m -t ram -d decoder0.0 -w 1 near
        # moment: near
        cxl create-region -m -t ram -d decoder0.0 -w 1 spare
        # moment: both
        daxctl offline-memory dax0.0
        # moment: offline
        """,
        Host(hmat=True, distances=(Distance(a="cpu", b="hb", value=14),)),
    )


def two_sockets() -> Document:
    """Draw two sockets with an expander each, brought online in different ways."""
    drawing = Drawing()
    for number in (0, 1):
        socket, bridge = f"cpu{number}", f"hb{number}"
        drawing.add(Socket(id=socket, cpus=2, dram_bytes=(512 + 256 * number) * MIB, pxm=number))
        drawing.bridge(HostBridge(id=bridge, pxm=number), socket)
        drawing.device(f"far{number}", f"{bridge}-0:down", 512)
        drawing.window((bridge,), 1024)
    return drawing.document(
        "Two sockets",
        f"""
        echo offline > {ONLINE}
        cxl create-region -m -t ram -d decoder0.1 -w 1 far1
        # moment: offline
        daxctl online-memory dax1.0
        echo online_kernel > {ONLINE}
        cxl create-region -m -t ram -d decoder0.0 -w 1 far0
        # moment: both online
        echo 3 > /sys/kernel/mm/mempolicy/weighted_interleave/node2
        echo 1 > {DEMOTION}
        cxl create-region -m -t ram -d decoder0.0 -w 2 far0 far1
        # moment: refused
        """,
        Host(distances=(Distance(a="cpu0", b="cpu1", value=21),)),
    )


def persistent() -> Document:
    """Draw a device of both kinds of capacity; the persistent one becomes memory by way of dax."""
    drawing = Drawing()
    drawing.add(Socket(id="cpu", cpus=2, dram_bytes=1024 * MIB))
    drawing.bridge(HostBridge(id="hb"), "cpu", ports=2)
    drawing.device("both", "hb-0:down", 256, 512)
    drawing.device("plain", "hb-1:down", 0, 256)
    drawing.window(("hb",), 2048)
    return drawing.document(
        "Persistent memory",
        f"""
        echo offline > {ONLINE}
        cxl create-region -m -t ram -d decoder0.0 -w 1 both
        cxl create-region -m -t pmem -d decoder0.0 -w 1 both
        # moment: regions
        ndctl create-namespace -m devdax -r region1
        # moment: namespace
        daxctl reconfigure-device -m system-ram dax1.0
        # moment: system memory
        """,
    )


def main(folder: Path) -> None:
    """Write all five."""
    folder.mkdir(parents=True, exist_ok=True)
    for draw in (switch, four_ways, generic_port, two_sockets, persistent):
        save_document(draw(), folder / f"{draw.__name__.replace('_', '-')}.cxld")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
