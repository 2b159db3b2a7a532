"""Whether this mouth says this sound: canonical correlation of mouth pictures and mel bands.

Both are brought to 25 a second, freed of what changes slower than a second (the turn of the head,
the level of the voice) and looked at with two neighbours on either side; the model's linear maps
carry each into a few components in which a talker's mouth and voice correlate (Hotelling 1936; for
lips and sound, Slaney and Covell, "FaceSync", NIPS 2000). Strangers' do not, nor does the talker's
own sound shifted by a third of a second. Nothing is kept between calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kiosk.core.liveness import LipSoundMatch
from kiosk.core.media import AudioChunk, Matrix, Vector
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint
from kiosk.inference.devices import one_thread
from kiosk.inference.manifest import find_entry, locate, model_id
from kiosk.inference.voice.features.mel import BANDS, FRAMES_PER_SECOND, MelPower, decibels
from kiosk.inference.voice.features.resampling import at_speech_rate

NAME = "lip-sound"
NETWORK = "kiosk-lip-sound"
RATE = 25.0
"""Steps a second at which picture and sound are compared."""
NEIGHBOURS = 2
"""Steps on either side that are looked at with each."""
MOUTH_WIDTH, MOUTH_HEIGHT = 56, 40
MOUTH_CENTRE = (56.0, 92.0)
"""Of the window, in the aligned face of 112 pixels."""
SHORTEST = 0.8
"""Seconds of sounding speech below which nothing is said."""
FARTHEST_DELAY: Final = 0.4
"""Seconds within which a constant delay between camera and microphone is looked for."""

_LOUD = 0.35
"""Where between the quiet and the loud end of what was heard a step counts as sounding."""
_MIDDLE = 0.0125
"""Seconds from the beginning of a step of the bands to its middle."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LipSoundConfig:
    """The sizes of the maps."""

    mouth_numbers: int = 30
    """What a mouth is brought down to, k below."""
    components: int = 12


@dataclass(frozen=True, eq=False)
class LipSoundWeights:
    """The maps: `mean` (pixels,) and `basis` (pixels, k) of the mouth pictures, `lips`
    (5 k, components), `sound` (5 bands, components), `strength` (components,) weighing them."""

    mean: Matrix = field(repr=False)
    basis: Matrix = field(repr=False)
    lips: Matrix = field(repr=False)
    sound: Matrix = field(repr=False)
    strength: Vector = field(repr=False)


_NAMES = tuple(part.name for part in fields(LipSoundWeights))


class CorrelatedLipSound:
    """The `LipSound` of the kiosk."""

    def __init__(self, weights: LipSoundWeights, model_id: str) -> None:
        self.model_id = model_id
        self._weights = weights
        self._mel = MelPower()

    def mouth(self, face: LocatedFace) -> Vector:
        """The mouth of one face as the model's numbers (k,), its light taken out."""
        pixels = mouth_pixels(face)
        return np.asarray((pixels - self._weights.mean) @ self._weights.basis, dtype=np.float32)

    def match(
        self, mouths: Matrix, times: Floats, heard: Sequence[AudioChunk], delay: float = 0.0
    ) -> LipSoundMatch | None:
        """Compare mouths (pictures, k), seen at `times` (pictures,), with the sound of the same
        seconds, assumed to come `delay` seconds late; None where too little speech was heard."""
        if len(times) < 2 or not heard:
            return None
        bands, begin = band_levels(heard, self._mel)
        reach = FARTHEST_DELAY + abs(delay)
        start = max(float(times[0]), begin + reach)
        end = min(float(times[-1]), begin + len(bands) / FRAMES_PER_SECOND - reach)
        grid = np.arange(start, end, 1.0 / RATE)
        if len(grid) < SHORTEST * RATE:
            return None
        lips = context(at_times(mouths.astype(np.float64), times, grid)) @ self._weights.lips
        return self._best(lips, bands, begin, grid, delay)

    def _best(
        self, lips: Floats, bands: Floats, begin: float, grid: Floats, delay: float
    ) -> LipSoundMatch | None:
        stamps = begin + np.arange(len(bands)) / FRAMES_PER_SECOND
        span = spoken_span(at_times(bands, stamps, grid + delay))
        if span.stop - span.start < SHORTEST * RATE:
            return None

        def correlation(late: float) -> float:
            sound = context(at_times(bands, stamps, grid + late)) @ self._weights.sound
            return weighted_correlation(lips[span], sound[span], self._weights.strength)

        steps = np.arange(-FARTHEST_DELAY, FARTHEST_DELAY + 1e-6, 1.0 / RATE)
        found = [correlation(delay + step) for step in steps]
        best = int(np.argmax(found))
        return LipSoundMatch(
            correlation(delay),
            delay + float(steps[best]),
            found[best],
            (span.stop - span.start) / RATE,
        )


def band_levels(heard: Sequence[AudioChunk], mel: MelPower | None = None) -> tuple[Floats, float]:
    """Decibels (steps of 10 ms, bands), each the mean of 40 ms, and when they begin.

    The chunks are of one rate and follow on each other.
    """
    sound = np.concatenate([chunk.samples for chunk in heard])
    with torch.inference_mode(), one_thread():
        spoken = at_speech_rate(AudioChunk(sound, heard[0].rate, heard[0].time))
        waveform = torch.from_numpy(np.ascontiguousarray(spoken, dtype=np.float32))
        bands = decibels((mel or MelPower())(waveform)).numpy()
    return smooth_bands(bands), heard[0].time + _MIDDLE


