"""Host actions: the commands a person types after boot, run on a :class:`State`.

A line is a command of ``cxl``, ``daxctl`` or ``ndctl`` that changes something, an
``echo VALUE > FILE``, a listing (accepted, changes nothing) or a comment. Devices are named by part
id, ``memN``, serial number or PCI address.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from cxldesigner.firmware.model import Firmware
from cxldesigner.linux.assemble import assemble
from cxldesigner.linux.cxlcli import create_region
from cxldesigner.linux.daxcli import run_daxctl, run_ndctl
from cxldesigner.linux.kernel import Kernel
from cxldesigner.linux.live import Live
from cxldesigner.linux.machine import Machine, machine_of
from cxldesigner.linux.model import ActionResult, State
from cxldesigner.linux.options import Outcome
from cxldesigner.linux.regions import change_regions
from cxldesigner.linux.sysfs import write_file

MOMENT = re.compile(r"#\s*moment:\s*(.*\S)\s*")
"""A comment that names the moment after the line before it."""

_ECHO = re.compile(
    r"\s*(?:sudo\s+)?(?:sh\s+-c\s+)?[\"']?echo\s+(?:-n\s+)?(.*?)\s*>\s*(\S+?)[\"']?\s*"
)
_TEE = re.compile(r"\s*echo\s+(?:-n\s+)?(.*?)\s*\|\s*(?:sudo\s+)?tee\s+(\S+)(?:\s*>.*)?")
_SYSCTL = re.compile(r"\s*(?:sudo\s+)?sysctl\s+(?:-w\s+)?([\w.]+)\s*=\s*(\S+)\s*")
_QUIET = frozenset({"list", "version", "help", "monitor", "check-labels"})


def moment_name(line: str) -> str | None:
    """Return the name a ``# moment: NAME`` line gives, None for any other line."""
    found = MOMENT.fullmatch(line.strip())
    return found[1] if found else None


def is_comment(line: str) -> bool:
    """Return whether a line does nothing: blank or a comment."""
    return not line.strip() or line.lstrip().startswith("#")


def apply(state: State, firmware: Firmware, command: str) -> tuple[State, ActionResult]:
    """Run one host action.

    Parameters
    ----------
    state : the machine before.
    firmware : the firmware value ``state`` was booted from.
    command : one shell line.

    Returns
    -------
    tuple
        The machine after, and exit status with the text the tool prints on failure. A refused
        command may still change something, as on a real machine.
    """
    machine = machine_of(firmware)
    live, result = act(machine, state.live, command)
    if live is state.live:
        return state, result
    return assemble(machine, live, state), result


def act(machine: Machine, live: Live, command: str) -> tuple[Live, ActionResult]:
    """Run one host action on the dynamic half of a machine alone: :func:`apply` without its state.

    The same ``live`` comes back when nothing changed.
    """
    if is_comment(command):
        return live, ActionResult(command=command)
    kernel = Kernel(machine, live)
    outcome = _run(kernel, command)
    result = ActionResult(
        command=command, exit=outcome.exit, output=outcome.output, rule=outcome.rule
    )
    after = kernel.freeze()
    return (live if after == live else after), result


def _run(kernel: Kernel, command: str) -> Outcome:
    for pattern in (_TEE, _ECHO):
        echo = pattern.fullmatch(command)
        if echo:
            return write_file(kernel, echo[1].strip().strip("\"'"), echo[2].strip("\"'"))
    setting = _SYSCTL.fullmatch(command)
    if setting:
        return write_file(kernel, setting[2], "/proc/sys/" + setting[1].replace(".", "/"))
    try:
        words = shlex.split(command, comments=True)
    except ValueError as error:
        return Outcome(2, f"sh: syntax error: {error}", "syntax")
    words = words[1:] if words and words[0] == "sudo" else words
    if len(words) < 2:
        return Outcome(127, f"sh: {command.strip()}: not found", "unknown")
    tool, verb, rest = words[0], words[1], words[2:]
    if verb in _QUIET and tool in {"cxl", "daxctl", "ndctl"}:
        return Outcome()
    return _tool(kernel, tool, verb, rest)


_REGION_VERBS: Mapping[str, str] = {
    "enable-region": "enable",
    "disable-region": "disable",
    "destroy-region": "destroy",
}


def _tool(kernel: Kernel, tool: str, verb: str, rest: list[str]) -> Outcome:
    match tool, verb:
        case "cxl", "create-region":
            return create_region(kernel, rest)
        case "cxl", _ if verb in _REGION_VERBS:
            return change_regions(kernel, _REGION_VERBS[verb], rest)
        case "daxctl", "reconfigure-device" | "online-memory" | "offline-memory":
            return run_daxctl(kernel, verb, rest)
        case "ndctl", "create-namespace" | "destroy-namespace":
            return run_ndctl(kernel, verb, rest)
        case "cxl" | "daxctl" | "ndctl", _:
            return Outcome(1, f"{tool}: '{verb}' is not a command this program knows", "unknown")
        case _:
            return Outcome(127, f"sh: {tool}: not found", "unknown")
