"""The commands that give every CXL device's volatile memory to the kernel, as far as it lets."""

from __future__ import annotations

from collections.abc import Iterator

from cxldesigner.document.model import Document, Restriction, Window
from cxldesigner.firmware.model import FabricKind, FabricNode, Firmware
from cxldesigner.linux.actions import apply
from cxldesigner.linux.model import State

AUTO_ONLINE = "/sys/devices/system/memory/auto_online_blocks"
MOST_WAYS = 16


def bring_online(document: Document, firmware: Firmware, state: State) -> tuple[str, ...]:
    """Return host actions to run after ``state``; each was tried and the kernel takes it.

    Every device that serves no region yet gets one in the first window that takes it: alone in a
    window of one host bridge, together with devices of the other bridges in an interleaved one.
    What is hot-added but offline is onlined.
    """
    lines: list[str] = []

    def attempt(line: str) -> bool:
        nonlocal state
        after, result = apply(state, firmware, line)
        if result.exit:
            return False
        state = after
        lines.append(line)
        return True

    busy = {device for region in state.regions for device in region.targets}
    below = _devices_below(firmware)
    for number, window_id in enumerate(firmware.windows):
        window = document.windows.get(window_id)
        if window is None or Restriction.VOLATILE not in window.restrictions:
            continue
        for members in _groups(window, below, busy):
            if state.settings.get(AUTO_ONLINE) == "offline":
                attempt(f"echo online_movable > {AUTO_ONLINE}")
            line = (
                f"cxl create-region -m -t ram -d decoder0.{number} -w {len(members)} "
                f"-g {window.granularity if len(members) > 1 else 256} {' '.join(members)}"
            )
            if attempt(line):
                busy.update(members)
    for device in state.dax:
        if device.mode == "system-ram" and device.online_blocks < device.total_blocks:
            attempt(f"daxctl online-memory {device.name}")
    return tuple(lines)


def _devices_below(firmware: Firmware) -> dict[str, list[FabricNode]]:
    """Return the devices with volatile memory below each host bridge, in bus order."""
    nodes = {n.id: n for n in firmware.fabric}
    out: dict[str, list[FabricNode]] = {}
    for node in firmware.fabric:
        if node.kind is not FabricKind.DEVICE or not node.volatile_bytes or node.type != 3:
            continue
        above = node
        while above.parent is not None:
            above = nodes[above.parent]
        out.setdefault(above.id, []).append(node)
    return out


def _groups(
    window: Window, below: dict[str, list[FabricNode]], busy: set[str]
) -> Iterator[tuple[str, ...]]:
    """Yield device groups to try in a window, by position.

    With R targets, position p goes to target p mod R: first as many per bridge as all have, in
    powers of two, then fewer.
    """
    targets = window.targets
    free = {t: [d.id for d in below.get(t, ()) if d.id not in busy] for t in targets}
    if len(targets) == 1:
        for device in free[targets[0]]:
            yield (device,)
        return
    if not targets or len(set(targets)) != len(targets):
        return
    each = 1
    while each * 2 <= min(len(f) for f in free.values()) and each * 2 * len(targets) <= MOST_WAYS:
        each *= 2
    while each:
        while all(len(free[t]) >= each for t in targets):
            members = tuple(free[t][row] for row in range(each) for t in targets)
            yield members
            free = {t: [d for d in free[t] if d not in busy and d not in members] for t in targets}
        each //= 2
