"""The file that holds how the channels of attribute estimates count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from kiosk.core.attribute_fusion import MEASURED, ChannelWeights, Fusion
from kiosk.core.errors import ModelError
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import REMEDY, load_checkpoint, save_checkpoint
from kiosk.inference.manifest import find_entry, load_manifest, locate

NAME = "attribute-fusion"
NETWORK = "kiosk-attribute-fusion"
_NUMBERS = ("emotion", "gender", "gender_bias", "age_scale", "full_quality")


@dataclass(frozen=True)
class FusionThresholds:
    """From which fused probabilities on an answer is sure, and up to which width an age is."""

    emotion_sure: float
    gender_sure: float
    age_widest: float


def save_fusion(fusion: Fusion) -> bytes:
    """The file's bytes: a row for each of face, voice, text; thresholds as the config."""
    rows = [fusion.channels[channel] for channel in MEASURED]
    tensors = {
        name: torch.tensor([getattr(row, name) for row in rows], dtype=torch.float64)
        for name in (*_NUMBERS, "emotion_bias")
    }
    tensors["emotion_prior"] = torch.tensor(fusion.emotion_prior, dtype=torch.float64)
    thresholds = FusionThresholds(fusion.emotion_sure, fusion.gender_sure, fusion.age_widest)
    return save_checkpoint(tensors, network=NETWORK, config=thresholds)


def read_fusion(path: Path) -> Fusion:
    """The coefficients in `path`. Raises ModelError if it is missing, damaged or another file."""
    file = load_checkpoint(path, network=NETWORK, config_class=FusionThresholds)
    try:
        rows = {channel: _row(file.tensors, n) for n, channel in enumerate(MEASURED)}
        prior = tuple(file.tensors["emotion_prior"].tolist())
        return Fusion(rows, prior, **asdict(file.config))
    except (LookupError, TypeError, ValueError) as problem:
        raise ModelError(f"{path.name} does not hold a fusion of attributes.", REMEDY) from problem


def _row(tensors: Mapping[str, Tensor], n: int) -> ChannelWeights:
    numbers = {name: float(tensors[name][n]) for name in _NUMBERS}
    return ChannelWeights(emotion_bias=tuple(tensors["emotion_bias"][n].tolist()), **numbers)


def load_fusion(settings: Settings) -> Fusion:
    """The shipped coefficients; before they have been fitted, every channel as it is."""
    if NAME not in load_manifest():
        return Fusion()
    return read_fusion(locate(find_entry(NAME), settings))
