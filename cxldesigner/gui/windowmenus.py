"""The menus whose entries are files: recent ones and examples."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from cxldesigner.gui.examples import examples
from cxldesigner.gui.files import Files
from cxldesigner.gui.settings import History, Settings
from cxldesigner.gui.windowcommands import WindowCommands


class RecentMenu(QObject):
    """Files that were open last; filled when it is opened."""

    def __init__(self, menu: QMenu, files: Files, settings: Settings) -> None:
        super().__init__(menu)
        self._menu, self._files, self._settings = menu, files, settings
        menu.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Show the recent files as they are now."""
        self._menu.clear()
        for number, name in enumerate(self._settings.read(History).files, 1):
            path = Path(name)
            shown = path.name.replace("&", "&&")
            mark = f"&{number} " if number < 10 else ""
            action = self._menu.addAction(f"{mark}{shown}")
            action.setStatusTip(name)
            action.setToolTip(name)
            action.triggered.connect(lambda _=False, p=path: self._files.open_path(p))
        if self._menu.isEmpty():
            none = self._menu.addAction(self.tr("Nothing opened yet"))
            none.setEnabled(False)


class ExampleMenu(QObject):
    """The shipped examples; read when it is first opened."""

    def __init__(self, menu: QMenu, commands: WindowCommands) -> None:
        super().__init__(menu)
        self._menu, self._commands = menu, commands
        menu.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Show the examples."""
        self._menu.clear()
        groups = {"": self._menu}
        for example in examples():
            if example.group not in groups:
                title = self._title(example.group)
                groups[example.group] = self._menu.addMenu(title)
            action = groups[example.group].addAction(example.title.replace("&", "&&"))
            action.setStatusTip(example.summary)
            action.setToolTip(example.summary)
            action.triggered.connect(lambda _=False, e=example: self._commands.open_example(e))

    def _title(self, group: str) -> str:
        known = {"kernel-docs": self.tr("From the kernel's documentation")}
        return known.get(group, group)
