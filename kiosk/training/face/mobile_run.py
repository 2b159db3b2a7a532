"""`kiosk train face --config mobile`: from pictures and a published network to its weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.core.progress import Bar
from kiosk.datasets.splits import kept_for_stopping
from kiosk.inference.face.networks.dlib_resnet import channels_last
from kiosk.inference.face.networks.edgeface import load_edgeface
from kiosk.inference.face.networks.mobile import (
    KEPT,
    MobileFaceNet,
    save_mobile_net,
    start_from_published,
)
from kiosk.training.face.augment import plain_view
from kiosk.training.face.batches import stacked
from kiosk.training.face.cohort import COUNT, centroids
from kiosk.training.face.data import ARCFACE, FaceSet
from kiosk.training.face.mobile import (
    MobileBatches,
    MobileRecipe,
    MobileRecipeConfig,
    heads_of,
)
from kiosk.training.face.run import (
    LARGEST_GRADIENT,
    FaceSources,
    aligned_faces,
    asked,
    ridge,
)
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    autocast,
    choose_device,
    load_tensors,
    seed_everything,
    train,
    write_atomically,
)

CONFIG = "mobile"
WEIGHTS = "face-mobile.safetensors"

_CPU = torch.device("cpu")
_POOL_SPREAD = 0.15
_REGRESSED = 12000
_PENALTY = 1 / 20
"""Of the regression, in features' variances a face."""
_FOR_COHORT = 15000


class _Kept(nn.Module):
    """The published head alone: what it gave before training is to be kept."""

    dims = KEPT

    def __init__(self, net: MobileFaceNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, crops: Tensor) -> Tensor:
        """(batch, 112, 112, 3) uint8 -> (batch, 128) of length one."""
        net = self.net
        kept, _ = net.heads(net.pooled(net.trunk(net.scaled(crops))).float())
        return kept


def train_mobile(
    sources: FaceSources,
    options: RunOptions,
    console: Console,
    config: MobileRecipeConfig | None = None,
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves.

    Raises:
        InputError: no pictures, no published weights named, a folder already in use.
        ModelError: a teacher's file or the published weights cannot be read.
    """
    config = config or MobileRecipeConfig()
    if sources.start is None:
        raise InputError(
            "This network starts from published weights.",
            remedy="Name mobilefacenet_foamliu.pt with --start.",
        )
    device = choose_device(options.device)
    cv2.setNumThreads(1)  # single pictures are too small to share among threads
    seed_everything(options.seed)
    net = MobileFaceNet(config.net)
    start_from_published(net, sources.start)
    channels_last(net.eval(), _CPU)
    faces = aligned_faces(sources, console, ARCFACE)
    kept = asked(faces, _Kept(net), sources.start, console, "kept-")
    targets = compressed(_teachers(faces, sources, console), config.net.learnt)
    held = kept_for_stopping(faces.persons.tolist(), config.held_out, options.seed)
    learnt = torch.from_numpy(~held)
    training = faces.subset(~held)
    if not (options.out / "checkpoint.pt").exists():
        start_head(net, training, targets[learnt], console)
    batches = MobileBatches(training, targets[learnt], kept[learnt], config, options.seed)
    aims = targets[torch.from_numpy(held)]
    recipe = MobileRecipe(
        net.to(device), batches, faces.subset(held), aims, config, options, device
    )
    outcome = train(recipe, replace(options, largest_gradient=LARGEST_GRADIENT), console)
    best = MobileFaceNet(config.net)
    best.load_state_dict(load_tensors(options.out / "best.pt"))
    path = options.out / WEIGHTS
    write_atomically(path, finished(best, training, options.seed, console))
    return path, outcome


def _teachers(faces: FaceSet, sources: FaceSources, console: Console) -> Tensor:
    """What all teachers say, side by side (faces, sum of their dims), of length one."""
    paths = (sources.teacher, *sources.more_teachers)
    said = [asked(faces, load_edgeface(path, _CPU), path, console) for path in paths]
    together: Tensor = torch.cat(said, 1) / math.sqrt(len(said))
    return together


def compressed(said: Tensor, dims: int) -> Tensor:
    """The `dims` directions of largest variance about zero of `said` (n, more), of length one: the
    cosines stay what they are but for the rest.

    Raises:
        InputError: fewer than `dims` numbers are said of a face.
    """
    if said.shape[1] < dims:
        raise InputError(
            f"The teachers say {said.shape[1]} numbers of a face, {dims} are to be learnt.",
            remedy="Give another teacher.",
        )
    directions = torch.linalg.eigh((said.T @ said).double())[1].flip(1)[:, :dims]
    return functional.normalize(said @ directions.float())


def start_head(net: MobileFaceNet, faces: FaceSet, targets: Tensor, console: Console) -> None:
    """Begin the learnt head by regression from the published trunk, on a pooling drawn at random
    beside the published one."""
    nn.init.normal_(net.beside_pool.weight, std=_POOL_SPREAD)
    rows = np.linspace(0, len(faces) - 1, min(len(faces), _REGRESSED)).astype(np.int64)
    features = []
    with Bar(console, "fitting the new head") as bar, torch.inference_mode():
        for batch in stacked(_views(faces, rows)):
            with autocast(_CPU):
                pooled = net.pooled(net.trunk(net.scaled(torch.from_numpy(batch))))
            features.append(pooled.float())
            bar.tell(sum(map(len, features)), len(rows))
    found = torch.cat(features).clone()
    weight, bias = ridge(found, targets[torch.from_numpy(rows)], _PENALTY * len(rows))
    length = (found @ weight.T + bias).norm(dim=1).mean()
    net.learnt.weight.data.copy_(weight / length)
    net.learnt.bias.data.copy_(bias / length)


def finished(net: MobileFaceNet, faces: FaceSet, seed: int, console: Console) -> bytes:
    """The file of weights with a cohort made of `faces`, which took part in training."""
    channels_last(net.eval(), _CPU)
    rows = np.linspace(0, len(faces) - 1, min(len(faces), _FOR_COHORT)).astype(np.int64)
    embedded: list[Tensor] = []
    with Bar(console, "making the cohort") as bar:
        for batch in stacked(_views(faces, rows)):
            embedded.append(_mirrored(net, torch.from_numpy(batch)))
            bar.tell(sum(map(len, embedded)), len(rows))
    return save_mobile_net(net, centroids(torch.cat(embedded), COUNT, seed))


def _mirrored(net: MobileFaceNet, views: Tensor) -> Tensor:
    plain, turned = (heads_of(net, batch) for batch in (views, views.flip(2)))
    pairs = zip(plain, turned, strict=True)
    kept, learnt = (functional.normalize((one + other).float()) for one, other in pairs)
    return net.joined(kept, learnt)


def _views(faces: FaceSet, rows: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
    return (plain_view(faces.crop(int(row)), ARCFACE.template.size, ARCFACE) for row in rows)
