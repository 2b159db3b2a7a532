"""Pictures of somebody who enrols themselves, with people who do not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QApplication

from kiosk.core.media import Frame, Modality
from kiosk.core.samples import Hint
from kiosk.enrolment.guided_capture import CaptureProgress, Goal
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.strings import self_enrolment as w
from kiosk.ui.visitor.self_enrolment_messages import End, Outcome
from kiosk.ui.visitor.walkup import Page, View
from kiosk.ui.visitor.window import WalkUpWindow
from tools.screenshots.people import NEW, guided, refused_sample, spoken

BOTH = frozenset(Modality)


class SelfStates:
    """The steps one after the other, on a window where this is allowed."""

    def __init__(
        self, window: WalkUpWindow, language: str, preview: Mailbox, frame: Frame, unknown: View
    ) -> None:
        self.window, self.language, self.preview, self.frame = window, language, preview, frame
        self.page, self.unknown = window.enrolment, unknown

    def steps(self) -> dict[str, Callable[[], None]]:
        """By the name of the picture."""
        name = NEW[self.language]
        good = guided(self.frame, Goal.LEFT, (0.55, 0.05))
        return {
            "unknown-offer": lambda: self.window.model.changed.emit(self.unknown),
            "self-consent": self.consent,
            "self-name": self.name,
            "self-name-bad": lambda: self.page.name.complain(w.NAME_BAD, w.NAME_BAD_SHORT),
            "self-pose": lambda: self.capture(good),
            "self-refused": lambda: self.capture(
                replace(good, face=refused_sample(self.frame), refused=Hint.MORE_LIGHT)
            ),
            "self-speech": self.speech,
            "self-check": lambda: self.tell(Outcome(End.CHECK, name, BOTH)),
            "self-check-face": lambda: self.tell(
                Outcome(End.CHECK, name, frozenset({Modality.FACE}))
            ),
            "self-saved": lambda: self.tell(Outcome(End.SAVED, name, date="2026-09-14")),
            "self-short": lambda: self.tell(Outcome(End.SHORT, hint=Hint.MORE_LIGHT)),
            "self-unseen": lambda: self.tell(Outcome(End.UNSEEN)),
            "self-closed": lambda: self.tell(Outcome(End.CLOSED)),
            "self-warning": self.warning,
        }

    def consent(self) -> None:
        """What is kept."""
        self.window.model.changed.emit(View(Page.ENROL, ready=True))

    def name(self) -> None:
        """A name is typed on the screen."""
        self.consent()
        self.page.consent.agree_button.click()
        self.page.name.field.setText(NEW[self.language])
        self.page.name.keyboard.serve(self.page.name.field, language=self.language, names=True)
        QApplication.processEvents()

    def capture(self, progress: CaptureProgress) -> None:
        """Poses and phrases."""
        self.page.steps.setCurrentWidget(self.page.capture)
        self.page.turned.emit()
        self.page.capture.show_progress(progress)
        for _ in range(3):
            self.preview.put(self.frame)
            self.page.capture.camera_preview.advance()

    def speech(self) -> None:
        """Somebody reads a phrase."""
        for progress in spoken(self.frame):
            self.capture(progress)

    def tell(self, outcome: Outcome) -> None:
        """The last question, or an end."""
        self.page.telling.tell(outcome)
        self.page.steps.setCurrentWidget(self.page.telling)
        self.page.turned.emit()
        self.page.focus_first()

    def warning(self) -> None:
        """Nobody has touched anything for long."""
        self.name()
        self.window.model.changed.emit(View(Page.ENROL, ready=True, warning=9))
