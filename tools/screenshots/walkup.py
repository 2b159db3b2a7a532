"""Every state of the screens in both languages and three sizes, as pictures.

The views are made by hand from the engine's types; the picture in the preview is a drawing, so
that no real person is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    EmotionEstimate,
    GenderEstimate,
)
from kiosk.core.events import Fault, VisitDecision
from kiosk.core.media import Frame, Image, Modality
from kiosk.core.samples import Box, FaceOutcome, FaceReport, Hint, VoiceProgress
from kiosk.core.settings import Settings
from kiosk.core.status import Reading
from kiosk.enrolment.session import EnrolmentSession
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import EnrolmentClient
from kiosk.ui.engine.visit_control import VisitControl
from kiosk.ui.toolkit.language import Language
from kiosk.ui.visitor.prompts import texts
from kiosk.ui.visitor.walkup import Page, View, WalkUp
from kiosk.ui.visitor.window import WalkUpWindow
from tools.screenshots.album import SIZES, Album
from tools.screenshots.self_enrolment import SelfStates

NAMES = {"ko": "김하늘", "en": "Haneul Kim"}
LINES = {
    "ko": "소포가 안내 데스크에 와 있습니다. 금요일에는 문을 닫습니다.",
    "en": "Your parcel is at the desk. We are closed on Friday.",
}
FACE_BOX = Box(800, 285, 320, 400)


class StillClock:
    """Time that stands still."""

    def monotonic(self) -> float:
        """Always the same moment."""
        return 0.0

    def wait(self, seconds: float) -> bool:
        """Nobody waits."""
        return False


def drawn_person() -> Image:
    """A plainly drawn head and shoulders before a wall, (1080, 1920, 3)."""
    picture = QImage(1920, 1080, QImage.Format.Format_RGB888)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    wall = QLinearGradient(0, 0, 1920, 1080)
    wall.setColorAt(0, QColor("#b9c4bf"))
    wall.setColorAt(1, QColor("#8f9f99"))
    painter.fillRect(picture.rect(), wall)
    painter.setPen(Qt.PenStyle.NoPen)
    for area, colour, radius in (
        (QRectF(690, 170, 540, 560), "#2f2a28", 250),
        (QRectF(540, 800, 840, 500), "#3f6f68", 190),
        (QRectF(870, 640, 180, 240), "#d9ab8c", 80),
        (QRectF(770, 240, 380, 480), "#e8bd9e", 180),
        (QRectF(770, 215, 380, 150), "#2f2a28", 74),
    ):
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(area, radius, radius)
    painter.setBrush(QColor("#2f2a28"))
    for x in (875, 1045):
        painter.drawEllipse(QPointF(x, 470), 17, 17)
    painter.setBrush(QColor("#b5655a"))
    painter.drawRoundedRect(QRectF(905, 600, 110, 26), 13, 13)
    painter.end()
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(1080, picture.bytesPerLine())
    return pixels[:, : 1920 * 3].reshape(1080, 1920, 3).copy()


def felt(*shares: float, sure: bool = True) -> EmotionEstimate:
    """An emotion of these shares, in the order of `Emotion`."""
    return EmotionEstimate(shares, sure)


_FUSED = AttributeEstimate(
    Channel.FUSED,
    felt(0.64, 0.03, 0.02, 0.03, 0.17, 0.05, 0.06),
    AgeEstimate(32.0, 27.0, 38.0, sure=True),
    GenderEstimate(0.04, sure=True),
)
_UNSURE = AttributeEstimate(
    Channel.FUSED,
    felt(0.18, 0.1, 0.06, 0.09, 0.31, 0.22, 0.04, sure=False),
    AgeEstimate(45.0, 24.0, 68.0, sure=False),
    GenderEstimate(0.44, sure=False),
)
_WITHOUT_EMOTION = replace(_FUSED, emotion=None)


def decided(
    language: str,
    outcome: DecisionOutcome,
    reason: DecisionReason = DecisionReason.NONE,
    made: AttributeEstimate | None = _FUSED,
    modalities: tuple[Modality, ...] | None = None,
) -> VisitDecision:
    """A decision to show."""
    both = (Modality.FACE, Modality.VOICE) if modalities is None else modalities
    top = Candidate(1, NAMES[language], 9.6, 0.9962, 0.71, 0.64, 6.1, 3.5)
    alone = Decision(DecisionOutcome.IDENTIFIED, (top,), (Modality.FACE,), 0.99)
    apart = reason is DecisionReason.CONFLICT
    decision = Decision(outcome, (top,), both, 0.9962, apart, reason, alone)
    attributes = (made,) if made is not None else ()
    return VisitDecision(1, 0.0, decision, final=True, attributes=attributes)


def views(language: str, frame: Frame) -> dict[str, View]:
    """Every state by the name of its picture."""
    outcome = DecisionOutcome
    size = (frame.image.shape[1], frame.image.shape[0])
    good = FaceReport(0.0, size, FaceOutcome.USABLE, None, 0.9, FACE_BOX, track=1, face_count=1)
    near = FaceReport(0.0, size, FaceOutcome.TOO_SMALL, Hint.COME_CLOSER, 0.3, FACE_BOX, track=1)
    voice = VoiceProgress(1.3, 3.0, -17.0, speaking=True)
    gone = Fault("", "", Modality.FACE, code="DeviceMissing")
    deaf = Fault("", "", Modality.VOICE, code="DeviceSilent")
    identified = decided(language, outcome.IDENTIFIED)
    greeted = replace(identified, greeting=LINES[language])
    heard = decided(language, outcome.IDENTIFIED, made=None, modalities=(Modality.VOICE,))
    unknown = decided(language, outcome.UNKNOWN, DecisionReason.BELOW_THRESHOLD)
    alike = decided(language, outcome.UNKNOWN, DecisionReason.SMALL_MARGIN)
    conflict = decided(language, outcome.CONTRADICTED, DecisionReason.CONFLICT)
    not_live = decided(language, outcome.NOT_LIVE, DecisionReason.NOT_LIVE, made=None)
    unusable = decided(language, outcome.UNUSABLE, made=None)
    unsure = decided(language, outcome.IDENTIFIED, made=_UNSURE)
    at_work = decided(language, outcome.IDENTIFIED, made=_WITHOUT_EMOTION)
    switched_off = decided(language, outcome.IDENTIFIED, made=None)
    return {
        "attract": View(Page.ATTRACT, ready=True),
        "look-loading": View(Page.LOOK),
        "look-empty": View(Page.LOOK, ready=True),
        "look-hint": View(Page.LOOK, ready=True, face=near, hint=Hint.COME_CLOSER),
        "look-good": View(Page.LOOK, ready=True, face=good, good_frames=3),
        "look-turn": View(Page.LOOK, ready=True, face=good, good_frames=5, hint=Hint.TURN_LEFT),
        "speak": View(Page.SPEAK, ready=True, face=good, voice=voice, good_frames=5),
        "speak-digits": View(
            Page.SPEAK, ready=True, face=good, voice=voice, good_frames=5, digits=(3, 7, 0, 5)
        ),
        "speak-voice-only": View(Page.SPEAK, ready=True, voice=voice, voice_only=True),
        "think": View(Page.THINK, ready=True, face=good, good_frames=5),
        "identified": View(Page.IDENTIFIED, ready=True, decision=identified),
        "identified-greeted": View(Page.IDENTIFIED, ready=True, decision=greeted),
        "identified-limited": View(Page.IDENTIFIED, True, decision=identified, limited=deaf),
        "identified-not-sure": View(Page.IDENTIFIED, ready=True, decision=unsure),
        "identified-workplace": View(Page.IDENTIFIED, ready=True, decision=at_work),
        "identified-no-estimates": View(Page.IDENTIFIED, True, decision=switched_off),
        "identified-voice-only": View(Page.IDENTIFIED, ready=True, decision=heard),
        "unknown": View(Page.UNKNOWN, ready=True, decision=unknown),
        "unsure": View(Page.UNKNOWN, ready=True, decision=alike),
        "contradicted": View(Page.CONTRADICTED, ready=True, decision=conflict),
        "not-live": View(Page.NOT_LIVE, ready=True, decision=not_live),
        "unusable": View(Page.UNUSABLE, True, decision=unusable, hint=Hint.MORE_LIGHT),
        "not-me": View(Page.NOT_ME, ready=True),
        "fault": View(Page.FAULT, fault=gone),
        "warning": View(Page.IDENTIFIED, ready=True, decision=identified, warning=8),
    }


def take_walkup(album: Album, shape: str, language: str, frame: Frame) -> None:
    """Every page that visitors see, in one size and language."""
    size, inches = SIZES[shape]
    settings = Settings(language=language, screen_inches=inches, motion="reduced")
    speech, mailbox = Language(language), Mailbox()
    model = WalkUp(settings, VisitControl(lambda act: None), StillClock())
    window = WalkUpWindow(model, settings, mailbox, speech)
    window.resize(size)
    window.show()
    seen = views(language, frame)
    for name, view in seen.items():
        _take(window, model, view, mailbox, frame)
        album.take(window, shape, language, name)
    _take(window, model, seen["look-good"], mailbox, frame)
    window.caption.tell(texts()["look"][language], 60.0)
    album.take(window, shape, language, "look-spoken")
    window.caption.fall_silent()
    window.reading.show_reading(Reading(34.0, 136.0))
    _settle(window)
    album.take(window, shape, language, "look-reading")
    window.reading.show_reading(None)
    _take(window, model, seen["unknown"], mailbox, frame)
    window.calls.call()
    _settle(window)
    album.take(window, shape, language, "unknown-called")
    window.close()
    _take_alone(album, shape, replace(settings, self_enrolment=True), frame)
    speech.close()


def _take_alone(album: Album, shape: str, settings: Settings, frame: Frame) -> None:
    """Somebody who enrols themselves."""
    speech, mailbox = Language(settings.language), Mailbox()
    model = WalkUp(settings, VisitControl(lambda act: None), StillClock())
    client = EnrolmentClient()
    client.serve(lambda _command: None)
    client.attach(object.__new__(EnrolmentSession))  # never asked: what is sent goes nowhere
    window = WalkUpWindow(model, settings, mailbox, speech, client)
    window.resize(SIZES[shape][0])
    window.show()
    unknown = views(settings.language, frame)["unknown"]
    states = SelfStates(window, settings.language, mailbox, frame, unknown)
    settled = {name: _settled(step) for name, step in states.steps().items()}
    album.take_steps(window, shape, settings.language, settled)
    window.close()
    speech.close()


def _settled(step: Callable[[], None]) -> Callable[[], None]:
    """A step, and what it asks Qt for."""

    def take() -> None:
        step()
        QApplication.processEvents()

    return take


def _take(window: WalkUpWindow, model: WalkUp, view: View, mailbox: Mailbox, frame: Frame) -> None:
    """Let the window come to rest on a view."""
    mailbox.put(frame)
    if view.voice is not None:
        model.changed.emit(View(view.page, voice=VoiceProgress(0, 3.0, -60, speaking=False)))
        for step in range(1, 30):
            level = -20 - 14 * abs(np.sin(step * 0.9))
            heard = VoiceProgress(view.voice.speech_seconds * step / 29, 3.0, level, speaking=True)
            model.changed.emit(View(view.page, voice=heard))
    for _ in range(3):
        model.changed.emit(view)
        QApplication.processEvents()
        window.camera_preview.advance()


def _settle(window: WalkUpWindow) -> None:
    """What was pushed aside finds its new place."""
    for _ in range(3):
        QApplication.processEvents()
        window.camera_preview.advance()
