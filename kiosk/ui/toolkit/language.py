"""The language of the screens, changed at any moment through Qt's translators."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTranslator, Signal

from kiosk.core.errors import BugError

TRANSLATIONS = Path(__file__).parents[1] / "strings" / "translations"
SOURCE_LANGUAGE = "en"
LANGUAGES = ("ko", "en")


class Language(QObject):
    """Which language is spoken; `changed` is emitted after every switch."""

    changed = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._translator: QTranslator | None = None
        self.name = SOURCE_LANGUAGE
        self.switch_to(name)

    @property
    def other(self) -> str:
        """The one the switch leads to."""
        return next(name for name in LANGUAGES if name != self.name)

    def switch_to(self, name: str) -> None:
        """Change to `ko` or `en`; the source texts are English."""
        if name == self.name:
            return
        self.close()
        if name != SOURCE_LANGUAGE:
            translator = QTranslator(self)
            if not translator.load(str(TRANSLATIONS / f"kiosk_{name}.qm")):
                raise BugError(f"no translation for {name}")
            QCoreApplication.installTranslator(translator)
            self._translator = translator
        self.name = name
        self.changed.emit()

    def close(self) -> None:
        """Take the translator out of the application."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator.deleteLater()
            self._translator = None
        self.name = SOURCE_LANGUAGE
