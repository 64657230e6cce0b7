"""What the program opens at its start, before and after the panels are there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cxldesigner.gui import dialogs
from cxldesigner.gui.examples import Example, example
from cxldesigner.gui.files import RECORDING
from cxldesigner.gui.recovery import Orphan, orphans
from cxldesigner.linux.severity import Severity

if TYPE_CHECKING:
    from cxldesigner.gui.main_window import MainWindow
    from cxldesigner.gui.rehearsal import Rehearsal


class Opening(QObject):
    """Opens platforms at once, recordings when the player is there, then offers safety copies."""

    def __init__(self, window: MainWindow, recovery_folder: Path) -> None:
        super().__init__(window)
        self._window, self._recovery_folder = window, recovery_folder
        self._recordings: list[Path] = []
        self._example: Example | None = None
        self._rehearsal: Rehearsal | None = None

    def begin(self, files: Sequence[Path], example_name: str) -> None:
        """Open what needs no player."""
        self._recordings = [f for f in files if f.suffix.lower() == RECORDING]
        platforms = [f for f in files if f.suffix.lower() != RECORDING]
        opened = False
        for path in platforms[:1]:
            opened = self._window.files.open_path(path)
        if example_name:
            self._example = example(example_name)
            if self._example is not None:
                opened = self._window.files.open_copy(self._example.path)
        if not opened and not self._recordings:
            self._window.commands.show_welcome()

    def finish(self) -> None:
        """Open recordings, then offer what a dead program left."""
        player = self._window.commands.player
        if player is None:
            return
        if self._example is not None:
            self._load_recording(self._example)
        for path in self._recordings[:1]:
            if self._window.session.document.parts:
                player.open(path, enter=False)
            else:
                self._window.commands.open_recording(path)
        found = orphans(self._recovery_folder)
        if found:
            self._offer(found[0])

    def shutdown(self) -> None:
        """End a run under way."""
        if self._rehearsal is not None:
            self._rehearsal.shutdown()

    def _load_recording(self, chosen: Example) -> None:
        from cxldesigner.gui.rehearsal import Rehearsal, kept_recording  # noqa: PLC0415

        player, document = self._window.commands.player, self._window.session.document
        if player is None or not document.scenarios:
            return
        kept = kept_recording(document, next(iter(document.scenarios)))
        recording = chosen.recording or (kept if kept.exists() else None)
        if recording is not None:
            player.open(recording, enter=False)
            return
        self._rehearsal = Rehearsal(document, next(iter(document.scenarios)), self)
        self._rehearsal.progressed.connect(self._on_progress)
        self._rehearsal.finished.connect(self._on_rehearsed)
        self._rehearsal.failed.connect(self._on_failed)

    def _on_progress(self, ticks: int, total: int) -> None:
        percent = 100 * ticks // max(total, 1)
        text = self.tr("Playing the example once, to have its recording: {} %").format(percent)
        self._window.status.show_activity(text)

    def _on_rehearsed(self, path: Path) -> None:
        self._window.status.show_activity("")
        player = self._window.commands.player
        if player is not None and player.reader is None and not player.live:
            player.open(path, enter=False)

    def _on_failed(self, text: str) -> None:
        self._window.status.show_activity("")
        self._window.message_bar.show_message(Severity.WARNING, text)

    def _offer(self, orphan: Orphan) -> None:
        minutes = max(0, int(time.time() - orphan.saved_at)) // 60
        yes = dialogs.ask_yes(
            self._window,
            self.tr("Restore unsaved work on “{}”?").format(orphan.name),
            self.tr("The program ended without saving. A safety copy from {} ago is there.").format(
                self._age(minutes)
            ),
            self.tr("Restore"),
            self.tr("Discard"),
        )
        if not yes or self._restore(orphan):
            orphan.discard()

    def _restore(self, orphan: Orphan) -> bool:
        files = self._window.files
        return files.may_leave() and files.open_copy(
            orphan.copy, origin=orphan.origin, modified=True
        )

    def _age(self, minutes: int) -> str:
        if minutes < 1:
            return self.tr("less than a minute")
        if minutes < 120:
            return self.tr("{} min").format(minutes)
        hours = minutes // 60
        return self.tr("{} h").format(hours) if hours < 48 else self.tr("{} d").format(hours // 24)
