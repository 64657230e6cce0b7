"""The ``cxl`` tool: create, disable, enable and destroy regions, with its own error sentences.

Wording and order of checks are those of cxl-cli 81 as recorded; devices are named as typed.
"""

from __future__ import annotations

from dataclasses import replace

from cxldesigner.document.model import Perf
from cxldesigner.linux.cmdline import parse_size
from cxldesigner.linux.coordinates import region_figures
from cxldesigner.linux.decoders import (
    DPA_ALIGN,
    REGION_WAYS,
    Routing,
    allocate_dpa,
    attach,
    commit,
    decoders_of,
    free_decoder,
    free_dpa,
    free_extents,
    granularity_is_legal,
    place,
    power_of_two,
    release,
    set_mode,
)
from cxldesigner.linux.fabric import Root
from cxldesigner.linux.hotplug import add_memory, offline_range, remove_memory
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import LiveDax, LiveRegion
from cxldesigner.linux.options import Outcome, parse_options

INVALID = "Invalid argument"
NO_DEVICE = "No such device or address"
NO_SPACE = "No space left on device"
BUSY = "Device or resource busy"
_ERRNO = {"CXL-V027": NO_DEVICE, "CXL-V035": BUSY, "CXL-V036": NO_SPACE}

_CREATE = {
    "b": "bus",
    "d": "decoder",
    "s": "size",
    "w": "ways",
    "g": "granularity",
    "t": "type",
    "U": "uuid",
}
_CREATE_FLAGS = {"m": "memdevs", "u": "human", "Q": "enforce-qos", "f": "force"}


class _Refused(Exception):
    """A region cannot be made: the tool's sentence and the rule behind it."""

    def __init__(self, text: str, rule: str = "") -> None:
        super().__init__(text)
        self.rule = rule


def create_region(kernel: Kernel, words: list[str]) -> Outcome:
    """Run ``cxl create-region``."""
    try:
        _create(kernel, words)
    except _Refused as refused:
        text = f"cxl region: {refused}\ncxl region: cmd_create_region: created 0 regions"
        return Outcome(1, text, refused.rule)
    return Outcome()


def _fail(where: str, text: str, rule: str = "") -> _Refused:
    return _Refused(f"{where}: {text}", rule)


def _create(kernel: Kernel, words: list[str]) -> None:
    options, names, unknown = parse_options(words, _CREATE, _CREATE_FLAGS, ("debug",))
    if unknown:
        raise _fail("parse_options", f"unknown option `{unknown}'")
    fabric = kernel.machine.fabric
    decoder_name = options.get("decoder", "")
    if not decoder_name:
        raise _fail("parse_create_options", "no root decoder specified")
    named = [part for word in names for part in word.replace(",", " ").split()]
    if named and "memdevs" not in options:
        raise _fail("parse_create_options", "must specify option for target object types (-m)")
    root = next((r for r in fabric.roots if r.name == decoder_name), None)
    reachable = fabric.below(root) if root else ()
    by_name = {name: fabric.find_device(name) for name in named}
    devices = [(n, d) for n, d in by_name.items() if d in reachable and d is not None]
    if not named:
        devices = [(fabric.memdev_of(d), d) for d in reachable]
    devices = list({d: (n, d) for n, d in reversed(devices)}.values())[::-1]
    if not devices:
        shown = ",".join(named) if named else "none"
        raise _fail(
            "collect_memdevs",
            f"no active memdevs found: decoder: {decoder_name} filter: {shown}",
            "CXL-V029",
        )
    mode = _mode(options)
    size = _size(options)
    ways = _ways(options, len(named), len(devices))
    granularity = _granularity(options)
    if size and size % ways:
        raise _fail(
            "parse_create_options",
            f"size ({size}) is not an integral multiple of interleave-ways ({ways})",
            "CXL-V024",
        )
    if root is None:
        raise _fail("create_region_validate_config", f"{decoder_name} not found in CXL topology")
    if not mode:
        mode = "pmem" if root.entry.persistent else "ram" if root.entry.volatile else "pmem"
    capable = root.entry.volatile if mode == "ram" else root.entry.persistent
    if not capable:
        kind = "volatile" if mode == "ram" else "pmem"
        raise _fail("validate_decoder", f"{root.name} is not {kind} capable", "CXL-V027")
    if "enforce-qos" in options:
        _check_qos(kernel, root, devices[:ways], mode)
    _make(kernel, root, devices[:ways], mode, size, granularity)


