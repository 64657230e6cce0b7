"""What actions of the window itself do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from cxldesigner import __version__
from cxldesigner.document.store import loads
from cxldesigner.gui import dialogs
from cxldesigner.gui.canvas.templates import basic_templates
from cxldesigner.gui.examples import Example, examples
from cxldesigner.gui.folders import config_folder, state_folder
from cxldesigner.gui.settings import Appearance, History
from cxldesigner.gui.theme import ThemeChoice, apply_theme

if TYPE_CHECKING:
    from cxldesigner.gui.commandpalette import CommandPalette
    from cxldesigner.gui.helpwindow import HelpWindow
    from cxldesigner.gui.main_window import MainWindow
    from cxldesigner.gui.player.controller import PlayerController
    from cxldesigner.gui.welcome import WelcomePage

RECORDINGS = "*.cxlrec"


class WindowCommands(QObject):
    """Commands of one window: pages, panels, look, help, recordings."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._welcome: WelcomePage | None = None
        self._palette: CommandPalette | None = None
        self._help: HelpWindow | None = None

    @property
    def player(self) -> PlayerController | None:
        """The player, None before it is loaded."""
        return cast("PlayerController | None", self._window.player)

    # --- pages ----------------------------------------------------------------------------------

    @property
    def welcome_shown(self) -> bool:
        """Whether the welcome page covers the editor."""
        return self._welcome is not None and self._window.pages.currentWidget() is self._welcome

    def show_welcome(self) -> None:
        """Show examples and recent files instead of the editor; nothing is closed."""
        window = self._window
        if self._welcome is None:
            from cxldesigner.gui.welcome import WelcomePage  # noqa: PLC0415  rarely shown

            actions = window.action_set.actions
            starts = [actions[a] for a in ("file.new", "file.open", "file.import")]
            shown = [e for e in examples() if not e.group]
            self._welcome = WelcomePage(starts, shown, window.pages)
            self._welcome.example_chosen.connect(self.open_example)
            self._welcome.recent_chosen.connect(window.files.open_path)
            window.pages.addWidget(self._welcome)
        if not self.welcome_shown:
            window.arrangement.keep(window.session.mode)
        self._welcome.set_recent(window.settings.read(History).files)
        window.pages.setCurrentWidget(self._welcome)
        window.arrangement.hide_all()
        window.refresh_actions()

    def show_editor(self) -> None:
        """Show the canvas with its panels."""
        window = self._window
        if self.welcome_shown:
            window.pages.setCurrentIndex(0)
            window.arrangement.show(window.session.mode)
        window.canvas.setFocus()
        window.refresh_actions()

    def new(self) -> None:
        """Start an empty platform."""
        self._window.files.new()

    def open_example(self, example: Example) -> None:
        """Open an example, with its recording if one is shipped."""
        if not self._window.files.open_example(example.path):
            return
        player = self.player
        if player is not None:
            player.close()
            if example.recording is not None:
                player.open(example.recording, enter=False)

    def add_part(self, key: str) -> None:
        """Add one part of a kind in the middle of the canvas."""
        template = next(t for t in basic_templates() if t.key == key)
        self._window.canvas.add_at_centre(template.item)
        self._window.canvas.setFocus()

    # --- modes and recordings -------------------------------------------------------------------

    def show_edit(self) -> None:
        """Go back to drawing."""
        self._window.session.leave_replay()
        self._window.refresh_actions()

    def show_replay(self) -> None:
        """Show the recording where its playhead is."""
        player = self.player
        if player is not None and player.reader is not None:
            name = player.path.name if player.path is not None else ""
            self._window.session.enter_replay(loads(player.reader.document(), name))
        self._window.refresh_actions()

    def open_recording(self, path: Path) -> None:
        """Open a recording, paused at its start."""
        player = self.player
        if player is not None and player.open(path):
            self.show_editor()
            self._window.settings.remember_file(str(path))

    def save_recording(self) -> bool:
        """Ask where to keep a copy of the recording."""
        player, window = self.player, self._window
        if player is None:
            return False
        name = Path(window.files.title).stem
        path = dialogs.ask_save(
            window,
            self.tr("Save recording"),
            str(Path(window.files.folder) / f"{name}.cxlrec"),
            self.tr("Recordings ({})").format(RECORDINGS),
            ".cxlrec",
        )
        if path is not None:
            player.save(path)
        return path is not None

    def step_forward(self) -> None:
        """One tick on."""
        if self.player is not None:
            self.player.step(1)

    def step_back(self) -> None:
        """One tick back."""
        if self.player is not None:
            self.player.step(-1)

    def quit(self) -> None:
        """Close the window; the program ends with it."""
        self._window.close()

    def may_close(self) -> bool:
        """Ask about unsaved changes."""
        return self._window.files.may_leave()

    # --- look -----------------------------------------------------------------------------------

    def toggle_panel(self, panel_id: str) -> None:
        """Bring a panel to the front, or hide it when it is there already."""
        dock = self._window.docks[panel_id]
        if dock.in_front:
            dock.hide()
            self._window.canvas.setFocus()
        else:
            dock.reveal()
        self._window.refresh_actions()

    def reset_layout(self) -> None:
        """Put all panels back."""
        self._window.arrangement.reset(self._window.session.mode)
        self._window.refresh_actions()

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or no longer."""
        window = self._window
        (window.showNormal if window.isFullScreen() else window.showFullScreen)()
        window.refresh_actions()

    def toggle_reduced_motion(self) -> None:
        """Stop or allow animations."""
        settings = self._window.settings
        settings.change(Appearance, reduced_motion=not settings.read(Appearance).reduced_motion)
        self._window.apply_motion()
        self._window.refresh_actions()

    def set_theme(self, choice: str) -> None:
        """Use the light or the dark theme, or the desktop's."""
        self._window.settings.change(Appearance, theme=ThemeChoice(choice))
        apply_theme(choice)
        self._window.refresh_actions()

    # --- help -----------------------------------------------------------------------------------

    def show_command_palette(self) -> None:
        """Find an action by typing."""
        window = self._window
        if self._palette is None:
            from cxldesigner.gui.commandpalette import CommandPalette  # noqa: PLC0415

            self._palette = CommandPalette(
                window.action_set.specs, window.action_set.actions, window
            )
            self._palette.chosen.connect(lambda a: window.action_set.actions[a].trigger())
        self._palette.open_over(window, window.settings.read(History).commands)

    def show_help(self, page: str = "first-steps") -> None:
        """Show a page of the manual."""
        if self._help is None:
            from cxldesigner.gui.helpwindow import HelpWindow  # noqa: PLC0415  rarely shown

            self._help = HelpWindow(self._window.action_set.specs, self._window)
        self._help.show_page(page)

    def show_about(self) -> None:
        """Say what this program is and where it keeps things."""
        dialogs.show_note(
            self._window,
            self.tr("CXL Designer {}").format(__version__),
            self.tr(
                "Draw a CXL memory platform, see what Linux makes of it, play workloads on it.\n\n"
                "MIT licence. Fonts: Inter and JetBrains Mono, SIL Open Font License 1.1.\n\n"
                "Settings: {}\nLog and safety copies: {}"
            ).format(config_folder(), state_folder()),
        )
