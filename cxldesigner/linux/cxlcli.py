"""``cxl create-region`` with its own error sentences.

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
    set_mode,
)
from cxldesigner.linux.fabric import Root
from cxldesigner.linux.hotplug import BUSY
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import LiveRegion
from cxldesigner.linux.options import Outcome, parse_options
from cxldesigner.linux.regions import (
    NO_DEVICE,
    delete_region,
    enable,
    endpoint_of,
    new_region,
)

INVALID = "Invalid argument"
NO_SPACE = "No space left on device"
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


def region_request(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options, by long name, and the devices named on a ``create-region`` line."""
    options, names, _ = parse_options(words, _CREATE, _CREATE_FLAGS, ("debug",))
    return options, [part for word in names for part in word.replace(",", " ").split()]


def _create(kernel: Kernel, words: list[str]) -> None:
    options, _, unknown = parse_options(words, _CREATE, _CREATE_FLAGS, ("debug",))
    if unknown:
        raise _fail("parse_options", f"unknown option `{unknown}'")
    fabric = kernel.machine.fabric
    decoder_name = options.get("decoder", "")
    if not decoder_name:
        raise _fail("parse_create_options", "no root decoder specified")
    _, named = region_request(words)
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
    try:
        ways = _ways(options, len(named), len(devices))
    except _Refused as refused:
        if len({d for d in by_name.values() if d is not None}) < len(named):
            refused.rule = "CXL-V028" if None not in by_name.values() else refused.rule
        raise
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
    region = new_region(kernel, root, mode)
    try:
        _fill(kernel, root, region, devices, wanted, granularity)
    except _Refused:
        delete_region(kernel, region.name)
        raise


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
