"""Channels of presentation attack detection that answer as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kiosk.core.liveness import LipSoundMatch, MotionStep, PictureScore
from kiosk.core.media import AudioChunk, Frame, Matrix, Points, Vector
from kiosk.core.samples import Box, FaceOutcome, FaceSample, LocatedFace
from kiosk.core.scoring import Calibration
from kiosk.recognition.liveness_gathering import PadModels

PLAIN = Calibration(slope=1.0, intercept=0.0, llr_min=-3.0, llr_max=3.0, full_quality=1e-6)
POINTS: Points = np.array([[30, 40], [60, 40], [45, 55], [33, 70], [57, 70]], dtype=np.float32)


@dataclass
class ScriptedPicture:
    """Every picture has these odds and this sharpness."""

    odds: float = 2.0
    sharpness: float = 0.05
    model_id: str = "picture@0"
    asked: int = 0

    def score(
        self, faces: Sequence[tuple[Frame, Box]], *, closely: bool = True
    ) -> list[PictureScore]:
        self.asked += len(faces)
        return [PictureScore(self.odds, self.sharpness) for _ in faces]


@dataclass
class ScriptedMotion:
    """Every two pictures differ by this step."""

    step: MotionStep = field(default_factory=lambda: MotionStep(5.0, 1.0, 0.6, 1.0, 0.05))

    def compare(self, before: Frame, box: Box, after: Frame) -> MotionStep:
        return self.step


@dataclass
class ScriptedLips:
    """Every mouth fits every sound this well, and `moves` from picture to picture or rests."""

    found: LipSoundMatch | None = None
    moves: bool = True
    model_id: str = "lips@0"
    delays: list[float] = field(default_factory=list)
    pictures: int = 0
    shown: int = 0

    def mouth(self, face: LocatedFace) -> Vector:
        self.shown += 1
        return np.full(3, 5.0 * self.moves * (self.shown // 2 % 2), dtype=np.float32)

    def match(
        self,
        mouths: Matrix,
        times: NDArray[np.float64],
        heard: Sequence[AudioChunk],
        delay: float = 0.0,
    ) -> LipSoundMatch | None:
        self.delays.append(delay)
        self.pictures = len(times)
        return self.found


def pad_models(
    picture: ScriptedPicture | None = None,
    motion: ScriptedMotion | None = None,
    lips: ScriptedLips | None = None,
) -> PadModels:
    """With plain calibrations; what is not given is not loaded."""
    return PadModels(picture, motion, lips, PLAIN, PLAIN)


def face(
    time: float, outcome: FaceOutcome = FaceOutcome.USABLE, track: int = 1, faces: int = 1
) -> FaceSample:
    """A followed face at a time, of so many in the picture."""
    frame = Frame(np.zeros((90, 90, 3), dtype=np.uint8), time)
    located = LocatedFace(frame.image, POINTS)
    return FaceSample(frame, outcome, None, 0.9, Box(20, 20, 50, 60), located, None, track, faces)


def speech(time: float, seconds: float = 0.1, rate: int = 16_000) -> AudioChunk:
    """A chunk of sound."""
    return AudioChunk(np.zeros(int(seconds * rate), dtype=np.float32), rate, time)
