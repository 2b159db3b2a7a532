"""Recipe of the face attributes: emotion, age and gender from one network and several collections.

Half of every batch has an emotion, half an age and a gender. Terms of the loss:

- emotion: cross entropy with smoothed labels; part of the faces are blends of two, labelled with
  both (H. Zhang et al., "mixup", ICLR 2018);
- age: cross entropy to a bell over years round the label and the distance of the mean (B.-B. Gao et
  al., "Age Estimation Using Expectation of Label Distribution Learning", IJCAI 2018);
- gender: binary cross entropy;
- agreement: of a face without an emotion label, a sharp one as a webcam gives, the emotion has to
  be what a teacher says of it, an earlier run that saw it in the 44 pixels that emotions are known
  from. This carries emotion over to sharp pictures. The teacher stays as it is: a network that was
  asked for its own opinion on the way came to say one emotion of every sharp face
  (docs/training/attributes-face).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.face.attributes import EMOTIONS, OLDEST, FaceAttributeConfig, FaceAttributeNet
from kiosk.training.attributes.face_data import LabelledFaces
from kiosk.training.attributes.face_views import ViewConfig, plain_view, worn_view
from kiosk.training.averaging import follow
from kiosk.training.face.batch_norm import folded, measure, still
from kiosk.training.loop import RunOptions, autocast
from kiosk.training.schedule import set_rates


@dataclass(frozen=True)
class FaceAttributeRecipeConfig:
    """Everything that shapes a run, written into its folder."""

    net: FaceAttributeConfig = field(default_factory=FaceAttributeConfig)
    views: ViewConfig = field(default_factory=ViewConfig)
    batch: int = 96
    emotion_share: float = 0.6
    """Of a batch, faces with an emotion; the others have an age or a gender."""
    steps_per_epoch: int = 200
    frozen_blocks: int = 6
    """How many of the lowest blocks, and what lies before them, stay as they came."""
    rate: float = 6e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.05
    warm_up: int = 100
    averaging: float = 0.996
    """Decay of the running mean of the weights, which is what is kept."""
    dropout: float = 0.3
    held_out: float = 0.06
    smoothing: float = 0.1
    blends: float = 0.2
    """Share of batches whose emotion faces are blends."""
    blend_shape: float = 0.3
    """Both parameters of the beta distribution of the blend's share."""
    age_spread: float = 2.5
    """Standard deviation in years of the bell round a label."""
    age_weight: float = 0.3
    distance_weight: float = 0.05
    gender_weight: float = 1.0
    agreement_weight: float = 0.5
    low_side: int = 44
    """Pixels a side in which the teacher is asked."""
    measured_batches: int = 10


@dataclass(frozen=True)
class Batch:
    """Views (batch, size, size) uint8 and labels (batch,), NaN where not known; of the teacher's
    emotions (batch, 7) likewise."""

    views: Tensor
    emotion: Tensor
    age: Tensor
    male: Tensor
    felt: Tensor


