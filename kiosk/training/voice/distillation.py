"""Recipe of the voice embedder after a teacher: its branches learn what it says of speech.

A student hears 0.6 to 2.4 s of a lesson as a kiosk might (room, microphone, noise, babble) and is
to say what the teacher said of all four seconds, clean. Three losses, each per branch:

- regression: the cosine between what the student says and the target;
- choice: among the targets of a batch the own one is the nearest, other targets of the same voice
  left aside;
- matrix: the similarities within a batch equal those of the targets.

Beside it the convolution branch learns to tell the training speakers apart, whatever their mood
(`MarginHead` of `recipe`), among them those of feature pickles, whose sound nobody has
for the teacher to hear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kiosk.inference.voice.networks.campplus import DIMS
from kiosk.inference.voice.networks.own import (
    WINDOW_FRAMES,
    VoiceNet,
    normalised_power,
    without_pauses,
)
from kiosk.training.loop import autocast
from kiosk.training.schedule import set_rates
from kiosk.training.voice.augment import AugmentConfig, disturb, mask
from kiosk.training.voice.batches import Bands, Crop, SpeakerBatches, split
from kiosk.training.voice.data import Entry, VoiceCache
from kiosk.training.voice.distillation_data import DistillationSet
from kiosk.training.voice.recipe import MarginHead, held_out_entries, held_out_errors

CONVOLUTION, RECURRENT = "convolution", "recurrent"


@dataclass(frozen=True)
class TaughtConfig:
    """What the recipe may change."""

    augment: AugmentConfig = field(default_factory=AugmentConfig)
    branches: tuple[str, ...] = (CONVOLUTION,)
    """Which of them learn; they do so independently of each other. The recurrent one lost more of
    what GE2E knows than it learnt (docs/training/voice)."""
    batch: int = 80
    steps_per_epoch: int = 200
    frames: tuple[int, int] = (60, 240)
    """Of a crop, shortest and longest; the recurrent branch hears a window of it at most."""
    rate: float = 1e-3
    recurrent_rate: float = 2e-4
    head_rate: float = 2e-3
    weight_decay: float = 2e-2
    longest_gradient: float = 5.0
    warm_up: int = 200
    evenness: float = 0.6
    """Power of the number of lessons by which collections are drawn."""
    regression: float = 4.0
    choice: float = 0.5
    matrix: float = 4.0
    scale: float = 20.0
    """Of the choice."""
    backwards: float = 0.2
    """Share of batches heard backwards, as short speech is."""
    class_batch: int = 40
    class_frames: tuple[int, int] = (100, 240)
    class_weight: float = 0.3
    class_margin: float = 0.2
    class_scale: float = 30.0
    class_evenness: float = 0.25
    held_out_clips: int = 12


@dataclass(frozen=True, eq=False)
class TaughtBatch:
    """Both kinds of bands in decibels (batch, frames, 40), whose lessons they are, and the speakers
    to tell apart in this step if any."""

    mel: Tensor
    linear: Tensor
    places: Tensor
    speakers: Crop | None


class TaughtNet(nn.Module):
    """The network and the heads that are thrown away after training."""

    def __init__(self, voice: VoiceNet, speakers: int, scale: float) -> None:
        super().__init__()
        self.voice = voice
        own = voice.config.branch_dims
        self.heads = nn.ModuleDict(
            {
                CONVOLUTION: nn.Linear(own, DIMS),
                RECURRENT: nn.Linear(voice.config.joined - own, DIMS),
            }
        )
        self.speakers = MarginHead(own, max(1, speakers), scale)


class TaughtRecipe:
    """The branches being taught; see `kiosk.training.loop.Recipe`."""

    def __init__(
        self,
        voice: VoiceNet,
        distillation_set: DistillationSet,
        cache: VoiceCache,
        config: TaughtConfig,
        *,
        epochs: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.config, self._voice, self._lessons, self._cache = (
            config,
            voice,
            distillation_set,
            cache,
        )
        self._device = device
        self.training, self.held_out = split(cache)
        self._rng = np.random.default_rng(seed)
        self._shares = _shares(distillation_set, config.evenness)
        self._speakers = self._find_speakers(seed)
        classes = self._speakers.classes if self._speakers else 0
        self._net = TaughtNet(voice, classes, config.class_scale).to(device)
        self.net: nn.Module = self._net
        self._total = epochs * config.steps_per_epoch
        self.optimizer = self._make_optimizer()

    def _find_speakers(self, seed: int) -> SpeakerBatches | None:
        """Everybody to train on, of whom there are features alone too."""
        bands = Bands(self._cache, self.training, linear=False)
        if len(bands.places) < 2 or CONVOLUTION not in self.config.branches:
            return None
        return SpeakerBatches(bands, self.config.class_evenness, seed)

    def _make_optimizer(self) -> torch.optim.Optimizer:
        config = self.config
        parts: dict[str, nn.Module] = {
            CONVOLUTION: self._voice.convolution,
            RECURRENT: self._voice.recurrent,
        }
        rates = {CONVOLUTION: config.rate, RECURRENT: config.recurrent_rate}
        groups: list[dict[str, Any]] = [
            {"params": [*self._net.heads.parameters()], "peak": config.head_rate},
            {"params": [*self._net.speakers.parameters()], "peak": config.head_rate},
        ]
        trained = []
        for name, part in parts.items():
            part.requires_grad_(name in config.branches)
            if name in config.branches:
                groups.append({"params": [*part.parameters()], "peak": rates[name]})
                trained += groups[-1]["params"]
        optimizer = torch.optim.AdamW(
            groups, lr=config.rate, weight_decay=config.weight_decay, betas=(0.9, 0.98)
        )

        def shorten(*_: object) -> None:
            nn.utils.clip_grad_norm_(trained, config.longest_gradient)

        optimizer.register_step_pre_hook(shorten)
        return optimizer

    def steps(self, epoch: int) -> int:
        """All epochs are of one length."""
        return self.config.steps_per_epoch

    def batches(self, epoch: int) -> Iterator[TaughtBatch]:
        """Crops of one length, and in every other step some speakers to tell apart."""
        for number in range(self.config.steps_per_epoch):
            frames = int(self._rng.integers(*self.config.frames))
            long_enough = np.flatnonzero(self._lessons.lengths >= frames)
            shares = self._shares[long_enough]
            size = min(self.config.batch, len(long_enough))
            places = self._rng.choice(long_enough, size, replace=False, p=shares / shares.sum())
            crops = self._lessons.crops(places, frames, self._rng)
            yield TaughtBatch(*crops, torch.from_numpy(places), self._draw_speakers(number))

    def _draw_speakers(self, number: int) -> Crop | None:
        if self._speakers is None or number % 2:
            return None
        frames = int(self._speakers.rng.integers(*self.config.class_frames))
        return self._speakers.draw(self.config.class_batch, frames)

    def loss(self, batch: TaughtBatch, step: int) -> tuple[Tensor, dict[str, float]]:
        """Of the branches that learn, summed; the figures are the cosine to the target of each."""
        set_rates(self.optimizer, step, self._total, self.config.warm_up)
        total, figures = torch.zeros((), device=self._device), {}
        for name in self.config.branches:
            said = F.normalize(self._net.heads[name](self._hear(name, batch)).float(), dim=1)
            loss, agreement = self._teach(said, batch.places)
            total, figures[f"cosine_{name}"] = total + loss, agreement
        if batch.speakers is not None:
            vectors = self._listen(self._disturbed(batch.speakers.decibels))
            labels = batch.speakers.labels.to(self._device)
            loss, _ = self._net.speakers(vectors, labels, self.config.class_margin)
            total = total + self.config.class_weight * loss
        return total, figures

    def _hear(self, name: str, batch: TaughtBatch) -> Tensor:
        """What a branch makes of the batch, (batch, its dims)."""
        if name == CONVOLUTION:
            return self._listen(self._turned(self._disturbed(batch.mel)))
        power = self._turned(normalised_power(self._disturbed(batch.linear[:, :WINDOW_FRAMES])))
        frames = power.shape[1]
        window = power.repeat(1, -(-WINDOW_FRAMES // frames), 1)[:, :WINDOW_FRAMES]
        with autocast(self._device):
            vectors: Tensor = self._voice.recurrent(window, frames)
        return vectors.float()

    def _listen(self, power: Tensor) -> Tensor:
        with autocast(self._device):
            vectors: Tensor = self._voice.convolution(power)
        return vectors.float()

    def _disturbed(self, decibels: Tensor) -> Tensor:
        with torch.no_grad():
            power = disturb(torch.pow(10.0, decibels / 10.0), self.config.augment)
            return mask(power, self.config.augment).to(self._device)

    def _turned(self, power: Tensor) -> Tensor:
        return power.flip(1) if self._rng.random() < self.config.backwards else power

    def _teach(self, said: Tensor, places: Tensor) -> tuple[Tensor, float]:
        """The three losses of unit vectors (batch, dims), and their mean cosine to the targets."""
        config = self.config
        target = self._lessons.targets[places].to(self._device)
        people = self._lessons.people[places].to(self._device)
        own = torch.eye(len(said), dtype=torch.bool, device=self._device)
        cosine = (said * target).sum(1)
        others = (people[:, None] == people[None]) & ~own
        choices = (config.scale * said @ target.T).masked_fill(others, -1e4)
        choice = F.cross_entropy(choices, torch.arange(len(said), device=self._device))
        matrix = F.mse_loss(said @ said.T, target @ target.T)
        loss = config.regression * (1 - cosine).mean() + config.choice * choice
        return loss + config.matrix * matrix, float(cosine.detach().mean())

    def after_step(self, step: int) -> None:
        """Nothing: the rate is set before the step."""

    def validate(self) -> dict[str, float]:
        """EER in percent of the held-out speakers of each collection, by what the branches that
        learn say."""
        self._voice.eval()
        kept = held_out_entries(self._cache, self.held_out, self.config.held_out_clips)
        return held_out_errors([each for each in kept if each.linear is not None], self._vector)

    def _vector(self, entry: Entry) -> np.ndarray:
        assert entry.linear is not None
        parts = []
        with torch.inference_mode():
            if CONVOLUTION in self.config.branches:
                power = without_pauses(self._cache.power(*entry.mel)).to(self._device)
                parts.append(self._said(CONVOLUTION, self._voice.listen(power[None])))
            if RECURRENT in self.config.branches:
                power = without_pauses(self._cache.power(*entry.linear, linear=True))
                parts.append(
                    self._said(RECURRENT, self._voice.recall(power.to(self._device)[None]))
                )
        return torch.cat(parts, dim=1)[0].cpu().numpy()

    def _said(self, name: str, vectors: Tensor) -> Tensor:
        return F.normalize(self._net.heads[name](vectors).float(), dim=1)

    def state(self) -> dict[str, Any]:
        """The generators of the draws."""
        speakers = self._speakers.rng.bit_generator.state if self._speakers else {}
        return {"draws": self._rng.bit_generator.state, "speakers": speakers}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on drawing where the run stopped."""
        self._rng.bit_generator.state = state["draws"]
        if self._speakers:
            self._speakers.rng.bit_generator.state = state["speakers"]

    def best_weights(self) -> dict[str, Tensor]:
        """The network without its heads."""
        return {key: value.clone() for key, value in self._voice.state_dict().items()}


def _shares(distillation_set: DistillationSet, evenness: float) -> np.ndarray:
    _, place, counts = np.unique(
        distillation_set.collections, return_inverse=True, return_counts=True
    )
    return np.asarray((counts**evenness / counts)[place], np.float64)
