"""Exported command lines, read back: the same machine, or a note that says what is not."""

import json
import shlex
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxldesigner.document.model import (
    GIB,
    MIB,
    AccessFigure,
    CommittedRegion,
    Device,
    Distance,
    Document,
    Host,
    HostBridge,
    Link,
    MemoryDomain,
    MemoryRange,
    Perf,
    Restriction,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.exchange.qemu import is_command, read_command
from cxldesigner.exchange.qemuexport import export_qemu
from cxldesigner.exchange.qemuexportline import CannotExport
from cxldesigner.exchange.qemufabric import QEMU_DEVICE, QEMU_SWITCH
from cxldesigner.exchange.qemumachine import QEMU_RESTRICTIONS
from cxldesigner.linux.derive import derive
from cxldesigner.linux.snapshot import snapshot
from tests.build import documents, edited, edits, platform

NEAR = Perf(
    read_latency_ns=90,
    write_latency_ns=90,
    read_bandwidth_mbps=120_000,
    write_bandwidth_mbps=120_000,
)
PORT = replace(NEAR, read_latency_ns=140, write_latency_ns=145, read_bandwidth_mbps=48_000)
HARMLESS = ("The kernel command line needs", "The guest sees that it is")


def plain(document: Document) -> Document:
    """Return a document with the figures and numbers that QEMU's own parts have."""
    parts = dict(document.parts)
    for n, (key, part) in enumerate(document.parts.items()):
        if isinstance(part, Device):
            parts[key] = replace(part, perf=QEMU_DEVICE, serial=0x500 + n)
        elif isinstance(part, Switch):
            parts[key] = replace(part, perf=QEMU_SWITCH)
    windows = {k: replace(w, restrictions=QEMU_RESTRICTIONS) for k, w in document.windows.items()}
    return replace(document, parts=parts, windows=windows)


@st.composite
def machines(draw: st.DrawFn) -> Document:
    """Return a machine that QEMU can be all of."""
    size = st.integers(1, 24).map(lambda n: n * 256 * MIB)
    sockets, bridges = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    made = plain(
        platform(
            sockets=sockets,
            bridges=bridges,
            devices=draw(st.integers(0, 3)),
            switch=draw(st.booleans()),
            dram_bytes=draw(size),
            device_bytes=draw(size),
        )
    )
    parts, links = dict(made.parts), dict(made.links)
    with_hmat = draw(st.booleans())
    free = sockets
    if draw(st.booleans()):
        cache = draw(st.sampled_from([0, GIB])) if with_hmat else 0
        domain = MemoryDomain(id="slow", size_bytes=draw(size), perf=NEAR, cache_bytes=cache)
        parts["slow"] = domain
        links["slow"] = Link(id="slow", upstream="s0:mem", downstream="slow:up")
        free += 1
    for n, key in enumerate(k for k, p in made.parts.items() if isinstance(p, Socket)):
        parts[key] = replace(parts[key], cpus=draw(st.integers(1, 3)), perf=NEAR)
        if not with_hmat and n and draw(st.booleans()):
            parts[key] = replace(parts[key], dram_bytes=0)
    owner = {v.downstream.partition(":")[0]: v.upstream.partition(":")[0] for v in links.values()}
    for key in [k for k, p in parts.items() if isinstance(p, HostBridge)]:
        pxm = int(owner[key].removeprefix("s"))
        pxm_told = None if draw(st.booleans()) and pxm == 0 else pxm
        lone = sum(v == key for v in owner.values()) == 1
        decoders = draw(st.sampled_from([0, 4])) if lone else 4
        parts[key] = replace(parts[key], pxm=pxm_told, hdm_decoders=decoders)
        if with_hmat and draw(st.booleans()):
            parts[key] = replace(parts[key], generic_port_pxm=free, perf=PORT)
            free += 1
    told = [f"s{n}" for n in range(sockets)]
    distances = [
        Distance(a=a, b=b, value=draw(st.integers(11, 254)))
        for a in told
        for b in told
        if a < b and draw(st.booleans())
    ]
    access = ()
    if with_hmat and sockets > 1 and draw(st.booleans()):
        far = replace(NEAR, read_latency_ns=210)
        access = (AccessFigure(initiator="s0", target="s1", perf=far),)
    host = Host(
        hmat=with_hmat,
        distances=tuple(distances),
        access=access,
        hotplug_bytes=draw(st.sampled_from([0, 2 * GIB, 40 * GIB])),
        cmdline=draw(st.sampled_from(["", "numa=off", "hmat=off efi=nosoftreserve"])),
        virtual_machine=draw(st.booleans()),
    )
    for key, part in parts.items():
        if isinstance(part, Device | RootPort | Switch):
            speed = draw(st.sampled_from([2.5, 8.0, 16.0, 32.0]))
            parts[key] = replace(part, speed_gts=speed, width=draw(st.sampled_from([1, 4, 16])))
    for key, link in links.items():
        if link.upstream.endswith((":down", ":d0")):
            links[key] = replace(link, width=draw(st.sampled_from([None, 2])))
    devices = [k for k, p in parts.items() if isinstance(p, Device)]
    actions = tuple(f"cxl create-region -m -t ram -d decoder0.0 -w 1 {d}" for d in devices[:2])
    return replace(made, parts=parts, links=links, host=host, actions=actions)


def facts(document: Document) -> list[object]:
    """Return everything Linux makes of a machine, as it would print it."""
    return [
        (
            json.loads(json.dumps(snapshot(m.state))),
            [(r.exit, r.output) for r in m.results],
            m.state.live.log,
        )
        for m in derive(document).moments
    ]


def read_back(document: Document) -> Document:
    made = export_qemu(document)
    assert is_command(made.command)
    read, notes = read_command("export", made.command)
    assert notes == ()
    return replace(read, actions=document.actions)


def remarks(document: Document) -> list[str]:
    return [str(n) for n in export_qemu(document).notes if not str(n).startswith(HARMLESS)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(machines())
def test_a_machine_of_qemu_parts_comes_back_without_a_note(document: Document) -> None:
    assert remarks(document) == []
    assert facts(read_back(document)) == facts(document)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(machines(), edits(max_size=3))
def test_what_an_edit_makes_different_has_a_note(document: Document, changes) -> None:
    document = edited(document, changes)
    try:
        if remarks(document):
            return
    except CannotExport:
        return
    assert facts(read_back(document)) == facts(document)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_any_document_is_exported_or_refused_with_a_reason(document: Document) -> None:
    start = Socket(id="bootable0", cpus=2, dram_bytes=2 * GIB)
    document = replace(document, parts={start.id: start, **document.parts})
    try:
        made = export_qemu(document)
    except CannotExport:
        return
    read_command("export", made.command)
    ids = [w for line in made.arguments for w in line.split(",") if w.startswith("id=")]
    assert len(ids) == len(set(ids))


# --- notes --------------------------------------------------------------------------------------


def base() -> Document:
    made = plain(platform(sockets=2, bridges=1, devices=2, dram_bytes=2 * GIB))
    return replace(made, host=Host(hmat=True, distances=(Distance(a="s0", b="s1", value=21),)))


def changed(key: str, **fields: object):
    def change(document: Document) -> Document:
        if key == "host":
            return replace(document, host=replace(document.host, **fields))
        kind = "windows" if key in document.windows else "parts"
        items = dict(getattr(document, kind))
        items[key] = replace(items[key], **fields)
        return replace(document, **{kind: items})

    return change


def joined(*parts: object, **links: tuple[str, str]):
    def change(document: Document) -> Document:
        more = {p.id: p for p in parts}  # type: ignore[attr-defined]
        ends = {k: Link(id=k, upstream=a, downstream=b) for k, (a, b) in links.items()}
        return replace(document, parts={**document.parts, **more}, links={**document.links, **ends})

    return change


FIRMWARE = CommittedRegion(window="w0", devices=("mem0",), size_bytes=GIB)
LINE = (MemoryRange(start=0, end=1 * GIB),)
NOTES = [
    (changed("w0", base=64 * GIB), "w0 lies at", "w0"),
    (changed("w0", restrictions=(Restriction.TYPE3, Restriction.VOLATILE)), "restrictions", "w0"),
    (changed("w0", qtg_id=3), "QTG", "w0"),
    (changed("w0", arithmetic=1, targets=("hb0", "hb1")), "XOR", "w0"),
    (changed("w0", srat_pxm=0), "not covered", "w0"),
    (changed("w0", granularity=1 << 16), "granularity", "w0"),
    (changed("w0", size_bytes=GIB + MIB), "multiples of 256 MiB", "w0"),
    (changed("w0", targets=()), "left out", "w0"),
    (changed("w0", ways=4), "left out", "w0"),
    (changed("hb0", cxl_version=0), "CXL 1.1", "hb0"),
    (changed("hb0", chbs=False), "CHBS", "hb0"),
    (changed("hb0", uid=7), "_UID", "hb0"),
    (lambda d: changed("hb0", bus=12)(changed("hb1", bus=13)(d)), "starts at bus", "hb1"),
    (changed("hb0", hdm_decoders=10), "HDM decoders", "hb0"),
    (changed("mem0", perf=NEAR), "CDAT", "mem0"),
    (changed("mem0", hdm_decoders=1), "HDM decoders", "mem0"),
    (changed("mem0", serial=0), "serial number", "mem0"),
    (changed("mem0", type=2), "type 3", "mem0"),
    (changed("mem0", volatile_bytes=300 * MIB), "256 MiB", "mem0"),
    (changed("mem0", speed_gts=128.0), "64 GT/s", "rp0"),
    (changed("s0", dram_bytes=GIB + 5), "rounded", "s0"),
    (changed("s0", base=16 * GIB), "Memory ranges", "host"),
    (changed("s1", pxm=300), "renumbered", ""),
    (changed("s0", cpus=300), "255 CPUs", ""),
    (changed("s0", dram_bytes=100 * GIB), "1.6 %", "host"),
    (changed("host", memory_map=LINE), "memory map", "host"),
    (changed("host", srat=False), "QEMU writes no HMAT", "host"),
    (changed("host", hotplug_bytes=GIB // 2), "hot-plug range", "host"),
    (changed("host", distances=(Distance(a="s0", b="s0", value=12),)), "distance 10", "host"),
    (changed("host", distances=(Distance(a="s0", b="s1", value=3),)), "SLIT", "host"),
    (changed("s0", perf=replace(NEAR, read_bandwidth_mbps=99_999)), "rounded", "host"),
    (changed("host", committed=(FIRMWARE,)), "committed", ""),
    (joined(Device(id="lost", volatile_bytes=GIB)), "left out: lost", "lost"),
]


def test_the_base_of_the_notes_has_none() -> None:
    assert remarks(base()) == []


@pytest.mark.parametrize(("change", "words", "item"), NOTES)
def test_what_qemu_cannot_say_is_said(change, words: str, item: str) -> None:
    document = change(base())
    if words == "64 GT/s":
        document = changed("rp0", speed_gts=128.0)(document)
    found = [n for n in export_qemu(document).notes if words in str(n)]
    assert found
    assert not item or item in found[0].items
    assert "{" not in str(found[0])
    read_command("export", export_qemu(document).command)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed("s0", cpus=0), "no socket has a CPU"),
        (changed("s0", dram_bytes=0), "no socket has memory"),
        (changed("w0", size_bytes=1 << 60), "too much"),
    ],
)
def test_a_machine_that_cannot_start_is_refused(change, reason: str) -> None:
    alone = plain(platform())
    with pytest.raises(CannotExport, match=reason):
        export_qemu(change(alone))


# --- limits -------------------------------------------------------------------------------------


def argument(document: Document, option: str) -> str:
    words = export_qemu(document).arguments
    return words[words.index(f"-{option}") + 1]


def test_more_addresses_than_a_plain_cpu_has_are_asked_for() -> None:
    assert "phys-bits" not in argument(base(), "cpu")
    large = changed("w0", size_bytes=2048 * GIB)(base())
    assert "phys-bits=42" in argument(large, "cpu")
    assert "vendor=GenuineIntel" in argument(large, "cpu")
    huge = changed("w0", size_bytes=256 << 40)(base())
    assert "la57=off" not in argument(huge, "cpu")


def test_the_hypervisor_flag_follows_the_host_setting() -> None:
    assert "hypervisor=off" in argument(base(), "cpu")
    told = changed("host", virtual_machine=True)(base())
    assert "hypervisor" not in argument(told, "cpu")


def test_slots_are_unique_and_windows_are_in_one_argument() -> None:
    document = plain(platform(sockets=2, bridges=2, devices=3, switch=True))
    words = export_qemu(document).arguments
    slots = [w for line in words for w in line.split(",") if w.startswith("slot=")]
    assert len(slots) == len(set(slots)) == 4 + 4 * 3
    assert words.count("-machine") == 1
    assert argument(document, "machine").count(".size=") == 4


def test_more_root_ports_than_a_bus_has_places_are_left_out() -> None:
    ports = [RootPort(id=f"more{n}") for n in range(40)]
    ends = {f"l{n}": ("hb0:rp", f"more{n}:up") for n in range(40)}
    made = export_qemu(joined(*ports, **ends)(base()))
    assert sum(a.startswith("cxl-rp,") and "bus=hb0" in a for a in made.arguments) == 32
    assert any("32 root ports" in str(n) for n in made.notes)


def test_processor_packages_follow_the_sockets() -> None:
    assert argument(base(), "smp") == "4,sockets=2,cores=2,threads=1"
    uneven = changed("s1", cpus=3)(base())
    assert argument(uneven, "smp") == "5,sockets=5,cores=1,threads=1"


def test_a_kernel_command_line_survives_the_shell() -> None:
    document = changed("host", cmdline="""x="a b" y='$HOME'""")(base())
    made = export_qemu(document)
    body = "".join(line for line in made.command.splitlines(True) if not line.startswith("#"))
    words = shlex.split(body.replace("\\\n", " "))
    assert words[1:-1] == list(made.arguments)
    assert read_back(document).host.cmdline == document.host.cmdline


def test_windows_keep_their_order_without_those_left_out() -> None:
    document = base()
    bad = Window(id="bad", size_bytes=GIB)
    assert export_qemu(replace(document, windows={"bad": bad, **document.windows})).windows == (
        "w0",
        "w1",
    )
