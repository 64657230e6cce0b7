"""A fake /proc and /sys made of what was recorded of real (emulated) machines.

The recordings hold the attribute files; links are made from the ``cxl list`` of the same machine.
"""

import json
from pathlib import Path

DATA = Path(__file__).parent / "data" / "snapshot"
BUS = "sys/bus/cxl/devices"
BLOCK = 0x8000000


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, bytes):
        file.write_bytes(text)
    else:
        file.write_text(text)


def link(root, path, target):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_symlink():
        file.symlink_to(target)


def objects(value, above=()):
    """Yield every object of a cxl list with the names above it."""
    if isinstance(value, list):
        for item in value:
            yield from objects(item, above)
    elif isinstance(value, dict):
        kinds = ("bus", "port", "endpoint", "memdev", "decoder", "region")
        name = next((value[k] for k in kinds if isinstance(value.get(k), str)), None)
        if "region" in value and "decode_state" in value:
            name = value["region"]
        yield value, name, above
        for key, item in value.items():
            if key not in ("mappings", "targets", "dports"):
                yield from objects(item, (*above, name) if name else above)


class Tree:
    """One machine's tree below ``root``; real folders under sys/devices, links as the kernel's."""

    def __init__(self, root):
        self.root = root
        self.folders = {}

    def place(self, name, *above):
        """Make the folder of an object and the link to it on the bus."""
        folder = "/".join(("sys/devices", *above, name))
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.folders[name] = folder
        link(self.root, f"{BUS}/{name}", "../../../../" + folder)

    def points(self, name, what, target):
        folder = self.folders[name]
        (self.root / target).mkdir(parents=True, exist_ok=True)
        link(self.root, f"{folder}/{what}", "../" * folder.count("/") + "../" + target)

    def listed(self, value):
        """Make the objects of a ``cxl list``."""
        hosts = {}
        for item, name, above in objects(value):
            path = tuple(a for a in above if not a.startswith("mem"))
            if "bus" in item:
                self.place(name, "platform", "ACPI0017:00")
            elif "memdev" in item and "host" in item:
                self.place(name, "pci", item["host"])
                folder = self.folders[name]
                write(self.root, f"{folder}/ram/size", hex(item.get("ram_size", 0)) + "\n")
                write(self.root, f"{folder}/pmem/size", hex(item.get("pmem_size", 0)) + "\n")
            elif name:
                self.place(name, "platform", "ACPI0017:00", *path)
            if "dports" in item:
                for dport in item["dports"]:
                    self.points(name, f"dport{dport['id']}", f"sys/devices/pci/{dport['dport']}")
            if "port" in item or "endpoint" in item:
                hosts[name] = item["host"]
                if "parent_dport" in item:
                    self.points(name, "parent_dport", f"sys/devices/pci/{item['parent_dport']}")
        for name, host in hosts.items():
            self.points(name, "uport", self.folders.get(host, f"sys/devices/pci/{host}"))

    def dax(self, item):
        """Make a dax device's driver link and the memory blocks it added."""
        name = item["chardev"]
        folder = f"sys/bus/dax/devices/{name}"
        driver = {"system-ram": "kmem", "devdax": "device_dax"}[item["mode"]]
        (self.root / f"sys/bus/dax/drivers/{driver}").mkdir(parents=True, exist_ok=True)
        link(self.root, f"{folder}/driver", f"../../../../bus/dax/drivers/{driver}")
        if item["mode"] != "system-ram" or not item.get("online_memblocks"):
            return
        start = int((self.root / folder / "resource").read_text(), 16)
        for number in range(-(-start // BLOCK), (start + item["size"]) // BLOCK):
            block = f"sys/devices/system/memory/memory{number}"
            write(self.root, f"{block}/state", "online\n")
            write(self.root, f"{block}/valid_zones", "Movable\n" if item["movable"] else "Normal\n")

    def recorded(self, text):
        """Write ``path:value`` lines; each begins with the path of a bus."""
        for line in text.splitlines():
            at = line.rindex("/")
            name, _, value = line[at + 1 :].partition(":")
            write(self.root, f"{line[:at].lstrip('/')}/{name}", value + "\n")


def machine_tree(root, name, *, blind=False):
    """Build the tree of a recorded machine.

    ``blind``: as an ordinary user sees it, without tables and addresses.
    """
    folder = DATA / name
    tree = Tree(root)
    listed = json.loads((folder / "cxl-list.json").read_text())
    tree.listed(listed)
    for file in ("cxl-sysfs.kv", "dax-sysfs.kv", "pci-numa.kv"):
        tree.recorded((folder / file).read_text())
    for item, _, _ in objects(listed):
        for dax in item.get("daxregion", {}).get("devices", ()):
            tree.dax(dax)
    write(root, "proc/version", "Linux version 6.12.117+deb13-amd64 (a builder) #1 SMP\n")
    write(root, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 console=ttyS0 panic=-1\n")
    write(root, "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme de\n\nprocessor\t: 1\n")
    write(root, "proc/zoneinfo", (folder / "zoneinfo.txt").read_text())
    write(root, "sys/devices/system/memory/block_size_bytes", "8000000\n")
    write(root, "sys/devices/system/memory/auto_online_blocks", "online\n")
    iomem = (folder / "iomem.txt").read_text()
    if blind:
        lines = [ln.split(" : ") for ln in iomem.splitlines()]
        iomem = "\n".join(
            " " * (len(a) - len(a.lstrip())) + "00000000-00000000 : " + b for a, b in lines
        )
    write(root, "proc/iomem", iomem)
    for file in (
        f"{BUS}/decoder*/start",
        f"{BUS}/decoder*/size",
        "sys/bus/dax/devices/*/resource",
    ):
        for path in tuple(root.glob(file)) if blind else ():
            path.unlink()
    for table in () if blind else folder.glob("*.dat"):
        write(root, f"sys/firmware/acpi/tables/{table.stem}", table.read_bytes())
    return tree
