"""The values that pass between rooms: frozen, typed, no behaviour beyond their own arithmetic.

Times are seconds on the clock of the source they came from (a file's timestamps, a device's
monotonic clock); picture and sound of one source share one clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.estimates import AttributeEstimate

Image: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), RGB."""
Waveform: TypeAlias = NDArray[np.float32]
"""(samples,), mono, -1..1."""
Vector: TypeAlias = NDArray[np.float32]
"""(dims,), length one."""
Matrix: TypeAlias = NDArray[np.float32]
"""(rows, dims), rows of length one."""
Points: TypeAlias = NDArray[np.float32]
"""(5, 2): x, y in pixels of left eye, right eye, nose, left and right corner of the mouth, as seen
in the picture."""

SPEECH_RATE = 16_000
"""Hertz of all speech once it is inside the voice path."""


class Modality(StrEnum):
    """A kind of evidence of identity."""

    FACE = "face"
    VOICE = "voice"


# --- capture -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture. `index` counts from 0 and leaves gaps where frames were dropped."""

    image: Image
    time: float
    index: int = 0


@dataclass(frozen=True, eq=False)
class AudioChunk:
    """A stretch of mono sound; `time` is that of its first sample, `rate` in hertz."""

    samples: Waveform
    rate: int
    time: float

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / self.rate


class NoticeKind(StrEnum):
    """What happened to a source while it was open."""

    LOST = "lost"
    RESTORED = "restored"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class SourceNotice:
    """A device or stream went away (and is being tried again) or came back, or a part of a
    recording could not be used."""

    kind: NoticeKind
    text: str
    remedy: str = ""


# --- samples -------------------------------------------------------------------------------


class FaceOutcome(IntEnum):
    """The seven outcomes of looking for a usable face (the ancestor's codes 0-6)."""

    USABLE = 0
    NO_FACE = 1
    SEVERAL_FACES = 2
    TOO_SMALL = 3
    CUT_OFF = 4
    TURNED_OR_COVERED = 5
    POOR_PICTURE = 6


class Hint(StrEnum):
    """What a person can do so that the next sample is usable."""

    STEP_UP = "step_up"
    ONE_PERSON = "one_person"
    COME_CLOSER = "come_closer"
    MOVE_TO_CENTRE = "move_to_centre"
    LOOK_HERE = "look_here"
    UNCOVER_FACE = "uncover_face"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    HOLD_STILL = "hold_still"
    SPEAK = "speak"
    SPEAK_LOUDER = "speak_louder"
    SPEAK_SOFTER = "speak_softer"
    LESS_NOISE = "less_noise"
    SPEAK_LONGER = "speak_longer"


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; x, y is its upper left corner and may lie outside the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Pose:
    """Head angles in degrees: yaw > 0 to the picture's right, pitch > 0 up, roll > 0 clockwise."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, eq=False)
class FaceSample:
    """What was seen in one frame. Without a face, `box`, `landmarks` and `pose` are None.

    `quality` is 0..1 and comparable between samples; `track` stays the same while the same face is
    followed; `face_count` is how many faces of relevant size are in the picture.
    """

    frame: Frame
    outcome: FaceOutcome
    hint: Hint | None = None
    quality: float = 0.0
    box: Box | None = None
    landmarks: Points | None = None
    pose: Pose | None = None
    track: int = 0
    face_count: int = 0


class VoiceOutcome(IntEnum):
    """The outcomes of listening for usable speech."""

    USABLE = 0
    NO_SPEECH = 1
    TOO_SHORT = 2
    TOO_QUIET = 3
    CLIPPED = 4
    NOISY = 5


@dataclass(frozen=True, eq=False)
class VoiceSample:
    """A gathered segment of speech at SPEECH_RATE, pauses removed.

    `start` and `end` are the times it spans in the source; `snr_db` is an estimate; `quality` 0..1.
    """

    speech: Waveform
    start: float
    end: float
    outcome: VoiceOutcome
    hint: Hint | None = None
    quality: float = 0.0
    snr_db: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of speech in it."""
        return len(self.speech) / SPEECH_RATE


@dataclass(frozen=True, eq=False)
class VoiceProgress:
    """Where listening stands: for a level meter and 'how much is still needed'."""

    speech_seconds: float
    needed_seconds: float
    level_dbfs: float
    speaking: bool
    hint: Hint | None = None


@dataclass(frozen=True, eq=False)
class Embedding:
    """One sample in a model's space: unit vector and quality 0..1 (the model's own judgement)."""

    vector: Vector
    quality: float


