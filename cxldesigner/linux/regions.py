"""Region devices: making, enabling, disabling and destroying them (A41, A44).

Names, order of steps and sentences are those of the kernel and cxl-cli 81 as recorded.
"""

from __future__ import annotations

from dataclasses import replace

from cxldesigner.linux.decoders import free_dpa, release
from cxldesigner.linux.fabric import Root
from cxldesigner.linux.hotplug import (
    BUSY,
    add_memory,
    leak_memory,
    offline_failed,
    offline_memory,
    remove_memory,
)
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import LiveDax, LiveRegion
from cxldesigner.linux.options import Outcome, parse_options

NO_DEVICE = "No such device or address"
_DISABLE = "cxl region: disable_region"
_LEAKED = (
    "Forcing region disable without successful offline.",
    "Physical address space has now been permanently leaked.",
    "Leaked address cannot be recovered until a reboot.",
)


def new_region(kernel: Kernel, root: Root, mode: str) -> LiveRegion:
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


def endpoint_of(kernel: Kernel, device: str) -> str:
    """Return the decoder name of a device without its number: ports count first, then devices."""
    fabric = kernel.machine.fabric
    return f"decoder{fabric.endpoint_base + fabric.devices.index(device)}"


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


def disable(kernel: Kernel, region: LiveRegion, *, force: bool) -> tuple[bool, list[str]]:
    """Offline and remove a region's memory and unbind its driver; the address stays.

    Memory that does not go offline keeps the region as it is; with ``force`` it is left behind.

    Returns
    -------
    tuple
        Whether the region is disabled, and what the tool says.
    """
    daxes = [d for d in kernel.dax.values() if d.region == region.name]
    said: list[str] = []
    for dax in daxes:
        hot = kernel.hot_of(dax.name)
        stuck = offline_memory(kernel, hot) if hot is not None else None
        if hot is not None and stuck is not None:
            said += [
                offline_failed(dax.name, hot.node, stuck),
                f"{_DISABLE}: {region.name}: unable to offline {dax.name}: {BUSY}",
            ]
            if not force:
                return False, said
    if said:
        said += [f"{_DISABLE}: {region.name}: {text}" for text in _LEAKED]
    for dax in daxes:
        hot = kernel.hot_of(dax.name)
        if hot is not None and not remove_memory(kernel, hot):
            leak_memory(kernel, hot)
        del kernel.dax[dax.name]
    kernel.namespaces = {n: r for n, r in kernel.namespaces.items() if r != region.name}
    kernel.regions[region.name] = replace(region, enabled=False)
    return True, said


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
    said: list[str] = []
    rule = last = ""
    done = 0
    for region in _matching(kernel, options, names):
        problem = _change(kernel, verb, region, said, force="force" in options)
        if problem is None:
            done += 1
            continue
        last, rule = problem
        said.append(f"cxl region: decoder_region_action: {region.name}: failed: {last}")
    if not last:
        return Outcome()
    said.append(f"cxl region: region_action: one or more failures, last failure: {last}")
    plural = "" if done == 1 else "s"
    said.append(f"cxl region: cmd_{verb}_region: {_PAST[verb]} {done} region{plural}")
    return Outcome(1, "\n".join(said), rule)


_PAST = {"enable": "enabled", "disable": "disabled", "destroy": "destroyed"}


def _change(
    kernel: Kernel, verb: str, region: LiveRegion, said: list[str], *, force: bool
) -> tuple[str, str] | None:
    """Change one region; return the error and its rule, None on success."""
    if verb == "enable":
        if not region.committed:
            return NO_DEVICE, "CXL-V040"
        if not region.enabled:
            enable(kernel, region)
        return None
    if verb == "disable":
        done, lines = disable(kernel, region, force=force)
        said += lines
        return None if done else (BUSY, "E2")
    return _destroy(kernel, region, said, force=force)


def _destroy(
    kernel: Kernel, region: LiveRegion, said: list[str], *, force: bool
) -> tuple[str, str] | None:
    """Destroy a region; capacity of a device goes back in reverse order only (A41)."""
    where = "cxl region: destroy_region"
    if region.enabled:
        if not force:
            said.append(f"{where}: {region.name} active. Disable it or use --force")
            return BUSY, "CXL-V038"
        said += disable(kernel, region, force=True)[1]
    region = replace(kernel.regions[region.name], committed=False)
    kernel.regions[region.name] = region
    release(kernel, region.name)
    for device, number in region.targets:
        rule = free_dpa(kernel, device, number)
        if rule:
            label = f"{endpoint_of(kernel, device)}.{number}"
            said.append(f"{where}: {label}: set_dpa_size failed: {BUSY}")
            return BUSY, rule
    delete_region(kernel, region.name)
    return None
