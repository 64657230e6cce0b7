"""A document as the ``qemu-system-x86_64`` command line that boots the same machine.

What QEMU cannot say is found by reading the written line back (:mod:`cxldesigner.exchange.qemu`)
and comparing both machines as an operating system sees them, so that no difference goes unsaid.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from cxldesigner.document.model import GIB, Document
from cxldesigner.document.units import format_size
from cxldesigner.exchange.notes import Note
from cxldesigner.exchange.qemu import read_arguments
from cxldesigner.exchange.qemuexportdifference import differences
from cxldesigner.exchange.qemuexportfabric import serials_of, write_fabric
from cxldesigner.exchange.qemuexportline import CannotExport, Line
from cxldesigner.exchange.qemuexportmachine import MachinePlan, plan_machine, write_machine
from cxldesigner.exchange.qemumachine import AMD_HOLE, PCI_HOLE
from cxldesigner.exchange.script import write_script
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.domains import number_domains
from cxldesigner.firmware.layout import lay_out
from cxldesigner.firmware.model import Firmware

PROGRAM = "qemu-system-x86_64"
KERNEL = "vmlinuz"
PHYSICAL_BITS = 40
"""Address bits of QEMU's emulated CPUs unless told."""
FOUR_LEVEL_BITS = 46
"""Address bits Linux uses with four levels of page tables."""
MUCH_MEMORY = 64 * GIB
MOST_ADDRESSES = 1 << 52
"""What an x86 processor can address at all."""


@dataclass(frozen=True, slots=True)
class QemuExport:
    """An exported machine.

    Attributes
    ----------
    arguments : the program and its arguments, without disk and screen; a kernel image
        (``vmlinuz``) only when there is a kernel command line to hand over.
    guest_script : shell script of the host actions, to be run in the guest.
    windows : document window id of each ``cxl-fmw``.
    notes : what differs from the document and why.
    """

    arguments: tuple[str, ...]
    guest_script: str
    windows: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def command(self) -> str:
        """The command as a shell script: notes as comments, one option per line."""
        pairs = list(zip(self.arguments[1::2], self.arguments[2::2], strict=True))
        lines = [f"{option} {shlex.quote(value)}" for option, value in pairs]
        remarks = "".join(f"# {' '.join(str(n).split())}\n" for n in self.notes)
        body = " \\\n  ".join((f"exec {self.arguments[0]}", *lines, '"$@"'))
        return f"#!/bin/sh\n{remarks}{body}\n"


def export_qemu(document: Document) -> QemuExport:
    """Return the command line and guest script of a document.

    Raises
    ------
    CannotExport
        QEMU cannot start anything like this machine.
    """
    firmware = compile_document(document)
    body = Line()
    plan = plan_machine(document, firmware, body)
    write_machine(plan, document, firmware, body)
    windows = write_fabric(document, firmware, plan, body)
    machine = ["q35,cxl=on", "hmat=on" if {"SRAT", "HMAT"} <= firmware.tables.keys() else ""]
    head = Line()
    head.add("machine", *machine, *(words for _, words in windows))
    head.add("accel", "tcg,thread=multi")
    kernel: tuple[str, ...] = ()
    if document.host.cmdline.strip():
        kernel = ("-kernel", KERNEL, "-append", document.host.cmdline.strip())
        body.note("The kernel command line needs the kernel image beside it, as {}.", KERNEL)
    wanted = plan.memory + sum(w.size_bytes for w, _ in windows)
    if wanted + document.host.hotplug_bytes >= MOST_ADDRESSES // 2:
        raise CannotExport(f"{format_size(wanted)} are too much for QEMU: export it scaled")
    hidden = not document.host.virtual_machine
    rest = (*kernel, *body.arguments)
    read, _ = read_arguments(
        "export", [PROGRAM, *head.arguments, "-cpu", _cpu(0, hidden=hidden), *rest]
    )
    arguments = (PROGRAM, *head.arguments, "-cpu", _cpu(_top(read), hidden=hidden), *rest)
    serials = serials_of(firmware)
    script, more = write_script(document, serials)
    ids = tuple(w.id for w, _ in windows)
    found = differences(document, firmware, read, ids)
    return QemuExport(
        arguments=arguments,
        guest_script=script,
        windows=ids,
        notes=(*body.notes, *found, *_warnings(plan, firmware), *more),
    )


def _top(document: Document) -> int:
    """Return the end of all that QEMU places in the address space, the PCI hole included."""
    guest = replace(document, host=replace(document.host, virtual_machine=True))
    layout = lay_out(guest, number_domains(guest))
    ends = [layout.windows[w.id] + w.size_bytes for w in document.windows.values()]
    ends += [span.end for spans in layout.memory.values() for span in spans]
    if layout.hotplug is not None:
        ends.append(layout.hotplug.end)
    return max(ends, default=0) + PCI_HOLE


def _cpu(top: int, *, hidden: bool) -> str:
    """Return the CPU for a machine whose addresses end at ``top``.

    String operations on device memory are split into single bytes by the emulator, hence no
    ``erms`` and ``fsrm``; five levels of page tables only cost time below 64 TiB.
    """
    words = ["max"]
    if hidden:
        words.append("hypervisor=off")
    bits = max((top - 1).bit_length(), PHYSICAL_BITS) if top else PHYSICAL_BITS
    if bits > PHYSICAL_BITS:
        words.append(f"phys-bits={bits}")
    if top >= AMD_HOLE:  # with AMD's name QEMU would move all memory above 4 GiB to 1 TiB
        words.append("vendor=GenuineIntel")
    if bits <= FOUR_LEVEL_BITS:
        words.append("la57=off")
    return ",".join((*words, "erms=off", "fsrm=off"))


def _warnings(plan: MachinePlan, firmware: Firmware) -> tuple[Note, ...]:
    """Return notes on what starts, but hardly."""
    notes = []
    if plan.memory > MUCH_MEMORY:
        text = "{} of boot memory: Linux touches 1.6 % of it at boot; export it scaled if need be."
        notes.append(Note(text, (format_size(plan.memory),), ("host",)))
    if firmware.virtual_machine:
        text = (
            "The guest sees that it is a virtual machine: its kernel commits no region (no cache"
            " invalidation there) unless the host setting is switched off."
        )
        notes.append(Note(text, (), ("host",)))
    return tuple(notes)
