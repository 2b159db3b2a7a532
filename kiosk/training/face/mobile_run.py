"""`kiosk train face --config mobile`: from pictures and a published network to its weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
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
from kiosk.inference.face.networks.mobile import (
    KEPT_OF_FACEX,
    MobileConfig,
    MobileFaceNet,
    save_mobile_net,
    start_from_published,
    without_head,
)
from kiosk.training.face.augment import plain_view, student_view
from kiosk.training.face.cohort import COUNT, centroids
from kiosk.training.face.data import ARCFACE, FaceSet
from kiosk.training.face.mobile import HeadViews, MobileRecipe, MobileRecipeConfig, begin
from kiosk.training.face.run import FaceSources, aligned_faces, asked
from kiosk.training.face.teachers import load_teacher
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    autocast,
    begin_run,
    choose_device,
    load_tensors,
    train,
    write_atomically,
)

_FACEX = MobileConfig(kept=KEPT_OF_FACEX, slopes=True)
CONFIGS = {
    "mobile-2": MobileRecipeConfig(net=_FACEX),
    "mobile-2-joined": MobileRecipeConfig(net=_FACEX, joined=True),
    "mobile": MobileRecipeConfig(),
    "mobile-joined": MobileRecipeConfig(joined=True),
}
"""What `--config` names."""
WEIGHTS, WEIGHTS_2 = "face-mobile.safetensors", "face-mobile-2.safetensors"

_CPU = torch.device("cpu")
_POOL_SPREAD = 0.15
_FACES_AT_ONCE = 64
_FOR_COHORT = 40_000
"""Faces at most whose centroids are the cohort: more of them lower all error rates a little."""


def train_mobile(
    sources: FaceSources, config: MobileRecipeConfig, options: RunOptions, console: Console
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves.

    Raises:
        InputError: no pictures, no published weights named, a folder already in use.
        ModelError: a teacher's file or the published weights cannot be read.
    """
    if sources.start is None:
        raise InputError(
            "This network starts from published weights.",
            remedy="Name face_recognition_mv.pkl of FaceX-Zoo, or for mobile "
            "mobilefacenet_foamliu.pt, with --start.",
        )
    device = choose_device(options.device)
    cv2.setNumThreads(1)  # single pictures are too small to share among threads
    begin_run(options)
    net = published_net(config, sources.start, options.seed)
    faces = aligned_faces(sources, console, ARCFACE)
    targets = compressed(_teachers(faces, sources, console), config.net.learnt)
    views = HeadViews(trunk_features(net, faces, config, options.seed, console), targets)
    held = kept_for_stopping(faces.persons.tolist(), config.held_out, options.seed)
    outcome = learn_head(net, views, held, config, options, device, console)
    path = options.out / (WEIGHTS_2 if config.net.slopes else WEIGHTS)
    write_atomically(path, finished(options.out, net, views.features[:, 0], config, options.seed))
    return path, outcome


def published_net(config: MobileRecipeConfig, start: Path, seed: int) -> MobileFaceNet:
    """The published network, with the pooling beside its own drawn by `seed`. Raises ModelError."""
    net = MobileFaceNet(config.net)
    start_from_published(net, start)
    drawn = torch.Generator().manual_seed(seed)
    net.beside_pool.weight.data.normal_(std=_POOL_SPREAD, generator=drawn)
    assert net.beside_pool.bias is not None
    nn.init.zeros_(net.beside_pool.bias)
    return channels_last(net.eval(), _CPU)


def learn_head(
    net: MobileFaceNet,
    views: HeadViews,
    held: NDArray[np.bool_],
    config: MobileRecipeConfig,
    options: RunOptions,
    device: torch.device,
    console: Console,
) -> Outcome:
    """Train the head of `net` on `views` but for the faces `held` (faces,) for stopping."""
    learnt, known = torch.from_numpy(~held), torch.from_numpy(held)
    training = HeadViews(views.features[learnt], views.targets[learnt])
    kept = HeadViews(views.features[known], views.targets[known])
    begin(net, training, config.penalty)
    recipe = MobileRecipe(net.to(device), training, kept, config, options, device)
    return train(recipe, options, console)


def _teachers(faces: FaceSet, sources: FaceSources, console: Console) -> Tensor:
    """What all teachers say, side by side (faces, sum of their dims), of length one."""
    paths = (sources.teacher, *sources.more_teachers)
    said = [asked(faces, load_teacher(path), path, console) for path in paths]
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


def trunk_features(
    net: MobileFaceNet, faces: FaceSet, config: MobileRecipeConfig, seed: int, console: Console
) -> Tensor:
    """What the trunk makes of every view of every face: (faces, 1 + worn, FEATURES) float16."""
    found = []
    with Bar(console, "passing views through the trunk") as bar:
        for first in range(0, len(faces), _FACES_AT_ONCE):
            last = min(first + _FACES_AT_ONCE, len(faces))
            views = [view for n in range(first, last) for view in _views(faces, n, config, seed)]
            pooled = _pooled(net, torch.from_numpy(np.stack(views)))
            found.append(pooled.view(last - first, -1, pooled.shape[1]))
            bar.tell(last, len(faces))
    return torch.cat(found)


def _pooled(net: MobileFaceNet, views: Tensor) -> Tensor:
    with torch.inference_mode(), autocast(_CPU):
        pooled = net.pooled(net.trunk(net.scaled(views))).half()
    return pooled.clone()


def _views(
    faces: FaceSet, number: int, config: MobileRecipeConfig, seed: int
) -> Iterator[NDArray[np.uint8]]:
    """The clean view of a face, then worn ones."""
    crop, size = faces.crop(number), ARCFACE.template.size
    yield plain_view(crop, size, ARCFACE)
    rng = np.random.default_rng([seed, number])
    for _ in range(config.worn_views):
        yield student_view(crop, size, config.augment, rng, ARCFACE)


def finished(
    folder: Path, net: MobileFaceNet, features: Tensor, config: MobileRecipeConfig, seed: int
) -> bytes:
    """The file of the best weights in `folder`, with a cohort made of what the trunk made of the
    clean faces (faces, FEATURES)."""
    net = net.to(_CPU)
    net.load_state_dict(load_tensors(folder / "best.pt"))
    if not config.joined:
        net = without_head(net)
    rows = np.linspace(0, len(features) - 1, min(len(features), _FOR_COHORT)).astype(np.int64)
    with torch.inference_mode():
        embedded = net.joined(*net.heads(features[torch.from_numpy(rows)].float()))
    return save_mobile_net(net, centroids(embedded.clone(), COUNT, seed))
