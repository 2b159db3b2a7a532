"""Paths and embedders that report what a test wrote down: for the logic around them, not for them.

A frame names the person it shows by its brightness (`NOBODY` and `FAR` are special), sound names
the person who speaks by its value: 0 is silence, 0.1 the first person, 0.2 the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kiosk.core.attribute_fusion import Fusion
from kiosk.core.cohort import Cohort
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    AttributeSelection,
    Channel,
    EmotionEstimate,
    GenderEstimate,
)
from kiosk.core.media import AudioChunk, Frame, Modality, Vector, Waveform
from kiosk.core.pooling import normalise
from kiosk.core.ports.inference import Pipelines
from kiosk.core.samples import (
    Box,
    Embedding,
    FaceOutcome,
    FaceSample,
    Hint,
    LocatedFace,
    Pose,
    VoiceOutcome,
    VoiceProgress,
    VoiceSample,
)
from kiosk.core.scoring import Calibration
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.recognition.attribute_gathering import Estimators
from kiosk.recognition.identification import Models
from kiosk.storage import MemoryGallery

NOBODY, FAR = 255, 254
FPS = 25
RATE = 16_000
MARKS = np.zeros((5, 2), np.float32)
HAPPY = EmotionEstimate((0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05), sure=True)
ANGRY = EmotionEstimate((0.05, 0.7, 0.05, 0.05, 0.05, 0.05, 0.05), sure=True)
SAD = EmotionEstimate((0.05, 0.05, 0.05, 0.05, 0.15, 0.6, 0.05), sure=True)
ALICE, BOB, CARL = normalise(np.eye(3, 8))


@dataclass(frozen=True, eq=False)
class TimedFace(LocatedFace):
    """Remembers when it was seen."""

    time: float


@dataclass
class Script:
    """What the paths report: frames name a person by brightness, sound by its value."""

    people: Sequence[Vector] = (ALICE, BOB, CARL)
    one_track: bool = False
    """Whether whoever comes is followed as the same face."""
    faces_in_view: int = 1
    resets: int = 0
    embedded: list[float] = field(default_factory=list)
    """Times of the frames that were embedded."""


@dataclass
class ScriptedFacePath:
    script: Script
    track: int = 0
    last: int = -1

    def look(self, frame: Frame) -> FaceSample:
        value = int(frame.image[0, 0, 0])
        if value == 255:
            self.last = -1
            return FaceSample(frame, FaceOutcome.NO_FACE, Hint.STEP_UP)
        if value == 254:
            return FaceSample(frame, FaceOutcome.TOO_SMALL, Hint.COME_CLOSER, face_count=1)
        if value != self.last:
            self.track += not (self.script.one_track and self.track)
            self.last = value
        box, face = Box(0, 0, 100, 100), TimedFace(frame.image, MARKS, frame.time)
        return FaceSample(
            frame,
            FaceOutcome.USABLE,
            None,
            0.9,
            box,
            face,
            self.pose(frame),
            self.track,
            self.script.faces_in_view,
        )

    def pose(self, frame: Frame) -> Pose:
        """The head turns slowly from left to right."""
        return Pose((frame.index % 50) - 25.0, 0.0, 0.0)

    def reset(self) -> None:
        self.script.resets += 1


@dataclass
class ScriptedVoicePath:
    """Everything but 0 is speech."""

    script: Script
    gathered: list[AudioChunk] = field(default_factory=list)

    def hear(self, chunk: AudioChunk) -> VoiceProgress:
        if chunk.samples[0] > 0:
            self.gathered.append(chunk)
        return VoiceProgress(self._seconds, 3.0, -20.0, bool(chunk.samples[0] > 0))

    @property
    def _seconds(self) -> float:
        return sum(chunk.seconds for chunk in self.gathered)

    def take(self, *, flush: bool = False) -> VoiceSample | None:
        seconds = self._seconds
        if seconds < 3.0 - 1e-9 and not (flush and seconds):
            return None
        speech = np.concatenate([chunk.samples for chunk in self.gathered])
        start, last = self.gathered[0].time, self.gathered[-1]
        self.gathered.clear()
        outcome = VoiceOutcome.USABLE if seconds >= 1.0 else VoiceOutcome.TOO_SHORT
        return VoiceSample(speech, start, last.time + last.seconds, outcome, None, 0.9)

    def part(self, start: float, seconds: float) -> VoiceSample | None:
        if self._seconds < start + seconds - 1e-9:
            return None
        speech = np.zeros(int(seconds * RATE), np.float32)
        return VoiceSample(speech, start, start + seconds, VoiceOutcome.USABLE, None, 0.9)

    def reset(self) -> None:
        self.gathered.clear()


@dataclass
class ScriptedFaces:
    script: Script
    model_id: str = "face@0"
    dims: int = 8
    cohort: Cohort | None = None

    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        self.script.embedded += [face.time for face in faces if isinstance(face, TimedFace)]
        return [Embedding(self.script.people[int(face.image[0, 0, 0])], 1.0) for face in faces]


@dataclass
class ScriptedVoices:
    script: Script
    model_id: str = "voice@0"
    dims: int = 8
    cohort: Cohort | None = None

    def embed(self, speech: Waveform) -> Embedding:
        """Who speaks most of the time."""
        who = round(float(np.median(speech)) * 10) - 1
        return Embedding(self.script.people[who], 1.0)


@dataclass
class ScriptedFaceAttributes:
    """Says of a face what its brightness stands for: 0 a happy woman of 30, else an angry man."""

    asked: list[float] = field(default_factory=list)

    def estimate(
        self, faces: Sequence[LocatedFace], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        self.asked += [face.time for face in faces if isinstance(face, TimedFace)]
        return [self._one(int(face.image[0, 0, 0])) for face in faces]

    def _one(self, who: int) -> AttributeEstimate:
        emotion, male = (HAPPY, 0.1) if who == 0 else (ANGRY, 0.9)
        age = AgeEstimate(30.0, 25.0, 36.0, sure=True)
        return AttributeEstimate(Channel.FACE, emotion, age, GenderEstimate(male, sure=True))


@dataclass
class ScriptedVoiceAttributes:
    """Hears a sad woman of unknown age."""

    asked: list[float] = field(default_factory=list)

    def estimate(self, speech: Waveform) -> AttributeEstimate:
        self.asked.append(len(speech) / RATE)
        age = AgeEstimate(40.0, 15.0, 65.0, sure=False)
        return AttributeEstimate(Channel.VOICE, SAD, age, GenderEstimate(0.02, sure=True))


@dataclass
class ScriptedText:
    """Reads that somebody is sad."""

    def estimate(self, text: str) -> AttributeEstimate:
        return AttributeEstimate(Channel.TEXT, SAD if text.strip() else None)


def scripted_estimators(want: AttributeSelection | None = None) -> Estimators:
    """All three channels, or those the wanted attributes permit."""
    want = AttributeSelection() if want is None else want
    text = ScriptedText() if want.emotion else None
    return Estimators(want, Fusion(), ScriptedFaceAttributes(), ScriptedVoiceAttributes(), text)


def scripted_models(script: Script) -> Models:
    """Models that follow a script, with a calibration that tells equal from orthogonal vectors."""
    calibration = Calibration(20.0, -10.0)
    return Models(
        lambda: Pipelines(ScriptedFacePath(script), ScriptedVoicePath(script)),
        ScriptedFaces(script),
        ScriptedVoices(script),
        calibration,
        calibration,
    )


def two_enrolled() -> MemoryGallery:
    """A gallery in which Alice is 1 and Bob is 2, by face and voice; Carl is a stranger."""
    gallery = MemoryGallery()
    for name, vector in (("Alice", ALICE), ("Bob", BOB)):
        templates = [
            Template(Modality.FACE, ScriptedFaces.model_id, vector, 0.9, "test"),
            Template(Modality.VOICE, ScriptedVoices.model_id, vector, 0.9, "test"),
        ]
        gallery.enrol(name, templates, EnrolmentKind.NEW)
    return gallery


def picture(who: int, time: float, index: int = 0) -> Frame:
    """A frame that shows a person."""
    return Frame(np.full((2, 2, 3), who, np.uint8), time, index)


def sound(who: int, time: float, seconds: float = 1 / FPS) -> AudioChunk:
    """Sound in which a person speaks, counted from 1; 0 is silence."""
    return AudioChunk(np.full(round(RATE * seconds), who / 10, np.float32), RATE, time)
