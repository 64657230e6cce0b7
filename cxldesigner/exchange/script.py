"""Host actions as a shell script for a real machine or a guest, and such a script read back.

On a machine the kernel numbers memory devices as they happen to answer, so a written script finds
each by its serial number (``cxl list -M -s``). ``# moment: NAME`` lines stay as they are.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cxldesigner.document.model import Document
from cxldesigner.exchange.notes import Note
from cxldesigner.firmware.compile import compile_document
from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.actions import is_comment
from cxldesigner.linux.fabric import Fabric
from cxldesigner.linux.machine import machine_of

HEADER = "#:"
"""Start of comment lines that belong to the script, not to the actions."""
TOOLS = ("cxl", "daxctl", "ndctl", "echo", "sysctl")
"""Programs whose lines are host actions."""
_IDLE = frozenset(
    ("modprobe", "sleep", "set", "sync", "export", "true", ":", "udevadm", "cd", "exit", "mount")
)
"""Commands that say nothing of memory."""

_NAMING = frozenset(("create-region", "enable-memdev", "disable-memdev", "set-partition"))
"""``cxl`` commands that name memory devices."""
_WITH_VALUE = frozenset("bdswgtUS")
_LONG_WITH_VALUE = frozenset(
    ("bus", "decoder", "size", "ways", "granularity", "type", "uuid", "serial")
)
_FUNCTION = r"""
memdev() {	# what the kernel calls a memory device today, by its serial number
	case $1 in
%s	*) serial=$1 ;;
	esac
	name=$(cxl list -M -s "$serial" | sed -n 's/.*"memdev" *: *"\(mem[0-9]*\)".*/\1/p')
	[ -n "$name" ] || echo "no memory device has the serial number $serial" >&2
	echo "${name:-missing-$1}"
}
"""


# --- writing ------------------------------------------------------------------------------------


def write_script(
    document: Document, serials: Mapping[str, int] | None = None
) -> tuple[str, tuple[Note, ...]]:
    """Return the script of a document's host actions, and notes.

    Parameters
    ----------
    document : the platform with its actions.
    serials : serial number by device id where the machine has others than the document.
    """
    firmware = compile_document(document)
    own = {n.id: n.serial for n in firmware.fabric if n.serial}
    writer = _Writer(firmware, {**own, **(serials or {})})
    lines = [writer.line(piece) for line in document.actions for piece in line.splitlines()]
    title = " ".join(document.name.split())
    head = f"#!/bin/sh\n{HEADER} Host actions of {title}. Run as root.\n"
    cases = "".join(f"\t{k}) serial={v} ;;\n" for k, v in writer.used.items())
    function = _FUNCTION % cases if writer.used else ""
    return f"{head}{function}\n" + "".join(f"{x}\n" for x in lines), tuple(writer.notes)


@dataclass(slots=True)
class _Writer:
    """Writes lines, and remembers the devices they name."""

    firmware: Firmware
    serials: Mapping[str, int]
    used: dict[str, int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def line(self, action: str) -> str:
        """Return an action with devices named by serial number."""
        if is_comment(action):
            return action
        places = list(_device_words(action))
        if not places:
            return action
        fabric = machine_of(self.firmware).fabric
        out, at = "", 0
        for start, end in places:
            names = [n for n in action[start:end].replace(",", " ").split() if n]
            out += action[at:start] + " ".join(self._name(n, fabric) for n in names)
            at = end
        return out + action[at:]

    def _name(self, name: str, fabric: Fabric) -> str:
        device = fabric.find_device(name)
        if device is None:
            return name
        if device in self.serials:
            self.used[device] = self.serials[device]
            return f"$(memdev {device})"
        kernel = fabric.memdev_of(device)
        text = "{} has no serial number: the script calls it {}, as the kernel is likely to."
        note = Note(text, (device, kernel), (device,))
        if note not in self.notes:
            self.notes.append(note)
        return kernel


_WORD = re.compile(r"[^\s'\"\\#&|;<>()$`]+")


def _device_words(action: str) -> Iterator[tuple[int, int]]:
    """Yield where in a line memory devices are named; nothing where quoting makes it doubtful."""
    words = list(_WORD.finditer(action))
    if "".join(w[0] for w in words) != "".join(action.split()):
        return
    queue = [w for w in words if w[0] != "sudo"]
    if len(queue) < 2 or queue[0][0] != "cxl" or queue[1][0] not in _NAMING:
        return
    value = False
    for word in queue[2:]:
        text = word[0]
        if value:
            value = False
        elif text.startswith("--"):
            value = text[2:] in _LONG_WITH_VALUE
        elif text.startswith("-") and len(text) > 1:
            letters = text[1:]
            first = next((i for i, c in enumerate(letters) if c in _WITH_VALUE), None)
            value = first == len(letters) - 1
        else:
            yield word.span()


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Script:
    """Host actions found in a script, and notes on the lines that were left out."""

    actions: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


_SUBSTITUTION = re.compile(r"\$\(\s*([^()]*)\s*\)|`([^`]*)`")
_SERIAL = re.compile(r"cxl\s+list\s+(?:\S+\s+)*?(?:-s\s*|--serial[=\s]\s*)[\"']?(\w+)[\"']?.*")
_MEMDEV = re.compile(r"memdev\s+[\"']?([\w-]+)[\"']?\s*")
_ASSIGNMENT = re.compile(r"\s*(?:local\s+|export\s+|readonly\s+)?([A-Za-z_]\w*)=(.*)")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_DEFINITION = re.compile(r"\s*(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\s*\)\s*(?:\{(.*))?")
_LEFT_OUT = "Line {} is not understood and was left out: {}"


def read_script(text: str) -> Script:
    """Return the host actions in a shell script.

    Lines of ``cxl``, ``daxctl``, ``ndctl``, ``echo … > FILE`` and ``sysctl`` and comments are kept;
    variables, ``$(memdev NAME)`` and ``$(cxl list -M -s SERIAL …)`` are replaced by what they name.
    """
    reader = _Reader()
    for number, line in _joined(text):
        reader.line(number, line)
    return Script(tuple(reader.actions), tuple(reader.notes))


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with the number of their first piece, continued ones joined."""
    waiting, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if line.endswith("\\"):
            waiting += f"{line[:-1]} "
            continue
        yield start, waiting + line
        waiting, start = "", 0
    if waiting:
        yield start, waiting


