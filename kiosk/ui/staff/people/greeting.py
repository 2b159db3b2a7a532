"""The form by which staff give a person a line of greeting."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kiosk.core.attendance import read_day
from kiosk.core.errors import InputError
from kiosk.core.greetings import LONGEST_GREETING, Greeting, made_greeting
from kiosk.ui.strings import greeting as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.choice import Choice
from kiosk.ui.toolkit.controls import words
from kiosk.ui.toolkit.question import Question

ALWAYS, ONCE, UNTIL = "always", "once", "until"


class GreetingForm(Question):
    """A line and how long it is shown. `given` with it, or None where it is taken away."""

    given = Signal(object)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.how, self.day, self.fault = Choice(), QLineEdit(), words("strong")
        self.fault.setProperty("tone", "alarm")
        self.field.setMaxLength(LONGEST_GREETING)
        row = QHBoxLayout()
        row.addWidget(self.how, 1)
        row.addWidget(self.day, 1)
        at = self.card.box.indexOf(self.field)
        self.card.box.insertLayout(at + 1, row)
        self.card.box.insertWidget(at + 2, self.fault)
        self.how.currentIndexChanged.connect(self._show_day)
        self.day.returnPressed.connect(self._answer)

    def begin(self, name: str, line: Greeting | None) -> None:
        """With the line there is."""
        kind = ALWAYS if line is None or not (line.once or line.until) else ONCE
        kind = UNTIL if line is not None and line.until is not None else kind
        offered = ((ALWAYS, w.ALWAYS), (ONCE, w.ONCE), (UNTIL, w.UNTIL))
        self.how.offer([(value, say(text)) for value, text in offered], kind)
        self.how.setAccessibleName(say(w.HOW))
        self.day.setPlaceholderText(say(w.DAY))
        self.day.setAccessibleName(say(w.DAY))
        self.day.setText(str(line.until) if line is not None and line.until else "")
        self.fault.hide()
        self._show_day()
        text = "" if line is None else line.text
        self.ask(say(w.TITLE, name=name), say(w.TEXT), say(staff.SAVE), say(staff.KEEP), text)
        self.field.setAccessibleName(say(w.GREETING))

    @Slot()
    def _show_day(self) -> None:
        self.day.setVisible(self.how.value == UNTIL)

    @Slot()
    def _answer(self) -> None:
        """What cannot be kept stays, with the reason."""
        if not self.field.text().strip():
            self.hide()
            self.given.emit(None)
            return
        until: date | None = None
        try:
            if self.how.value == UNTIL:
                until = read_day(self.day.text())
        except InputError:
            until = date.min
        if until is not None and until < datetime.now().astimezone().date():
            self._refuse(say(w.FAULT_DAY))
            return
        try:
            line = made_greeting(self.field.text(), once=self.how.value == ONCE, until=until)
        except InputError:
            self._refuse(say(w.FAULT_LINE, most=LONGEST_GREETING))
            return
        self.hide()
        self.given.emit(line)

    def _refuse(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.show()