def _mode(options: dict[str, str]) -> str:
    kind = options.get("type")
    if kind in {"ram", "pmem"} and "uuid" in options and kind == "ram":
        raise _fail("parse_create_options", "can't set UUID for ram / volatile regions")
    if kind is not None and kind not in {"ram", "pmem"}:
        raise _fail("parse_create_options", f"unsupported type: {kind}")
    return kind or ""


def _size(options: dict[str, str]) -> int:
    if "size" not in options:
        return 0
    size = parse_size(options["size"])
    if not size and options["size"].strip("0") != "":
        raise _fail("parse_create_options", f"Invalid size: {options['size']}")
    return size


def _ways(options: dict[str, str], named: int, found: int) -> int:
    given = options.get("ways")
    if given is not None and not given.lstrip("-").isdigit():
        raise _fail("parse_create_options", f"Invalid interleave ways: {given}")
    if given is not None and int(given) <= 0:
        raise _fail("parse_create_options", f"Invalid interleave ways: {given}", "CXL-V020")
    ways = int(given) if given is not None else named or found
    if (given is not None or named) and (ways > found or (named and ways != found)):
        word = "greater" if ways > found else "less"
        how = "specified" if named else "found"
        raise _fail(
            "validate_ways",
            f"Interleave ways {ways} is {word} than number of memdevs {how}: {found}",
            "CXL-V040",
        )
    return ways


def _granularity(options: dict[str, str]) -> int:
    given = options.get("granularity")
    if given is None:
        return 0
    if not given.lstrip("-").isdigit() or int(given) <= 0:
        raise _fail("parse_create_options", f"Invalid interleave granularity: {given}", "CXL-V022")
    return int(given)


def _check_qos(kernel: Kernel, root: Root, devices: list[tuple[str, str]], mode: str) -> None:
    for name, device in devices:
        perf = kernel.machine.perf.get((device, mode))
        if perf is None:
            return
        if perf.qos_class != root.entry.qtg:
            raise _fail(
                "create_region_validate_qos_class",
                f"{root.name} qos_class mismatch {name}",
                "CXL-V041",
            )


def _make(
    kernel: Kernel,
    root: Root,
    devices: list[tuple[str, str]],
    mode: str,
    size: int,
    granularity: int,
) -> None:
    ways = len(devices)
    least = 0
    for _, device in devices:
        node = kernel.machine.fabric.nodes[device]
        own = node.volatile_bytes if mode == "ram" else node.persistent_bytes
        least = min(least, own) if least else own
    wanted = size or least * ways
    if not wanted:
        raise _fail("create_region", "unable to determine region size")
    room = max((end - start for start, end in free_extents(kernel, root)), default=0)
    if size and size > room:
        raise _fail(
            "create_region",
            f"{root.name}: region size {size:#x} exceeds max available space "
            f"({f'{room:#x}' if room else '0'})",
            "CXL-V025",
        )
    if wanted > room:
        wanted = room // (DPA_ALIGN * ways) * (DPA_ALIGN * ways)
    region = _new_region(kernel, root, mode)
    try:
        _fill(kernel, root, region, devices, wanted, granularity)
    except _Refused:
        delete_region(kernel, region.name)
        raise


def _new_region(kernel: Kernel, root: Root, mode: str) -> LiveRegion:
    """Make a region device; the root decoder draws its next id at once (formats of names)."""
    number = kernel.next_region[root.number]
    fresh = next(i for i in range(len(kernel.region_ids) + 1) if i not in kernel.region_ids)
    kernel.region_ids.add(fresh)
    kernel.next_region[root.number] = fresh
    region = LiveRegion(id=number, root=root.number, mode=mode)
    kernel.regions[region.name] = region
    return region


