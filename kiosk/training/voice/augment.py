"""Other rooms, microphones, noises and voices, made in the domain of mel power.

Everything acts on bands, so that sound and ready-made feature files are treated alike. Shapes are
(batch, frames, 40); frames are 10 ms apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kiosk.inference.voice.features.mel import BANDS
from kiosk.inference.voice.networks.own import normalised_power

TEMPI = (1.0, 0.9, 1.1)
"""Speeds at which a speaker is heard; each but the first counts as a speaker of its own."""


@dataclass(frozen=True)
class AugmentConfig:
    """How often and how much; decibels unless said otherwise."""

    echo_share: float = 0.5
    echo_frames: int = 40
    microphone: float = 6.0
    noisy_share: float = 0.5
    """Noise 5 to 30 dB below the speech; otherwise 25 to 55."""
    babble_share: float = 0.3
    narrow_share: float = 0.35
    """Cut off above some band, as a telephone does."""
    floor: tuple[float, float] = (-55.0, -25.0)
    mask_share: float = 0.6
    mask_bands: int = 6
    mask_frames: int = 20


def _to_mel(hertz: NDArray[np.float64], slaney: bool) -> NDArray[np.float64]:
    if not slaney:
        return np.asarray(2595.0 * np.log10(1.0 + hertz / 700.0))
    high = 15.0 + np.log(np.maximum(hertz, 1.0) / 1000.0) / np.log(6.4) * 27.0
    return np.where(hertz < 1000.0, hertz * 3.0 / 200.0, high)


def _to_hertz(mel: NDArray[np.float64], slaney: bool) -> NDArray[np.float64]:
    if not slaney:
        return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    high = 1000.0 * np.exp((mel - 15.0) / 27.0 * np.log(6.4))
    return np.where(mel < 15.0, mel * 200.0 / 3.0, high)


@lru_cache
def band_warp(tempo: float, *, slaney: bool) -> NDArray[np.float32]:
    """(40, 40) matrix that moves decibel bands as playing sound ``tempo`` times as fast does."""
    top = float(_to_mel(np.array(8000.0), slaney))
    centres = _to_hertz(np.arange(1, BANDS + 1) * top / (BANDS + 1), slaney)
    wanted = np.minimum(centres / tempo, 7990.0)
    place = np.clip(_to_mel(wanted, slaney) / top * (BANDS + 1) - 1, 0, BANDS - 1)
    low = np.floor(place).astype(int).clip(0, BANDS - 2)
    share = place - low
    matrix = np.zeros((BANDS, BANDS), np.float32)
    matrix[low, np.arange(BANDS)] += 1 - share
    matrix[low + 1, np.arange(BANDS)] += share
    return matrix


def at_tempo(
    decibels: NDArray[np.float32], tempo: float, frames: int, *, slaney: bool
) -> NDArray[np.float32]:
    """Play (n, 40) ``tempo`` times as fast, interpolated to ``frames``."""
    if tempo == 1.0:
        return decibels[:frames]
    warped = decibels @ band_warp(tempo, slaney=slaney)
    place = np.linspace(0, len(warped) - 1, frames)
    low = np.floor(place).astype(int).clip(0, max(0, len(warped) - 2))
    high = np.minimum(low + 1, len(warped) - 1)
    share = (place - low)[:, None]
    return np.asarray(warped[low] * (1 - share) + warped[high] * share, dtype=np.float32)


def disturb(power: Tensor, config: AugmentConfig) -> Tensor:
    """Clean mel power to what a kiosk may hear; draws from torch's global generator."""
    power = echo(normalised_power(power), config)
    power = normalised_power(power * _gain(_curves(len(power), config.microphone)))
    power = power + noise(power, config)
    power = power + babble(power, config)
    power = power * _gain(_band_limits(len(power), config))
    low, high = config.floor
    floor = _gain(low + (high - low) * torch.rand(len(power), 1, 1))
    power = (normalised_power(power) + floor) * _gain(_curves(len(power), 4.0))
    return normalised_power(power)


def _gain(decibels: Tensor) -> Tensor:
    return torch.pow(10.0, decibels / 10.0)


