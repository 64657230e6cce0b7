"""Other formats: importing real machines, exporting pictures and reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from cxldesigner.gui import dialogs
from cxldesigner.gui.background import Cancelled, wait_for
from cxldesigner.gui.files import Files
from cxldesigner.gui.theme import tokens
from cxldesigner.linux.severity import Severity

if TYPE_CHECKING:
    from cxldesigner.gui.main_window import MainWindow

_MARGIN = 24.0
_PNG_SCALE = 2.0


class Transfer(QObject):
    """Import and export for one window. Errors are one message; what is open stays."""

    def __init__(self, window: MainWindow, files: Files) -> None:
        super().__init__(window)
        self._window, self._files = window, files

    # --- in -------------------------------------------------------------------------------------

    def import_files(self) -> bool:
        """Ask for ACPI tables, ``cxl list`` output or an archive, and open the machine."""
        filters = self.tr("Tables and tool output (*.dat *.aml *.bin *.json *.txt *.gz *);;All (*)")
        paths = dialogs.ask_open_many(self._window, self.tr("Import"), self._files.folder, filters)
        return bool(paths) and self.import_paths(paths)

    def import_folder(self) -> bool:
        """Ask for a folder of dumps and open the machine."""
        path = dialogs.ask_folder(self._window, self.tr("Import a folder"), self._files.folder)
        return path is not None and self.import_paths([path])

    def import_paths(self, paths: list[Path]) -> bool:
        """Open the machine that dumps describe, as an unsaved platform."""
        from cxldesigner.exchange.importer import import_sources  # noqa: PLC0415
        from cxldesigner.exchange.notes import ImportRefused  # noqa: PLC0415

        if not self._files.may_leave():
            return False
        try:
            found = wait_for(
                self._window, self.tr("Reading the machine…"), lambda _: import_sources(paths)
            )
        except Cancelled:
            return False
        except ImportRefused as error:
            dialogs.show_error(self._window, self.tr("Nothing was imported."), str(error))
            return False
        self._files.show(found.document, None, modified=True)
        notes = [
            QCoreApplication.translate("Import", note.text).format(*note.args)
            for note in found.notes
        ]
        if notes:
            self._window.message_bar.show_message(
                Severity.NOTE,
                self.tr("Imported, with remarks: {}").format(notes[0]),
                details="\n".join(notes) if len(notes) > 1 else "",
                key="import",
            )
        return True

    # --- out ------------------------------------------------------------------------------------

    def export_report(self) -> bool:
        """Ask for a place and write the report of the recording."""
        from cxldesigner.exchange.report import write_report  # noqa: PLC0415
        from cxldesigner.recording.errors import RecordingError  # noqa: PLC0415
        from cxldesigner.recording.reader import RecordingReader  # noqa: PLC0415

        player = self._window.commands.player
        if player is None or player.path is None:
            return False
        recording = player.path
        target = self._ask(self.tr("Export report"), self.tr("Web page (*.html)"), ".html")
        if target is None:
            return False

        def write(path: Path) -> None:
            try:
                with RecordingReader(recording) as reader:
                    write_report(reader, path)
            except RecordingError as error:
                raise OSError(str(error)) from error

        return self._write(target, write)

    def export_qemu(self) -> bool:
        """Ask for a place and write the QEMU command line that boots the platform."""
        filters = self.tr("Shell script (*.sh)")
        target = self._ask(self.tr("Export a QEMU command line"), filters, ".sh")
        return target is not None and self.export_to("qemu", target)

    def export_script(self) -> bool:
        """Ask for a place and write the host actions as a shell script."""
        filters = self.tr("Shell script (*.sh)")
        target = self._ask(self.tr("Export the host actions"), filters, ".sh")
        return target is not None and self.export_to("script", target)

    def export_tables(self) -> bool:
        """Ask for a folder and write the ACPI tables into it."""
        title = self.tr("Export ACPI tables into a folder")
        target = dialogs.ask_folder(self._window, title, self._files.folder)
        return target is not None and self.export_to("acpi", target)

    def export_to(self, form: str, target: Path) -> bool:
        """Write the platform in one of the formats of :mod:`~cxldesigner.exchange.exporters`."""
        from cxldesigner.exchange.exporters import exporter_named, write_files  # noqa: PLC0415
        from cxldesigner.exchange.qemuexportline import CannotExport  # noqa: PLC0415

        exporter, document = exporter_named(form), self._window.session.document
        try:
            label = self.tr("Writing {}…").format(target.name)
            made = wait_for(self._window, label, lambda _: exporter.make(document))
            write_files(exporter, made, target)
        except Cancelled:
            return False
        except CannotExport as reason:
            title = self.tr("This platform cannot be exported.")
            dialogs.show_error(self._window, title, str(reason))
            return False
        except OSError as error:
            self._tell_failure(target, error.strerror or str(error))
            return False
        notes = [
            QCoreApplication.translate("Export", note.text).format(*note.args)
            for note in made.notes
        ]
        text = self.tr("Written to {}.").format(target)
        if notes:
            text = self.tr("Written to {}, with remarks: {}").format(target, notes[0])
        details = "\n".join(notes) if len(notes) > 1 else ""
        self._window.message_bar.show_message(Severity.NOTE, text, details=details, key="export")
        return True

    def export_picture(self) -> bool:
        """Ask for a place and write the drawing as SVG, or as PNG by the name's end."""
        filters = self.tr("Drawing (*.svg);;Picture (*.png)")
        target = self._ask(self.tr("Export picture"), filters, ".svg")
        if target is None:
            return False
        try:
            self.write_picture(target)
        except OSError as error:
            self._tell_failure(target, str(error))
            return False
        return True

    def write_picture(self, target: Path) -> None:
        """Write the drawing on the canvas.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        scene = self._window.canvas.canvas
        area = scene.itemsBoundingRect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        if target.suffix.lower() == ".png":
            image = QImage((area.size() * _PNG_SCALE).toSize(), QImage.Format.Format_ARGB32)
            image.fill(tokens().canvas)
            self._paint(image, area, QRectF(image.rect()))
            if not image.save(str(target)):
                raise OSError(self.tr("the picture could not be written"))
            return
        with target.open("wb"):
            pass  # QSvgGenerator does not say why it cannot write; this does
        drawing = QSvgGenerator()
        drawing.setFileName(str(target))
        drawing.setTitle(self._files.title)
        size = area.size().toSize()
        drawing.setSize(QSize(size.width(), size.height()))
        drawing.setViewBox(QRectF(0, 0, size.width(), size.height()))
        self._paint(drawing, area, QRectF(0, 0, size.width(), size.height()))

    def _paint(self, device: QImage | QSvgGenerator, area: QRectF, onto: QRectF) -> None:
        painter = QPainter(device)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(onto, tokens().canvas)
        self._window.canvas.canvas.render(painter, onto, area, Qt.AspectRatioMode.KeepAspectRatio)
        painter.end()

    def _ask(self, title: str, filters: str, suffix: str) -> Path | None:
        name = Path(self._files.title).stem + suffix
        proposal = str(Path(self._files.folder) / name)
        return dialogs.ask_save(self._window, title, proposal, filters, suffix)

    def _write(self, target: Path, write: Callable[[Path], object]) -> bool:
        try:
            wait_for(
                self._window, self.tr("Writing {}…").format(target.name), lambda _: write(target)
            )
        except Cancelled:
            return False
        except OSError as error:
            self._tell_failure(target, str(error))
            return False
        text = self.tr("Written to {}.").format(target)
        self._window.message_bar.show_message(Severity.NOTE, text)
        return True

    def _tell_failure(self, target: Path, reason: str) -> None:
        title = self.tr("“{}” could not be written.").format(target.name)
        dialogs.show_error(self._window, title, reason)
