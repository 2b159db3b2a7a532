"""Judged samples of a face or of speech, and the embeddings and probes made from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

from kiosk.core.face_alignment import REFERENCE_POINTS, Affine, similarity
from kiosk.core.media import SPEECH_RATE, Frame, Image, Modality, Points, Vector, Waveform


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
    LOOK_LONGER = "look_longer"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
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
class LocatedFace:
    """A face in a picture: `image` (height, width, 3) and its five `landmarks` (5, 2), x and y in
    pixels, in the order of `face_alignment`."""

    image: Image
    landmarks: Points

    @cached_property
    def fit(self) -> Affine:
        """What carries the landmarks onto the reference points: made once, when it is first asked
        for, and every aligned view of this face comes from it. Raises ValueError where the
        landmarks lie on one point."""
        return similarity(self.landmarks, REFERENCE_POINTS)


@dataclass(frozen=True, eq=False)
class FaceSample:
    """What was seen in one frame. Without a face, `box`, `located` and `pose` are None.

    `quality` is 0..1 and comparable between samples; `track` stays the same while the same face is
    followed; `face_count` is how many faces of relevant size are in the picture.
    """

    frame: Frame
    outcome: FaceOutcome
    hint: Hint | None = None
    quality: float = 0.0
    box: Box | None = None
    located: LocatedFace | None = None
    pose: Pose | None = None
    track: int = 0
    face_count: int = 0

    @property
    def landmarks(self) -> Points | None:
        """Of the face, (5, 2)."""
        return None if self.located is None else self.located.landmarks

    @property
    def report(self) -> FaceReport:
        """The same without the picture."""
        height, width = self.frame.image.shape[:2]
        return FaceReport(
            self.frame.time,
            (width, height),
            self.outcome,
            self.hint,
            self.quality,
            self.box,
            self.pose,
            self.track,
            self.face_count,
        )


@dataclass(frozen=True)
class FaceReport:
    """What was seen in one frame, for the screens: they have the picture from the camera, and it
    does not travel with every look at it. `time` is the frame's, `size` (width, height) in pixels;
    the rest as in `FaceSample`."""

    time: float
    size: tuple[int, int]
    outcome: FaceOutcome
    hint: Hint | None = None
    quality: float = 0.0
    box: Box | None = None
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

    def weighed(self, sample: float) -> Embedding:
        """The same vector where its sample has this quality, 0..1: both judgements multiplied."""
        return Embedding(self.vector, self.quality * sample)


@dataclass(frozen=True, eq=False)
class Probe:
    """What is compared with the gallery: the samples of one visit in one modality, pooled."""

    modality: Modality
    model_id: str
    vector: Vector
    quality: float
    sample_count: int
