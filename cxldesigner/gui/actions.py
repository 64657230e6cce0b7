"""Every action of the program as data.

Menus, toolbar, shortcuts, the command palette and the key table of the manual are made from
:func:`action_specs`; :mod:`cxldesigner.gui.actionset` makes the ``QAction`` objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from cxldesigner.gui.panels import panel_specs

translate = QCoreApplication.translate


class When(StrEnum):
    """Conditions of the window that enable or check actions."""

    EDITOR = "editor"
    EDIT = "edit"
    REPLAY = "replay"
    SELECTION = "selection"
    ONE_SELECTED = "one-selected"
    PARTS = "parts"
    UNDO = "undo"
    REDO = "redo"
    PLAYER = "player"
    SCENARIO = "scenario"
    RECORDING = "recording"
    PLAYING = "playing"
    LIVE = "live"
    LIGHT = "theme-light"
    DARK = "theme-dark"
    SYSTEM = "theme-system"
    REDUCED_MOTION = "reduced-motion"
    FULL_SCREEN = "full-screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action.

    ``run`` is the dotted name of what it calls (``files.save``), found in the window's targets,
    with ``args``. ``menu`` is a path (``view/panels``), ``group`` separates it from its neighbours.
    ``needs``: conditions that must all hold. ``checked``: the condition its mark shows, "" for an
    action without one. ``scope`` ``canvas``: its keys work only while the canvas has the focus.
    ``toolbar``: position group on the toolbar, 0 for none.
    """

    id: str
    text: str
    tip: str
    run: str
    menu: str
    group: int = 0
    args: tuple[str, ...] = ()
    shortcut: str = ""
    icon: str = ""
    needs: frozenset[When] = frozenset()
    checked: str = ""
    scope: str = "window"
    toolbar: int = 0


def menu_titles() -> dict[str, str]:
    """Return the titles of the menus by path, in the order of the menu bar."""
    return {
        "file": translate("Menus", "&File"),
        "file/recent": translate("Menus", "Open &Recent"),
        "file/examples": translate("Menus", "Open &Example"),
        "file/export": translate("Menus", "E&xport"),
        "edit": translate("Menus", "&Edit"),
        "edit/add": translate("Menus", "&Add"),
        "view": translate("Menus", "&View"),
        "view/panels": translate("Menus", "&Panels"),
        "view/theme": translate("Menus", "&Theme"),
        "play": translate("Menus", "&Play"),
        "help": translate("Menus", "&Help"),
    }


def action_specs() -> tuple[ActionSpec, ...]:
    """Return every action, in menu order."""
    return (*_file(), *_edit(), *_add(), *_view(), *_panels(), *_play(), *_help())


def _needs(*conditions: When) -> frozenset[When]:
    return frozenset(conditions)


