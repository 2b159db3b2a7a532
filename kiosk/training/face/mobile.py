"""Recipe of the network grown from MobileFaceNet: keep what it knows, learn what teachers add.

A published network has seen millions of faces, this recipe thousands. So its lowest blocks stay,
the others move by small steps, its own head goes on giving what it gave, and a second head beside
it learns the embeddings of stronger teachers. Three terms:

- learnt: the cosine between the learnt head and the teachers, on faces as a camera might see them;
- kept: the cosine between the published head and what it gave of the clean face and its mirror
  image before training, so that it comes to bear worn pictures without being taught away;
- matrix: the similarities of both heads joined, within a batch of look-alikes, equal the teachers',
  so that each head makes up for where the other errs.

Relational terms after W. Park et al., "Relational Knowledge Distillation" (CVPR 2019). No labels
are used. The quality head learns to foretell how near an embedding comes to that of the clean
picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.face.networks.mobile import MobileConfig, MobileFaceNet
from kiosk.training.averaging import follow
from kiosk.training.face.augment import AugmentConfig, plain_view, student_view
from kiosk.training.face.batches import neighbours, stacked
from kiosk.training.face.data import ARCFACE, FaceSet
from kiosk.training.loop import RunOptions, autocast
from kiosk.training.schedule import set_rates

_FOREIGN = 0.6
"""Teacher cosines from here on may be one person twice: no look-alikes."""


@dataclass(frozen=True)
class MobileRecipeConfig:
    """Everything that shapes a run, written into its folder."""

    net: MobileConfig = field(default_factory=MobileConfig)
    augment: AugmentConfig = field(
        default_factory=lambda: AugmentConfig(
            clean=0.3,
            degrees=8.0,
            zoom=0.08,
            shift=3.0,
            light=0.5,
            jpeg=0.3,
            occlusion=0.1,
            mask=0.06,
            sunglasses=0.06,
            cap=0.04,
            turn=0.15,
        )
    )
    batch: int = 64
    steps_per_epoch: int = 250
    frozen_blocks: int = 5
    """How many of the lowest blocks, and the stem, stay as they were published."""
    rate: float = 3e-4
    """Of the trunk above and of the published head."""
    head_rate: float = 1e-3
    """Of the learnt head and its own pooling."""
    weight_decay: float = 0.02
    warm_up: int = 60
    averaging: float = 0.997
    """Decay of the running mean of the weights, which is what is kept."""
    held_out: float = 0.03
    look_alikes: int = 8
    """Half of a batch are partners drawn from this many nearest neighbours."""
    kept_weight: float = 0.5
    matrix_weight: float = 10.0


@dataclass(frozen=True)
class MobileBatch:
    """Views (batch, 112, 112, 3) uint8 and, of each, the teachers' embedding (batch, learnt) and
    what the published head gave (batch, 128)."""

    views: Tensor
    targets: Tensor
    kept: Tensor


class MobileBatches:
    """Draws batches; number `n` of epoch `e` is the same in every run with the same seed.

    A source counts with the square root of its size, so that a large one does not drown the others.
    """

    def __init__(
        self, faces: FaceSet, targets: Tensor, kept: Tensor, config: MobileRecipeConfig, seed: int
    ) -> None:
        self._faces, self._targets, self._kept = faces, targets, kept
        self._config, self._seed = config, seed
        self._near = neighbours(targets, config.look_alikes, _FOREIGN)
        sizes = np.bincount(faces.sources)
        chances = 1 / np.sqrt(sizes[faces.sources])
        self._chances = chances / chances.sum()

    def epoch(self, number: int) -> Iterator[MobileBatch]:
        """Batches without end."""
        step = 0
        while True:
            yield self.draw(number, step)
            step += 1

    def draw(self, epoch: int, step: int) -> MobileBatch:
        """Half of the rows are anchors, each followed by one of its look-alikes."""
        rng = np.random.default_rng([self._seed, epoch, step])
        anchors = rng.choice(len(self._targets), self._config.batch // 2, p=self._chances)
        column = rng.integers(0, self._near.shape[1], len(anchors))
        rows = np.stack([anchors, self._near[anchors, column]], 1).reshape(-1)
        size, augment = ARCFACE.template.size, self._config.augment
        crops = [self._faces.crop(int(row)) for row in rows]
        views = [student_view(crop, size, augment, rng, ARCFACE) for crop in crops]
        places = torch.from_numpy(rows)
        return MobileBatch(
            torch.from_numpy(np.stack(views)), self._targets[places], self._kept[places]
        )


class MobileRecipe:
    """The network being trained; see `kiosk.training.loop.Recipe`."""

    def __init__(
        self,
        net: MobileFaceNet,
        batches: MobileBatches,
        held_out: FaceSet,
        held_targets: Tensor,
        config: MobileRecipeConfig,
        options: RunOptions,
        device: torch.device,
    ) -> None:
        self.net: nn.Module = net
        self.config = config
        self._student, self._batches, self._device = net, batches, device
        self._held_out, self._held_targets = held_out, held_targets
        self._total = options.epochs * config.steps_per_epoch
        self._mean = deepcopy(net).eval().requires_grad_(False)
        self.optimizer: torch.optim.Optimizer = _optimizer(net, config)

    def steps(self, epoch: int) -> int:
        """All epochs are of one length."""
        return self.config.steps_per_epoch

    def batches(self, epoch: int) -> Iterator[MobileBatch]:
        """See `MobileBatches`."""
        return self._batches.epoch(epoch)

    def loss(self, batch: MobileBatch, step: int) -> tuple[Tensor, dict[str, float]]:
        """The three terms and the quality head's, which does not move the trunk."""
        set_rates(self.optimizer, step, self._total, self.config.warm_up)
        targets, wanted = batch.targets.to(self._device), batch.kept.to(self._device)
        features = self._features(batch.views.to(self._device))
        kept, learnt = self._student.heads(features)
        foretold = self._student.quality(features.detach()).squeeze(1)
        agreement, holding = (learnt * targets).sum(1), (kept * wanted).sum(1)
        matrix = _matrix(self._student.joined(kept, learnt), targets)
        quality = functional.binary_cross_entropy_with_logits(
            foretold, agreement.detach().clamp(0, 1)
        )
        loss = (1 - agreement).mean() + self.config.kept_weight * (1 - holding).mean()
        loss = loss + self.config.matrix_weight * matrix + 0.1 * quality
        figures = {
            "agreement": float(agreement.detach().mean()),
            "kept": float(holding.detach().mean()),
            "matrix": float(matrix.detach()),
        }
        return loss, figures

    def _features(self, views: Tensor) -> Tensor:
        """The frozen blocks in bfloat16, where forward passes gain most; the others in full."""
        trunk, blocks = self._student.trunk, self.config.frozen_blocks
        with torch.no_grad(), autocast(self._device):
            below = trunk.below(self._student.scaled(views), blocks)
        return self._student.pooled(trunk.above(below.float(), blocks))

    def after_step(self, step: int) -> None:
        """Move the running mean of the weights."""
        follow(self._mean, self._student, step, self.config.averaging)

    def validate(self) -> dict[str, float]:
        """Agreement with the teachers on people held out, clean and as a camera sees them."""
        size = ARCFACE.template.size
        crops = [self._held_out.crop(number) for number in range(len(self._held_out))]
        rng = np.random.default_rng(0)
        clean = [plain_view(crop, size, ARCFACE) for crop in crops]
        worn = [student_view(crop, size, self.config.augment, rng, ARCFACE) for crop in crops]
        plain, rough = (self._agreement(views) for views in (clean, worn))
        return {"score": (plain + rough) / 2, "held_out_clean": plain, "held_out_rough": rough}

    def _agreement(self, views: list[NDArray[np.uint8]]) -> float:
        learnt = [
            heads_of(self._mean, torch.from_numpy(batch).to(self._device))[1].cpu()
            for batch in stacked(views)
        ]
        return float((torch.cat(learnt) * self._held_targets).sum(1).mean())

    def state(self) -> dict[str, Any]:
        """The running mean."""
        return {"mean": self._mean.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the running mean back."""
        self._mean.load_state_dict(state["mean"])

    def best_weights(self) -> dict[str, Tensor]:
        """The running mean."""
        return self._mean.state_dict()


def heads_of(net: MobileFaceNet, views: Tensor) -> tuple[Tensor, Tensor]:
    """Both heads of views (batch, 112, 112, 3) as they are, without mirror image or gradient."""
    with torch.inference_mode(), autocast(views.device):
        kept, learnt = net.heads(net.pooled(net.trunk(net.scaled(views))).float())
    return kept, learnt


def _matrix(joined: Tensor, targets: Tensor) -> Tensor:
    off = ~torch.eye(len(targets), dtype=torch.bool, device=targets.device)
    error = joined @ joined.T - targets @ targets.T
    return error[off].square().mean()


def _optimizer(net: MobileFaceNet, config: MobileRecipeConfig) -> torch.optim.Optimizer:
    trunk = net.trunk
    for module in (trunk.stem, trunk.look, trunk.mix, *list(trunk.blocks)[: config.frozen_blocks]):
        module.requires_grad_(False)
    slow = [p for m in (trunk, net.pool, net.kept) for p in m.parameters() if p.requires_grad]
    fast = [p for m in (net.beside_pool, net.learnt, net.quality) for p in m.parameters()]
    groups = [
        {"params": slow, "peak": config.rate},
        {"params": fast, "peak": config.head_rate},
    ]
    return torch.optim.AdamW(
        groups, lr=config.rate, weight_decay=config.weight_decay, betas=(0.9, 0.98)
    )
