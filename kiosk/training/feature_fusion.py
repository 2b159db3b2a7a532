"""Feature-level fusion, the ancestor's way: face and voice vectors joined and passed through dense
layers to one vector. Trained to be compared with the sum of likelihood ratios, not instead of it.

Users are chimeric: every step pairs people with speakers anew, so that the network cannot learn
which voice goes with which face. The loss tells each user's second sample from everyone else's in
the batch (InfoNCE, van den Oord et al., arXiv:1807.03748).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.core.media import Matrix
from kiosk.training.loop import Outcome, RunOptions, begin_run, load_tensors, train

Integers = NDArray[np.int64]
_HELD_OUT = 0.2
_LEAST_PEOPLE = 10


@dataclass(frozen=True)
class FusionConfig:
    """Sizes and steps."""

    face_dims: int
    voice_dims: int
    hidden: int = 512
    dims: int = 256
    dropout: float = 0.2
    temperature: float = 0.07
    users: int = 128
    """Chimeric users in a batch."""
    steps: int = 200
    """Batches in an epoch."""
    rate: float = 1e-3
    decay: float = 1e-3


class FusionNet(nn.Module):
    """Face (batch, face_dims) and voice (batch, voice_dims) to unit vectors (batch, dims)."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(config.face_dims + config.voice_dims, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.dims),
        )

    def forward(self, face: Tensor, voice: Tensor) -> Tensor:
        """See the class."""
        return functional.normalize(self.layers(torch.cat([face, voice], dim=1)), dim=1)


@dataclass(frozen=True, eq=False)
class People:
    """Vectors (n, dims) sorted by person; those of person k begin at `start[k]` and are `count[k]`,
    two at least."""

    vectors: Tensor
    start: Integers
    count: Integers

    @classmethod
    def of(cls, vectors: Matrix, subject: Integers) -> People:
        """Leaves out everyone with a single sample."""
        order = np.argsort(subject, kind="stable")
        _, start, count = np.unique(subject[order], return_index=True, return_counts=True)
        several = count > 1
        return cls(torch.from_numpy(vectors[order]), start[several], count[several])

    def __len__(self) -> int:
        return len(self.start)

    def pick(self, count: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Two different samples of `count` people, who repeat when there are fewer."""
        people = random.permutation(np.resize(random.permutation(len(self)), count))
        size = self.count[people]
        first = random.integers(0, size)
        second = (first + random.integers(1, size)) % size
        return self.vectors[self.start[people] + first], self.vectors[self.start[people] + second]

    def divided(self, random: np.random.Generator) -> tuple[People, People]:
        """People to learn from and people to stop by."""
        order = random.permutation(len(self))
        held = max(_LEAST_PEOPLE // 2, round(_HELD_OUT * len(order)))
        return self._only(order[held:]), self._only(order[:held])

    def _only(self, people: Integers) -> People:
        return People(self.vectors, self.start[people], self.count[people])


class FusionRecipe:
    """Implements `loop.Recipe`."""

    def __init__(self, face: People, voice: People, config: FusionConfig, seed: int) -> None:
        self.config = config
        random = np.random.default_rng(seed)
        self._face, self._face_held = face.divided(random)
        self._voice, self._voice_held = voice.divided(random)
        self._seed = seed
        self.net: nn.Module = FusionNet(config)
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            self.net.parameters(), config.rate, weight_decay=config.decay
        )

    def steps(self, epoch: int) -> int:
        """Batches in an epoch."""
        return self.config.steps

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, ...]]:
        """Two samples of each of `users` new chimeric users; the same for the same epoch."""
        random = np.random.default_rng((self._seed, epoch))
        for _ in range(self.config.steps):
            yield (
                *self._face.pick(self.config.users, random),
                *self._voice.pick(self.config.users, random),
            )

    def loss(self, batch: tuple[Tensor, ...], step: int) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy of finding each user's other sample, both ways."""
        similarity = self._similarity(batch) / self.config.temperature
        target = torch.arange(len(similarity))
        forth = functional.cross_entropy(similarity, target)
        back = functional.cross_entropy(similarity.T, target)
        return (forth + back) / 2, {}

    def _similarity(self, batch: tuple[Tensor, ...]) -> Tensor:
        face, other_face, voice, other_voice = batch
        similarity: Tensor = self.net(face, voice) @ self.net(other_face, other_voice).T
        return similarity

    def after_step(self, step: int) -> None:
        """Nothing: the rate is constant."""

    def validate(self) -> dict[str, float]:
        """Minus the equal error rate on people held out."""
        self.net.eval()
        random = np.random.default_rng(self._seed)
        same, other = [], []
        with torch.inference_mode():
            for _ in range(20):
                count = min(len(self._face_held), len(self._voice_held))
                batch = (
                    *self._face_held.pick(count, random),
                    *self._voice_held.pick(count, random),
                )
                table = self._similarity(batch).numpy()
                same.append(np.diag(table))
                other.append(table[~np.eye(count, dtype=np.bool_)])
        return {"score": -_equal_error(np.concatenate(same), np.concatenate(other))}

    def state(self) -> dict[str, Any]:
        """Nothing beside net and optimizer: batches depend on seed and epoch alone."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back nothing."""

    def best_weights(self) -> dict[str, Tensor]:
        """The weights of the net and the sizes to build it."""
        sizes = {key: torch.tensor(value) for key, value in asdict(self.config).items()}
        return {**self.net.state_dict(), **{f"config.{key}": v for key, v in sizes.items()}}


def _equal_error(same: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    bars = np.quantile(np.concatenate([same, other]), np.linspace(0, 1, 501))
    missed = (same[:, None] < bars).mean(axis=0)
    falsely = (other[:, None] >= bars).mean(axis=0)
    place = int(np.argmin(np.abs(missed - falsely)))
    return float((missed[place] + falsely[place]) / 2)


def train_fusion(
    face: tuple[Matrix, Integers],
    voice: tuple[Matrix, Integers],
    options: RunOptions,
    console: Console | None = None,
    steps: int = FusionConfig.steps,
) -> Outcome:
    """Train on vectors and subjects of faces and of voices into `options.out`.

    Raises InputError for fewer than a dozen people of either kind with two samples.
    """
    faces, voices = People.of(*face), People.of(*voice)
    if min(len(faces), len(voices)) < _LEAST_PEOPLE:
        raise InputError(
            "There are too few people to train fusion with.",
            f"Give {_LEAST_PEOPLE} faces and {_LEAST_PEOPLE} voices or more with two samples each.",
        )
    begin_run(options)
    config = FusionConfig(face[0].shape[1], voice[0].shape[1], steps=steps)
    return train(FusionRecipe(faces, voices, config, options.seed), options, console)


def load_fusion(folder: Path) -> Callable[[Matrix, Matrix], Matrix]:
    """The best network of a run, as a function of face and voice vectors (n, dims each).

    Raises ModelError where it cannot be read.
    """
    saved = load_tensors(folder / "best.pt")
    fields = {key[7:]: value.item() for key, value in saved.items() if key.startswith("config.")}
    whole = {name for name, kind in FusionConfig.__annotations__.items() if kind == "int"}
    config = FusionConfig(**{k: int(v) if k in whole else v for k, v in fields.items()})
    net = FusionNet(config)
    net.load_state_dict({k: v for k, v in saved.items() if not k.startswith("config.")})
    net.eval()

    def join(face: Matrix, voice: Matrix) -> Matrix:
        with torch.inference_mode():
            joined = net(torch.from_numpy(face), torch.from_numpy(voice))
        return np.asarray(joined.numpy(), dtype=np.float32)

    return join
