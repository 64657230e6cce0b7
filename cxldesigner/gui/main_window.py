"""The window: canvas, docks, actions, and what connects them.

It is built in two steps. The constructor makes what is painted first: canvas, menus, toolbar, empty
docks. :meth:`MainWindow.load_panels` fills the docks, one per turn of the event loop, and makes the
player; it is called after the first paint.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document.ports import Refusal
from cxldesigner.gui.actionset import ActionSet
from cxldesigner.gui.canvas.view import CanvasView
from cxldesigner.gui.conditions import conditions
from cxldesigner.gui.derivation import DerivationRunner
from cxldesigner.gui.files import Files
from cxldesigner.gui.icons import icon
from cxldesigner.gui.messages import refusal_text
from cxldesigner.gui.panels import PanelDock, panel_specs
from cxldesigner.gui.session import Mode, Session
from cxldesigner.gui.settings import Appearance, Layout, Settings
from cxldesigner.gui.stepwise import Step, Stepwise
from cxldesigner.gui.transfer import Transfer
from cxldesigner.gui.widgets.messagebar import MessageBar
from cxldesigner.gui.widgets.modeswitch import ModeSwitch
from cxldesigner.gui.widgets.statusline import StatusLine
from cxldesigner.gui.windowcommands import WindowCommands
from cxldesigner.gui.windowlayout import WindowLayout
from cxldesigner.gui.windowmenus import ExampleMenu, RecentMenu
from cxldesigner.linux.severity import Severity

START_SIZE = QSize(1280, 800)
TRANSPORT_HEIGHT = 86
PLAYER_MODULES = ("cxldesigner.gui.player.controller", "cxldesigner.gui.player.bar")


class MainWindow(QMainWindow):
    """One open platform on screen.

    ``ready``: every panel is there. ``targets`` holds what actions call, by name.
    """

    ready = Signal()

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowIcon(icon("cxldesigner"))
        self.setAcceptDrops(True)
        self.session, self.settings = session, settings
        session.setParent(self)
        self.player: QObject | None = None
        self._loading: Stepwise | None = None
        self.canvas = CanvasView(session)
        self.canvas.setObjectName("canvas")
        self.message_bar = MessageBar()
        self.files = Files(session, settings, self)
        self.transfer = Transfer(self, self.files)
        self.derivation = DerivationRunner(session, self)
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self.commands = WindowCommands(self)
        self.targets: dict[str, QObject] = {
            "window": self.commands,
            "files": self.files,
            "transfer": self.transfer,
            "session": session,
            "undo": session.undo_stack,
            "canvas": self.canvas,
            "editor": self.canvas.editor,
        }
        self.action_set = ActionSet(self.targets, self, self.canvas)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._editor_page())
        self.setCentralWidget(self.pages)
        self.docks = {spec.id: PanelDock(spec, self) for spec in panel_specs()}
        self.arrangement = WindowLayout(self, self.docks, settings)
        self._build_menus()
        self._build_toolbar()
        self._connect()
        self._shown_mode = session.mode
        self.apply_motion()
        self.arrangement.show(session.mode)
        self._restore_geometry()
        self._refresh_title()
        self.refresh_actions()

    def _editor_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.message_bar)
        layout.addWidget(self.canvas, 1)
        return page

    def _build_menus(self) -> None:
        menus = self.action_set.fill_menu_bar(self.menuBar())
        self.recent_menu = RecentMenu(menus["file/recent"], self.files, self.settings)
        self.example_menu = ExampleMenu(menus["file/examples"], self.commands)

    def _build_toolbar(self) -> None:
        bar = QToolBar(self.tr("Tools"), self)
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.toggleViewAction().setVisible(False)
        self.action_set.fill_toolbar(bar)
        gap = QWidget(bar)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(gap)
        actions = self.action_set.actions
        bar.addWidget(
            ModeSwitch(
                (actions["view.edit"], actions["view.replay"]),
                (self.tr("Edit"), self.tr("Replay")),
                bar,
            )
        )
        self.addToolBar(bar)
        self.toolbar = bar
        # Over the whole width of the window: the longer the timeline, the finer the scrubbing.
        self.playback = QToolBar(self.tr("Playback"), self)
        self.playback.setObjectName("playback")
        self.playback.setMovable(False)
        self.playback.setMinimumHeight(TRANSPORT_HEIGHT)
        layout = self.playback.layout()
        if layout is not None:  # made before the style sheet reaches it
            layout.setContentsMargins(0, 0, 0, 0)
        self.playback.toggleViewAction().setVisible(False)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.playback)

    def _connect(self) -> None:
        session = self.session
        self._refresh = QTimer(self)  # docks come and go in dozens
        self._refresh.setSingleShot(True)
        self._refresh.timeout.connect(self.refresh_actions)
        session.mode_changed.connect(self._on_mode_changed)
        session.refused.connect(self._on_refused)
        session.derivation_changed.connect(self.status.show_derivation)
        session.selection_changed.connect(self.refresh_actions)
        session.shown_changed.connect(self.refresh_actions)
        session.undo_stack.indexChanged.connect(self.refresh_actions)
        self.files.changed.connect(self._refresh_title)
        self.files.modified_changed.connect(self.setWindowModified)
        self.files.opened.connect(self.commands.show_editor)
        self.canvas.zoom_changed.connect(self.status.set_zoom)
        self.canvas.inspector_requested.connect(self._show_inspector)
        self.derivation.busy_changed.connect(self.status.set_busy_soon)
        self.derivation.failed.connect(self._on_derivation_failed)
        self.derivation.recovered.connect(lambda: self.message_bar.clear("derivation"))
        self.status.findings_clicked.connect(self.docks["findings"].reveal)
        self.status.nodes_clicked.connect(self.docks["linux"].reveal)
        self.action_set.triggered.connect(self.settings.remember_command)
        self.message_bar.action_chosen.connect(lambda a: self.action_set.actions[a].trigger())
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self._refresh.start)

    # --- second step ----------------------------------------------------------------------------

    def load_panels(self) -> None:
        """Make player and panels, one per turn of the event loop; ``ready`` follows."""
        by_sight = sorted(self.docks.values(), key=lambda d: not d.in_front)
        panels = [(d, Step((d.spec.module,), partial(self._load, d))) for d in by_sight]
        self._loading = Stepwise(
            (
                *(step for dock, step in panels if "player" not in dock.spec.needs),
                Step(PLAYER_MODULES, self._load_player),
                *(step for dock, step in panels if "player" in dock.spec.needs),
                Step((), self._finish_loading),
            ),
            self,
        )

    def _load(self, dock: PanelDock) -> None:
        dock.load(self._sources())
        panel: Any = dock.panel
        match dock.spec.id:
            case "parts":
                panel.part_requested.connect(self.canvas.add_at_centre)
            case "outline":
                panel.inspector_requested.connect(self._show_inspector)
            case "linux":
                panel.items_chosen.connect(self.canvas.highlight)

    def _finish_loading(self) -> None:
        self.refresh_actions()
        self.ready.emit()

    def _sources(self) -> dict[str, QObject]:
        player = {} if self.player is None else {"player": self.player}
        return {"session": self.session, **player}

    def _load_player(self) -> None:
        controller, bar_module = (importlib.import_module(name) for name in PLAYER_MODULES)
        player = controller.PlayerController(self.session, self)
        self.player = self.targets["player"] = player
        bar = bar_module.TransportBar(player)
        bar.setObjectName("transport-bar")
        bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.playback.addWidget(bar)
        player.overlay_changed.connect(self.canvas.set_overlay)
        player.failed.connect(self._on_player_failed)
        player.saved.connect(self._on_recording_saved)
        player.state_changed.connect(self.refresh_actions)
        player.recording_changed.connect(self.refresh_actions)
        self.files.recording_chosen.connect(self.commands.open_recording)

    # --- following ------------------------------------------------------------------------------

    def refresh_actions(self) -> None:
        """Enable and check actions for what is open now."""
        self.action_set.update(conditions(self))

    def apply_motion(self) -> None:
        """Let docks slide into place, or not, as the user set."""
        self.setAnimated(not self.settings.read(Appearance).reduced_motion)

    def _show_inspector(self) -> None:
        self.docks["inspector"].reveal()

    def _refresh_title(self) -> None:
        self.setWindowTitle(self.tr("{}[*] — CXL Designer").format(self.files.title))
        self.setWindowModified(self.files.modified)
        self.setWindowFilePath(str(self.files.path or ""))

    def _on_mode_changed(self, mode: str) -> None:
        if self.commands.welcome_shown:
            self.commands.show_editor()
        self.arrangement.keep(self._shown_mode)
        self._shown_mode = Mode(mode)
        self.arrangement.show(self._shown_mode)
        self.refresh_actions()

    def _on_refused(self, refusal: Refusal) -> None:
        replay = refusal.code == "replay-mode"
        action = ("view.edit", self.tr("Edit Mode")) if replay else ("", "")
        self.message_bar.show_message(Severity.WARNING, refusal_text(refusal), action=action)

    def _on_derivation_failed(self, text: str, details: str) -> None:
        self.message_bar.show_message(Severity.ERROR, text, details=details, key="derivation")

    def _on_player_failed(self, _code: str, text: str) -> None:
        self.message_bar.show_message(Severity.ERROR, text)

    def _on_recording_saved(self, path: str) -> None:
        text = self.tr("The recording was saved to {}.").format(path)
        self.message_bar.show_message(Severity.NOTE, text)

    # --- window ---------------------------------------------------------------------------------

    def _restore_geometry(self) -> None:
        self.resize(START_SIZE.boundedTo(self.screen().availableSize()))
        kept = self.settings.read(Layout).geometry
        if kept:
            self.restoreGeometry(QByteArray(kept))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        urls = event.mimeData().urls()
        QTimer.singleShot(0, self, lambda: self.files.open_urls(urls))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.commands.may_close():
            event.ignore()
            return
        self.shutdown()
        event.accept()

    def shutdown(self) -> None:
        """Keep the layout, end every worker; the last call on a window."""
        if not self.commands.welcome_shown:
            self.arrangement.keep(self._shown_mode)
        geometry = bytes(self.saveGeometry().data())
        self.settings.change(Layout, geometry=geometry)
        self._refresh.stop()
        if self._loading is not None:
            self._loading.shutdown()
        self.derivation.shutdown()
        if self.player is not None:
            self.player.shutdown()  # type: ignore[attr-defined]
