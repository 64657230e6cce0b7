"""Pictures of the help pages are found by the help window."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from pytestqt.qtbot import QtBot

from cxldesigner.assets import resource
from cxldesigner.gui.actions import action_specs
from cxldesigner.gui.helpwindow import HelpWindow

PAGES = sorted(p for p in resource("help").glob("*.md") if "![" in p.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_pictures_of_a_page_load(qtbot: QtBot, page) -> None:
    window = HelpWindow(action_specs(), None)
    qtbot.addWidget(window)
    window.show_page(page.stem)
    named = re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert named
    for name in named:
        kind = QTextDocument.ResourceType.ImageResource.value
        found = window._browser.loadResource(kind, QUrl(name))
        picture = found if isinstance(found, QImage) else QImage.fromData(found)
        assert not picture.isNull(), name
