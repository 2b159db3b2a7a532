"""A run of the recipe: collections in, weights and curves out; it can be stopped and resumed.

First the faces of every collection are found, then samples are drawn from them by seeded parts and
carried through the layers that stay, both kept in the cache; then the upper layers are taught for
some epochs, and the epoch that does best on people kept for stopping is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.core.progress import Bar
from kiosk.datasets.attack_collections import may_be_learnt_from, presentations_at
from kiosk.datasets.presentations import PadPresentation
from kiosk.datasets.splits import kept_for_stopping
from kiosk.inference.liveness.network import PictureNet, save_picture_net
from kiosk.inference.liveness.picture import batch_of, surroundings
from kiosk.training.loop import Outcome, RunOptions, load_tensors, train, write_atomically
from kiosk.training.pad.adopt import CLOSE, adopt_close, adopt_published
from kiosk.training.pad.data import living_pictures, prepare
from kiosk.training.pad.recipe import PadRecipeConfig, lower_features, odds_from
from kiosk.training.pad.samples import KnownFace, Sampler
from kiosk.training.schedule import set_rates

WEIGHTS = "face-pad.safetensors"
CLOSE_WEIGHTS = "face-pad-close.safetensors"
_MOST = 500
"""Presentations, or single pictures, taken of one collection."""
_FEWEST_KEPT = 4
"""Presentations of either kind below which nothing can be said of an epoch."""


@dataclass(frozen=True)
class PadSources:
    """Collections of presentations, of pictures of living faces, the published layers, and the
    folder for what is made of them once."""

    data: Sequence[Path]
    living: Sequence[Path]
    teacher: Path
    cache: Path


def train_pad(
    sources: PadSources, config: PadRecipeConfig, options: RunOptions, console: Console
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves.

    Raises:
        InputError: no attacks or no living people to learn from, a folder already in use.
        ModelError: the published layers cannot be read.
    """
    cv2.setNumThreads(1)  # single pictures are too small to share among threads
    net = PictureNet()
    net.load_state_dict(adopt_published(sources.teacher))
    net.eval()
    faces = _faces(sources, options.seed, console)
    kept = _kept_for_stopping(faces, config, options.seed)
    learnt_from = [face for face, keep in zip(faces, kept, strict=True) if not keep]
    judged_by = [face for face, keep in zip(faces, kept, strict=True) if keep]
    drawn = _drawn(net, learnt_from, config, sources, options.seed, console)
    recipe = PadRecipe(net, drawn, Watched.of(net, judged_by, config.depth), config, options)
    outcome = train(recipe, options, console)
    best = PictureNet()
    best.load_state_dict(load_tensors(options.out / "best.pt"))
    path = options.out / WEIGHTS
    write_atomically(path, save_picture_net(best.eval()))
    return path, outcome


def write_published(teacher: Path, out: Path) -> Path:
    """The published layers in the kiosk's own format, nothing learnt. Raises ModelError."""
    net = PictureNet()
    net.load_state_dict(adopt_published(teacher))
    out.mkdir(parents=True, exist_ok=True)
    path = out / WEIGHTS
    write_atomically(path, save_picture_net(net.eval()))
    return path


def write_close(published: Path, out: Path) -> Path:
    """The published layers of the closer look, likewise. Raises ModelError."""
    net = PictureNet(CLOSE)
    net.load_state_dict(adopt_close(published))
    out.mkdir(parents=True, exist_ok=True)
    path = out / CLOSE_WEIGHTS
    write_atomically(path, save_picture_net(net.eval()))
    return path


