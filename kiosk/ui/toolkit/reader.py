"""A long text over a page: a model card."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, Card, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.scrolling import by_finger
from kiosk.ui.toolkit.theme import Scale


class Reader(Modal):
    """Covers the window until it is closed; links lead nowhere, for the kiosk is offline."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.card, self.heading = Card(steps=2), words("lead")
        self.text, self.close_button = QTextBrowser(), Button("primary")
        self.text.setOpenLinks(False)
        by_finger(self.text)
        self.close_button.clicked.connect(self.leave)
        self.card.box.addWidget(self.heading)
        self.card.box.addWidget(self.text, 1)
        self.card.box.addWidget(self.close_button)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self.card)

    def rescale(self, scale: Scale) -> None:
        """A margin that shows the page below."""
        side = max(scale.gap(4), (scale.width - scale.px(60)) // 2)
        self._box.setContentsMargins(side, scale.gap(4), side, scale.gap(4))

    def show_text(self, title: str, markdown: str) -> None:
        """Show a text."""
        self.heading.setText(title)
        self.text.setMarkdown(markdown)
        self.text.setAccessibleName(title)
        self.close_button.say(say(w.CLOSE))
        self.cover()
        self.close_button.setFocus()

    def dismiss(self) -> None:
        """As the button."""
        self.leave()

    @Slot()
    def leave(self) -> None:
        """Back to the page."""
        self.hide()
        self.text.clear()
