"""Sound of any rate to 16 kHz: no seams, no shift, no tones that were not there."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Waveform
from kiosk.inference.voice.features.resampling import StreamResampler, at_speech_rate

RATES = (8_000, 11_025, 16_000, 22_050, 44_100, 47_999, 48_000, 96_000, 192_000)


def _tone(hertz: float, rate: int, seconds: float = 1.0) -> Waveform:
    times = np.arange(round(rate * seconds)) / rate
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * times), dtype=np.float32)


def test_resampling_in_pieces_equals_resampling_at_once() -> None:
    different = []
    for rate in RATES:
        tone, stream = _tone(300, rate), StreamResampler(rate)
        pieces = [stream.hear(part) for part in np.array_split(tone, 23)]
        joined = np.concatenate([*pieces, stream.rest()])
        whole = at_speech_rate(AudioChunk(tone, rate, 0.0))
        if len(joined) != len(whole) or not np.allclose(joined, whole, atol=1e-6):
            different.append(rate)
    assert different == []


def test_a_tone_stays_where_it_is_and_as_long_as_it_is() -> None:
    wrong = []
    for rate in RATES:
        found = at_speech_rate(AudioChunk(_tone(440, rate), rate, 0.0))
        away = np.abs(found - _tone(440, 16_000, len(found) / 16_000))[200:-200].max()
        if abs(len(found) - 16_000) > 16 or away > 2e-3:
            wrong.append((rate, len(found), float(away)))
    assert wrong == []


def test_what_16_khz_cannot_hold_is_gone() -> None:
    heard = at_speech_rate(AudioChunk(_tone(12_000, 48_000), 48_000, 0.0))
    assert np.abs(heard[200:-200]).max() < 1e-3


def test_a_stream_lags_at_most_three_milliseconds_and_takes_pieces_of_any_length() -> None:
    late = {}
    for rate in RATES:
        stream = StreamResampler(rate)
        heard = sum(len(stream.hear(part)) for part in np.array_split(_tone(300, rate), 400))
        assert len(stream.hear(np.zeros(0, np.float32))) == 0
        if 16_000 - heard > 48:
            late[rate] = 16_000 - heard
    assert late == {}


def test_rates_of_no_device_are_refused() -> None:
    for rate in (0, -1, 100, 1_000_000):
        with pytest.raises(InputError, match=f"{rate} Hz"):
            StreamResampler(rate)