def delete_region(kernel: Kernel, name: str) -> None:
    """Delete a region device; its id goes back to the root decoder if that has a higher one."""
    region = kernel.regions.pop(name)
    release(kernel, name)
    waiting = kernel.next_region[region.root]
    if region.id < waiting:
        kernel.next_region[region.root] = region.id
        kernel.region_ids.discard(waiting)
    else:
        kernel.region_ids.discard(region.id)


def _fill(
    kernel: Kernel,
    root: Root,
    region: LiveRegion,
    devices: list[tuple[str, str]],
    size: int,
    granularity: int,
) -> None:
    name, ways = region.name, len(devices)
    if granularity and root.entry.ways > 1 and granularity != root.granularity:
        raise _fail(
            "cxl_region_determine_granularity",
            f"{name}: For an x{root.entry.ways} root, only root decoder granularity "
            f"({root.granularity}) permitted",
            "CXL-V023",
        )
    granularity = granularity or root.granularity
    if not granularity_is_legal(granularity):
        raise _fail(
            "create_region", f"{name}: set_interleave_granularity failed: {INVALID}", "CXL-V022"
        )
    multiple, rest = divmod(ways, root.entry.ways)
    if ways not in REGION_WAYS or rest or not power_of_two(multiple):
        rule = "CXL-V021" if ways in REGION_WAYS else "CXL-V020"
        raise _fail("create_region", f"{name}: set_interleave_ways failed: {INVALID}", rule)
    if not size or size % (DPA_ALIGN * ways):
        raise _fail("create_region", f"{name}: set_size failed: {INVALID}", "CXL-V024")
    start = place(kernel, root, size)
    if start is None:
        raise _fail(
            "create_region", f"{name}: set_size failed: Numerical result out of range", "CXL-V025"
        )
    region = replace(region, start=start, size=size, ways=ways, granularity=granularity)
    kernel.regions[name] = region
    routing = Routing(region)
    targets: list[tuple[str, int]] = []
    for position, (shown, device) in enumerate(devices):
        number = _reserve(kernel, region, shown, device)
        rule = attach(kernel, routing, root, device, number)
        if rule:
            raise _fail("create_region", f"{name}: failed to set target{position} to {shown}", rule)
        targets.append((device, number))
    if kernel.machine.firmware.virtual_machine:
        raise _fail("create_region", f"{name}: failed to commit decode: {NO_DEVICE}", "P1")
    machine = kernel.machine
    access: tuple[Perf, Perf] = region_figures(
        [d for d, _ in targets], region.mode, machine.perf, machine.fabric, machine.figures
    )
    region = replace(region, targets=tuple(targets), committed=True, access=access)
    kernel.regions[name] = region
    commit(kernel, region)
    enable(kernel, region)


def _reserve(kernel: Kernel, region: LiveRegion, shown: str, device: str) -> int:
    """Reserve one endpoint decoder with its share of the capacity."""
    number = free_decoder(kernel, device)
    if number is None:
        raise _fail(
            "cxl_memdev_find_decoder", f"could not get a free decoder for {shown}", "CXL-V033"
        )
    label = f"{endpoint_of(kernel, device)}.{number}"
    rule = ""
    if decoders_of(kernel, device)[number].mode != region.mode:
        rule = free_dpa(kernel, device, number)
        if rule:
            raise _fail("create_region", f"{label}: set_dpa_size failed: {BUSY}", rule)
        rule = set_mode(kernel, device, number, region.mode)
        if rule:
            raise _fail("create_region", f"{label}: set_mode failed: {_ERRNO[rule]}", rule)
    share = region.size // region.ways
    rule = allocate_dpa(kernel, device, number, share) if share % DPA_ALIGN == 0 else "CXL-V024"
    if rule:
        reason = _ERRNO.get(rule, INVALID)
        raise _fail("create_region", f"{label}: set_dpa_size failed: {reason}", rule)
    return number


def endpoint_of(kernel: Kernel, device: str) -> str:
    """Return the decoder name of a device without its number: ports count first, then devices."""
    fabric = kernel.machine.fabric
    return f"decoder{fabric.endpoint_base + fabric.devices.index(device)}"


# --- life of a region ---------------------------------------------------------------------------


