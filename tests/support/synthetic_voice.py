"""Voices of nobody: pulses through resonances, in syllables, different for every speaker number."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from kiosk.core.media import Waveform

_VOWELS = np.array([[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480]])


def syllables(speaker: int, seconds: float, seed: int = 0, rate: int = 16_000) -> Waveform:
    """Vowels of 0.25 s with short gaps, pitch and tract length chosen by `speaker`."""
    rng = np.random.default_rng([speaker, seed])
    person = np.random.default_rng([speaker, 99])
    pitch, tract = person.uniform(90, 230), person.uniform(0.85, 1.2)
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < seconds * rate:
        formants = _VOWELS[rng.integers(len(_VOWELS))] * tract * rng.uniform(0.95, 1.05)
        parts += [_vowel(pitch * rng.uniform(0.9, 1.1), formants, rate, rng)]
        parts += [np.zeros(int(0.04 * rate))]
    sound = np.concatenate(parts)[: int(seconds * rate)]
    sound += 1e-4 * rng.standard_normal(len(sound))
    return np.asarray(0.3 * sound / np.abs(sound).max(), dtype=np.float32)


def _vowel(pitch: float, formants: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    count = int(0.25 * rate)
    phase = np.cumsum(pitch * (1 + 0.04 * np.sin(np.linspace(0, 6, count)))) / rate
    pulses = (np.diff(np.floor(phase), prepend=0.0) > 0).astype(float)
    sound = lfilter([1], [1, -0.95], pulses + 0.01 * rng.standard_normal(count))
    for formant in formants:
        radius = np.exp(-np.pi * (60 + 0.05 * formant) / rate)
        angle = 2 * np.pi * formant / rate
        sound = lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], sound)
    edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.03 * rate))
    return np.asarray(sound / np.abs(sound).max() * edge)
