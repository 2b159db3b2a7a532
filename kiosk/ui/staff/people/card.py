"""One person beside the table: samples, consent, history, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel

from kiosk.core.records import Consent, Origin, PersonSummary
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord
from kiosk.ui.strings import enrolment as enrol
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, set_property, words
from kiosk.ui.toolkit.theme import Scale

KINDS = {
    EnrolmentKind.NEW: w.KIND_NEW,
    EnrolmentKind.ADD: w.KIND_ADD,
    EnrolmentKind.REPLACE: w.KIND_REPLACE,
    EnrolmentKind.ROLLBACK: w.KIND_ROLLBACK,
    EnrolmentKind.LEARNT: w.KIND_LEARNT,
}
HISTORY_SHOWN = 6
PICTURE = 4.5
"""In body sizes."""
_CHANGES = {EnrolmentKind.ADD, EnrolmentKind.REPLACE}


class PersonCard(Card):
    """Details of whoever is chosen."""

    re_register = Signal()
    roll_back = Signal()
    more = Signal()
    confirm = Signal()
    back = Signal()

    def __init__(self) -> None:
        super().__init__(steps=0.7)
        self.shown = HISTORY_SHOWN
        self._pixels = 80
        self._picture: QIcon | None = None
        self.picture, self.list_button = QLabel(), Button("quiet")
        self.list_button.setProperty("place", "bar")
        self.confirm_button = Button("primary", "check")
        self.confirm_button.clicked.connect(self.confirm)
        self.list_button.clicked.connect(self.back)
        self.list_button.hide()
        self.name, self.samples, self.seen = words("name"), words("body"), words("soft")
        self.consent, self.origin = words("soft"), words("strong")
        self.alike, self.ends = words("strong"), words("strong")
        self.history_title, self.history = words("accent"), words("soft")
        self.re_register_button = Button("primary")
        self.roll_back_button, self.more_button = Button(sign="again"), Button()
        self.re_register_button.clicked.connect(self.re_register)
        self.roll_back_button.clicked.connect(self.roll_back)
        self.more_button.clicked.connect(self.more)
        self._words = (
            self.origin,
            self.samples,
            self.seen,
            self.consent,
            self.alike,
            self.ends,
            self.history_title,
            self.history,
        )
        top = QHBoxLayout()
        top.addWidget(self.picture)
        top.addWidget(self.name, 1)
        top.addWidget(self.list_button)
        self.box.addLayout(top)
        for part in self._words:
            self.box.addWidget(part)
        self.box.addStretch(1)
        self.box.addSpacing(10)
        self.buttons = ButtonRow(self.confirm_button, self.re_register_button)
        self.others = ButtonRow(self.more_button, self.roll_back_button)
        self.box.addWidget(self.buttons)
        self.box.addWidget(self.others)

    def rescale(self, scale: Scale) -> None:
        """A picture of the height of some lines."""
        super().rescale(scale)
        self._pixels = scale.px(PICTURE)
        self.show_picture(self._picture)

    def show_picture(self, picture: QIcon | None) -> None:
        """Of whoever is chosen, where one is kept."""
        self._picture = picture
        self.picture.setVisible(picture is not None)
        if picture is not None:
            self.picture.setPixmap(picture.pixmap(self._pixels, self._pixels))

    def warn(self, alike: str, ends: datetime | None, *, by_visit: bool) -> None:
        """What staff should know of whoever is shown: a name that looks like another, and that
        they are deleted soon."""
        self.alike.setVisible(bool(alike))
        self.alike.setText(say(w.DETAIL_ALIKE, name=alike))
        self.ends.setVisible(ends is not None)
        if ends is not None:
            words_of_end = w.DETAIL_EXPIRES_UNSEEN if by_visit else w.DETAIL_EXPIRES
            self.ends.setText(say(words_of_end, date=date_of(ends)))
        for part in (self.alike, self.ends):
            set_property(part, "tone", "caution")

    def show_person(self, person: PersonSummary | None, history: Sequence[EnrolmentRecord]) -> None:
        """Details, or the request to choose."""
        for part in (*self._words, self.buttons, self.others):
            part.setVisible(person is not None)
        self.warn("", None, by_visit=False)
        self.list_button.say(say(w.TO_LIST))
        if person is None:
            self.name.setText(say(w.CHOOSE))
            self.show_picture(None)
            return
        self.name.setText(person.subject.name)
        self.samples.setText(
            say(w.DETAIL_SAMPLES, face=person.face_templates, voice=person.voice_templates)
        )
        self.seen.setText(_seen(person))
        self.consent.setText(_consent(person.consent))
        self._show_origin(person.origin)
        self.history_title.setText(say(w.HISTORY))
        self.history.setText(history_lines(history[: self.shown]))
        self.re_register_button.say(say(enrol.RE_REGISTER))
        self.roll_back_button.say(say(w.ROLL_BACK))
        self.more_button.say(say(w.MORE))
        self.roll_back_button.setVisible(
            any(each.kind in _CHANGES and each.active for each in history)
        )
        self.buttons.arrange()
        self.others.arrange()

    def _show_origin(self, origin: Origin) -> None:
        """Of who enrolled themselves, and whether staff have something to do."""
        self.origin.setVisible(origin is not Origin.STAFF)
        self.origin.setText(say(w.DETAIL_SELF if origin is Origin.SELF else w.DETAIL_CONFIRMED))
        waits = origin is Origin.SELF
        set_property(self.origin, "tone", "caution" if waits else "")
        self.confirm_button.say(say(w.CONFIRM))
        self.confirm_button.setVisible(waits)
        set_property(self.re_register_button, "role", "plain" if waits else "primary")


def history_lines(history: Sequence[EnrolmentRecord]) -> str:
    """One line to an enrolment."""
    return "\n".join(_line(each) for each in history)


def date_of(time: datetime) -> str:
    """A day as shown."""
    return f"{time.astimezone():%Y-%m-%d}"


def _seen(person: PersonSummary) -> str:
    since = say(w.DETAIL_SINCE, date=date_of(person.subject.created))
    if person.last_seen is None:
        return f"{since} · {say(w.DETAIL_NEVER)}"
    return f"{since} · {say(w.DETAIL_SEEN, date=date_of(person.last_seen))}"


def _consent(consent: Consent | None) -> str:
    if consent is None:
        return say(w.DETAIL_NO_CONSENT)
    if consent.withdrawn is not None:
        return say(w.DETAIL_CONSENT_BACK, date=date_of(consent.withdrawn))
    return say(w.DETAIL_CONSENT, date=date_of(consent.time), version=consent.version)


def _line(record: EnrolmentRecord) -> str:
    kind = say(KINDS[record.kind])
    face, voice = record.face_templates, record.voice_templates
    return say(w.HISTORY_LINE, date=date_of(record.time), kind=kind, face=face, voice=voice)