def enable(kernel: Kernel, region: LiveRegion) -> None:
    """Bind the region driver: volatile capacity becomes a dax device and system RAM (A44)."""
    region = replace(region, enabled=True)
    kernel.regions[region.name] = region
    if region.mode != "ram" or _is_system_ram(kernel, region):
        return
    dax = LiveDax(
        name=f"dax{region.id}.0",
        region=region.name,
        start=region.start,
        size=region.size,
        node=kernel.machine.node_at(region.start),
        driver="kmem",
    )
    kernel.dax[dax.name] = dax
    if not add_memory(kernel, dax):
        kernel.dax[dax.name] = replace(dax, driver="")


def _is_system_ram(kernel: Kernel, region: LiveRegion) -> bool:
    """Return whether firmware already gave the range to the kernel as RAM (A19)."""
    return any(s < region.end and region.start < e for s, e in kernel.machine.ram)


def disable(kernel: Kernel, region: LiveRegion) -> None:
    """Offline and remove a region's memory and unbind its driver; the address stays."""
    for dax in [d for d in kernel.dax.values() if d.region == region.name]:
        hot = kernel.hot_of(dax.name)
        if hot is not None:
            offline_range(kernel, hot, hot.first, hot.count)
            hot = kernel.hot_of(dax.name)
            if hot is not None:
                remove_memory(kernel, hot)
        del kernel.dax[dax.name]
    kernel.namespaces = {n: r for n, r in kernel.namespaces.items() if r != region.name}
    kernel.regions[region.name] = replace(region, enabled=False)


def _matching(kernel: Kernel, options: dict[str, str], names: list[str]) -> list[LiveRegion]:
    wanted = options.get("decoder")
    roots = {r.number: r.name for r in kernel.machine.fabric.roots}
    return [
        region
        for region in sorted(kernel.regions.values(), key=lambda r: (r.root, r.id))
        if (wanted is None or roots[region.root] == wanted)
        and any(n in {"all", region.name, str(region.id)} for n in names)
    ]


def change_regions(kernel: Kernel, verb: str, words: list[str]) -> Outcome:
    """Run ``cxl enable-region``, ``disable-region`` or ``destroy-region``."""
    options, names, unknown = parse_options(
        words, {"b": "bus", "d": "decoder"}, {"f": "force"}, ("debug",)
    )
    if unknown:
        return Outcome(129, f"  Error: unknown option `{unknown}'")
    errors: list[str] = []
    rule = last = ""
    for region in _matching(kernel, options, names):
        if verb == "enable":
            if not region.committed:
                last, rule = NO_DEVICE, "CXL-V040"
                errors.append(f"decoder_region_action: {region.name}: failed: {last}")
            elif not region.enabled:
                enable(kernel, region)
        elif verb == "disable":
            disable(kernel, region)
        else:
            problem = _destroy(kernel, region, force="force" in options)
            if problem:
                where, rule = problem
                last = BUSY
                errors += [where, f"decoder_region_action: {region.name}: failed: {last}"]
    if not errors:
        return Outcome()
    done = sum(1 for _ in _matching(kernel, options, names)) if verb == "enable" else 0
    errors.append(f"region_action: one or more failures, last failure: {last}")
    errors.append(f"cmd_{verb}_region: {_past(verb)} {done} regions")
    return Outcome(1, "\n".join(f"cxl region: {e}" for e in errors), rule)


def _past(verb: str) -> str:
    return {"enable": "enabled", "disable": "disabled", "destroy": "destroyed"}[verb]


def _destroy(kernel: Kernel, region: LiveRegion, *, force: bool) -> tuple[str, str] | None:
    """Destroy a region; capacity of a device goes back in reverse order only (A41)."""
    if region.enabled:
        if not force:
            text = f"destroy_region: {region.name} active. Disable it or use --force"
            return text, "CXL-V038"
        disable(kernel, region)
    region = replace(kernel.regions[region.name], committed=False)
    kernel.regions[region.name] = region
    release(kernel, region.name)
    for device, number in region.targets:
        rule = free_dpa(kernel, device, number)
        if rule:
            label = f"{endpoint_of(kernel, device)}.{number}"
            return f"destroy_region: {label}: set_dpa_size failed: {BUSY}", rule
    delete_region(kernel, region.name)
    return None
