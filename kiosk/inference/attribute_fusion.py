"""The file that holds how the channels of attribute estimates count."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from kiosk.core.attribute_fusion import MEASURED, ChannelWeights, Fusion
from kiosk.core.errors import ModelError
from kiosk.core.settings import Settings
from kiosk.inference.manifest import find_entry, load_manifest, locate

NAME = "attribute-fusion"
FORMAT = "kiosk-attribute-fusion-1"
_REMEDY = "Make it with `kiosk train attribute-fusion` or restore the project's own copy."
_NUMBERS = ("emotion", "gender", "gender_bias", "age_scale", "full_quality")
_THRESHOLDS = ("emotion_sure", "gender_sure", "age_widest")


def save_fusion(fusion: Fusion) -> bytes:
    """The file's bytes: a row for each of face, voice, text; thresholds as metadata."""
    rows = [fusion.channels[channel] for channel in MEASURED]
    tensors = {
        name: np.array([getattr(row, name) for row in rows], dtype=np.float64)
        for name in (*_NUMBERS, "emotion_bias")
    }
    tensors["emotion_prior"] = np.array(fusion.emotion_prior, dtype=np.float64)
    thresholds = {name: getattr(fusion, name) for name in _THRESHOLDS}
    return bytes(save(tensors, {"format": FORMAT, "thresholds": json.dumps(thresholds)}))


def read_fusion(path: Path) -> Fusion:
    """The coefficients in `path`. Raises ModelError if it is missing, damaged or another file."""
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist.", _REMEDY)
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            names = (*_NUMBERS, "emotion_bias", "emotion_prior")
            tensors = {name: file.get_tensor(name) for name in names}
        if metadata.get("format") != FORMAT:
            raise ModelError(f"{path.name} is no fusion of attributes.", _REMEDY)
        thresholds = {k: float(v) for k, v in json.loads(metadata["thresholds"]).items()}
        rows = {channel: _row(tensors, n) for n, channel in enumerate(MEASURED)}
        prior = tuple(float(value) for value in tensors["emotion_prior"])
        return Fusion(rows, prior, **thresholds)
    except (SafetensorError, KeyError, IndexError, TypeError, ValueError, OSError) as problem:
        raise ModelError(f"{path.name} does not hold a fusion of attributes.", _REMEDY) from problem


def _row(tensors: dict[str, np.ndarray], n: int) -> ChannelWeights:
    numbers = {name: float(tensors[name][n]) for name in _NUMBERS}
    return ChannelWeights(
        emotion_bias=tuple(float(value) for value in tensors["emotion_bias"][n]), **numbers
    )


def load_fusion(settings: Settings) -> Fusion:
    """The shipped coefficients; before they have been fitted, every channel as it is."""
    if NAME not in load_manifest():
        return Fusion()
    return read_fusion(locate(find_entry(NAME), settings))