def _file() -> tuple[ActionSpec, ...]:
    return (
        ActionSpec(
            id="file.new", text=translate("Actions", "&New"), shortcut="Ctrl+N", icon="new",
            tip=translate("Actions", "Start with an empty platform"),
            run="window.new", menu="file", toolbar=1,
        ),
        ActionSpec(
            id="file.open", text=translate("Actions", "&Open…"), shortcut="Ctrl+O", icon="open",
            tip=translate("Actions", "Open a platform or a recording"),
            run="files.open", menu="file", toolbar=1,
        ),
        ActionSpec(
            id="file.save", text=translate("Actions", "&Save"), shortcut="Ctrl+S", icon="save",
            tip=translate("Actions", "Write the platform to its file"),
            run="files.save", menu="file", group=1, needs=_needs(When.EDITOR), toolbar=1,
        ),
        ActionSpec(
            id="file.save-as", text=translate("Actions", "Save &As…"), shortcut="Ctrl+Shift+S",
            tip=translate("Actions", "Write the platform to another file"), icon="save-as",
            run="files.save_as", menu="file", group=1, needs=_needs(When.EDITOR),
        ),
        ActionSpec(
            id="file.save-recording", text=translate("Actions", "Save Re&cording As…"),
            tip=translate("Actions", "Keep a copy of the loaded recording"), icon="record",
            run="window.save_recording", menu="file", group=1, needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="file.import", text=translate("Actions", "&Import…"), shortcut="Ctrl+I",
            tip=translate("Actions", "Open a real machine from its ACPI tables or tool output"),
            run="transfer.import_files", menu="file", group=2, icon="import",
        ),
        ActionSpec(
            id="file.import-folder", text=translate("Actions", "Import &Folder…"), icon="import",
            tip=translate("Actions", "Open a real machine from a folder of dumps"),
            run="transfer.import_folder", menu="file", group=2,
        ),
        ActionSpec(
            id="file.export-report", text=translate("Actions", "Report of the &Recording…"),
            tip=translate("Actions", "One HTML file with charts and figures"), icon="report",
            run="transfer.export_report", menu="file/export", needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="file.export-picture", text=translate("Actions", "&Picture of the Platform…"),
            tip=translate("Actions", "The drawing as SVG or PNG"), icon="export",
            run="transfer.export_picture", menu="file/export",
            needs=_needs(When.EDITOR, When.PARTS),
        ),
        ActionSpec(
            id="file.export-qemu", text=translate("Actions", "&QEMU Command Line…"),
            tip=translate("Actions", "The command that boots this platform in QEMU"),
            run="transfer.export_qemu", menu="file/export", icon="export",
            needs=_needs(When.EDITOR, When.PARTS),
        ),
        ActionSpec(
            id="file.export-script", text=translate("Actions", "&Script of the Host Actions…"),
            tip=translate("Actions", "The host actions as a shell script for the real machine"),
            run="transfer.export_script", menu="file/export", icon="export",
            needs=_needs(When.EDITOR, When.PARTS),
        ),
        ActionSpec(
            id="file.export-tables", text=translate("Actions", "&ACPI Tables…"),
            tip=translate("Actions", "CEDT, SRAT, SLIT, HMAT and the devices' CDATs as files"),
            run="transfer.export_tables", menu="file/export", icon="export",
            needs=_needs(When.EDITOR, When.PARTS),
        ),
        ActionSpec(
            id="file.quit", text=translate("Actions", "&Quit"), shortcut="Ctrl+Q", icon="quit",
            tip=translate("Actions", "Close the program"),
            run="window.quit", menu="file", group=9,
        ),
    )  # fmt: skip


def _edit() -> tuple[ActionSpec, ...]:
    return (
        ActionSpec(
            id="edit.undo", text=translate("Actions", "&Undo"), shortcut="Ctrl+Z", icon="undo",
            tip=translate("Actions", "Take the last step back"),
            run="undo.undo", menu="edit", needs=_needs(When.EDIT, When.UNDO), toolbar=2,
        ),
        ActionSpec(
            id="edit.redo", text=translate("Actions", "&Redo"), shortcut="Ctrl+Shift+Z",
            tip=translate("Actions", "Do the step again that was taken back"), icon="redo",
            run="undo.redo", menu="edit", needs=_needs(When.EDIT, When.REDO), toolbar=2,
        ),
        ActionSpec(
            id="edit.delete", text=translate("Actions", "&Delete"), shortcut="Del",
            tip=translate("Actions", "Delete what is selected"), icon="delete",
            run="canvas.delete_selection", menu="edit", group=2, scope="canvas",
            needs=_needs(When.EDIT, When.SELECTION),
        ),
        ActionSpec(
            id="edit.connect", text=translate("Actions", "&Connect…"), shortcut="C",
            tip=translate("Actions", "Choose what to connect the selected part to"), icon="connect",
            run="canvas.start_keyboard_connect", menu="edit", group=2, scope="canvas",
            needs=_needs(When.EDIT, When.ONE_SELECTED),
        ),
        ActionSpec(
            id="edit.fields", text=translate("Actions", "&Edit Fields"), shortcut="Return",
            tip=translate("Actions", "Go to the fields of the selected item"), icon="inspector",
            run="canvas.request_inspector", menu="edit", group=2, scope="canvas",
            needs=_needs(When.EDITOR, When.ONE_SELECTED),
        ),
        ActionSpec(
            id="edit.select-all", text=translate("Actions", "Select &All"), shortcut="Ctrl+A",
            tip=translate("Actions", "Select every part and window"), icon="select-all",
            run="canvas.select_all", menu="edit", group=3, scope="canvas",
            needs=_needs(When.EDITOR, When.PARTS),
        ),
        ActionSpec(
            id="edit.select-below", text=translate("Actions", "Select What Hangs &Below"),
            tip=translate("Actions", "Select the selected parts with all that is below them"),
            run="canvas.select_below", menu="edit", group=3, shortcut="Ctrl+B", icon="outline",
            needs=_needs(When.EDITOR, When.SELECTION),
        ),
        ActionSpec(
            id="edit.arrange", text=translate("Actions", "Arran&ge Automatically"),
            tip=translate("Actions", "Lay the whole platform out anew"), icon="arrange",
            run="editor.arrange", menu="edit", group=3, shortcut="Ctrl+L", toolbar=3,
            needs=_needs(When.EDIT, When.PARTS),
        ),
    )  # fmt: skip