@dataclass(slots=True)
class _Reader:
    """Reads line after line; knows variables, and whether it is inside a function."""

    actions: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    inside: str = ""

    def line(self, number: int, line: str) -> None:
        """Take one line."""
        bare = line.strip()
        if self.inside:
            self.inside = "" if bare.startswith("}") else self.inside
            return
        if not bare or line.startswith(("#!", HEADER)):
            return
        if bare.startswith("#"):
            self.actions.append(line)
            return
        definition = _DEFINITION.fullmatch(line)
        if definition is not None:
            if definition[1] != "memdev":
                self._left_out(number, f"function {definition[1]}")
            self.inside = "" if (definition[2] or "").rstrip().endswith("}") else definition[1]
            return
        for piece in _pieces(line):
            self._command(number, piece)

    def _command(self, number: int, line: str) -> None:
        assignment = _ASSIGNMENT.fullmatch(line)
        value = self._resolved(assignment[2] if assignment else line)
        if assignment is not None and value is not None and " " not in value.strip("\"' "):
            self.variables[assignment[1]] = value.strip("\"' ")
            return
        words = (value or "").split()
        words = words[1:] if words[:1] == ["sudo"] else words
        tool = words[0] if words else ""
        if (
            value is not None
            and tool in TOOLS
            and not re.search(r"\|\||\||<<", _without_tee(value))
        ):
            self.actions.append(value)
        elif tool not in _IDLE:
            self._left_out(number, line.strip())

    def _resolved(self, line: str) -> str | None:
        """Return a line without substitutions and variables; None when one is not known."""
        failed = False

        def substitute(match: re.Match[str]) -> str:
            nonlocal failed
            inner = self._variables((match[1] or match[2] or "").strip())
            found = _MEMDEV.fullmatch(inner or "") or _SERIAL.fullmatch(inner or "")
            failed = failed or found is None
            return found[1] if found else ""

        out = self._variables(_SUBSTITUTION.sub(substitute, line))
        return None if failed or out is None else out

    def _variables(self, line: str) -> str | None:
        failed = False

        def value(match: re.Match[str]) -> str:
            nonlocal failed
            name = match[1] or match[2]
            failed = failed or name not in self.variables
            return self.variables.get(name, "")

        out = _VARIABLE.sub(value, line)
        return None if failed else out

    def _left_out(self, number: int, what: str) -> None:
        self.notes.append(Note(_LEFT_OUT, (str(number), what[:120])))


def _without_tee(line: str) -> str:
    return re.sub(r"\|\s*(?:sudo\s+)?tee\s", " ", line)


def _pieces(line: str) -> list[str]:
    """Return the commands of a line, cut at ``;`` and ``&&`` outside quotes."""
    if ";" not in line and "&&" not in line:
        return [line]
    try:
        lexer = shlex.shlex(line, posix=False, punctuation_chars=";&")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return [line]
    out: list[list[str]] = [[]]
    for word in words:
        if word in {";", "&&"}:
            out.append([])
        else:
            out[-1].append(word)
    return [" ".join(words) for words in out if words]
