"""Tries a camera and a microphone for a moment, as whoever sets a kiosk up wants to know."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import log10

import numpy as np

from kiosk.core.errors import DeviceSilent
from kiosk.core.media import AudioChunk, Waveform
from kiosk.core.ports.capture import Camera, Microphone

CAMERA_SECONDS = 1.5
SOUND_SECONDS = 2.0
DARK = 40.0
BRIGHT = 225.0
"""Mean grey of a picture, 0 to 255, below and above which faces are hard to see."""
QUIET_DB = -60.0
LOUD_DB = -3.0
"""Level of sound against full scale below which nobody spoke, and above which it is clipped."""


@dataclass(frozen=True)
class CameraTrial:
    """What a camera gave: width and height in pixels, pictures a second, mean grey."""

    size: tuple[int, int]
    rate: float
    brightness: float

    @property
    def advice(self) -> str:
        """What to change, if anything."""
        if self.brightness < DARK:
            return "The picture is dark: switch on a light in front of whoever will stand there."
        if self.brightness > BRIGHT:
            return "The picture is very bright: turn the camera away from the window or lamp."
        if min(self.size) < 480:
            return "The picture is small: faces are seen from near only."
        return ""


@dataclass(frozen=True)
class SoundTrial:
    """What a microphone gave: samples a second, and level of its loudest tenth of a second in dB
    against full scale."""

    rate: int
    level: float

    @property
    def advice(self) -> str:
        """What to change, if anything."""
        if self.level < QUIET_DB:
            return "Hardly anything was heard: speak while it listens, or turn its level up."
        if self.level > LOUD_DB:
            return "It is too loud and is cut off: turn its level down."
        return ""


def try_camera(camera: Camera, seconds: float = CAMERA_SECONDS) -> CameraTrial:
    """Look through a camera. Raises CaptureError where it gives no picture."""
    camera.open()
    try:
        first = frame = camera.read()
        number, began = 1, time.monotonic()
        while frame is not None and time.monotonic() - began < seconds:
            following = camera.read()
            if following is None:
                break
            frame, number = following, number + 1
        if first is None or frame is None:
            raise DeviceSilent(f"{camera.name} gives no picture.", "Choose another camera.")
        spent = max(frame.time - first.time, 1e-3)
        height, width = frame.image.shape[:2]
        rate = (number - 1) / spent if number > 1 else 0.0
        return CameraTrial((width, height), rate, float(frame.image.mean()))
    finally:
        camera.close()


def try_microphone(microphone: Microphone, seconds: float = SOUND_SECONDS) -> SoundTrial:
    """Listen to a microphone. Raises CaptureError where it gives no sound."""
    microphone.open()
    try:
        heard: list[AudioChunk] = []
        while sum(chunk.seconds for chunk in heard) < seconds:
            chunk = microphone.read()
            if chunk is None:
                break
            heard.append(chunk)
        if not heard:
            raise DeviceSilent(f"{microphone.name} gives no sound.", "Choose another microphone.")
        rate = heard[0].rate
        return SoundTrial(rate, loudest(np.concatenate([each.samples for each in heard]), rate))
    finally:
        microphone.close()


def loudest(samples: Waveform, rate: int) -> float:
    """The level of the loudest tenth of a second in dB against full scale."""
    length = max(rate // 10, 1)
    parts = [samples[start : start + length] for start in range(0, len(samples), length)]
    power = max(float(np.mean(np.square(part, dtype=np.float64))) for part in parts)
    return 10 * log10(max(power, 1e-12))
