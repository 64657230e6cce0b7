"""One run of a scenario: tick by tick from the derived machine to the rows of a recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxldesigner import __version__
from cxldesigner.document.model import Document
from cxldesigner.document.store import canonical_bytes
from cxldesigner.engine.cost import Demand
from cxldesigner.engine.events import HostShell, knobs_in_force, prepared
from cxldesigner.engine.fabric import cost_model, device_shares
from cxldesigner.engine.kernels import access, hints, layout
from cxldesigner.engine.machine import Machine
from cxldesigner.engine.policy import BadPolicyError
from cxldesigner.engine.programs import Program, Stage, areas_of
from cxldesigner.engine.rows import RowFiller, columns_of, zone_columns
from cxldesigner.engine.settings import TaskSpec
from cxldesigner.engine.traffic import Traffic, kswapd_budget, time_lost_us
from cxldesigner.linux.derive import derive
from cxldesigner.recording.model import Cause, Event, Meta, Migration, PageMap

CAUSES = (Cause.DEMOTION_KSWAPD, Cause.DEMOTION_DIRECT, Cause.PROMOTION, Cause.OFFLINE)
MAP_BINS = 4096
MAP_PERIOD_MS = 1000
SCAN_PAGES = (256 << 20) // 4096
SCAN_DELAY_MS, SCAN_FLOOR_MS = 1000, 100


class RowSink(Protocol):
    """What takes the rows of a run (:class:`cxldesigner.recording.writer.RecordingWriter`)."""

    def tick(
        self,
        row: NDArray[np.float64],
        events: Sequence[Event] = (),
        migrations: Sequence[Migration] = (),
        page_maps: Sequence[PageMap] = (),
    ) -> None:
        """Take one tick."""


Sink = TypeVar("Sink", bound=RowSink)


class Run(Generic[Sink]):
    """A scenario being played.

    Parameters
    ----------
    document : the platform.
    scenario_id : one of its scenarios; it must pass
        :func:`cxldesigner.workloads.checks.check_scenario` without errors.
    open_writer : makes the sink once the columns are known.

    Attributes
    ----------
    tick, total : ticks made, ticks of the scenario.
    writer : the sink.
    machine, shell : the allocator's state and Linux's view of the machine.
    """

    def __init__(
        self, document: Document, scenario_id: str, open_writer: Callable[[Meta], Sink]
    ) -> None:
        scenario = document.scenarios[scenario_id]
        derivation = derive(document)
        state = prepared(derivation.current, derivation.firmware, scenario)
        self.document, self.scenario = document, scenario
        self.machine = Machine.from_state(state, scenario, areas_of(scenario))
        self.machine.set_knobs(knobs_in_force(self.machine.knobs, state))
        budget = max(1, kswapd_budget(scenario.tick_ms) // scenario.granule_pages)
        self.shell = HostShell(state, derivation.firmware, self.machine, budget)
        seeds = np.random.SeedSequence(scenario.seed).spawn(len(scenario.processes))
        self.programs = [
            Program(
                task,
                process,
                self.machine.areas,
                scenario.granule_pages,
                np.random.default_rng(seeds[task]),
            )
            for task, process in enumerate(scenario.processes)
        ]
        self.tick = 0
        self.total = max(1, scenario.duration_ms // scenario.tick_ms)
        self.traffic = self._new_traffic()
        self._zones = zone_columns(state)
        self._events: list[Event] = []
        self._due = sorted(scenario.events, key=lambda event: event.at_ms)
        columns = columns_of(document, scenario, state)
        self._row = RowFiller(columns)
        self.ops_total = np.zeros(len(self.programs))
        self.writer = open_writer(
            Meta(
                document=canonical_bytes(document),
                scenario=scenario_id,
                seed=scenario.seed,
                tick_ms=scenario.tick_ms,
                granule_pages=scenario.granule_pages,
                columns=columns,
                engine=f"cxldesigner {__version__}",
            )
        )

    @property
    def done(self) -> bool:
        """Whether the scenario is over."""
        return self.tick >= self.total

    def summary(self) -> dict[str, float]:
        """Return results known at the end: counters, and accesses of each process."""
        result = {name: float(self.machine.stat(name)) for name in layout.VMSTAT}
        for program, ops in zip(self.programs, self.ops_total, strict=True):
            result[f"process.{program.process.id}.accesses"] = float(ops)
        return result

    def inject(self, command: str) -> str:
        """Run a host action now, as an input of the next tick; return its error text or ""."""
        events, error = self.shell.run(command, self.tick)
        self._events += [Event(self.tick, "inject", command), *events]
        self._follow_state()
        return error

    def step(self) -> None:
        """Play one tick and hand its row to the writer."""
        now, tick_ms = self.tick * self.scenario.tick_ms, self.scenario.tick_ms
        memory = self.machine.memory
        memory.knobs[layout.TICK] = self.tick
        while self._due and self._due[0].at_ms <= now:
            events, _ = self.shell.run(self._due.pop(0).command, self.tick)
            self._events += events
        self._events += self.shell.step(self.tick)
        self._follow_state()
        playing = [(p, stage) for p in self.programs if (stage := self._stage(p, now)) is not None]
        for program, _ in playing:
            self._scan(program, now)
        demands = [self._play(program, stage, now) for program, stage in playing]
        if memory.knobs[layout.KSWAPD] == layout.KSWAPD_DEFERRED:
            self.machine.run_kswapd(kswapd_budget(tick_ms))
        access.decay(self.machine.memory.pages.heat)
        self._row.start()
        self._fill_traffic([p for p, _ in playing], demands)
        self._fill_memory()
        migrations = self._migrations()
        maps = self._maps() if now % MAP_PERIOD_MS < tick_ms else ()
        self.writer.tick(self._row.row, self._events, migrations, maps)
        self._events = []
        self.machine.memory.moves[:] = 0
        self.tick += 1

    # --- parts of a tick --------------------------------------------------------------------

    def _new_traffic(self) -> Traffic:
        model = cost_model(self.document, self.shell.firmware, self.shell.state)
        return Traffic(model, self.machine, self.scenario.tick_ms)

    def _follow_state(self) -> None:
        if self.shell.changed:
            self.shell.changed = False
            self.traffic = self._new_traffic()

    def _say(self, kind: str, text: str, process: str) -> None:
        self._events.append(Event(self.tick, kind, text, process))

    def _stage(self, program: Program, now: int) -> Stage | None:
        """Start, end and advance a process; return its phase of this tick."""
        if program.ended:
            return None
        name = program.process.id
        if now >= program.end_ms:
            if program.started:
                self._end(program, "done")
            return None
        if not program.started and now >= program.start_ms:
            program.started = True
            program.scan_due_ms = now + SCAN_DELAY_MS
            spec = self.machine.specs[program.task]
            try:
                self.machine.set_task(
                    program.task, TaskSpec(home=spec.home, policy=program.process.policy)
                )
            except BadPolicyError as error:
                program.ended = "refused"
                self._say("refused", f"{name}: set_mempolicy: Invalid argument ({error})", name)
                return None
        stage = program.at(now)
        if stage is not None and now - stage.phase.start_ms < self.scenario.tick_ms:
            self._say("phase", f"{name}: {stage.phase.workload}", name)
        return stage

    def _end(self, program: Program, why: str) -> None:
        """Stop a process: its heap and page tables are freed, its files stay cached."""
        program.ended = why
        memory = self.machine.memory
        if program.heap:
            swapped = access.release(memory, program.heap.first, program.heap.count)
            memory.knobs[layout.SWAP_FREE] += swapped
        access.release_tables(memory, program.task)
        if why == "done":
            self._say("exit", f"{program.process.id} ends", program.process.id)

    def _play(self, program: Program, stage: Stage, now: int) -> Demand:
        memory, tick_ms = self.machine.memory, self.scenario.tick_ms
        hits = np.zeros(len(self.machine.node_ids), np.int64)
        before = memory.stats.copy()
        visits = program.visits(stage, tick_ms)
        base = program.heap.first if program.heap else 0
        made = access.touch(memory, program.task, visits, base, now, tick_ms, hits)
        demand = self.traffic.demand(program, stage, hits, time_lost_us(before, memory.stats))
        if made < 0:
            constraint = self.machine.constraint(program.task).value
            name = program.process.id
            self._say("oom", f"Out of memory: killed {name} ({constraint})", name)
            self._end(program, "oom")
        return demand

    def _scan(self, program: Program, now: int) -> None:
        """Mark pages for hint faults when the process' scan is due (D17)."""
        memory = self.machine.memory
        if not memory.knobs[layout.BALANCING] or program.heap is None:
            return
        resident = int(memory.resident[program.task].sum())
        period = max(SCAN_FLOOR_MS, SCAN_DELAY_MS // max(1, -(-resident // SCAN_PAGES)))
        while program.scan_due_ms <= now:
            program.scan_cursor = hints.mark_pages(
                memory, program.heap.first, program.heap.count, program.scan_cursor, SCAN_PAGES, now
            )
            program.scan_due_ms += period

    # --- the row ----------------------------------------------------------------------------

    def _fill_traffic(self, programs: Sequence[Program], demands: Sequence[Demand]) -> None:
        traffic, machine = self.traffic, self.machine
        load = traffic.settle(demands, machine.memory.moves)
        for program, demand, ops, latency in zip(
            programs, demands, load.ops, load.process_latency_ns, strict=True
        ):
            ideal = traffic.ideal_rate(demand)
            if demand.share.sum() > 0:
                program.pace = float(np.clip(ops / ideal, 0.01, 1.0))
            self.ops_total[program.task] += ops * self.scenario.tick_ms / 1000
            self._row.put(f"process.{program.process.id}.ops", ops)
            self._row.put(f"process.{program.process.id}.latency_ns", latency)
        for node, i in machine.index.items():
            if not machine.memory.nodes.has_memory[i]:
                continue
            self._row.put(f"node{node}.read_mbps", traffic.read_mbps[i])
            self._row.put(f"node{node}.write_mbps", traffic.write_mbps[i])
            self._row.put(f"node{node}.latency_ns", load.latency_ns[traffic.homes[i], i])
            self._row.put(f"node{node}.utilisation", traffic.node_use(load, i))
        for place, stage in enumerate(traffic.model.stages):
            if stage.item in self.document.links:
                mbps = load.read_mbps[place] + load.write_mbps[place]
                self._row.put(f"link.{stage.item}.mbps", mbps)
                self._row.put(f"link.{stage.item}.utilisation", load.utilisation[place])

    def _fill_memory(self) -> None:
        machine = self.machine
        self._row.memory(machine, self._zones)
        moves = machine.memory.moves
        demoted = moves[: layout.PROMOTED].sum(axis=(0, 2))
        promoted = moves[layout.PROMOTED].sum(axis=0)
        used = machine.memory.used.reshape(len(machine.node_ids), -1).sum(axis=1)
        devices: dict[str, float] = {}
        shares: Mapping[int, Mapping[str, float]] = device_shares(self.shell.state)
        for node, i in machine.index.items():
            self._row.put(f"node{node}.promoted", promoted[i])
            self._row.put(f"node{node}.demoted", demoted[i])
            for device, share in shares[node].items():
                devices[device] = devices.get(device, 0.0) + share * float(used[i])
        for device, pages in devices.items():
            self._row.put(f"device.{device}.used", pages)
        for program in self.programs:
            for node, pages in machine.resident(program.task).items():
                self._row.put(f"process.{program.process.id}.node{node}", pages)

    def _migrations(self) -> list[Migration]:
        moves, ids = self.machine.memory.moves, self.machine.node_ids
        return [
            Migration(self.tick, CAUSES[c], ids[source], ids[target], int(moves[c, source, target]))
            for c, source, target in np.argwhere(moves)
        ]

    def _maps(self) -> list[PageMap]:
        result: list[PageMap] = []
        ids = np.full(256, 255, np.uint8)
        ids[: len(self.machine.node_ids)] = self.machine.node_ids
        for program in self.programs:
            own = [area for area in (program.heap, program.file) if area is not None]
            if not own or not program.started:
                continue
            first, end = min(a.first for a in own), max(a.end for a in own)
            bins = min(MAP_BINS, end - first)
            nodes, heats = np.zeros(bins, np.uint8), np.zeros(bins, np.uint8)
            access.picture(self.machine.memory, first, end - first, nodes, heats)
            result.append(PageMap(program.process.id, ids[nodes].tobytes(), heats.tobytes()))
        return result
