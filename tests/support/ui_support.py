"""What the tests of the screens share: time turned by hand, a control that writes down what was
asked of it, events as the engine publishes them, a window on a model."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shiboken6
from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.events import Phase, VisitDecision, VisitEnd, VisitEnded, VisitProgress
from kiosk.core.media import Frame, Modality
from kiosk.core.samples import Box, FaceOutcome, FaceReport, Hint, VoiceProgress
from kiosk.core.settings import Settings
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import EnrolmentClient
from kiosk.ui.engine.visit_control import VisitControl
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.theme import load_fonts
from kiosk.ui.visitor.walkup import WalkUp
from kiosk.ui.visitor.window import WalkUpWindow

PORTRAIT, LANDSCAPE, SMALL = QSize(1080, 1920), QSize(1920, 1080), QSize(1024, 600)
INCHES = {(1080, 1920): 27.0, (1920, 1080): 27.0, (1024, 600): 10.1}


@dataclass
class HandClock:
    """Time stands still until a test turns it."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False


class AskedControl(VisitControl):
    """Writes down what the screen asked of the visit."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(lambda act: self.asked.append(act.__name__))


def frame(time: float = 0.0, value: int = 90) -> Frame:
    return Frame(np.full((72, 128, 3), value, np.uint8), time)


def face(
    time: float = 0.0, outcome: FaceOutcome = FaceOutcome.USABLE, hint: Hint | None = None
) -> FaceReport:
    box = None if outcome is FaceOutcome.NO_FACE else Box(50, 20, 26, 34)
    return FaceReport(time, (128, 72), outcome, hint, 0.9, box, track=1, face_count=1)


def nobody(time: float) -> VisitProgress:
    sample = face(time, FaceOutcome.NO_FACE, Hint.STEP_UP)
    return VisitProgress(Phase.WAITING, 0, time, sample, hint=Hint.STEP_UP)


def ended(time: float, end: VisitEnd = VisitEnd.GONE) -> VisitEnded:
    return VisitEnded(1, time, end)


def looking(
    time: float = 0.0, good: int = 1, visit: int = 1, hint: Hint | None = None
) -> VisitProgress:
    outcome = FaceOutcome.USABLE if hint is None else FaceOutcome.TOO_SMALL
    seen = face(time, outcome, hint)
    return VisitProgress(Phase.LOOKING, visit, time, seen, None, good, hint=hint)


def listening(time: float = 1.0, speech: float = 0.0, hint: Hint | None = None) -> VisitProgress:
    voice = VoiceProgress(speech, 3.0, -20.0, speech > 0, hint)
    return VisitProgress(Phase.LISTENING, 1, time, face(time), voice, 5, hint=hint)


def decision(
    outcome: DecisionOutcome = DecisionOutcome.IDENTIFIED,
    name: str = "김하늘",
    *,
    final: bool = True,
    reason: DecisionReason = DecisionReason.NONE,
    visit: int = 1,
    hint: Hint | None = None,
) -> VisitDecision:
    top = Candidate(1, name, 9.0, 0.996, 0.7, 0.6, 6.0, 3.0)
    made = Decision(outcome, (top,), (Modality.FACE, Modality.VOICE), 0.996, False, reason)
    return VisitDecision(visit, 4.0, made, final, hint=hint)


@dataclass
class Screen:
    """A window on a model whose engine is the test."""

    settings: Settings
    clock: HandClock
    control: AskedControl
    model: WalkUp
    mailbox: Mailbox
    language: Language
    window: WalkUpWindow


class ScreenMaker:
    """Makes screens and puts every one of them away again."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self._made: list[Screen] = []
        self.session: EnrolmentClient | None = None

    def __call__(self, size: QSize = PORTRAIT, **changes: Any) -> Screen:
        inches = INCHES.get((size.width(), size.height()), 27.0)
        settings = Settings(screen_inches=inches, motion="reduced", language="en")
        settings = replace(settings, **changes)
        clock, control, mailbox = HandClock(), AskedControl(), Mailbox()
        load_fonts()
        language = Language(settings.language)
        model = WalkUp(settings, control, clock)
        window = WalkUpWindow(model, settings, mailbox, language, self.session)
        self._qtbot.addWidget(window)
        window.resize(size)
        with self._qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        made = Screen(settings, clock, control, model, mailbox, language, window)
        self._made.append(made)
        return made

    def close(self) -> None:
        """Close every window; a timer that still runs is a failure."""
        for made in self._made:
            made.window.close()
            made.language.close()
        left = running_timers()
        assert not left, f"timers left running: {left}"


def running_timers() -> list[QTimer]:
    """Timers of ours that still run.

    By type and not by isinstance: that asks every object for its class, and a deprecated one of
    another library answers with a warning.
    """
    timers = [found for found in gc.get_objects() if issubclass(type(found), QTimer)]
    return [timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()]


def settle() -> None:
    """Let Qt do what is queued."""
    for _ in range(3):
        QApplication.processEvents()