def _faces(sources: PadSources, seed: int, console: Console) -> list[KnownFace]:
    """Of everybody who may be learnt from."""
    groups: list[tuple[str, list[PadPresentation]]] = [
        (path.name, presentations_at(path)) for path in sources.data
    ]
    groups += [
        (f"{path.parent.name}-{path.stem}", living_pictures(path, _MOST, seed))
        for path in sources.living
    ]
    faces: list[KnownFace] = []
    for name, every in groups:
        free = [shown for shown in every if may_be_learnt_from(shown)]
        free = free[:: -(-len(free) // _MOST)] if len(free) > _MOST else free
        with Bar(console, name, len(free)) as bar:
            faces += prepare(free, name, sources.cache, console.print, bar.tell)
    if not all(any(face.living is living for face in faces) for living in (True, False)):
        raise InputError(
            "There are no attacks, or no living people, to learn from.",
            "Give collections with both, or more of them, as --data.",
        )
    return faces


def _kept_for_stopping(
    faces: Sequence[KnownFace], config: PadRecipeConfig, seed: int
) -> NDArray[np.bool_]:
    """Which faces (n,) say when to stop: whole people of either kind."""
    kept = np.zeros(len(faces), dtype=np.bool_)
    for living in (True, False):
        rows = [k for k, face in enumerate(faces) if face.living is living]
        people = [faces[k].subject for k in rows]
        kept[rows] = kept_for_stopping(people, config.kept_out, seed, fewest=1)
    names = {face.subject for face, keep in zip(faces, kept, strict=True) if keep}
    return np.array([face.subject in names for face in faces], dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What the layers that stay make of samples (n, ...) float16, labels (n,), and the odds (n,)
    that the network gave them before it was taught."""

    features: Tensor
    living: Tensor
    before: Tensor


def _drawn(
    net: PictureNet,
    faces: Sequence[KnownFace],
    config: PadRecipeConfig,
    sources: PadSources,
    seed: int,
    console: Console,
) -> Drawn:
    """Samples of all parts, those of earlier calls from the cache."""
    drawn_by = (config.samples, config.part, config.batch, config.simulated, config.depth, seed)
    about = hashlib.sha256(repr(drawn_by).encode())
    about.update(str([(face.presentation, len(face.jpeg)) for face in faces]).encode())
    size = min(config.part, config.samples)
    made = []
    with Bar(console, "samples", config.samples) as bar:
        for number in range(-(-config.samples // size)):
            file = sources.cache / f"samples-{about.hexdigest()[:16]}-{number}.npz"
            if not file.is_file():
                _draw_part(
                    net, Sampler(faces, config.simulated, seed * 1000 + number), config, file
                )
            with np.load(file) as kept:
                made.append((torch.from_numpy(kept["features"]), torch.from_numpy(kept["living"])))
            bar.tell((number + 1) * size)
    features, living = (torch.cat(each) for each in zip(*made, strict=True))
    odds = torch.from_numpy(odds_from(net, features, config.depth)).float()
    return Drawn(features, living, odds)


def _draw_part(net: PictureNet, sampler: Sampler, config: PadRecipeConfig, file: Path) -> None:
    features, living = [], []
    for _ in range(max(1, min(config.part, config.samples) // config.batch)):
        drawn = [sampler.draw() for _ in range(config.batch)]
        crops = batch_of([sample.crop for sample in drawn])
        features.append(lower_features(net, crops, config.depth).half().numpy())
        living += [sample.living for sample in drawn]
    beside = file.with_suffix(".part")
    with beside.open("wb") as handle:
        labels = np.array(living, dtype=np.float32)
        np.savez(handle, features=np.concatenate(features), living=labels)
    beside.replace(file)


@dataclass(frozen=True, eq=False)
class Watched:
    """Faces as they are that say how an epoch did; `presentation` (n,) numbers what belongs
    together."""

    features: Tensor
    living: NDArray[np.bool_]
    presentation: NDArray[np.int64]

    @staticmethod
    def of(net: PictureNet, faces: Sequence[KnownFace], depth: int) -> Watched:
        """Carry faces through the layers that stay. Raises InputError if they are too few."""
        place = {name: k for k, name in enumerate(sorted({face.presentation for face in faces}))}
        features = [
            lower_features(
                net, batch_of([surroundings(face.image, face.box) for face in part]), depth
            ).half()
            for part in (faces[k : k + 64] for k in range(0, len(faces), 64))
        ]
        number = np.array([place[face.presentation] for face in faces], dtype=np.int64)
        living = np.array([face.living for face in faces], dtype=np.bool_)
        if min(len(set(number[living])), len(set(number[~living]))) < _FEWEST_KEPT:
            raise InputError(
                "Too few people are there to keep some for stopping.", "Give more collections."
            )
        return Watched(torch.cat(features), living, number)

    def figures(self, odds: NDArray[np.float64]) -> dict[str, float]:
        """Of the mean odds of each presentation: the area under the ROC, and what both kinds of
        error cost at the odds they are; `score` is that cost, negative."""
        count = int(self.presentation.max()) + 1
        sizes = np.bincount(self.presentation, minlength=count)
        mean = np.bincount(self.presentation, odds, minlength=count) / sizes
        living = np.bincount(self.presentation, self.living, minlength=count) > 0
        alive, attacks = mean[living], mean[~living]
        cost = float(np.logaddexp(0, -alive).mean() + np.logaddexp(0, attacks).mean()) / 2
        area = float((alive[:, None] > attacks[None]).mean())
        return {"score": -cost, "area": area}


class PadRecipe:
    """The `Recipe` of the face-picture network; its layers below `config.depth` stay."""

    def __init__(
        self,
        net: PictureNet,
        drawn: Drawn,
        watched: Watched,
        config: PadRecipeConfig,
        options: RunOptions,
    ) -> None:
        self.net: nn.Module = net
        self.config: Any = config
        self._layers = net
        self._drawn, self._watched, self._options = drawn, watched, options
        for parameter in net.parameters():
            parameter.requires_grad_(False)
        self._taught = [one for layer in net.taught(config.depth) for one in layer.parameters()]
        for parameter in self._taught:
            parameter.requires_grad_(True)
        self._began = [parameter.detach().clone() for parameter in self._taught]
        group = {"params": self._taught, "lr": config.rate, "peak": config.rate}
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW([group], weight_decay=0.0)

    def steps(self, epoch: int) -> int:
        """All samples once."""
        return self._drawn.living.shape[0] // int(self.config.batch)

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """In an order of the epoch's own."""
        order = torch.Generator().manual_seed(self._options.seed * 1000 + epoch)
        places_in_turn = torch.randperm(len(self._drawn.living), generator=order)
        for places in torch.split(places_in_turn, self.config.batch):
            drawn = self._drawn
            yield drawn.features[places].float(), drawn.living[places], drawn.before[places]

    def loss(
        self, batch: tuple[Tensor, Tensor, Tensor], step: int
    ) -> tuple[Tensor, dict[str, float]]:
        """What wrong odds cost, how far the odds have gone where they were right, and how far the
        layers have from where they began."""
        features, living, before = batch
        aim = living * (1 - 2 * self.config.smoothing) + self.config.smoothing
        odds = self._layers.upper(features, self.config.depth)
        wrong = functional.binary_cross_entropy_with_logits(odds, aim)
        away = [
            ((one - two) ** 2).sum() for one, two in zip(self._taught, self._began, strict=True)
        ]
        held = torch.stack(away).sum()
        right = (before > 0) == (living > 0.5)
        changed = (functional.smooth_l1_loss(odds, before, reduction="none") * right).mean()
        loss = wrong + self.config.keep * changed + self.config.hold * held
        return loss, {"wrong": wrong.item(), "changed": changed.item(), "away": held.item()}

    def after_step(self, step: int) -> None:
        """The next step's rate."""
        total = self._options.epochs * self.steps(0)
        set_rates(self.optimizer, step + 1, total, self.config.warm_up)

    def validate(self) -> dict[str, float]:
        """On the people kept for stopping, as `best_weights` would judge them."""
        net = PictureNet()
        net.load_state_dict(self.best_weights())
        return self._watched.figures(
            odds_from(net.eval(), self._watched.features, self.config.depth)
        )

    def state(self) -> dict[str, Any]:
        """Where the layers began."""
        return {"began": self._began}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take it back."""
        self._began = state["began"]

    def best_weights(self) -> dict[str, Tensor]:
        """The taught layers as far on their way from the published ones as `share` says."""
        with torch.no_grad():
            taught = {
                id(one): start + self.config.share * (one - start)
                for one, start in zip(self._taught, self._began, strict=True)
            }
            return {
                name: taught.get(id(one), one).detach().clone()
                for name, one in self.net.named_parameters()
            }
