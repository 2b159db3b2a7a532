"""A question over the page, with an answer to type or to press."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, set_property, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.theme import Scale


class Question(Modal):
    """Over a page: a question with a field or without, answered by one of two buttons."""

    yes = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.card = Card(steps=2)
        self.title, self.text = words("lead"), words("body")
        self.field = QLineEdit()
        self.yes_button, self.no_button = Button("primary"), Button()
        self.buttons = ButtonRow(self.yes_button, self.no_button)
        parts: tuple[QLabel | QLineEdit | ButtonRow, ...] = (
            self.title,
            self.text,
            self.field,
            self.buttons,
        )
        for part in parts:
            self.card.box.addWidget(part)
        self._box = QVBoxLayout(self)
        self._box.addStretch(1)
        self._box.addWidget(self.card)
        self._box.addStretch(1)
        self.yes_button.clicked.connect(self._answer)
        self.field.returnPressed.connect(self._answer)
        self.no_button.clicked.connect(self.hide)

    def rescale(self, scale: Scale) -> None:
        """A card in the middle."""
        side = max(scale.gap(4), (scale.width - scale.px(30)) // 2)
        self._box.setContentsMargins(side, 0, side, 0)

    def ask(
        self,
        title: str,
        text: str,
        yes: str,
        no: str,
        field: str | None = None,
        *,
        danger: bool = False,
    ) -> None:
        """Show a question; without `no` it is only told."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.yes_button.say(yes)
        self.no_button.say(no)
        self.no_button.setVisible(bool(no))
        self.field.setVisible(field is not None)
        self.field.setText(field or "")
        self.field.setAccessibleName(title)
        set_property(self.yes_button, "role", "danger" if danger else "primary")
        self.cover()
        self.buttons.arrange()
        if field is not None:
            self.field.selectAll()
            self.field.setFocus()
        else:  # the harmless answer is the nearer one
            (self.no_button if no else self.yes_button).setFocus()

    @Slot()
    def _answer(self) -> None:
        self.hide()
        self.yes.emit(self.field.text())
