"""What is compared: models with what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.core.cohort import Cohort
from kiosk.core.media import SPEECH_RATE, Points
from kiosk.core.ports.inference import FaceEmbedder, VoiceEmbedder
from kiosk.core.samples import LocatedFace
from kiosk.core.scoring import Calibration

_REPEATS = 20
_WARM_UP = 3
VOICE_SECONDS = 3.0


@dataclass(frozen=True)
class BenchmarkedFaceModel:
    """A face model; `calibration` is the one shipped with it."""

    name: str
    embedder: FaceEmbedder
    calibration: Calibration | None
    parameters: int
    file_bytes: int


@dataclass(frozen=True)
class BenchmarkedVoiceModel:
    """A voice model; `calibration` is the one shipped with it."""

    name: str
    embedder: VoiceEmbedder
    calibration: Calibration | None
    parameters: int
    file_bytes: int


class _Plain:
    """A face model without its cohort: what the cosine alone says."""

    cohort: Cohort | None = None

    def __init__(self, embedder: FaceEmbedder) -> None:
        self.model_id, self.dims = embedder.model_id, embedder.dims
        self.embed = embedder.embed


class _PlainVoice:
    """A voice model without its cohort."""

    cohort: Cohort | None = None

    def __init__(self, embedder: VoiceEmbedder) -> None:
        self.model_id, self.dims = embedder.model_id, embedder.dims
        self.embed = embedder.embed


def with_plain(faces: Sequence[BenchmarkedFaceModel]) -> list[BenchmarkedFaceModel]:
    """Each model, and after one that brings a cohort the same by its cosine alone, so that the
    table shows what the cohort is worth."""
    found = []
    for face in faces:
        found.append(face)
        if face.embedder.cohort is not None:
            plain = _Plain(face.embedder)
            found.append(replace(face, name=_plainly(face.name), embedder=plain, calibration=None))
    return found


def with_plain_voices(voices: Sequence[BenchmarkedVoiceModel]) -> list[BenchmarkedVoiceModel]:
    """As `with_plain`."""
    found = []
    for voice in voices:
        found.append(voice)
        if voice.embedder.cohort is not None:
            plain = _PlainVoice(voice.embedder)
            found.append(
                replace(voice, name=_plainly(voice.name), embedder=plain, calibration=None)
            )
    return found


def _plainly(name: str) -> str:
    return f"{name}, cosine alone"


def face_milliseconds(embedder: FaceEmbedder, size: int = 360) -> float:
    """Median time of one face in a picture of noise, alignment included."""
    image = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
    points: Points = np.array(
        [[0.38, 0.42], [0.62, 0.42], [0.5, 0.55], [0.41, 0.68], [0.59, 0.68]], dtype=np.float32
    )
    return _median(lambda: embedder.embed([LocatedFace(image, points * size)]))


def voice_milliseconds(embedder: VoiceEmbedder, seconds: float = VOICE_SECONDS) -> float:
    """Median time of `seconds` of sound."""
    random = np.random.default_rng(0)
    sound = (0.1 * random.standard_normal(round(seconds * SPEECH_RATE))).astype(np.float32)
    return _median(lambda: embedder.embed(sound))


def _median(call: Callable[[], object]) -> float:
    times = []
    for number in range(_WARM_UP + _REPEATS):
        began = time.perf_counter()
        call()
        if number >= _WARM_UP:
            times.append(time.perf_counter() - began)
    return 1000.0 * float(np.median(times))
