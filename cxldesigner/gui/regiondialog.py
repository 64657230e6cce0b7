"""The "Create region…" dialog: window, devices in order, and what the kernel would say to it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxldesigner.document.model import Device
from cxldesigner.document.units import BadQuantity, format_size, parse_size
from cxldesigner.gui.fonts import mono_font
from cxldesigner.gui.icons import icon
from cxldesigner.gui.theme import tokens
from cxldesigner.linux.actions import apply
from cxldesigner.linux.model import Derivation

GRANULARITIES = tuple(256 << code for code in range(7))
WAYS = (1, 2, 3, 4, 6, 8, 12, 16)


class RegionDialog(QDialog):
    """Composes one ``cxl create-region`` line; :attr:`command` is it.

    The devices are those with memory of the type chosen; their order in the list is the order of
    positions. The prediction is the outcome of the line on the state after all host actions.
    """

    def __init__(self, derivation: Derivation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Create region"))
        self._derivation = derivation
        self.window_box = QComboBox(self)
        for number, window_id in enumerate(derivation.firmware.windows):
            window = derivation.document.windows.get(window_id)
            name = (window.name or window.id) if window else self.tr("not drawn")
            self.window_box.addItem(f"decoder0.{number} · {name}", number)
        self.type_box = QComboBox(self)
        self.type_box.addItem(self.tr("volatile (ram)"), "ram")
        self.type_box.addItem(self.tr("persistent (pmem)"), "pmem")
        self.devices = QListWidget(self)
        self.devices.setAccessibleName(self.tr("Devices in order of position"))
        self.devices.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.ways_box = QComboBox(self)
        self.granularity_box = QComboBox(self)
        for granularity in GRANULARITIES:
            self.granularity_box.addItem(format_size(granularity), granularity)
        self.size_edit = QLineEdit(self)
        self.size_edit.setPlaceholderText(self.tr("all there is"))
        self.command_label = QLabel(self)
        self.command_label.setFont(mono_font())
        self.command_label.setWordWrap(True)
        self.command_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.prediction = QLabel(self)
        self.prediction.setWordWrap(True)
        self.prediction.setMinimumHeight(self.fontMetrics().height() * 3)
        self.prediction.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Add command"))
        self._lay_out()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.type_box.currentIndexChanged.connect(self._fill_devices)
        self.window_box.currentIndexChanged.connect(self._take_window)
        for box in (self.ways_box, self.granularity_box):
            box.currentIndexChanged.connect(self._predict)
        self.devices.itemChanged.connect(self._count_ways)
        self.devices.model().rowsMoved.connect(self._predict)
        self.size_edit.textChanged.connect(self._predict)
        self._fill_devices()
        self._take_window()

    def _lay_out(self) -> None:
        up, down = QToolButton(self), QToolButton(self)
        for button, picture, words, step in (
            (up, "up", self.tr("Move device up"), -1),
            (down, "down", self.tr("Move device down"), 1),
        ):
            button.setIcon(icon(picture))
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.clicked.connect(lambda _checked=False, step=step: self.move_device(step))
        beside = QGridLayout()
        beside.addWidget(self.devices, 0, 0, 3, 1)
        beside.addWidget(up, 0, 1)
        beside.addWidget(down, 1, 1)
        beside.setRowStretch(2, 1)
        form = QFormLayout()
        form.addRow(self.tr("&Window"), self.window_box)
        form.addRow(self.tr("&Type"), self.type_box)
        heading = QLabel(self.tr("&Devices"), self)
        heading.setBuddy(self.devices)
        form.addRow(heading, beside)
        form.addRow(self.tr("Wa&ys"), self.ways_box)
        form.addRow(self.tr("&Granularity"), self.granularity_box)
        form.addRow(self.tr("&Size"), self.size_edit)
        form.addRow(self.tr("Command"), self.command_label)
        form.addRow(self.tr("Prediction"), self.prediction)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.buttons)
        self.resize(520, 480)

    # --- filling ------------------------------------------------------------------------------

    def _fill_devices(self) -> None:
        """List the devices that have memory of the type chosen."""
        persistent = self.type_box.currentData() == "pmem"
        self.devices.blockSignals(True)
        self.devices.clear()
        for node in self._derivation.firmware.fabric:
            part = self._derivation.document.parts.get(node.id)
            if not isinstance(part, Device):
                continue
            size = part.persistent_bytes if persistent else part.volatile_bytes
            if not size:
                continue
            item = QListWidgetItem(f"{node.id} · {format_size(size)} · {node.host}", self.devices)
            item.setData(Qt.ItemDataRole.UserRole, node.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
        self.devices.blockSignals(False)
        self._count_ways()

    def _take_window(self) -> None:
        """Take the granularity the window demands."""
        number = self.window_box.currentData()
        windows = self._derivation.firmware.windows
        window = None
        if number is not None and number < len(windows):
            window = self._derivation.document.windows.get(windows[number])
        if window is not None and window.granularity in GRANULARITIES:
            self.granularity_box.setCurrentIndex(GRANULARITIES.index(window.granularity))
        self._predict()

    def _count_ways(self) -> None:
        """Offer the ways; as many as devices are checked is the default."""
        count = len(self.chosen)
        self.ways_box.blockSignals(True)
        self.ways_box.clear()
        for ways in sorted({*WAYS, count} - {0}):
            self.ways_box.addItem(str(ways), ways)
        self.ways_box.setCurrentIndex(max(self.ways_box.findData(count), 0))
        self.ways_box.blockSignals(False)
        self._predict()

    def move_device(self, step: int) -> None:
        """Move the current device up or down in the order of positions."""
        row = self.devices.currentRow()
        if 0 <= row < self.devices.count() and 0 <= row + step < self.devices.count():
            item = self.devices.takeItem(row)
            self.devices.insertItem(row + step, item)
            self.devices.setCurrentRow(row + step)
            self._predict()

    def check(self, device: str, *, checked: bool = True) -> None:
        """Check or uncheck a device by id."""
        for row in range(self.devices.count()):
            item = self.devices.item(row)
            if item.data(Qt.ItemDataRole.UserRole) == device:
                item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)

    # --- the command --------------------------------------------------------------------------

    @property
    def chosen(self) -> tuple[str, ...]:
        """The checked devices in order."""
        items = (self.devices.item(row) for row in range(self.devices.count()))
        return tuple(
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        )

    @property
    def command(self) -> str:
        """The line composed, "" while something is missing."""
        size = ""
        if self.size_edit.text().strip():
            try:
                size = f"-s {parse_size(self.size_edit.text())} "
            except BadQuantity:
                return ""
        if not self.chosen or self.window_box.currentData() is None:
            return ""
        return (
            f"cxl create-region -m -t {self.type_box.currentData()} "
            f"-d decoder0.{self.window_box.currentData()} -w {self.ways_box.currentData()} "
            f"-g {self.granularity_box.currentData()} {size}{' '.join(self.chosen)}"
        )

    def _predict(self) -> None:
        command = self.command
        self.command_label.setText(command or "–")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(command))
        t = tokens()
        if not command:
            missing = (
                self.tr("The size is not a size: write for example 4 GiB.")
                if self.chosen
                else self.tr("Check the devices of the region.")
            )
            self._say(missing, t.text_muted.name())
            return
        before = self._derivation.current
        after, result = apply(before, self._derivation.firmware, command)
        if result.exit:
            words = self.tr("The kernel would refuse it:\n{}").format(result.output)
            self._say(words, t.error.name())
            return
        known = {region.name for region in before.regions}
        made = next((r for r in after.regions if r.name not in known), None)
        if made is None:
            self._say(self.tr("The kernel would take it."), t.good.name())
            return
        words = self.tr("The kernel would take it: {} of {} on node {}.").format(
            made.name, format_size(made.size), "–" if made.node is None else made.node
        )
        self._say(words, t.good.name())

    def _say(self, words: str, colour: str) -> None:
        self.prediction.setText(words)
        self.prediction.setStyleSheet(f"color: {colour};")
