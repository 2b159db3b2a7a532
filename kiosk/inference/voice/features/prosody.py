"""How something is said: pitch, loudness and colour of an utterance as a row of statistics.

Pitch is the peak of the autocorrelation, divided by that of the window, as Boersma proposed
("Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17, 1993), without his
search for the best path. Levels are relative to the utterance's loud frames, so the microphone's
gain does not matter.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SAMPLE_RATE = 16_000
HOP = 320
WINDOW = 640
_FFT = 1024
_FLOOR_DB = -60.0
_LOWEST, _HIGHEST = 65.0, 500.0
VOICED = 0.45
"""Least height of the peak in a voiced frame."""
_QUANTILES = (0.1, 0.5, 0.9)
_BANDS = ((0, 250), (250, 650), (650, 1000), (1000, 2000), (2000, 4000), (4000, 8000))
TRACKS = 4 + len(_BANDS)
STATISTICS = 6 * TRACKS + 9 + 6


class Prosody(nn.Module):
    """Sound (samples,) at 16 kHz, at least half a second, to (STATISTICS,) numbers of moderate
    size."""

    window: Tensor
    window_peak: Tensor
    filters: Tensor
    hertz: Tensor

    def __init__(self) -> None:
        super().__init__()
        window = torch.hann_window(WINDOW)
        self.register_buffer("window", window, persistent=False)
        own = _autocorrelation(window)
        self.register_buffer("window_peak", (own / own[0]).clamp_min(1e-3), persistent=False)
        hertz = torch.linspace(0, SAMPLE_RATE / 2, _FFT // 2 + 1)
        bands = [((hertz >= low) & (hertz < high)).float() for low, high in _BANDS]
        self.register_buffer("hertz", hertz, persistent=False)
        self.register_buffer("filters", torch.stack(bands, 1), persistent=False)

    def forward(self, sound: Tensor) -> Tensor:
        """Statistics of the frames that are loud enough to be speech."""
        frames = sound.unfold(-1, WINDOW, HOP)
        frames = (frames - frames.mean(-1, keepdim=True)) * self.window
        spectrum = torch.fft.rfft(frames, _FFT).abs().square() / WINDOW
        pitch, height = self._pitch(spectrum)
        tracks, loud = self._tracks(spectrum, height)
        voiced = (height > VOICED) & loud
        return torch.cat(
            (_summary(tracks[loud]), _pitch_summary(pitch[voiced]), _rhythm(voiced, loud, tracks))
        )

    def _pitch(self, spectrum: Tensor) -> tuple[Tensor, Tensor]:
        """Octaves above 100 Hz and height of the peak, 0..1, of each frame."""
        longest = int(SAMPLE_RATE / _LOWEST)
        shortest = int(SAMPLE_RATE / _HIGHEST)
        curve: Tensor = torch.fft.irfft(spectrum, _FFT)[:, : longest + 1]
        curve = curve / curve[:, :1].clamp_min(1e-10) / self.window_peak[: longest + 1]
        lags = torch.arange(shortest, longest + 1)
        # among equal peaks the shortest lag is the pitch and not a multiple of it
        favour = 0.02 * torch.log2(lags * _LOWEST / SAMPLE_RATE)
        height, place = (curve[:, shortest:] - favour).max(1)
        return torch.log2(SAMPLE_RATE / (lags[place] * 100.0)), height.clamp(0, 1)

    def _tracks(self, spectrum: Tensor, height: Tensor) -> tuple[Tensor, Tensor]:
        """(frames, TRACKS) of level, height of the pitch's peak, centre and change of the spectrum
        and shares of bands; and which frames are loud."""
        power = spectrum.sum(1)
        level = 10 * torch.log10(power.clamp_min(1e-10))
        level = (level - torch.quantile(level, 0.95)).clamp(_FLOOR_DB, 10.0)
        share = spectrum / power[:, None].clamp_min(1e-10)
        centre = (share * self.hertz).sum(1) / 1000.0
        change = (share[1:] - share[:-1]).abs().sum(1)
        change = torch.cat((change[:1], change)) if len(change) else torch.zeros_like(level)
        bands = torch.log10((share @ self.filters).clamp_min(1e-5))
        tracks = torch.stack((level / 10, height, centre, change), 1)
        return torch.cat((tracks, bands), 1), level > -30.0


def _autocorrelation(window: Tensor) -> Tensor:
    curve: Tensor = torch.fft.irfft(torch.fft.rfft(window, _FFT).abs().square(), _FFT)
    return curve


def _summary(tracks: Tensor) -> Tensor:
    """Mean, deviation, three quantiles and mean step of each track; (frames, n) to (6 n,)."""
    quantiles = torch.quantile(tracks, torch.tensor(_QUANTILES), dim=0)
    step = tracks.diff(dim=0).abs().mean(0) if len(tracks) > 1 else torch.zeros_like(tracks[0])
    deviation = tracks.var(0, unbiased=False).sqrt()
    return torch.cat((tracks.mean(0), deviation, *quantiles, step))


def _pitch_summary(pitch: Tensor) -> Tensor:
    """(9,): mean, deviation, quantiles, span, slope, step and big steps of the voiced frames."""
    if len(pitch) < 3:
        return torch.zeros(9)
    low, middle, high = torch.quantile(pitch, torch.tensor(_QUANTILES))
    step = pitch.diff().abs()
    near = step[step < 0.3]
    time = torch.linspace(-1, 1, len(pitch))
    slope = ((pitch - pitch.mean()) * time).mean() / time.square().mean()
    jitter = near.mean() if len(near) else pitch.new_zeros(())
    numbers = (pitch.mean(), pitch.std(), low, middle, high, high - low, slope, 10 * jitter)
    return torch.stack((*numbers, (step >= 0.3).float().mean()))


def _rhythm(voiced: Tensor, loud: Tensor, tracks: Tensor) -> Tensor:
    """(6,): shares of loud and voiced frames, voiced stretches and peaks of level a second, and
    the mean length of a voiced stretch and of a pause in seconds."""
    seconds = len(loud) * HOP / SAMPLE_RATE
    stretches = (voiced[1:] & ~voiced[:-1]).sum() + voiced[0]
    pauses = (~loud[1:] & loud[:-1]).sum()
    level = tracks[:, 0]
    peaks = ((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]) & loud[1:-1]).sum()
    frame = HOP / SAMPLE_RATE
    return torch.stack(
        (
            loud.float().mean(),
            voiced.float().mean(),
            stretches / seconds,
            peaks / seconds / 10,
            voiced.sum() * frame / stretches.clamp_min(1),
            (~loud).sum() * frame / pauses.clamp_min(1),
        )
    )
