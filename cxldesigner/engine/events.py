"""Host actions during a run: the Linux model answers, then the machine follows (B11, E1-E7)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from cxldesigner.document.model import Scenario
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.marks import MarkSettings
from cxldesigner.engine.offline import Offlining, restore
from cxldesigner.engine.settings import Knobs
from cxldesigner.engine.topology import topology_of
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.actions import apply
from cxldesigner.linux.model import State
from cxldesigner.recording.model import Event

DEMOTION = "/sys/kernel/mm/numa/demotion_enabled"
BALANCING = "/proc/sys/kernel/numa_balancing"
RATE_LIMIT = "/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps"
MIN_FREE = "/proc/sys/vm/min_free_kbytes"
SCALE = "/proc/sys/vm/watermark_scale_factor"
BUSY = "write error: Device or resource busy"


def prepared(state: State, firmware: Firmware, scenario: Scenario) -> State:
    """Return the state with a scenario's kernel knobs written to it."""
    knobs = [
        (DEMOTION, "1" if scenario.demotion else "0"),
        (BALANCING, str(scenario.numa_balancing)),
        (RATE_LIMIT, str(scenario.promote_rate_limit_mbps)),
        (SCALE, str(scenario.watermark_scale_factor)),
    ]
    if scenario.min_free_kbytes is not None:
        knobs.append((MIN_FREE, str(scenario.min_free_kbytes)))
    for path, value in knobs:
        state, _ = apply(state, firmware, f"echo {value} > {path}")
    return state


def knobs_in_force(knobs: Knobs, state: State) -> Knobs:
    """Return the machine's knobs as the state's settings have them."""
    s = state.settings
    return replace(
        knobs,
        demotion=s[DEMOTION] == "true",
        numa_balancing=int(s[BALANCING]),
        promote_rate_limit_mbps=int(s[RATE_LIMIT]),
        marks=MarkSettings(min_free_kbytes=int(s[MIN_FREE]), watermark_scale_factor=int(s[SCALE])),
    )


@dataclass(slots=True)
class _Pending:
    command: str
    state: State
    offlining: Offlining


class HostShell:
    """Runs commands one after another, as one shell does.

    An offline that takes its time holds up those after it. ``state`` is the machine as Linux shows
    it; ``changed`` is set when it changed, for the caller to clear. ``budget`` is how many
    simulated pages an offline can move in one tick.
    """

    def __init__(self, state: State, firmware: Firmware, machine: Machine, budget: int) -> None:
        self.state, self.firmware, self.machine = state, firmware, machine
        self._budget = budget
        self.changed = False
        self._queue: deque[str] = deque()
        self._pending: _Pending | None = None

    def run(self, command: str, tick: int) -> tuple[list[Event], str]:
        """Run or queue a command; return events and the tool's error text, "" if none."""
        if self._pending is not None:
            self._queue.append(command)
            return [Event(tick, "action", f"{command} (waits)")], ""
        state, result = apply(self.state, self.firmware, command)
        events = [Event(tick, "action", command)]
        error = result.output or f"exit {result.exit}" if result.exit else ""
        if error:
            events.append(Event(tick, "refused", error))
        now = {b for b in topology_of(self.state).blocks if b.number >= 0}
        kept = {(b.node, b.zone, b.number) for b in topology_of(state).blocks}
        leaving = sorted(
            (b for b in now if (b.node, b.zone, b.number) not in kept), key=lambda b: b.number
        )
        if not leaving:
            self._take(state)
            return events, error
        specs = {(b.node, b.zone, b.number): b for b in self.machine.block_table.specs}
        own = [specs[b.node, b.zone, b.number] for b in leaving]
        self._pending = _Pending(command, state, Offlining(self.machine, own))
        more, busy = self._advance(tick)
        return events + more, error or busy

    def step(self, tick: int) -> list[Event]:
        """Go on with an offline under way; then with commands that waited for it."""
        events: list[Event] = []
        if self._pending is not None:
            events += self._advance(tick)[0]
        while self._queue and self._pending is None:
            events += self.run(self._queue.popleft(), tick)[0]
        return events

    def _advance(self, tick: int) -> tuple[list[Event], str]:
        pending = self._pending
        assert pending is not None
        result = pending.offlining.step(self._budget)
        blocks = pending.offlining.leaving
        node = blocks[0].node
        if result == "done":
            self._pending = None
            self._take(pending.state)
            return [Event(tick, "offline", f"{len(blocks)} blocks offline", node=node)], ""
        if result != "busy":
            return [], ""
        self._pending = None
        emptied = pending.offlining.emptied
        for block, zone in emptied:
            restore(self.machine, block, zone)
        state = self.state
        for spec in blocks[: len(emptied)]:
            path = f"/sys/devices/system/memory/memory{spec.number}/state"
            state, _ = apply(state, self.firmware, f"echo offline > {path}")
        self._take(state)
        held = blocks[len(emptied)].number
        text = f"memory{held}: {BUSY} (unmovable pages)"
        return [Event(tick, "refused", text, node=node)], text

    def _take(self, state: State) -> None:
        if state is self.state:
            return
        topology = topology_of(state)
        if topology != topology_of(self.state):
            self.machine.follow(topology)
        self.machine.set_knobs(knobs_in_force(self.machine.knobs, state))
        self.state = state
        self.changed = True