def mouth_pixels(face: LocatedFace) -> Vector:
    """(pixels,) of the aligned mouth, mean 0 and deviation 1."""
    move = face.fit.copy()
    move[:, 2] -= np.array(MOUTH_CENTRE) - (MOUTH_WIDTH / 2, MOUTH_HEIGHT / 2)
    cut = cv2.warpAffine(face.image, move, (MOUTH_WIDTH, MOUTH_HEIGHT), flags=cv2.INTER_LINEAR)
    grey = np.asarray(cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY), dtype=np.float32).ravel()
    return np.asarray((grey - grey.mean()) / (grey.std() + 1e-3), dtype=np.float32)


def smooth_bands(bands: NDArray[np.floating]) -> Floats:
    """Mean over four neighbouring steps, of each band."""
    padded = np.pad(bands.astype(np.float64), ((1, 2), (0, 0)), "edge")
    count = len(bands)
    return np.asarray(sum(padded[i : i + count] for i in range(4)) / 4.0)


def context(rows: Floats) -> Floats:
    """(steps, d) -> (steps, 5 d): each step between its neighbours, slow changes taken out."""
    quick = rows - _slow(rows)
    padded = np.pad(quick, ((NEIGHBOURS, NEIGHBOURS), (0, 0)), "edge")
    return np.hstack([padded[i : i + len(rows)] for i in range(2 * NEIGHBOURS + 1)])


def _slow(rows: Floats) -> Floats:
    """Mean over about a second round each step (steps, d)."""
    half = round(RATE / 2)
    ends = ((half, half), (0, 0))
    long = len(rows) > half
    padded = np.pad(rows, ends, "reflect") if long else np.pad(rows, ends, "edge")
    sums = np.cumsum(np.vstack([np.zeros(rows.shape[1]), padded]), axis=0)
    width = 2 * half + 1
    return np.asarray((sums[width:] - sums[:-width]) / width)


def spoken_span(bands: Floats) -> slice:
    """From the first to the last step of bands (steps, bands) that is loud enough to be speech,
    with a fifth of a second on either side."""
    level = bands.mean(axis=1)
    low, high = np.percentile(level, (5, 95))
    loud = np.flatnonzero(level > low + _LOUD * (high - low))
    if not loud.size:
        return slice(0, 0)
    edge = round(RATE / 5)
    return slice(max(0, int(loud[0]) - edge), min(len(level), int(loud[-1]) + edge + 1))


def weighted_correlation(lips: Floats, sound: Floats, strength: Vector) -> float:
    """Mean of the components' correlations of two (steps, components), weighed by `strength`."""
    a, b = lips - lips.mean(axis=0), sound - sound.mean(axis=0)
    scale = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0)) + 1e-9
    return float(((a * b).sum(axis=0) / scale) @ strength / strength.sum())


def at_times(rows: Floats, times: Floats, grid: Floats) -> Floats:
    """Rows (n, d) at `times` (n,), brought to `grid` by linear interpolation."""
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    before = after - 1
    share = (grid - times[before]) / np.maximum(times[after] - times[before], 1e-6)
    share = np.clip(share, 0.0, 1.0)[:, None]
    return np.asarray(rows[before] * (1 - share) + rows[after] * share)


class _Maps(nn.Module):
    """The tensors of a file, so that their shapes are checked as any network's are."""

    def __init__(self, config: LipSoundConfig) -> None:
        super().__init__()
        seen = 2 * NEIGHBOURS + 1
        shapes: dict[str, tuple[int, ...]] = {
            "mean": (MOUTH_WIDTH * MOUTH_HEIGHT,),
            "basis": (MOUTH_WIDTH * MOUTH_HEIGHT, config.mouth_numbers),
            "lips": (seen * config.mouth_numbers, config.components),
            "sound": (seen * BANDS, config.components),
            "strength": (config.components,),
        }
        for name, shape in shapes.items():
            self.register_buffer(name, torch.zeros(shape))


def save_lip_sound(weights: LipSoundWeights) -> bytes:
    """The file's bytes."""
    tensors = {name: torch.from_numpy(getattr(weights, name)) for name in _NAMES}
    config = LipSoundConfig(weights.basis.shape[1], weights.lips.shape[1])
    return save_checkpoint(tensors, network=NETWORK, config=config)


def load_lip_sound(path: Path) -> LipSoundWeights:
    """Read the maps. Raises ModelError if the file is missing, damaged or another model's."""
    file = load_checkpoint(path, network=NETWORK, config_class=LipSoundConfig)
    maps = file.build(_Maps).state_dict()
    return LipSoundWeights(**{name: maps[name].numpy() for name in _NAMES})


def load_lip_model(settings: Settings) -> CorrelatedLipSound:
    """The shipped model. Raises ModelError."""
    entry = find_entry(NAME)
    path = locate(entry, settings)
    return CorrelatedLipSound(load_lip_sound(path), model_id(entry, path))
