"""The first step of an enrolment: whom, with whose consent, and from where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from kiosk.core.records import Consent, PersonSummary
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.session import EnrolmentRequest
from kiosk.ui.capture.consent import ConsentText
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, Scaled, set_property, words
from kiosk.ui.toolkit.theme import Scale, icon

LEAST_HEIGHT = 13
"""In body sizes: below, there is no room for a text to be read."""


class Toggle(Button):
    """A button that stays down, with a box that is ticked while it does."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self._pixels = 24
        self.toggled.connect(self._draw)

    def rescale(self, scale: Scale) -> None:
        """A box as tall as the text."""
        self._pixels = scale.px(1.15)
        self.setIconSize(QSize(self._pixels, self._pixels))
        self._draw()

    @Slot()
    def _draw(self) -> None:
        sign, colour = ("box-ticked", "accent_deep") if self.isChecked() else ("box", "ink_soft")
        self.setIcon(icon(sign, self._pixels, colour))

    def say(self, text: str, *, alone: bool = False) -> None:
        """Text and accessible name."""
        super().say(text, alone=alone)
        self.setText(f"\N{EN SPACE}{text}")


@dataclass(frozen=True)
class Wish:
    """What was filled in."""

    name: str
    kind: EnrolmentKind
    consent: Consent | None

    @property
    def plan(self) -> EnrolmentRequest:
        """As the enrolment session takes it."""
        return EnrolmentRequest(self.name, self.kind, self.consent)


