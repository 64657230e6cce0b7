"""The program in front of the camera: one method for each picture of README and help."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import small_png
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from cxldesigner.document.edits import set_actions, set_field
from cxldesigner.document.model import MIB
from cxldesigner.gui import app
from cxldesigner.gui.canvas.hint import ZoomBar

WINDOW = (1440, 900)
PAGE_WIDTH = 580
"""What the help window has for a picture; wider ones are taken at twice the size and reduced."""
NARROW = (
    "charts", "scenario", "parts", "inspector", "address-map", "command-palette",
)  # fmt: skip
WIDE = ("canvas", "connecting", "linux-view", "host-actions", "findings", "playback", "welcome")
PATIENCE_S = 120.0


class Studio:
    """The program in one look; makes the pictures of that look that are wanted (all by default)."""

    def __init__(self, theme: str, scale: int, target: Path, wanted: set[str]) -> None:
        self._look = (theme, scale)
        self._target, self._wanted = target, wanted
        arguments = app.parser().parse_args(["--example", "story"])
        self._program = app.load_program().Program(arguments)
        sys.excepthook = sys.__excepthook__  # here, an error must end the work
        self.window = self._program.window
        self.window.commands.set_theme(theme)
        self.window.resize(*WINDOW)
        ready: list[bool] = []
        self.window.ready.connect(lambda: ready.append(True))
        self.until(lambda: ready)
        self.until(lambda: self.player.ticks == self.player.total_ticks > 0)

    @property
    def player(self) -> Any:
        """The window's player."""
        return self.window.commands.player

    def work(self) -> None:
        """Make the pictures."""
        theme, scale = self._look
        if scale == 1:
            for name in NARROW:
                self._shoot(name, {f"{name}.png": 0})
        elif theme == "dark":
            self._shoot("window", {"window-dark@2x.png": 0})
        else:
            self._shoot("window", {"window@2x.png": 0, "window.png": PAGE_WIDTH})
            for name in WIDE:
                self._shoot(name, {f"{name}.png": PAGE_WIDTH})
        self.window.session.undo_stack.setClean()
        self.window.close()

    def _shoot(self, name: str, files: Mapping[str, int]) -> None:
        """Take a picture; write it to files, each in a width in pixels (0: as it is)."""
        if self._wanted and name not in self._wanted:
            return
        pose: Callable[[], QImage] = getattr(self, f"_{name.replace('-', '_')}")
        taken = pose()
        for file, width in files.items():
            smooth = Qt.TransformationMode.SmoothTransformation
            image = taken.scaledToWidth(width, smooth) if width else taken
            path = self._target / file
            small_png.write(path, _pixels(image))
            print(f"{file}: {path.stat().st_size // 1024} KiB", flush=True)

    # --- poses ----------------------------------------------------------------------------------

    def _window(self) -> QImage:
        """Show the whole window in the middle of the story."""
        self.open("story")
        self.window.commands.show_replay()
        self._charts_drawn()
        self.player.seek(self.player.total_ticks * 0.55)
        self.window.canvas.fit()
        self.settle()
        return self.window.grab().toImage()

    def _charts(self) -> QImage:
        """Show the first charts."""
        self._window()
        return self._alone("charts", PAGE_WIDTH, 470)

    def _scenario(self) -> QImage:
        """Show a phase of the scenario."""
        self.open("story")
        self._panel("scenario").select(("processes", 0, "phases", 0))
        return self._alone("scenario", 360, 520)

    def _playback(self) -> QImage:
        """Show the bar with the timeline."""
        self._window()
        bar = self.window.playback.findChild(QWidget, "transport-bar")
        assert bar is not None
        bar.resize(660, bar.height())
        return bar.grab().toImage()

    def _parts(self) -> QImage:
        """Show what can be dragged."""
        self.open("two-sockets-switch")
        return self._alone("parts", 240, 460)

    def _canvas(self) -> QImage:
        """Show a platform with one part selected."""
        self.open("two-sockets-switch")
        self.select("mem2")
        return self._drawing()

    def _connecting(self) -> QImage:
        """Show a link being drawn to a port that is taken."""
        self.open("switch-x4")
        view = self.window.canvas
        self.window.commands.add_part("device-volatile")
        self.derived()
        view.fit()
        start, end = (
            view.viewport().mapFromGlobal(view.global_port_position(port))
            for port in ("mem4:up", "sw0:d0")
        )
        _press_and_hold(view.viewport(), start, end)
        image = self._drawing()
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
        return image

    def _inspector(self) -> QImage:
        """Show the fields of a device."""
        self.open("two-sockets-switch")
        self.select("mem2")
        return self._alone("inspector", 340, 560)

    def _linux_view(self) -> QImage:
        """Show the nodes, and why one of them is where it is."""
        self.open("two-sockets-switch")
        panel = self._panel("linux")
        panel.nodes.setCurrentIndex(panel.nodes.model().index(2, 4))
        return self._alone("linux", 860, 240)

    def _address_map(self) -> QImage:
        """Show where everything is."""
        self.open("two-sockets-switch")
        self.select("w0")
        return self._alone("addressmap", PAGE_WIDTH, 220)

    def _host_actions(self) -> QImage:
        """Show commands with what they lead to: one has its devices in the wrong order."""
        self.open("two-sockets-switch")
        self.window.session.edit(
            "Swap", set_actions,
            [a.replace("mem0 mem1", "mem1 mem0") for a in self.window.session.document.actions],
        )  # fmt: skip
        self.derived()
        return self._alone("hostactions", 860, 170)

    def _findings(self) -> QImage:
        """Show what a kernel would refuse."""
        self.open("two-sockets-switch")
        self.window.session.edit("Shrink", set_field, "w1", "size_bytes", 100 * MIB)
        self.derived()
        return self._alone("findings", 760, 300)

    def _command_palette(self) -> QImage:
        """Show actions found by typing."""
        self.open("story")
        self.window.commands.show_command_palette()
        palette = next(w for w in QApplication.topLevelWidgets() if "palette" in w.objectName())
        line = palette.findChild(QLineEdit)
        assert line is not None
        QTest.keyClicks(line, "zoom")
        self.settle()
        return palette.grab().toImage()

    def _welcome(self) -> QImage:
        """Show what the program starts with."""
        self.open("story")
        self.window.resize(960, 660)
        self.window.commands.show_welcome()
        self.settle()
        image = self.window.grab().toImage()
        self.window.resize(*WINDOW)
        return image

    # --- tools ----------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Show an example in edit mode, its views current."""
        self.window.session.undo_stack.setClean()
        self.window.commands.show_edit()
        self.window.commands.show_editor()
        self.window.files.open_example(app.example(name).path)
        self.derived()
        self.window.canvas.fit()

    def derived(self) -> None:
        """Wait for Linux's view of what is drawn."""
        session = self.window.session
        self.until(
            lambda: (
                session.derivation is not None and session.derivation.document is session.document
            )
        )
        self.settle()

    def select(self, *items: str) -> None:
        """Select items."""
        self.window.session.select(items)
        self.settle()

    def _charts_drawn(self) -> None:
        panel = self._panel("charts")
        self.until(lambda: panel.board is not None)
        panel.board.complete()

    def _drawing(self) -> QImage:
        """Return the canvas, as much of it as is drawn on."""
        self.settle()
        view = self.window.canvas
        drawn = view.mapFromScene(view.canvas.itemsBoundingRect()).boundingRect()
        area = drawn.adjusted(-16, -16, 16, 16).intersected(view.viewport().rect())
        zoom = view.findChild(ZoomBar)
        zoom.hide()
        image = view.grab(area.translated(view.viewport().pos())).toImage()
        zoom.show()
        return image

    def _panel(self, dock_id: str) -> Any:
        return self.window.docks[dock_id].panel

    def _alone(self, dock_id: str, width: int, height: int) -> QImage:
        """Take one panel out of the window, in a size that suits a page."""
        dock = self.window.docks[dock_id]
        dock.show()
        dock.setFloating(True)
        dock.resize(width, height)
        self.settle()
        image = dock.panel.grab().toImage()
        dock.setFloating(False)
        self.settle()
        return image

    def settle(self) -> None:
        """Let animations and queued work end."""
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.01)

    def until(self, true: Callable[[], object]) -> None:
        """Process events until something holds."""
        end = time.monotonic() + PATIENCE_S
        while not true():
            if time.monotonic() > end:
                raise TimeoutError("the program did not get ready")
            QApplication.processEvents()
            time.sleep(0.01)


def _pixels(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return data[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def _press_and_hold(area: QWidget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(area, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(area, start + (end - start) * step / 5, 20)
