#!/usr/bin/env python3
"""Collect what Linux shows of a machine's memory and CXL devices into one JSON file.

Copy this file to the machine (it needs nothing but Python 3.6 or newer) and run

    sudo python3 cxl-snapshot.py            # writes cxl-snapshot.json here
    sudo python3 cxl-snapshot.py -o - > x   # or wherever

then open the JSON file in CXL Designer (File, Import). It only reads files below /sys and /proc,
each at most once and only those listed in this script, and writes nothing but its output. Without
root it collects what it may; ACPI tables, addresses and CDAT are then missing.

The file maps paths to text, to {"base64": …} for binary data, or to {"link": …} for the target of
a symbolic link. What is there but could not be read is under "unread" with the reason. It contains
serial numbers of CXL devices and the kernel's command line; look through it before you pass it on.
"""

import argparse
import base64
import errno
import json
import os
import pathlib
import stat
import sys

FORMAT = "cxl-snapshot 1"
MAX_FILE = 4 << 20
"""Bytes of one file; a longer one is left out."""
MAX_SNAPSHOT = 8000000
"""Characters of the whole snapshot; what does not fit any more is left out."""
MAX_ENTRIES = 60000
MAX_UNREAD = 1000

CXL = "sys/bus/cxl/devices"
NODE = "sys/devices/system/node"
MEMORY = "sys/devices/system/memory"

FILES = (
    "proc/version",
    "proc/cmdline",
    "sys/firmware/acpi/tables/CEDT",
    "sys/firmware/acpi/tables/SRAT",
    "sys/firmware/acpi/tables/SLIT",
    "sys/firmware/acpi/tables/HMAT",
    CXL + "/*/devtype",
    CXL + "/mem*/serial",
    CXL + "/mem*/numa_node",
    CXL + "/mem*/firmware_version",
    CXL + "/mem*/label_storage_size",
    CXL + "/mem*/ram/size",
    CXL + "/mem*/ram/qos_class",
    CXL + "/mem*/pmem/size",
    CXL + "/mem*/pmem/qos_class",
    CXL + "/*/decoders_committed",
    CXL + "/decoder*/start",
    CXL + "/decoder*/size",
    CXL + "/decoder*/locked",
    CXL + "/decoder*/interleave_ways",
    CXL + "/decoder*/interleave_granularity",
    CXL + "/decoder*/target_list",
    CXL + "/decoder*/target_type",
    CXL + "/decoder*/cap_*",
    CXL + "/decoder*/qos_class",
    CXL + "/decoder*/mode",
    CXL + "/decoder*/dpa_resource",
    CXL + "/decoder*/dpa_size",
    CXL + "/decoder*/region",
    CXL + "/region*/mode",
    CXL + "/region*/resource",
    CXL + "/region*/size",
    CXL + "/region*/interleave_ways",
    CXL + "/region*/interleave_granularity",
    CXL + "/region*/commit",
    CXL + "/region*/target[0-9]*",
    CXL + "/region*/access[01]/*_latency",
    CXL + "/region*/access[01]/*_bandwidth",
    CXL + "/endpoint*/CDAT",
    "sys/bus/dax/devices/*/size",
    "sys/bus/dax/devices/*/target_node",
    "sys/bus/dax/devices/*/numa_node",
    "sys/bus/dax/devices/*/resource",
    "sys/bus/dax/devices/*/align",
    "sys/bus/dax/devices/*/memmap_on_memory",
    NODE + "/online",
    NODE + "/possible",
    NODE + "/has_cpu",
    NODE + "/has_memory",
    NODE + "/has_normal_memory",
    NODE + "/has_generic_initiator",
    NODE + "/node*/cpulist",
    NODE + "/node*/distance",
    NODE + "/node*/meminfo",
    NODE + "/node*/access[01]/initiators/*_latency",
    NODE + "/node*/access[01]/initiators/*_bandwidth",
    NODE + "/node*/memory_side_cache/index*/[siwl]*",
    "sys/devices/virtual/memory_tiering/memory_tier*/nodelist",
    MEMORY + "/block_size_bytes",
    MEMORY + "/auto_online_blocks",
    "sys/module/memory_hotplug/parameters/*",
    "sys/kernel/mm/numa/demotion_enabled",
    "sys/kernel/mm/mempolicy/weighted_interleave/*",
    "sys/kernel/mm/lru_gen/enabled",
    "sys/kernel/mm/transparent_hugepage/enabled",
    "proc/sys/kernel/numa_balancing",
    "proc/sys/kernel/numa_balancing_promote_rate_limit_MBps",
    "proc/sys/vm/min_free_kbytes",
    "proc/sys/vm/watermark_scale_factor",
    "proc/sys/vm/watermark_boost_factor",
    "proc/sys/vm/swappiness",
    "proc/sys/vm/zone_reclaim_mode",
    "proc/sys/vm/min_unmapped_ratio",
    "proc/sys/vm/min_slab_ratio",
    "proc/iomem",
    "sys/firmware/memmap/*/[set]*",
    "sys/firmware/efi/runtime-map/*/[anptv]*",
    "proc/zoneinfo",
    "proc/meminfo",
    "proc/buddyinfo",
    "proc/vmstat",
    MEMORY + "/memory[0-9]*/state",
    MEMORY + "/memory[0-9]*/valid_zones",
)
"""Files read, in order of worth: the last ones are left out of too large a snapshot."""

