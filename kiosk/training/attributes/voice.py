"""Recipe of the voice-attribute network's heads: light layers over features computed once.

Every (collection, emotion) and every (collection, gender) counts alike, so that neither a large
collection nor a frequent emotion decides. The recurrent network stays as it is: with a few dozen
actors, training it would make it know them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import ModelError
from kiosk.inference.manifest import shipped
from kiosk.inference.voice.attributes import VoiceAttributeConfig, VoiceAttributeNet
from kiosk.inference.voice.networks.ge2e import ge2e_state
from kiosk.training.attributes.voice_data import EMOTIONS, Heard, LabelledVoice
from kiosk.training.loop import RunOptions
from kiosk.training.schedule import set_rates

_SIZE_POWER = 0.5


@dataclass(frozen=True)
class VoiceAttributeRecipeConfig:
    """Everything about training that is not the operator's choice of the day."""

    net: VoiceAttributeConfig = field(default_factory=VoiceAttributeConfig)
    views: int = 2
    """Disturbed views of a recording whose emotion is known."""
    batch: int = 256
    rate: float = 1e-3
    weight_decay: float = 0.5
    forget: float = 0.3
    """Chance of leaving out a feature."""
    forget_hidden: float = 0.5
    smoothing: float = 0.1
    age_weight: float = 0.1
    age_decay: float = 1.0
    gender_strength: float = 3e-4
    """The inverse of how strongly the weights of gender are held small (scikit-learn's C)."""


@dataclass(frozen=True, eq=False)
class Labels:
    """Of segments: `emotion` (n,) or -1, `male` (n,) or -1, `age` (n,) or -1, and what each segment
    counts for each, `weights` (n, 3), of mean one where there is a label."""

    emotion: Tensor
    male: Tensor
    age: Tensor
    weights: Tensor


def labels_of(heard: Heard, voices: Sequence[LabelledVoice]) -> Labels:
    """In the order of the segments."""
    own = [voices[place] for place in heard.voice]
    emotion = np.array([each.emotion for each in own])
    male = np.array([each.male for each in own])
    age = np.array([each.age for each in own])
    collection = np.array([each.collection for each in own])
    person = np.array([each.person for each in own])
    weights = [
        _evened(collection, emotion, emotion >= 0),
        _evened(collection, male, male >= 0, person),
        _evened(collection, age // 10, age >= 0),
    ]
    return Labels(
        torch.from_numpy(emotion),
        torch.from_numpy(male),
        torch.from_numpy(age).float(),
        torch.from_numpy(np.stack(weights, 1)).float(),
    )


def _evened(
    collection: NDArray[np.str_],
    label: NDArray[Any],
    known: NDArray[np.bool_],
    person: NDArray[np.str_] | None = None,
) -> NDArray[np.float64]:
    """Weights (n,) so that each label of a collection counts alike, within it each person if
    given, and collections by the square root of their size in segments, or in people."""
    weight = np.zeros(len(label))
    for name in np.unique(collection[known]):
        here = known & (collection == name)
        kinds, place = np.unique(label[here], return_inverse=True)
        each = np.ones(len(place)) if person is None else _alike(person[here])
        even = each / (np.bincount(place, each)[place] * len(kinds))
        weight[here] = even * each.sum() ** _SIZE_POWER
    return np.asarray(weight * known.sum() / max(weight.sum(), 1e-9))


def _alike(person: NDArray[np.str_]) -> NDArray[np.float64]:
    """Weights (n,) that sum to one for every person."""
    _, place = np.unique(person, return_inverse=True)
    return np.asarray(1 / np.bincount(place)[place])


def fresh_net(config: VoiceAttributeConfig) -> VoiceAttributeNet:
    """GE2E's layers with heads that know nothing. Raises ModelError: GE2E is not installed."""
    net = VoiceAttributeNet(config)
    state = ge2e_state(shipped("ge2e"))
    try:
        for number, layer in enumerate(net.recurrent):
            names = dict(layer.named_parameters())
            own = {name: state[f"lstm.{name[:-1]}{number}"] for name in names}
            layer.load_state_dict(own)
    except (KeyError, RuntimeError) as problem:
        raise ModelError("GE2E's weights do not fit the network.", "Use the sizes it has.") from (
            problem
        )
    for parameter in net.recurrent.parameters():
        parameter.requires_grad_(False)
    return net.eval()


def fit_scale(net: VoiceAttributeNet, features: NDArray[np.float32]) -> None:
    """Take mean and deviation of features from training segments; heads know nothing yet."""
    net.mean.copy_(torch.from_numpy(features.mean(0)))
    net.scale.copy_(torch.from_numpy(features.std(0) + 1e-4))
    for layer in (net.age, net.male, net.emotion):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)


