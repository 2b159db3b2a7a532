"""Sound of any rate to 16 kHz, by FFmpeg's resampler: in pieces without seams, or all at once."""

from __future__ import annotations

import numpy as np
from av import AudioFrame, AudioResampler

from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE, AudioChunk, Waveform

LOWEST_RATE, HIGHEST_RATE = 2_000, 768_000
"""Hertz; no sound device has others."""


class StreamResampler:
    """Pieces of one rate to 16 kHz without seams; output lags up to three milliseconds behind.

    Raises InputError for a rate that no sound device has.
    """

    def __init__(self, rate: int) -> None:
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise InputError(f"Sound at {rate} Hz cannot be used.", "Give sound of 8 to 192 kHz.")
        self.rate = rate
        self._resampler = (
            None if rate == SPEECH_RATE else AudioResampler("flt", "mono", SPEECH_RATE)
        )

    def hear(self, samples: Waveform) -> Waveform:
        """The 16 kHz sound that is complete after these ``samples``."""
        if self._resampler is None:
            return samples
        if not len(samples):
            return np.zeros(0, np.float32)
        mono = np.ascontiguousarray(samples, dtype=np.float32)[None]
        frame = AudioFrame.from_ndarray(mono, format="flt", layout="mono")
        frame.sample_rate = self.rate
        return self._taken(frame)

    def rest(self) -> Waveform:
        """What is still to come after the last piece; nothing may be heard afterwards."""
        if self._resampler is None:
            return np.zeros(0, np.float32)
        return self._taken(None)

    def _taken(self, frame: AudioFrame | None) -> Waveform:
        assert self._resampler is not None
        parts = [made.to_ndarray()[0] for made in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def at_speech_rate(sound: AudioChunk) -> Waveform:
    """All of a recording at 16 kHz. Raises InputError for a rate that no sound device has."""
    stream = StreamResampler(sound.rate)
    return np.concatenate((stream.hear(sound.samples), stream.rest()))
