"""The recipe of the face-picture network: published layers kept, the uppermost taught.

Samples are drawn once, by some camera each, and carried through the layers that stay, so that an
epoch costs seconds. The taught layers are held to where they began, and what is kept lies on the
way between both: a published network has seen millions of presentations and a collection here has
hundreds of people, so it is corrected rather than taught away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kiosk.inference.liveness.network import PictureNet


@dataclass(frozen=True)
class PadRecipeConfig:
    """What can be chosen; rates are of AdamW, warmed up and let fall along a cosine."""

    samples: int = 6144
    part: int = 512
    """Samples drawn at a time; a run that is stopped goes on after the last part."""
    simulated: float = 0.35
    """Share of simulated attacks among attacks."""
    depth: int = 12
    """Units that stay as published; those above are taught."""
    kept_out: float = 0.15
    """Of the people, for stopping."""
    batch: int = 64
    rate: float = 3e-4
    warm_up: int = 30
    hold: float = 1e-3
    """Weight of the squared distance from where the layers began."""
    keep: float = 0.2
    """Weight of how far odds that were right have gone from those the published network gave, so
    that what it knows of attacks that no collection here has is not unlearnt."""
    smoothing: float = 0.02
    """Of labels: nothing is certain."""
    share: float = 0.5
    """Of the taught layers in what is kept, the rest being the published ones: between both, a
    network keeps what it knew and has learnt what is new (Wortsman et al., "Robust fine-tuning of
    zero-shot models", CVPR 2022)."""


def lower_features(net: PictureNet, crops: Tensor, depth: int) -> Tensor:
    """What the layers that stay make of crops."""
    with torch.inference_mode():
        return net.lower(crops, depth)


def odds_from(net: PictureNet, features: Tensor, depth: int) -> NDArray[np.float64]:
    """Log odds (n,) from what the lower layers made of faces."""
    with torch.inference_mode():
        parts = [net.upper(part.float(), depth) for part in torch.split(features, 64)]
    return torch.cat(parts).double().numpy()
