"""Batches for the face recipe: augmented views, look-alikes and faces of nobody, reproducibly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.face.networks.dlib_resnet import ResidualTrunk
from kiosk.inference.face.networks.joined import JoinConfig
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig
from kiosk.training.face.augment import (
    AugmentConfig,
    Generator,
    mixture,
    plain_view,
    student_view,
    teacher_view,
)
from kiosk.training.face.data import CropView, FaceSet
from kiosk.training.face.feature_distillation import HintConfig
from kiosk.training.loop import autocast

_EVALUATION_BATCH = 64


@dataclass(frozen=True)
class FaceRecipeConfig:
    """Everything that shapes a run, written into its folder."""

    net: FaceNetConfig = field(default_factory=FaceNetConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    batch: int = 96
    steps_per_epoch: int = 200
    rate: float = 1e-3
    head_rate: float = 8e-4
    measured_batches: int = 12
    """Batches over which the norms' statistics are measured for the averaged weights."""
    frozen_blocks: int = 3
    """How many of the lowest residual blocks, and the stem, stay as they came."""
    cached_views: int = 0
    """Views of each face passed through the frozen blocks once and kept; 0: new ones each time."""
    cpu_parts: int = 2
    """Threads that each learn a part of the batch, where the device is the CPU."""
    weight_decay: float = 1e-3
    warm_up: int = 100
    averaging: float = 0.998
    """Decay of the running mean of the weights, which is what is kept."""
    held_out: float = 0.05
    mixtures: float = 0.2
    """Share of a batch that are faces of nobody."""
    look_alikes: int = 40
    """Partners for mixtures and hard pairs come from this many nearest neighbours."""
    matrix_weight: float = 10.0
    stranger_cap: float = 0.3
    hints: HintConfig = field(default_factory=HintConfig)
    """The light trunk's first lesson."""
    join: JoinConfig | None = None
    """How dlib's own embedding is joined to the learnt one; None: not at all."""
    same_from: float = 0.45
    """Teacher cosines from here on may be one person twice; such pairs are left alone."""


@dataclass(frozen=True)
class Batch:
    """Views, targets (batch, dims) and which pairs are strangers (batch, batch).

    Views are pictures (batch, size, size, 3) uint8, or what the frozen blocks made of them
    (batch, channels, height, width) bfloat16.
    """

    views: Tensor
    targets: Tensor
    strangers: Tensor

    def parts(self, count: int) -> list[Batch]:
        """The batch cut into `count` pieces; look-alikes follow one another and stay together."""
        pieces = []
        for some in np.array_split(np.arange(len(self.views)), count):
            cut = slice(int(some[0]), int(some[-1]) + 1)
            part = Batch(self.views[cut], self.targets[cut], self.strangers[cut, cut])
            pieces.append(part)
        return pieces


def neighbours(targets: Tensor, count: int) -> NDArray[np.int64]:
    """The `count` nearest others (n, count) of each row of `targets` (n, dims)."""
    found = []
    for rows in torch.split(targets, 2048):
        near = (rows @ targets.T).topk(min(count + 1, len(targets))).indices[:, 1:]
        found.append(near.numpy())
    return np.concatenate(found).astype(np.int64)


def embed_all(net: nn.Module, views: Iterator[NDArray[np.uint8]], device: torch.device) -> Tensor:
    """Embeddings (n, dims) on the CPU of all pictures in batches of `views`."""
    with torch.inference_mode(), autocast(device):
        return torch.cat([net(torch.from_numpy(batch).to(device)).float().cpu() for batch in views])


