"""Speech features: the mel front ends of the voice embedders.

Two front ends, both built on the torchaudio short-time Fourier transform:

* :class:`MelPower`: 40 triangular bands on pre-emphasised 25 ms frames without a taper. It computes
  what ``fbank(audio, nfilt=40, winlen=0.025)`` of python_speech_features computes, so that feature
  pickles written with that library can be trained on beside sound.
* :class:`Ge2eMel`: 40 Slaney bands of Hann-windowed frames, the input GE2E was trained on.
"""

from __future__ import annotations

import numpy as np
import torch
import torchaudio
from torch import Tensor, nn

SAMPLE_RATE = 16_000
BANDS = 40
HOP = 160
WINDOW = 400
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
POWER_FLOOR = 1e-10
_FFT = 512


def _mel(hertz: np.ndarray | float) -> np.ndarray:
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0))


def _hertz(mel: np.ndarray) -> np.ndarray:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))


def triangular_filters(bands: int = BANDS, fft: int = _FFT, rate: int = SAMPLE_RATE) -> Tensor:
    """Triangles with corners on whole FFT bins, peak 1, evenly spaced in mel from 0 to rate / 2.

    Returns a (fft // 2 + 1, bands) matrix.
    """
    corners = _hertz(np.linspace(0.0, float(_mel(rate / 2)), bands + 2))
    bins = np.floor((fft + 1) * corners / rate)
    index = np.arange(fft // 2 + 1)[:, None]
    low, peak, high = bins[:-2], bins[1:-1], bins[2:]
    rising = (index - low) / (peak - low)
    falling = (high - index) / (high - peak)
    filters = np.where(index < peak, rising, falling)
    filters[(index < low) | (index >= high)] = 0.0
    return torch.from_numpy(filters.astype(np.float32))


class MelPower(nn.Module):
    """Sound to mel power: (samples,) or (batch, samples) at 16 kHz to (..., frames, 40).

    Frames start every 10 ms and last 25 ms; the last one is filled up with silence, so that there
    are ``1 + ceil((samples - 400) / 160)`` of them and at least one.
    """

    filters: Tensor
    window: Tensor

    def __init__(self, emphasis: float = 0.97) -> None:
        super().__init__()
        self.emphasis = emphasis
        self.register_buffer("filters", triangular_filters(), persistent=False)
        self.register_buffer("window", torch.ones(WINDOW), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Power per frame and band; full scale is 1."""
        rest = samples[..., 1:] - self.emphasis * samples[..., :-1]
        emphasised = torch.cat((samples[..., :1], rest), dim=-1)
        frames = 1 + max(0, -(-(samples.shape[-1] - WINDOW) // HOP))
        fill = (frames - 1) * HOP + WINDOW - samples.shape[-1]
        margin = (_FFT - WINDOW) // 2  # the transform centres the window in its 512 points
        padded = nn.functional.pad(emphasised, (margin, fill + margin))
        spectrum = torchaudio.functional.spectrogram(
            padded, 0, self.window, _FFT, HOP, WINDOW, power=2.0, normalized=False, center=False
        )
        power: Tensor = spectrum.transpose(-1, -2) @ self.filters / _FFT
        return power


def decibels(power: Tensor, floor: float = POWER_FLOOR) -> Tensor:
    """Power to decibels, clipped below at ``floor``."""
    return 10.0 * torch.log10(power.clamp_min(floor))


class Ge2eMel(nn.Module):
    """Sound to the mel power GE2E hears: (..., samples) at 16 kHz to (..., frames, 40).

    Slaney bands of 25 ms Hann-windowed frames after bringing quiet sound up to -30 dB full scale
    (Wan et al. 2018, arXiv:1710.10467, as trained by Resemblyzer).
    """

    def __init__(self, level_db: float = -30.0) -> None:
        super().__init__()
        self.level_db = level_db
        self.mel = torchaudio.transforms.MelSpectrogram(
            SAMPLE_RATE,
            n_fft=WINDOW,
            hop_length=HOP,
            n_mels=BANDS,
            power=2.0,
            norm="slaney",
            mel_scale="slaney",
            pad_mode="constant",
        )

    def forward(self, samples: Tensor) -> Tensor:
        """Power per 10 ms frame and band, after raising the level."""
        level = samples.pow(2).mean(dim=-1, keepdim=True).sqrt()
        gain = (10.0 ** (self.level_db / 20.0) / level.clamp_min(1e-6)).clamp_min(1.0)
        mel: Tensor = self.mel(samples * gain)
        return mel.transpose(-1, -2)
