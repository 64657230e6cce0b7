"""Host actions as shell scripts: written, run by a real shell, read back."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.document.model import Device, Document
from cxldesigner.exchange.script import read_script, write_script
from cxldesigner.linux.derive import derive
from tests.build import platform

ACTIONS = (
    "echo online_movable > /sys/devices/system/memory/auto_online_blocks",
    "cxl create-region -m -t ram -d decoder0.0 -w 2 -g 256 mem1 mem0",
    "# moment: two ways",
    "# a remark",
    "sudo cxl disable-region region0",
    "daxctl online-memory dax0.0",
    "echo 1 | sudo tee /sys/kernel/mm/numa/demotion_enabled",
    "sysctl -w vm.swappiness=10",
)


def numbered(*actions: str) -> Document:
    made = platform(devices=2)
    parts = {
        k: replace(p, serial=0x77 + n) if isinstance(p, Device) else p
        for n, (k, p) in enumerate(made.parts.items())
    }
    return replace(made, parts=parts, actions=actions)


def serial(document: Document, device: str) -> int:
    return document.parts[device].serial  # type: ignore[union-attr]


def body(text: str) -> list[str]:
    """The lines after the functions."""
    return text.rpartition("}\n\n")[2].splitlines() if "}\n" in text else text.splitlines()[3:]


def test_a_written_script_is_read_back_to_the_same_actions() -> None:
    text, notes = write_script(numbered(*ACTIONS))
    assert notes == ()
    script = read_script(text)
    assert (script.actions, script.notes) == (ACTIONS, ())


def test_devices_keep_their_positions_and_are_found_by_serial() -> None:
    document = numbered(*ACTIONS)
    text, _ = write_script(document)
    assert body(text)[1].endswith("-g 256 $(memdev mem1) $(memdev mem0)")
    for device in ("mem0", "mem1"):
        assert f"\t{device}) serial={serial(document, device)} ;;" in text


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
def test_a_shell_gives_cxl_the_kernel_names(tmp_path: Path) -> None:
    document = numbered(ACTIONS[1], "cxl enable-memdev nothing")
    fake = tmp_path / "cxl"
    fake.write_text(
        "#!/bin/sh\n"
        'case "$1 $2 $3 $4" in\n'
        f'"list -M -s {serial(document, "mem0")}") echo \'[{{"memdev":"mem7","serial":1}}]\' ;;\n'
        f'"list -M -s {serial(document, "mem1")}") echo \'[ {{ "memdev" : "mem3" }} ]\' ;;\n'
        "list*) echo '[]' ;;\n"
        '*) echo "cxl $*" ;;\n'
        "esac\n"
    )
    fake.chmod(0o755)
    text, _ = write_script(document)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["sh"], input=text, capture_output=True, text=True, env=env, check=True)
    assert done.stdout.splitlines() == [
        "cxl create-region -m -t ram -d decoder0.0 -w 2 -g 256 mem3 mem7",
        "cxl enable-memdev nothing",
    ]
    lost = text.replace(f"serial={serial(document, 'mem0')}", "serial=999")
    done = subprocess.run(["sh"], input=lost, capture_output=True, text=True, env=env, check=True)
    assert "999" in done.stderr
    assert done.stdout.splitlines()[0].endswith("mem3 missing-mem0")


def test_devices_without_serial_keep_the_name_the_kernel_gives() -> None:
    document = replace(platform(devices=2), actions=ACTIONS)
    parts = {("a" if k == "mem0" else k): p for k, p in document.parts.items()}
    parts["a"] = replace(parts["a"], id="a")  # type: ignore[type-var]
    links = {
        k: replace(v, downstream="a:up") if v.downstream == "mem0:up" else v
        for k, v in document.links.items()
    }
    action = "cxl create-region -m -d decoder0.0 -w 1 a"
    document = replace(document, parts=parts, links=links, actions=(action,))
    text, notes = write_script(document)
    assert body(text)[-1].endswith("-w 1 mem0")
    assert [n.items for n in notes] == [("a",)]


@pytest.mark.parametrize(
    "line",
    [
        "cxl create-region -t ram -m -d decoder0.0 mem0",
        "cxl create-region --type=ram --memdevs -d decoder0.0 mem0,mem1",
        "cxl create-region --type ram -m -w2 -d decoder0.0 mem0",
        "cxl disable-memdev mem0",
    ],
)
def test_every_way_to_name_a_device_is_translated(line: str) -> None:
    document = numbered(line)
    text, _ = write_script(document)
    assert "$(memdev mem0)" in text
    read = read_script(text).actions[0]
    assert read == line.replace(",", " ")


@pytest.mark.parametrize(
    "line",
    [
        "cxl create-region -m -t mem0 -d decoder0.0",
        "cxl disable-region mem0",
        "echo mem0 > /tmp/x",
        "cxl create-region -m -d decoder0.0 'mem0'",
        "# cxl enable-memdev mem0",
    ],
)
def test_other_words_are_left_alone(line: str) -> None:
    text, _ = write_script(numbered(line))
    assert body(text)[-1] == line


WRITTEN_BY_HAND = """#!/bin/bash
set -eu
# first the small one
near=$(cxl list -M -s 0x77 | jq -r '.[0].memdev')
far=mem9
memdev() { cxl list -M -s "$1" | jq -r '.[0].memdev'; }
prepare() {
    rm -rf /
}
modprobe cxl_acpi
cxl create-region -m -t ram \\
    -d decoder0.0 -w 3 $near ${far} `memdev 120`
echo offline > /sys/devices/system/memory/auto_online_blocks; sleep 1 && daxctl list
for i in 1 2; do
cxl destroy-region $UNKNOWN
cxl list | grep region
prepare
"""


def test_a_script_written_by_hand_gives_actions_and_notes() -> None:
    script = read_script(WRITTEN_BY_HAND)
    assert script.actions == (
        "# first the small one",
        "cxl create-region -m -t ram      -d decoder0.0 -w 3 0x77 mem9 120",
        "echo offline > /sys/devices/system/memory/auto_online_blocks",
        "daxctl list",
    )
    told = [n.args for n in script.notes]
    assert [what for _, what in told] == [
        "function prepare",
        "for i in 1 2",
        "do",
        "cxl destroy-region $UNKNOWN",
        "cxl list | grep region",
        "prepare",
    ]
    assert [line for line, _ in told] == ["7", "14", "14", "15", "16", "17"]


def test_serial_numbers_name_the_same_devices() -> None:
    document = numbered("cxl create-region -m -t ram -d decoder0.0 -w 1 mem1")
    found = hex(serial(document, "mem1"))
    text = (
        f"x=$(cxl list -M -s {found} | jq .)\ncxl create-region -m -t ram -d decoder0.0 -w 1 $x\n"
    )
    other = replace(document, actions=read_script(text).actions)
    states = [derive(d).current for d in (document, other)]
    assert states[0].regions == states[1].regions


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    script = read_script(text)
    assert all(a.strip() for a in script.actions)
    assert all("{" not in n.text.format(*n.args) or n.args for n in script.notes)


@given(
    st.lists(
        st.sampled_from(
            [*ACTIONS, "ndctl create-namespace -m devdax -r region0", "# moment: a  b", "#x"]
        ),
        max_size=8,
    )
)
def test_writing_and_reading_changes_nothing(actions: list[str]) -> None:
    document = numbered(*actions)
    assert read_script(write_script(document)[0]).actions == tuple(actions)
