"""The second step of an enrolment: guided capture, or files being read."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from kiosk.core.samples import Hint
from kiosk.enrolment.guided_capture import CaptureProgress, Goal, Step
from kiosk.enrolment.session import FileProgress
from kiosk.ui.capture.pose_preview import PosePreview
from kiosk.ui.capture.sample_strip import SampleStrip
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import (
    Bar,
    Button,
    ButtonRow,
    Card,
    Scaled,
    SignRow,
    VoiceMeter,
    set_property,
    words,
)
from kiosk.ui.toolkit.theme import Scale

PANEL_SHARE = 0.46
PANEL_SHARE_LOW = 0.56
MIRROR_SHARE_TALL = 0.5


class CaptureStep(QWidget, Scaled):
    """The preview with its rings, one instruction at a time; for `staff` also what was taken."""

    skip = Signal()
    back = Signal()

    def __init__(self, preview: Mailbox, *, moves: bool, staff: bool = True) -> None:
        super().__init__()
        self._shown = CaptureProgress(Step.POSES, Goal.STRAIGHT)
        self._low = self.high = False
        self.camera_preview = PosePreview(preview, moves=moves)
        self.step, self.instruction = words("accent"), words("title")
        self.card, self.phrase = Card("tint", steps=1), words("phrase")
        self.card.box.addWidget(self.phrase)
        self.bar, self.meter, self.left = Bar(), VoiceMeter(), words("body")
        self.message = SignRow("eye", role="strong", colour="caution")
        self.samples = SampleStrip()
        self.skip_button, self.back_button = Button(), Button("quiet")
        self.skip_button.clicked.connect(self.skip)
        self.back_button.clicked.connect(self.back)
        self.buttons = ButtonRow(self.skip_button, self.back_button)
        self._build()
        self.samples.setVisible(staff)

    def _build(self) -> None:
        self.panel = QWidget()
        self.column = QVBoxLayout(self.panel)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addStretch(1)
        for part in (self.step, self.instruction, self.card, self.bar, self.meter, self.left):
            self.column.addWidget(part)
        self.column.addWidget(self.message)
        self.column.addStretch(1)
        self.column.addWidget(self.samples)
        self.column.addWidget(self.buttons)
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.left_box = QVBoxLayout()
        self.left_box.addWidget(self.camera_preview, 1)
        self.corner = QVBoxLayout()
        self.left_box.addLayout(self.corner)
        self.body.addLayout(self.left_box, 1)
        self.body.addWidget(self.panel)

    def rescale(self, scale: Scale) -> None:
        """Words beside the preview, or under it on a tall screen."""
        self._low = scale.low
        self.step.setVisible(not scale.low)
        set_property(self.instruction, "role", "lead" if scale.low else "title")
        set_property(self.phrase, "role", "strong" if scale.low else "phrase")
        self.body.setDirection(scale.direction(high=self.high))
        self.body.setSpacing(scale.gap(3))
        for box in (self.left_box, self.corner):
            box.setSpacing(scale.gap(1))
        self.column.setSpacing(scale.gap(0.8 if scale.low else 1.6))
        share = PANEL_SHARE_LOW if scale.low else PANEL_SHARE
        wide = scale.width if scale.portrait else round(scale.width * share)
        self.panel.setMinimumWidth(0 if scale.portrait else wide)
        self.panel.setMaximumWidth(wide)
        tall = round(scale.height * MIRROR_SHARE_TALL) if scale.portrait else 0
        self.camera_preview.setMinimumHeight(tall)

    def begin(self) -> None:
        """Nothing taken yet."""
        self.camera_preview.forget()
        self.meter.hear(None)
        self.show_progress(CaptureProgress(Step.POSES, Goal.STRAIGHT))
        self.skip_button.setFocus()

    def show_progress(self, progress: CaptureProgress) -> None:
        """Where capture stands, in words and on the preview."""
        self._shown = progress
        self.camera_preview.guide(progress)
        self.samples.show_progress(progress)
        if progress.voice is not None:
            self.meter.hear(progress.voice)
        self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        shown = self._shown
        speech = shown.step is not Step.POSES
        number = 6 if shown.goal is None else list(Goal).index(shown.goal) + 1
        self.step.setText(say(w.POSE_STEP, step=number))
        goal = shown.goal or Goal.STRAIGHT
        self.instruction.setText(say(w.SPEAK_STEP if speech else w.GOALS[goal]))
        self.phrase.setText(say(w.PHRASES[shown.phrase % len(w.PHRASES)]))
        for part in (self.card, self.meter):
            part.setVisible(speech)
        self.bar.setVisible(not speech)
        self.bar.fill(shown.share)
        self.left.setText(self._left(shown))
        told = bool(shown.text) or shown.refused is not None
        self.left.setVisible(speech or not (self._low and told))
        self._say_message(shown)
        self.camera_preview.setAccessibleName(say(visitor.PREVIEW))
        self.meter.setAccessibleName(say(visitor.LEVEL))
        long = w.SKIP_SPEECH if speech else w.SKIP_POSES
        self.skip_button.say(say(w.SKIP if self._low else long))
        self.back_button.say(say(visitor.BACK))
        self.buttons.arrange()

    def summary(self) -> str:
        """What a screen reader says at a new instruction."""
        said = self.instruction.text()
        return said if self.card.isHidden() else f"{said}: {self.phrase.text()}"

    def _left(self, shown: CaptureProgress) -> str:
        if shown.step is Step.POSES:
            return say(w.POSE_TEXT)
        missing = ceil(max(0.0, shown.needed_seconds - shown.speech_seconds))
        return say(w.SPEECH_LEFT, seconds=missing) if missing else say(visitor.SPEAK_DONE)

    def _say_message(self, shown: CaptureProgress) -> None:
        """Why the newest sample was not taken; its place stays, so that nothing jumps."""
        if shown.text:
            self.message.say(say(w.SOURCE_LOST), "fault", "caution")
        elif shown.refused is not None:
            self.message.say(self._refusal(shown), visitor.HINT_ICONS[shown.refused])
        policy = self.message.sizePolicy()
        policy.setRetainSizeWhenHidden(not self._low)
        self.message.setSizePolicy(policy)
        self.message.setVisible(bool(shown.text) or shown.refused is not None)
        set_property(self.message.label, "tone", "caution")

    def _refusal(self, shown: CaptureProgress) -> str:
        """Who was asked to turn and turned too far is not asked to look straight."""
        assert shown.refused is not None
        if shown.refused is Hint.LOOK_HERE and shown.goal not in (None, Goal.STRAIGHT):
            return say(w.TOO_FAR)
        return say(w.NOT_TAKEN, reason=say(visitor.HINTS[shown.refused]))

    def forget(self) -> None:
        """Nothing of the person stays on the screen."""
        self.camera_preview.forget()
        self._shown = CaptureProgress(Step.POSES, Goal.STRAIGHT)
        self.samples.show_progress(self._shown)


class ReadingStep(QWidget, Scaled):
    """Files are being read, or something else takes a moment."""

    back = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: FileProgress | None = None
        self.heading, self.text, self.bad = words("title"), words("lead"), words("soft")
        self.bar, self.back_button = Bar(), Button()
        self.back_button.clicked.connect(self.back)
        self.box = QVBoxLayout(self)
        self.box.addStretch(2)
        for part in (self.heading, self.text, self.bar, self.bad):
            self.box.addWidget(part)
        self.box.addStretch(3)
        self.box.addWidget(self.back_button)

    def rescale(self, scale: Scale) -> None:
        """A column in the middle."""
        side = 0 if scale.portrait else scale.width // 6
        self.box.setContentsMargins(side, 0, side, 0)
        self.box.setSpacing(scale.gap(2))

    def show_progress(self, progress: FileProgress | None) -> None:
        """How far; None for a wait without files."""
        self._shown = progress
        self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        shown = self._shown
        self.heading.setText(say(w.READING if shown else w.WORKING))
        for part in (self.text, self.bar, self.back_button):
            part.setVisible(shown is not None)
        self.bad.setVisible(shown is not None and shown.bad > 0)
        self.back_button.say(say(w.STOP))
        if shown is not None:
            self.text.setText(say(w.READING_TEXT, done=shown.done, total=shown.total))
            self.bad.setText(say(w.FILES_BAD, bad=shown.bad, total=shown.total))
            self.bar.fill((shown.done + shown.share) / max(1, shown.total))
