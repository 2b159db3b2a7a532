"""The recipe of the lip-and-sound maps: canonical correlation over talking heads.

The maps are the leading pairs of directions in which mouths and sound of the same moment correlate,
from whitened covariances with a ridge. A talker with many clips must not outweigh the others:
`weights` says how often each clip counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import AudioChunk, Frame, Points
from kiosk.core.samples import LocatedFace
from kiosk.inference.liveness.lip_sound import (
    RATE,
    LipSoundWeights,
    at_times,
    band_levels,
    context,
    mouth_pixels,
)

Floats = NDArray[np.float64]

SMOOTHING = 2
"""Pictures on either side over which landmarks are averaged, as in a visit."""
_EVERY = 5
"""Of the pictures, one in so many is taken for the principal components."""


@dataclass(frozen=True, eq=False)
class TalkingClip:
    """One talker: mouth pictures (n, pixels) at `times` (n,), and the sound."""

    mouths: NDArray[np.float32]
    times: Floats
    sound: tuple[AudioChunk, ...]
    talker: str


@dataclass(frozen=True)
class LipRecipeConfig:
    """What can be chosen."""

    mouth_numbers: int = 30
    components: int = 12
    ridge: float = 0.3
    """Share of the mean variance added to every variance."""


def talking_clip(
    frames: Sequence[Frame], landmarks: Sequence[Points], sound: Sequence[AudioChunk], talker: str
) -> TalkingClip:
    """From the frames of a talking head and the five points of each."""
    points = np.stack(landmarks)
    count = len(points)
    mouths = []
    for place, frame in enumerate(frames):
        near = points[max(0, place - SMOOTHING) : min(count, place + SMOOTHING + 1)]
        steady = near.mean(axis=0).astype(np.float32)
        mouths.append(mouth_pixels(LocatedFace(frame.image, steady)))
    times = np.array([frame.time for frame in frames])
    return TalkingClip(np.stack(mouths), times, tuple(sound), talker)


def fit_lip_sound(
    clips: Sequence[TalkingClip], weights: Sequence[float], config: LipRecipeConfig
) -> LipSoundWeights:
    """The maps of `clips`, each counting `weights` times. Raises ValueError without a clip."""
    if not clips:
        raise ValueError("there is no talking clip")
    mean, basis = _mouth_space(clips, config.mouth_numbers)
    lips_lips: Floats | float = 0.0
    sound_sound: Floats | float = 0.0
    lips_sound: Floats | float = 0.0
    for clip, weight in zip(clips, weights, strict=True):
        lips, sound = _both(clip, mean, basis)
        lips_lips = lips_lips + weight * lips.T @ lips
        sound_sound = sound_sound + weight * sound.T @ sound
        lips_sound = lips_sound + weight * lips.T @ sound
    white_lips = _whitening(np.asarray(lips_lips), config.ridge)
    white_sound = _whitening(np.asarray(sound_sound), config.ridge)
    left, strength, right = np.linalg.svd(white_lips @ np.asarray(lips_sound) @ white_sound)
    count = config.components
    return LipSoundWeights(
        mean.astype(np.float32),
        basis.astype(np.float32),
        _even(white_lips @ left[:, :count]),
        _even(white_sound @ right.T[:, :count]),
        strength[:count].astype(np.float32),
    )


def _mouth_space(clips: Sequence[TalkingClip], numbers: int) -> tuple[Floats, Floats]:
    """Mean (pixels,) and leading principal components (pixels, numbers)."""
    pictures = np.concatenate([clip.mouths[::_EVERY] for clip in clips]).astype(np.float64)
    mean = pictures.mean(axis=0)
    _, _, rows = np.linalg.svd(pictures - mean, full_matrices=False)
    return mean, rows[:numbers].T


def _both(clip: TalkingClip, mean: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """Mouth and sound of a clip on one grid, as the model compares them."""
    bands, begin = band_levels(clip.sound)
    stamps = begin + np.arange(len(bands)) / 100.0
    grid = np.arange(max(clip.times[0], stamps[0]), min(clip.times[-1], stamps[-1]), 1 / RATE)
    lips = at_times((clip.mouths - mean) @ basis, clip.times, grid)
    return context(lips), context(at_times(bands, stamps, grid))


def _whitening(covariance: Floats, ridge: float) -> Floats:
    """Inverse square root of a covariance with a ridge."""
    size = len(covariance)
    values, vectors = np.linalg.eigh(
        covariance + ridge * np.trace(covariance) / size * np.eye(size)
    )
    return np.asarray((vectors / np.sqrt(values)) @ vectors.T)


def _even(maps: Floats) -> NDArray[np.float32]:
    """At length one: correlations do not change, and float16 has room for the numbers."""
    return np.asarray(maps / np.linalg.norm(maps, axis=0), dtype=np.float32)
