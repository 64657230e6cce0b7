"""The small style sheet on top of Fusion: only what a palette cannot say.

Lengths are logical pixels; Qt scales them.
"""

from __future__ import annotations

from cxldesigner.gui.tokens import Tokens

_TEMPLATE = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border_strong};
    padding: 4px 6px; }}
QMainWindow::separator {{ background: {window}; width: 5px; height: 5px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QDockWidget {{ color: {text}; }}
QDockWidget::title {{ background: {window}; padding: 6px 8px; text-align: left; }}
QToolBar {{ background: {window}; border: none; border-bottom: 1px solid {border}; spacing: 2px;
    padding: 3px 6px; }}
QToolBar#playback {{ border-bottom: none; border-top: 1px solid {border}; padding: 0px; }}
QToolBar::separator {{ background: {border}; width: 1px; margin: 5px 6px; }}
QToolBar QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 4px; }}
QToolBar QToolButton:hover {{ background: {hover}; }}
QToolBar QToolButton:pressed, QToolBar QToolButton:checked {{ background: {selection};
    color: {selection_text}; }}
QToolBar QToolButton:focus {{ border-color: {focus}; }}
QMenuBar {{ background: {window}; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {hover}; }}
QStatusBar {{ background: {window}; border-top: 1px solid {border}; }}
QStatusBar::item {{ border: none; }}
QHeaderView::section {{ background: {raised}; color: {muted}; border: none;
    border-bottom: 1px solid {border}; border-right: 1px solid {border}; padding: 4px 7px; }}
QTableView::item {{ padding: 0px 4px; }}
QTabBar::tab {{ background: transparent; color: {muted}; padding: 6px 12px;
    border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:hover:!selected {{ color: {text}; border-bottom-color: {border_strong}; }}
QTabBar::tab:focus {{ color: {accent}; }}
QScrollBar:vertical {{ background: transparent; width: 11px; margin: 1px; border: none; }}
QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 1px; border: none; }}
QScrollBar::handle {{ background: {border_strong}; border-radius: 4px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0px; height: 0px; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {border}; }}
"""


def style_sheet(t: Tokens) -> str:
    """Return the application's style sheet for a set of tokens."""
    return _TEMPLATE.format(
        window=t.window.name(),
        raised=t.surface_raised.name(),
        text=t.text.name(),
        muted=t.text_muted.name(),
        border=t.border.name(),
        border_strong=t.border_strong.name(),
        accent=t.accent.name(),
        hover=t.hover.name(),
        selection=t.selection.name(),
        selection_text=t.selection_text.name(),
        focus=t.focus.name(),
    )
