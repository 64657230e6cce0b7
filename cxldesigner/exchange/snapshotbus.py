"""``/sys/bus/cxl/devices`` of a snapshot as the inventory ``cxl list`` would give.

Parentage is in the targets of the links (``…/root0/port1/endpoint3/decoder3.0``); ports name their
device, their parent's downstream port and their own downstream ports by links of their own (Linux
``Documentation/ABI/testing/sysfs-bus-cxl``).
"""

from __future__ import annotations

import re

from cxldesigner.exchange.cxl_list import (
    MAX_ITEMS,
    Dport,
    Inventory,
    ListedRegion,
    Memdev,
    Port,
    RootDecoder,
)
from cxldesigner.exchange.notes import ImportRefused
from cxldesigner.exchange.pcilink import PciLink, parse_speed, parse_width
from cxldesigner.exchange.snapshotfiles import Files
from cxldesigner.exchange.snapshotmemory import dax_devices

BUS = "/sys/bus/cxl/devices/"
PCI = "/sys/bus/pci/devices/"
UNUSED = 0xFFFF_FFFF_FFFF_FFFF
MAX_WAYS = 16
_NAME = re.compile(r"(root|port|endpoint|mem|region|decoder)([0-9]{1,9})(?:\.[0-9]{1,9})?")
_DPORT = re.compile(r"dport([0-9]{1,10})")


def read_bus(files: Files) -> Inventory:
    """Return what the CXL bus of a snapshot shows; empty when it shows none."""
    return _Bus(files).read()


