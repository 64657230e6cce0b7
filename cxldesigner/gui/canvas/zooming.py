"""A graphics view that zooms, pans and fits, with a dot grid: no knowledge of platforms."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QPainter, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from cxldesigner.gui.theme import tokens

ZOOM_STEP = 1.2
ZOOM_RANGE = (0.08, 4.0)
_FIT_LARGEST = 1.25
_FIT_MARGIN = 22.0
_GRID = 24.0
_GRID_PIXELS = 15.0


class _Pinch(QObject):
    """Turns pinching on a touchpad into zooming.

    A filter and not an override of ``viewportEvent``, so that handlers are not called from inside
    another Python override: an exception there took the process down (seen with PySide6 6.11).
    """

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._view = view
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._view.zoom_by(1.0 + event.value(), event.position())
            return True
        return False


class ZoomView(QGraphicsView):
    """Zooms about the pointer; ``zoom_changed`` carries screen pixels per scene unit."""

    zoom_changed = Signal(float)

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        _Pinch(self)

    @property
    def zoom(self) -> float:
        """Screen pixels per scene unit."""
        return self.transform().m11()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom about a point of the viewport, which stays where it is; None: its middle."""
        low, high = ZOOM_RANGE
        wanted = max(low, min(self.zoom * factor, high))
        at = QPointF(self.viewport().rect().center()) if about is None else about
        before = self.mapToScene(at.toPoint())
        self.resetTransform()
        self.scale(wanted, wanted)
        away = self.mapFromScene(before) - at.toPoint()
        self.scroll_by(away.x(), away.y())
        self.zoom_changed.emit(self.zoom)

    def zoom_in(self) -> None:
        """Zoom in one step."""
        self.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out one step."""
        self.zoom_by(1 / ZOOM_STEP)

    def zoom_reset(self) -> None:
        """Show one scene unit as one pixel."""
        self.zoom_by(1 / self.zoom)

    def show_area(self, area: QRectF) -> None:
        """Zoom so that an area fits, not larger than is good to read, and centre it."""
        wide = area.adjusted(-_FIT_MARGIN, -_FIT_MARGIN, _FIT_MARGIN, _FIT_MARGIN)
        size = self.viewport().size()
        factor = min(size.width() / wide.width(), size.height() / wide.height(), _FIT_LARGEST)
        self.zoom_by(factor / self.zoom)
        self.centerOn(wide.center())

    def scroll_by(self, dx: float, dy: float) -> None:
        """Move the visible part by screen pixels."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + round(dx))
        down.setValue(down.value() + round(dy))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
            event.accept()
            return
        way = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not way.x()
        self.scroll_by(-(way.y() if sideways else way.x()), 0 if sideways else -way.y())
        event.accept()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        t = tokens()
        area = QRectF(rect)
        painter.fillRect(area, t.canvas)
        step = _GRID
        while step * self.zoom < _GRID_PIXELS:
            step *= 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        pen = QPen(t.grid, 2.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        left, top = area.left() // step, area.top() // step
        columns = range(int(left), int(area.right() // step) + 2)
        rows = range(int(top), int(area.bottom() // step) + 2)
        painter.drawPoints(QPolygonF([QPointF(x * step, y * step) for y in rows for x in columns]))
