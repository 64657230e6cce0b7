"""Colours: readable, tellable apart, and followed by everything when the theme changes."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cxldesigner.document.model import Device, Window
from cxldesigner.gui.theme import (
    DARK,
    LIGHT,
    ThemeChoice,
    Tokens,
    apply_theme,
    theme_changed,
    tokens,
)

BOTH = pytest.mark.parametrize("t", [LIGHT, DARK], ids=lambda t: t.name)

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


def linear(colour: QColor) -> tuple[float, float, float]:
    def one(v: float) -> float:
        return v / 12.92 if v <= 0.04045 else float(((v + 0.055) / 1.055) ** 2.4)

    return one(colour.redF()), one(colour.greenF()), one(colour.blueF())


def luminance(colour: QColor) -> float:
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: QColor, b: QColor) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    r, g, b = (min(max(v, 0.0), 1.0) for v in rgb)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen_by(colour: QColor, deficiency: str) -> tuple[float, float, float]:
    rgb = linear(colour)
    if deficiency == "none":
        return lab(rgb)
    rows = DEFICIENCIES[deficiency]
    return lab(tuple(sum(m * v for m, v in zip(row, rgb, strict=True)) for row in rows))


def difference(a: QColor, b: QColor, deficiency: str) -> float:
    pairs = zip(seen_by(a, deficiency), seen_by(b, deficiency), strict=True)
    return float(sum((x - y) ** 2 for x, y in pairs) ** 0.5)


@BOTH
def test_text_reaches_the_contrast_of_running_text(t: Tokens) -> None:
    surfaces = (t.window, t.surface, t.surface_raised, t.surface_sunken, t.canvas, t.hover)
    pairs = [(text, s) for text in (t.text, t.text_muted, t.hyperlink) for s in surfaces]
    pairs += [(t.selection_text, t.selection), (t.on_accent, t.accent), (t.accent, t.surface)]
    pairs += [(p.text, p.fill) for p in t.parts.values()]
    pairs += [(p.edge, p.fill) for p in t.parts.values()]
    for colour, fill in (
        (t.error, t.error_fill),
        (t.warning, t.warning_fill),
        (t.note, t.note_fill),
        (t.good, t.good_fill),
    ):
        pairs += [(colour, fill), (colour, t.surface), (t.text, fill)]
    pairs += [(mark, t.surface) for mark in t.marks.values()]
    pairs += [(tier, t.surface) for tier in t.tiers]

    poor = {(a.name(), b.name()): contrast(a, b) for a, b in pairs if contrast(a, b) < 4.5}
    assert not poor


@BOTH
def test_lines_and_fills_that_carry_data_stand_out_from_their_surface(t: Tokens) -> None:
    colours = [*t.nodes, *t.watermarks.values(), t.promotion, t.demotion, t.link, t.link_hot]
    colours += [t.pages[kind] for kind in ("anon", "file", "kernel")]
    poor = [c.name() for c in colours if min(contrast(c, t.surface), contrast(c, t.canvas)) < 3]
    assert not poor


@BOTH
@pytest.mark.parametrize("deficiency", ["none", *DEFICIENCIES])
def test_colours_shown_together_can_be_told_apart(t: Tokens, deficiency: str) -> None:
    for colours in (tuple(t.pages.values()), t.tiers[:4], (t.promotion, t.demotion)):
        near = {
            (a.name(), b.name()): difference(a, b, deficiency)
            for a, b in itertools.combinations(colours, 2)
            if difference(a, b, deficiency) < 10
        }
        assert not near


@BOTH
def test_every_kind_of_part_has_its_colours(t: Tokens) -> None:
    assert t.part(Device(id="mem0")) is t.parts["device"]
    assert t.part(Window(id="w0")) is t.parts["window"]
    assert t.parts.keys() == LIGHT.parts.keys()
    assert t.node(0) == t.node(len(t.nodes))


def test_switching_changes_tokens_palette_and_tells_once(qtbot: QtBot, qapp: QApplication) -> None:
    calls: list[str] = []

    def note() -> None:
        calls.append(tokens().name)

    theme_changed.connect(note)
    try:
        apply_theme(ThemeChoice.DARK)
        apply_theme("dark")

        assert calls == ["dark"]
        assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
        assert qapp.palette().color(QPalette.ColorRole.Text) == DARK.text
        assert DARK.surface_raised.name() in qapp.styleSheet()
    finally:
        apply_theme(ThemeChoice.LIGHT)
        theme_changed.disconnect(note)
    assert tokens() is LIGHT
    assert calls == ["dark", "light"]


def test_an_unknown_choice_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        apply_theme("sepia")
