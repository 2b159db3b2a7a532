"""Recipe of the voice embedder: train a small network and join it with GE2E.

The convolution branch learns to tell the training speakers apart with an additive angular margin
(Deng et al. 2019, arXiv:1801.07698) on disturbed crops of mel bands; every speaker counts three
times, at three tempi. GE2E stays as it is: it has heard thousands of speakers more than there are
here, and fine-tuning on these made it worse on people it had not heard (docs/training/voice). A
linear discriminant analysis of the training speakers joins both (`voice_backend`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kiosk.inference.voice.networks.ge2e import ge2e_state
from kiosk.inference.voice.networks.own import (
    VoiceNet,
    VoiceNetConfig,
    load_voice_net,
    without_pauses,
)
from kiosk.training.loop import autocast
from kiosk.training.schedule import set_rates
from kiosk.training.voice.augment import AugmentConfig, disturb, mask
from kiosk.training.voice.backend import pair_eer
from kiosk.training.voice.batches import Bands, Crop, Person, SpeakerBatches, split
from kiosk.training.voice.data import Entry, VoiceCache


@dataclass(frozen=True)
class VoiceConfig:
    """What the recipe may change."""

    net: VoiceNetConfig = field(default_factory=VoiceNetConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    batch: int = 96
    steps_per_epoch: int = 200
    frames: tuple[int, int] = (100, 240)
    """Of a training crop, shortest and longest; all of a batch are of one length. A kiosk hears a
    second or two, and a network that only knew longer crops would be at a loss with them."""
    rate: float = 1e-3
    head_rate: float = 2e-3
    weight_decay: float = 2e-2
    longest_gradient: float = 5.0
    warm_up: int = 300
    margin: float = 0.2
    scale: float = 30.0
    evenness: float = 0.25
    """Power of the number of people by which collections are drawn."""
    held_out_clips: int = 12
    """Recordings a held-out speaker gives to the validation at most."""
    analysis_crops: int = 9000
    """Crops for the discriminant analysis."""
    analysis_evenness: float = 0.45
    """As `evenness`, of these: how people differ is seen best in large collections."""
    analysis_frames: tuple[int, ...] = (100, 180, 300)
    """Their lengths, equally often."""
    shrink: float = 0.3
    """How far its covariance is moved towards a sphere."""
    mood_weight: float = 2.0
    """Of the covariance within people across their emotions."""
    convolution_weight: float = 0.5
    """Of the convolution branch in the analysis, GE2E's vectors having one: it was trained on the
    very speakers of the analysis, who therefore look steadier to it than anybody else will."""


class MarginHead(nn.Module):
    """Additive angular margin softmax over the training speakers."""

    def __init__(self, dims: int, classes: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(torch.randn(classes, dims) * 0.05)

    def forward(self, vectors: Tensor, labels: Tensor, margin: float) -> tuple[Tensor, Tensor]:
        """Loss and accuracy of (batch, dims) with (batch,) classes."""
        cosine = F.normalize(vectors.float(), dim=1) @ F.normalize(self.weight, dim=1).T
        cosine = cosine.clamp(-1 + 1e-6, 1 - 1e-6)
        own = cosine.gather(1, labels[:, None])
        moved = torch.cos(torch.acos(own) + margin)
        # beyond pi - margin the cosine would rise again
        moved = torch.where(
            own > math.cos(math.pi - margin), moved, own - margin * math.sin(margin)
        )
        loss = F.cross_entropy(self.scale * cosine.scatter(1, labels[:, None], moved), labels)
        return loss, (cosine.argmax(1) == labels).float().mean()


class TrainedNet(nn.Module):
    """The network and the head that is thrown away after training."""

    def __init__(self, voice: VoiceNet, classes: int, scale: float) -> None:
        super().__init__()
        self.voice = voice
        self.head = MarginHead(voice.config.branch_dims, classes, scale)


def fresh_net(config: VoiceNetConfig, start: Path | None = None) -> VoiceNet:
    """A network with GE2E's layers and a new convolution branch, or everything from ``start``.

    Raises ModelError if the package with GE2E is missing or ``start`` is damaged.
    """
    if start is not None:
        return load_voice_net(start)
    net = VoiceNet(config)
    net.recurrent.load_state_dict(ge2e_state())
    return net


class VoiceRecipe:
    """The voice embedder being trained; see `kiosk.training.loop.Recipe`."""

    def __init__(
        self,
        voice: VoiceNet,
        cache: VoiceCache,
        config: VoiceConfig,
        *,
        epochs: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.config, self._device, self._voice, self._cache = config, device, voice, cache
        self.training, self.held_out = split(cache)
        bands = Bands(cache, self.training, linear=False)
        self._draws = SpeakerBatches(bands, config.evenness, seed)
        voice.recurrent.requires_grad_(False)
        self._net = TrainedNet(voice, self._draws.classes, config.scale).to(device)
        self.net: nn.Module = self._net
        self._total = epochs * config.steps_per_epoch
        self.optimizer = self._make_optimizer()

    def _make_optimizer(self) -> torch.optim.Optimizer:
        trained = [*self._voice.convolution.parameters()]
        groups: list[dict[str, Any]] = [
            {"params": trained, "peak": self.config.rate},
            {"params": [*self._net.head.parameters()], "peak": self.config.head_rate},
        ]
        optimizer = torch.optim.AdamW(
            groups, lr=self.config.rate, weight_decay=self.config.weight_decay, betas=(0.9, 0.98)
        )

        def shorten(*_: object) -> None:
            nn.utils.clip_grad_norm_(trained, self.config.longest_gradient)

        optimizer.register_step_pre_hook(shorten)
        return optimizer

    def steps(self, epoch: int) -> int:
        """All epochs are of one length."""
        return self.config.steps_per_epoch

    def batches(self, epoch: int) -> Iterator[Crop]:
        """Random crops of the training speakers."""
        shortest, longest = self.config.frames
        for _ in range(self.config.steps_per_epoch):
            frames = int(self._draws.rng.integers(shortest, longest + 1))
            yield self._draws.draw(self.config.batch, frames)

    def loss(self, batch: Crop, step: int) -> tuple[Tensor, dict[str, float]]:
        """The margin loss of disturbed crops; the margin grows over the first third of the run."""
        set_rates(self.optimizer, step, self._total, self.config.warm_up)
        margin = self.config.margin * min(1.0, max(0.0, 5 * step / self._total - 0.5))
        with torch.no_grad():
            power = disturb(torch.pow(10.0, batch.decibels / 10.0), self.config.augment)
            power = mask(power, self.config.augment).to(self._device)
        with autocast(self._device):
            vectors = self._voice.convolution(power)
        loss, accuracy = self._net.head(vectors, batch.labels.to(self._device), margin)
        return loss, {"accuracy": float(accuracy)}

    def after_step(self, step: int) -> None:
        """Nothing: the rate is set before the step."""

    def validate(self) -> dict[str, float]:
        """EER in percent of the held-out speakers of each collection, convolution branch alone."""
        self._voice.eval()
        kept = held_out_entries(self._cache, self.held_out, self.config.held_out_clips)
        return held_out_errors(kept, self._vector)

    def _vector(self, entry: Entry) -> np.ndarray:
        power = without_pauses(self._cache.power(*entry.mel)).to(self._device)
        with torch.inference_mode(), autocast(self._device):
            vector: np.ndarray = self._voice.listen(power[None])[0].cpu().numpy()
        return vector

    def state(self) -> dict[str, Any]:
        """The generator of the draws."""
        return {"draws": self._draws.rng.bit_generator.state}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on drawing where the run stopped."""
        self._draws.rng.bit_generator.state = state["draws"]

    def best_weights(self) -> dict[str, Tensor]:
        """The network without the head."""
        return {key: value.clone() for key, value in self._voice.state_dict().items()}


def held_out_entries(cache: VoiceCache, people: set[Person], clips: int) -> list[Entry]:
    """The first ``clips`` recordings of each of these people."""
    counts: dict[Person, int] = {}
    found = []
    for entry in cache.entries:
        person = (entry.recording.collection, entry.recording.speaker)
        counts[person] = counts.get(person, 0) + 1
        if person in people and counts[person] <= clips:
            found.append(entry)
    return found


def held_out_errors(
    entries: Sequence[Entry], vector: Callable[[Entry], np.ndarray]
) -> dict[str, float]:
    """EER in percent of each collection, and ``score``, their mean with its sign turned."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.recording.collection, []).append(entry)
    figures: dict[str, float] = {}
    for name, group in groups.items():
        vectors = np.stack([vector(entry) for entry in group])
        speakers = [entry.recording.speaker for entry in group]
        emotions = [entry.recording.emotion for entry in group]
        error = pair_eer(vectors, speakers, emotions)
        if not math.isnan(error):
            figures[f"eer_{name}"] = error
    score = -float(np.mean(list(figures.values()))) if figures else 0.0
    return figures | {"score": score}
