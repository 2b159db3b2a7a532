"""What a camera and a microphone are judged by when they are tried."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.webcam import Webcam
from kiosk.core.errors import CaptureError
from kiosk.core.media import AudioChunk, Waveform
from kiosk.runtime.device_trial import (
    CameraTrial,
    SoundTrial,
    loudest,
    try_camera,
    try_microphone,
)
from tests.support.paths import ROOT

RATE = 16_000


class Recorded:
    """A microphone that gives these stretches, and then nothing more."""

    name = "Microphone test"

    def __init__(self, *stretches: Waveform) -> None:
        self._left = list(stretches)
        self.closed = False

    def open(self) -> None:
        self.closed = False

    def read(self) -> AudioChunk | None:
        return AudioChunk(self._left.pop(0), RATE, 0.0) if self._left else None

    def close(self) -> None:
        self.closed = True


def tone(level: float, seconds: float = 1.0) -> Waveform:
    times = np.arange(int(RATE * seconds)) / RATE
    return np.asarray(level * np.sqrt(2) * np.sin(2 * np.pi * 220 * times), np.float32)


def test_a_real_picture_has_its_size_rate_and_light() -> None:
    camera = Webcam(str(ROOT / "assets" / "demo" / "gureum-2.mp4"))
    trial = try_camera(camera, seconds=0.5)
    assert min(trial.size) >= 240
    assert trial.rate > 1
    assert 20 < trial.brightness < 235


def test_advice_fits_what_was_seen_and_heard() -> None:
    assert "dark" in CameraTrial((1280, 720), 30, 12).advice
    assert "bright" in CameraTrial((1280, 720), 30, 250).advice
    assert "small" in CameraTrial((320, 240), 30, 120).advice
    assert CameraTrial((1280, 720), 30, 120).advice == ""
    assert "Hardly" in SoundTrial(RATE, -80).advice
    assert "too loud" in SoundTrial(RATE, -0.5).advice
    assert SoundTrial(RATE, -25).advice == ""


def test_the_loudest_tenth_of_a_second_counts() -> None:
    speech = np.concatenate([tone(0.001), tone(0.1, 0.1), tone(0.001)])
    assert loudest(speech, RATE) == pytest.approx(-20, abs=0.5)
    microphone = Recorded(tone(0.001), tone(0.1))
    assert try_microphone(microphone).level == pytest.approx(-20, abs=0.5)
    assert microphone.closed


def test_silence_has_a_level_and_nothing_at_all_is_an_error() -> None:
    assert try_microphone(Recorded(np.zeros(RATE, np.float32))).advice
    microphone = Recorded()
    with pytest.raises(CaptureError, match="no sound"):
        try_microphone(microphone)
    assert microphone.closed
