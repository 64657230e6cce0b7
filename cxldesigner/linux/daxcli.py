"""The ``daxctl`` and ``ndctl`` tools: modes of dax devices, onlining, pmem namespaces (B7-B17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cxldesigner.linux.cmdline import parse_size
from cxldesigner.linux.hotplug import (
    AUTO_ONLINE,
    OFFLINE,
    ONLINE,
    ONLINE_MOVABLE,
    add_memory,
    offline_failed,
    offline_memory,
    online_range,
    remove_memory,
)
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.listing import listing_key
from cxldesigner.linux.live import LiveDax, LiveRegion
from cxldesigner.linux.options import Outcome, parse_options

NAMESPACE_ALIGN = 2 << 20
_EBUSY, _ENXIO, _EINVAL, _ENOSPC = 16, 6, 22, 28
_TEXT = {
    _EBUSY: "Device or resource busy",
    _ENXIO: "No such device or address",
    _EINVAL: "Invalid argument",
    _ENOSPC: "No space left on device",
}
_RACE = (
    "{}:\n"
    "  WARNING: detected a race while onlining memory\n"
    "  Some memory may not be in the expected zone. It is\n"
    "  recommended to disable any other onlining mechanisms,\n"
    "  and retry. If onlining is to be left to other agents,\n"
    "  use the --no-online option to suppress this warning"
)
_VALUES = {"r": "region", "m": "mode", "s": "size", "a": "align"}
_FLAGS = {"N": "no-online", "f": "force", "C": "check-config", "u": "human", "v": "verbose"}


class _Run:
    """One run of a tool: what it printed and how it ended so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.status = 0
        self.done = 0
        self.rule = ""

    def fail(self, errno: int, line: str = "", rule: str = "") -> int:
        if line:
            self.lines.append(line)
        self.rule = rule or self.rule
        return -errno


def _choose(kernel: Kernel, words: list[str]) -> list[LiveDax]:
    """Return the devices named, in the order of ``daxctl list``: as sysfs does, but backwards."""
    return [
        d
        for d in sorted(kernel.dax.values(), key=lambda d: listing_key(d.name), reverse=True)
        if words and words[0] in {"all", d.name}
    ]


def run_daxctl(kernel: Kernel, verb: str, words: list[str]) -> Outcome:
    """Run ``daxctl reconfigure-device``, ``online-memory`` or ``offline-memory``."""
    options, names, unknown = parse_options(words, _VALUES, _FLAGS, ("no-movable",))
    what, past = {
        "reconfigure-device": ("reconfiguring devices", "reconfigured"),
        "online-memory": ("onlining memory", "onlined memory for"),
        "offline-memory": ("offlining memory", "offlined memory for"),
    }[verb]
    if unknown:
        return Outcome(129, f"  Error: unknown option `{unknown}'")
    if not names:
        asked = {"reconfiguring devices": "reconfigure", "onlining memory": "online memory for"}
        return Outcome(
            234, f'specify a device to {asked.get(what, "offline memory for")}, or "all"'
        )
    step = _step(verb, options)
    if step is None:
        return Outcome(234, "error: a 'align', 'mode' or 'size' option is required")
    run = _Run()
    for dax in _choose(kernel, names):
        status = step(kernel, dax, options, run)
        if status == 0:
            run.done += 1
        else:
            run.status = status
    if not run.status:
        return Outcome()
    if run.status < 0:
        run.lines.append(f"error {what}: {_TEXT[-run.status]}")
    plural = "" if run.done == 1 else "s"
    run.lines.append(f"{past} {run.done} device{plural}")
    return Outcome(run.status & 0xFF, "\n".join(run.lines), run.rule)


_Step = Callable[[Kernel, LiveDax, dict[str, str], _Run], int]


def _step(verb: str, options: dict[str, str]) -> _Step | None:
    if verb == "online-memory":
        return _online
    if verb == "offline-memory":
        return _offline
    return {"system-ram": _to_system_ram, "devdax": _to_devdax}.get(options.get("mode", ""))


def _online(kernel: Kernel, dax: LiveDax, options: dict[str, str], run: _Run) -> int:
    hot = kernel.hot_of(dax.name)
    if hot is None:
        return run.fail(_ENXIO, f"{dax.name}: memory operations are not applicable in devdax mode")
    online = hot.online
    if online:
        run.lines.append(_RACE.format(dax.name))
    if online == hot.count:
        run.lines.append(f"{dax.name}: all memory sections ({online}) already online")
        return 1
    if online:
        plural = "" if online == 1 else "s"
        run.lines.append(f"{dax.name}: {online} memory section{plural} already online")
    how = ONLINE if "no-movable" in options else ONLINE_MOVABLE
    online_range(kernel, hot, hot.first, hot.count, how)
    return 0


def _offline(kernel: Kernel, dax: LiveDax, _options: dict[str, str], run: _Run) -> int:
    hot = kernel.hot_of(dax.name)
    if hot is None:
        return run.fail(_ENXIO, f"{dax.name}: memory operations are not applicable in devdax mode")
    off = hot.count - hot.online
    if off == hot.count:
        run.lines.append(f"{dax.name}: all memory sections ({off}) already offline")
        return 1
    if off:
        plural = "" if off == 1 else "s"
        run.lines.append(f"{dax.name}: {off} memory section{plural} already offline")
    stuck = offline_memory(kernel, hot)
    if stuck is not None:
        run.lines.append(offline_failed(dax.name, hot.node, stuck))
        return run.fail(_EBUSY, f"{dax.name}: failed to offline memory: {_TEXT[_EBUSY]}", "E2")
    return 0


