"""Who is not known enrols themselves: consent, name, capture, a last question, and a receipt.

Models, gallery and samples stay behind the enrolment session, which tells nothing here of others.
"""

from __future__ import annotations

import time
from datetime import datetime
from math import ceil
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.core.errors import InputError, KnownError
from kiosk.core.media import Modality
from kiosk.core.records import Consent
from kiosk.core.samples import Hint
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.enroller import EnrolmentResult, TwoPeople
from kiosk.enrolment.guided_capture import CaptureProgress, Step
from kiosk.enrolment.living import NotLiving
from kiosk.enrolment.review import Review
from kiosk.enrolment.session import (
    EnrolmentRequest,
    EnrolmentSession,
    Told,
    TooFewSamples,
)
from kiosk.ui.capture.guided_capture import CaptureStep
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import EnrolmentClient, EnrolmentWork
from kiosk.ui.engine.requests import Requester
from kiosk.ui.strings import self_enrolment as w
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.theme import Scale
from kiosk.ui.visitor.self_enrolment_messages import End, Outcome, Telling
from kiosk.ui.visitor.self_enrolment_steps import AskConsent, AskName, SelfStep

ANSWER_AFTER = 1.0
"""Seconds from the wish to be saved until it is answered, whatever comes of it."""


class SelfEnrolment(QWidget):
    """`finished` when the visitor is done, whatever came of it; `alive` at every sign of somebody;
    `turned` to another step; `told` with what a screen reader should say."""

    finished = Signal()
    turned = Signal()
    alive = Signal()
    told = Signal(str)

    def __init__(
        self, session: EnrolmentClient, preview: Mailbox, settings: Settings, language: Language
    ) -> None:
        super().__init__()
        self._language = language
        self._consent: Consent | None = None
        self._plan: EnrolmentRequest | None = None
        self._asker: Requester[EnrolmentWork] = Requester(session, self)
        self._asker.failed.connect(self._fail)
        session.progressed.connect(self._follow)
        self._answer = QTimer(self)
        self._answer.setSingleShot(True)
        self._answer.setTimerType(Qt.TimerType.PreciseTimer)  # another may be a twentieth early
        self._answer.timeout.connect(self._thank)
        self.consent, self.name = AskConsent(settings), AskName()
        self.capture = CaptureStep(preview, moves=settings.motion == "full", staff=False)
        self.telling = Telling()
        self.steps = QStackedWidget()
        for step in (self.consent, self.name, self.capture, self.telling):
            self.steps.addWidget(step)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.steps)
        self._connect()

    def _connect(self) -> None:
        self.consent.agreed.connect(self._agree)
        self.consent.declined.connect(self.finished)
        self.name.named.connect(self._check)
        self.name.back.connect(self.finished)
        self.name.typed.connect(self.alive)
        self.capture.skip.connect(self._skip)
        self.capture.back.connect(self.finished)
        self.telling.save.connect(self._save)
        self.telling.again.connect(self._capture)
        self.telling.finish.connect(self.finished)

    # --- coming and going ------------------------------------------------------------------

    def begin(self) -> None:
        """From the first question on, if nothing is in the way."""
        self.leave()
        self._turn(self.consent)
        self._asker.ask(EnrolmentSession.admit, _nothing)

    def leave(self) -> None:
        """Forget everything of the visitor, here and in the enrolment session."""
        self._asker.forget()
        self._answer.stop()
        if self._plan is not None:
            self._asker.ask(EnrolmentSession.leave, _nothing)
        self._plan = self._consent = None
        self.name.begin(self._language.name)
        self.capture.forget()
        self.telling.tell(Outcome(End.WAIT))

    def adopt(self, settings: Settings) -> None:
        """Staff have changed something."""
        self.consent.text.adopt(settings)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        for step in (self.consent, self.name, self.capture, self.telling):
            step.retranslate()

    def place(self, scale: Scale, *, high: bool) -> None:
        """What is to be touched stands high on a tall screen, or low."""
        for step in (self.consent, self.name, self.capture, self.telling):
            step.high = high
            step.rescale(scale)

    @property
    def corner(self) -> QBoxLayout | None:
        """A place for more buttons on the step that is shown, where there is one."""
        step = self.steps.currentWidget()
        return step.corner if isinstance(step, SelfStep | CaptureStep) else None

    def focus_first(self) -> None:
        """The keyboard's focus to where the step begins."""
        step = self.steps.currentWidget()
        if isinstance(step, SelfStep):
            step.first().setFocus()
        else:
            self.capture.skip_button.setFocus()

    def _turn(self, step: SelfStep) -> None:
        """To a step; each is a sign of somebody, and is told."""
        self.steps.setCurrentWidget(step)
        step.retranslate()
        self.turned.emit()
        self.focus_first()
        self.alive.emit()
        self.told.emit(step.summary())

    def _tell(self, outcome: Outcome) -> None:
        self.telling.tell(outcome)
        self._turn(self.telling)

    # --- consent and name --------------------------------------------------------------------

    @Slot()
    def _agree(self) -> None:
        self._consent = self.consent.text.given(self._language.name)
        self.name.begin(self._language.name)
        self._turn(self.name)

    @Slot(str)
    def _check(self, name: str) -> None:
        if self._consent is None:
            return
        plan = self._plan = EnrolmentRequest(name, EnrolmentKind.NEW, self._consent, alone=True)
        self._asker.ask(lambda session: session.check(plan), lambda _: self._capture())

    # --- samples -----------------------------------------------------------------------------

    @Slot()
    def _capture(self) -> None:
        if self._plan is None:
            return
        self.capture.begin()
        self.steps.setCurrentWidget(self.capture)
        self.turned.emit()
        self.alive.emit()
        self.told.emit(self.capture.instruction.text())
        self._asker.ask(lambda session: session.capture(alone=True), _nothing)

    @Slot()
    def _skip(self) -> None:
        self._asker.ask(EnrolmentSession.skip, _nothing)

    @Slot(object)
    def _follow(self, told: Told) -> None:
        """Where the engine is; late words of a capture that was left are passed over."""
        here = self.steps.currentWidget() is self.capture and self._plan is not None
        if not here or not isinstance(told, CaptureProgress):
            return
        before = self.capture.instruction.text()
        self.capture.show_progress(told)
        if told.somebody:
            self.alive.emit()
        if told.step is Step.DONE:
            self._ask_review()
        elif self.capture.instruction.text() != before:
            self.told.emit(self.capture.summary())

    # --- the end -----------------------------------------------------------------------------

    def _ask_review(self) -> None:
        plan = self._plan
        if plan is not None:
            self._tell(Outcome(End.WAIT))
            self._asker.ask(lambda session: session.review(plan), self._question)

    def _question(self, review: Review) -> None:
        if self._plan is not None:
            counts = ((Modality.FACE, review.faces), (Modality.VOICE, review.voices))
            taken = frozenset(modality for modality, count in counts if count)
            self._tell(Outcome(End.CHECK, self._plan.name, taken))

    @Slot()
    def _save(self) -> None:
        plan = self._plan
        if plan is None:
            return
        self._tell(Outcome(End.WAIT))

        def saved(_result: EnrolmentResult | None) -> None:
            """Told no sooner than always: how long it took would say what came of it."""
            left = ANSWER_AFTER - (time.monotonic() - asked)
            self._answer.start(max(0, ceil(1000 * left)))

        asked = time.monotonic()
        self._asker.ask(lambda session: session.save(plan), saved)

    @Slot()
    def _thank(self) -> None:
        """The same for everybody, also for who is enrolled already."""
        plan, self._plan = self._plan, None
        if plan is not None:
            date = f"{datetime.now().astimezone():%Y-%m-%d}"
            self._tell(Outcome(End.SAVED, plan.name, date=date))

    @Slot(object)
    def _fail(self, error: KnownError) -> None:
        if isinstance(error, InputError):
            self.name.complain(w.NAME_BAD, w.NAME_BAD_SHORT)
            self._turn(self.name)
        elif isinstance(error, TooFewSamples):
            self._tell(Outcome(End.SHORT, hint=error.hint))
        elif isinstance(error, NotLiving):
            self._tell(Outcome(End.UNSEEN))
        elif isinstance(error, TwoPeople):
            self._tell(Outcome(End.SHORT, hint=Hint.ONE_PERSON))
        else:
            self._tell(Outcome(End.CLOSED))


def _nothing(_result: Any) -> None:
    """The answer does not matter."""
