"""``cxldesigner export``: every format, what it says beside it, what it refuses."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cxldesigner.cli.main import FORMATS
from cxldesigner.document.model import GIB, MIB, Device, Socket
from cxldesigner.document.store import load_document, save_document
from cxldesigner.exchange.exporters import EXPORTERS
from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.qemuexportscale import scaled
from cxldesigner.exchange.script import read_script
from cxldesigner.firmware.compile import compile_document
from tests.build import platform
from tests.cli.conftest import REGION, story


def test_the_formats_offered_are_those_there_are() -> None:
    assert tuple(e.name for e in EXPORTERS) == FORMATS


def test_a_qemu_line_can_be_run_and_is_imported_as_the_same_machine(
    cli, story_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "machine.sh"
    code, said, notes = cli("export", story_file, "--to", "qemu", "-o", out)
    assert (code, said) == (0, f"{out}\n")
    assert out.stat().st_mode & stat.S_IXUSR
    assert notes.splitlines()
    assert all(line.startswith("cxldesigner: note: ") for line in notes.splitlines())
    for line in notes.splitlines():
        assert f"# {line.removeprefix('cxldesigner: note: ')}\n" in out.read_text()
    found = import_sources([out]).document
    assert sum(isinstance(p, Device) for p in found.parts.values()) == 1


def test_the_guest_script_fits_the_serial_numbers_of_the_line(
    cli, story_file: Path, tmp_path: Path
) -> None:
    machine, guest = tmp_path / "machine.sh", tmp_path / "guest.sh"
    cli("export", story_file, "--to", "qemu", "-o", machine)
    cli("export", story_file, "--to", "guest", "-o", guest)
    serial = guest.read_text().partition("mem0) serial=")[2].partition(" ")[0]
    assert f"sn={serial}" in machine.read_text()
    assert read_script(guest.read_text()).actions == (REGION,)
    code, out, _ = cli("derive", machine, "--actions", guest, "--json")
    moments = json.loads(out)["moments"]
    assert code == 0
    assert moments[-1]["sets"]["has_memory"] == "0-1"
    assert moments[-1]["actions"][0]["exit"] == 0


def test_a_script_is_written_for_the_machine_itself(cli, tmp_path: Path) -> None:
    document = replace(story(), actions=("# moment: start", REGION))
    parts = {k: replace(p, serial=99) if k == "mem0" else p for k, p in document.parts.items()}
    save_document(replace(document, parts=parts), tmp_path / "a.cxld")
    code, _, err = cli("export", tmp_path / "a.cxld", "--to", "script", "-o", tmp_path / "a.sh")
    assert (code, err) == (0, "")
    assert "mem0) serial=99 ;;" in (tmp_path / "a.sh").read_text()
    assert read_script((tmp_path / "a.sh").read_text()).actions == ("# moment: start", REGION)


def test_tables_are_the_bytes_the_kernel_is_shown(cli, story_file: Path, tmp_path: Path) -> None:
    code, out, err = cli("export", story_file, "--to", "acpi", "-o", tmp_path / "tables")
    firmware = compile_document(load_document(story_file))
    assert (code, err) == (0, "")
    expected = {f"{k}.dat": v for k, v in firmware.tables.items()}
    expected |= {f"{k}-CDAT.dat": v for k, v in firmware.cdat.items()}
    written = {p.name: p.read_bytes() for p in (tmp_path / "tables").iterdir()}
    assert written == expected
    assert sorted(out.split()) == sorted(str(tmp_path / "tables" / n) for n in expected)


def test_a_platform_is_exported_to_a_smaller_one(cli, story_file: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.cxld"
    code, _, err = cli("export", story_file, "--to", "platform", "--scale", "4", "-o", small)
    made = load_document(small)
    assert code == 0
    assert "divided by 4" in err
    assert made.parts["mem0"].volatile_bytes == 256 * MIB
    assert made.actions == (REGION,)


def test_scaling_keeps_what_fitted_fitting() -> None:
    made = platform(devices=3, device_bytes=64 * GIB)
    made = replace(
        made,
        actions=(
            "cxl create-region -m -t ram -d decoder0.0 -w 2 -s 64G mem0 mem1",
            "cxl destroy-region -f region0",
        ),
    )
    small, notes = scaled(made, 1000)
    devices = [p.volatile_bytes for p in small.parts.values() if isinstance(p, Device)]
    assert devices == [256 * MIB] * 3
    assert [w.size_bytes for w in small.windows.values()] == [768 * MIB]
    assert small.actions[0].split()[-4:-2] == ["-s", "512M"]
    assert small.actions[1] == made.actions[1]
    assert all(p.cpus == 1 for p in small.parts.values() if isinstance(p, Socket))
    assert len(notes) == 1
    assert scaled(made, 1) == (made, ())


@pytest.mark.parametrize("value", ["0", "-3", "x", "99999999"])
def test_a_divisor_that_is_none_is_refused(cli, story_file: Path, value: str) -> None:
    code, out, err = cli("export", story_file, "--to", "qemu", "--scale", value, "-o", "x")
    assert (code, out) == (2, "")
    assert "--scale" in err


def test_a_platform_that_cannot_start_is_refused_in_one_line(cli, tmp_path: Path) -> None:
    save_document(platform(sockets=0), tmp_path / "empty.cxld")
    code, out, err = cli("export", tmp_path / "empty.cxld", "--to", "qemu", "-o", tmp_path / "x")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "empty.cxld" in err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_a_place_that_cannot_be_written_is_named(
    cli, story_file: Path, tmp_path: Path, form: str
) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "below"
    code, out, err = cli("export", story_file, "--to", form, "-o", target)
    assert (code, out) == (2, "")
    assert str(target) in err.splitlines()[0]
