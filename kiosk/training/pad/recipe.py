"""The recipe of the face-picture network: published layers kept, the uppermost taught.

Samples are drawn once, by some camera each, and carried through the layers that stay; what these
make of them is kept in memory, so that an epoch costs seconds. The taught layers are held to where
they began: a published network has seen millions of presentations and a collection here has
hundreds of people, so it is corrected rather than taught away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kiosk.inference.liveness.network import PictureNet
from kiosk.inference.liveness.picture import batch_of, surroundings
from kiosk.training.pad.samples import KnownFace, Sampler

Tell = Callable[[str], None]


@dataclass(frozen=True)
class PadRecipeConfig:
    """What can be chosen; rates are of AdamW, warmed up and let fall along a cosine."""

    samples: int = 4736
    simulated: float = 0.44
    """Share of simulated attacks among attacks."""
    steps: int = 250
    batch: int = 64
    rate: float = 1.2e-3
    hold: float = 1e-3
    """Weight of the squared distance from where the layers began."""
    smoothing: float = 0.02
    """Of labels: nothing is certain."""
    share: float = 0.5
    """Of the taught layers in what is kept, the rest being the published ones: between both, a
    network keeps what it knew and has learnt what is new (Wortsman et al., "Robust fine-tuning of
    zero-shot models", CVPR 2022)."""
    seed: int = 1


@dataclass(frozen=True, eq=False)
class LowerFeatures:
    """What the layers that stay make of samples, (n, 128, 5, 5) float16, and labels (n,)."""

    features: Tensor
    living: Tensor


def draw_features(
    net: PictureNet, faces: Sequence[KnownFace], config: PadRecipeConfig, tell: Tell
) -> LowerFeatures:
    """Draw `config.samples` samples and carry them through the layers that stay."""
    sampler = Sampler(faces, config.simulated, config.seed)
    features: list[Tensor] = []
    living: list[Tensor] = []
    while len(living) * config.batch < config.samples:
        drawn = [sampler.draw() for _ in range(config.batch)]
        with torch.inference_mode():
            made = net.lower(batch_of([sample.crop for sample in drawn]))
        features.append(made.half())
        living.append(torch.tensor([sample.living for sample in drawn]))
        if len(living) % 20 == 0:
            tell(f"{len(living) * config.batch} of {config.samples} samples drawn")
    return LowerFeatures(torch.cat(features).clone(), torch.cat(living))


def teach(net: PictureNet, known: LowerFeatures, config: PadRecipeConfig, tell: Tell) -> None:
    """Teach the upper layers of `net` in place."""
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    taught = [parameter for layer in net.taught() for parameter in layer.parameters()]
    for parameter in taught:
        parameter.requires_grad_(True)
    began = [parameter.detach().clone() for parameter in taught]
    optimiser = torch.optim.AdamW(taught, lr=config.rate, weight_decay=0.0)
    order = torch.Generator().manual_seed(config.seed)
    for step in range(config.steps):
        for group in optimiser.param_groups:
            group["lr"] = config.rate * _course(step, config.steps)
        places = torch.randint(len(known.living), (config.batch,), generator=order)
        odds = net.upper(known.features[places].float())
        aim = known.living[places] * (1 - 2 * config.smoothing) + config.smoothing
        loss = functional.binary_cross_entropy_with_logits(odds, aim)
        away = [((one - two) ** 2).sum() for one, two in zip(taught, began, strict=True)]
        total = loss + config.hold * torch.stack(away).sum()
        optimiser.zero_grad()
        torch.autograd.backward(total)
        optimiser.step()
        if (step + 1) % 50 == 0:
            tell(f"step {step + 1} of {config.steps}: loss {loss.item():.3f}")
    with torch.no_grad():
        for parameter, start in zip(taught, began, strict=True):
            parameter.lerp_(start, 1 - config.share)
    net.eval()


def _course(step: int, steps: int) -> float:
    """Share of the full rate at a step."""
    warm = min(1.0, (step + 1) / 15)
    return warm * float(0.5 * (1 + np.cos(np.pi * step / steps)) + 0.02)


def odds_of(net: PictureNet, faces: Sequence[KnownFace]) -> list[float]:
    """Log odds of each face as it is."""
    found: list[float] = []
    for begin in range(0, len(faces), 64):
        part = faces[begin : begin + 64]
        with torch.inference_mode():
            odds: list[float] = net(
                batch_of([surroundings(face.image, face.box) for face in part])
            ).tolist()
        found += odds
    return found
