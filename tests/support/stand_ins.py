"""Recognisers that read what a test wrote into pictures and sound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kiosk.core.cohort import Cohort
from kiosk.core.media import SPEECH_RATE, Frame, Image, Waveform
from kiosk.core.pooling import normalise
from kiosk.core.samples import (
    Embedding,
    FaceOutcome,
    FaceSample,
    LocatedFace,
    VoiceOutcome,
    VoiceSample,
)
from kiosk.datasets.collections import Item


class StandIn:
    """Both kinds of embedder: a picture's shade or a sound's level is the person."""

    model_id = "stand-in@1"
    dims = 32
    cohort: Cohort | None = None

    def embed_number(self, number: float) -> Embedding:
        person = np.random.default_rng(round(number / 10))
        noise = np.random.default_rng(round(number * 100) + 7)
        vector = person.normal(size=self.dims) + 0.3 * noise.normal(size=self.dims)
        return Embedding(normalise(vector), 1.0)


class StandInFace(StandIn):
    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        return [self.embed_number(float(face.image.mean())) for face in faces]


class StandInVoice(StandIn):
    def embed(self, speech: Waveform) -> Embedding:
        return self.embed_number(float(np.abs(speech).mean() * 255))


def look(image: Image) -> FaceSample:
    points = np.ones((5, 2), np.float32)
    return FaceSample(
        Frame(image, 0.0), FaceOutcome.USABLE, quality=1.0, located=LocatedFace(image, points)
    )


def read(item: Item) -> VoiceSample:
    level = float(item.content()) / 255
    sound = np.full(3 * SPEECH_RATE, level, np.float32)
    return VoiceSample(sound, 0.0, 3.0, VoiceOutcome.USABLE, quality=1.0)
