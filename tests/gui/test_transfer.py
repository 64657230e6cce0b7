"""Exports of the File menu: what is written, what the window says, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxldesigner.document.model import Document
from cxldesigner.exchange.importer import import_sources
from cxldesigner.exchange.script import read_script
from cxldesigner.gui import dialogs
from cxldesigner.gui.main_window import MainWindow
from tests.build import platform

Maker = Callable[..., MainWindow]
REGION = "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0"


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(dialogs, "show_error", lambda _w, title, text, _d="": shown.append(text))
    return shown


@pytest.fixture
def window(stand_ins: None, make_window: Maker, errors: list[str]) -> MainWindow:
    return make_window(platform(actions=(REGION,)))


def test_the_menu_exports_command_line_and_script(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: list[str]
) -> None:
    places = iter([tmp_path / "machine.sh", tmp_path / "actions.sh"])
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: next(places))
    window.action_set.actions["file.export-qemu"].trigger()
    window.action_set.actions["file.export-script"].trigger()

    assert "mem0" in import_sources([tmp_path / "machine.sh"]).document.parts
    assert read_script((tmp_path / "actions.sh").read_text()).actions == (REGION,)
    assert errors == []


def test_tables_go_into_a_folder(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: tmp_path / "new")
    window.action_set.actions["file.export-tables"].trigger()
    assert {"CEDT.dat", "SRAT.dat", "mem0-CDAT.dat"} <= {
        p.name for p in (tmp_path / "new").iterdir()
    }


def test_what_could_not_be_said_is_shown(window: MainWindow, tmp_path: Path) -> None:
    shown: list[str] = []
    window.message_bar.show_message = lambda _s, text, **more: shown.extend((text, more["details"]))
    assert window.transfer.export_to("qemu", tmp_path / "machine.sh")
    assert shown[0].startswith(f"Written to {tmp_path / 'machine.sh'}, with remarks: ")
    assert "serial number" in shown[1]


def test_nothing_chosen_writes_nothing(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, errors: list[str]
) -> None:
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: None)
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: None)
    transfer = window.transfer
    done = [transfer.export_qemu(), transfer.export_script(), transfer.export_tables()]
    assert (done, errors) == ([False] * 3, [])


def test_failures_are_told(
    window: MainWindow, tmp_path: Path, make_window: Maker, errors: list[str]
) -> None:
    assert not window.transfer.export_to("qemu", tmp_path / "no" / "m.sh")
    assert "No such file" in errors[0]
    window.session.open(Document(name="Empty"))
    assert not window.transfer.export_to("qemu", tmp_path / "m.sh")
    assert "no socket" in errors[1]
