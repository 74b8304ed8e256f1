"""The language of the window: Qt's translator for its own words, the catalogue for everything of the engine."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from guide.message import Message
from guide.resources import path
from guide.text import LANGUAGES, Catalogue

NAMES = {"en": "English", "zh_CN": "简体中文"}


class Language(QObject):
    """Switchable while running; widgets hear QEvent.LanguageChange."""

    changed = Signal(str)

    def __init__(self, application: QApplication, chosen: str | None = None) -> None:
        super().__init__(application)
        self._application = application
        self._translators: list[QTranslator] = []
        self.code = "en"
        self.catalogue = Catalogue.load("en")
        self.choose(chosen or system_language())

    def choose(self, code: str) -> None:
        """Switch everything that is shown."""
        self.code = code if code in LANGUAGES else "en"
        self.catalogue = Catalogue.load(self.code)
        for translator in self._translators:
            self._application.removeTranslator(translator)
        self._translators = []
        folders = (str(path("i18n")), QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        for name, folder in zip((f"pve-igpu_{self.code}", f"qtbase_{self.code}"), folders, strict=True):
            translator = QTranslator(self)
            if translator.load(name, folder):
                self._application.installTranslator(translator)
                self._translators.append(translator)
        self.changed.emit(self.code)

    def say(self, message: Message) -> str:
        """A message of the engine in the current language."""
        return self.catalogue.render(message)


def system_language() -> str:
    """zh_CN where the desktop speaks Chinese."""
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"
