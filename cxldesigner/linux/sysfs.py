"""Writes to ``/sys`` and ``/proc/sys``: which values the kernel takes, and what follows."""

from __future__ import annotations

import re

from cxldesigner.linux.cmdline import CommandLine, parse_bool
from cxldesigner.linux.hotplug import (
    AUTO_ONLINE,
    MEMORY,
    OFFLINE,
    ONLINE,
    ONLINE_KERNEL,
    ONLINE_MOVABLE,
    PARAMETERS,
    offline_range,
    online_range,
)
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.memmap import holding_blocks
from cxldesigner.linux.options import Outcome

VM = "/proc/sys/vm/"
DEMOTION = "/sys/kernel/mm/numa/demotion_enabled"
WEIGHTS = "/sys/kernel/mm/mempolicy/weighted_interleave/node"
BALANCING = "/proc/sys/kernel/numa_balancing"
RATE_LIMIT = "/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps"

_ONLINE_TYPES = (OFFLINE, ONLINE, ONLINE_KERNEL, ONLINE_MOVABLE)
_RANGES = {
    VM + "watermark_scale_factor": (1, 3000),
    VM + "watermark_boost_factor": (0, 1 << 31),
    VM + "swappiness": (0, 200),
    VM + "zone_reclaim_mode": (0, 1 << 31),
    VM + "min_unmapped_ratio": (0, 100),
    VM + "min_slab_ratio": (0, 100),
    BALANCING: (0, 3),
    RATE_LIMIT: (0, 1 << 32),
}
_BLOCK = re.compile(r"/sys/devices/system/(?:memory|node/node\d+)/memory(\d+)/state")


def boot_settings(cmdline: CommandLine, nodes: tuple[int, ...], online: int) -> dict[str, str]:
    """Return the knobs as they stand after boot.

    ``numa_balancing`` is on only when several nodes are online at boot (recorded).
    """
    balancing = cmdline.numa_balancing if cmdline.numa_balancing is not None else online > 1
    default = cmdline.online_default if cmdline.online_default in _ONLINE_TYPES else ONLINE
    settings = {
        AUTO_ONLINE: default,
        PARAMETERS + "online_policy": cmdline.online_policy,
        PARAMETERS + "auto_movable_ratio": str(cmdline.auto_movable_ratio),
        PARAMETERS + "auto_movable_numa_aware": "Y" if cmdline.auto_movable_numa_aware else "N",
        PARAMETERS + "memmap_on_memory": cmdline.memmap_on_memory,
        DEMOTION: "false",
        BALANCING: "1" if balancing else "0",
        RATE_LIMIT: "65536",
        VM + "watermark_scale_factor": "10",
        VM + "watermark_boost_factor": "15000",
        VM + "swappiness": "60",
        VM + "zone_reclaim_mode": "0",
        VM + "min_unmapped_ratio": "1",
        VM + "min_slab_ratio": "5",
    }
    settings.update({f"{WEIGHTS}{n}": "1" for n in nodes})
    return settings


def _refuse(why: str, rule: str = "") -> Outcome:
    return Outcome(1, f"sh: write error: {why}", rule)


_INVALID = "Invalid argument"


def write_file(kernel: Kernel, value: str, path: str) -> Outcome:
    """Run ``echo VALUE > PATH``."""
    block = _BLOCK.fullmatch(path)
    if block:
        return _set_block(kernel, int(block[1]), value)
    if path == VM + "min_free_kbytes":
        return _set_min_free(kernel, value)
    if path == DEMOTION:
        on = parse_bool(value)
        if on is None:
            return _refuse(_INVALID)
        kernel.settings[path] = "true" if on else "false"
        return Outcome()
    if path.startswith(WEIGHTS):
        return _set_weight(kernel, path, value)
    if path in _RANGES:
        low, high = _RANGES[path]
        if not value.isdigit() or not low <= int(value) <= high:
            return _refuse(_INVALID)
        kernel.settings[path] = str(int(value))
        if path == VM + "watermark_scale_factor":
            kernel.set_marks()
        return Outcome()
    if path == AUTO_ONLINE or path.startswith(PARAMETERS):
        return _set_hotplug(kernel, path, value)
    if path.startswith(("/sys/", "/proc/")):
        return Outcome(1, f"sh: can't create {path}: nonexistent directory", "unknown")
    return Outcome()


def _set_min_free(kernel: Kernel, value: str) -> Outcome:
    if not value.isdigit():
        return _refuse(_INVALID)
    kernel.min_kbytes = kernel.user_min_kbytes = int(value)
    kernel.set_marks()
    return Outcome()


def _set_weight(kernel: Kernel, path: str, value: str) -> Outcome:
    """Set a weight of 1 to 255; 0 or nothing gives the default back (C22)."""
    if path not in kernel.settings:
        return Outcome(1, f"sh: can't create {path}: Permission denied", "C22")
    if value in {"", "0"}:
        kernel.settings[path] = "1"
        return Outcome()
    if not value.isdigit() or int(value) > 255:
        return _refuse(_INVALID, "C22")
    kernel.settings[path] = str(int(value))
    return Outcome()


def _set_hotplug(kernel: Kernel, path: str, value: str) -> Outcome:
    name = path.rpartition("/")[2]
    allowed: bool
    match name:
        case "auto_online_blocks":
            allowed = value in _ONLINE_TYPES
        case "online_policy":
            allowed = value in {"contig-zones", "auto-movable"}
        case "auto_movable_ratio":
            allowed = value.isdigit()
        case "auto_movable_numa_aware":
            on = parse_bool(value)
            allowed, value = on is not None, "Y" if on else "N"
        case "memmap_on_memory":
            return Outcome(1, f"sh: can't create {path}: Permission denied", "B17")
        case _:
            allowed = False
    if not allowed:
        return _refuse(_INVALID)
    kernel.settings[path] = value
    return Outcome()


def _set_block(kernel: Kernel, number: int, value: str) -> Outcome:
    """Online or offline one block; boot memory of kernel zones never goes offline (E3)."""
    if value not in _ONLINE_TYPES:
        return _refuse(_INVALID)
    hot = next(
        (h for h in kernel.hot if any(r.first <= number < r.first + r.count for r in h.runs)), None
    )
    if hot is None:
        boot = [b for b in kernel.machine.blocks if b.first <= number < b.first + b.count]
        if not boot:
            directory = f"{MEMORY}memory{number}/state"
            return Outcome(1, f"sh: can't create {directory}: nonexistent directory")
        if value != OFFLINE:
            return Outcome()
        # the kernel refuses a block with holes or of two zones before it looks for used pages
        span = range(number * kernel.machine.block, (number + 1) * kernel.machine.block)
        present = sum(
            max(0, min(end, span.stop) - max(start, span.start))
            for start, end in kernel.machine.ram
        )
        whole = present == len(span) and boot[0].zone != "none"
        return _refuse("Device or resource busy" if whole else _INVALID, "E3")
    if value == OFFLINE:
        if number in holding_blocks(kernel):
            return _refuse("Device or resource busy", "E2")
        offline_range(kernel, hot, number, 1)
    else:
        online_range(kernel, hot, number, 1, value)
    return Outcome()
