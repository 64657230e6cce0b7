"""What keeps the scenario from being played as written, shown above its form."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from cxldesigner.gui.icons import severity_icon
from cxldesigner.gui.theme import theme_changed, tokens
from cxldesigner.linux.model import Finding

_MOST_SHOWN = 6
_ICON = 16


def finding_text(finding: Finding) -> str:
    """Return a finding's sentence and how to mend it."""
    words = QCoreApplication.translate("Findings", finding.text).format(*finding.args)
    mend = QCoreApplication.translate("Findings", finding.mend) if finding.mend else ""
    return f"{words} {mend}".strip()


class ScenarioFindings(QFrame):
    """A short list; hidden when there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scenario-findings")
        self.setAccessibleName(self.tr("Findings about the scenario"))
        self._shown: tuple[Finding, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 6, 10, 6)
        self._grid.setColumnStretch(1, 1)
        theme_changed.connect(self._fill)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is said, line by line."""
        return [finding_text(finding) for finding in self._shown]

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show other findings."""
        if tuple(findings) != self._shown:
            self._shown = tuple(findings)
            self._fill()

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for row, finding in enumerate(self._shown[:_MOST_SHOWN]):
            sign = QLabel(self)
            sign.setPixmap(severity_icon(finding.severity).pixmap(_ICON, _ICON))
            sign.setToolTip(finding.rule)
            self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self._line(finding_text(finding)), row, 1)
        rest = len(self._shown) - _MOST_SHOWN
        if rest > 0:
            self._grid.addWidget(self._line(self.tr("and {} more").format(rest)), _MOST_SHOWN, 1)
        t = tokens()
        self.setStyleSheet(
            f"#scenario-findings {{ background: {t.surface_raised.name()};"
            f" border-bottom: 1px solid {t.border.name()}; }}"
        )
        self.setVisible(bool(self._shown))

    def _line(self, words: str) -> QLabel:
        label = QLabel(words, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label