class _Bus:
    """The objects on the bus: sorted by kind, with the path of components above each."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._found = Inventory()
        self._below = files.children(BUS)
        self._above: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[str, list[str]] = {}
        for name in sorted(self._below, key=_natural):
            found = _NAME.fullmatch(name)
            if found is not None:
                self._kinds.setdefault(found[1], []).append(name)
                target = files.links.get(BUS + name, "")
                self._above[name] = tuple(target.split("/")[-40:-1])
        for kind, names in self._kinds.items():
            if len(names) > (MAX_ITEMS * 20 if kind == "decoder" else MAX_ITEMS):
                raise ImportRefused(files.name, BUS + kind, f"more than {MAX_ITEMS} of a kind")
        self._decoders: dict[str, int] = {}
        for name in self._kinds.get("decoder", ()):
            self._decoders[self._parent(name)] = self._decoders.get(self._parent(name), 0) + 1
        self._dax = dax_devices(files)
        self._endpoint_of = {
            self._link(name, "uport"): name for name in self._kinds.get("endpoint", ())
        }

    def read(self) -> Inventory:
        """Return the inventory."""
        for root in self._kinds.get("root", ()):
            for dport in self._dports(root):
                self._found.bridges[dport.name] = dport.id
        for name in self._kinds.get("port", ()):
            self._port(name)
        for name in self._kinds.get("mem", ()):
            self._memdev(name)
        for name in self._kinds.get("decoder", ()):
            if self._parent(name).startswith("root"):
                self._root_decoder(name)
        for name in self._kinds.get("region", ()):
            self._region(name)
        self._found.pci = self._links()
        return self._found

    def _parent(self, name: str) -> str:
        return self._above[name][-1] if self._above.get(name) else ""

    def _link(self, name: str, what: str) -> str:
        return self._files.target(f"{BUS}{name}/{what}")

    def _number(self, name: str, what: str, default: int = 0) -> int:
        return self._files.number(f"{BUS}{name}/{what}", default)

    def _text(self, name: str, what: str) -> str:
        return self._files.text(f"{BUS}{name}/{what}")

    def _dports(self, name: str) -> tuple[Dport, ...]:
        found = ((_DPORT.fullmatch(what), what) for what in self._below[name])
        dports = [Dport(self._link(name, what), int(m[1])) for m, what in found if m is not None]
        return tuple(sorted(dports, key=lambda d: d.id)[:MAX_ITEMS])

    def _port(self, name: str) -> None:
        above = self._above[name]
        root = next((i for i, part in enumerate(above) if part.startswith("root")), len(above))
        depth = max(len(above) - root, 1)
        self._found.ports[name] = Port(
            name=name,
            host=self._link(name, "uport"),
            depth=depth,
            parent_dport=self._link(name, "parent_dport") if depth > 1 else "",
            dports=self._dports(name),
            decoders=self._decoders.get(name),
        )

    def _memdev(self, name: str) -> None:
        endpoint = self._endpoint_of.get(name, "")
        node = self._number(name, "numa_node", UNUSED)
        self._found.memdevs[name] = Memdev(
            name=name,
            host=self._parent(name)[:64],
            ram=self._number(name, "ram/size"),
            pmem=self._number(name, "pmem/size"),
            serial=self._number(name, "serial"),
            numa_node=node if node < 1024 else None,
            endpoint=endpoint,
            parent_dport=self._link(endpoint, "parent_dport") if endpoint else "",
            decoders=self._decoders.get(endpoint),
        )

    def _root_decoder(self, name: str) -> None:
        """Add a window; only root may read where it is, and without that it is none."""
        if not self._number(name, "size"):
            return
        bridges = {uid: bridge for bridge, uid in self._found.bridges.items()}
        listed = self._text(name, "target_list").split(",")
        uids = [int(t) for t in listed if t.isascii() and t.isdigit() and len(t) <= 10]
        for uid in uids:
            bridge = bridges.setdefault(uid, f"uid{uid}")
            self._found.bridges.setdefault(bridge, uid)
        qos = self._number(name, "qos_class", UNUSED)
        self._found.decoders[name] = RootDecoder(
            name=name,
            base=self._number(name, "start"),
            size=self._number(name, "size"),
            ways=self._number(name, "interleave_ways", 1),
            granularity=self._number(name, "interleave_granularity", 256),
            targets=tuple((uid, bridges[uid]) for uid in uids[:MAX_WAYS]),
            qos_class=qos if qos < 1 << 16 else None,
            volatile=self._text(name, "cap_ram") == "1",
            persistent=self._text(name, "cap_pmem") == "1",
            accelerator=self._text(name, "cap_type2") == "1",
        )

    def _region(self, name: str) -> None:
        base, size = self._number(name, "resource"), self._number(name, "size")
        ways = self._number(name, "interleave_ways", 1)
        if not size or base == UNUSED:
            return  # being made, not yet a range
        memdevs = []
        for position in range(min(ways, MAX_WAYS)):
            decoder = self._text(name, f"target{position}")
            memdev = self._link(self._parent(decoder), "uport")
            memdevs.append(memdev)
            start = self._number(decoder, "dpa_resource", UNUSED)
            if start != UNUSED:
                self._found.dpa[memdev, name] = start
        dax = next((d for d in self._dax if base <= d.start < base + size), None)
        self._found.regions[name] = ListedRegion(
            name=name,
            decoder=self._parent(name),
            base=base,
            size=size,
            type=self._text(name, "mode") or "ram",
            ways=ways,
            granularity=self._number(name, "interleave_granularity", 256),
            memdevs=tuple(memdevs),
            enabled=self._text(name, "commit") == "1",
            dax_mode=dax.mode if dax else None,
            movable=dax.movable if dax else None,
        )

    def _links(self) -> dict[str, PciLink]:
        """Return the link state of each PCI device that has one."""
        out = {}
        for name in self._files.children(PCI):
            place = f"{PCI}{name}/"
            link = PciLink(
                speed=parse_speed(self._files.text(place + "current_link_speed")),
                width=parse_width(self._files.text(place + "current_link_width")),
                max_speed=parse_speed(self._files.text(place + "max_link_speed")),
                max_width=parse_width(self._files.text(place + "max_link_width")),
            )
            if link != PciLink():
                out[name] = link
        return out


def _natural(name: str) -> tuple[str, list[int]]:
    """Sort ``mem10`` after ``mem9``."""
    return name.rstrip("0123456789."), [int(n) for n in re.findall(r"[0-9]{1,9}", name)]
