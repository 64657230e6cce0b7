import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView

from cxldesigner.document.model import Device, Document, Socket
from cxldesigner.gui.canvas.templates import MIME, from_mime
from cxldesigner.gui.partpalette import PaletteModel, PartPalette, preset_templates, summary
from cxldesigner.gui.session import Session


@pytest.fixture
def palette(qtbot):
    widget = PartPalette(Session(Document()))
    qtbot.addWidget(widget)
    widget.resize(280, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def rows(model):
    return [model.data(model.index(r)) for r in range(model.rowCount())]


def test_the_model_keeps_the_rules_of_item_models(qtmodeltester, qapp):
    model = PaletteModel()
    qtmodeltester.check(model)


def test_every_kind_of_part_is_offered(palette):
    model = palette.model
    keys = ("socket", "memory", "bridge", "root-port", "switch", "window")
    devices = ("device-volatile", "device-persistent", "device-both")
    for key in (*keys, *devices):
        index = model.index(model.row_of(key))
        template = model.template(index)
        assert template is not None
        assert summary(template)
        assert from_mime(model.mimeData([index])) == template.item
    assert model.mimeTypes() == [MIME]


def test_presets_carry_their_figures_and_their_name():
    templates = {t.key: t for t in preset_templates()}
    device = templates["preset-micron-cz120-256g"].item
    assert isinstance(device, Device)
    assert device.volatile_bytes > 0
    assert device.preset == "micron-cz120-256g"
    socket = templates["preset-amd-epyc-9004"].item
    assert isinstance(socket, Socket)
    assert socket.dram_bytes > 0


def test_headings_can_be_neither_chosen_nor_dragged(palette):
    index = palette.model.index(0)

    assert palette.model.template(index) is None
    assert palette.model.flags(index) == Qt.ItemFlag.NoItemFlags
    assert not palette.model.mimeData([index]).hasFormat(MIME)


def test_filtering_keeps_what_holds_all_words_and_its_heading(palette):
    palette.model.set_filter("micron 256")
    assert len(rows(palette.model)) == 2
    palette.model.set_filter("no such part")
    assert rows(palette.model) == []
    with pytest.raises(KeyError):
        palette.model.row_of("socket")


def test_enter_adds_what_is_chosen(palette, qtbot):
    view = palette.findChild(QListView)
    view.setCurrentIndex(palette.model.index(palette.model.row_of("switch")))
    with qtbot.waitSignal(palette.part_requested) as asked:
        QTest.keyClick(view, Qt.Key.Key_Return)

    assert type(asked.args[0]).__name__ == "Switch"


def test_typing_and_enter_in_the_filter_adds_the_first_match(palette, qtbot):
    field = palette.findChild(QLineEdit)
    qtbot.keyClicks(field, "root")
    with qtbot.waitSignal(palette.part_requested) as asked:
        qtbot.keyClick(field, Qt.Key.Key_Return)

    assert type(asked.args[0]).__name__ == "RootPort"


def test_a_double_click_adds_once_and_a_single_click_nothing(palette):
    asked = []
    palette.part_requested.connect(asked.append)
    viewport = palette.findChild(QListView).viewport()
    at = viewport.mapFromGlobal(palette.global_item_position("bridge"))
    button, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(viewport, button, plain, at)
    assert asked == []
    QTest.mouseDClick(viewport, button, plain, at)

    assert [type(a).__name__ for a in asked] == ["HostBridge"]


def test_nothing_can_be_added_in_replay(palette):
    palette._session.enter_replay(Document())
    assert not palette.isEnabled()
    palette._session.leave_replay()
    assert palette.isEnabled()


def test_the_position_of_an_entry_is_inside_the_palette(palette):
    for key in ("socket", "window", "preset-xconn-xc50256"):
        at = palette.mapFromGlobal(palette.global_item_position(key))
        assert palette.rect().contains(at)
