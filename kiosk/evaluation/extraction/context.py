"""The kiosk's own detector and speech finder, as an evaluation uses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console

from kiosk.core.media import Frame, Image
from kiosk.core.samples import FaceSample, VoiceOutcome, VoiceSample
from kiosk.core.settings import Settings
from kiosk.datasets.collections import Item
from kiosk.datasets.recordings import whole_sound
from kiosk.evaluation.extraction.embedding_cache import Store
from kiosk.evaluation.extraction.extract import (
    FULL_SECONDS,
    ExtractionContext,
    LookAtFace,
    ReadSpeech,
)

_ENDLESS = 1e9
_MOST_HEARD = 1200
"""Recordings whose speech is kept in memory: about as many as a set has, 200 kB each."""


def face_looker(settings: Settings) -> LookAtFace:
    """The kiosk's own face path on single pictures. Raises ModelError without its weights."""
    from kiosk.inference.face.detection import FaceDetector
    from kiosk.inference.face.pipeline import TrackedFacePipeline

    path = TrackedFacePipeline(FaceDetector(settings.min_face), settings)

    def look(image: Image) -> FaceSample:
        path.reset()
        return path.look(Frame(image, 0.0))

    return look


def speech_reader() -> ReadSpeech:
    """All speech of a recording, pauses removed by Silero. Raises ModelError without weights."""
    from kiosk.inference.voice.pipeline import SileroVoicePipeline, VoicePipelineConfig

    config = VoicePipelineConfig(needed_seconds=FULL_SECONDS, limit_seconds=_ENDLESS)
    path = SileroVoicePipeline(config)

    def read(item: Item) -> VoiceSample:
        path.reset()
        path.hear(whole_sound(item.path))
        sample = path.take(flush=True)
        empty = np.zeros(0, dtype=np.float32)
        return sample or VoiceSample(empty, 0.0, 0.0, VoiceOutcome.NO_SPEECH)

    return read


class _Lazy:
    """Makes what it stands for at the first call: nothing is loaded when all is in the cache."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._look: LookAtFace | None = None
        self._read: ReadSpeech | None = None
        self._heard: dict[Item, VoiceSample] = {}

    def look(self, image: Image) -> FaceSample:
        self._look = self._look or face_looker(self._settings)
        return self._look(image)

    def read(self, item: Item) -> VoiceSample:
        """Finding speech costs more than embedding it, and every model and length needs it."""
        self._read = self._read or speech_reader()
        if item not in self._heard:
            if len(self._heard) >= _MOST_HEARD:
                self._heard.clear()
            self._heard[item] = self._read(item)
        return self._heard[item]


def open_workshop(settings: Settings, cache: Path | None, console: Console) -> ExtractionContext:
    """With the cache folder, or in memory. Raises StorageError."""
    lazy = _Lazy(settings)
    return ExtractionContext(Store(cache, settings.keep_days), lazy.look, lazy.read, console)
