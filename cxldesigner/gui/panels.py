"""The panels around the canvas: one table, and the dock that makes its panel when it is time.

A panel's module is imported only after the window has been painted, so that the program starts fast
however much its panels need.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from cxldesigner.gui.session import Mode

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
BOTH = frozenset(Mode)

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel: its dock, where it starts, what its class is made from.

    ``needs`` names the objects its constructor takes, in order. ``modes`` are those in which it is
    shown at first; ``front`` those in which it starts as the front tab of its area. ``area`` is
    that of edit mode; in replay all panels stand beside the drawing, where charts have the whole
    height.
    """

    id: str
    title: str
    tip: str
    icon: str
    module: str
    class_name: str
    area: Qt.DockWidgetArea
    needs: tuple[str, ...] = ("session",)
    modes: frozenset[Mode] = BOTH
    front: frozenset[Mode] = frozenset()

    def area_in(self, mode: Mode) -> Qt.DockWidgetArea:
        """Return where the panel starts in a mode."""
        return RIGHT if mode is Mode.REPLAY and mode in self.modes else self.area

    def make(self, sources: Mapping[str, QObject]) -> QWidget:
        """Import the panel's module and return a new panel."""
        made = getattr(importlib.import_module(self.module), self.class_name)
        panel: QWidget = made(*(sources[name] for name in self.needs))
        return panel


def panel_specs() -> tuple[PanelSpec, ...]:
    """Return all panels, by area in the order of their tabs."""
    edit = frozenset({Mode.EDIT})
    replay = frozenset({Mode.REPLAY})
    room = "cxldesigner.gui"
    return (
        PanelSpec(
            "parts",
            translate("Panels", "Parts"),
            translate("Panels", "What a platform is made of: drag it onto the canvas"),
            "palette", f"{room}.partpalette", "PartPalette", LEFT,
            modes=edit, front=edit,
        ),
        PanelSpec(
            "outline",
            translate("Panels", "Outline"),
            translate("Panels", "The platform as a tree"),
            "outline", f"{room}.outline", "OutlinePanel", LEFT, modes=edit,
        ),
        PanelSpec(
            "inspector",
            translate("Panels", "Inspector"),
            translate("Panels", "Every field of what is selected"),
            "inspector", f"{room}.inspector.panel", "InspectorPanel", RIGHT, front=edit,
        ),
        PanelSpec(
            "scenario",
            translate("Panels", "Scenario"),
            translate("Panels", "The processes and events to play"),
            "scenario", f"{room}.scenario.panel", "ScenarioPanel", RIGHT,
            needs=("session", "player"),
        ),
        PanelSpec(
            "linux",
            translate("Panels", "Linux view"),
            translate("Panels", "The NUMA nodes, zones and tiers Linux makes of the platform"),
            "linux", f"{room}.linuxview.panel", "LinuxPanel", BOTTOM, front=edit,
        ),
        PanelSpec(
            "charts",
            translate("Panels", "Charts"),
            translate("Panels", "What a recording holds, over time"),
            "chart", f"{room}.charts.panel", "ChartsPanel", BOTTOM,
            needs=("player",), front=replay,
        ),
        PanelSpec(
            "addressmap",
            translate("Panels", "Address map"),
            translate("Panels", "The host's physical addresses, to scale"),
            "address-map", f"{room}.addressmap.panel", "AddressMapPanel", BOTTOM,
        ),
        PanelSpec(
            "findings",
            translate("Panels", "Findings"),
            translate("Panels", "What the kernel would refuse or drop, and traps"),
            "findings", f"{room}.findings", "FindingsPanel", BOTTOM, modes=edit,
        ),
        PanelSpec(
            "hostactions",
            translate("Panels", "Host actions"),
            translate("Panels", "The commands run on the machine after it has booted"),
            "terminal", f"{room}.hostactions", "HostActionsPanel", BOTTOM,
        ),
    )  # fmt: skip


class _Holder(QWidget):
    """What a dock holds from the start, so that a panel that comes later changes no sizes."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self._size = size
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def sizeHint(self) -> QSize:
        return self._size


START_SIZES = {LEFT: QSize(212, 300), RIGHT: QSize(336, 300), BOTTOM: QSize(700, 244)}
"""Sizes of the areas in a new window, logical pixels."""


class PanelDock(QDockWidget):
    """The dock of one panel; empty until :meth:`load`."""

    def __init__(self, spec: PanelSpec, parent: QWidget) -> None:
        super().__init__(spec.title, parent)
        self.spec = spec
        self.panel: QWidget | None = None
        self.setObjectName(f"dock-{spec.id}")
        self._holder = _Holder(START_SIZES[spec.area])
        self.setWidget(self._holder)
        self._no_title = QWidget(self)
        self._no_title.hide()

    def retitle(self) -> None:
        """Show a title bar only where no tab says the same."""
        window = self.parent()
        if not isinstance(window, QMainWindow):
            return
        tabbed = any(not other.isHidden() for other in window.tabifiedDockWidgets(self))
        bare = tabbed and not self.isFloating()
        if bare == (self.titleBarWidget() is self._no_title):
            return
        if bare:
            self.setTitleBarWidget(self._no_title)
        else:
            self.setTitleBarWidget(None)  # type: ignore[arg-type]

    def load(self, sources: Mapping[str, QObject]) -> None:
        """Put the panel into the dock; the second call does nothing."""
        if self.panel is not None:
            return
        self.panel = self.spec.make(sources)
        self.panel.setObjectName(f"panel-{self.spec.id}")
        layout = self._holder.layout()
        if layout is not None:
            layout.addWidget(self.panel)
        self._holder.setFocusProxy(self.panel)

    @property
    def in_front(self) -> bool:
        """Whether the user sees it: shown and not behind another tab."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def reveal(self) -> None:
        """Show it, in front of other tabs, with the keyboard in it."""
        self.show()
        self.raise_()
        if self.panel is None:
            return
        target = self.panel
        if not target.focusPolicy() and target.focusProxy() is None:
            following = target.nextInFocusChain()
            if following is not None and target.isAncestorOf(following):
                target = following
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
