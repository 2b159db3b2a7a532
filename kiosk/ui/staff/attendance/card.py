"""One person's day beside the table, and the form by which staff put it right."""

from __future__ import annotations

from datetime import time

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from kiosk.core.attendance import (
    LONGEST_REASON,
    AttendanceCorrection,
    AttendanceDay,
    Calendar,
    read_clock,
)
from kiosk.core.errors import InputError
from kiosk.ui.staff.attendance.model import Line, clock
from kiosk.ui.strings import attendance as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, words
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

TALL = 17
"""In body sizes: the height under a table."""


class DayCard(Card):
    """What visits said, what counts, and what staff said, all of it."""

    correct = Signal()

    def __init__(self) -> None:
        super().__init__(steps=0.8)
        self.may_correct = True
        self.name, self.seen, self.counts = words("name"), words("body"), words("strong")
        self.clock_line, self.said = words("strong"), words("soft")
        self.clock_line.setProperty("tone", "caution")
        self.correct_button = Button()
        self.correct_button.clicked.connect(self.correct)
        content = QWidget()
        self._inside = QVBoxLayout(content)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._parts = (self.seen, self.counts, self.clock_line, self.said)
        for part in (self.name, *self._parts):
            self._inside.addWidget(part)
        self._inside.addStretch(1)
        self.box.addWidget(scrolling(content, by_keys=True), 1)
        self.buttons = ButtonRow(self.correct_button)
        self.box.addWidget(self.buttons)

    def rescale(self, scale: Scale) -> None:
        """On a tall screen as high as its words need."""
        super().rescale(scale)
        self._inside.setSpacing(scale.gap(0.8))
        self.setMinimumHeight(scale.px(TALL) if scale.portrait else 0)

    def show_line(self, line: Line | None, calendar: Calendar) -> None:
        """A person's day, or the request to choose."""
        for part in (*self._parts, self.buttons):
            part.setVisible(line is not None)
        self.buttons.setVisible(line is not None and self.may_correct)
        if line is None:
            self.name.setText(say(w.CHOOSE))
            return
        day = line.day
        self.name.setText(line.name)
        self.seen.setText(_seen(day, calendar))
        self.counts.setVisible(day is not None and bool(day.corrections))
        self.clock_line.setVisible(day is not None and day.clock_moved)
        self.clock_line.setText(say(w.CLOCK_LINE))
        if day is not None:
            self.counts.setText(_counts(day, calendar))
            told = (_word(each, calendar) for each in reversed(day.corrections))
            self.said.setText("\n".join(told))
        self.said.setVisible(day is not None and bool(day.corrections))
        self.correct_button.say(say(w.CORRECT))
        self.buttons.arrange()


def _seen(day: AttendanceDay | None, calendar: Calendar) -> str:
    if day is None or not day.visits:
        return say(w.NOT_SEEN)
    first, last = clock(day.seen_first, calendar), clock(day.seen_last, calendar)
    return say(w.SEEN_LINE, first=first, last=last, count=day.visits)


def _counts(day: AttendanceDay, calendar: Calendar) -> str:
    if day.first is None:
        return say(w.ABSENT_LINE)
    times = {"first": clock(day.first, calendar), "last": clock(day.last, calendar)}
    return say(w.COUNTS_LINE, **times)


def _word(word: AttendanceCorrection, calendar: Calendar) -> str:
    what = say(w.WORD_ABSENT)
    if word.first is not None:
        first, last = clock(word.first, calendar), clock(word.last, calendar)
        what = say(w.WORD_TIMES, first=first, last=last)
    kind, _, number = word.by.partition(" ")
    by = say(w.BY_STAFF, number=number) if kind == "staff" else say(w.BY_SHELL)
    when = f"{calendar.local(word.made):%Y-%m-%d %H:%M}"
    return say(w.WORD_LINE, when=when, by=by, what=what, reason=word.reason)


class CorrectionForm(Question):
    """Two times or none, and a reason; stays until they can be kept. `tried` when staff save."""

    tried = Signal()

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.first, self.last = QLineEdit(), QLineEdit()
        self.first_label, self.last_label = words("soft"), words("soft")
        self.reason_label, self.fault = words("soft"), words("strong")
        self.absent = Button("plain")
        self.absent.setCheckable(True)
        self.absent.toggled.connect(self._leave_out)
        self.fault.setProperty("tone", "alarm")
        self._grid = QGridLayout()
        for place, (label, field) in enumerate(
            ((self.first_label, self.first), (self.last_label, self.last))
        ):
            self._grid.addWidget(label, 0, place)
            self._grid.addWidget(field, 1, place)
            field.returnPressed.connect(self._answer)
        self._grid.addWidget(self.absent, 1, 2)
        at = self.card.box.indexOf(self.field)
        self.card.box.insertLayout(at, self._grid)
        self.card.box.insertWidget(at + 1, self.reason_label)
        self.card.box.insertWidget(at + 3, self.fault)

    @property
    def reason(self) -> str:
        """Why."""
        return self.field.text()

    def times(self) -> tuple[time | None, time | None]:
        """First and last, or neither. Raises InputError."""
        if self.absent.isChecked():
            return None, None
        return read_clock(self.first.text()), read_clock(self.last.text())

    def begin(self, line: Line, day: str, calendar: Calendar) -> None:
        """With the times that count now."""
        known = line.day
        for field, moment in (
            (self.first, known.first if known is not None else None),
            (self.last, known.last if known is not None else None),
        ):
            field.setText("" if moment is None else clock(moment, calendar))
        self.absent.setChecked(False)
        self.fault.hide()
        self.first_label.setText(say(w.COLUMN_FIRST))
        self.last_label.setText(say(w.COLUMN_LAST))
        self.reason_label.setText(say(w.REASON))
        self.absent.say(say(w.WAS_ABSENT))
        for field, name in ((self.first, w.COLUMN_FIRST), (self.last, w.COLUMN_LAST)):
            field.setAccessibleName(say(name))
        title = say(w.CORRECT_TITLE, name=line.name, day=day)
        self.ask(title, say(w.CORRECT_TEXT), say(staff.SAVE), say(staff.KEEP), "")
        self.field.setAccessibleName(say(w.REASON))
        self.field.setMaxLength(LONGEST_REASON)
        self.first.setFocus()

    def refuse(self, text: str) -> None:
        """Say what cannot be kept; everything typed stays."""
        self.fault.setText(text)
        self.fault.show()

    @Slot(bool)
    def _leave_out(self, absent: bool) -> None:
        for field in (self.first, self.last):
            field.setEnabled(not absent)

    @Slot()
    def _answer(self) -> None:
        try:
            self.times()
        except InputError:
            self.refuse(say(w.FAULT_TIMES))
            return
        if not self.reason.strip():
            self.refuse(say(w.FAULT_REASON, most=LONGEST_REASON))
            return
        self.tried.emit()
