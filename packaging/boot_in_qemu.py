#!/usr/bin/env python3
"""Boot a platform in QEMU with a real kernel and compare what it shows with the derivation.

    sudo python3 packaging/boot_in_qemu.py FILE… [--chroot DIR] [--scale K] [--keep DIR]
    sudo python3 packaging/boot_in_qemu.py --proof [--chroot DIR]

Needs Python's standard library, root (for chroot), and the program's own environment
(packaging/run.py makes it). Each FILE, a platform or anything the program imports, is exported to a
QEMU command line and a guest script; QEMU 8.2 or later boots it with a distribution kernel, the
guest runs the script line by line and tells what it sees at every moment. Printed is every
difference from ``cxldesigner derive --json``, which is told the one thing no drawing can know: the
managed pages of boot zones (``--observed``). A difference is *explained* when the exported command
line, read back, is derived to what the guest shows: QEMU cannot say what was drawn, and the notes
of the export name it. Exit code 1 when a difference is left unexplained.

Without --chroot a Debian 13 is installed with debootstrap (about 1 GB, kept in the user's cache
folder for the next time): QEMU, kernel, cxl, daxctl, ndctl, numactl, busybox.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boot_in_qemu_facts as facts
import environment
from boot_in_qemu_guest import Unbootable, initramfs, kernel_of, make_chroot, mounted

OLDEST = (8, 2)
PROGRAM = "qemu-system-x86_64"
CONSOLE = "console=ttyS0 panic=-1 quiet mitigations=off apparmor=0 audit=0"
"""Kernel options of the guest beside those of the platform; none of them moves memory."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="boot_in_qemu.py", description="Compare the derivation with a booted kernel."
    )
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    parser.add_argument("--proof", action="store_true", help="boot five platforms drawn for this")
    parser.add_argument("--chroot", type=Path, help="a prepared Debian 13 (or later) root folder")
    parser.add_argument("--mirror", default="", help="Debian mirror for debootstrap")
    parser.add_argument("--scale", type=int, default=1, metavar="K", help="divide all sizes by K")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what the guests sent there")
    parser.add_argument("--timeout", type=int, default=900, metavar="SECONDS")
    options = parser.parse_args(arguments)
    if not options.files and not options.proof:
        parser.error("name a platform, or give --proof")
    try:
        chroot = options.chroot or _own_chroot(options.mirror)
        with mounted(chroot), tempfile.TemporaryDirectory() as drawn:
            files = [*options.files, *(_proof(Path(drawn)) if options.proof else ())]
            bad = sum(_boot_one(path, chroot, options) for path in files)
    except Unbootable as reason:
        print(f"boot_in_qemu.py: {reason}", file=sys.stderr)
        return 2
    print(f"\n{len(files)} platforms booted, unexplained differences: {bad}")
    return 1 if bad else 0


def _proof(folder: Path) -> list[Path]:
    """Draw the five platforms in the program's environment."""
    script = Path(__file__).with_name("boot_in_qemu_platforms.py")
    _python(str(script), str(folder))
    return sorted(folder.glob("*.cxld"))


