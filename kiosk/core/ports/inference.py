"""What the kiosk asks of recognisers and of attribute estimators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.core.cohort import Cohort
from kiosk.core.estimates import AttributeEstimate
from kiosk.core.liveness import LipSoundMatch, MotionStep, PictureScore
from kiosk.core.media import (
    AudioChunk,
    Frame,
    Matrix,
    Vector,
    Waveform,
)
from kiosk.core.samples import Box, Embedding, FaceSample, LocatedFace, VoiceProgress, VoiceSample


class FacePipeline(Protocol):
    """From a frame to a judged face."""

    def look(self, frame: Frame) -> FaceSample:
        """Find or follow the nearest face and judge it."""

    def reset(self) -> None:
        """Forget the track and everything of the last visit."""


class VoicePipeline(Protocol):
    """From sound to a judged segment of speech."""

    def hear(self, chunk: AudioChunk) -> VoiceProgress:
        """Take sound of any rate; cheap enough to be called for each chunk."""

    def take(self, *, flush: bool = False) -> VoiceSample | None:
        """The gathered segment if there is enough speech (or, with flush, whatever there is);
        None if there is nothing to judge yet. Taking empties the store."""

    def part(self, start: float, seconds: float) -> VoiceSample | None:
        """`seconds` of the gathered speech from its second `start` on, judged; None if there is
        not that much yet. Takes nothing away."""

    def reset(self) -> None:
        """Forget everything heard."""


@dataclass(frozen=True)
class Pipelines:
    """What has state: the face that is followed and the speech that is gathered, of one session
    (a visit, an enrolment, a recording) alone."""

    face: FacePipeline
    voice: VoicePipeline


NewPipelines: TypeAlias = Callable[[], Pipelines]
"""Makes those of a new session; the networks in them are loaded once."""


class FaceEmbedder(Protocol):
    """A face recogniser; `cohort`, if it brings one, is what its scores are normalised against."""

    model_id: str
    dims: int
    cohort: Cohort | None

    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        """One embedding for each face; alignment is the model's own affair."""


class VoiceEmbedder(Protocol):
    """A speaker recogniser; `cohort` as for a face recogniser."""

    model_id: str
    dims: int
    cohort: Cohort | None

    def embed(self, speech: Waveform) -> Embedding:
        """Of speech at SPEECH_RATE, at least half a second."""


class FaceAttributes(Protocol):
    """Estimates emotion, age and gender from faces."""

    def estimate(
        self, faces: Sequence[LocatedFace], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        """One estimate (channel FACE) for each face; alignment is the model's own affair.

        Without `mirrored` the model may look at each face and its mirror image; with it, at one of
        them alone: half the work, for who averages over many frames.
        """


class VoiceAttributes(Protocol):
    """Estimates emotion, age and gender from speech."""

    def estimate(self, speech: Waveform) -> AttributeEstimate:
        """Of speech at SPEECH_RATE, at least half a second; channel VOICE."""


class TextEmotion(Protocol):
    """Estimates the emotion of a sentence, Korean or English."""

    def estimate(self, text: str) -> AttributeEstimate:
        """Channel TEXT; `emotion` is None where there are no words to go by."""


class PictureLiveness(Protocol):
    """Tells a face from a picture of one, by single frames."""

    model_id: str

    def score(
        self, faces: Sequence[tuple[Frame, Box]], *, closely: bool = True
    ) -> list[PictureScore]:
        """One score for each, with a closer look or without; what is cut out round the box is the
        model's own affair."""


class FaceMotion(Protocol):
    """Compares a face with itself a moment later."""

    def compare(self, before: Frame, box: Box, after: Frame) -> MotionStep:
        """How what is seen round `box` of the first picture changed until the second."""


class LipSound(Protocol):
    """Tells whether a mouth says what is heard."""

    model_id: str

    def mouth(self, face: LocatedFace) -> Vector:
        """The mouth of one face as numbers (k,)."""

    def match(
        self,
        mouths: Matrix,
        times: NDArray[np.float64],
        heard: Sequence[AudioChunk],
        delay: float = 0.0,
    ) -> LipSoundMatch | None:
        """Mouths (pictures, k), seen at `times` (pictures,), and the sound of the same seconds,
        assumed to come `delay` seconds late; None where too little speech was heard."""
