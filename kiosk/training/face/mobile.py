"""Recipe round a published MobileFaceNet: a head beside its own, a quality and a cohort.

A published network has seen millions of faces, a recipe here thousands. So its trunk and its own
head stay untouched; a second head learns the embeddings of stronger teachers from what the trunk
makes of each face, clean and as a camera might see it. The trunk is passed once, so that hours of
learning become minutes. Two terms, after W. Park et al., "Relational Knowledge Distillation" (CVPR
2019):

- regression: the cosine between the head and the teachers;
- matrix: the similarities within a batch equal the teachers'.

No labels are used. The quality learns to foretell how near an embedding comes to the teachers' of
the clean picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.face.networks.mobile import MobileConfig, MobileFaceNet
from kiosk.training.face.augment import AugmentConfig
from kiosk.training.loop import RunOptions, autocast
from kiosk.training.schedule import set_rates


@dataclass(frozen=True)
class MobileRecipeConfig:
    """Everything that shapes a run, written into its folder."""

    net: MobileConfig = field(default_factory=MobileConfig)
    augment: AugmentConfig = field(
        default_factory=lambda: AugmentConfig(
            clean=0.0,
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
    worn_views: int = 1
    """Views of each face as a camera might see it, beside the clean one."""
    batch: int = 256
    rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 100
    dropped: float = 0.15
    held_out: float = 0.05
    matrix_weight: float = 5.0
    joined: bool = False
    """Whether the learnt head goes into the file. Beside a cohort it did not pay, but only what it
    learnt tells how far a sample can be trusted (docs/training/face)."""
    penalty: float = 0.03
    """Of the regression that begins the head, in variances a face."""


@dataclass(frozen=True)
class HeadViews:
    """What the trunk made of the views of some faces (faces, 1 + worn, FEATURES), the clean one
    first, and what the teachers say of each clean face (faces, learnt)."""

    features: Tensor
    targets: Tensor

    def flat(self) -> tuple[Tensor, Tensor]:
        """Every view in a row of its own, with its target."""
        views = self.features.shape[1]
        return self.features.flatten(0, 1), self.targets.repeat_interleave(views, 0)


@dataclass(frozen=True)
class HeadBatch:
    """Features as the head takes them (batch, FEATURES) and targets (batch, learnt)."""

    standard: Tensor
    targets: Tensor


class MobileRecipe:
    """The head being trained; see `kiosk.training.loop.Recipe`."""

    def __init__(
        self,
        net: MobileFaceNet,
        learnt: HeadViews,
        held_out: HeadViews,
        config: MobileRecipeConfig,
        options: RunOptions,
        device: torch.device,
    ) -> None:
        self.net: nn.Module = net
        self.config = config
        self._head, self._device, self._seed = net, device, options.seed
        self._features, self._targets = learnt.flat()
        self._held_out = held_out
        self._total = options.epochs * self.steps(0)
        net.requires_grad_(False)
        parts = (net.direct, net.widen, net.narrow, net.quality)
        trained = [p for part in parts for p in part.requires_grad_(True).parameters()]
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            [{"params": trained, "peak": config.rate}],
            lr=config.rate,
            weight_decay=config.weight_decay,
        )

    def steps(self, epoch: int) -> int:
        """Every view once."""
        return max(1, len(self._features) // self.config.batch)

    def batches(self, epoch: int) -> Iterator[HeadBatch]:
        """All views in an order drawn by seed and epoch."""
        drawn = torch.Generator().manual_seed(1000 * self._seed + epoch)
        order = torch.randperm(len(self._features), generator=drawn)
        for rows in torch.split(order, self.config.batch):
            features = self._features[rows].float().to(self._device)
            yield HeadBatch(self._head.standard(features), self._targets[rows].to(self._device))

    def loss(self, batch: HeadBatch, step: int) -> tuple[Tensor, dict[str, float]]:
        """The two terms and the quality's, which does not move the head."""
        set_rates(self.optimizer, step, self._total, self.config.warm_up)
        with autocast(self._device):
            learnt = self._head.learnt(batch.standard, self.config.dropped)
            foretold = self._head.quality(batch.standard).float().squeeze(1)
        agreement = (learnt * batch.targets).sum(1)
        matrix = _matrix(learnt, batch.targets)
        quality = functional.binary_cross_entropy_with_logits(
            foretold, agreement.detach().clamp(0, 1)
        )
        loss = (1 - agreement).mean() + self.config.matrix_weight * matrix + 0.1 * quality
        figures = {"agreement": float(agreement.detach().mean()), "matrix": float(matrix.detach())}
        return loss, figures

    def after_step(self, step: int) -> None:
        """The rate falls to nearly nothing, so that weights need no averaging."""

    def validate(self) -> dict[str, float]:
        """Agreement with the teachers on people held out, clean and as a camera sees them, and how
        far similarities of strangers follow the teachers'."""
        held = self._held_out
        with torch.inference_mode():
            learnt = [
                self._head.learnt(self._head.standard(view.float().to(self._device))).cpu()
                for view in held.features.unbind(1)
            ]
        clean, *worn = ((view * held.targets).sum(1).mean() for view in learnt)
        rough = torch.stack(worn).mean() if worn else clean
        return {
            "score": float(clean + rough) / 2,
            "held_out_clean": float(clean),
            "held_out_rough": float(rough),
            "similarities": _followed(learnt[0], held.targets),
        }

    def state(self) -> dict[str, Any]:
        """Nothing beside net and optimizer."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Nothing to take back."""

    def best_weights(self) -> dict[str, Tensor]:
        """The network as it is."""
        return self._head.state_dict()


def _matrix(learnt: Tensor, targets: Tensor) -> Tensor:
    off = ~torch.eye(len(targets), dtype=torch.bool, device=targets.device)
    error = learnt @ learnt.T - targets @ targets.T
    return error[off].square().mean()


def _followed(learnt: Tensor, targets: Tensor) -> float:
    """Correlation of all similarities of two faces with the teachers' of the same two."""
    upper = torch.triu_indices(len(targets), len(targets), 1)
    pairs = [(rows @ rows.T)[upper[0], upper[1]] for rows in (learnt, targets)]
    return float(torch.corrcoef(torch.stack(pairs))[0, 1])


def begin(net: MobileFaceNet, learnt: HeadViews, penalty: float) -> None:
    """Measure what the head's features are like, and fit its direct part by regression."""
    features, targets = learnt.flat()
    rows = features.float()
    net.get_buffer("centre").copy_(rows.mean(0))
    net.get_buffer("gain").copy_(1 / (rows.std(0) + 1e-4))
    standard, centre = net.standard(rows), targets.mean(0)
    gram = (standard.T @ standard).double() + penalty * len(rows) * torch.eye(rows.shape[1])
    weight = torch.linalg.solve(gram, (standard.T @ (targets - centre)).double())
    net.direct.weight.data.copy_(weight.T)
    net.direct.bias.data.copy_(centre)
    nn.init.zeros_(net.narrow.weight)
    nn.init.zeros_(net.narrow.bias)
