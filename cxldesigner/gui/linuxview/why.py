"""The "Why" pane: the chain of reasons behind the fact under the cursor."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtWidgets import QTextBrowser, QWidget

from cxldesigner.gui.linuxview.facts import reason_text, why
from cxldesigner.gui.theme import theme_changed, tokens
from cxldesigner.linux.model import State

_WIDTH = 236


class WhyPane(QTextBrowser):
    """Reasons nearest first; document ids in them are links (``item_chosen``).

    Hidden until there is something to explain.
    """

    item_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Why the chosen value is what it is"))
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._state: State | None = None
        self._fact = self._heading = ""
        self.anchorClicked.connect(self._follow)
        theme_changed.connect(self._write)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 120)

    def explain(self, state: State, fact: str, heading: str) -> None:
        """Show the reasons of a fact under a heading."""
        if (state, fact, heading) != (self._state, self._fact, self._heading):
            self._state, self._fact, self._heading = state, fact, heading
            self._write()

    def _follow(self, url: QUrl) -> None:
        self.item_chosen.emit(url.toString())

    def _write(self) -> None:
        t = tokens()
        muted = f'style="color:{t.text_muted.name()}"'
        if self._state is None:
            return
        out = [f"<p><b>{escape(self._heading)}</b></p>"]
        reasons = why(self._state, self._fact)
        for number, reason in enumerate(reasons):
            lead = "" if number == 0 else escape(self.tr("because")) + " "
            source = " · ".join(escape(s) for s in (reason.rule, reason.place) if s)
            links = " ".join(
                f'<a href="{escape(i, quote=True)}" style="color:{t.hyperlink.name()}">'
                f"{escape(i)}</a>"
                for i in reason.items
            )
            tail = "<br>".join(s for s in (links, f"<span {muted}>{source}</span>") if s)
            out.append(f"<p>{lead}{escape(reason_text(reason))}<br>{tail}</p>")
        if not reasons:
            out.append(f"<p {muted}>{escape(self.tr('No reason is recorded for it.'))}</p>")
        colour = t.marks["modelled"].name()
        label = escape(self.tr("modelled: worked out by the rule named"))
        out.append(f'<p style="color:{colour}">◆ {label}</p>')
        self.setHtml("".join(out))