def teacher_targets(
    faces: FaceSet,
    teacher: nn.Module,
    name: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Tensor:
    """The teacher's embeddings (all faces, dims), mean of a face and its mirror image.

    Kept as float16 beside the crops under `name`, so that they are computed once.
    """
    dims, before, total = _dims(teacher), 0, sum(map(len, faces.parts))
    found = []
    for part, folder in zip(faces.parts, faces.folders, strict=True):
        path = folder / f"teacher-{name}.f16"
        done = path.stat().st_size // (2 * dims) if path.exists() else 0
        with path.open("ab") as file:
            file.truncate(done * 2 * dims)
            for first in range(done, len(part), _EVALUATION_BATCH):
                crops = list(part[first : first + _EVALUATION_BATCH])
                file.write(
                    _mirrored_mean(teacher, crops, faces.view).numpy().astype(np.float16).tobytes()
                )
                progress(before + first + len(crops), total)
        before += len(part)
        found.append(np.fromfile(path, np.float16).reshape(-1, dims))
    rows = np.concatenate(found)[faces.rows].astype(np.float32)
    return functional.normalize(torch.from_numpy(rows))


def _dims(net: nn.Module) -> int:
    dims = net.dims
    assert isinstance(dims, int)
    return dims


def _mirrored_mean(teacher: nn.Module, crops: list[NDArray[np.uint8]], view: CropView) -> Tensor:
    views = np.stack([teacher_view(crop, view) for crop in crops])
    both = (views, np.ascontiguousarray(views[:, :, ::-1]))
    with torch.inference_mode(), autocast(torch.device("cpu")):
        embedded = [teacher(torch.from_numpy(view)).float() for view in both]
    return functional.normalize(embedded[0] + embedded[1])


class FaceBatches:
    """Draws batches; number `n` of epoch `e` is the same in every run with the same seed."""

    def __init__(
        self,
        faces: FaceSet,
        targets: Tensor,
        teacher: nn.Module,
        config: FaceRecipeConfig,
        seed: int,
    ) -> None:
        self._faces, self._targets, self._teacher = faces, targets, teacher
        self._config, self._seed = config, seed
        self._near = neighbours(targets, config.look_alikes)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Batches without end; the next is drawn while the last is learnt."""
        with ThreadPoolExecutor(1) as helper:
            ahead = helper.submit(self.draw, number, 0)
            for step in range(1, 1_000_000):
                batch = ahead.result()
                ahead = helper.submit(self.draw, number, step)
                yield batch

    def draw(self, epoch: int, step: int) -> Batch:
        """Half of the rows are anchors, each followed by one of its look-alikes."""
        rng = np.random.default_rng([self._seed, epoch, step])
        rows = self._rows(rng)
        mixed = np.flatnonzero(rng.random(len(rows)) < self._config.mixtures)
        crops = [self._faces.crop(int(row)) for row in rows]
        partners = rows.copy()
        for at in mixed:
            partners[at] = self._near[rows[at], rng.integers(0, self._near.shape[1])]
            other = self._faces.crop(int(partners[at]))
            crops[at] = mixture(crops[at], other, rng.uniform(0.35, 0.65), rng)
        size, augment = self._config.net.size, self._config.augment
        views = np.stack([student_view(crop, size, augment, rng) for crop in crops])
        targets = self._targets[torch.from_numpy(rows)].clone()
        if len(mixed):
            targets[torch.from_numpy(mixed)] = self._teach([crops[at] for at in mixed])
        return Batch(torch.from_numpy(views), targets, self._strangers(rows, partners, targets))

    def _rows(self, rng: Generator) -> NDArray[np.int64]:
        anchors = rng.integers(0, len(self._targets), self._config.batch // 2)
        column = rng.integers(0, self._near.shape[1], len(anchors))
        return np.stack([anchors, self._near[anchors, column]], 1).reshape(-1)

    def pictures(self, step: int) -> Tensor:
        """Views (batch, size, size, 3) of a batch apart, for measuring; always the same."""
        return FaceBatches.draw(self, 1_000_000, step).views

    def _teach(self, crops: list[NDArray[np.uint8]]) -> Tensor:
        with torch.inference_mode(), autocast(torch.device("cpu")):
            embedded = self._teacher(torch.from_numpy(np.stack([teacher_view(c) for c in crops])))
        return functional.normalize(embedded.float())

    def _strangers(
        self, rows: NDArray[np.int64], partners: NDArray[np.int64], targets: Tensor
    ) -> Tensor:
        persons = self._faces.persons
        apart = np.ones((len(rows), len(rows)), dtype=bool)
        for one in (persons[rows], persons[partners]):
            for other in (persons[rows], persons[partners]):
                apart &= one[:, None] != other[None]
        return torch.from_numpy(apart) & (targets @ targets.T < self._config.same_from)


def stacked(views: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """Stack single views (size, size, 3) into batches."""
    waiting = []
    for view in views:
        waiting.append(view)
        if len(waiting) == _EVALUATION_BATCH:
            yield np.stack(waiting)
            waiting = []
    if waiting:
        yield np.stack(waiting)


class CachedBatches(FaceBatches):
    """Batches of what the frozen blocks made of a few fixed views of each face: no picture twice.

    `kept` is (faces, views, channels, height, width) bfloat16 in memory.
    """

    def keep(self, net: FaceNet, progress: Callable[[int, int], None]) -> None:
        """Draw the views and pass them through the frozen blocks of `net`."""
        for first in range(0, len(self._faces), _EVALUATION_BATCH):
            last = min(first + _EVALUATION_BATCH, len(self._faces))
            views = torch.from_numpy(np.stack([v for n in range(first, last) for v in self._of(n)]))
            below = self._below(net, views)
            if not first:
                shape = (len(self._faces), self._config.cached_views, *below.shape[1:])
                self._kept = torch.empty(shape, dtype=torch.bfloat16)
            self._kept[first:last] = below.view(last - first, -1, *below.shape[1:])
            progress(last, len(self._faces))

    def _below(self, net: FaceNet, views: Tensor) -> Tensor:
        assert isinstance(net.trunk, ResidualTrunk)
        with torch.no_grad(), autocast(torch.device("cpu")):
            below = net.trunk.below(net.scaled(views), self._config.frozen_blocks)
        return below.contiguous()

    def _of(self, number: int) -> list[NDArray[np.uint8]]:
        """The views kept of one face: as the kiosk cuts it, mirrored, then worn ones."""
        rng = np.random.default_rng([self._seed, 2_000_000, number])
        crop, size = self._faces.crop(number), self._config.net.size
        plain = plain_view(crop, size)
        more = range(self._config.cached_views - 2)
        worn = [student_view(crop, size, self._config.augment, rng) for _ in more]
        return [plain, np.ascontiguousarray(plain[:, ::-1]), *worn]

    def draw(self, epoch: int, step: int) -> Batch:
        """As `FaceBatches.draw`, without mixtures."""
        rng = np.random.default_rng([self._seed, epoch, step])
        rows = self._rows(rng)
        views = torch.from_numpy(rng.integers(0, self._kept.shape[1], len(rows)))
        places = torch.from_numpy(rows)
        targets = self._targets[places]
        return Batch(self._kept[places, views], targets, self._strangers(rows, rows, targets))
