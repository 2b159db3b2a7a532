"""Recipe of the face embedder: learn a teacher's embeddings without labels, then do better.

The student sees a face as a camera might (light, blur, codec, masks); the teacher sees it clean.
Three terms, after C. N. Duong et al., "ShrinkTeaNet" (2019) and W. Park et al., "Relational
Knowledge Distillation" (CVPR 2019):

- regression: the cosine between the student's and the teacher's embedding;
- matrix: the similarities within a batch equal the teacher's;
- strangers: two pictures of different people, drawn among look-alikes, may not come closer than
  `stranger_cap`, though the teacher thinks so. This is where the student may surpass its teacher.

Part of every batch are faces of nobody: blends of two look-alikes, bent, embedded by the teacher on
the way, so that the student sees more faces than there are pictures. The quality head learns to
foretell how near an embedding comes to that of the clean picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.face.networks.dlib_resnet import ResidualTrunk
from kiosk.inference.face.networks.own import FaceNet
from kiosk.training.averaging import follow
from kiosk.training.face.augment import plain_view, student_view
from kiosk.training.face.batch_norm import folded, measure, still
from kiosk.training.face.batches import Batch, FaceBatches, FaceRecipeConfig, embed_all, stacked
from kiosk.training.face.data import FaceSet
from kiosk.training.loop import RunOptions, autocast
from kiosk.training.schedule import set_rates


class FaceRecipe:
    """The face embedder being trained; see `kiosk.training.loop.Recipe`."""

    def __init__(
        self,
        net: FaceNet,
        batches: FaceBatches,
        held_out: FaceSet,
        held_out_targets: Tensor,
        config: FaceRecipeConfig,
        options: RunOptions,
        device: torch.device,
    ) -> None:
        self.net: nn.Module = net
        self.config = config
        self._student, self._batches, self._device = net, batches, device
        self._held_out, self._held_targets = held_out, held_out_targets
        self._total = options.epochs * config.steps_per_epoch
        still(net)
        self._mean = deepcopy(net).eval().requires_grad_(False)
        # under one lock-step team of threads a busy machine makes every kernel wait for its slowest
        # thread; parts of the batch learnt by threads of their own wait once a step
        self._parts = config.cpu_parts if device.type == "cpu" else 1
        self._pool = ThreadPoolExecutor(self._parts)
        frozen = _lowest(net.trunk, config.frozen_blocks)
        for module in frozen:
            module.requires_grad_(False)
        head = [*net.pool.parameters(), *net.norm.parameters(), *net.head.parameters()]
        head += [*net.quality.parameters()]
        groups = [
            {"params": [p for p in net.trunk.parameters() if p.requires_grad], "peak": config.rate},
            {"params": head, "peak": config.head_rate},
        ]
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            groups, lr=config.rate, weight_decay=config.weight_decay, betas=(0.9, 0.98)
        )

    def steps(self, epoch: int) -> int:
        """All epochs are of one length."""
        return self.config.steps_per_epoch

    def batches(self, epoch: int) -> Iterator[Batch]:
        """See `FaceBatches`."""
        return self._batches.epoch(epoch)

    def loss(self, batch: Batch, step: int) -> tuple[Tensor, dict[str, float]]:
        """Add the gradients of all parts of the batch; the loss returned has no graph left."""
        set_rates(self.optimizer, step, self._total, self.config.warm_up)
        parts = batch.parts(self._parts)
        if len(parts) == 1:
            done = [self._learn(parts[0], 1.0)]
        else:
            done = list(self._pool.map(lambda part: self._learn(part, 1 / len(parts)), parts))
        total = torch.stack([loss for loss, _ in done]).sum()
        return total, {name: sum(f[name] for _, f in done) / len(done) for name in done[0][1]}

    def _learn(self, batch: Batch, share: float) -> tuple[Tensor, dict[str, float]]:
        """The three terms and the quality head's, which does not move the trunk."""
        views, targets = batch.views.to(self._device), batch.targets.to(self._device)
        with autocast(self._device):
            features = self.features(views)
            embedded = self._student.project(features)
            quality = self._student.quality(features.detach()).float().squeeze(1)
        agreement = (embedded * targets).sum(1)
        matrix = self._matrix(embedded, targets, batch.strangers.to(self._device))
        foretold = functional.binary_cross_entropy_with_logits(
            quality, agreement.detach().clamp(0, 1)
        )
        loss = (1 - agreement).mean() + self.config.matrix_weight * matrix + 0.1 * foretold
        torch.autograd.backward(loss * share)
        figures = {"agreement": float(agreement.detach().mean()), "matrix": float(matrix.detach())}
        return loss.detach() * share, figures

    def features(self, views: Tensor) -> Tensor:
        """Pooled features (batch, channels) of pictures or of kept activations."""
        if views.dtype == torch.uint8:
            return self._student.features(views)
        trunk = self._student.trunk
        assert isinstance(trunk, ResidualTrunk)
        above = trunk.above(views.float(), self.config.frozen_blocks)  # kept at half the memory
        features: Tensor = self._student.norm(self._student.pool(above))
        return features

    def _matrix(self, embedded: Tensor, targets: Tensor, strangers: Tensor) -> Tensor:
        wanted = targets @ targets.T
        capped = wanted.clamp(max=self.config.stranger_cap)
        wanted = torch.where(strangers, capped, wanted)
        off = ~torch.eye(len(wanted), dtype=torch.bool, device=wanted.device)
        error = embedded @ embedded.T - wanted
        # a stranger pair kept further apart than asked is no fault while the pair is far anyway
        return (error[off] ** 2).mean() + (functional.relu(error)[strangers] ** 2).mean()

    def after_step(self, step: int) -> None:
        """Move the running mean of the weights."""
        follow(self._mean, self._student, step, self.config.averaging)

    def validate(self) -> dict[str, float]:
        """Agreement with the teacher on people held out, clean and as a camera sees them."""
        measure(self._mean, self._feed)
        size = self.config.net.size
        crops = [self._held_out.crop(number) for number in range(len(self._held_out))]
        clean = embed_all(self._mean, stacked([plain_view(c, size) for c in crops]), self._device)
        rng = np.random.default_rng(0)
        worn = [student_view(c, size, self.config.augment, rng) for c in crops]
        hard = embed_all(self._mean, stacked(worn), self._device)
        close = _stranger_scores(clean, self._held_targets, self.config.same_from)
        plain = float((clean * self._held_targets).sum(1).mean())
        rough = float((hard * self._held_targets).sum(1).mean())
        return {
            "score": (plain + rough) / 2,
            "held_out_clean": plain,
            "held_out_rough": rough,
            "stranger_999": float(np.quantile(close, 0.999)),
        }

    def _feed(self, net: FaceNet) -> None:
        """Pass the pictures that norms are measured on: always the same batches."""
        for step in range(self.config.measured_batches):
            with autocast(self._device):
                net(self._batches.pictures(step).to(self._device))

    def state(self) -> dict[str, Any]:
        """The running mean."""
        return {"mean": self._mean.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the running mean back."""
        self._mean.load_state_dict(state["mean"])

    def best_weights(self) -> dict[str, Tensor]:
        """The running mean, norms folded away."""
        return folded(self._mean).state_dict()


def _lowest(trunk: nn.Module, blocks: int) -> list[nn.Module]:
    """The stem and the first `blocks` blocks, which see edges and textures; none for 0."""
    if not blocks or not isinstance(trunk, ResidualTrunk):
        return []
    return [trunk.stem, *list(trunk.blocks)[:blocks]]


def _stranger_scores(embedded: Tensor, targets: Tensor, same_from: float) -> NDArray[np.float32]:
    upper = torch.triu_indices(len(embedded), len(embedded), 1)
    scores = (embedded @ embedded.T)[upper[0], upper[1]]
    apart = (targets @ targets.T)[upper[0], upper[1]] < same_from
    return np.asarray(scores[apart].numpy(), dtype=np.float32)