def _curves(batch: int, amount: float) -> Tensor:
    """Smooth random colours (batch, 1, 40) in decibels: a tilt and three slow waves."""
    place = torch.linspace(-1, 1, BANDS)
    curve = amount * (2 * torch.rand(batch, 1) - 1) * place
    for wave in (1, 2, 3):
        height = amount * 0.6 / wave * (2 * torch.rand(batch, 1) - 1)
        shift = 2 * math.pi * torch.rand(batch, 1)
        curve = curve + height * torch.cos(math.pi * wave * (place + 1) / 2 + shift)
    return curve[:, None]


def echo(power: Tensor, config: AugmentConfig) -> Tensor:
    """A room: each frame's power rings on, fading within 3 to 80 ms per factor e, 0 to 12 dB below
    the direct sound in sum."""
    batch, frames, _ = power.shape
    fade = 0.3 + 8.0 * torch.rand(batch, 1)
    tail = torch.exp(-torch.arange(1, config.echo_frames + 1) / fade)
    tail = tail / tail.sum(1, keepdim=True) * _gain(-12.0 * torch.rand(batch, 1))
    tail = tail * (torch.rand(batch, 1) < config.echo_share)
    response = torch.cat((torch.ones(batch, 1), tail), 1)
    length = frames + config.echo_frames
    spectrum = torch.fft.rfft(power, n=length, dim=1)
    spectrum = spectrum * torch.fft.rfft(response, n=length, dim=1)[:, :, None]
    rung: Tensor = torch.fft.irfft(spectrum, n=length, dim=1)[:, :frames].clamp_min(0)
    return rung


def noise(power: Tensor, config: AugmentConfig) -> Tensor:
    """Coloured noise, two fifths of it slowly swelling, at a random distance below the speech."""
    batch, frames, bands = power.shape
    grain = torch.empty(batch, frames, bands).exponential_().clamp_max(6)
    pace = torch.rand(batch, 1) * torch.arange(frames) / 50 + torch.rand(batch, 1)
    swell = 1 + 0.8 * torch.sin(2 * math.pi * pace)
    swell = torch.where(torch.rand(batch, 1) < 0.4, swell, torch.ones(1, 1))
    coloured = normalised_power(grain * swell[:, :, None] * _gain(_curves(batch, 10.0)))
    near = torch.rand(batch, 1, 1) < config.noisy_share
    distance = torch.where(
        near, 5 + 25 * torch.rand(batch, 1, 1), 25 + 30 * torch.rand(batch, 1, 1)
    )
    return coloured * _gain(-distance)


def babble(power: Tensor, config: AugmentConfig) -> Tensor:
    """Three others of the batch talking, 8 to 25 dB below."""
    batch = len(power)
    others = sum((power[torch.randperm(batch)] for _ in range(2)), power[torch.randperm(batch)])
    distance = 8 + 17 * torch.rand(batch, 1, 1)
    heard = torch.rand(batch, 1, 1) < config.babble_share
    return heard * normalised_power(others) * _gain(-distance)


def _band_limits(batch: int, config: AugmentConfig) -> Tensor:
    """Losses (batch, 1, 40) in decibels below a low and above a high band."""
    cut_low = torch.rand(batch, 1) < 0.3
    low = torch.where(cut_low, 6 * torch.rand(batch, 1), torch.zeros(1, 1))
    narrow = torch.rand(batch, 1) < config.narrow_share
    high = torch.where(narrow, 26 + 14 * torch.rand(batch, 1), torch.full((1, 1), BANDS + 1.0))
    band = torch.arange(float(BANDS))
    loss = 8 * ((low - band).clamp_min(0) + (band - high).clamp_min(0))
    return -loss.clamp_max(45)[:, None]


def mask(power: Tensor, config: AugmentConfig) -> Tensor:
    """Hide a stretch of bands and one of frames behind a third of the band's mean (SpecAugment,
    Park et al. 2019, arXiv:1904.08779)."""
    batch, frames, bands = power.shape
    hidden = _stretch(batch, bands, config.mask_bands)[:, None]
    hidden = hidden | _stretch(batch, frames, config.mask_frames)[:, :, None]
    hidden = hidden & (torch.rand(batch, 1, 1) < config.mask_share)
    return torch.where(hidden, power.mean(1, keepdim=True) * 0.3, power)


def _stretch(batch: int, length: int, longest: int) -> Tensor:
    start = torch.randint(0, length, (batch, 1))
    width = torch.randint(0, longest, (batch, 1))
    place = torch.arange(length)[None]
    return (place >= start) & (place < start + width)
