"""The keyboard of the staff pages: it opens when a field is touched, and goes where there is a
real one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QWidget

from kiosk.ui.strings import keyboard as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button
from kiosk.ui.toolkit.keyboard import LATIN, Keyboard
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.modal import Modal


class ScreenKeyboard(QObject):
    """`button` switches it on and off by hand; whoever types on a real keyboard switches it off."""

    def __init__(self, window: QWidget, language: Language) -> None:
        super().__init__(window)
        self._window, self._language = window, language
        self.button, self.keyboard = Button("quiet", "keyboard"), Keyboard()
        self.button.setProperty("place", "bar")
        self.button.setCheckable(True)
        self.button.setChecked(True)
        # A touch leaves the focus where it is: in the field that is to be typed into.
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.toggled.connect(self._switch)
        self.keyboard.enter_key.clicked.connect(self._typed)
        self.keyboard.hide()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.button.setAccessibleName(say(w.SHOW))
        self.keyboard.retranslate()

    def hide(self) -> None:
        """Nothing is typed any more."""
        self.keyboard.hide()
        self._fit()

    def notice(self, watched: QObject, event: QEvent) -> None:
        """Every event of the application passes here while the pages are open."""
        kind = event.type()
        if kind is QEvent.Type.MouseButtonRelease and isinstance(watched, QLineEdit):
            if self.button.isChecked() and self._window.isAncestorOf(watched):
                self._serve(watched)
        elif kind is QEvent.Type.KeyPress and event.spontaneous():
            self.button.setChecked(False)
        elif watched is self.keyboard and kind in (QEvent.Type.Move, QEvent.Type.Resize):
            self._fit()

    @Slot(bool)
    def _switch(self, wanted: bool) -> None:
        field = QApplication.focusWidget()
        if not wanted:
            self.hide()
        elif isinstance(field, QLineEdit) and self._window.isAncestorOf(field):
            self._serve(field)

    @Slot()
    def _typed(self) -> None:
        """Whoever has gone on to something else needs the keyboard no more."""
        if not isinstance(QApplication.focusWidget(), QLineEdit):
            self.hide()

    def _serve(self, field: QLineEdit) -> None:
        secret = field.echoMode() is not QLineEdit.EchoMode.Normal
        self.keyboard.serve(field, language=LATIN if secret else self._language.name)
        self.keyboard.show()
        self._fit()
        over: QWidget | None = field
        while over is not None:  # whatever scrolls brings it to light
            if isinstance(over, QScrollArea):
                over.ensureWidgetVisible(field)
            over = over.parentWidget()

    def _fit(self) -> None:
        """What lies over a page leaves it room."""
        for over in self._window.findChildren(Modal):
            if over.isVisible():
                over.fit()
