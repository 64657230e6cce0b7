"""The colour tokens: their names, and the two sets of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QColor

from cxldesigner.document.model import (
    Device,
    HostBridge,
    MemoryDomain,
    Part,
    RootPort,
    Socket,
    Switch,
    Window,
)

PART_KINDS: Mapping[type, str] = {
    Socket: "socket",
    MemoryDomain: "memory",
    HostBridge: "bridge",
    RootPort: "root-port",
    Switch: "switch",
    Device: "device",
    Window: "window",
}
"""Kind name of a part or window by its class; keys of :attr:`Tokens.parts`, names of icons."""


@dataclass(frozen=True, slots=True)
class PartColors:
    """One kind of part: box fill, its edge (also the colour of its icon), text on the fill."""

    fill: QColor
    edge: QColor
    text: QColor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """All colours of one theme, named by use.

    Text colours reach 4.5:1 on every surface they are meant for, data colours 3:1 on ``surface``
    (``pages["free"]`` is a background and does not). ``tiers`` run from fast to slow; ``nodes`` are
    taken in order of node id, modulo. ``pages`` by page kind: anon, file, kernel, free.
    ``marks`` by origin of a number: recorded, modelled, calibrated. ``watermarks``: min, low,
    high, promo.
    """

    name: str
    dark: bool
    window: QColor
    surface: QColor
    surface_raised: QColor
    surface_sunken: QColor
    hover: QColor
    canvas: QColor
    grid: QColor
    text: QColor
    text_muted: QColor
    text_disabled: QColor
    border: QColor
    border_strong: QColor
    accent: QColor
    on_accent: QColor
    selection: QColor
    selection_text: QColor
    focus: QColor
    hyperlink: QColor
    link: QColor
    link_hot: QColor
    link_refused: QColor
    parts: Mapping[str, PartColors]
    tiers: tuple[QColor, ...]
    nodes: tuple[QColor, ...]
    pages: Mapping[str, QColor]
    watermarks: Mapping[str, QColor]
    promotion: QColor
    demotion: QColor
    error: QColor
    error_fill: QColor
    warning: QColor
    warning_fill: QColor
    note: QColor
    note_fill: QColor
    good: QColor
    good_fill: QColor
    marks: Mapping[str, QColor]

    def part(self, item: Part | Window) -> PartColors:
        """Return the colours of a part or window."""
        return self.parts[PART_KINDS[type(item)]]

    def severity(self, name: str) -> QColor:
        """Return the text colour of a severity: error, warning or note."""
        return {"error": self.error, "warning": self.warning, "note": self.note}[name]

    def severity_fill(self, name: str) -> QColor:
        """Return the background of a severity: error, warning or note."""
        fills = {"error": self.error_fill, "warning": self.warning_fill, "note": self.note_fill}
        return fills[name]

    def node(self, node_id: int) -> QColor:
        """Return the colour of a NUMA node; repeats after as many as the set can tell apart."""
        return self.nodes[node_id % len(self.nodes)]


def _c(value: str) -> QColor:
    return QColor(value)


def _parts(text: str, values: Mapping[str, tuple[str, str]]) -> dict[str, PartColors]:
    return {kind: PartColors(_c(fill), _c(edge), _c(text)) for kind, (fill, edge) in values.items()}


def _all(*values: str) -> tuple[QColor, ...]:
    return tuple(_c(value) for value in values)


LIGHT = Tokens(
    name="light",
    dark=False,
    window=_c("#eef1f5"),
    surface=_c("#ffffff"),
    surface_raised=_c("#f7f9fb"),
    surface_sunken=_c("#f4f6f9"),
    hover=_c("#e3e9f1"),
    canvas=_c("#fafbfc"),
    grid=_c("#dfe5ec"),
    text=_c("#1a2230"),
    text_muted=_c("#535e70"),
    text_disabled=_c("#939dad"),
    border=_c("#d3dae3"),
    border_strong=_c("#a4afbf"),
    accent=_c("#1f5fd0"),
    on_accent=_c("#ffffff"),
    selection=_c("#d3e2fd"),
    selection_text=_c("#10233f"),
    focus=_c("#1f5fd0"),
    hyperlink=_c("#1b55bd"),
    link=_c("#66748a"),
    link_hot=_c("#0b67a6"),
    link_refused=_c("#b42318"),
    parts=_parts(
        "#1a2230",
        {
            "socket": ("#e0ecfb", "#2669b3"),
            "memory": ("#daf2ea", "#0a7359"),
            "bridge": ("#ede5f9", "#7348a8"),
            "root-port": ("#e8ecf1", "#55647a"),
            "switch": ("#fbefd3", "#8c6000"),
            "device": ("#fce5da", "#b04510"),
            "window": ("#f9e3ee", "#a0356e"),
        },
    ),
    tiers=_all("#0b67a6", "#008060", "#8a6200", "#8f2c0a", "#9a3f73"),
    nodes=_all(
        "#0b67a6", "#c2570c", "#008a67", "#8b4fc0", "#a07400", "#3d8fc9", "#b03a72", "#5b6b80"
    ),
    pages={
        "anon": _c("#0072b2"),
        "file": _c("#b87a00"),
        "kernel": _c("#a84f83"),
        "free": _c("#e4e9ef"),
    },
    watermarks={
        "min": _c("#b42318"),
        "low": _c("#9a6500"),
        "high": _c("#00795a"),
        "promo": _c("#7348a8"),
    },
    promotion=_c("#0b67a6"),
    demotion=_c("#b8470b"),
    error=_c("#b42318"),
    error_fill=_c("#fdecea"),
    warning=_c("#855600"),
    warning_fill=_c("#fdf3dc"),
    note=_c("#1b55bd"),
    note_fill=_c("#e8f0fe"),
    good=_c("#0a7047"),
    good_fill=_c("#e2f5ec"),
    marks={"recorded": _c("#0a7047"), "modelled": _c("#0b67a6"), "calibrated": _c("#7348a8")},
)

DARK = Tokens(
    name="dark",
    dark=True,
    window=_c("#15191f"),
    surface=_c("#1b2028"),
    surface_raised=_c("#232a34"),
    surface_sunken=_c("#1f252e"),
    hover=_c("#2c3542"),
    canvas=_c("#12161b"),
    grid=_c("#29323e"),
    text=_c("#e6eaf0"),
    text_muted=_c("#a3aebf"),
    text_disabled=_c("#667386"),
    border=_c("#333d4b"),
    border_strong=_c("#566375"),
    accent=_c("#6ca8ff"),
    on_accent=_c("#0b1526"),
    selection=_c("#28497d"),
    selection_text=_c("#ffffff"),
    focus=_c("#6ca8ff"),
    hyperlink=_c("#84b6ff"),
    link=_c("#8392a8"),
    link_hot=_c("#5cb8f5"),
    link_refused=_c("#ff8a7a"),
    parts=_parts(
        "#eef1f5",
        {
            "socket": ("#1b3350", "#74b3f5"),
            "memory": ("#153a31", "#4fcba6"),
            "bridge": ("#35284e", "#b998f0"),
            "root-port": ("#2b3441", "#9fadc0"),
            "switch": ("#3e3215", "#e2b344"),
            "device": ("#45281b", "#f29d70"),
            "window": ("#422235", "#e990be"),
        },
    ),
    tiers=_all("#56b0ea", "#3fc79f", "#e0a93a", "#f08a52", "#dd8fbc"),
    nodes=_all(
        "#56b0ea", "#f0944d", "#3fc79f", "#b998f0", "#dcb445", "#8fd0f7", "#e990be", "#9fadc0"
    ),
    pages={
        "anon": _c("#3d9be0"),
        "file": _c("#e8ac38"),
        "kernel": _c("#d68ab5"),
        "free": _c("#2b3440"),
    },
    watermarks={
        "min": _c("#ff8a7a"),
        "low": _c("#e0a93a"),
        "high": _c("#3fc79f"),
        "promo": _c("#b998f0"),
    },
    promotion=_c("#56b0ea"),
    demotion=_c("#f08a52"),
    error=_c("#ff8a7a"),
    error_fill=_c("#3d1f1e"),
    warning=_c("#e8b64c"),
    warning_fill=_c("#382c12"),
    note=_c("#84b6ff"),
    note_fill=_c("#1c2d4a"),
    good=_c("#56cf9f"),
    good_fill=_c("#16352a"),
    marks={"recorded": _c("#56cf9f"), "modelled": _c("#56b0ea"), "calibrated": _c("#b998f0")},
)