def _to_system_ram(kernel: Kernel, dax: LiveDax, options: dict[str, str], run: _Run) -> int:
    unattended = "no-online" in options or "no-movable" not in options
    if unattended and "force" not in options and kernel.settings[AUTO_ONLINE] != OFFLINE:
        return run.fail(
            _EBUSY, f"{dax.name}: error: kernel policy will auto-online memory, aborting", "P11"
        )
    if dax.driver != "kmem":
        bound = replace(dax, driver="kmem")
        if not add_memory(kernel, bound):
            kernel.dax[dax.name] = replace(dax, driver="")
            return run.fail(_EINVAL, rule="CXL-V043")
        kernel.dax[dax.name] = bound
    else:
        run.lines.append(f"{dax.name} was already in system-ram mode")
    if "no-online" in options:
        return 0
    return min(_online(kernel, dax, options, run), 0)  # already online is no failure here


def _to_devdax(kernel: Kernel, dax: LiveDax, options: dict[str, str], run: _Run) -> int:
    if "no-online" in options:
        return run.fail(_EINVAL, "--no-online is incompatible with --mode=devdax")
    hot = kernel.hot_of(dax.name)
    if hot is not None:
        if "force" in options:
            status = _offline(kernel, dax, options, run)
            if status < 0:
                return status
            hot = kernel.hot_of(dax.name)
        if hot is not None and not remove_memory(kernel, hot):
            return run.fail(_EBUSY, rule="E7")
    kernel.dax[dax.name] = replace(dax, driver="devdax")
    return 0


# --- ndctl --------------------------------------------------------------------------------------


def run_ndctl(kernel: Kernel, verb: str, words: list[str]) -> Outcome:
    """Run ``ndctl create-namespace`` or ``destroy-namespace``."""
    options, names, unknown = parse_options(
        words,
        {
            "m": "mode",
            "M": "map",
            "s": "size",
            "r": "region",
            "e": "reconfig",
            "a": "align",
            "n": "name",
            "t": "type",
        },
        {"f": "force", "v": "verbose"},
        ("no-autolabel", "continue"),
    )
    if unknown:
        return Outcome(129, f"  Error: unknown option `{unknown}'")
    if verb == "create-namespace":
        return _create_namespace(kernel, options)
    return _destroy_namespace(kernel, options, names)


def _create_namespace(kernel: Kernel, options: dict[str, str]) -> Outcome:
    mode = options.get("mode", "fsdax")
    wanted = options.get("region")
    taken = set(kernel.namespaces.values())
    known = [r for r in kernel.regions.values() if r.mode == "pmem" and r.enabled]
    known = [r for r in known if wanted in {None, r.name, str(r.id), "all"}]
    if not known:
        return Outcome(237, f"failed to create namespace: {_TEXT[_ENXIO]}", "P20")
    regions = [r for r in sorted(known, key=lambda r: r.id) if r.name not in taken]
    if not regions:
        return Outcome(1, "failed to create namespace: No space left on device", "P20")
    region = regions[0]
    size = parse_size(options["size"]) if "size" in options else region.size
    if size > region.size or size <= NAMESPACE_ALIGN:
        return Outcome(1, "failed to create namespace: No space left on device", "CXL-V036")
    kernel.namespaces[f"namespace{region.id}.0"] = region.name
    if mode == "devdax":
        _add_pmem_dax(kernel, region, size, options.get("map", "dev"))
    return Outcome()


def _add_pmem_dax(kernel: Kernel, region: LiveRegion, size: int, where: str) -> None:
    """Make the dax device of a namespace; its head holds the info block and maybe the map."""
    head = NAMESPACE_ALIGN
    if where == "dev":
        pages = (size - NAMESPACE_ALIGN) // 4096
        head = -(-(NAMESPACE_ALIGN + 64 * pages) // NAMESPACE_ALIGN) * NAMESPACE_ALIGN
    dax = LiveDax(
        name=f"dax{region.id}.0",
        region=region.name,
        start=region.start + head,
        size=size - head,
        node=kernel.machine.node_at(region.start),
        driver="devdax",
        persistent=True,
        memmap_on_memory=False,
    )
    kernel.dax[dax.name] = dax


def _destroy_namespace(kernel: Kernel, options: dict[str, str], names: list[str]) -> Outcome:
    chosen = [n for n in kernel.namespaces if names and names[0] in {"all", n}]
    busy = ""
    for name in chosen:
        region = kernel.namespaces[name]
        daxes = [d for d in kernel.dax.values() if d.region == region]
        if daxes and "force" not in options:
            busy = f"{name} is active, specify --force for re-configuration"
            continue
        if any(kernel.hot_of(d.name) is not None for d in daxes):
            busy = f"{name}: failed to disable: Device or resource busy"
            continue
        for dax in daxes:
            del kernel.dax[dax.name]
        del kernel.namespaces[name]
    if busy:
        return Outcome(1, f"{busy}\nerror destroying namespaces: Device or resource busy", "E7")
    return Outcome()