class FormStep(QWidget, Scaled):
    """Name and consent of a new person, or how to re-register a known one."""

    camera = Signal()
    files = Signal()
    folder = Signal()
    back = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._person: PersonSummary | None = None
        self._low, self._least = False, 0
        self.heading, self.message = words("title"), words("strong")
        self.message.setProperty("tone", "alarm")
        self.name = QLineEdit()
        self.replace, self.add = Toggle(), Toggle()
        self.kinds = QButtonGroup(self)
        for toggle in (self.replace, self.add):
            self.kinds.addButton(toggle)
        self.kind_text = words("soft")
        self.card = Card(steps=1.2)
        self.consent_title, self.consent_text = words("accent"), ConsentText(settings)
        self.agree = Toggle()
        self.on_record = words("body")
        self.camera_button = Button("primary", "camera")
        self.files_button, self.folder_button = Button(), Button()
        self.back_button = Button("quiet")
        self._build()
        self.replace.toggled.connect(self._say_kind)
        self.name.textEdited.connect(self._mended)
        self.agree.toggled.connect(self._mended)
        self.name.returnPressed.connect(self._to_consent)
        self.camera_button.clicked.connect(self.camera)
        self.files_button.clicked.connect(self.files)
        self.folder_button.clicked.connect(self.folder)
        self.back_button.clicked.connect(self.back)

    def _build(self) -> None:
        self.consent_text.setProperty("role", "lead")
        for part in (self.consent_title, self.consent_text, self.on_record, self.agree):
            self.card.box.addWidget(part)
        self.card.box.setStretch(1, 1)
        self.kind_row = QWidget()
        row = QHBoxLayout(self.kind_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.replace, 1)
        row.addWidget(self.add, 1)
        self.main = ButtonRow(self.camera_button)
        self.others = ButtonRow(self.files_button, self.folder_button, self.back_button)
        self.buttons = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.buttons.addWidget(self.main)
        self.buttons.addWidget(self.others)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        above: tuple[QWidget, ...] = (self.heading, self.name, self.kind_row, self.kind_text)
        for widget in above:
            self.box.addWidget(widget)
        self.box.addWidget(self.card)
        self.box.addStretch(0)
        self.box.addWidget(self.message)
        self.box.addLayout(self.buttons)

    def rescale(self, scale: Scale) -> None:
        """Everything in one column of readable width."""
        side = 0 if scale.portrait or scale.low else scale.width // 10
        self.box.setContentsMargins(side, 0, side, 0)
        self.box.setSpacing(scale.gap(1 if scale.low else 2))
        self.buttons.setSpacing(scale.gap(1))
        beside = QBoxLayout.Direction.RightToLeft
        self.buttons.setDirection(
            QBoxLayout.Direction.TopToBottom if scale.portrait or scale.low else beside
        )
        self.buttons.setStretch(0, 2)
        self.buttons.setStretch(1, 3)
        self._low, self._least = scale.low, scale.px(LEAST_HEIGHT)
        self.consent_title.setVisible(not scale.low)
        self._show_heading()
        set_property(self.heading, "role", "name" if scale.low else "title")
        set_property(self.consent_text, "role", "" if scale.low else "lead")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Beside a keyboard a small screen has room for the name alone."""
        super().resizeEvent(event)
        self.card.setVisible(event.size().height() >= self._least)

    def begin(self, person: PersonSummary | None) -> None:
        """Empty for somebody new, or for re-registering a person."""
        self._person = person
        self.name.setText("")
        self.agree.setChecked(False)
        self.replace.setChecked(True)
        self.tell("")
        again = person is not None
        self._show_heading()
        self.name.setVisible(not again)
        self.kind_row.setVisible(again)
        self.kind_text.setVisible(again)
        self.consent_text.setVisible(not self._has_consent())
        self.agree.setVisible(not self._has_consent())
        self.on_record.setVisible(self._has_consent())
        room = self.box.indexOf(self.card)  # a text to be read takes all there is
        self.box.setStretch(room, 0 if self._has_consent() else 1)
        self.box.setStretch(room + 1, 1 if self._has_consent() else 0)
        self.retranslate()
        (self.camera_button if again else self.name).setFocus()

    def _show_heading(self) -> None:
        """Where there is little room, only whom it is about."""
        self.heading.setVisible(not self._low or self._person is not None)

    def _has_consent(self) -> bool:
        """Whether the person has agreed to the text of today."""
        consent = self._person.consent if self._person is not None else None
        given = consent is not None and consent.withdrawn is None
        return given and consent is not None and consent.version == self.consent_text.version

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        if self._person is None:
            self.heading.setText(say(w.ENROL_TITLE))
        else:
            self.heading.setText(say(w.RE_REGISTER_TITLE, name=self._person.subject.name))
        self.name.setPlaceholderText(say(w.NAME_FIELD))
        self.name.setAccessibleName(say(w.NAME_FIELD))
        self.replace.say(say(w.REPLACE))
        self.add.say(say(w.ADD))
        self._say_kind()
        self.consent_title.setText(say(w.CONSENT))
        self.consent_text.retranslate()
        self.agree.say(say(w.CONSENT_AGREE))
        if self._has_consent() and self._person is not None and self._person.consent is not None:
            consent = self._person.consent
            date = f"{consent.time.astimezone():%Y-%m-%d}"
            self.on_record.setText(say(w.CONSENT_GIVEN, date=date, version=consent.version))
        self.camera_button.say(say(w.FROM_CAMERA))
        self.files_button.say(say(w.FROM_FILES))
        self.folder_button.say(say(w.FROM_FOLDER))
        self.back_button.say(say(visitor.BACK))
        for row in (self.main, self.others):
            row.arrange()

    @Slot()
    def _say_kind(self) -> None:
        self.kind_text.setText(say(w.REPLACE_TEXT if self.replace.isChecked() else w.ADD_TEXT))

    @Slot()
    def _to_consent(self) -> None:
        (self.camera_button if self._has_consent() else self.agree).setFocus()

    @property
    def begun(self) -> bool:
        """Whether somebody has filled in anything."""
        return self._person is not None or bool(self.name.text()) or self.agree.isChecked()

    @Slot()
    def _mended(self) -> None:
        """Whoever changes something no longer needs to be told what was missing."""
        self.tell("")

    def tell(self, text: str) -> None:
        """What is missing, or nothing."""
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def wish(self, language: str) -> Wish | None:
        """What was filled in; None, and the reason told, while something is missing."""
        name = self.name.text().strip() if self._person is None else self._person.subject.name
        if not name:
            self.tell(say(w.NAME_EMPTY))
            self.name.setFocus()
            return None
        if not self._has_consent() and not self.agree.isChecked():
            self.tell(say(w.CONSENT_MISSING))
            self.agree.setFocus()
            return None
        self.tell("")
        return Wish(name, self._kind(), self._new_consent(language))

    def _kind(self) -> EnrolmentKind:
        if self._person is None:
            return EnrolmentKind.NEW
        return EnrolmentKind.REPLACE if self.replace.isChecked() else EnrolmentKind.ADD

    def _new_consent(self, language: str) -> Consent | None:
        return None if self._has_consent() else self.consent_text.given(language)
