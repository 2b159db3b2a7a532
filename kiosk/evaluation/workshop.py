"""The kiosk's own detector and speech finder, as an evaluation uses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console

from kiosk.config import Settings
from kiosk.domain import FaceSample, Frame, Image, VoiceOutcome, VoiceSample
from kiosk.evaluation.data import Item
from kiosk.evaluation.extract import FULL_SECONDS, LookAtFace, ReadSpeech, Workshop
from kiosk.evaluation.store import Store
from kiosk.evaluation.takes import whole_sound

_ENDLESS = 1e9
_MOST_HEARD = 1200
"""Recordings whose speech is kept in memory: about as many as a set has, 200 kB each."""


def face_looker(settings: Settings) -> LookAtFace:
    """The kiosk's own face path on single pictures. Raises ModelError without its weights."""
    from kiosk.inference.detection import FaceDetector
    from kiosk.inference.face_path import TrackedFacePath

    path = TrackedFacePath(FaceDetector(settings.min_face), settings)

    def look(image: Image) -> FaceSample:
        path.reset()
        return path.look(Frame(image, 0.0))

    return look


def speech_reader() -> ReadSpeech:
    """All speech of a recording, pauses removed by Silero. Raises ModelError without weights."""
    from kiosk.inference.voice_path import SileroVoicePath, VoicePathConfig

    config = VoicePathConfig(needed_seconds=FULL_SECONDS, limit_seconds=_ENDLESS)
    path = SileroVoicePath(config)

    def read(item: Item) -> VoiceSample:
        path.reset()
        path.hear(whole_sound(item))
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


def open_workshop(settings: Settings, cache: Path | None, console: Console) -> Workshop:
    """With the cache folder, or in memory. Raises StorageError."""
    lazy = _Lazy(settings)
    return Workshop(Store(cache), lazy.look, lazy.read, console)
