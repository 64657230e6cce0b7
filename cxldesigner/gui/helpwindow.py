"""The manual: short pages, and the key table made from the actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QWidget,
)

from cxldesigner.assets import resource
from cxldesigner.gui.actions import ActionSpec, menu_titles
from cxldesigner.gui.actionset import plain
from cxldesigner.gui.theme import theme_changed, tokens

KEYBOARD = "keyboard"
translate = QCoreApplication.translate


def page_titles() -> dict[str, str]:
    """Return the titles of the pages by name (files in ``resources/help``), in reading order."""
    return {
        "first-steps": translate("Help", "First steps"),
        "drawing": translate("Help", "Drawing a platform"),
        "linux-view": translate("Help", "What Linux makes of it"),
        "playing": translate("Help", "Playing and replaying"),
        "files": translate("Help", "Files, import, export"),
        "command-line": translate("Help", "The command line"),
        KEYBOARD: translate("Help", "Keyboard"),
    }


def keyboard_page(specs: Sequence[ActionSpec]) -> str:
    """Return the key table as Markdown: every action, by menu, with its keys."""
    lines = [f"# {translate('Help', 'Keyboard')}", ""]
    lines.append((resource("help", f"{KEYBOARD}.md")).read_text(encoding="utf-8").strip())
    for path, title in menu_titles().items():
        rows = [s for s in specs if s.menu.split("/")[0] == path]
        if not rows:
            continue
        heading = (translate("Help", "Action"), translate("Help", "Keys"))
        lines += ["", f"## {plain(title)}", "", f"| {heading[0]} | {heading[1]} |", "|---|---|"]
        for spec in rows:
            keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            lines.append(f"| {plain(spec.text)} | {keys} |")
    return "\n".join(lines)


class HelpWindow(QDialog):
    """A list of pages and the page."""

    def __init__(self, specs: Sequence[ActionSpec], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Help — CXL Designer"))
        self.setObjectName("help-window")
        self._specs = specs
        self._list = QListWidget(self)
        self._list.setAccessibleName(self.tr("Pages"))
        self._list.setSpacing(4)
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        for name, title in page_titles().items():
            item = QListWidgetItem(title, self._list)
            item.setData(Qt.ItemDataRole.UserRole, name)
        self._browser = QTextBrowser(self)
        self._browser.setAccessibleName(self.tr("Page"))
        self._browser.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._browser.setOpenLinks(False)
        self._browser.setSearchPaths([str(resource("help"))])  # where the pictures lie
        self._browser.anchorClicked.connect(self._on_link)
        self._browser.document().setDocumentMargin(18)
        split = QSplitter(self)
        split.addWidget(self._list)
        split.addWidget(self._browser)
        split.setStretchFactor(1, 1)
        split.setSizes([210, 610])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)
        self.resize(860, 620)
        self._list.currentRowChanged.connect(self._on_row)
        close = QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self)
        close.activated.connect(self.close)
        theme_changed.connect(self._show_current)

    def show_page(self, name: str) -> None:
        """Show a page by its name and bring the window to the front."""
        row = list(page_titles()).index(name)
        if row == self._list.currentRow():
            self._show_current()
        self._list.setCurrentRow(row)
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def text(self) -> str:
        """What the shown page says, without markup."""
        return self._browser.toPlainText()

    def _on_row(self, _row: int) -> None:
        self._show_current()

    def _show_current(self) -> None:
        row = self._list.currentRow()
        if row < 0:
            return
        name = str(self._list.item(row).data(Qt.ItemDataRole.UserRole))
        if name == KEYBOARD:
            page = keyboard_page(self._specs)
        else:
            page = resource("help", f"{name}.md").read_text(encoding="utf-8")
        t = tokens()
        self._browser.document().setDefaultStyleSheet(f"a {{ color: {t.hyperlink.name()}; }}")
        self._browser.setMarkdown(page)

    def _on_link(self, url: QUrl) -> None:
        name = url.fileName().removesuffix(".md")
        if url.isRelative() and name in page_titles():
            self.show_page(name)
        else:
            QDesktopServices.openUrl(url)
