"""A QEMU command line: split into options, and read into a platform.

Reproduced is what QEMU 10.0's q35 machine tells its guest; :mod:`cxldesigner.exchange.qemumachine`
has the rules. Options that say nothing of memory are passed over; such as cannot be drawn are
reported.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field

from cxldesigner.document.model import Document
from cxldesigner.exchange.notes import ImportRefused, Note
from cxldesigner.exchange.qemumachine import build
from cxldesigner.exchange.qemuoptions import Options, Properties

MAX_ARGUMENTS = 50_000

FLAGS = frozenset(
    """
    S s nodefaults nographic no-reboot no-shutdown no-user-config enable-kvm snapshot daemonize
    usb no-acpi no-hpet no-fd-bootchk preconfig full-screen win2k-hack rtc-td-hack h help version
    only-migratable mem-prealloc singlestep tb-stats
    """.split()  # noqa: SIM905  a list of words reads better than 24 lines
)
"""Options that take no value."""
_PROGRAM = re.compile(r"(^|/)qemu-system-[a-z0-9_]+$|(^|/)qemu-kvm$")
_OPTION = re.compile(r"^--?[a-zA-Z][\w.-]*$")
_START = re.compile(
    r"^\s*(?:\S+=\S*\s+|sudo\s+|exec\s+|chroot\s+\S+\s+|time\s+)*(?:\S*/)?"
    r"(?:qemu-system-\w+|qemu-kvm)(?:\s|\\|$)|^\s*--?(?:machine|M|device|object|numa|m|smp)\s",
)


def is_command(text: str) -> bool:
    """Return whether ``text`` is a QEMU command line or the arguments of one."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    first = next(lines, "")
    return _START.match(first + " ") is not None


def read_command(name: str, text: str) -> tuple[Document, tuple[Note, ...]]:
    """Return the machine a command line starts, not laid out, and what could not be drawn.

    Raises
    ------
    ImportRefused
        Open quotes, or a value that QEMU itself would refuse.
    """
    return read_arguments(name, split_arguments(name, text))


def read_arguments(name: str, arguments: list[str]) -> tuple[Document, tuple[Note, ...]]:
    """Return the machine of the arguments of a command line; raises as :func:`read_command`."""
    if len(arguments) > MAX_ARGUMENTS:
        raise ImportRefused(name, "", f"more than {MAX_ARGUMENTS} arguments")
    reader = _Reader(name)
    reader.read(arguments)
    return build(name, reader.options)


def split_arguments(name: str, text: str) -> list[str]:
    """Return the arguments of a command line.

    Besides what a shell takes, one argument per continued line is understood, unquoted (how
    scripts print an argument list): a line after a lone option is its value as a whole.
    """
    out: list[str] = []
    lone = False
    for number, raw in enumerate(text.replace("\\\r\n", "\\\n").splitlines(), 1):
        line = raw.rstrip().removesuffix("\\").strip()
        if not line or (line.startswith("#") and not out):
            continue
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise ImportRefused(name, f"line {number}", f"{error}".lower()) from error
        quoted = any(c in line for c in "\"'")
        whole = lone and not quoted and not any(_OPTION.match(w) for w in words)
        out += [line] if whole else words
        last = words[-1] if words else ""
        lone = len(words) == 1 and bool(_OPTION.match(last)) and last.lstrip("-") not in FLAGS
    return out


@dataclass(slots=True)
class _Reader:
    """Sorts arguments into options."""

    name: str
    options: Options = field(default_factory=Options)

    def read(self, arguments: list[str]) -> None:
        """Read all arguments, from the program name on if there is one."""
        start = next((i + 1 for i, a in enumerate(arguments) if _PROGRAM.search(a)), 0)
        i, end = start, len(arguments)
        while i < end:
            word = arguments[i]
            i += 1
            if not _OPTION.match(word):
                continue  # a disk image
            option = word.lstrip("-")
            if option in FLAGS or i >= end:
                continue
            value = arguments[i]
            i += 1
            if option == "append":
                while i < end and not _OPTION.match(arguments[i]):
                    value += f" {arguments[i]}"
                    i += 1
            self._option(option, value)

    def _option(self, option: str, value: str) -> None:
        options = self.options
        match option:
            case "M" | "machine":
                options.machine.update(self._properties(value, "type").items_of())
            case "m":
                options.memory.update(self._properties(value, "size").items_of())
            case "smp":
                options.smp.update(self._properties(value, "cpus").items_of())
            case "numa":
                options.numa.append(self._properties(value, "type"))
            case "device":
                options.devices.append(self._properties(value, "driver"))
            case "object":
                options.objects.append(self._properties(value, "qom-type"))
            case "cpu":
                options.cpu = value
            case "append":
                options.append = value
            case _:
                if option not in IRRELEVANT:
                    options.unknown.append(option)

    def _properties(self, text: str, implied: str) -> Properties:
        """Return the properties in ``a,b=c,…`` or in a JSON object."""
        if text.lstrip().startswith("{"):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise ImportRefused(self.name, text[:60], "not a JSON object") from error
            pairs = ((str(k), _word(v)) for k, v in value.items())
            return Properties(tuple(pairs))
        pairs_found = []
        for n, piece in enumerate(text.replace(",,", "\0").split(",")):
            key, equals, value = piece.replace("\0", ",").partition("=")
            if n == 0 and not equals:
                key, value = implied, key
            elif not equals:
                value = "on"
            pairs_found.append((key.strip(), value))
        return Properties(tuple(pairs_found))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


IRRELEVANT = frozenset(
    """
    accel display serial monitor chardev kernel initrd drive blockdev netdev net nic qmp name rtc
    boot bios vga vnc spice pidfile D d cdrom hda hdb hdc hdd global fsdev virtfs k L parallel mon
    uuid msg sandbox run-with trace icount watchdog-action action audiodev dtb debugcon tpmdev
    smbios fw_cfg gdb loadvm incoming readconfig set plugin pflash
    """.split()  # noqa: SIM905  a list of words reads better than 60 lines
)
"""Options that say nothing of memory, CPUs or CXL."""