@dataclass(frozen=True, eq=False)
class Probe:
    """What is compared with the gallery: the samples of one visit in one modality, pooled."""

    modality: Modality
    model_id: str
    vector: Vector
    quality: float
    sample_count: int


# --- gallery -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """A person enrolled. `name` is unique; `note` is the operator's own text."""

    subject_id: int
    name: str
    created: datetime
    note: str = ""


@dataclass(frozen=True)
class SubjectSummary:
    """A subject and how many active templates there are of it."""

    subject: Subject
    face_templates: int
    voice_templates: int


@dataclass(frozen=True, eq=False)
class Template:
    """One stored vector of a subject; `source` says where the sample came from, never a path."""

    modality: Modality
    model_id: str
    vector: Vector
    quality: float
    source: str
    template_id: int = 0
    subject_id: int = 0
    created: datetime | None = None


class EnrolmentKind(StrEnum):
    """How an enrolment changed a subject's templates."""

    NEW = "new"
    ADD = "add"
    REPLACE = "replace"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class EnrolmentRecord:
    """One line of a subject's history."""

    enrolment_id: int
    subject_id: int
    kind: EnrolmentKind
    time: datetime
    face_templates: int
    voice_templates: int
    active: bool


# --- decision ------------------------------------------------------------------------------


class DecisionOutcome(StrEnum):
    """What the kiosk says."""

    IDENTIFIED = "identified"
    UNKNOWN = "unknown"
    UNUSABLE = "unusable"


@dataclass(frozen=True)
class Candidate:
    """A subject the probes were compared with.

    Scores are comparison scores in the model's own scale (None where the modality is missing);
    `face_llr`, `voice_llr` and `fused_llr` are natural-log likelihood ratios, same person against
    different people; `probability` is that this subject is the right one, given everyone else in
    the gallery and the chance of a stranger.
    """

    subject_id: int
    name: str
    fused_llr: float
    probability: float
    face_score: float | None = None
    voice_score: float | None = None
    face_llr: float | None = None
    voice_llr: float | None = None


@dataclass(frozen=True)
class Decision:
    """The outcome of comparing one visit's probes with the gallery.

    `modalities` are those that took part; `face` and `voice` are the same decision made by one
    modality alone (None where it is missing); `conflict` is set when the modalities contradict
    each other; `reason` is a short stable word for the log ("below_threshold", "small_margin",
    "conflict", "empty_gallery", ...).
    """

    outcome: DecisionOutcome
    candidates: tuple[Candidate, ...] = ()
    modalities: tuple[Modality, ...] = ()
    probability: float = 0.0
    conflict: bool = False
    reason: str = ""
    face: Decision | None = None
    voice: Decision | None = None

    @property
    def top(self) -> Candidate | None:
        """The best candidate, whether identified or not."""
        return self.candidates[0] if self.candidates else None


# --- the visit, as the engine publishes it ----------------------------------------------------


class Phase(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    LOOKING = "looking"
    LISTENING = "listening"
    DECIDED = "decided"


@dataclass(frozen=True, eq=False)
class VisitProgress:
    """Published for every frame the engine looked at and every step of listening; `attributes` as
    in `VisitDecision`."""

    phase: Phase
    visit: int
    time: float
    face: FaceSample | None = None
    voice: VoiceProgress | None = None
    good_frames: int = 0
    attributes: tuple[AttributeEstimate, ...] = ()


@dataclass(frozen=True, eq=False)
class VisitDecision:
    """A decision inside a visit. `final` is False for an early answer that may still change.

    `face_outcomes` counts the frames by outcome code; `latency` is the seconds from the moment the
    evidence was complete (stream clock) until the decision was made (wall clock cost);
    `attributes` are the estimates of each channel, averaged over the visit, and all of them fused.
    """

    visit: int
    time: float
    decision: Decision
    final: bool
    face_quality: float | None = None
    voice_quality: float | None = None
    good_frames: int = 0
    speech_seconds: float = 0.0
    face_outcomes: dict[FaceOutcome, int] = field(default_factory=dict)
    hint: Hint | None = None
    latency: float = 0.0
    attributes: tuple[AttributeEstimate, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Something outside is broken; the kiosk says so and goes on as well as it can.

    `code` is the name of the class in `kiosk.errors`, or empty: the screens explain it by that.
    """

    text: str
    remedy: str
    modality: Modality | None = None
    restored: bool = False
    code: str = ""


VisitEvent: TypeAlias = VisitProgress | VisitDecision | Fault
