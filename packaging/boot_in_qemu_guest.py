"""The guest of ``boot_in_qemu.py``: a Debian chroot, an initramfs out of it, the script it runs.

Standard library only. The initramfs holds busybox, the tools with their libraries, and the kernel
modules CXL memory needs; modules are loaded in the order of their dependencies.
"""

from __future__ import annotations

import contextlib
import lzma
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

RELEASE = "trixie"
"""Debian 13: QEMU 10, Linux 6.12."""
PACKAGES = (
    "qemu-system-x86", "seabios", "linux-image-amd64", "busybox-static", "kmod", "cxl", "daxctl",
    "ndctl", "numactl",
)  # fmt: skip
TOOLS = ("cxl", "daxctl", "ndctl", "numactl")
MODULES = (
    "virtio_pci", "virtio_console", "cxl_acpi", "cxl_port", "cxl_pci", "cxl_mem", "cxl_pmem",
    "dax_cxl", "device_dax", "kmem", "dax_hmem", "nd_pmem", "dax_pmem", "nfit",
)  # fmt: skip
MARK = "\x1e"
"""Starts every record on the port to the host, followed by its name."""

INIT = r"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/ LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t debugfs debug /sys/kernel/debug
while read -r module; do
	insmod "$module" || echo "insmod $module failed"
done </modules >/run/modules 2>&1
for port in /dev/vport*; do exec 3>"$port"; done
node=/sys/devices/system/node
memory=/sys/devices/system/memory

record() { printf '\036%s\n' "$1" >&3; cat >&3; }

snapshot() {	# snapshot NUMBER: what the kernel shows now
	head -n 9999 $node/possible $node/online $node/has_* \
		$node/node*/meminfo $node/node*/distance $node/node*/cpulist \
		$node/node*/access[01]/initiators/*_bandwidth $node/node*/access[01]/initiators/*_latency \
		$node/node*/memory_side_cache/index*/[ils]* $node/node*/memory_side_cache/index*/write* \
		/sys/kernel/mm/numa/demotion_enabled /sys/kernel/mm/mempolicy/weighted_interleave/node* \
		/sys/devices/virtual/memory_tiering/memory_tier*/nodelist \
		$memory/auto_online_blocks $memory/block_size_bytes \
		$memory/memory*/state $memory/memory*/valid_zones \
		/sys/module/memory_hotplug/parameters/* 2>/dev/null | record "$1 files"
	ls -d $node/node*/memory[0-9]* $node/node*/access[01]/initiators/node* 2>/dev/null |
		record "$1 links"
	record "$1 zoneinfo" </proc/zoneinfo
	record "$1 iomem" </proc/iomem
	cxl list -R -T 2>/dev/null | record "$1 regions"
	daxctl list -D -M -R 2>/dev/null | record "$1 dax"
	cxl list -M 2>/dev/null | record "$1 memdevs"
}

action() {	# action NUMBER: one line of the script, as typed into a shell
	sh -c "$(cat /functions "/actions/$1")" >/run/said 2>&1
	status=$?
	record "$1 said" </run/said
	echo $status | record "$1 status"
	sleep 1
}

