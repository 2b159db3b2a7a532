"""Mel bands equal their definition, computed another way."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kiosk.inference.voice.features.mel import BANDS, Ge2eMel, MelPower, decibels


def _fbank_by_hand(sound: np.ndarray) -> np.ndarray:
    """The definition, frame by frame: emphasis, 25 ms without a taper, 512 points, triangles."""
    emphasised = np.append(sound[0], sound[1:] - 0.97 * sound[:-1])
    frames = 1 + max(0, int(np.ceil((len(sound) - 400) / 160)))
    padded = np.append(emphasised, np.zeros(frames * 160 + 400))
    mels = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), BANDS + 2)
    corner = np.floor(513 * 700 * (10 ** (mels / 2595) - 1) / 16000).astype(int)
    rows = []
    for number in range(frames):
        power = np.abs(np.fft.rfft(padded[number * 160 :][:400], 512)) ** 2 / 512
        row = np.zeros(BANDS)
        for band in range(BANDS):
            low, peak, high = corner[band : band + 3]
            for point in range(low, peak):
                row[band] += power[point] * (point - low) / (peak - low)
            for point in range(peak, high):
                row[band] += power[point] * (high - point) / (high - peak)
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("samples", [300, 400, 401, 4000])
def test_mel_power_is_the_textbook_filter_bank(samples: int, rng: np.random.Generator) -> None:
    sound = rng.standard_normal(samples) * 0.1
    found = MelPower()(torch.from_numpy(sound.astype(np.float32))).numpy()
    np.testing.assert_allclose(found, _fbank_by_hand(sound), rtol=2e-3, atol=1e-7)


def test_mel_power_takes_batches(rng: np.random.Generator) -> None:
    sounds = torch.from_numpy(rng.standard_normal((2, 1600)).astype(np.float32))
    both = MelPower()(sounds)
    torch.testing.assert_close(both[1], MelPower()(sounds[1]))


def test_ge2e_mel_raises_quiet_sound_to_the_level_it_was_trained_on() -> None:
    tone = 1e-3 * torch.sin(torch.arange(16000) * 0.3)
    quiet, quieter = Ge2eMel()(tone), Ge2eMel()(tone / 10)
    torch.testing.assert_close(quiet, quieter, rtol=1e-3, atol=1e-9)
    assert quiet.shape == (101, BANDS)


def test_decibels_have_a_floor() -> None:
    assert decibels(torch.tensor([1.0, 0.0]), 1e-5).tolist() == [0.0, -50.0]
