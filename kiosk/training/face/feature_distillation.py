"""A light trunk's first lesson: to see what a finished network sees, place by place.

Embeddings alone teach an untrained trunk very slowly: each of some hundred directions explains one
per cent of them, while a picture's own variance is mostly light. The maps inside a finished network
are many times as many targets, each of a part of the picture, and are learnt within minutes; the
embeddings are learnt from there. After A. Romero et al., "FitNets: Hints for Thin Deep Nets" (ICLR
2015). What translates between the two networks' channels is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kiosk.inference.face.networks.dlib_resnet import ResidualTrunk
from kiosk.inference.face.networks.own import FaceNet
from kiosk.inference.face.networks.separable import CHANNELS, SeparableTrunk
from kiosk.training.face.augment import plain_view
from kiosk.training.face.data import FaceSet
from kiosk.training.loop import autocast
from kiosk.training.schedule import set_rates

_LOWER_BLOCKS = 10
"""The guide's map above so many blocks has an eighth of a light trunk's smallest pictures."""
_BATCH = 64
_WARM_UP = 100


@dataclass(frozen=True)
class HintConfig:
    """How long and on how much; `steps` 0 leaves the lesson out."""

    steps: int = 0
    faces: int = 12000
    batch: int = 48
    rate: float = 2e-3


def learn_hints(
    net: FaceNet,
    guide: FaceNet,
    faces: FaceSet,
    config: HintConfig,
    seed: int,
    progress: Callable[[int, int], None],
) -> float:
    """Teach the trunk of `net` the maps that `guide` makes of evenly chosen `faces`.

    Returns the share of the maps' variance that is left unexplained at the end.
    """
    rows = np.linspace(0, len(faces) - 1, min(len(faces), config.faces)).astype(np.int64)
    maps = _guide_maps(guide, faces, rows, lambda n: progress(n, len(rows) + config.steps))
    trunk = net.trunk
    assert isinstance(trunk, SeparableTrunk)
    translators = _translators(trunk, maps)
    learnt = [*trunk.parameters(), *translators.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": learnt, "peak": config.rate}], lr=config.rate, betas=(0.9, 0.98)
    )
    rng = np.random.default_rng([seed, 11])
    net.train()
    left = 1.0
    for step in range(config.steps):
        some = rng.integers(0, len(rows), config.batch)
        views = np.stack([plain_view(faces.crop(int(rows[n])), net.size) for n in some])
        set_rates(optimizer, step, config.steps, _WARM_UP)
        optimizer.zero_grad(set_to_none=True)
        loss = _unexplained(net, torch.from_numpy(views), [m[some] for m in maps], translators)
        torch.autograd.backward(loss)
        optimizer.step()
        left += max(0.02, 1 / (step + 1)) * (float(loss.detach()) - left)
        progress(len(rows) + step + 1, len(rows) + config.steps)
    return left


def _guide_maps(
    guide: FaceNet, faces: FaceSet, rows: NDArray[np.int64], progress: Callable[[int], None]
) -> list[Tensor]:
    """Two maps of each face (rows, channels, side, side) bfloat16, every channel standardised."""
    found: list[list[Tensor]] = [[], []]
    trunk = guide.eval().trunk
    assert isinstance(trunk, ResidualTrunk)
    with torch.inference_mode(), autocast(torch.device("cpu")):
        for some in np.array_split(rows, max(1, len(rows) // _BATCH)):
            views = [plain_view(faces.crop(int(row)), guide.size) for row in some]
            below = trunk.below(guide.scaled(torch.from_numpy(np.stack(views))), _LOWER_BLOCKS)
            # the last row and column of the topmost map hold pooled values only
            above = trunk.above(below, _LOWER_BLOCKS)[:, :, :-1, :-1]
            for kept, part in zip(found, (below, above), strict=True):
                kept.append(part.bfloat16())
            progress(sum(map(len, found[0])))
    return [_standardised(torch.cat(each)) for each in found]


def _standardised(maps: Tensor) -> Tensor:
    some = maps[:: max(1, len(maps) // 2000)].float()
    mean, spread = some.mean((0, 2, 3), keepdim=True), some.std((0, 2, 3), keepdim=True)
    return ((maps - mean) / (spread + 1e-3)).bfloat16()


def _translators(trunk: SeparableTrunk, maps: list[Tensor]) -> nn.ModuleList:
    inputs = (trunk.middle_channels, CHANNELS)
    pairs = zip(inputs, maps, strict=True)
    return nn.ModuleList([nn.Conv2d(count, part.shape[1], 1) for count, part in pairs])


def _unexplained(
    net: FaceNet, views: Tensor, wanted: list[Tensor], translators: nn.ModuleList
) -> Tensor:
    """Mean squared error of both maps; where sizes differ the corner on the top left is compared,
    as the guide's unpadded convolutions stop short of the other edges."""
    assert isinstance(net.trunk, SeparableTrunk)
    with autocast(torch.device("cpu")):
        made = [t(m) for t, m in zip(translators, net.trunk.levels(net.scaled(views)), strict=True)]
    pairs = zip(made, wanted, strict=True)
    return torch.stack([_error(one.float(), two.float()) for one, two in pairs]).mean()


def _error(made: Tensor, wanted: Tensor) -> Tensor:
    side = min(made.shape[2], wanted.shape[2])
    return (made[:, :, :side, :side] - wanted[:, :, :side, :side]).square().mean()
