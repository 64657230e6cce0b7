"""The tests of the tests: an exception anywhere in Qt code must fail a test."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QPoint, Qt, QtMsgType, qWarning
from PySide6.QtGui import QColor, QPainter, QPixmap

pytest_plugins = ["pytester"]

CASES = {
    "slot": """
        class Sender(QObject):
            happened = Signal()
        sender = Sender()
        sender.happened.connect(fail)
        sender.happened.emit()
    """,
    "timer": """
        QTimer.singleShot(0, fail)
        qtbot.wait(20)
    """,
    "click": """
        button = QPushButton("press")
        qtbot.addWidget(button)
        button.clicked.connect(fail)
        button.click()
    """,
    "paint": """
        class Painted(QWidget):
            def paintEvent(self, event):
                fail()
        widget = Painted()
        qtbot.addWidget(widget)
        widget.grab()
    """,
    "thread": """
        class Worker(QThread):
            def run(self):
                fail()
        worker = Worker()
        worker.start()
        assert worker.wait(5000)
        qtbot.wait(20)
    """,
    "warning": """
        qWarning("nobody expected this")
    """,
}

_FILE = """
from PySide6.QtCore import QObject, QThread, QTimer, Signal, qWarning
from PySide6.QtWidgets import QPushButton, QWidget

def fail(*_):
    raise RuntimeError("planted")

def test_planted(qtbot):
{body}
"""


@pytest.mark.parametrize("case", CASES)
def test_what_goes_wrong_in_qt_code_fails_the_test(pytester: pytest.Pytester, case: str) -> None:
    lines = [line[4:] for line in CASES[case].strip("\n").splitlines()]
    pytester.makepyfile(_FILE.format(body="\n".join(lines)))
    pytester.makeini("[pytest]\nqt_api = pyside6\nqt_log_level_fail = WARNING\n")

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")

    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) >= 1, result.stdout.str()
    expected = "nobody expected this" if case == "warning" else "planted"
    result.stdout.fnmatch_lines([f"*{expected}*"])


def test_painting_does_not_use_up_references_to_none(qapp: object) -> None:
    pixmap = QPixmap(16, 16)
    before = sys.getrefcount(None)

    for _ in range(1000):
        painter = QPainter(pixmap)
        painter.setPen(QColor("red"))
        painter.drawPoint(QPoint(1, 1))
        painter.fillRect(pixmap.rect(), Qt.GlobalColor.blue)
        painter.end()

    assert abs(sys.getrefcount(None) - before) < 500


def test_qt_warnings_can_be_expected(qtlog: pytest.FixtureRequest) -> None:
    with qtlog.disabled():  # type: ignore[attr-defined]
        qWarning("announced")

    assert QtMsgType.QtWarningMsg not in [record.type for record in qtlog.records]  # type: ignore[attr-defined]