waited=0
while [ $waited -lt 80 ]; do	# until every memory device has answered
	wanted=$(grep -l 0x050210 /sys/bus/pci/devices/*/class 2>/dev/null | wc -l)
	there=$(ls -d /sys/bus/cxl/devices/mem* 2>/dev/null | wc -l)
	[ "$there" -ge "$wanted" ] && break
	sleep 0.25
	waited=$((waited + 1))
done
sleep 1
{ uname -r; cat /proc/cmdline; cat /run/modules; } | record kernel
. /steps
dmesg | record dmesg
echo | record done
sync
poweroff -f
"""


class Unbootable(Exception):
    """Something the boot needs is missing; the text says what to do."""


# --- chroot -------------------------------------------------------------------------------------


def make_chroot(folder: Path, mirror: str) -> None:
    """Install a minimal Debian with kernel, QEMU and tools into ``folder`` (about 1 GB).

    Raises
    ------
    Unbootable
        No root rights, no debootstrap, or an installation that failed.
    """
    if os.geteuid() != 0:
        raise Unbootable("making a chroot needs root: start this with sudo, or give --chroot")
    if shutil.which("debootstrap") is None:
        raise Unbootable("debootstrap is missing: apt-get install debootstrap")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "usr/bin/apt-get").exists():
        _must(["debootstrap", "--variant=minbase", RELEASE, str(folder), *filter(None, [mirror])])
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    with mounted(folder):
        install = ["apt-get", "-q", "-y", "install", "--no-install-recommends", *PACKAGES]
        _must(["chroot", str(folder), "apt-get", "-q", "update"], env)
        _must(["chroot", str(folder), *install], env)


def _must(command: Sequence[str], env: dict[str, str] | None = None) -> None:
    print(f"$ {' '.join(command)}", flush=True)
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise Unbootable(f"{command[0]} failed:\n{tail}")


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """Have ``/proc`` and ``/dev`` in the chroot; what was mounted before stays so."""
    ours = []
    try:
        for name in ("proc", "dev"):
            place = folder / name
            if not os.path.ismount(place):
                _must(["mount", "--bind", f"/{name}", str(place)])
                ours.append(place)
        yield
    finally:
        for place in reversed(ours):
            subprocess.run(["umount", str(place)], check=False)


def kernel_of(chroot: Path) -> str:
    """Return the release of the newest kernel installed in the chroot."""
    found = [p.name for p in (chroot / "lib/modules").glob("*") if (p / "modules.dep").exists()]
    found = [k for k in found if (chroot / f"boot/vmlinuz-{k}").exists()]
    if not found:
        raise Unbootable(f"{chroot}: no kernel with modules: install linux-image-amd64 there")
    return max(found, key=lambda k: [int(n) for n in re.findall(r"\d+", k)])


# --- initramfs ----------------------------------------------------------------------------------


def initramfs(chroot: Path, release: str, files: dict[str, str]) -> bytes:
    """Return a newc archive: tools, modules, init, and ``files`` by path."""
    archive = Archive()
    for name in ("bin", "proc", "sys", "dev", "run", "tmp", "usr/bin", "actions"):
        archive.folder(name)
    archive.file("init", INIT.encode(), 0o755)
    busybox = _find(chroot, ("bin/busybox", "usr/bin/busybox"), "busybox-static")
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    for tool in TOOLS:
        path = _find(chroot, (f"usr/bin/{tool}",), tool)
        archive.file(f"usr/bin/{tool}", path.read_bytes(), 0o755)
        for library in _libraries(chroot, f"/usr/bin/{tool}"):
            archive.file(library.lstrip("/"), (chroot / library.lstrip("/")).read_bytes(), 0o755)
    loaded = []
    for path in _module_order(chroot, release):
        name = f"modules.d/{path.name.partition('.')[0]}.ko"
        archive.file(name, _unpacked(path), 0o644)
        loaded.append(f"/{name}\n")
    archive.file("modules", "".join(loaded).encode(), 0o644)
    for name, text in files.items():
        archive.file(name, text.encode(), 0o755)
    return archive.finish()


def _find(chroot: Path, names: Sequence[str], package: str) -> Path:
    for name in names:
        if (chroot / name).is_file():
            return chroot / name
    raise Unbootable(f"{chroot}: {names[0]} is missing: install {package} there")


def _libraries(chroot: Path, program: str) -> list[str]:
    """Return the libraries a program of the chroot loads, its loader included."""
    command = ["chroot", str(chroot), "ldd", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def _module_order(chroot: Path, release: str) -> list[Path]:
    """Return the wanted modules and what they need, in loading order."""
    folder = chroot / "lib/modules" / release
    needs: dict[str, list[str]] = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    by_name = {Path(p).name.partition(".")[0].replace("-", "_"): p for p in needs}
    order: list[str] = []
    for name in MODULES:
        path = by_name.get(name)  # else built in, or not of this kernel
        for found in (*reversed(needs.get(path, [])), path) if path else ():
            if found not in order:
                order.append(found)
    return [folder / p for p in order]


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout
    return data


class Archive:
    """A cpio archive of the "newc" kind, as the kernel unpacks it."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._known: set[str] = set()

    def folder(self, name: str) -> None:
        """Add a folder and those above it."""
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            self._add("/".join(parts[:depth]), 0o040755, b"")

    def file(self, name: str, data: bytes, mode: int) -> None:
        """Add a file and the folders above it."""
        if "/" in name:
            self.folder(name.rpartition("/")[0])
        self._add(name, 0o100000 | mode, data)

    def _add(self, name: str, mode: int, data: bytes) -> None:
        if name in self._known:
            return
        self._known.add(name)
        self._entry(name, mode, data)

    def _entry(self, name: str, mode: int, data: bytes) -> None:
        inode, links = len(self._known), 1
        fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        self._data += b"070701" + b"".join(b"%08x" % f for f in fields)
        self._pad(name.encode() + b"\0")
        self._pad(data)

    def _pad(self, data: bytes) -> None:
        self._data += data
        self._data += bytes(-len(self._data) % 4)

    def finish(self) -> bytes:
        """Return the archive."""
        self._entry("TRAILER!!!", 0, b"")
        return bytes(self._data)
