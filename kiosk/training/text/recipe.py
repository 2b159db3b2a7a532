"""Recipe of the text-emotion network: batches of one language, shares of emotions as targets.

Rare emotions count more (by the power `evenness` of how rare they are). Korean comments are few, so
each is seen several times an epoch, and all 44 labels of theirs are guessed beside the seven: that
teaches words the seven alone would not tell apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from torch.nn import functional

from kiosk.datasets.text_emotions import KOTE_LABELS, Sentences
from kiosk.inference.text.emotion import (
    LONGEST,
    Spelt,
    TextBatch,
    TextEmotionConfig,
    TextEmotionNet,
    batch_of,
    placed,
    spell,
)
from kiosk.inference.text.units import words_of
from kiosk.training.loop import RunOptions
from kiosk.training.schedule import set_rates

_BATCH_JUDGED = 256


@dataclass(frozen=True)
class TextEmotionRecipeConfig:
    """Everything about training that is not the operator's choice of the day."""

    net: TextEmotionConfig = field(default_factory=TextEmotionConfig)
    batch: int = 64
    rate: float = 2e-3
    table_rate: float = 6e-3
    warm_up: float = 0.1
    """Part of the run in which the rates rise."""
    forget: float = 0.4
    """Chance of leaving out a number of what is known of a sentence."""
    forget_words: float = 0.1
    forget_linear: float = 0.3
    evenness: float = 0.5
    korean_evenness: float = 1.0
    korean_views: int = 4
    """How often a Korean comment is seen in an epoch."""
    korean_power: float = 2.0
    """Shares of Korean comments to this power: more than one sharpens them."""
    label_weight: float = 4.0
    held_out: float = 0.06
    """Of the training sentences: they choose the epoch, and calibrate."""


class LearningNet(nn.Module):
    """The network with what only training needs: forgetting, and the 44 labels."""

    def __init__(self, net: TextEmotionNet, config: TextEmotionRecipeConfig) -> None:
        super().__init__()
        self.net = net
        self.labels = nn.Linear(net.config.pooled, KOTE_LABELS)
        self.config = config

    def forward(self, batch: TextBatch) -> tuple[Tensor, Tensor]:
        """Logits of emotions (batch, 7) and of labels (batch, 44)."""
        config, net = self.config, self.net
        vectors = self._forget_rows(net.words(batch, net.vectors), config.forget_words)
        linear = self._forget_rows(net.words(batch, net.linear), config.forget_linear)
        spread = functional.dropout(placed(vectors, batch.there), config.forget / 2, self.training)
        pooled = net.gather(spread, batch.there)
        pooled = functional.dropout(pooled, config.forget, self.training)
        return net.judge(pooled, placed(linear, batch.there), batch), self.labels(pooled)

    def _forget_rows(self, words: Tensor, chance: float) -> Tensor:
        if not self.training:
            return words
        return words * (torch.rand(len(words), 1) >= chance) / (1 - chance)


def spelt(texts: Sequence[str], buckets: int) -> list[Spelt]:
    """The first words of each text as numbers."""
    return [spell(words_of(text)[:LONGEST] or ["."], buckets) for text in texts]


def logits_of(net: TextEmotionNet, pieces: Sequence[Spelt]) -> Tensor:
    """Logits (n, 7) of many pieces."""
    net.eval()
    with torch.inference_mode():
        starts = range(0, len(pieces), _BATCH_JUDGED)
        return torch.cat([net(batch_of(pieces[at : at + _BATCH_JUDGED])) for at in starts])


def single_macro_f1(chances: np.ndarray, sentences: Sentences) -> float:
    """Of the likeliest emotion, over sentences with one largest share."""
    largest = sentences.share.max(1, keepdims=True)
    clear = (sentences.share >= largest - 1e-9).sum(1) == 1
    truth, said = sentences.share[clear].argmax(1), chances[clear].argmax(1)
    return float(f1_score(truth, said, average="macro", zero_division=0))