LINKS = (
    CXL + "/*",
    CXL + "/*/uport",
    CXL + "/*/parent_dport",
    CXL + "/*/dport[0-9]*",
    CXL + "/region*/driver",
    "sys/bus/dax/devices/*",
    "sys/bus/dax/devices/*/driver",
)
"""Symbolic links whose targets are noted: they tell what hangs below what."""

PCI = "sys/bus/pci/devices/*"
PCI_CLASSES = (b"0x0604", b"0x0502")
"""PCI bridges (root ports, switch ports) and CXL memory devices."""
PCI_FILES = (
    "class",
    "numa_node",
    "current_link_speed",
    "current_link_width",
    "max_link_speed",
    "max_link_width",
)


class Snapshot:
    """What was collected so far."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.entries = {"format": FORMAT}
        self.unread = {}
        self.characters = 0

    def matches(self, pattern):
        """Yield (name, path) of what matches a pattern; the name begins with /."""
        for path in sorted(self.root.glob(pattern)):
            yield "/" + path.relative_to(self.root).as_posix(), path

    def missed(self, name, error):
        """Remember that something is there but is not in the snapshot."""
        if len(self.unread) < MAX_UNREAD:
            why = error.strerror if isinstance(error, OSError) else error
            self.unread[name] = why or "cannot be read"

    def add(self, name, value):
        """Take an entry if there is room for it."""
        size = len(json.dumps({name: value}))
        if self.characters + size > MAX_SNAPSHOT or len(self.entries) >= MAX_ENTRIES:
            self.missed(name, "left out: the snapshot would grow too large")
            return
        self.characters += size
        self.entries[name] = value

    def add_file(self, name, path):
        """Read one regular file."""
        if name in self.entries:
            return
        try:
            data = read(path, MAX_FILE + 1)
        except OSError as error:
            self.missed(name, error)
            return
        if data is None:
            return
        if len(data) > MAX_FILE:
            self.missed(name, "left out: the file is larger than 4 MiB")
            return
        self.add(name, text_or_binary(data))

    def add_link(self, name, path):
        """Note the target of a symbolic link."""
        try:
            if path.is_symlink():
                target = os.readlink(str(path))  # noqa: PTH115  Path.readlink needs Python 3.9
                self.add(name, {"link": target})
        except OSError as error:
            self.missed(name, error)


def read(path, most):
    """Return the first bytes of a regular file, None for anything else (a device, a pipe)."""
    descriptor = os.open(str(path), os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(most)


def text_or_binary(data):
    """Return what stands for the bytes of a file in the JSON."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return {"base64": base64.b64encode(data).decode("ascii")}
    return text


def add_processor(snapshot):
    """Add the flags of the first processor: they tell a virtual machine."""
    for name, path in snapshot.matches("proc/cpuinfo"):
        try:
            head = read(path, 16384) or b""
        except OSError as error:
            snapshot.missed(name, error)
            continue
        flags = [line for line in head.split(b"\n") if line.startswith(b"flags")]
        if flags:
            snapshot.add(name, text_or_binary(flags[0] + b"\n"))


def add_pci(snapshot):
    """Add link state and place of the PCI devices that CXL memory is reached through."""
    for name, path in snapshot.matches(PCI):
        try:
            kind = read(path / "class", 16) or b""
        except OSError as error:
            if error.errno != errno.ENOENT:
                snapshot.missed(name + "/class", error)
            continue
        if kind.startswith(PCI_CLASSES):
            for file in PCI_FILES:
                if (path / file).exists():
                    snapshot.add_file(name + "/" + file, path / file)


def collect(root):
    """Return everything, as the value of the JSON file."""
    snapshot = Snapshot(root)
    for pattern in LINKS:
        for name, path in snapshot.matches(pattern):
            snapshot.add_link(name, path)
    add_pci(snapshot)
    add_processor(snapshot)
    for pattern in FILES:
        for name, path in snapshot.matches(pattern):
            snapshot.add_file(name, path)
    result = snapshot.entries
    result["unread"] = snapshot.unread
    return result


def main(arguments=None):
    """Run the program; returns its exit status."""
    parser = argparse.ArgumentParser(
        description="Collect what Linux shows of memory and CXL into one JSON file; reads only."
    )
    parser.add_argument(
        "-o", "--output", default="cxl-snapshot.json", help="file to write, - for standard output"
    )
    parser.add_argument("--root", default="/", help="where proc and sys are found")
    options = parser.parse_args(arguments)
    result = collect(options.root)
    text = json.dumps(result, indent=0) + "\n"
    if options.output == "-":
        sys.stdout.write(text)
    else:
        try:
            pathlib.Path(options.output).write_text(text, encoding="ascii")
        except OSError as error:
            sys.stderr.write(f"{options.output}: {error.strerror}\n")
            return 1
    unread = result["unread"]
    sys.stderr.write(f"{len(result) - 2} entries collected.\n")
    if unread:
        names = ", ".join(sorted(unread)[:5])
        sys.stderr.write(f"{len(unread)} could not be read, e.g. {names}.\n")
        if "Permission denied" in unread.values():
            sys.stderr.write("Run it as root (sudo) to have them.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
