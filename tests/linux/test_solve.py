"""The region solver against the checks of the commands themselves."""

from __future__ import annotations

from itertools import combinations, permutations
from random import Random
from time import process_time

import pytest

from cxldesigner.document.model import GIB, Document, Restriction
from cxldesigner.firmware.compile import compile_document
from cxldesigner.linux.actions import apply
from cxldesigner.linux.boot import boot
from cxldesigner.linux.cxlcli import create_region
from cxldesigner.linux.derive import derive
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.machine import machine_of
from cxldesigner.linux.solve import GRANULARITIES, granularities_of, offers, order_of

BOTH = (Restriction.TYPE3, Restriction.VOLATILE, Restriction.PERSISTENT)


def random_platform(
    platform, seed: int, most: int = 5, decoders: tuple[int, ...] = (4,)
) -> Document:
    """Return up to three bridges with devices and switches, and windows over some of them."""
    chance = Random(seed)
    made = platform()
    names = [f"hb{i}" for i in range(chance.choice((1, 2, 2, 3)))]
    left, number = most, 0
    for name in names:
        made.bridge(name, hdm_decoders=chance.choice(decoders))
        for _ in range(chance.randint(1, 3)):
            if left and chance.random() < 0.6:
                left, number = left - 1, number + 1
                made.device(f"d{number}", name)
            elif left > 1:
                count = chance.randint(1, min(left, 4))
                inner = [f"d{number + 1 + i}" for i in range(count)]
                made.switch(f"sw{number}", name, inner)
                left, number = left - count, number + count
    for index in range(2):
        ways = chance.randint(1, len(names))
        targets = tuple(chance.sample(names, ways))
        granularity = chance.choice((256, 256, 4096, 16384))
        made.window(f"win{index}", targets, size_bytes=32 * GIB, granularity=granularity)
    return made.document()


@pytest.mark.parametrize("seed", range(40))
def test_an_order_is_found_exactly_when_some_order_is_accepted(platform, seed: int) -> None:
    firmware = compile_document(random_platform(platform, seed))
    state, machine = boot(firmware), machine_of(firmware)

    def accepted(root, devices, granularity: int) -> bool:
        words = f"-m -t ram -d {root.name} -w {len(devices)} -g {granularity} -s "
        words += f"{len(devices) * 256}M {' '.join(devices)}"
        return not create_region(Kernel(machine, state.live), words.split()).exit

    for root in machine.fabric.roots:
        below = machine.fabric.below(root)
        made = {o.ways: o for o in offers(state, firmware, window=root.window, limit=1000)}
        for ways in range(1, len(below) + 1):
            granularity = root.granularity
            sets = 0
            for devices in combinations(below, ways):
                found = order_of(machine.fabric, root, devices)
                fits = found is not None and granularity in granularities_of(
                    machine.fabric, root, found
                )
                some = any(accepted(root, order, granularity) for order in permutations(devices))
                assert some == fits, (root.name, devices)
                sets += found is not None
                if found is not None:
                    works = {g for g in GRANULARITIES if accepted(root, found, g)}
                    assert works == set(granularities_of(machine.fabric, root, found))
            if ways in made:
                assert made[ways].sets == sets


@pytest.mark.parametrize("seed", range(40, 60))
def test_every_offer_is_taken_and_uses_what_it_says(platform, seed: int) -> None:
    firmware = compile_document(random_platform(platform, seed, most=12, decoders=(0, 1, 4)))
    state = boot(firmware)
    for round_number in range(3):
        found = offers(state, firmware, limit=3)
        for offer in found:
            _, result = apply(state, firmware, offer.command)
            assert result.exit == 0, (offer.command, result.output)
        if not found:
            break
        chosen = Random(seed + round_number).choice(found)
        before = {r.name for r in state.regions}
        state, _ = apply(state, firmware, chosen.command)
        region = next(r for r in state.regions if r.name not in before)
        assert region.targets == chosen.devices
        assert region.size == chosen.size
        assert region.ways == chosen.ways


def test_the_order_alternates_between_bridges_then_ports_then_devices(platform) -> None:
    made = platform()
    for bridge in ("hb0", "hb1"):
        made.bridge(bridge)
        for switch in ("a", "b"):
            made.switch(f"{bridge}{switch}", bridge, [f"{bridge}{switch}{n}" for n in range(2)])
    made.window("win0", ("hb1", "hb0"), size_bytes=32 * GIB)
    firmware = compile_document(made.document())
    fabric = machine_of(firmware).fabric
    order = order_of(fabric, fabric.roots[0], fabric.devices)
    assert order == tuple(
        f"hb{bridge}{switch}{n}" for n in range(2) for switch in "ab" for bridge in (1, 0)
    )
    assert order_of(fabric, fabric.roots[0], fabric.devices[:3]) is None


def test_offers_know_what_is_taken_and_which_kind_a_window_holds(platform) -> None:
    made = platform()
    made.bridge("hb0")
    made.device("ram", "hb0", volatile_bytes=2 * GIB)
    made.device("both", "hb0", volatile_bytes=GIB, persistent_bytes=3 * GIB)
    made.window("any", ("hb0",), size_bytes=4 * GIB, restrictions=BOTH)
    made.window("none", ("hb0",), restrictions=(Restriction.TYPE3,))
    first = made.document()
    found = offers(derive(first).current, compile_document(first))
    assert {(o.window, o.mode, o.devices, o.size) for o in found} == {
        (0, "ram", ("ram",), 2 * GIB),
        (0, "ram", ("both",), GIB),
        (0, "ram", ("ram", "both"), 2 * GIB),
        (0, "pmem", ("both",), 3 * GIB),
    }
    one = next(o for o in found if o.ways == 1)
    assert one.sets == 2
    assert one.granularities == GRANULARITIES
    later = made.document(next(o for o in found if o.mode == "pmem").command)
    left = offers(derive(later).current, compile_document(later))
    assert {(o.mode, o.devices, o.size) for o in left} == {("ram", ("ram",), GIB)}


def test_nothing_is_offered_to_a_guest_that_cannot_flush_caches(simple) -> None:
    document = simple.document(virtual_machine=True)
    assert offers(derive(document).current, compile_document(document)) == ()


def test_sixty_four_devices_are_solved_in_a_second(platform) -> None:
    made = platform()
    bridges = tuple(f"hb{i}" for i in range(8))
    for name in bridges:
        made.bridge(name)
        for switch in "ab":
            made.switch(f"{name}{switch}", name, [f"{name}{switch}{n}" for n in range(4)])
    for name in bridges:
        made.window(f"w{name}", (name,), size_bytes=64 * GIB)
    made.window("all", bridges, size_bytes=64 * GIB)
    made.window("half", bridges[:4], size_bytes=64 * GIB)
    firmware = compile_document(made.document())
    state = boot(firmware)
    start = process_time()
    found = offers(state, firmware)
    assert process_time() - start < 1
    assert max(o.ways for o in found) == 16
    widest = next(o for o in found if o.ways == 16 and o.decoder == "decoder0.8")
    assert widest.sets == (4 * 4 + 2 * 6) ** 8  # two ports apart, or two devices of one switch
