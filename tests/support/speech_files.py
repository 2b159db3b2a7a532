"""Recordings and feature files a test writes to disk."""

from __future__ import annotations

import pickle
import wave
from pathlib import Path

import numpy as np

from kiosk.inference.voice.features.mel import MelPower, decibels
from tests.support.synthetic_voice import syllables


def write_wave(path: Path, sound: np.ndarray, rate: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as handle:
        handle.setparams((1, 2, rate, 0, "NONE", ""))
        handle.writeframes((sound * 32767).astype("<i2").tobytes())


def write_features(path: Path, speaker: str) -> np.ndarray:
    """A feature pickle as the ancestor wrote it; returns the decibels that should come back."""
    import torch

    quiet = np.concatenate((np.zeros(8_000), 0.05 * syllables(len(speaker), 2.0)))
    power = MelPower()(torch.from_numpy(quiet.astype(np.float32)))
    feature = 20 * np.log10(np.maximum(power.numpy().astype(np.float64), 1e-5))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as handle:
        pickle.dump({"feat": feature - feature.mean(0), "label": speaker}, handle)
    return decibels(power, 1e-5).numpy()