def _own_chroot(mirror: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "cxldesigner" / "guest-chroot"
    try:
        kernel_of(folder)
    except Unbootable:
        make_chroot(folder, mirror)
    return folder


def _boot_one(path: Path, chroot: Path, options: argparse.Namespace) -> int:
    """Boot one platform, print how it compares, return the number of unexplained differences."""
    print(f"\n=== {path.name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="cxldesigner-", dir=chroot / "tmp") as name:
        work = Path(name)
        notes = _export(path, work, options.scale)
        sent = _run(work, chroot, options.timeout)
        ids = _serials(work)
        boot = facts.snapshot(sent, 0, facts.names_of(sent, 0, ids))
        (work / "boot.json").write_text(json.dumps(boot, indent=1))
        if options.keep is not None:
            kept = options.keep / path.stem
            kept.mkdir(parents=True, exist_ok=True)
            for file in work.iterdir():
                if file.name != "initrd":
                    shutil.copy(file, kept)
        observed = ("--observed", work / "boot.json")
        drawn = _derive(work / "platform.cxld", *observed)
        exported = _derive(work / "machine.sh", "--actions", work / "guest.sh", *observed)
        return _compare(ids, sent, drawn, exported, notes)


def _serials(work: Path) -> dict[int, str]:
    """Return the part id of each device of an exported machine by serial number."""
    found = re.findall(r"cxl-type3,id=([\w-]+),.*?sn=(\d+)", (work / "machine.sh").read_text())
    return {int(serial): part for part, serial in found}


# --- the program --------------------------------------------------------------------------------


def _program(*arguments: str) -> subprocess.CompletedProcess[str]:
    return _python("-m", "cxldesigner", *arguments)


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the environment's Python; exit code 1 of the program means findings."""
    command = [str(environment.python()), *arguments]
    if not environment.python().exists():
        raise Unbootable("the program has no environment yet: run packaging/run.py --help first")
    done = subprocess.run(
        command, cwd=environment.ROOT, env=environment.variables(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise Unbootable(f"{' '.join(arguments[:3])}: {done.stderr.strip()}")
    return done


def _export(path: Path, work: Path, scale: int) -> list[str]:
    """Write platform, command line and guest script; return the notes of the export."""
    platform = work / "platform.cxld"
    _program("export", str(path.absolute()), "--to", "platform", "--scale", str(scale),
             "-o", str(platform))  # fmt: skip
    told = _program("export", str(platform), "--to", "qemu", "-o", str(work / "machine.sh"))
    _program("export", str(platform), "--to", "guest", "-o", str(work / "guest.sh"))
    return re.findall(r"note: (.*)", told.stderr)


def _derive(*arguments: Path | str) -> list[dict[str, Any]]:
    done = _program("derive", *map(str, arguments), "--json")
    moments: list[dict[str, Any]] = json.loads(done.stdout)["moments"]
    return moments


# --- the guest ----------------------------------------------------------------------------------


def _steps(script: str) -> tuple[str, list[str], list[str]]:
    """Return the functions of a guest script, its actions, and the steps to run.

    Moments are where the script names them, else after every action, as in ``derive``.
    """
    functions: list[str] = []
    lines: list[str] = []
    inside = False
    for line in script.splitlines():
        if inside or re.match(r"\w+\(\) *\{", line):
            inside = not line.startswith("}")
            functions.append(line)
        elif line.strip() and not line.startswith(("#!", "#:")):
            lines.append(line)
    named = any(re.match(r"\s*#\s*moment:", x) for x in lines)
    actions: list[str] = []
    steps, moment, waiting = ["snapshot 0"], 0, False
    for line in lines:
        comment = line.lstrip().startswith("#")
        if not comment:
            steps.append(f"action {len(actions)}")
            actions.append(line)
            waiting = True
        if re.match(r"\s*#\s*moment:", line) or (not comment and not named):
            moment += 1
            steps.append(f"snapshot {moment}")
            waiting = False
    if waiting:
        steps.append(f"snapshot {moment + 1}")
    return "\n".join(functions) + "\n", actions, steps


def _run(work: Path, chroot: Path, timeout: int) -> dict[str, str]:
    """Boot the exported machine and return what the guest sent."""
    release = kernel_of(chroot)
    functions, actions, steps = _steps((work / "guest.sh").read_text())
    files = {"functions": functions, "steps": "\n".join(steps) + "\n"}
    files |= {f"actions/{n}": f"{line}\n" for n, line in enumerate(actions)}
    (work / "initrd").write_bytes(initramfs(chroot, release, files))
    inside = Path("/") / work.relative_to(chroot)
    prefix, base, image = _qemu(chroot, work, inside, release)
    command = [*prefix, *_arguments(work / "machine.sh", prefix),
               "-nodefaults", "-display", "none", "-no-reboot",
               "-serial", f"file:{base}/console",
               "-device", "virtio-serial-pci,bus=pcie.0,id=guest.port",
               "-chardev", f"file,id=guest.file,path={base}/sent",
               "-device", "virtserialport,bus=guest.port.0,chardev=guest.file,name=facts",
               "-kernel", str(image), "-initrd", f"{base}/initrd",
               "-append", f"{CONSOLE} {_kernel_options(work / 'machine.sh')}"]  # fmt: skip
    started = time.monotonic()
    with (work / "qemu.log").open("wb") as log:
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            code = machine.wait(timeout)
        except subprocess.TimeoutExpired:
            machine.kill()
            machine.wait()
            code = -9
    stream = work / "sent"
    sent = facts.records(stream.read_text(errors="replace")) if stream.exists() else {}
    if "done" not in sent:
        said = (work / "qemu.log").read_text(errors="replace").strip()
        console = work / "console"
        tail = console.read_text(errors="replace").splitlines()[-12:] if console.exists() else []
        raise Unbootable(f"the guest did not finish (QEMU exit {code}): {said}\n" + "\n".join(tail))
    kernel = sent["kernel"].splitlines()[0]
    print(f"booted Linux {kernel} in {time.monotonic() - started:.0f} s", flush=True)
    return sent


def _version(command: list[str]) -> tuple[int, ...]:
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ()
    found = re.search(r"version (\d+)\.(\d+)", done.stdout)
    return tuple(int(n) for n in found.groups()) if found else ()


def _qemu(chroot: Path, work: Path, inside: Path, release: str) -> tuple[list[str], Path, Path]:
    """Return how to start QEMU, the working folder and the kernel image as that QEMU sees them."""
    if _version(["chroot", str(chroot), PROGRAM]) >= OLDEST:
        return ["chroot", str(chroot), PROGRAM], inside, Path(f"/boot/vmlinuz-{release}")
    if _version([PROGRAM]) >= OLDEST:
        return [PROGRAM], work, chroot / f"boot/vmlinuz-{release}"
    raise Unbootable("no QEMU 8.2 or later, neither here nor in the chroot")


def _words(machine: Path) -> list[str]:
    text = machine.read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    words = shlex.split(" ".join(lines))
    return words[words.index(PROGRAM) + 1 : words.index("$@")]


def _kernel_options(machine: Path) -> str:
    words = _words(machine)
    return words[words.index("-append") + 1] if "-append" in words else ""


def _arguments(machine: Path, qemu: list[str]) -> list[str]:
    """Return the exported arguments without kernel, and without what an older QEMU lacks."""
    words, out = _words(machine), []
    known: dict[str, str] = {}
    for option, value in zip(words[::2], words[1::2], strict=True):
        if option in ("-kernel", "-append"):
            continue
        driver = value.partition(",")[0]
        if option == "-device" and driver not in known:
            done = subprocess.run(
                [*qemu, "-device", f"{driver},help"], capture_output=True, text=True, check=False
            )
            known[driver] = done.stdout
        if option == "-device":
            pieces = value.split(",")
            kept = [
                p
                for p in pieces
                if not p.startswith("x-")
                or re.search(rf"^\s*{re.escape(p.partition('=')[0])}=", known[driver], re.MULTILINE)
            ]
            if kept != pieces:
                lost = ", ".join(p for p in pieces if p not in kept)
                print(f"this QEMU does not know {lost} of {driver}: left out")
            value = ",".join(kept)  # noqa: PLW2901  the same option with less in it
        out += [option, value]
    return out


# --- comparing ----------------------------------------------------------------------------------


def _compare(
    ids: dict[int, str],
    sent: dict[str, str],
    drawn: list[dict[str, Any]],
    exported: list[dict[str, Any]],
    notes: list[str],
) -> int:
    """Print all differences and return how many nothing explains."""
    action = unexplained = explained = equal = 0
    for number, (one, two) in enumerate(zip(drawn, exported, strict=True)):
        names = facts.names_of(sent, number, ids)
        seen = facts.snapshot(sent, number, names)
        ran = one.get("actions", [])
        for at, derived in enumerate(ran):
            seen[f"action {at}"] = _ended(sent, action, names, failed=bool(derived["exit"]))
            for moment in (one, two):
                result = moment["actions"][at]
                said = result["output"].splitlines() if derived["exit"] else []
                said = [facts.without_port_numbers(line) for line in said]
                moment[f"action {at}"] = {"exit": result["exit"], "said": said}
            action += 1
        own, other = _plain(one), _plain(two)
        against_export = facts.differences(seen, other)
        against_drawing = facts.differences(seen, own)
        count = len(dict(facts.flat(seen)))
        equal += count - sum(there is not None for there, _ in against_drawing.values())
        print(f"  moment “{one['label']}”: {count} facts")
        for place, (there, here) in sorted(against_drawing.items()):
            mark = "unexplained" if place in against_export else "explained"
            explained += mark == "explained"
            unexplained += mark == "unexplained"
            print(f"    {mark}: {place}: guest {there!r}, derived {here!r}")
    if explained:
        for note in notes:
            print(f"  note of the export: {note}")
    print(f"  {equal} facts equal, {explained} differ as noted, {unexplained} differ unexplained",
          flush=True)  # fmt: skip
    return unexplained


def _plain(moment: dict[str, Any]) -> dict[str, Any]:
    """Return a derived moment as a guest's."""
    facts_only = {k: v for k, v in moment.items() if k not in ("label", "actions")}
    for key, order in (("regions", "region"), ("dax", "id")):
        if key in facts_only:
            facts_only[key] = sorted(facts_only[key], key=lambda x, o=order: x[o])
    return facts_only


def _ended(
    sent: dict[str, str], action: int, names: dict[str, str], *, failed: bool
) -> dict[str, Any]:
    """Return how an action ended in the guest; what it said counts only when it failed."""
    said = sent.get(f"{action} said", "").splitlines() if failed else []
    named = [
        facts.without_port_numbers(re.sub(r"\bmem\d+\b", lambda m: names.get(m[0], m[0]), line))
        for line in said
    ]
    return {"exit": int(sent.get(f"{action} status", "-1")), "said": named}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