class FaceAttributeBatches:
    """Augmented batches, the same for the same seed and epoch."""

    def __init__(self, faces: LabelledFaces, config: FaceAttributeRecipeConfig, seed: int) -> None:
        self._faces, self._config, self._seed = faces, config, seed
        self._with = np.flatnonzero(~np.isnan(faces.emotion))
        self._without = np.flatnonzero(np.isnan(faces.emotion))

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Batches without end; no picture comes twice before every one of its kind has come."""
        rng = np.random.default_rng([self._seed, epoch])
        config = self._config
        share = config.emotion_share if len(self._without) else 1.0
        first = round(config.batch * share) if len(self._with) else 0
        with_emotion, others = _endless(self._with, rng), _endless(self._without, rng)
        while True:
            rows = [next(with_emotion) for _ in range(first)]
            rows += [next(others) for _ in range(config.batch - first)]
            yield self.batch(np.array(rows), rng)

    def batch(self, rows: np.ndarray[Any, np.dtype[np.int64]], rng: np.random.Generator) -> Batch:
        """The faces of these rows, augmented."""
        config, faces = self._config, self._faces
        views = [worn_view(faces.crops[row], config.net.size, config.views, rng) for row in rows]
        labels = (faces.emotion[rows], faces.age[rows], faces.male[rows], faces.felt[rows])
        return Batch(torch.from_numpy(np.stack(views)), *map(torch.from_numpy, labels))


def _endless(rows: np.ndarray[Any, np.dtype[np.int64]], rng: np.random.Generator) -> Iterator[int]:
    while len(rows):
        yield from rng.permutation(rows).tolist()


class FaceAttributeRecipe:
    """The network being trained; see `kiosk.training.loop.Recipe`."""

    def __init__(
        self,
        net: FaceAttributeNet,
        batches: FaceAttributeBatches,
        held_out: LabelledFaces,
        config: FaceAttributeRecipeConfig,
        options: RunOptions,
        device: torch.device,
    ) -> None:
        self.net: nn.Module = net
        self.config = config
        self._student, self._batches, self._held_out = net, batches, held_out
        self._device, self._seed = device, options.seed
        self._total = options.epochs * config.steps_per_epoch
        self._years = torch.arange(OLDEST + 1, dtype=torch.float32, device=device)
        still(net)
        trunk = net.trunk
        before = (trunk.stem, trunk.after_stem, trunk.look, trunk.after_look)
        for module in [*before, *list(trunk.blocks)[: config.frozen_blocks]]:
            module.requires_grad_(False)
        self.averaged = deepcopy(net).eval().requires_grad_(False)
        head = [*net.norm.parameters(), *net.head.parameters()]
        below = [*net.trunk.parameters(), *net.pool.parameters()]
        groups = [
            {"params": [p for p in below if p.requires_grad], "peak": config.rate},
            {"params": head, "peak": config.head_rate},
        ]
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            groups, lr=config.rate, weight_decay=config.weight_decay, betas=(0.9, 0.99)
        )

    def steps(self, epoch: int) -> int:
        """All epochs are of one length."""
        return self.config.steps_per_epoch

    def batches(self, epoch: int) -> Iterator[Batch]:
        """See `FaceAttributeBatches`."""
        return self._batches.epoch(epoch)

    def loss(self, batch: Batch, step: int) -> tuple[Tensor, dict[str, float]]:
        """The sum of the terms, and each of them."""
        set_rates(self.optimizer, step, self._total, self.config.warm_up)
        views = batch.views.to(self._device).float()
        labelled = ~batch.emotion.isnan()
        wanted = self._smoothed(batch.emotion)
        if self._chance(step) < self.config.blends:
            views, wanted = self._blended(views, wanted, labelled, step)
        with autocast(self._device):
            features = functional.dropout(self._student.features(views), self.config.dropout)
            outputs = self._student.head(features)
        emotion, age, male = self._student.split(outputs)
        terms = {
            "emotion": _cross_entropy(emotion[labelled], wanted[labelled]),
            **self._age_terms(age, batch.age.to(self._device)),
            "gender": self._gender_term(male, batch.male.to(self._device)),
        }
        taught = ~batch.felt.isnan().any(1)
        if taught.any():
            felt = batch.felt[taught].to(self._device)
            terms["agreement"] = _cross_entropy(emotion[taught], felt)
        total = sum((self._weight(name) * term for name, term in terms.items()), torch.zeros(()))
        return total, {name: float(term.detach()) for name, term in terms.items()}

    def _weight(self, name: str) -> float:
        weights = {
            "emotion": 1.0,
            "age": self.config.age_weight,
            "distance": self.config.distance_weight,
            "gender": self.config.gender_weight,
            "agreement": self.config.agreement_weight,
        }
        return weights[name]

    def _chance(self, step: int) -> float:
        return float(np.random.default_rng([self._seed, 11, step]).random())

    def _smoothed(self, emotion: Tensor) -> Tensor:
        """Label distributions (batch, 7); of unlabelled faces even."""
        known = torch.nan_to_num(emotion, 0).long()
        certain = functional.one_hot(known, len(EMOTIONS)).float().to(self._device)
        return certain * (1 - self.config.smoothing) + self.config.smoothing / len(EMOTIONS)

    def _blended(
        self, views: Tensor, wanted: Tensor, labelled: Tensor, step: int
    ) -> tuple[Tensor, Tensor]:
        """Each labelled face mixed with another labelled one; the others as they are."""
        rng = np.random.default_rng([self._seed, 13, step])
        rows = torch.nonzero(labelled).squeeze(1)
        others = rows[torch.from_numpy(rng.permutation(len(rows)))]
        share = float(rng.beta(self.config.blend_shape, self.config.blend_shape))
        views, wanted = views.clone(), wanted.clone()
        views[rows] = share * views[rows] + (1 - share) * views[others]
        wanted[rows] = share * wanted[rows] + (1 - share) * wanted[others]
        return views, wanted

    def _age_terms(self, age: Tensor, label: Tensor) -> dict[str, Tensor]:
        known = ~label.isnan()
        label, age = label[known].unsqueeze(1), age[known]
        bell = torch.softmax(-0.5 * ((self._years - label) / self.config.age_spread) ** 2, 1)
        mean = (torch.softmax(age, 1) * self._years).sum(1, keepdim=True)
        far = (mean - label).abs().sum() / max(1, len(label))
        return {"age": _cross_entropy(age, bell), "distance": far}

    def _gender_term(self, male: Tensor, label: Tensor) -> Tensor:
        known = ~label.isnan()
        softened = label[known] * 0.96 + 0.02  # some labels are wrong
        summed = functional.binary_cross_entropy_with_logits(male[known], softened, reduction="sum")
        return summed / max(1, int(known.sum()))

    def after_step(self, step: int) -> None:
        """Move the running mean of the weights."""
        follow(self.averaged, self._student, step, self.config.averaging)

    def validate(self) -> dict[str, float]:
        """Figures on faces held out, as the kiosk cuts them."""
        measure(self.averaged, self._feed)
        held = self._held_out
        emotion, age, male = held_out_logits(self.averaged, held, self._device)
        years = (torch.softmax(age, 1) * self._years.cpu()).sum(1).numpy()
        far = np.abs(years - held.age)[~np.isnan(held.age)]
        felt = _share(emotion.argmax(1).numpy(), held.emotion)
        gender = _share((male > 0).numpy(), held.male)
        near = float((far <= 5).mean()) if far.size else 0.0
        return {
            "score": (felt + gender + near) / 3,
            "emotion_right": felt,
            "gender_right": gender,
            "age_within_5": near,
            "age_mae": float(far.mean()) if far.size else 0.0,
        }

    def _feed(self, net: nn.Module) -> None:
        """Pass the pictures that norms are measured on: always the same batches."""
        batches = self._batches.epoch(1_000_000)
        for _ in range(self.config.measured_batches):
            with autocast(self._device):
                net(next(batches).views.to(self._device))

    def state(self) -> dict[str, Any]:
        """The running mean."""
        return {"mean": self.averaged.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the running mean back."""
        self.averaged.load_state_dict(state["mean"])

    def best_weights(self) -> dict[str, Tensor]:
        """The running mean, norms folded away."""
        return folded(self.averaged).state_dict()


def held_out_logits(
    net: FaceAttributeNet, faces: LabelledFaces, device: torch.device, *, exact: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Emotion (n, 7), age (n, years) and gender (n,) logits of plain views; `exact` in float32,
    as the kiosk runs it."""
    size = net.config.size
    found = []
    with torch.inference_mode(), autocast(device, enabled=not exact):
        for rows in np.array_split(np.arange(len(faces)), max(1, len(faces) // 64)):
            views = np.stack([plain_view(faces.crops[row], size) for row in rows])
            found.append([part.cpu() for part in net.logits(torch.from_numpy(views).to(device))])
    emotion, age, male = (torch.cat(parts) for parts in zip(*found, strict=True))
    return emotion, age, male


def _cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Mean over rows; 0 for none."""
    return -(wanted * torch.log_softmax(logits, 1)).sum() / max(1, len(logits))


def _share(said: np.ndarray[Any, Any], label: np.ndarray[Any, Any]) -> float:
    known = ~np.isnan(label)
    return float((said[known] == label[known]).mean()) if known.any() else 0.0
