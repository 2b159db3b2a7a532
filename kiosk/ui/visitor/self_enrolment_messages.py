"""The question before somebody who enrols themselves is saved, and every way that can end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from kiosk.core.media import Modality
from kiosk.core.samples import Hint
from kiosk.ui.strings import enrolment as enrol
from kiosk.ui.strings import self_enrolment as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, SignRow, set_property, words
from kiosk.ui.toolkit.illustrations import OutcomeSign
from kiosk.ui.toolkit.theme import Scale
from kiosk.ui.visitor.self_enrolment_steps import SelfStep

PANEL_SHARE = 0.41
"""Of the height of a tall screen."""


class End(StrEnum):
    """What is told."""

    WAIT = "wait"
    CHECK = "check"
    SAVED = "saved"
    CLOSED = "closed"
    SHORT = "short"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Outcome:
    """What is told of whom: `taken` is what was taken of them, `hint` why it was too little."""

    end: End
    name: str = ""
    taken: frozenset[Modality] = frozenset()
    hint: Hint | None = None
    date: str = ""


_WORDS = {
    End.WAIT: (enrol.WORKING, ""),
    End.CHECK: (w.CHECK_TITLE, w.CHECK_TEXT),
    End.SAVED: (w.SAVED_TITLE, w.SAVED_TEXT),
    End.CLOSED: (w.CLOSED_TITLE, w.CLOSED_TEXT),
    End.SHORT: (enrol.SHORT_TITLE, w.SHORT_TEXT),
    End.UNSEEN: (w.UNSEEN_TITLE, w.UNSEEN_TEXT),
}
_SIGNS = {
    End.WAIT: ("clock", "accent"),
    End.CHECK: ("question", "accent"),
    End.SAVED: ("check", "accent"),
    End.CLOSED: ("clock", "caution"),
    End.SHORT: ("again", "caution"),
    End.UNSEEN: ("question", "caution"),
}


class Telling(SelfStep):
    """A sign, a sentence, and what can be done."""

    save = Signal()
    again = Signal()
    finish = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._outcome = Outcome(End.WAIT)
        self.outcome_sign = OutcomeSign()
        self.text, self.more, self.card = words("lead"), words("soft"), Card()
        self.rows = {modality: SignRow(visitor.MODALITY_ICONS[modality]) for modality in Modality}
        for row in self.rows.values():
            self.card.box.addWidget(row)
        self.reason = SignRow("eye", role="strong", colour="caution")
        self.save_button = Button("primary", "check")
        self.again_button, self.finish_button = Button(sign="again"), Button()
        self.save_button.clicked.connect(self.save)
        self.again_button.clicked.connect(self.again)
        self.finish_button.clicked.connect(self.finish)
        self.buttons = ButtonRow(self.save_button, self.again_button, self.finish_button)
        self._build()

    def _build(self) -> None:
        self.panel = QWidget()
        self.column = QVBoxLayout(self.panel)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addStretch(0)
        self.column.addLayout(self.top)
        for part in (self.text, self.card, self.reason, self.more):
            self.column.addWidget(part)
        self.column.addStretch(2)
        self.column.addWidget(self.buttons)
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.body.addWidget(self.outcome_sign, 1)
        self.body.addWidget(self.panel, 1)
        self.box.addLayout(self.body, 1)

    def rescale(self, scale: Scale) -> None:
        """The sign above the words or beside them, where there is room for it."""
        super().rescale(scale)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.body.setDirection(scale.direction(high=self.high))
        self.body.setSpacing(scale.gap(4))
        self.column.setSpacing(scale.gap(1 if scale.compact else 2))
        self.outcome_sign.setVisible(not scale.compact)
        # As on the pages of a visit: under the picture words stand close to it.
        self.column.setStretch(0, 0 if scale.portrait else 1)
        tall = round(scale.height * PANEL_SHARE) if scale.portrait else scale.height
        self.panel.setMaximumHeight(tall)
        self.panel.setMinimumHeight(tall if scale.portrait else 0)

    def tell(self, outcome: Outcome) -> None:
        """Show this."""
        self._outcome = outcome
        self.outcome_sign.display(*_SIGNS[outcome.end])
        end = outcome.end
        self.save_button.setVisible(end is End.CHECK)
        self.again_button.setVisible(end in (End.CHECK, End.SHORT, End.UNSEEN))
        self.finish_button.setVisible(end is not End.WAIT)
        set_property(self.finish_button, "role", "primary" if self._only_finish else "plain")
        self.card.setVisible(end is End.CHECK)
        self.reason.setVisible(outcome.hint is not None)
        self.more.setVisible(end is End.SAVED)
        self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        shown = self._outcome
        title, text = _WORDS[shown.end]
        self.heading.setText(say(title, name=shown.name))
        self.text.setText(say(text) if text else "")
        self.more.setText(say(w.SAVED_RIGHT, date=shown.date))
        for modality, row in self.rows.items():
            taken = modality in shown.taken
            row.say(
                say((w.TAKEN if taken else w.NOT_TAKEN)[modality]),
                "check" if taken else visitor.MODALITY_ICONS[modality],
                "accent" if taken else "ink_soft",
            )
        if shown.hint is not None:
            self.reason.say(say(visitor.HINTS[shown.hint]), visitor.HINT_ICONS[shown.hint])
        self.save_button.say(say(enrol.SAVE))
        self.again_button.say(say(enrol.RECORD_AGAIN if self._checking else visitor.AGAIN))
        self.finish_button.say(say(enrol.DISCARD if self._checking else visitor.FINISH))
        self.buttons.arrange()

    @property
    def _only_finish(self) -> bool:
        return self._outcome.end in (End.SAVED, End.CLOSED)

    @property
    def _checking(self) -> bool:
        return self._outcome.end is End.CHECK

    def first(self) -> QWidget:
        """What is likeliest."""
        shown = (b for b in (self.save_button, self.again_button, self.finish_button))
        return next((button for button in shown if not button.isHidden()), self)

    def summary(self) -> str:
        """Everything that is told."""
        rows = [row.label.text() for row in self.rows.values()] if self._checking else []
        more = [self.more.text()] if self._outcome.end is End.SAVED else []
        why = [self.reason.label.text()] if self._outcome.hint is not None else []
        return ". ".join([self.heading.text(), self.text.text(), *rows, *why, *more])