def _add() -> tuple[ActionSpec, ...]:
    kinds = (
        ("socket", "socket", translate("Actions", "&Socket"), "Ctrl+Alt+S"),
        ("memory", "memory", translate("Actions", "&Memory Domain"), "Ctrl+Alt+M"),
        ("bridge", "bridge", translate("Actions", "&Host Bridge"), "Ctrl+Alt+H"),
        ("root-port", "root-port", translate("Actions", "&Root Port"), "Ctrl+Alt+R"),
        ("switch", "switch", translate("Actions", "S&witch"), "Ctrl+Alt+W"),
        ("device-volatile", "device", translate("Actions", "&Device"), "Ctrl+Alt+D"),
        ("window", "window", translate("Actions", "&ACPI Window"), "Ctrl+Alt+A"),
    )
    return tuple(
        ActionSpec(
            id=f"add.{key}", text=text, shortcut=keys, icon=kind,
            tip=translate("Actions", "Add one in the middle of the canvas"),
            run="window.add_part", args=(key,), menu="edit/add", needs=_needs(When.EDIT),
        )
        for key, kind, text, keys in kinds
    )  # fmt: skip


def _view() -> tuple[ActionSpec, ...]:
    return (
        ActionSpec(
            id="view.edit", text=translate("Actions", "&Edit Mode"), shortcut="Ctrl+E", icon="edit",
            tip=translate("Actions", "Draw the platform"),
            run="window.show_edit", menu="view", needs=_needs(When.EDITOR), checked=When.EDIT,
        ),
        ActionSpec(
            id="view.replay", text=translate("Actions", "&Replay Mode"), shortcut="Ctrl+R",
            tip=translate("Actions", "Watch the recording on the platform it was made on"),
            run="window.show_replay", menu="view", icon="replay",
            needs=_needs(When.EDITOR, When.RECORDING), checked=When.REPLAY,
        ),
        ActionSpec(
            id="view.zoom-in", text=translate("Actions", "Zoom &In"), shortcut="Ctrl++",
            tip=translate("Actions", "Show the drawing larger"), icon="zoom-in",
            run="canvas.zoom_in", menu="view", group=1, needs=_needs(When.EDITOR),
        ),
        ActionSpec(
            id="view.zoom-out", text=translate("Actions", "Zoom &Out"), shortcut="Ctrl+-",
            tip=translate("Actions", "Show the drawing smaller"), icon="zoom-out",
            run="canvas.zoom_out", menu="view", group=1, needs=_needs(When.EDITOR),
        ),
        ActionSpec(
            id="view.zoom-reset", text=translate("Actions", "&Actual Size"), shortcut="Ctrl+0",
            tip=translate("Actions", "Show the drawing at its own size"), icon="zoom-reset",
            run="canvas.zoom_reset", menu="view", group=1, needs=_needs(When.EDITOR),
        ),
        ActionSpec(
            id="view.fit", text=translate("Actions", "&Fit to Window"), shortcut="F",
            tip=translate("Actions", "Show the whole platform"), icon="zoom-fit", scope="canvas",
            run="canvas.fit", menu="view", group=1, needs=_needs(When.EDITOR), toolbar=3,
        ),
        ActionSpec(
            id="view.reset-layout", text=translate("Actions", "Reset &Layout"), icon="layout",
            tip=translate("Actions", "Put all panels back where they were at first"),
            run="window.reset_layout", menu="view", group=2, needs=_needs(When.EDITOR),
        ),
        ActionSpec(
            id="view.full-screen", text=translate("Actions", "F&ull Screen"), shortcut="F11",
            tip=translate("Actions", "Use the whole screen"), icon="fullscreen",
            run="window.toggle_full_screen", menu="view", group=3, checked=When.FULL_SCREEN,
        ),
        ActionSpec(
            id="view.reduced-motion", text=translate("Actions", "Reduce &Motion"), icon="pause",
            tip=translate("Actions", "Stop animations that only please the eye"),
            run="window.toggle_reduced_motion", menu="view", group=3,
            checked=When.REDUCED_MOTION,
        ),
        ActionSpec(
            id="theme.system", text=translate("Actions", "As the &System"), icon="theme",
            tip=translate("Actions", "Light or dark as the desktop is"), run="window.set_theme",
            args=("system",), menu="view/theme", checked=When.SYSTEM,
        ),
        ActionSpec(
            id="theme.light", text=translate("Actions", "&Light"), icon="sun",
            tip=translate("Actions", "Dark on light"), run="window.set_theme",
            args=("light",), menu="view/theme", checked=When.LIGHT,
        ),
        ActionSpec(
            id="theme.dark", text=translate("Actions", "&Dark"), icon="moon",
            tip=translate("Actions", "Light on dark"), run="window.set_theme",
            args=("dark",), menu="view/theme", checked=When.DARK,
        ),
    )  # fmt: skip


