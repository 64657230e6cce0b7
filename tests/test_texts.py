"""The texts that are shipped: their links lead somewhere, their pictures are there and small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cxldesigner.assets import resource
from cxldesigner.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
HELP = resource("help")
LARGEST_PICTURE = 250_000
LINK = re.compile(r'(?:\]\(|src="|srcset=")([^)"#]+)')


def texts() -> list[Path]:
    names = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
    return [*(ROOT / name for name in names), *sorted(HELP.glob("*.md"))]


def targets(page: Path) -> list[Path]:
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return [page.parent / target for target in found if "://" not in target]


@pytest.mark.parametrize("page", texts(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [t for t in targets(page) if not t.exists()] == []


def test_every_picture_is_used_and_small() -> None:
    used = {target.resolve() for page in texts() for target in targets(page)}
    for picture in (HELP / "pictures").iterdir():
        assert picture.resolve() in used, f"{picture.name} is in no text"
        assert picture.stat().st_size <= LARGEST_PICTURE


def test_the_help_names_every_command() -> None:
    page = (HELP / "command-line.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`cxldesigner {name} " not in page] == []
