"""The kiosk's own detector and speech finder, as an evaluation uses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console

from kiosk.domain import Image, Points, Waveform
from kiosk.evaluation.data import Item
from kiosk.evaluation.extract import FindLandmarks, ReadSpeech, Workshop
from kiosk.evaluation.store import Store
from kiosk.evaluation.takes import whole_sound

_ENDLESS = 1e9
_MIN_FACE = 60


def landmark_finder() -> FindLandmarks:
    """MTCNN; of several faces the most central one. Raises ModelError without its weights."""
    from kiosk.inference.detection import FaceDetector

    detector = FaceDetector(_MIN_FACE)

    def find(image: Image) -> Points | None:
        height, width = image.shape[:2]
        found = detector.search(image)
        if not found:
            return None
        middle = np.array([width / 2, height / 2])
        nearest = min(found, key=lambda face: float(np.linalg.norm(face.centre - middle)))
        return nearest.landmarks

    return find


def speech_reader() -> ReadSpeech:
    """All speech of a recording, pauses removed by Silero. Raises ModelError without weights."""
    from kiosk.inference.voice_path import SileroVoicePath, VoicePathConfig

    path = SileroVoicePath(VoicePathConfig(needed_seconds=_ENDLESS, limit_seconds=_ENDLESS))

    def read(item: Item) -> Waveform:
        path.reset()
        path.hear(whole_sound(item))
        sample = path.take(flush=True)
        return np.zeros(0, dtype=np.float32) if sample is None else sample.speech

    return read


class _Lazy:
    """Makes what it stands for at the first call: nothing is loaded when all is in the cache."""

    def __init__(self) -> None:
        self._find: FindLandmarks | None = None
        self._read: ReadSpeech | None = None

    def find(self, image: Image) -> Points | None:
        self._find = self._find or landmark_finder()
        return self._find(image)

    def read(self, item: Item) -> Waveform:
        self._read = self._read or speech_reader()
        return self._read(item)


def open_workshop(cache: Path | None, console: Console) -> Workshop:
    """With the cache folder, or in memory. Raises StorageError."""
    lazy = _Lazy()
    return Workshop(Store(cache), lazy.find, lazy.read, console)
