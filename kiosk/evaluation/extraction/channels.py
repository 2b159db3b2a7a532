"""Ways through which a voice may have come before it was enrolled, for measuring what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kiosk.core.media import SPEECH_RATE, Waveform

_BAND = (300.0, 3400.0)
_MU = 255.0
_LEVELS = 127


@dataclass(frozen=True)
class SoundChannel:
    """A name for the cache and tables, and what becomes of speech (samples,) at 16 kHz."""

    name: str
    through: Callable[[Waveform], Waveform]


def telephone(speech: Waveform) -> Waveform:
    """The band of a telephone, 300 to 3,400 Hz, and the eight bits of its codec (ITU-T G.711,
    mu-law): what is left of it when it is played at 16 kHz again."""
    spectrum = np.fft.rfft(speech)
    hertz = np.fft.rfftfreq(len(speech), 1 / SPEECH_RATE)
    spectrum[(hertz < _BAND[0]) | (hertz > _BAND[1])] = 0
    narrow = np.fft.irfft(spectrum, len(speech))
    peak = float(np.abs(narrow).max()) or 1.0
    pressed = np.sign(narrow) * np.log1p(_MU * np.abs(narrow) / peak) / np.log1p(_MU)
    coded = np.round(pressed * _LEVELS) / _LEVELS
    heard = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(_MU)) / _MU * peak
    return np.asarray(heard, dtype=np.float32)


TELEPHONE = SoundChannel("telephone", telephone)