class TextEmotionRecipe:
    """The recipe for `loop.train`."""

    def __init__(
        self,
        net: LearningNet,
        training: Sentences,
        held: Sentences,
        config: TextEmotionRecipeConfig,
        options: RunOptions,
    ) -> None:
        self.net: nn.Module = net
        self._learning = net
        self.config: Any = config
        self._data, self._held = training, held
        buckets = config.net.buckets
        self._pieces, self._held_pieces = spelt(training.texts, buckets), spelt(held.texts, buckets)
        self._seed = options.seed
        self._target = torch.from_numpy(self._targets()).float()
        self._labels = torch.from_numpy(training.labels).float()
        self._weight = self._weights()
        tables = [net.net.linear.weight, net.net.vectors.weight]
        others = [p for p in net.parameters() if not any(p is table for table in tables)]
        groups: list[dict[str, Any]] = [
            {"params": tables, "peak": config.table_rate},
            {"params": others, "peak": config.rate},
        ]
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(groups, weight_decay=0.0)
        self._total = options.epochs * self.steps(0)
        self._warm_up = round(config.warm_up * self._total)

    def _targets(self) -> np.ndarray:
        power = np.where(self._data.korean[:, None], self.config.korean_power, 1.0)
        sharp = self._data.share**power
        return np.asarray(sharp / sharp.sum(1, keepdims=True))

    def _weights(self) -> Tensor:
        """(2, 7): what an emotion counts in English and in Korean; 1 on the average sentence."""
        rows = []
        for korean in (False, True):
            part = self._target[torch.from_numpy(self._data.korean == korean)]
            usual = part.mean(0).clamp_min(1e-3) if len(part) else torch.full((7,), 1 / 7)
            config = self.config
            weight = usual ** -(config.korean_evenness if korean else config.evenness)
            rows.append(weight / (weight * usual).sum())
        return torch.stack(rows)

    def steps(self, epoch: int) -> int:
        """One view of each English sentence, several of each Korean one."""
        korean = int(self._data.korean.sum())
        views: int = self.config.korean_views
        return self._count(len(self._data) - korean) + views * self._count(korean)

    def _count(self, sentences: int) -> int:
        batch: int = self.config.batch
        return -(-sentences // batch)

    def batches(self, epoch: int) -> Iterator[np.ndarray]:
        """Places of sentences of one language, the languages in random turn."""
        rng = np.random.default_rng([self._seed, epoch])
        korean, english = np.flatnonzero(self._data.korean), np.flatnonzero(~self._data.korean)
        turns = [english] + [korean] * self.config.korean_views
        jobs = [
            part
            for places in turns
            if len(places)
            for part in np.array_split(rng.permutation(places), self._count(len(places)))
        ]
        for place in rng.permutation(len(jobs)):
            yield jobs[place]

    def loss(self, batch: np.ndarray, step: int) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy with the shares, and with the labels where there are any."""
        set_rates(self.optimizer, step, self._total, self._warm_up)
        logits, labels = self._learning(batch_of([self._pieces[place] for place in batch]))
        korean = bool(self._data.korean[batch[0]])
        target, weight = self._target[batch], self._weight[int(korean)]
        loss = -(target * weight * logits.log_softmax(1)).sum(1).mean()
        figures = {"korean" if korean else "english": float(loss.detach())}
        if korean:
            loss = loss + self.config.label_weight * self._untold(labels, self._labels[batch])
        return loss, figures

    def _untold(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Cross entropy with the labels of comments; the kiosk's own sentences have none."""
        there = labels.any(1, keepdim=True).float()
        each = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
        return (each * there).mean()

    def after_step(self, step: int) -> None:
        """Nothing: rates are set before the step."""

    def validate(self) -> dict[str, float]:
        """Macro-F1 of either language on held-out sentences; `score` is the mean of both."""
        chances = logits_of(self._learning.net, self._held_pieces).softmax(1).numpy()
        figures = {}
        for name, rows in (("english_f1", ~self._held.korean), ("korean_f1", self._held.korean)):
            if rows.any():
                figures[name] = single_macro_f1(chances[rows], self._held.rows(rows))
        return figures | {"score": float(np.mean(list(figures.values())))}

    def state(self) -> dict[str, Any]:
        """Nothing beside net and optimizer."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """See `state`."""

    def best_weights(self) -> dict[str, Tensor]:
        """Those of the network that is shipped."""
        return self._learning.net.state_dict()
