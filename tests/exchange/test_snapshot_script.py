"""The script people copy to a server: it reads, bounds what it takes, and says what it missed."""

import ast
import base64
import json
import os
import subprocess
import sys

import pytest

from cxldesigner.assets import resource
from tests.exchange.sysfstree import machine_tree, write
from tests.exchange.test_snapshot import load_script

PATH = resource("tools", "cxl-snapshot.py")
SCRIPT = load_script()


def run(*arguments, cwd):
    command = [sys.executable, "-I", str(PATH), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def state_of(folder):
    return {p: (p.lstat().st_mtime_ns, p.lstat().st_size) for p in folder.rglob("*")}


def test_writes_nothing_but_its_output(tmp_path):
    root, here = tmp_path / "root", tmp_path / "here"
    machine_tree(root, "t10-2socket")
    here.mkdir()
    before = state_of(root)
    done = run("--root", root, cwd=here)
    assert (done.returncode, done.stdout) == (0, "")
    assert state_of(root) == before
    assert [p.name for p in here.iterdir()] == ["cxl-snapshot.json"]
    assert (here / "cxl-snapshot.json").read_text().isascii()
    again = run("--root", root, "-o", "-", cwd=here)
    assert json.loads(again.stdout) == json.loads((here / "cxl-snapshot.json").read_text())


def test_needs_only_the_standard_library_of_an_old_python():
    tree = ast.parse(PATH.read_text(), feature_version=(3, 6))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert names <= sys.stdlib_module_names
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]


def test_takes_text_binary_data_and_links(tmp_path):
    machine_tree(tmp_path, "t10-2socket")
    found = SCRIPT.collect(tmp_path)
    assert found["format"] == "cxl-snapshot 1"
    assert found["unread"] == {}
    assert found["/sys/bus/cxl/devices/mem0/serial"] == "0x101\n"
    table = (tmp_path / "sys/firmware/acpi/tables/CEDT").read_bytes()
    assert base64.b64decode(found["/sys/firmware/acpi/tables/CEDT"]["base64"]) == table
    assert found["/sys/bus/cxl/devices/root0"]["link"].endswith("platform/ACPI0017:00/root0")
    assert found["/sys/bus/cxl/devices/root0/dport12"]["link"].endswith("/pci0000:0c")
    assert "/sys/bus/cxl/devices/mem0/payload_max" not in found  # not in the script's list
    assert found["/proc/cpuinfo"] == "flags\t\t: fpu vme de\n"  # of the first processor only


def test_an_empty_machine_is_no_error(tmp_path):
    assert SCRIPT.collect(tmp_path) == {"format": "cxl-snapshot 1", "unread": {}}
    assert run("--root", tmp_path / "none", "-o", "-", cwd=tmp_path).returncode == 0


def test_what_may_not_be_read_is_named(tmp_path, monkeypatch):
    machine_tree(tmp_path, "t10-2socket")
    real = os.open

    def refuse(path, flags):
        if path.endswith("SRAT"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(SCRIPT.os, "open", refuse)
    found = SCRIPT.collect(tmp_path)
    assert found["unread"] == {"/sys/firmware/acpi/tables/SRAT": "Permission denied"}
    assert "/sys/firmware/acpi/tables/CEDT" in found


def test_devices_and_pipes_are_never_read(tmp_path):
    (tmp_path / "proc").mkdir()
    os.mkfifo(tmp_path / "proc/iomem")
    (tmp_path / "proc/zoneinfo").symlink_to("/dev/zero")
    assert SCRIPT.collect(tmp_path) == {"format": "cxl-snapshot 1", "unread": {}}


def test_size_is_bounded_and_the_least_worthy_is_left_out(tmp_path, monkeypatch):
    write(tmp_path, "proc/vmstat", "x" * (SCRIPT.MAX_FILE + 1))
    for n in range(300):
        write(tmp_path, f"sys/devices/system/memory/memory{n}/state", "online\n")
    write(tmp_path, "proc/cmdline", "quiet\n")
    monkeypatch.setattr(SCRIPT, "MAX_SNAPSHOT", 9000)
    found = SCRIPT.collect(tmp_path)
    assert len(json.dumps({k: v for k, v in found.items() if k != "unread"})) < 9100
    assert found["/proc/cmdline"] == "quiet\n"
    assert found["unread"]["/proc/vmstat"] == "left out: the file is larger than 4 MiB"
    missed = [why for path, why in found["unread"].items() if "/memory/" in path]
    assert set(missed) == {"left out: the snapshot would grow too large"}
    assert 0 < len(missed) < 300
    monkeypatch.undo()
    monkeypatch.setattr(SCRIPT, "MAX_ENTRIES", 50)
    assert len(SCRIPT.collect(tmp_path)) == 50 + 1  # and the list of what is left out


@pytest.mark.skipif(not os.path.exists("/proc/cmdline"), reason="needs Linux")  # noqa: PTH110
def test_runs_on_this_machine(tmp_path):
    done = run("-o", tmp_path / "own.json", cwd=tmp_path)
    assert done.returncode == 0
    assert "Linux version" in json.loads((tmp_path / "own.json").read_text())["/proc/version"]


def test_says_why_its_output_cannot_be_written(tmp_path):
    done = run("--root", tmp_path, "-o", tmp_path / "no" / "where.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr
