"""Faces cut out and features along a recording, for researchers; nobody is compared with anybody.

Of the face there is one row for each look, four a second, of the voice one for each two seconds of
the recording; what could not be seen or heard is a row of NaN (of zeros in the pictures), so that
rows stand for times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from kiosk.core.media import AudioChunk, Frame, Image, Matrix, SourceNotice, Vector
from kiosk.core.ports.capture import Source
from kiosk.core.ports.inference import FaceEmbedder, Pipelines, VoiceEmbedder
from kiosk.core.samples import FaceOutcome, FaceSample, LocatedFace, VoiceOutcome, VoiceSample

LOOKS_A_SECOND = 4.0
VOICE_SECONDS = 2.0
_ROUNDING = 1e-6
"""Seconds by which a frame may come early."""
_LEAST_SPEECH = 0.5

Crop = Callable[[LocatedFace], Image | None]
KeepCrop = Callable[[Image | None], None]


class TextFeatures(Protocol):
    """What a network knows of a sentence before it says what it means."""

    def features(self, text: str) -> Matrix:
        """(pieces, k); no row for a text without words."""


@dataclass(frozen=True)
class FaceLook:
    """One look at the picture: when, with what outcome, and how good the sample is, 0..1."""

    time: float
    outcome: FaceOutcome
    quality: float


@dataclass(frozen=True)
class VoiceWindow:
    """Two seconds of a recording; `speech_seconds` of them were speech. The outcome is that of
    judging it, or that there was none."""

    start: float
    end: float
    outcome: VoiceOutcome
    speech_seconds: float = 0.0
    quality: float = 0.0


@dataclass
class FeatureSet:
    """What was found in one recording; `faces` (looks, k) and `voices` (windows, k)."""

    looks: list[FaceLook] = field(default_factory=list)
    windows: list[VoiceWindow] = field(default_factory=list)
    faces: list[Vector] = field(default_factory=list)
    voices: list[Vector] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class FeatureExtractor:
    """Takes features along recordings with the recognisers given; one recording at a time."""

    def __init__(
        self,
        pipelines: Callable[[], Pipelines],
        face: FaceEmbedder,
        voice: VoiceEmbedder,
        crop: Crop,
    ) -> None:
        self._pipelines = pipelines
        self.face, self.voice = face, voice
        self._crop = crop

    def recording(
        self,
        source: Source,
        keep_crop: KeepCrop | None = None,
        *,
        features: bool = True,
        elapsed: Callable[[float], None] = lambda seconds: None,
    ) -> FeatureSet:
        """One recording to its end; each look's picture is given to `keep_crop` at once, for
        together they may be larger than memory. Raises InputError and CaptureError of the source.
        """
        parts, made = self._pipelines(), FeatureSet()
        next_look, window, last, heard = 0.0, 0.0, 0.0, False
        with source:
            for event in source.events():
                if isinstance(event, SourceNotice):
                    made.notices.append(event.text)
                    continue
                while heard and features and event.time >= window + VOICE_SECONDS:
                    end = window + VOICE_SECONDS
                    self._close(made, parts.voice.take(flush=True), window, end)
                    window = end
                    elapsed(window)
                if isinstance(event, AudioChunk):
                    window, heard = (window, True) if heard else (_begin(event.time), True)
                    last = max(last, event.time + event.seconds)
                    parts.voice.hear(event)
                    continue
                sample = parts.face.look(event)
                if event.time + _ROUNDING >= next_look:
                    # On a grid, however frames fall: four a second, not the first after a quarter.
                    next_look = max(next_look, event.time - 1 / LOOKS_A_SECOND) + 1 / LOOKS_A_SECOND
                    self._look(made, sample, event, keep_crop, features=features)
        if heard and features and last > window:
            self._close(made, parts.voice.take(flush=True), window, last)
        return made

    def _look(
        self,
        made: FeatureSet,
        sample: FaceSample,
        frame: Frame,
        keep_crop: KeepCrop | None,
        *,
        features: bool,
    ) -> None:
        made.looks.append(FaceLook(frame.time, sample.outcome, sample.quality))
        located = sample.located
        if keep_crop is not None:
            keep_crop(self._crop(located) if located is not None else None)
        if features:
            missing = np.full(self.face.dims, np.nan, np.float32)
            found = self.face.embed([located])[0].vector if located is not None else missing
            made.faces.append(np.asarray(found, dtype=np.float32))

    def _close(
        self, made: FeatureSet, speech: VoiceSample | None, start: float, end: float
    ) -> None:
        vector: Vector = np.full(self.voice.dims, np.nan, np.float32)
        window = VoiceWindow(start, end, VoiceOutcome.NO_SPEECH)
        if speech is not None:
            seconds, outcome = speech.seconds, speech.outcome
            window = VoiceWindow(start, end, outcome, seconds, speech.quality)
            if seconds >= _LEAST_SPEECH:
                vector = np.asarray(self.voice.embed(speech.speech).vector, dtype=np.float32)
        made.windows.append(window)
        made.voices.append(vector)


def stacked(rows: Sequence[Vector], dims: int) -> Matrix:
    """(rows, dims) in float32, also of no row."""
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), dims)


def _begin(time: float) -> float:
    """The multiple of two seconds in which sound begins."""
    return float(max(0.0, np.floor(time / VOICE_SECONDS) * VOICE_SECONDS))
