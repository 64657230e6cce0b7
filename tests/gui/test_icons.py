"""Icons: sharp at any ratio, in the colour of theme and state."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from cxldesigner.assets import resource
from cxldesigner.gui.fonts import MONO_FAMILY, UI_FAMILY, mono_font, ui_font
from cxldesigner.gui.icons import icon, part_icon, severity_icon
from cxldesigner.gui.theme import DARK, LIGHT, ThemeChoice, apply_theme
from cxldesigner.gui.tokens import PART_KINDS

NAMES = sorted(p.stem for p in resource("icons").glob("*.svg"))


def strongest(image: QImage) -> QColor:
    """Return the most opaque colour of a picture."""
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return max(pixels, key=lambda c: c.alpha())


def near(a: QColor, b: QColor) -> bool:
    return all(
        abs(x - y) <= 4
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_shows_something_and_has_one_colour(qapp: QApplication, name: str) -> None:
    source = resource("icons", f"{name}.svg").read_text()
    assert 'viewBox="0 0 24 24"' in source
    if name != "cxldesigner":
        assert not re.search(r"#[0-9a-fA-F]{3}", source)
    image = icon(name).pixmap(QSize(24, 24), 1.0).toImage()
    covered = sum(image.pixelColor(x, y).alpha() > 60 for x in range(24) for y in range(24))
    assert covered >= 12


def test_pixmaps_have_the_asked_number_of_device_pixels(qapp: QApplication) -> None:
    pixmap = icon("save").pixmap(QSize(20, 20), 2.0)

    assert pixmap.size() == QSize(40, 40)
    assert pixmap.devicePixelRatio() == 2.0
    assert pixmap.deviceIndependentSize().toSize() == QSize(20, 20)


def test_state_decides_the_colour(qapp: QApplication) -> None:
    stop = icon("stop")
    size = QSize(24, 24)
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, LIGHT.text),
        (QIcon.Mode.Disabled, QIcon.State.Off, LIGHT.text_disabled),
        (QIcon.Mode.Selected, QIcon.State.Off, LIGHT.selection_text),
        (QIcon.Mode.Normal, QIcon.State.On, LIGHT.accent),
    ):
        image = stop.pixmap(size, 1.0, mode, state).toImage()
        assert near(image.pixelColor(12, 12), colour), (mode, state)


def test_icons_follow_the_theme_without_being_made_again(qapp: QApplication) -> None:
    stop = icon("stop")
    try:
        apply_theme(ThemeChoice.DARK)
        assert near(stop.pixmap(QSize(24, 24), 1.0).toImage().pixelColor(12, 12), DARK.text)
    finally:
        apply_theme(ThemeChoice.LIGHT)
    assert near(stop.pixmap(QSize(24, 24), 1.0).toImage().pixelColor(12, 12), LIGHT.text)


@pytest.mark.parametrize("kind", sorted(PART_KINDS.values()))
def test_parts_have_icons_in_their_own_colour(qapp: QApplication, kind: str) -> None:
    image = part_icon(kind).pixmap(QSize(48, 48), 1.0).toImage()
    assert near(strongest(image), LIGHT.parts[kind].edge)


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_severities_have_icons_in_their_own_colour(qapp: QApplication, severity: str) -> None:
    image = severity_icon(severity).pixmap(QSize(48, 48), 1.0).toImage()
    assert near(strongest(image), LIGHT.severity(severity))


def test_a_copied_icon_outlives_its_original(qapp: QApplication) -> None:
    copy = QIcon(icon("node"))
    copy.addPixmap(copy.pixmap(16, 16))  # detaches: Qt clones the engine

    assert not copy.pixmap(QSize(24, 24), 1.0).isNull()


def test_a_missing_drawing_is_named(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError, match="no-such"):
        icon("no-such")


def test_the_bundled_fonts_are_the_ones_used(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontInfo, QFontMetricsF

    assert QFontInfo(ui_font()).family() == UI_FAMILY
    assert QFontInfo(ui_font(strong=True)).bold()
    assert QFontInfo(mono_font()).family() == MONO_FAMILY
    metrics = QFontMetricsF(ui_font())
    assert len({round(metrics.horizontalAdvance(d), 3) for d in "0123456789"}) == 1
