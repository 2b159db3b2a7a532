"""Guided capture for an enrolment: five poses of the head one after the other, then phrases.

Fed like a visit, it keeps only the samples it asked for, says of every one how good it is, and of
what it could not use why. Poses are measured from the person's own way of looking straight: the
angle at which somebody holds the head is theirs.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from kiosk.core.liveness import Liveness
from kiosk.core.media import AudioChunk, Frame, Modality, SourceNotice
from kiosk.core.samples import (
    FaceOutcome,
    FaceReport,
    FaceSample,
    Hint,
    Pose,
    VoiceOutcome,
    VoiceProgress,
)
from kiosk.core.settings import Settings
from kiosk.enrolment.collector import SAMPLE_INTERVAL, Collector
from kiosk.enrolment.living import with_turns
from kiosk.recognition.identification import Models
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.steady_hint import SteadyHint

YAW_DEGREES = 10.0
PITCH_DEGREES = 7.0
"""How far from straight a pose counts: enough to be another view, little enough to be usable."""
STILL_STRAIGHT = 0.5
"""Shares of a turn within which the head counts as straight again."""
SIDE_SAMPLES = 2
"""Samples of each pose but the first."""
SIDE_SECONDS = 6.0
"""A pose somebody cannot take is left out after so long with a face in the picture."""
PHRASES = 2
"""Stretches of speech, of `speech_seconds` each."""
READING_SAMPLES = 6
READING_INTERVAL = 0.8
"""Faces taken while the person reads, and the seconds between two: talking, glancing at the text,
some seconds after the poses, they are unlike what was posed for."""


class Goal(StrEnum):
    """A pose of the head, as the person in front feels it."""

    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


DIRECTIONS = {
    Goal.STRAIGHT: (0, 0),
    Goal.LEFT: (1, 0),
    Goal.RIGHT: (-1, 0),
    Goal.UP: (0, 1),
    Goal.DOWN: (0, -1),
}
"""Signs of yaw and pitch: a person's left is the picture's right."""


class Step(StrEnum):
    """What is being captured."""

    POSES = "poses"
    SPEECH = "speech"
    DONE = "done"


@dataclass(frozen=True)
class Kept:
    """One sample that was taken; `goal` is None for speech. `quality` 0..1."""

    modality: Modality
    quality: float
    goal: Goal | None = None


@dataclass(frozen=True, eq=False)
class CaptureProgress:
    """Where guided capture stands.

    `turned` is how far the head is towards each side, in shares of what counts: (1, 0) is a full
    turn to the person's left, (0, 1) a lifted chin. `share` is how much of the step is done.
    `refused` is why the newest sample was not taken. `text` is a message about the source.
    """

    step: Step
    goal: Goal | None = None
    share: float = 0.0
    turned: tuple[float, float] | None = None
    face: FaceReport | None = None
    voice: VoiceProgress | None = None
    refused: Hint | None = None
    kept: tuple[Kept, ...] = ()
    left_out: tuple[Goal, ...] = ()
    speech_seconds: float = 0.0
    needed_seconds: float = 0.0
    phrase: int = 0
    text: str = ""

    @property
    def somebody(self) -> bool:
        """Whether anybody is there: seen or heard."""
        seen = self.face is not None and self.face.outcome is not FaceOutcome.NO_FACE
        return seen or (self.voice is not None and self.voice.speaking)


@dataclass
class _Poses:
    """The step of poses."""

    waiting: list[Goal] = field(default_factory=lambda: list(Goal))
    straight: list[Pose] = field(default_factory=list)
    taken: int = 0
    tried: float = 0.0
    left_out: list[Goal] = field(default_factory=list)
    came_back: bool = False
    """Whether the head was straight since this pose was asked for."""


def _unforeseen() -> list[Goal]:
    """Straight, and then every other pose in an order drawn at random."""
    others = [goal for goal in Goal if goal is not Goal.STRAIGHT]
    random.SystemRandom().shuffle(others)
    return [Goal.STRAIGHT, *others]


class GuidedCapture(Collector):
    """A collector that asks for what it wants; `tell` hears after everything it was fed."""

    def __init__(
        self,
        models: Models,
        settings: Settings,
        tell: Callable[[CaptureProgress], None],
        liveness: LivenessCheck | None = None,
        *,
        alone: bool = False,
    ) -> None:
        super().__init__(models)
        self._alone = alone
        self._wrong_turn = False
        self._liveness = liveness or LivenessCheck(PadModels(), required=False)
        self._settings = settings
        self._tell = tell
        self._poses = _Poses(_unforeseen() if alone else list(Goal))
        self._step = Step.POSES
        self._kept: list[Kept] = []
        self._read_faces = 0
        self._hint = SteadyHint(follows=True)
        self._refused: Hint | None = None
        self._face: FaceSample | None = None
        self._text = ""

    @property
    def step(self) -> Step:
        """What is being captured."""
        return self._step

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """Take the next thing from the source, and tell where capture stands."""
        if self._step is Step.DONE:
            return
        voice = None
        if isinstance(event, Frame):
            self._see(event)
        elif isinstance(event, AudioChunk):
            voice = self._hear(event)
        else:
            self._text = event.text
        self._tell(self._progress(voice))

    def skip(self) -> None:
        """Go on to the next step without the rest of this one."""
        self._begin_speech() if self._step is Step.POSES else self._finish()
        self._tell(self._progress(None))

    @property
    def liveness(self) -> Liveness:
        """Whether a living person was captured."""
        return with_turns(self._liveness.judge(), self.collected.faces)

    @property
    def turned_as_asked(self) -> bool:
        """Whether the head turned to both sides, each when it was asked for and never to the other
        one meanwhile: a film that turns both ways guesses the order."""
        taken = {kept.goal for kept in self._kept}
        return {Goal.LEFT, Goal.RIGHT} <= taken and not self._wrong_turn

    # --- poses ---------------------------------------------------------------------------

    def _see(self, frame: Frame) -> None:
        before = self._last_frame
        sample = self._face = self._look(frame)
        self._liveness.notice(sample)
        self._liveness.look()
        self._text = ""
        if self._step is not Step.POSES:
            self._take_reading(sample)
            return
        self._refused = self._hint.settle(sample.hint, frame.time)
        if sample.pose is None:
            return
        poses = self._poses
        poses.tried += min(1.0, max(0.0, frame.time - before))
        usable = sample.outcome is FaceOutcome.USABLE
        self._notice_wrong_turn(sample.pose)
        if usable and self._due(frame) and self._is_reached(sample.pose):
            self._take_pose(sample)
        elif poses.waiting[0] is not Goal.STRAIGHT and poses.tried > SIDE_SECONDS:
            poses.left_out.append(poses.waiting[0])
            self._next_pose()

    def _notice_wrong_turn(self, pose: Pose) -> None:
        """Only before the side asked for was reached: the head comes back from the other one."""
        across, _ = DIRECTIONS[self._poses.waiting[0]]
        if not across or not self._poses.straight:
            return
        yaw, _ = self._turned(pose)
        if abs(yaw) < STILL_STRAIGHT:
            self._poses.came_back = True
        elif yaw * across <= -1.0 and self._poses.came_back and not self._poses.taken:
            self._wrong_turn = True

    def _take_pose(self, sample: FaceSample) -> None:
        goal = self._poses.waiting[0]
        candidate = self._embed_face(sample)
        self._kept.append(Kept(Modality.FACE, sample.quality, goal))
        if goal is Goal.STRAIGHT:
            self._poses.straight.append(candidate.pose)
        self._poses.taken += 1
        if self._poses.taken >= self._wanted(goal):
            self._next_pose()

    def _take_reading(self, sample: FaceSample) -> None:
        """A face of somebody who reads, now and then; nobody is asked for it."""
        due = sample.frame.time - self._last_sample >= READING_INTERVAL
        if due and self._read_faces < READING_SAMPLES and sample.outcome is FaceOutcome.USABLE:
            self._embed_face(sample)
            self._read_faces += 1

    def _wanted(self, goal: Goal) -> int:
        return self._settings.enrol_faces if goal is Goal.STRAIGHT else SIDE_SAMPLES

    def _next_pose(self) -> None:
        self._poses.waiting.pop(0)
        self._poses.taken, self._poses.tried = 0, 0.0
        self._poses.came_back = False
        if not self._poses.waiting:
            self._begin_speech()

    def _is_reached(self, pose: Pose) -> bool:
        across, up = DIRECTIONS[self._poses.waiting[0]]
        if (across, up) == (0, 0):
            return abs(pose.yaw) <= YAW_DEGREES
        yaw, pitch = self._turned(pose)
        return (yaw * across if across else pitch * up) >= 1.0

    def _turned(self, pose: Pose) -> tuple[float, float]:
        """Shares of a full turn from how this person looks straight."""
        straight = self._poses.straight
        yaw = float(np.median([each.yaw for each in straight])) if straight else 0.0
        pitch = float(np.median([each.pitch for each in straight])) if straight else pose.pitch
        return (pose.yaw - yaw) / YAW_DEGREES, (pose.pitch - pitch) / PITCH_DEGREES

    # --- speech --------------------------------------------------------------------------

    def _begin_speech(self) -> None:
        """From here on: what was said before was said by whoever explained the kiosk."""
        self._pipelines.voice.reset()
        self._step, self._refused = Step.SPEECH, None

    def _hear(self, chunk: AudioChunk) -> VoiceProgress | None:
        if self._step is not Step.SPEECH:
            return None
        self.collected.sound = True
        voice = self._pipelines.voice.hear(chunk)
        self._liveness.hear(chunk, speaking=voice.speaking)
        before = len(self.collected.voices)
        sample = self._take_voice(flush=False)
        if sample is not None and sample.outcome is not VoiceOutcome.USABLE:
            self._refused = sample.hint
        elif len(self.collected.voices) > before:
            self._refused = None
            self._kept.append(Kept(Modality.VOICE, self.collected.voices[-1].quality))
        if self.collected.speech_seconds >= self.needed_seconds - SAMPLE_INTERVAL:
            self._finish()
        return voice

    @property
    def needed_seconds(self) -> float:
        """Speech asked for in all."""
        return max(self._settings.enrol_speech, PHRASES * self._settings.speech_seconds)

    def _finish(self) -> None:
        """What was said since the last sample counts too."""
        if self._step is not Step.DONE:
            self.flush()
        self._step = Step.DONE

    # --- telling -------------------------------------------------------------------------

    def _progress(self, voice: VoiceProgress | None) -> CaptureProgress:
        poses = self._poses
        goal = poses.waiting[0] if self._step is Step.POSES else None
        pose = self._face.pose if self._face is not None else None
        running = voice.speech_seconds if voice is not None else 0.0
        spoken = min(self.needed_seconds, self.collected.speech_seconds + running)
        return CaptureProgress(
            step=self._step,
            goal=goal,
            share=poses.taken / self._wanted(goal) if goal else spoken / self.needed_seconds,
            turned=self._turned(pose) if pose is not None and goal is not None else None,
            face=self._face.report if self._face is not None else None,
            voice=voice,
            refused=self._refused,
            kept=tuple(self._kept),
            left_out=tuple(poses.left_out),
            speech_seconds=spoken,
            needed_seconds=self.needed_seconds,
            phrase=sum(kept.modality is Modality.VOICE for kept in self._kept),
            text=self._text,
        )
