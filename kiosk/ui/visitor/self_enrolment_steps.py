"""The steps of people who enrol themselves, beside the capture that staff use as well."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kiosk.core.settings import Settings
from kiosk.ui.capture.consent import ConsentText
from kiosk.ui.strings import enrolment as enrol
from kiosk.ui.strings import self_enrolment as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, Scaled, set_property, words
from kiosk.ui.toolkit.illustrations import OutcomeSign
from kiosk.ui.toolkit.keyboard import Keyboard
from kiosk.ui.toolkit.theme import Scale

LONGEST = 40
"""Letters of a name that can be read on the screen."""


class SelfStep(QWidget, Scaled):
    """A heading above, buttons below, or where `high` is set on a tall screen everything to be
    touched above; `corner` is where the switch of language goes on a screen that has no other place
    for it."""

    def __init__(self) -> None:
        super().__init__()
        self.compact = self.high = False
        self._role = "title"
        self.heading = words("title")
        self.corner = QHBoxLayout()
        self.top = QHBoxLayout()
        self.top.addWidget(self.heading, 1)
        self.top.addLayout(self.corner)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)

    def rescale(self, scale: Scale) -> None:
        """One column of readable width."""
        self.compact = scale.compact
        # Beside the buttons in the corner of a small wide screen a larger heading is two lines.
        narrow = scale.compact and not scale.portrait
        self._role = "name" if narrow else "title"
        set_property(self.heading, "role", self._role)
        side = 0 if scale.portrait or scale.compact else scale.width // 8
        self.box.setContentsMargins(side, 0, side, 0)
        self.box.setSpacing(scale.gap(1 if scale.compact else 2.4))

    def retranslate(self) -> None:
        """Render the texts in the language in use."""

    def first(self) -> QWidget:
        """Where the keyboard's focus begins."""
        return self

    def summary(self) -> str:
        """What a screen reader says when the step appears."""
        return self.heading.text()


class AskConsent(SelfStep):
    """What will be kept, and two equal answers."""

    agreed = Signal()
    declined = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.card, self.text = Card(steps=1), ConsentText(settings)
        self.card.box.addWidget(self.text)
        self.agree_button, self.decline_button = Button("primary"), Button()
        self.agree_button.clicked.connect(self.agreed)
        self.decline_button.clicked.connect(self.declined)
        self.buttons = ButtonRow(self.agree_button, self.decline_button)
        self.box.addLayout(self.top)
        self.box.addWidget(self.card, 1)
        self.box.addWidget(self.buttons)

    def rescale(self, scale: Scale) -> None:
        """Where the text would have to be scrolled, it is no larger than it must be."""
        super().rescale(scale)
        set_property(self.text, "role", "lead" if scale.portrait and not scale.compact else "")
        self.box.removeWidget(self.buttons)
        self.box.insertWidget(1 if scale.portrait and self.high else 2, self.buttons)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.heading.setText(say(w.CONSENT_TITLE))
        self.text.retranslate()
        self.agree_button.say(say(w.AGREE))
        self.decline_button.say(say(w.DECLINE_SHORT if self.compact else w.DECLINE))
        self.buttons.arrange()

    def first(self) -> QWidget:
        """The text: nobody agrees to it by chance."""
        return self.text

    def summary(self) -> str:
        """Question and text."""
        return f"{self.heading.text()} {self.text.words}"


class AskName(SelfStep):
    """A name, typed on the screen or on a real keyboard."""

    named = Signal(str)
    back = Signal()
    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._complaint = ("", "")
        self.text, self.field, self.keyboard = words("soft"), QLineEdit(), Keyboard()
        self.outcome_sign = OutcomeSign()
        self.outcome_sign.display("voice", "accent")
        self.field.setProperty("role", "name")
        self.on_button, self.back_button = Button("primary"), Button("quiet")
        self.buttons = ButtonRow(self.on_button, self.back_button)
        self.field.setMaxLength(LONGEST)
        self.field.returnPressed.connect(self.submit)
        self.field.textChanged.connect(self.typed)
        self.field.textChanged.connect(self._mended)
        self.on_button.clicked.connect(self.submit)
        self.back_button.clicked.connect(self.back)
        self.box.addLayout(self.top)
        for part in (self.text, self.field, self.keyboard, self.buttons):
            self.box.addWidget(part)
        self.box.insertStretch(3, 1)

    def rescale(self, scale: Scale) -> None:
        """The question alone where there is little room."""
        super().rescale(scale)
        self.text.setVisible(not scale.compact)
        self.outcome_sign.setVisible(scale.portrait and not scale.compact)
        self.box.removeWidget(self.outcome_sign)
        self.box.insertWidget(self.box.count() if self.high else 0, self.outcome_sign, 1)
        self.box.setStretch(self.box.indexOf(self.keyboard) - 1, 0 if scale.portrait else 1)

    def begin(self, language: str) -> None:
        """Empty."""
        self.field.clear()
        self.keyboard.serve(self.field, language=language, names=True)
        self.complain("", "")

    def complain(self, text: str, short: str) -> None:
        """Say what is wrong with the name in place of the question, or nothing."""
        self._complaint = (text, short)
        self.retranslate()

    @Slot()
    def _mended(self) -> None:
        """Whoever changes the name no longer needs to be told what was wrong with it."""
        if self._complaint != ("", ""):
            self.complain("", "")

    def submit(self) -> None:
        """With a name."""
        name = self.field.text().strip()
        if name:
            self.named.emit(name)
        else:
            self.complain(enrol.NAME_EMPTY, w.NAME_EMPTY_SHORT)
            self.field.setFocus()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        wrong = self._complaint[1 if self.compact else 0]
        self.heading.setText(say(wrong or w.NAME_TITLE))
        set_property(self.heading, "role", "lead" if wrong and not self.compact else self._role)
        set_property(self.heading, "tone", "alarm" if wrong else "")
        self.text.setText(say(w.NAME_TEXT))
        self.field.setPlaceholderText(say(w.NAME_FIELD))
        self.field.setAccessibleName(say(w.NAME_FIELD))
        self.field.setAccessibleDescription(say(w.NAME_TEXT))
        self.on_button.say(say(w.GO_ON))
        self.back_button.say(say(visitor.BACK))
        self.keyboard.retranslate()
        self.buttons.arrange()

    def first(self) -> QWidget:
        """The field."""
        return self.field
