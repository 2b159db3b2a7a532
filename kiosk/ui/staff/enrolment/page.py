"""Enrolment and re-registration, step by step: whom, samples, review, save or discard."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kiosk.core.errors import InputError, Interrupted, KnownError
from kiosk.core.records import PersonSummary
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.enroller import EnrolmentResult, TwoPeople
from kiosk.enrolment.guided_capture import CaptureProgress, Step
from kiosk.enrolment.review import Review
from kiosk.enrolment.session import EnrolmentRequest, EnrolmentSession, FileProgress, TooFewSamples
from kiosk.runtime.places import file_places
from kiosk.ui.capture.guided_capture import CaptureStep, ReadingStep
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import EnrolmentWork, GalleryClient
from kiosk.ui.engine.requests import Requester
from kiosk.ui.staff.enrolment.form import FormStep
from kiosk.ui.staff.enrolment.review import ReviewStep
from kiosk.ui.staff.file_picker import FilePicker
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings import staff as admin
from kiosk.ui.strings.visitor import fault_words, say
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.page import AdminPage
from kiosk.ui.toolkit.question import Question


class EnrolPage(AdminPage):
    """`done` with the name that was enrolled, or empty; `alive` while somebody is captured;
    `posing` with whether the kiosk is in the hands of the person who is enrolled."""

    title = w.ENROL
    done = Signal(str)
    alive = Signal()
    posing = Signal(bool)

    def __init__(
        self, client: GalleryClient, preview: Mailbox, settings: Settings, language: Language
    ) -> None:
        super().__init__()
        self._language = language
        self._person: PersonSummary | None = None
        self._plan: EnrolmentRequest | None = None
        self._files: Sequence[Path] = ()
        self._bad = (0, 0)
        self._stopped = threading.Event()
        self._asker: Requester[EnrolmentWork] = Requester(client.session, self)
        self._asker.failed.connect(self._fail)
        self._leaver: Requester[EnrolmentWork] = Requester(client.session, self)
        client.session.progressed.connect(self._follow)
        self.form = FormStep(settings)
        self.capture = CaptureStep(preview, moves=settings.motion == "full")
        self.reading, self.review = ReadingStep(), ReviewStep()
        self.question = Question(self)
        self.files = FilePicker(self, partial(file_places, settings))
        self.steps = QStackedWidget()
        for step in (self.form, self.capture, self.reading, self.review):
            self.steps.addWidget(step)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self.steps)
        self._connect()

    def _connect(self) -> None:
        self.form.camera.connect(self._use_camera)
        self.form.files.connect(self._choose_files)
        self.form.folder.connect(self._choose_folder)
        self.form.back.connect(self.discard)
        self.capture.skip.connect(self._skip)
        self.capture.back.connect(self._again)
        self.reading.back.connect(self._stop_reading)
        self.review.save.connect(self._save)
        self.review.add_instead.connect(self._add_instead)
        self.review.again.connect(self._again)
        self.review.discard.connect(self.discard)

    def _turn(self, step: QWidget) -> None:
        """To a step; during the capture somebody poses."""
        before = self.steps.currentWidget()
        self.steps.setCurrentWidget(step)
        if (before is self.capture) is not (step is self.capture):
            self.posing.emit(step is self.capture)

    @property
    def draft(self) -> bool:
        """Whether something would be lost: what was filled in, or samples that are not saved."""
        step = self.steps.currentWidget()
        if step is self.form:
            return self.form.begun
        return step is not self.capture and self._plan is not None

    # --- coming and going ----------------------------------------------------------------

    def begin(self, person: PersonSummary | None) -> None:
        """Enrol somebody new, or re-register a person."""
        self._person = person
        self._turn(self.form)
        self.form.begin(person)

    def leave(self) -> None:
        """Stop what runs, and forget every sample here and in the enrolment session."""
        self._stopped.set()
        self._asker.forget()
        self.question.hide()
        self.files.hide()
        if self._plan is not None:
            self._leaver.ask(EnrolmentSession.leave, _nothing)
        self._plan, self._files, self._bad = None, (), (0, 0)
        self.capture.forget()
        self.review.forget()
        self.form.begin(None)
        self._turn(self.form)

    def set_aside(self) -> None:
        """The pages lock: what lies over the draft is closed, the draft itself stays."""
        self.question.hide()
        self.files.hide()

    @Slot(object)
    def adopt(self, settings: Settings) -> None:
        """Staff have changed something: the text of consent says what holds now."""
        self.form.consent_text.adopt(settings)
        self.form.retranslate()

    def escape(self) -> bool:
        """Close the question, or go back a step."""
        if self.question.isVisible() or self.files.isVisible():
            self.question.hide()
            self.files.hide()
        elif self.steps.currentWidget() is self.form:
            self.discard()
        else:
            self._again()
        return True

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        for step in (self.form, self.capture, self.reading, self.review):
            step.retranslate()

    @Slot()
    def discard(self) -> None:
        """Nothing was stored, and nothing is kept."""
        self.done.emit("")

    # --- samples -------------------------------------------------------------------------

    def _start(self, then: Callable[[], None]) -> None:
        """With a complete form and a name that can be used."""
        wish = self.form.wish(self._language.name)
        if wish is None:
            return
        plan = self._plan = wish.plan
        self._stopped.clear()
        self._asker.ask(lambda session: session.check(plan), lambda _: then())

    @Slot()
    def _use_camera(self) -> None:
        self._start(self._capture)

    def _capture(self) -> None:
        self._files = ()
        self.capture.begin()
        self._turn(self.capture)
        self._asker.ask(EnrolmentSession.capture, _nothing)

    @Slot()
    def _skip(self) -> None:
        self._asker.ask(EnrolmentSession.skip, _nothing)

    @Slot()
    def _choose_files(self) -> None:
        self._start(lambda: self.files.choose_files(say(w.CHOOSE_FILES), self._read))

    @Slot()
    def _choose_folder(self) -> None:
        self._start(lambda: self.files.choose_folder(say(w.CHOOSE_FOLDER), self._read))

    def _read(self, files: Sequence[Path]) -> None:
        self._files = files
        self.reading.show_progress(FileProgress(0, len(files)))
        self._turn(self.reading)
        self.reading.back_button.setFocus()
        stopped = self._stopped.is_set
        self._asker.ask(lambda session: session.read(files, stopped), self._take_read)

    def _take_read(self, read: FileProgress) -> None:
        self._bad = (read.bad, read.total)
        self._ask_review()

    @Slot()
    def _stop_reading(self) -> None:
        self._stopped.set()

    @Slot(object)
    def _follow(self, told: CaptureProgress | FileProgress) -> None:
        """Where the engine is; late words of a capture that was left are passed over."""
        here = self.steps.currentWidget()
        if isinstance(told, FileProgress):
            if here is self.reading:
                self.reading.show_progress(told)
                self.alive.emit()
        elif here is self.capture and self._plan is not None:
            self.capture.show_progress(told)
            if told.somebody:
                self.alive.emit()
            if told.step is Step.DONE:
                self._ask_review()

    # --- review and end ------------------------------------------------------------------

    def _ask_review(self) -> None:
        plan = self._plan
        if plan is None:
            return
        self.reading.show_progress(None)
        self._turn(self.reading)
        self._asker.ask(lambda session: session.review(plan), self._show_review)

    def _show_review(self, review: Review) -> None:
        if self._plan is not None:
            self.review.show_review(self._plan, review, self._bad)
            self._turn(self.review)

    @Slot()
    def _add_instead(self) -> None:
        """The operator agrees that this is somebody enrolled."""
        suspect = self.review.suspect
        if self._plan is not None and suspect is not None:
            self._plan = replace(self._plan, name=suspect.name, kind=EnrolmentKind.ADD)
            self._ask_review()

    @Slot()
    def _save(self) -> None:
        if self._plan is None:
            return
        plan = self._plan = replace(self._plan, despite=self.review.despite)
        self.reading.show_progress(None)
        self._turn(self.reading)

        def saved(_result: EnrolmentResult) -> None:
            self._plan = None
            self.done.emit(plan.name)

        self._asker.ask(lambda session: session.save(plan), saved)

    @Slot()
    def _again(self) -> None:
        """Back to the form; what it says is still there."""
        self._stopped.set()
        self._asker.forget()
        self._leaver.ask(EnrolmentSession.leave, _nothing)
        self.capture.forget()
        self._turn(self.form)
        self.form.camera_button.setFocus()

    @Slot(object)
    def _fail(self, error: KnownError) -> None:
        if isinstance(error, TooFewSamples) and self._plan is not None:
            self.review.show_shortage(self._plan, error)
            self._turn(self.review)
            return
        reading = self.steps.currentWidget() is self.reading
        self._turn(self.form)
        if isinstance(error, Interrupted):
            self.form.camera_button.setFocus()
        elif isinstance(error, TwoPeople):
            one, other = error.counts
            text = say(w.TWO_PEOPLE, one=one, other=other)
            self.question.ask(say(admin.FAILED), text, say(admin.DONE), "")
        elif isinstance(error, InputError):
            self.form.tell(say(w.NOTHING_READ if reading and self._files else w.NAME_TAKEN))
        else:
            code, what, remedy = fault_words(type(error).__name__)
            text = f"{say(what)} {say(remedy)} ({code})"
            self.question.ask(say(admin.FAILED), text, say(admin.DONE), "")


def _nothing(_result: Any) -> None:
    """The answer does not matter."""
