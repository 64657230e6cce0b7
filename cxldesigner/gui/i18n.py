"""Translations: ``resources/i18n/cxldesigner_LL.qm`` and Qt's own for the chosen language."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from cxldesigner.assets import resource


def install_translators(app: QApplication, language: str = "") -> tuple[QTranslator, ...]:
    """Load what there is for ``language`` ("" for the desktop's); returns what was loaded.

    English is in the sources and needs nothing.
    """
    locale = QLocale(language) if language else QLocale.system()
    folders = (
        ("cxldesigner", str(resource("i18n"))),
        ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
    )
    loaded = []
    for name, folder in folders:
        translator = QTranslator(app)
        if translator.load(locale, name, "_", folder) and app.installTranslator(translator):
            loaded.append(translator)
    return tuple(loaded)
