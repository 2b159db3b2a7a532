"""One visit beside the table: scores in words, what was said about it, what can be done."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.ui.strings import staff
from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import percent, say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, words
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

TALL = 18
"""In body sizes: the height under a table."""


class VisitCard(Card):
    """Shows a decision as it was kept."""

    wrong = Signal()
    take_back = Signal()
    person = Signal(str)
    back = Signal()

    def __init__(self) -> None:
        super().__init__(steps=0.8)
        self.list_button = Button("quiet")
        self.list_button.setProperty("place", "bar")
        self.list_button.clicked.connect(self.back)
        self.list_button.hide()
        self.name, self.result, self.scores = words("name"), words("body"), words("soft")
        self.correction, self.suggestion = words("strong"), words("strong")
        self.correction.setProperty("tone", "caution")
        self.wrong_button, self.back_button, self.person_button = Button(), Button(), Button()
        self._named, self.may_correct = "", True
        self.wrong_button.clicked.connect(self.wrong)
        self.back_button.clicked.connect(self.take_back)
        self.person_button.clicked.connect(self._show_person)
        self._more = (self.result, self.scores, self.correction, self.suggestion)
        content = QWidget()
        self._inside = QVBoxLayout(content)
        self._inside.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.list_button)
        self._inside.addLayout(top)
        for part in self._more:
            self._inside.addWidget(part)
        self._inside.addStretch(1)
        self.box.addWidget(scrolling(content, by_keys=True), 1)
        self.buttons = ButtonRow(self.person_button, self.wrong_button, self.back_button)
        self.box.addWidget(self.buttons)

    def rescale(self, scale: Scale) -> None:
        """On a tall screen as high as its words need."""
        super().rescale(scale)
        self._inside.setSpacing(scale.gap(0.8))
        self.setMinimumHeight(scale.px(TALL) if scale.portrait else 0)

    def show_visit(
        self, record: DecisionRecord | None, needed: float, corrected: int, truly: str
    ) -> None:
        """`needed` is the evidence that identifies, `corrected` how often others were taken for
        this person, `truly` who it was if staff said so."""
        for part in (*self._more, self.buttons):
            part.setVisible(record is not None)
        self.buttons.setVisible(record is not None and self.may_correct)
        self.list_button.say(say(staff.TO_LIST))
        if record is None:
            self.name.setText(say(w.CHOOSE_VISIT))
            return
        self.name.setText(record.name or say(w.NOBODY))
        self.result.setText(_result(record))
        self.scores.setText("\n".join(_scores(record, needed)))
        self._show_correction(record, truly)
        self.suggestion.setText(say(w.SUGGEST, name=record.name, count=corrected))
        self.suggestion.setVisible(corrected > 0)
        self._named = record.name
        self.person_button.say(say(w.TO_PERSON))
        self.person_button.setVisible(corrected > 0)
        self.wrong_button.say(say(w.WRONG))
        self.back_button.say(say(w.TAKE_BACK))
        self.wrong_button.setVisible(record.correction is None)
        self.back_button.setVisible(record.correction is not None)
        self.buttons.arrange()

    @Slot()
    def _show_person(self) -> None:
        self.person.emit(self._named)

    def _show_correction(self, record: DecisionRecord, truly: str) -> None:
        correction = record.correction
        self.correction.setVisible(correction is not None)
        if correction is not None:
            was = say(w.WRONG_WAS, name=truly) if truly else ""
            self.correction.setText(f"{say(w.WRONG_BY[correction.by])} {was}".rstrip())


def _result(record: DecisionRecord) -> str:
    when = f"{record.time.astimezone():%Y-%m-%d %H:%M:%S}"
    reason = w.REASONS.get(record.reason, "")
    return f"{when} · {say(w.OUTCOMES[record.outcome])}" + (f"\n{say(reason)}" if reason else "")


def _scores(record: DecisionRecord, needed: float) -> list[str]:
    if record.outcome is DecisionOutcome.UNUSABLE:
        return []
    found = []
    for line, nothing, score, llr in (
        (w.FACE_LINE, w.FACE_NONE, record.face_score, record.face_llr),
        (w.VOICE_LINE, w.VOICE_NONE, record.voice_score, record.voice_llr),
    ):
        if score is None or llr is None:
            found.append(say(nothing))
        else:
            found.append(say(line, llr=f"{llr:+.1f}"))
    if record.fused_llr is not None:
        sure = percent(record.probability)
        both = {"llr": f"{record.fused_llr:+.1f}", "needed": f"{needed:.1f}"}
        found.append(say(w.FUSED_LINE, sure=sure, **both))
    return found