def fit_gender(net: VoiceAttributeNet, heard: Heard, labels: Labels, strength: float) -> None:
    """Take the weights of gender from a logistic regression: two classes known of many people need
    no steps. Where only one gender is known they stay as they are."""
    rows = (labels.male.numpy() >= 0) & (heard.view == 0)
    truth = labels.male.numpy()[rows]
    if len(np.unique(truth)) < 2:
        return
    x = net.standard(torch.from_numpy(heard.features[rows])).numpy()
    weight = labels.weights[rows, 1].numpy()
    model = LogisticRegression(C=strength, max_iter=200)
    model.fit(x, truth, sample_weight=weight / weight.mean())
    with torch.no_grad():
        net.male.weight.copy_(torch.from_numpy(model.coef_).float())
        net.male.bias.copy_(torch.from_numpy(model.intercept_).float())


class LearningVoice(nn.Module):
    """The network with what only training needs: forgetting."""

    def __init__(self, net: VoiceAttributeNet, config: VoiceAttributeRecipeConfig) -> None:
        super().__init__()
        self.net, self.config = net, config

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `VoiceAttributeNet`, but ages in deviations of the training ages."""
        net, config = self.net, self.config
        x = functional.dropout(net.standard(features), config.forget, self.training)
        hidden = functional.gelu(net.merge(x))
        hidden = functional.dropout(hidden, config.forget_hidden, self.training)
        return net.emotion(hidden), net.age(x).squeeze(1), net.male(x).squeeze(1)


class VoiceAttributeRecipe:
    """The recipe for `loop.train`. Nothing is chosen by held-out speakers: the last epoch is kept,
    and their figures are only drawn."""

    def __init__(
        self,
        net: VoiceAttributeNet,
        training: tuple[Heard, Labels],
        held: tuple[Heard, Labels],
        config: VoiceAttributeRecipeConfig,
        options: RunOptions,
    ) -> None:
        self.config: Any = config
        self._heard, self._labels = training
        self._held, self._held_labels = held
        self._learning = LearningVoice(net, config)
        self.net: nn.Module = self._learning
        self._features = torch.from_numpy(self._heard.features)
        self._seed = options.seed
        self._epochs = options.epochs
        self._done = 0
        fit_gender(net, *training, config.gender_strength)
        others = [*net.merge.parameters(), *net.emotion.parameters()]
        groups: list[dict[str, Any]] = [
            {"params": others, "peak": config.rate, "weight_decay": config.weight_decay},
            {
                "params": list(net.age.parameters()),
                "peak": config.rate,
                "weight_decay": config.age_decay,
            },
        ]
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(groups, lr=config.rate)

    @property
    def shipped(self) -> VoiceAttributeNet:
        """The network without what only training needs."""
        return self._learning.net

    def steps(self, epoch: int) -> int:
        """All segments once."""
        batch: int = self.config.batch
        return -(-len(self._features) // batch)

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        """Places of segments, shuffled."""
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self._features))
        yield from np.array_split(order, self.steps(epoch))

    def loss(self, batch: NDArray[np.int64], step: int) -> tuple[Tensor, dict[str, float]]:
        """The weighted sum over what is known of each segment."""
        set_rates(self.optimizer, step, self._epochs * self.steps(0))
        emotion, age, _ = self._learning(self._features[batch])
        labels, weight = self._labels, self._labels.weights[batch][:, [0, 2]]
        felt = functional.cross_entropy(
            emotion,
            labels.emotion[batch].clamp(min=0),
            reduction="none",
            label_smoothing=self.config.smoothing,
        )
        net = self.config.net
        aged = functional.smooth_l1_loss(
            age, (labels.age[batch] - net.age_mean) / net.age_spread, reduction="none"
        )
        parts = (torch.stack((felt, aged), 1) * weight).mean(0)
        figures = dict(zip(("emotion", "age"), parts.detach().tolist(), strict=True))
        return parts[0] + self.config.age_weight * parts[1], figures

    def after_step(self, step: int) -> None:
        """Nothing: the rate is set before the step."""

    def validate(self) -> dict[str, float]:
        """Recall of emotions and share of right genders of held-out segments; the score rises from
        epoch to epoch, so that the last is kept."""
        self._learning.eval()
        with torch.inference_mode():
            emotion, _, male = self._learning(torch.from_numpy(self._held.features))
        self._done += 1
        known, sexed = self._held_labels.emotion >= 0, self._held_labels.male >= 0
        return {
            "held_out_recall": recall(emotion[known].argmax(1), self._held_labels.emotion[known]),
            "held_out_gender": float(
                ((male > 0) == (self._held_labels.male == 1))[sexed].float().mean()
            ),
            "score": float(self._done),
        }

    def state(self) -> dict[str, Any]:
        """How many epochs are done."""
        return {"done": self._done}

    def load_state(self, state: dict[str, Any]) -> None:
        """See `state`."""
        self._done = int(state["done"])

    def best_weights(self) -> dict[str, Tensor]:
        """Those of the network that is shipped."""
        return self._learning.net.state_dict()


def recall(said: Tensor, truth: Tensor) -> float:
    """Mean recall over the emotions that occur."""
    shares = [
        float((said[truth == kind] == kind).float().mean())
        for kind in range(len(EMOTIONS))
        if bool((truth == kind).any())
    ]
    return float(np.mean(shares)) if shares else 0.0
