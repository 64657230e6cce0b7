"""Region devices: making, enabling, disabling and destroying them (A41, A44).

Names, order of steps and sentences are those of the kernel and cxl-cli 81 as recorded.
"""

from __future__ import annotations

from dataclasses import replace

from cxldesigner.linux.decoders import free_dpa, release
from cxldesigner.linux.fabric import Root
from cxldesigner.linux.hotplug import add_memory, offline_range, remove_memory
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import LiveDax, LiveRegion
from cxldesigner.linux.options import Outcome, parse_options

NO_DEVICE = "No such device or address"
BUSY = "Device or resource busy"


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