def _panels() -> tuple[ActionSpec, ...]:
    return tuple(
        ActionSpec(
            id=f"panel.{spec.id}", text=spec.title, tip=spec.tip, icon=spec.icon,
            shortcut=f"Alt+{number}", run="window.toggle_panel", args=(spec.id,),
            menu="view/panels", needs=_needs(When.EDITOR), checked=f"panel-{spec.id}",
        )
        for number, spec in enumerate(panel_specs(), 1)
    )  # fmt: skip


def _play() -> tuple[ActionSpec, ...]:
    return (
        ActionSpec(
            id="play.toggle", text=translate("Actions", "&Play or Pause"), shortcut="F5",
            tip=translate("Actions", "Play the recording; without one, run the scenario"),
            run="player.toggle", menu="play", icon="play", checked=When.PLAYING,
            needs=_needs(When.EDITOR, When.PLAYER),
        ),
        ActionSpec(
            id="play.run", text=translate("Actions", "&Run the Scenario"), shortcut="Ctrl+F5",
            tip=translate("Actions", "Play the scenario on the platform as it is now"),
            run="player.run", menu="play", icon="record",
            needs=_needs(When.EDITOR, When.PLAYER, When.SCENARIO),
        ),
        ActionSpec(
            id="play.stop", text=translate("Actions", "&Stop"), shortcut="Shift+F5", icon="stop",
            tip=translate("Actions", "End the run and keep what it recorded; else go to the start"),
            run="player.stop", menu="play", needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="play.step", text=translate("Actions", "Step &Forward"), shortcut="F6",
            tip=translate("Actions", "One tick on"), icon="step-forward",
            run="window.step_forward", menu="play", group=1, needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="play.step-back", text=translate("Actions", "Step &Back"), shortcut="Shift+F6",
            tip=translate("Actions", "One tick back"), icon="step-back",
            run="window.step_back", menu="play", group=1, needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="play.home", text=translate("Actions", "To the S&tart"), shortcut="Ctrl+Home",
            tip=translate("Actions", "Go to the first tick"), icon="skip-start",
            run="player.home", menu="play", group=1, needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="play.end", text=translate("Actions", "To the &End"), shortcut="Ctrl+End",
            tip=translate("Actions", "Go to the last tick; while it runs, follow it"),
            run="player.end", menu="play", group=1, icon="skip-end",
            needs=_needs(When.RECORDING),
        ),
        ActionSpec(
            id="play.close", text=translate("Actions", "&Close the Recording"), icon="close",
            tip=translate("Actions", "Put the recording away and go back to editing"),
            run="player.close", menu="play", group=2, needs=_needs(When.RECORDING),
        ),
    )  # fmt: skip


def _help() -> tuple[ActionSpec, ...]:
    return (
        ActionSpec(
            id="help.pages", text=translate("Actions", "&Help"), shortcut="F1", icon="help",
            tip=translate("Actions", "How to use the program"), run="window.show_help",
            menu="help",
        ),
        ActionSpec(
            id="help.keys", text=translate("Actions", "&Keyboard Shortcuts"), shortcut="Ctrl+/",
            tip=translate("Actions", "Every action and its keys"), run="window.show_help",
            args=("keyboard",), menu="help", icon="keyboard",
        ),
        ActionSpec(
            id="help.commands", text=translate("Actions", "&Command Palette…"), icon="command",
            tip=translate("Actions", "Find an action by typing"), shortcut="Ctrl+Shift+P",
            run="window.show_command_palette", menu="help",
        ),
        ActionSpec(
            id="help.welcome", text=translate("Actions", "&Welcome"), icon="example",
            tip=translate("Actions", "Examples to start from"), run="window.show_welcome",
            menu="help", group=1,
        ),
        ActionSpec(
            id="help.about", text=translate("Actions", "&About CXL Designer"), icon="info",
            tip=translate("Actions", "Version, licence, folders"), run="window.show_about",
            menu="help", group=1,
        ),
    )  # fmt: skip
