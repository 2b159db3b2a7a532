"""What lies over a page beside a question: a choice of things to do, and how far long work is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Bar, Button, Card, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.theme import Scale


class Overlay(Modal):
    """A card in the middle of what it covers."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.card, self.heading = Card(steps=1.6), words("lead")
        self.card.box.addWidget(self.heading)
        self._box = QVBoxLayout(self)
        self._box.addStretch(1)
        self._box.addWidget(self.card)
        self._box.addStretch(1)

    def rescale(self, scale: Scale) -> None:
        """A card in the middle."""
        side = max(scale.gap(4), (scale.width - scale.px(26)) // 2)
        self._box.setContentsMargins(side, 0, side, 0)

    def appear(self, title: str) -> None:
        """Over everything."""
        self.heading.setText(title)
        self.cover()


class Choices(Overlay):
    """Some buttons under each other; whichever is pressed closes it first."""

    def __init__(self, page: QWidget, buttons: Sequence[Button]) -> None:
        super().__init__(page)
        self._buttons = buttons
        self.text = words("soft")
        self.card.box.addWidget(self.text)
        self.back_button = Button("quiet")
        for button in (*buttons, self.back_button):
            button.clicked.connect(self.hide)
            self.card.box.addWidget(button)

    def offer(self, title: str, text: str = "") -> None:
        """Show what can be done, and perhaps something to know before."""
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.back_button.say(say(visitor.BACK))
        self.appear(title)
        self.back_button.setFocus()


class Working(Overlay):
    """How far long work is; it cannot be touched away."""

    share = Signal(float)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.bar = Bar()
        self.card.box.addWidget(self.bar)
        self.share.connect(self._fill, Qt.ConnectionType.QueuedConnection)

    def begin(self, title: str) -> None:
        """Nothing is done yet."""
        self.bar.fill(0.0)
        self.bar.setAccessibleName(title)
        self.appear(title)
        self.setFocus()

    def dismiss(self) -> None:
        """It goes when the work is done."""

    @Slot(float)
    def _fill(self, share: float) -> None:
        self.bar.fill(share)
