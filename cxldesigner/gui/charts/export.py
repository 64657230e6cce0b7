"""A chart as a file: picture (PNG, SVG) or the recorded values of the shown range (CSV)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from cxldesigner.document.atomic import write_atomically
from cxldesigner.gui.charts.card import ChartCard
from cxldesigner.gui.charts.ruler import TimeRuler
from cxldesigner.gui.theme import tokens
from cxldesigner.recording.reader import RecordingReader

_PNG_RATIO = 2.0
_CSV_CHUNK_TICKS = 4096


def _size(card: ChartCard, ruler: TimeRuler) -> QSize:
    return QSize(card.width(), card.height() + ruler.height())


def _draw(painter: QPainter, card: ChartCard, ruler: TimeRuler) -> None:
    """Draw the time axis with the chart under it."""
    ruler.draw(painter)
    painter.translate(0, ruler.height())
    card.draw_picture(painter)


def png(card: ChartCard, ruler: TimeRuler) -> bytes:
    """Return a PNG with twice as many pixels as on screen."""
    image = QImage(_size(card, ruler) * _PNG_RATIO, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_PNG_RATIO)
    image.fill(tokens().surface)
    painter = QPainter(image)
    _draw(painter, card, ruler)
    painter.end()
    target = QByteArray()
    buffer = QBuffer(target)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(target.data())


def svg(card: ChartCard, ruler: TimeRuler) -> bytes:
    """Return an SVG: lines, areas and text stay what they are."""
    target = QByteArray()
    buffer = QBuffer(target)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(_size(card, ruler))
    generator.setViewBox(QRect(0, 0, card.width(), card.height() + ruler.height()))
    generator.setTitle(card.spec.title)
    painter = QPainter(generator)
    _draw(painter, card, ruler)
    painter.end()
    return bytes(target.data())


def write_csv(recording: Path, columns: Sequence[str], t0: int, t1: int, target: Path) -> None:
    """Write every recorded row of ticks ``[t0, t1)``: time, tick, the columns as recorded.

    Opens the recording itself, so it may run on any thread.

    Raises
    ------
    RecordingError, OSError
        The recording cannot be read, the target cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    with RecordingReader(recording) as reader:
        units = {c.name: c.unit for c in reader.meta.columns}
        writer.writerow(["time [s]", "tick", *(f"{c} [{units[c]}]" for c in columns)])
        for start in range(max(t0, 0), min(t1, reader.ticks), _CSV_CHUNK_TICKS):
            end = min(start + _CSV_CHUNK_TICKS, t1, reader.ticks)
            values = np.stack([reader.series(c, start, end, end - start)[1] for c in columns])
            for tick, row in zip(range(start, end), values.T.tolist(), strict=True):
                writer.writerow([repr(tick * reader.meta.tick_ms / 1000), tick, *map(_plain, row)])
    write_atomically(target, text.getvalue().encode())


def _plain(value: float) -> str:
    return "" if math.isnan(value) else repr(value).removesuffix(".0")
