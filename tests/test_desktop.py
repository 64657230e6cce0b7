"""The desktop entry and the MIME types fit the program: its command, its icon, its files."""

from __future__ import annotations

import configparser
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from cxldesigner.assets import resource
from cxldesigner.gui.app import parser

ROOT = Path(__file__).parent.parent
DESKTOP = ROOT / "packaging" / "desktop"
NAMESPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


@pytest.fixture
def entry() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(DESKTOP / "cxldesigner.desktop", encoding="utf-8")
    return found


@pytest.fixture
def types() -> dict[str, ET.Element]:
    root = ET.parse(DESKTOP / "cxldesigner.xml").getroot()
    return {str(kind.get("type")): kind for kind in root.iter(f"{NAMESPACE}mime-type")}


def test_the_command_is_one_the_program_takes(entry: configparser.ConfigParser) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for section in entry.values():
        if "Exec" in section:
            command, *arguments = section["Exec"].split()
            assert command in scripts
            parser().parse_args(["x.cxld" if a == "%f" else a for a in arguments])


def test_its_types_are_the_types_that_are_defined(entry, types) -> None:
    assert entry["Desktop Entry"]["MimeType"].strip(";").split(";") == list(types)
    globs = {g.get("pattern") for kind in types.values() for g in kind.iter(f"{NAMESPACE}glob")}
    assert globs == {"*.cxld", "*.cxlrec"}


def test_its_icon_is_shipped(entry, types) -> None:
    icons = {entry["Desktop Entry"]["Icon"]}
    icons |= {str(i.get("name")) for kind in types.values() for i in kind.iter(f"{NAMESPACE}icon")}
    for name in icons:
        assert resource("icons", f"{name}.svg").exists()


def test_a_recording_is_known_by_its_beginning(types) -> None:
    start = resource("examples", "story.cxlrec").read_bytes()[:100]
    found = list(types["application/x-cxldesigner-recording"].iter(f"{NAMESPACE}match"))
    assert len(found) == 2
    for match in found:
        at, value = int(str(match.get("offset"))), str(match.get("value")).encode()
        assert start[at : at + len(value)] == value
